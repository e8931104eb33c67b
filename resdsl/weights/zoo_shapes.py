"""Which networks of the zoo have the same keys and shapes: an index, beside the zoo.

Shapes do not tell networks apart: where a stride stands, and what a shortcut does, is in none. The
index has a fingerprint of each network, but for its classes and input channels; a test of the zoo
writes it (`pytest --update-golden tests/weights/test_zoo_shapes.py`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cache
from hashlib import blake2b
from pathlib import Path

from resdsl.data import folder
from resdsl.paths import is_file
from resdsl.weights.tensors import Shape, Wanted, is_counter


def index_path() -> Path:
    return folder("specs") / "shapes.json"


@cache
def _names() -> Mapping[str, list[str]]:
    """Names by fingerprint."""
    found: dict[str, list[str]] = {}
    for name, digest in json.loads(index_path().read_text(encoding="utf-8")).items():
        found.setdefault(digest, []).append(name)
    return found


@cache
def is_of_zoo(origin: str) -> bool:
    """Whether a spec of this name is one of the zoo's."""
    return origin.isidentifier() and is_file(folder("specs") / f"{origin}.res")


def fingerprint(shapes: Mapping[str, Shape], head: Collection[str], entry: Collection[str]) -> str:
    lines = []
    for key in sorted(shapes):
        if is_counter(key):
            continue
        shape = list(map(str, shapes[key]))
        if key in head and shape:
            shape[0] = "*"
        if key in entry and len(shape) > 1:
            shape[1] = "*"
        lines.append(f"{key} {'x'.join(shape)}\n")
    return blake2b("".join(lines).encode(), digest_size=8).hexdigest()


def of(wanted: Wanted) -> str:
    return fingerprint(wanted.shapes, wanted.head, wanted.entry)


def siblings(wanted: Wanted) -> tuple[str, ...]:
    """Other networks of the zoo that have the tensors of this one."""
    return tuple(name for name in _names().get(of(wanted), ()) if name != wanted.name)


def alike(shapes: Mapping[str, Shape], wanted: Wanted) -> tuple[str, ...]:
    """The networks that have these tensors; the only linear layer is taken for the head where
    there is none of the name that `wanted` has."""
    entry = [key for key, shape in shapes.items() if len(shape) > 2 and shape[1] == _RGB]
    head: Collection[str] = wanted.head
    linear = [key for key, shape in shapes.items() if len(shape) == 2]
    if not any(key in shapes for key in head) and len(linear) == 1:
        head = (linear[0], linear[0].removesuffix("weight") + "bias")
    return tuple(_names().get(fingerprint(shapes, head, entry or wanted.entry), ()))


# The input channels of nearly all of the zoo: no other layer has so few.
_RGB = 3
