"""Networks side by side, as laid out."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import resdsl
from resdsl.analysis.shortcuts import Kind
from resdsl.drawing.layout.canvas import Box, Canvas, Line, Sign, Text
from resdsl.drawing.layout.pinned import dot
from resdsl.drawing.side_by_side.bands import bands
from resdsl.drawing.side_by_side.beside import beside
from resdsl.drawing.side_by_side.column_items import items_of
from resdsl.drawing.side_by_side.column_rows import Column, lined_up
from tests.drawing.geometry import problems, run_over
from tests.random_networks.strategy import tree
from tests.random_networks.texts import render
from tests.zoo.families import every

FIGURES = Path(__file__).parent.parent / "golden" / "figures"

FREE = """
network free {
    input 3 x H x W
    conv(7, 8, stride=2) norm act
    residual { conv(3, 8) norm act residual { conv(3, 8) norm } conv(1, 8) }
    conv(3, 16, stride=2, padding=0)
    fork { a: conv(1, 8) b: conv(3, 8) } join concat(a, b)
    keep k
    residual { conv(3, 16) } via none
    join here + k
    global_avgpool flatten linear(5)
}
"""


def drawn(*names: str) -> Canvas:
    return beside([resdsl.design(name).facts for name in names]).canvas


def columns(*names: str, longest: int = 1000) -> list[Column]:
    return lined_up([items_of(resdsl.design(name).facts) for name in names], longest)


def order(*names: str) -> list[str]:
    known = [resdsl.design(name).facts for name in names]
    return [band.size.text for band in bands(known, lined_up([items_of(one) for one in known]))]


@pytest.mark.parametrize(
    "names",
    [
        ("vgg19", "plain34", "resnet34"),
        ("resnet50", "densenet121", "googlenet"),
        ("audio_resnet", "r3d_18", "cifar_resnet20"),
        ("seresnet50", "mobilenet_v2"),
        ("unet", "resnet18_option_a"),
    ],
    ids="+".join,
)
def test_goldens(names: Sequence[str], golden: Callable[[Path, str], None]) -> None:
    canvas = drawn(*names)
    items = canvas.to_json()
    lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in items.pop("items"))
    text = f"{json.dumps(items, ensure_ascii=False)}\n[{lines}]\n"
    golden(FIGURES / f"beside_{'_'.join(names)}.json", text)


# One of each family, so that each kind of block meets another.
ZOO = (
    "plain34", "resnet50_option_c", "resnet200", "resnext101_64x4d", "resnext50_32x4d_a",
    "wrn_28_10_dropout", "legacy_seresnext26_32x4d", "regnetx_002", "repvgg_b1g4", "resnet152s",
    "resnet32ts", "seresnetaa50d", "resnetrs420", "senet154", "preresnet200", "resnetv2_50d_gn",
    "cifar_resnet164_full_preact", "cifar_preresnet1001", "cifar_resnet1202_option_c",
    "cifar_resnext29", "cifar_resnet110_exclusive_gate", "highway32", "inception_resnet_v2",
    "alexnet_2012", "lenet5", "nin", "mobilenet_v1", "densenet161", "mnist_resnet", "unet",
    "resnet50_stochastic_depth", "mc3_18", "r2plus1d_18", "volume_resnet50",
)  # fmt: skip


@pytest.mark.parametrize("number", every(2, range(len(ZOO))))
def test_nothing_overlaps(number: int) -> None:
    canvas = drawn(ZOO[number], ZOO[(number + 7) % len(ZOO)])
    assert problems(canvas) == []
    assert run_over(canvas) == []
    assert canvas.height < 3000


@pytest.mark.parametrize("seed", every(2, range(40)))
def test_nothing_overlaps_in_random_networks(seed: int) -> None:
    for design in resdsl.check(render(tree(seed)) + "\n").designs:
        canvas = beside([design.facts, resdsl.design("lenet5").facts]).canvas
        assert problems(canvas) == []
        assert run_over(canvas) == []


def test_free_extents_and_what_branches() -> None:
    canvas = drawn(FREE, FREE)
    assert problems(canvas) == []
    texts = [text.text for text in canvas.of(Text)]
    assert "H/2×W/2" in texts
    # Those of a fork in a box, and where `k` is joined; `none` has none.
    signs = [sign.sign for sign in canvas.of(Sign)]
    assert sorted(signs) == ["+"] * 6 + ["|"] * 3
    assert texts.count("k") == 2


def test_alone() -> None:
    assert problems(drawn("resnet18")) == []


@pytest.mark.parametrize(
    "name", ["vgg19", "plain34", "resnet34", "resnet50", "r3d_18", "cifar_preresnet164", "lenet5"]
)
def test_every_layer_has_a_row(name: str) -> None:
    """Of networks of rows alone: what is not there is on a shortcut."""
    graph = resdsl.design(name).graph("op")
    (column,) = columns(name)
    rows = [row.path for row in column.rows]
    pools = ("maxpool", "avgpool", "global_avgpool", "adaptive_avgpool")
    kinds = ("conv", "linear", *pools, "dropout")
    there = [node for node, known in graph.nodes(data=True) if known.get("op") in kinds]
    assert rows == [node for node in there if "downsample" not in node and "shortcut" not in node]
    sums = [node for node, known in graph.nodes(data=True) if known["kind"] == "join"]
    assert [column.things[arc.target].path for arc in column.arcs] == sums


def test_plain_networks_have_no_arcs() -> None:
    canvas = drawn("vgg19", "plain34")
    assert not canvas.of(Sign)
    assert all(len(line.points) == 2 for line in canvas.of(Line))


def test_arcs_are_of_the_kind_of_their_shortcut() -> None:
    (column,) = columns("resnet34")
    kinds = [arc.kind for arc in sorted(column.arcs, key=lambda arc: arc.source)]
    assert kinds.count(Kind.PROJECTION) == 3
    assert kinds.count(Kind.IDENTITY) == 13
    assert [kinds[i] for i in (3, 7, 13)] == [Kind.PROJECTION] * 3
    arcs = [line for line in drawn("resnet34").of(Line) if len(line.points) == 4]
    assert sum(line.dash == "dotted" for line in arcs) == 3
    assert sum(line.dash == "solid" for line in arcs) == 13


def test_projections_and_zeros_are_told_from_each_other() -> None:
    def words(*names: str) -> list[str]:
        return [box.text for box in drawn(*names).of(Box) if box.look == "gate"]

    assert words("resnet18_option_a", "plain18") == []
    assert words("resnet18_option_a", "resnet18") == ["zero pad", "/2"] * 3


def test_an_arc_goes_around_what_the_shortcut_goes_around() -> None:
    (column,) = columns("resnet50")
    assert {arc.target - arc.source for arc in column.arcs} == {4}
    for arc in column.arcs:
        first, last = (column.things[n].path for n in (arc.source + 1, arc.target - 1))
        assert first.rpartition(".")[0] == last.rpartition(".")[0]
        assert (first.endswith("conv1"), last.endswith("conv3")) == (True, True)


def test_rows_of_columns_alike_stand_at_one_height() -> None:
    canvas = drawn("plain34", "resnet34")
    by_column = [
        [box.y for box in canvas.of(Box) if box.node.startswith(f"{name}.")]
        for name in ("plain34", "resnet34")
    ]
    assert by_column[0] == by_column[1]


def test_equal_neighbours_are_folded_in_all_columns() -> None:
    first, second = columns("resnet152", "resnet34", longest=40)
    assert [times.count for times in first.times] == [7, 35]
    assert [times.count for times in second.times] == [3, 3, 5]
    # Written one by one, with other channels.
    (dense,) = columns("densenet121", longest=40)
    assert [times.count for times in dense.times] == [6, 12, 24, 16]


@pytest.mark.parametrize("name", ["resnet152", "densenet201", "cifar_resnet1202", "mobilenet_v2"])
def test_what_is_folded_is_all_there(name: str) -> None:
    (short,), (long,) = columns(name, longest=40), columns(name, longest=10_000)
    total = len(short.rows)
    for times in short.times:
        inside = short.things[times.first : times.last + 1]
        total += (times.count - 1) * sum(thing.row is not None for thing in inside)
    # No repeat of these lies in another.
    assert {times.depth for times in short.times} == {0}
    assert total == len(long.rows)


def test_a_folded_block_keeps_its_own_arc() -> None:
    (column,) = columns("resnet152", longest=40)
    for times in column.times:
        mine = [arc for arc in column.arcs if arc.target == times.last]
        assert [arc.source for arc in mine] == [times.first - 1]


def test_a_thousand_blocks_are_one() -> None:
    spec = """
    block b { residual { conv(3, 8) norm } act }
    network n { input 3 x 32 x 32  conv(3, 8)  b x 10000 }
    """
    canvas = drawn(spec)
    assert len(canvas.of(Box)) == 2
    assert "×10000" in [text.text for text in canvas.of(Text)]


def test_order_of_bands() -> None:
    assert order("vgg19", "resnet34") == [
        "224×224",
        "112×112",
        "56×56",
        "28×28",
        "14×14",
        "7×7",
        "1",
    ]
    # Inputs differ: by total stride.
    assert order("cifar_resnet20", "resnet18") == ["1", "2", "4", "8", "16", "32", "global"]
    # What goes up again does so behind what goes on down.
    assert order("unet") == [
        "H×W", "H/2×W/2", "H/4×W/4", "H/8×W/8", "H/16×W/16", "H/8×W/8", "H/4×W/4", "H/2×W/2", "H×W",
    ]  # fmt: skip
    assert order("unet", "resnet18") == [
        "1", "2", "4", "8", "16", "32", "global", "8", "4", "2", "1",
    ]  # fmt: skip


def test_modules_of_one_path_have_names_of_their_own() -> None:
    canvas = drawn("resnet18", "resnet18")
    names = [box.node for box in canvas.of(Box)]
    assert len(set(names)) == len(names)


def test_names_from_outside_are_shown_as_they_are() -> None:
    spec = """network n { input 3 x 8 x 8  "</script>&<b>": conv(3, 8) residual { conv(3, 8) } }"""
    canvas = drawn(spec)
    assert problems(canvas) == []
    assert "n.</script>&<b>" in [box.node for box in canvas.of(Box)]
    assert "n.</script>&amp;<b>" in dot(canvas)


def test_twice_the_same() -> None:
    assert drawn("resnet18", "vgg11").to_json() == drawn("resnet18", "vgg11").to_json()
