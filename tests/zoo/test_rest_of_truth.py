"""How much of the libraries' networks the zoo has, and what keeps it from the rest.

`pytest tests/zoo/test_rest_of_truth.py -s` prints the rest by group.
"""

from __future__ import annotations

import re
from collections import defaultdict

from resdsl.api import zoo
from tests.zoo.truth import ENTRIES, STD, Entry, entries_of, label

# What an entry needs that the language has no operator for, or why it has no spec yet.
MISSING = [
    ("an operator: a 1-D convolution over the channels of a pooled map (ECA)", r"eca"),
    ("an operator: a pool with a fixed blurring kernel (BlurPool)", r".*blur"),
    ("an operator: convolutions with standardised weights", r"resnetv2_.*_bit|nf_resnet|nfnet"),
    ("an operator: EvoNorm, filter response normalisation", r"resnetv2_50d_(evos|frn)"),
    ("an operator: softmax over positions or branches", r"gc|resnest|sk|bat_|resnet50_mlp"),
    ("an operator: attention pooling", r"resnet.*_clip"),
    ("could be written: slices of channels that are joined again", r"res2ne[xt]t?|dpn|cspresnext"),
    ("could be written", r"regnet|repvgg|mobileone|dla|mobilenetv3|mobilenet_v3|squeezenet"),
    ("could be written", r"resnetrs|resnet..ts|seresnet..ts|resnext..ts|seresnext..ts|resnet61q"),
    ("could be written", r"seresnetaa|seresnextaa|resnetaa|legacy_se|test_resnet|.*_pruned"),
    ("could be written", r"mobilenetv1_100h|densenet161|.*"),
]


def is_covered(entry: Entry, covered: set[str]) -> bool:
    return label(entry) in covered


def covered() -> set[str]:
    names = [*zoo.entries(), *STD]
    found = {label(entry) for name in names for entry in entries_of(name)}
    return found | {known for names in STD.values() for known in names}


def rest() -> dict[str, list[str]]:
    """What no spec is for, by what keeps it away."""
    have, found = covered(), defaultdict(list)
    for entry in ENTRIES:
        if not is_covered(entry, have):
            why = next(why for why, names in MISSING if re.match(names, entry["name"]))
            found[why].append(entry["name"])
    return dict(found)


def test_at_least_120_entries_have_a_spec() -> None:
    have = covered()
    count = sum(is_covered(entry, have) for entry in ENTRIES)
    print(f"\n{count} of {len(ENTRIES)} entries have a spec")
    for why, names in rest().items():
        print(f"{why}: {' '.join(names)}")
    assert count >= 120
