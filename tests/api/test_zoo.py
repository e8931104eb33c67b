"""The zoo's networks by name."""

from __future__ import annotations

from pathlib import Path

import pytest

import resdsl
from resdsl.api import zoo
from resdsl.api.inventory import inventory
from resdsl.diagnostics.model import Sink
from resdsl.language.spec import open_spec
from resdsl.syntax.read import read


@pytest.mark.parametrize("path", zoo.files(), ids=lambda path: path.stem)
def test_names_are_those_that_the_parser_finds(path: Path) -> None:
    sink = Sink()
    source = read(path, sink)
    assert source is not None
    spec = open_spec(source, path, sink)
    assert spec is not None
    found = [name for name, entry in zoo.entries().items() if entry.path == path]
    assert found == [network.name for network in spec.networks]


def test_inventory() -> None:
    first, second = inventory(["resnet50", "cifar_resnet56"])
    assert (first.name, first.params, first.macs) == ("resnet50", 25_557_032, 4_089_184_256)
    assert first.title.startswith("ResNet-50 as torchvision builds it")
    assert (second.name, second.title) == ("cifar_resnet56", "cifar_resnet(9)")


def test_no_such_name() -> None:
    for name in ("resnet51", "std/prelude", "../resnet50", "prelude", ""):
        assert zoo.find(name) is None


def test_every_network_has_a_name_of_its_own() -> None:
    """Else one of two would be out of reach."""
    names = [design.name for path in zoo.files() for design in resdsl.check(path).designs]
    assert len(names) == len(set(names)) == len(zoo.entries())
