"""What the zoo's networks are compared with, by their names in specs/.

`tests/data/oracles/GROUP.json` has for a group of networks:

aliases   the names that the truth has for a network, where it is not ours
by_hand   networks that no library has: their numbers are counted in tests/zoo/test_GROUP.py
declared_only  "NAME SOURCE" of entries that differ beyond the declared size, and why
weights   the library's model whose weights ours takes (see oracles.py)
numbers   the library's model of the same numbers, where outputs of one so large would take too long
unlike    "NAME SOURCE" of entries of another network of the same name, and what sets it apart
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

Entry = dict[str, Any]

_DATA = Path(__file__).parent.parent / "data"
TRUTH = json.loads((_DATA / "truth.json").read_text("utf-8"))
ENTRIES: list[Entry] = TRUTH["entries"]


def _merged(part: str) -> dict[str, Any]:
    """One part of all groups. A name is in one group."""
    found: dict[str, Any] = {}
    for path in sorted((_DATA / "oracles").glob("*.json")):
        group = json.loads(path.read_text("utf-8")).get(part, {})
        assert not found.keys() & group.keys(), f"{path.name}: twice"
        found.update(group)
    return found


ALIASES: dict[str, list[str]] = _merged("aliases")
WEIGHTS: dict[str, dict[str, Any]] = _merged("weights")
NUMBERS: dict[str, dict[str, Any]] = _merged("numbers")
DECLARED_ONLY: dict[str, str] = _merged("declared_only")
UNLIKE: dict[str, str] = _merged("unlike")
BY_HAND: set[str] = {
    name
    for path in sorted((_DATA / "oracles").glob("*.json"))
    for name in json.loads(path.read_text("utf-8")).get("by_hand", [])
}

_BY_NAME: dict[str, list[Entry]] = defaultdict(list)
for _entry in ENTRIES:
    _BY_NAME[_entry["name"]].append(_entry)


def entries_of(name: str) -> list[Entry]:
    """What the truth has of a network of the zoo, by its name and its aliases."""
    found = [entry for known in [name, *ALIASES.get(name, [])] for entry in _BY_NAME[known]]
    return [entry for entry in found if label(entry) not in UNLIKE]


def label(entry: Entry) -> str:
    """`resnet50 timm`."""
    return f"{entry['name']} {entry['source'].split(' ')[0]}"
