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
def of_zoo() -> Mapping[str, Mapping[str, str]]:
    """By network and library: `"same"` keys, `"order"`: the same in another order, or `"loads"`:
    its files load strictly, though their keys are others."""
    found: Mapping[str, Mapping[str, str]] = json.loads(path().read_text(encoding="utf-8"))
    return found
