"""How much of the libraries' networks the zoo has, and what keeps it from the rest.

`pytest tests/zoo/test_rest_of_truth.py -s` prints the rest by group.
"""

from __future__ import annotations

import re
from collections import defaultdict

from resdsl.api import zoo
from tests.zoo.truth import ENTRIES, entries_of, label

# What an entry needs that the language has no operator for, or why it has no spec yet.
MISSING = [
    ("an operator: a 1-D convolution over the channels of a pooled map (ECA)", r"eca"),
    ("an operator: a pool with a fixed blurring kernel (BlurPool)", r".*blur"),
    ("an operator: convolutions with standardised weights", r"resnetv2_.*_bit|nf_resnet|nfnet"),
    ("an operator: EvoNorm, filter response normalisation", r"resnetv2_50d_(evos|frn)"),
    ("an operator: softmax over positions or branches", r"gc|resnest|sk|bat_|resnet50_mlp"),
    ("an operator: attention pooling", r"resnet.*_clip"),
    ("could be written: slices of channels that are joined again", r"res2ne[xt]t?|dpn|cspresnext"),
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


def test_at_least_120_entries_have_a_spec() -> None:
    others = rest()
    count = len(ENTRIES) - sum(len(names) for names in others.values())
    print(f"\n{count} of {len(ENTRIES)} entries have a spec")
    for why, names in others.items():
        print(f"{why}: {' '.join(names)}")
    assert count >= 120
