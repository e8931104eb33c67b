"""Where weights come from: a file, by its header alone, or a dict of tensors in Python."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeAlias, TypeGuard

from resdsl import paths
from resdsl.records import dataclass
from resdsl.weights import header, shards
from resdsl.weights.refusal import unfit, unreadable
from resdsl.weights.tensors import Found
from resdsl.weights.unwrapping import Unwrapped, unwrapped

# A path, a state dict (in whatever dicts), or a module.
Weights: TypeAlias = "str | os.PathLike[str] | Mapping[str, Any]"


@dataclass(frozen=True, slots=True)
class Described:
    """The tensors, what they are called together, and the names of the dicts around them.

    `values` are the tensors themselves, where they are at hand; else `files` are the safetensors
    files that they are in.
    """

    tensors: dict[str, Found]
    name: str
    wrapped: tuple[str, ...] = ()
    values: dict[str, Any] | None = None
    files: Mapping[str, str | os.PathLike[str]] | None = None


def is_pickle(weights: Weights) -> TypeGuard[str | os.PathLike[str]]:
    """Whether it is a file that only torch reads."""
    return isinstance(weights, str | os.PathLike) and header.is_pickle(weights)


def described(weights: Weights, key: str | None) -> Described:
    """Of a safetensors file, an index of several or a dict, without torch. Raises WeightsError; of
    a pickle it says how to convert it."""
    if not isinstance(weights, str | os.PathLike):
        return of_dict(weights, key, "the dict")
    name = paths.shown(weights)
    if is_pickle(weights):
        target = name.rpartition(".")[0] or name
        raise unreadable(
            f"{name}: is a pickle, as torch.save writes one, and no safetensors file: what is in "
            "it only torch knows",
            [
                f'resdsl.load(…, weights="{name}") reads it, with weights_only=True',
                "to convert a state dict: `from safetensors.torch import save_file; "
                f'save_file(torch.load("{name}", weights_only=True), "{target}.safetensors")`',
            ],
        )
    if shards.is_index(weights):
        tensors, files = shards.read(weights)
        return Described(tensors, name, files=files)
    tensors = header.read(weights).tensors
    return Described(tensors, name, files=dict.fromkeys(tensors, weights))


def of_dict(content: object, key: str | None, name: str) -> Described:
    try:
        found: Unwrapped = unwrapped(content, key)
    except RecursionError:  # a dict that holds itself
        raise unfit(f"{name}: has dicts inside each other without an end") from None
    return Described(found.tensors, name, found.path, found.values)
