"""The zoo's networks against what torchvision, timm and reference builders have."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from resdsl import Design, check
from resdsl.api import zoo

if TYPE_CHECKING:
    from torch import nn

TRUTH = json.loads((Path(__file__).parent.parent / "data" / "truth.json").read_text("utf-8"))

Entry = dict[str, Any]
DesignOf = Callable[[str], Design]


def by_hand() -> dict[str, tuple[int, int]]:
    """(params, MACs) of the networks that no builder gave, counted by hand.

    v1 computes a 1x1 convolution on a quarter of the elements, before each of three strides. Option
    B adds two projections to A, and C one to every block that has none yet: in * out weights and
    2 * out of the norm. Width times extent is the same in every stage (3584, for CIFAR 512), so
    that a projection that keeps the shape costs its square. Plain networks cost what option A does.
    """
    found = {
        "resnet101_v1": (44_549_160, 7_801_405_440 - 3 * 256 * 128 * (56**2 - 28**2)),
        "resnet34_option_c": (
            21_797_672 + 3 * 64 * 66 + 3 * 128 * 130 + 5 * 256 * 258 + 2 * 512 * 514,
            3_663_761_408 + 13 * 3584**2,
        ),
    }
    # depth: params and MACs of option A, in the zoo's truth
    option_a = {
        depth: (entry["params"], entry["macs"])
        for depth in (44, 56, 110, 1202)
        for entry in TRUTH["zoo"][f"cifar_resnet{depth}"]
    }
    for depth in (110, 1202):
        found[f"cifar_plain{depth}"] = option_a[depth]
    option_b = {
        depth: (params + 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64, macs + 512**2)
        for depth, (params, macs) in option_a.items()
    }
    for depth in (44, 1202):
        found[f"cifar_resnet{depth}_option_b"] = option_b[depth]
    for depth in (56, 110, 1202):
        n, (params, macs) = (depth - 2) // 6, option_b[depth]
        found[f"cifar_resnet{depth}_option_c"] = (
            params + n * 16 * 18 + (n - 1) * 32 * 34 + (n - 1) * 64 * 66,
            macs + (3 * n - 2) * 512**2,
        )
    return found


ENTRIES = [
    pytest.param(name, entry, id=f"{name}-{entry['source'].split()[0]}")
    for name, entries in TRUTH["zoo"].items()
    for entry in entries
]


def sizes(entry: Entry) -> Iterator[tuple[tuple[int, ...], int, list[int]]]:
    """Input extents, MACs and output, for every size that an entry gives."""
    if "input" in entry:
        yield tuple(entry["input"][1:]), entry["macs"], entry["out"]
    for key in entry:
        if found := re.fullmatch(r"macs_(\d+)x(\d+)", key):
            extents = int(found[1]), int(found[2])
            yield extents, entry[key], entry[f"out_{found[1]}x{found[2]}"]


def shape_at(design: Design, name: str) -> list[int]:
    """The shape behind a module of the network's own body."""
    (step,) = (step for step in design.network.root.body.modules() if step.key == name)
    found = design.facts.view.at(design.facts.shapes[step.output])
    assert found is not None
    return [int(n) for n in found]


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_params(name: str, entry: Entry, design: DesignOf) -> None:
    assert design(name).params == entry["params"]


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_params_without_norm(name: str, entry: Entry, design: DesignOf) -> None:
    assert design(name).params_without_norm == entry["params_excl_bn"]


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_macs(name: str, entry: Entry, design: DesignOf) -> None:
    for extents, macs, _ in sizes(entry):
        assert design(name).at(*extents).macs == macs, extents


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_output(name: str, entry: Entry, design: DesignOf) -> None:
    for extents, _, output in sizes(entry):
        assert design(name).at(*extents).output == tuple(output[1:]), extents


@pytest.mark.parametrize(("name", "entry"), [e for e in ENTRIES if "features" in e.values[1]])
def test_stage_shapes(name: str, entry: Entry, design: DesignOf) -> None:
    """timm taps the activation of the stem, as `act1`; the zoo calls it `relu`, as torchvision."""
    features = entry["features"]
    for extents in ((224, 224), (193, 257)):
        at = design(name).at(*extents)
        modules = [{"act1": "relu"}.get(module, module) for module in features["modules"]]
        found = [shape_at(at, module) for module in modules]
        assert found == features["x".join(map(str, extents))], extents


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_layers_of_the_design(name: str, entry: Entry, design: DesignOf) -> None:
    cost = design(name).facts.cost
    wanted = (entry["conv_layers"], entry.get("linear_layers", 1), entry["bn_layers"])
    assert (cost.convs, cost.linears, cost.norms) == wanted


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_layers_of_the_module(
    name: str, entry: Entry, skeleton: Callable[[str], nn.Module]
) -> None:
    """Layers and buffers (tensors, as the truth counts them) of what is emitted."""
    from torch import nn

    kinds = nn.Conv2d, nn.Linear, nn.BatchNorm2d
    modules = list(skeleton(name).modules())
    found = tuple(sum(isinstance(module, kind) for module in modules) for kind in kinds)
    assert found == (entry["conv_layers"], entry.get("linear_layers", 1), entry["bn_layers"])
    assert len(list(skeleton(name).buffers())) == entry["buffers"]


@pytest.mark.parametrize(("name", "wanted"), list(by_hand().items()))
def test_counted_by_hand(name: str, wanted: tuple[int, int], design: DesignOf) -> None:
    assert (design(name).params, design(name).macs) == wanted


@pytest.mark.parametrize("name", [name for name in zoo.entries() if re.search(r"\d", name)])
def test_depth_is_the_number_in_the_name(name: str, design: DesignOf) -> None:
    assert design(name).depth == int(re.findall(r"\d+", name)[0])


@pytest.mark.parametrize(("depth", "params"), list(TRUTH["table6"]["A"].items()))
def test_table_6(depth: str, params: int, design: DesignOf) -> None:
    """The paper's 0.27M to 19.4M are rounded (0.85M has 853,018), so the exact counts decide."""
    found = design(f"cifar_resnet{depth}").params
    assert found == params
    printed = TRUTH["table6"]["paper"][depth]
    digits = len(printed.partition(".")[2]) - 1
    assert f"{found / 1e6:.{digits}f}M" == printed


def test_every_network_has_a_truth() -> None:
    """Nothing enters the zoo without numbers from elsewhere. (`cifar_resnet` is the family.)"""
    known = {*TRUTH["zoo"], *by_hand()}
    assert set(zoo.entries()) - known == {"cifar_resnet"}


@pytest.mark.parametrize("name", list(zoo.entries()))
def test_contracts_hold(name: str) -> None:
    report = check(name)
    assert not report.diagnostics, str(report)
