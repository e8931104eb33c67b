"""Which libraries have a network of the zoo, and how their weights become ours.

`specs/libraries.json` has it of each network; `.ci/campaigns/zoo.py` writes it from the libraries'
own models, and a test looks at one network of each family.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from resdsl.data import folder


def path() -> Path:
    return folder("specs") / "libraries.json"


@cache
def of_zoo() -> Mapping[str, Mapping[str, tuple[str, str]]]:
    """By network and library: what makes it there, as `resnet50`, and `"same"` keys, `"order"`: the
    same in another order, `"loads"`: its files load strictly, though its keys are others, or ""."""
    found = json.loads(path().read_text(encoding="utf-8"))
    return {
        name: {library: (model, keys) for library, (model, keys) in of.items()}
        for name, of in found.items()
    }
