"""The index of the zoo's shapes is that of the zoo as it stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import resdsl
from resdsl.api import zoo
from resdsl.weights.tensors import wanted
from resdsl.weights.zoo_shapes import index_path, of, siblings


def test_index(golden: Callable[[Path, str], None]) -> None:
    found = {
        name: of(wanted(made.network)) for name in zoo.entries() if (made := resdsl.design(name))
    }
    golden(index_path(), json.dumps(found, indent=0) + "\n")


def test_siblings() -> None:
    found = siblings(wanted(resdsl.design("resnet50").network))
    assert "resnet50_v1" in found
    assert "resnet50" not in found
    assert found == siblings(wanted(resdsl.design("resnet50", classes=10).network))
