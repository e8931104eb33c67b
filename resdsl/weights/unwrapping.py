"""The state dict inside of a checkpoint: a dict of tensors, whatever lies around and beside it.

What a tensor is, is asked of its `shape` and `dtype`: dicts come from torch, which is not needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from resdsl import limits
from resdsl.records import dataclass
from resdsl.weights.header import misnamed
from resdsl.weights.refusal import unfit
from resdsl.weights.tensors import Found

# By the end of torch's names; others keep their own, which no floating type of safetensors has.
_DTYPES = {
    "float32": "F32", "float64": "F64", "float16": "F16", "bfloat16": "BF16", "int64": "I64",
    "int32": "I32", "int16": "I16", "int8": "I8", "uint8": "U8", "bool": "BOOL",
    "complex64": "C64", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2",
}  # fmt: skip
# How torch calls tensors whose numbers lie one beside the other.
_STRIDED = "torch.strided"


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """A dict of tensors by key, and the names of the dicts that it lies in."""

    values: dict[str, Any]
    path: tuple[str, ...]

    @property
    def tensors(self) -> dict[str, Found]:
        return {key: found(value) for key, value in self.values.items()}


def found(tensor: Any) -> Found:
    name = str(tensor.dtype).rpartition(".")[2]
    return Found(tuple(int(n) for n in tensor.shape), _DTYPES.get(name, name))


def unwrapped(content: object, key: str | None) -> Unwrapped:
    """The state dict that `content` is or has in it. `key` names one of several, if it names one.

    Raises WeightsError where there is none, or where two are as large.
    """
    every = sorted(_dicts(content, ()), key=lambda one: -len(one.values))
    if not every:
        raise unfit(
            f"a {type(content).__name__} without tensors by name is no state dict",
            ["`model.state_dict()` is one"],
        )
    if key is not None:
        named = [one for one in every if ".".join(one.path) == key]
        named += [one for one in every if one.path and one.path[-1] == key]
        if named:
            every = named[:1]
        elif len(large := _large(every)) > 1:
            there = ", ".join(f"`{'.'.join(one.path)}`" for one in large if one.path)
            raise unfit(f'key="{key}" is the name of no dict: there are {there}')
    large = _large(every)
    if len(large) > 1:
        names = [f"`{'.'.join(one.path)}`" if one.path else "the tensors around" for one in large]
        raise unfit(
            f"there are {len(large)} dicts of weights: {', '.join(names)}",
            [f'key="{".".join(one.path)}" takes that one' for one in large if one.path],
        )
    for name, value in every[0].values.items():
        if why := misnamed(name):
            raise unfit(f"the key `{ascii(name)[1:-1]:.80}` {why}")
        layout = str(getattr(value, "layout", _STRIDED))
        if layout != _STRIDED:
            help = ["`.to_dense()` gives one that is taken"]
            raise unfit(f"`{name}` is a sparse tensor ({layout})", help)
    return every[0]


def _large(every: Sequence[Unwrapped]) -> list[Unwrapped]:
    """Of those by their size: a small one is that of an optimiser, a scaler or a loss."""
    return [one for one in every if 2 * len(one.values) >= len(every[0].values)]


def _dicts(content: object, path: tuple[str, ...]) -> Iterator[Unwrapped]:
    if hasattr(content, "state_dict") and not isinstance(content, Mapping):
        content = content.state_dict()
    if not isinstance(content, Mapping):
        return
    tensors = {
        key: value for key, value in content.items() if isinstance(key, str) and _is_tensor(value)
    }
    if tensors:
        yield Unwrapped(tensors, path)
    if len(path) < limits.CHECKPOINT_DEPTH:
        for key, value in content.items():
            if isinstance(key, str) and isinstance(value, Mapping):
                yield from _dicts(value, (*path, key))


def _is_tensor(value: object) -> bool:
    return hasattr(value, "shape") and hasattr(value, "dtype")
