"""Parameters and MACs of the networks of the zoo, added up before they are asked for.

`specs/costs.json` has them; a test of the zoo writes it (`pytest --update-golden
tests/api/test_zoo_costs.py`), and adds one network of each family up again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeAlias

from resdsl.data import folder

# Parameters and MACs, as `ZooNetwork` has them.
Cost: TypeAlias = tuple[int | None, int | None]


def path() -> Path:
    return folder("specs") / "costs.json"


@cache
def of_zoo() -> Mapping[str, Cost]:
    """By network."""
    found = json.loads(path().read_text(encoding="utf-8"))
    return {name: (params, macs) for name, (params, macs) in found.items()}
