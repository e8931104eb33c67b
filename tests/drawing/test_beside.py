"""Networks side by side, as laid out."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import resdsl
from resdsl.analysis.shortcuts import Kind
from resdsl.drawing.layout.canvas import Band, Box, Canvas, Line, Sign, Text
from resdsl.drawing.layout.pinned import dot
from resdsl.drawing.side_by_side.bands import bands
from resdsl.drawing.side_by_side.beside import beside
from resdsl.drawing.side_by_side.beside_places import arc_words
from resdsl.drawing.side_by_side.column_items import items_of
from resdsl.drawing.side_by_side.column_rows import Column, Foot, lined_up
from tests.drawing.beside_truth import untrue
from tests.drawing.geometry import problems, run_over
from tests.random_networks.strategy import tree
from tests.random_networks.texts import render

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


def outside(canvas: Canvas) -> Canvas:
    """Without the pictures in boxes, in which lines of one value begin together."""
    bands = [(b.left, b.top, b.left + b.width, b.top + b.height) for b in canvas.of(Band)]

    def is_inside(line: Line) -> bool:
        return any(
            all(left <= x <= right and top <= y <= foot for x, y in line.points)
            for left, top, right, foot in bands
        )

    items = [one for one in canvas.items if not (isinstance(one, Line) and is_inside(one))]
    return Canvas(canvas.name, canvas.width, canvas.height, items)


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


@pytest.mark.parametrize("number", range(len(ZOO)))
def test_nothing_overlaps(number: int) -> None:
    canvas = drawn(ZOO[number], ZOO[(number + 7) % len(ZOO)])
    assert problems(canvas) == []
    assert run_over(outside(canvas)) == []
    assert canvas.height < 2800


@pytest.mark.parametrize("seed", range(40))
def test_nothing_overlaps_in_random_networks(seed: int) -> None:
    for design in resdsl.check(render(tree(seed)) + "\n").designs:
        canvas = beside([design.facts, resdsl.design("lenet5").facts]).canvas
        assert problems(canvas) == []
        assert run_over(outside(canvas)) == []


def test_free_extents_and_what_branches() -> None:
    canvas = drawn(FREE, FREE)
    assert problems(canvas) == []
    texts = [text.text for text in canvas.of(Text)]
    assert "H/2×W/2" in texts
    assert [text for text in texts if text in ("1×1, 8", "3×3, 8")] == ["1×1, 8", "3×3, 8"] * 2
    # That of a residual in a residual lies inside, and its `none` has none.
    shown = [sign.sign for sign in canvas.of(Sign) if sign.node]
    assert sorted(shown) == ["+"] * 6 + ["|"] * 2
    assert texts.count("k") == 2


SIGNS = {
    "here - main": [("−", ""), ("+", "")],
    "main - here": [("+", "−")],
    "main * here": [("*", "")],
    "max(main, here)": [("max", "")],
    "concat(main, here)": [("|", "")],
    "concat(here, main)": [("|", "first")],
    "main + 0.5 * here": [("+", "× 0.5")],
}


@pytest.mark.parametrize("text", SIGNS)
def test_an_arc_meets_main_in_the_sign_of_the_design(text: str) -> None:
    block = f"conv(3, 8) residual {{ conv(3, 8) }} via {{ join {text} }}"
    (column,) = columns(f"network n {{ input 3 x 8 x 8 {block} }}")
    feet = [foot for foot in column.below(1) if isinstance(foot, Foot)]
    assert [(f.meet.meeting.sign or f.meet.meeting.factor, arc_words(f)) for f in feet] == SIGNS[
        text
    ]
    assert [foot.arc is not None for foot in feet] == [sign != "−" for sign, _ in SIGNS[text]]


@pytest.mark.parametrize("text", ["main * 2", "main + main"])
def test_no_arc_where_the_shortcut_does_not_read_what_enters(text: str) -> None:
    block = f"conv(3, 8) residual {{ conv(3, 8) }} via {{ join {text} }}"
    (column,) = columns(f"network n {{ input 3 x 8 x 8 {block} }}")
    assert column.arcs == []


def test_a_shortcut_from_a_kept_tensor_is_its_line() -> None:
    block = "conv(3, 8) keep s conv(3, 8) residual { conv(3, 8) } via { join s conv(1, 8) }"
    (column,) = columns(f"network n {{ input 3 x 8 x 8 {block} }}")
    (link,) = column.links
    assert column.arcs == []
    assert (link.text, link.source, link.target) == ("s  1×1, 8", (0, 0), (2, 0))


def many(lines: int) -> str:
    kept = " ".join(f"keep k{i} conv(3, 8)" for i in range(lines))
    read = " ".join(f"join here + k{i} conv(3, 8)" for i in range(lines))
    return f"network n {{ input 3 x 8 x 8 conv(3, 8) {kept} {read} }}"


@pytest.mark.parametrize(("lines", "ends"), [(12, 1), (13, 2)])
def test_kept_tensors_have_lines_or_names_at_both_ends(lines: int, ends: int) -> None:
    canvas = drawn(many(lines), "lenet5")
    assert problems(canvas) == []
    assert [text.text for text in canvas.of(Text)].count("k3") == ends


@pytest.mark.parametrize("some", range(4))
def test_columns_are_what_the_graph_is(some: int) -> None:
    names = [known.name for known in list(resdsl.networks())[some::4]]
    found = {name: untrue(resdsl.design(name)) for name in names}
    assert {name: text for name, text in found.items() if text} == {}
    assert sum(text == "" for text in found.values()) > 0.8 * len(found)


@pytest.mark.parametrize("some", range(4))
def test_columns_of_random_networks_are_what_the_graph_is(some: int) -> None:
    found = {
        (seed, design.name): untrue(design)
        for seed in range(some, 100, 4)
        for design in resdsl.check(render(tree(seed)) + "\n").designs
    }
    assert {known: text for known, text in found.items() if text} == {}
    assert sum(text == "" for text in found.values()) > 0.6 * len(found)


def test_alone() -> None:
    assert problems(drawn("resnet18")) == []


@pytest.mark.parametrize(
    "name", ["vgg19", "plain34", "resnet34", "resnet50", "r3d_18", "cifar_preresnet164", "lenet5"]
)
def test_every_weighted_layer_has_a_row(name: str) -> None:
    """Of networks of rows alone: what is not there is on a shortcut."""
    graph = resdsl.design(name).graph("op")
    (column,) = columns(name)
    rows = [row.path for row in column.rows]
    pools = ("maxpool", "avgpool", "global_avgpool", "adaptive_avgpool")
    kinds = ("conv", "linear", *pools)
    there = [node for node, known in graph.nodes(data=True) if known.get("op") in kinds]
    assert rows == [node for node in there if "downsample" not in node and "shortcut" not in node]
    sums = [node for node, known in graph.nodes(data=True) if known["kind"] == "join"]
    assert [arc.path for arc in sorted(column.arcs, key=lambda arc: arc.last)] == sums


def test_plain_networks_have_no_arcs() -> None:
    canvas = drawn("vgg19", "plain34")
    assert not canvas.of(Sign)
    assert all(len(line.points) == 2 for line in canvas.of(Line))


def test_arcs_are_of_the_kind_of_their_shortcut() -> None:
    (column,) = columns("resnet34")
    kinds = [arc.kind for arc in sorted(column.arcs, key=lambda arc: arc.first)]
    assert kinds.count(Kind.PROJECTION) == 3
    assert kinds.count(Kind.IDENTITY) == 13
    assert [kinds[i] for i in (3, 7, 13)] == [Kind.PROJECTION] * 3
    arcs = [line for line in drawn("resnet34").of(Line) if len(line.points) == 4]
    assert sum(line.dash == "dotted" for line in arcs) == 3
    assert sum(line.dash == "solid" for line in arcs) == 13


def test_projections_and_zeros_are_told_from_each_other() -> None:
    def styles(*names: str) -> set[str]:
        return {line.dash for line in drawn(*names).of(Line) if len(line.points) == 4}

    assert styles("resnet18_option_a", "plain18") == {"solid", "dashed"}
    assert styles("resnet18_option_a", "resnet18") == {"solid", "dotted", "dashed"}


def test_an_arc_goes_around_what_the_shortcut_goes_around() -> None:
    (column,) = columns("resnet50")
    assert {arc.last - arc.first for arc in column.arcs} == {2}
    for arc in column.arcs:
        first, last = column.rows[arc.first].path, column.rows[arc.last].path
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
        total += (times.count - 1) * (times.last - times.first + 1)
    # No repeat of these lies in another.
    assert {times.depth for times in short.times} == {0}
    assert total == len(long.rows)


def test_a_folded_block_keeps_its_own_arc() -> None:
    (column,) = columns("resnet152", longest=40)
    for times in column.times:
        assert any((arc.first, arc.last) == (times.first, times.last) for arc in column.arcs)


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
