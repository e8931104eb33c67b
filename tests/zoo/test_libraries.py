"""Which libraries have a network, and how their weights load: `specs/libraries.json` is right."""

from __future__ import annotations

from pathlib import Path

import pytest

import resdsl
from resdsl.api import libraries, zoo
from tests.zoo.beside_libraries import keys, models
from tests.zoo.families import one_a_family
from tests.zoo.oracles import theirs

TABLE = (Path(__file__).parent.parent.parent / "docs" / "zoo.md").read_text("utf-8")
COMPARED = [name for name in zoo.entries() if models(name)]


@pytest.mark.parametrize("name", one_a_family(COMPARED))
def test_keys(name: str, torchvision: object, timm: object) -> None:
    found = {
        library: keys(name, theirs({"theirs": function, "options": options}))
        for library, (function, options) in models(name).items()
    }
    known = libraries.of_zoo().get(name, {})
    assert {library: kind for library, kind in found.items() if kind} == known


def test_all_are_there() -> None:
    assert [name for name in COMPARED if name in libraries.of_zoo()] == list(libraries.of_zoo())


def test_the_table_has_all_with_their_numbers() -> None:
    for name in COMPARED:
        design = resdsl.design(name)
        for library, (function, _) in models(name).items():
            model = function.rpartition(":")[2].rpartition(".")[2]
            cells = f"| `{name}` | {library} {model} | {design.params:,} | {design.macs:,} |"
            assert cells in TABLE, cells


def test_they_are_asked_in_python() -> None:
    named = {one.name: one.libraries for one in resdsl.networks()}
    assert named["resnet50"] == {"timm": "same", "torchvision": "same"}
    assert named["cifar_resnet20"] == {}
