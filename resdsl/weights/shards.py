"""Weights in several safetensors files, with an index that says which tensor is in which.

As huggingface_hub writes them: `weight_map` in `model.safetensors.index.json`. An index comes from
anywhere: its files have names beside it, and no paths. (What stands there may be a link, as in the
hub's cache.)
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from resdsl import limits, paths
from resdsl.strict_json import TwiceError, once
from resdsl.weights import header
from resdsl.weights.refusal import WeightsError, unreadable
from resdsl.weights.tensors import Found

SUFFIX = ".index.json"


def is_index(path: str | os.PathLike[str]) -> bool:
    return os.fspath(path).endswith(SUFFIX)


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Found], dict[str, Path]]:
    """The tensors that the index names, and the file of each. Raises WeightsError where one of
    the files is not there, or lacks what it should have."""
    name = paths.shown(path)
    places = _places(path, name)
    files = {one: Path(path).with_name(one) for one in dict.fromkeys(places.values())}
    inside = {one: _tensors(file) for one, file in files.items()}
    for key, one in places.items():
        if key not in inside[one]:
            raise _damaged(name, f"{_shown(one)} has no tensor {_shown(key)}")
    for one, tensors in inside.items():
        more = next((key for key in tensors if places.get(key) != one), None)
        if more is not None:
            raise _damaged(name, f"{_shown(one)} has {_shown(more)}, which it does not name")
    tensors = {key: inside[one][key] for key, one in places.items()}
    return tensors, {key: files[one] for key, one in places.items()}


def _tensors(file: Path) -> dict[str, Found]:
    if header.is_pickle(file):
        raise unreadable(f"{paths.shown(file)}: is a pickle, and no safetensors file")
    return header.read(file).tensors


def _shown(value: object) -> str:
    text = ascii(value)
    return f"`{text[1:-1] if isinstance(value, str) else text:.80}`"


def _places(path: str | os.PathLike[str], name: str) -> dict[str, str]:
    text = header.content(path, limits.WEIGHTS_HEADER_BYTES + 1)
    if len(text) > limits.WEIGHTS_HEADER_BYTES:
        raise _damaged(name, f"it has more than {limits.WEIGHTS_HEADER_BYTES:,} bytes")
    try:
        found = json.loads(text.decode("utf-8"), object_pairs_hook=once)
    except TwiceError as error:
        raise _damaged(name, f"it has {_shown(str(error))} twice") from None
    except (ValueError, RecursionError):
        raise _damaged(name, "it is no JSON") from None
    places = found.get("weight_map") if isinstance(found, dict) else None
    if not isinstance(places, dict) or not places:
        raise _damaged(name, "it has no `weight_map`")
    for key, one in places.items():
        if not isinstance(one, str) or not one.endswith(".safetensors"):
            raise _damaged(name, f"{_shown(one)} is no safetensors file")
        if "/" in one or "\\" in one or not one.isprintable():
            raise _damaged(name, f"{_shown(one)} is no name of a file beside it")
        if why := header.misnamed(key):
            raise _damaged(name, f"the key {_shown(key)} {why}")
    if len(set(places.values())) > limits.SHARDS:
        raise _damaged(name, f"it names more than {limits.SHARDS} files")
    return places


def _damaged(name: str, why: str) -> WeightsError:
    return unreadable(f"{name}: is no sound index of weights: {why}")
