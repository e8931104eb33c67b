"""The header of a safetensors file: keys, types and shapes, without its numbers.

Eight bytes say how long the header is; it is a JSON object of tensors by key, each with `dtype`,
`shape` and `data_offsets`, and texts in `__metadata__`; the numbers follow without gaps
(https://huggingface.co/docs/safetensors). A file comes from anywhere: what is not just so is
refused.
"""

from __future__ import annotations

import json
import os
import re
from math import prod
from typing import Any

from resdsl import limits, paths
from resdsl.records import dataclass
from resdsl.strict_json import TwiceError, once
from resdsl.weights.file_kinds import START, foreign
from resdsl.weights.refusal import WeightsError, unreadable
from resdsl.weights.tensors import Found

# Bits of an element, by the names of safetensors.
_BITS = {
    "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "BOOL": 8, "U8": 8, "I8": 8, "U16": 16, "I16": 16,
    "F16": 16, "BF16": 16, "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64,
    "C64": 64,
}  # fmt: skip

_LENGTH = 8
_ENTRY = {"dtype", "shape", "data_offsets"}
_METADATA = "__metadata__"
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


@dataclass(frozen=True, slots=True)
class Header:
    """The tensors of a file by key, in the order of the text, which means nothing."""

    tensors: dict[str, Found]
    metadata: dict[str, str]


def is_pickle(path: str | os.PathLike[str]) -> bool:
    """Whether a file begins as `torch.save` writes one. Raises WeightsError where there is none."""
    return content(path, 4).startswith(_PICKLES)


def read(path: str | os.PathLike[str]) -> Header:
    """Raises WeightsError for what is no safetensors file, whole and as it should be."""
    name = paths.shown(path)
    beginning = content(path, START)
    start = beginning[:_LENGTH]
    if len(start) < _LENGTH:
        raise _damaged(name, f"it has {len(start)} bytes, and the length of its header takes 8")
    length = int.from_bytes(start, "little")
    whole = _size(path)
    if length > whole - _LENGTH:
        if (kind := foreign(beginning, name)) is not None:
            raise unreadable(f"{name}: {kind.text}", kind.help)
        raise _damaged(
            name,
            f"its header is to have {length:,} bytes, and {whole - _LENGTH:,} follow: it was cut "
            "off, or is no safetensors file",
        )
    if length > limits.WEIGHTS_HEADER_BYTES:
        raise _damaged(
            name, f"its header has {length:,} bytes; {limits.WEIGHTS_HEADER_BYTES:,} are the most"
        )
    text = content(path, _LENGTH + length)[_LENGTH:]
    return _checked(name, _parsed(name, text), whole - _LENGTH - length)


def _parsed(name: str, text: bytes) -> dict[str, Any]:
    try:
        content = json.loads(text.decode("utf-8"), object_pairs_hook=once)
    except TwiceError as error:
        raise _damaged(name, f"its header has {_quoted(str(error))} twice") from None
    except (ValueError, RecursionError):
        raise _damaged(name, "its header is no JSON: it is no safetensors file") from None
    if not isinstance(content, dict):
        raise _damaged(name, "its header is no JSON object")
    return content


def _checked(name: str, content: dict[str, Any], data: int) -> Header:
    """`data` is how many bytes the numbers have."""
    metadata = content.pop(_METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise _damaged(name, f"its {_METADATA} are not texts by name")
    tensors: dict[str, Found] = {}
    spans: list[tuple[int, int]] = []
    for key, entry in content.items():
        if why := misnamed(key):
            raise _damaged(name, f"the key {_quoted(key)} {why}")
        if why := _unsound(entry):
            raise _damaged(name, f"of {_quoted(key)}: it {why}")
        tensors[key] = Found(tuple(entry["shape"]), entry["dtype"])
        spans.append((entry["data_offsets"][0], entry["data_offsets"][1]))
    end = 0
    for first, last in sorted(spans):
        if first != end:
            raise _damaged(name, "its tensors overlap, or leave gaps between them")
        end = last
    if end != data:
        raise _damaged(
            name,
            f"its tensors have {end:,} bytes, and {data:,} are there"
            + (": it was cut off" if data < end else ""),
        )
    return Header(tensors, metadata)


def _unsound(entry: object) -> str | None:
    """Why what is said of a tensor is not so."""
    if not isinstance(entry, dict) or entry.keys() != _ENTRY:
        return "is not told by dtype, shape and data_offsets"
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in _BITS:
        return f"is of an unknown type, {_quoted(str(dtype))}"
    if not _are_sizes(shape) or len(shape) > limits.WEIGHT_RANK:
        return "has a shape that is no list of sizes"
    if not _are_sizes(offsets) or len(offsets) != 2:
        return "has data_offsets that are not two numbers"
    bits = prod(shape) * _BITS[dtype]
    bytes_ = offsets[1] - offsets[0]
    if bits > limits.ELEMENTS * 8 or bytes_ * 8 != bits:
        return f"is {dtype} of {'x'.join(map(str, shape)):.80}, and has {bytes_:,} bytes"
    return None


def _are_sizes(value: object) -> bool:
    return isinstance(value, list) and all(
        type(n) is int and 0 <= n <= limits.LARGEST for n in value
    )


def misnamed(key: str) -> str | None:
    """Why a key is none of a state dict: keys are names with single dots between them."""
    if len(key) > limits.KEY_LENGTH:
        return f"has {len(key):,} characters"
    if not all(key.split(".")):
        return "has a dot at an end, or two in a row"
    if not key.isprintable() or "/" in key or "\\" in key:
        return "has signs that no module's name has"
    return None


def content(path: str | os.PathLike[str], most: int) -> bytes:
    """The first `most` bytes of a file. Raises WeightsError where there is none to be read."""
    if paths.is_stream(path):
        raise unreadable(f"{paths.shown(path)}: is a stream; weights are read from a file")
    try:
        return paths.content(path, most)
    except paths.FAULTS as error:
        if _URL.match(os.fspath(path)):
            raise unreadable(
                f"{paths.shown(path)}: is an address, and weights are read from a file",
                [
                    "`torch.hub.load_state_dict_from_url(…)` fetches it and gives what `weights=` "
                    "takes"
                ],
            ) from error
        raise unreadable(f"{paths.shown(path)}: cannot be read: {paths.why(error)}") from error


def _size(path: str | os.PathLike[str]) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - as `paths.content` does
    except paths.FAULTS as error:
        raise unreadable(f"{paths.shown(path)}: cannot be read: {paths.why(error)}") from error


def _quoted(text: str) -> str:
    return f"`{ascii(text)[1:-1]:.80}`"


def _damaged(name: str, why: str) -> WeightsError:
    return unreadable(f"{name}: is no sound safetensors file: {why}")
