"""Which libraries have a network, and how their weights load: `specs/libraries.json` is right."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

import resdsl
from resdsl.api import libraries, zoo
from tests.zoo.beside_libraries import called, keys, models, reason
from tests.zoo.families import lightest, one_a_family
from tests.zoo.oracles import theirs

TABLE = (Path(__file__).parent.parent.parent / "docs" / "zoo.md").read_text("utf-8")
COMPARED = [name for name in zoo.entries() if models(name)]


def half(names: Iterable[str]) -> list[str]:
    """Every second family."""
    return lightest(names)[::2]


@pytest.mark.parametrize("name", one_a_family(COMPARED, half))
def test_keys(name: str, torchvision: object, timm: object) -> None:
    import torch

    with torch.device("meta"):
        found = {
            library: keys(name, theirs({"theirs": function, "options": options}))
            for library, (function, options) in models(name).items()
        }
    known = libraries.of_zoo().get(name, {})
    assert {library: kind for library, (_, kind) in known.items()} == found


def test_all_are_there_by_their_names() -> None:
    known = {
        name: {library: model for library, (model, _) in of.items()}
        for name, of in libraries.of_zoo().items()
    }
    assert known == {
        name: {library: called(name, library) for library in models(name)} for name in COMPARED
    }
    assert list(known) == COMPARED


def test_the_table_has_all_with_their_numbers() -> None:
    networks = {one.name: one for one in resdsl.networks()}
    for name in COMPARED:
        one = networks[name]
        for library, (function, _) in models(name).items():
            model = function.rpartition(":")[2].rpartition(".")[2]
            cells = f"| `{name}` | {library} {model} | {one.params:,} | {one.macs:,} |"
            assert cells in TABLE, cells


def test_they_are_asked_in_python() -> None:
    named = {one.name: one.libraries for one in resdsl.networks()}
    assert named["resnet50"] == {"timm": "same", "torchvision": "same"}
    assert named["cifar_resnet20"] == {}
    assert next(iter(resdsl.networks("efficientnet_b0_timm"))).models == {"timm": "efficientnet_b0"}


def test_what_is_more_than_rounding_is_wrong() -> None:
    import torch
    from torch import nn

    one = nn.Sequential(nn.Flatten(), nn.Linear(4 * 7 * 7, 5))
    torch.manual_seed(0)
    nn.init.normal_(one[1].weight)
    other = nn.Sequential(nn.Conv2d(4, 5, 7), nn.Flatten())
    with torch.no_grad():
        other[0].weight.copy_(one[1].weight.view(5, 4, 7, 7))
        other[0].bias.copy_(one[1].bias)
    assert "wrong" not in reason(one, other, [(2, 4, 7, 7)])
    with torch.no_grad():
        other[0].weight[0, 0, 0, 0] *= 1 + 1e-6
    assert reason(one, other, [(2, 4, 7, 7)]) == " wrong"
