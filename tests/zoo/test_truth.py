"""The zoo's networks against what torchvision, timm and reference builders have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from resdsl import Design, check
from resdsl.api import zoo
from tests.zoo.families import full, one_a_family, smallest
from tests.zoo.truth import (
    BY_HAND,
    DECLARED_ONLY,
    NUMBERS,
    TRUTH,
    WEIGHTS,
    Entry,
    entries_of,
    label,
)

if TYPE_CHECKING:
    from torch import nn

DesignOf = Callable[[str], Design]


def by_hand() -> dict[str, tuple[int, int]]:
    """(params, MACs) of the networks that no builder gave, counted by hand.

    v1 computes a 1x1 convolution on a quarter of the elements, before each of three strides. Option
    B adds two projections to A, and C one to every block that has none yet: in * out weights and
    2 * out of the norm. Width times extent is the same in every stage (3584, for CIFAR 512), so
    that a projection that keeps the shape costs its square. Plain networks cost what option A does.
    GoogLeNet's auxiliary heads have a 1x1 convolution and a norm on 4x4 elements, and two layers. A
    body has what the network has but for its last layer.
    """
    found = {
        "resnet101_v1": (44_549_160, 7_801_405_440 - 3 * 256 * 128 * (56**2 - 28**2)),
        "resnet34_option_c": (
            21_797_672 + 3 * 64 * 66 + 3 * 128 * 130 + 5 * 256 * 258 + 2 * 512 * 514,
            3_663_761_408 + 13 * 3584**2,
        ),
    }
    heads = [(channels * 128, 2048 * 1024 + 1024 * 1000) for channels in (512, 528)]
    found["googlenet_aux"] = (
        6_624_904 + sum(conv + 2 * 128 + layers + 1024 + 1000 for conv, layers in heads),
        1_498_376_192 + sum(16 * conv + layers for conv, layers in heads),
    )
    for name in ("resnet50_features", "resnet50_headless"):
        found[name] = (25_557_032 - 2048 * 1000 - 1000, 4_089_184_256 - 2048 * 1000)
    # depth: params and MACs of option A, in the zoo's truth
    option_a = {
        depth: (entry["params"], entry["macs"])
        for depth in (44, 56, 110, 1202)
        for entry in entries_of(f"cifar_resnet{depth}")
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
    pytest.param(name, entry, id=f"{name}-{label(entry)}")
    for name in zoo.entries()
    for entry in entries_of(name)
]


# Of each family one is built.
SMALLEST = smallest(name for name in zoo.entries() if entries_of(name))
BUILT = [
    pytest.param(*case.values, id=case.id, marks=[] if case.values[0] in SMALLEST else [full])
    for case in ENTRIES
]


def sizes(entry: Entry) -> Iterator[tuple[tuple[int, ...], int, list[int]]]:
    """Input extents, MACs and output, for every size that an entry gives."""
    if "input" in entry:
        yield tuple(entry["input"][1:]), entry["macs"], entry["out"]
    for key in entry:
        if found := re.fullmatch(r"macs_(\d+)x(\d+)", key):
            extents = int(found[1]), int(found[2])
            if extents == (224, 224) or label(entry) not in DECLARED_ONLY:
                yield extents, entry[key], entry[f"out_{found[1]}x{found[2]}"]


def shapes_at(design: Design) -> list[list[int]]:
    """The shapes of all values in the network's own body, in order."""
    found = map(design.facts.view.at, design.facts.shapes)
    return [[int(n) for n in shape] for shape in found if shape is not None]


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_params(name: str, entry: Entry, design: DesignOf) -> None:
    assert design(name).params == entry["params"]


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_params_without_norm(name: str, entry: Entry, design: DesignOf) -> None:
    """The truth leaves batch norms out, resdsl all norms."""
    without = entry.get("params_excl_bn")
    if without is not None and entry["bn_layers"] == design(name).facts.cost.norms:
        assert design(name).params_without_norm == without
    else:
        assert design(name).params_without_norm <= entry["params"]


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
    """The feature maps that a library gives stand in the network, in their order."""
    for extents in ((224, 224), (193, 257)):
        if extents != (224, 224) and label(entry) in DECLARED_ONLY:
            continue
        rest = iter(shapes_at(design(name).at(*extents)))
        for wanted in entry["features"]["x".join(map(str, extents))]:
            assert any(shape == wanted for shape in rest), (extents, wanted)


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_layers_of_the_design(name: str, entry: Entry, design: DesignOf) -> None:
    """Of both kinds together: timm writes VGG's linear layers as convolutions."""
    cost = design(name).facts.cost
    assert cost.convs + cost.linears == entry["conv_layers"] + entry.get("linear_layers", 1)


@pytest.mark.parametrize(("name", "entry"), BUILT)
def test_layers_of_the_module(
    name: str, entry: Entry, skeleton: Callable[[str], nn.Module]
) -> None:
    """Norms and buffers (tensors, as the truth counts them) of what is emitted."""
    from torch import nn

    modules = list(skeleton(name).modules())
    norms = sum(isinstance(module, nn.BatchNorm2d) for module in modules)
    # timm holds the numbers of a blur, which are no weights, as a buffer.
    blurs = sum(type(module).__name__ == "BlurPool2d" for module in modules)
    buffers = len(list(skeleton(name).buffers()))
    assert (norms, buffers + blurs) == (entry["bn_layers"], entry["buffers"])


@pytest.mark.parametrize(("name", "wanted"), list(by_hand().items()))
def test_counted_by_hand(name: str, wanted: tuple[int, int], design: DesignOf) -> None:
    assert (design(name).params, design(name).macs) == wanted


NUMBERED = [n for n in zoo.entries() if re.fullmatch(r"(cifar_)?(resnet|plain|vgg)\d+(_.*)?", n)]
HEADLESS = ("_features", "_headless")
# A pyramid's own convolutions are not in its name, nor a deep stem's and a hidden layer's.
NUMBERED = [name for name in NUMBERED if not name.endswith(("_fpn", "_mlp"))]


@pytest.mark.parametrize("name", NUMBERED)
def test_depth_is_the_number_in_the_name(name: str, design: DesignOf) -> None:
    depth = int(re.findall(r"\d+", name)[0]) - name.endswith(HEADLESS)
    assert design(name).depth == depth


@pytest.mark.parametrize(("depth", "params"), list(TRUTH["table6"]["A"].items()))
def test_table_6(depth: str, params: int, design: DesignOf) -> None:
    """The paper's 0.27M to 19.4M are rounded (0.85M has 853,018), so the exact counts decide."""
    found = design(f"cifar_resnet{depth}").params
    assert found == params
    printed = TRUTH["table6"]["paper"][depth]
    digits = len(printed.partition(".")[2]) - 1
    assert f"{found / 1e6:.{digits}f}M" == printed


def test_every_network_has_a_truth() -> None:
    """Nothing enters the zoo without numbers from elsewhere, or counted by hand. Those of models
    that the truth lacks are counted there (tests/zoo/test_oracles.py)."""
    unknown = {
        name
        for name in zoo.entries()
        if not entries_of(name) and name not in {*by_hand(), *BY_HAND, *WEIGHTS, *NUMBERS}
    }
    assert not unknown


@pytest.mark.parametrize("name", one_a_family(zoo.entries()))
def test_contracts_hold(name: str) -> None:
    report = check(name)
    assert not report.diagnostics, str(report)
