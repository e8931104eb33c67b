"""How much of the libraries' networks the zoo has, and what keeps it from the rest.

`pytest tests/zoo/test_rest_of_truth.py -s` prints the rest by group.
"""

from __future__ import annotations

import re
from collections import defaultdict

from resdsl.api import zoo
from tests.zoo.truth import ENTRIES, entries_of, label

# Why an entry has no spec yet, and what it would take.
MISSING = [
    ("pruned: each convolution's channels would be a list", r"ecaresnet.*_pruned"),
    ("an operator: products of maps", r"bat_"),
    ("an operator: attention over tokens", r"resnet.*_clip"),
    ("torchvision says that it differs, or it is refused", r"googlenet|mnist_tutorial"),
    ("in tests/zoo/test_classic.py, under another name", r"lenet5_modern"),
    ("could be written", r".*"),
]


def covered() -> set[str]:
    return {label(entry) for name in zoo.entries() for entry in entries_of(name)}


def rest() -> dict[str, list[str]]:
    """What no spec is for, by what keeps it away."""
    have, found = covered(), defaultdict(list)
    for entry in ENTRIES:
        if label(entry) not in have:
            why = next(why for why, names in MISSING if re.match(names, entry["name"]))
            found[why].append(entry["name"])
    return dict(found)


def test_at_least_224_entries_have_a_spec() -> None:
    others = rest()
    count = len(ENTRIES) - sum(len(names) for names in others.values())
    print(f"\n{count} of {len(ENTRIES)} entries have a spec")
    for why, names in others.items():
        print(f"{why}: {' '.join(names)}")
    assert count >= 224
