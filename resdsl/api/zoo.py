"""The zoo: the networks that come with resdsl, by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from resdsl.data import folder

_NETWORK = re.compile(r"^\s*network\s+([A-Za-z_]\w*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A network of the zoo and the file that defines it."""

    name: str
    path: Path


@cache
def files() -> tuple[Path, ...]:
    """The zoo's specs. What lies in folders below (`std/`) defines no networks."""
    return tuple(sorted(folder("specs").glob("*.res"), key=lambda path: _order(path.stem)))


@cache
def entries() -> dict[str, Entry]:
    """Every network, file by file. The texts are searched, not parsed: this is for finding names.

    A network in a file of its own name is the one meant where two files define the name.
    """
    found: dict[str, Entry] = {}
    for path in files():
        for name in _NETWORK.findall(path.read_text(encoding="utf-8")):
            if name not in found or path.stem == name:
                found[name] = Entry(name, path)
    return found


def find(name: str) -> Entry | None:
    """The network `name`; a file of that name saves reading the others."""
    if not name.isidentifier():
        return None
    path = folder("specs") / f"{name}.res"
    if path in files():
        return Entry(name, path)
    return entries().get(name)


def _order(name: str) -> list[tuple[int, str]]:
    """Numbers in names count as numbers: resnet18 before resnet101."""
    return [
        (int(part), "") if part.isdigit() else (-1, part)
        for part in re.split(r"(\d+)", name)
        if part
    ]
