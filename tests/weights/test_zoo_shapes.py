"""The index of the zoo's shapes is that of the zoo as it stands."""

from __future__ import annotations

import json

import pytest

import resdsl
from resdsl.api import zoo
from resdsl.weights.tensors import wanted
from resdsl.weights.zoo_shapes import index_path, of, siblings
from tests.zoo.families import full, smallest


def digest(name: str) -> str:
    return of(wanted(resdsl.design(name).network))


def test_index(request: pytest.FixtureRequest) -> None:
    """Names, and a network of every third family; `--update-golden` writes it anew."""
    if request.config.getoption("--update-golden"):
        found = {name: digest(name) for name in zoo.entries()}
        index_path().write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8", newline="")
    index = json.loads(index_path().read_text("utf-8"))
    assert list(index) == list(zoo.entries())
    chosen = smallest(index)[::3]
    assert {name: index[name] for name in chosen} == {name: digest(name) for name in chosen}


@full
def test_the_whole_index() -> None:
    index = json.loads(index_path().read_text("utf-8"))
    assert index == {name: digest(name) for name in zoo.entries()}


def test_siblings() -> None:
    found = siblings(wanted(resdsl.design("resnet50").network))
    assert "resnet50_v1" in found
    assert "resnet50" not in found
    assert found == siblings(wanted(resdsl.design("resnet50", classes=10).network))
