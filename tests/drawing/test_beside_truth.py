"""What networks side by side say of how tensors meet, held against the design."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

import resdsl
from resdsl.drawing.layout.arcs import DASHES
from resdsl.drawing.layout.canvas import Band, Box, Canvas, Line, Sign, Text
from resdsl.drawing.side_by_side.beside import beside
from resdsl.drawing.side_by_side.column_items import items_of
from resdsl.drawing.side_by_side.column_rows import Column, Thing, lined_up
from tests.drawing.beside_truth import written, wrong_lines
from tests.drawing.geometry import problems, run_over
from tests.drawing.test_overview_truth import JOINED, VALUES, expression, worth
from tests.random_networks.strategy import tree
from tests.random_networks.texts import render
from tests.zoo.families import every, some_families


def designed(text: str) -> resdsl.Design:
    (design,) = resdsl.check(text).designs
    return design


def drawn(*designs: resdsl.Design) -> Canvas:
    return beside([design.facts for design in designs]).canvas


def faults(design: resdsl.Design) -> list[str]:
    canvas = drawn(design)
    return [*problems(canvas), *run_over(canvas)]


def meets(column: Column) -> list[Thing]:
    return [thing for thing in column.things if thing.meetings]


# --- signs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("some", every(2, range(4)))
def test_a_join_is_what_its_signs_say(some: int) -> None:
    told = 0
    for seed in range(some, 200, 4):
        text, value = expression(random.Random(seed), ("here", "a", "b"), 1 + seed % 3)
        design = designed(JOINED.format(f"join {text}"))
        assert faults(design) == [], text
        for thing in meets(written(design)):
            told += 1
            assert worth(thing.meetings, VALUES["here"], ()) == pytest.approx(value), text
        assert wrong_lines(design) == "", text
    assert told > 20


@pytest.mark.parametrize("some", every(2, range(4)))
def test_a_residual_is_what_its_signs_say(some: int) -> None:
    told = 0
    for seed in range(some, 200, 4):
        text, value = expression(random.Random(seed), ("here", "main", "a", "main"), 1 + seed % 3)
        design = designed(JOINED.format(f"residual {{ conv(3, 8) norm }} via {{ join {text} }}"))
        assert faults(design) == [], text
        for thing in meets(written(design)):
            told += 1
            if "main" not in text:  # what does not read it is added to it
                value = tuple(x + y for x, y in zip(VALUES["main"], value, strict=True))
            seen = worth(thing.meetings, VALUES["main"], VALUES["here"])
            assert seen == pytest.approx(value), text
        assert wrong_lines(design) == "", text
    assert told > 20


SHORTCUTS = {
    "join here - main": (["+"], ["−"], 1),
    "join here * main": (["*"], [], 1),
    "join max(main, here)": ([], ["max"], 1),
    "join concat(main, here)": (["|"], [], 1),
    "join main * 2": ([], ["× 2"], 0),
    "join main + 0.5 * here": (["+"], ["× 0.5"], 1),
    "relu": (["+"], ["ReLU"], 1),
    "norm": (["+"], ["BN"], 1),
    "join here * 2": (["+"], ["× 2"], 1),
    "join a": (["+"], [], 0),
    "join a conv(1, 8)": (["+"], ["1×1, 8"], 0),
    "maxpool(3, stride=1, padding=1)": (["+"], ["3×3 max pool"], 1),
}


@pytest.mark.parametrize("text", SHORTCUTS)
def test_main_and_shortcut_meet_as_it_says(text: str) -> None:
    signs, words, arcs = SHORTCUTS[text]
    design = designed(JOINED.format(f"residual {{ conv(3, 8) }} via {{ {text} }}"))
    canvas = drawn(design)
    assert [sign.sign for sign in canvas.of(Sign)][: len(signs)] == signs
    assert [box.text for box in canvas.of(Box) if box.look in ("gate", "other")] == words
    assert len(written(design).arcs) == arcs
    assert wrong_lines(design) == ""


def test_main_twice_is_a_figure_in_its_box() -> None:
    design = designed(JOINED.format("residual { conv(3, 8) } via { join main + main }"))
    assert len(drawn(design).of(Band)) == 1
    assert not written(design).arcs


# --- lines ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", some_families(str(one.name) for one in resdsl.networks()))
def test_lines_are_those_of_the_graph(name: str) -> None:
    assert wrong_lines(resdsl.design(name)) == ""


@pytest.mark.parametrize("some", every(2, range(4)))
def test_lines_of_random_networks_are_those_of_their_graphs(some: int) -> None:
    found = {}
    for seed in range(some, 100, 4):
        for design in resdsl.check(render(tree(seed)) + "\n").designs:
            found[seed, design.name] = wrong_lines(design)
    assert {key: text for key, text in found.items() if text} == {}


def test_a_shortcut_that_joins_again_behind_main() -> None:
    design = designed("""
        shortcut gated(prev: tensor = in) {
            fork { gate: { conv(1, out.channels) sigmoid } kept: projection_always }
            join main + kept * gate
            keep r join prev conv(1, out.channels)
            join here + r
        }
        network n { input 16 x H x W conv(3, 8) residual { conv(3, 12) } via gated conv(3, 4) }
    """)
    assert wrong_lines(design) == ""
    assert "shortcut.join_1" in [thing.path for thing in written(design).things]


def test_what_is_called_again_is_named_as_in_the_graph_where_it_was_in_a_box_before() -> None:
    fork = "fork { q: { conv(3, 16) } p: relu } join q + p"
    design = designed(f"network n {{ input 16 x H x W {fork} basic(16) reuse q }}")
    assert wrong_lines(design) == ""
    assert written(design).things[-1].path == "q.0_1"


KEPT = """
network n {
    input 16 x 32 x 32
    keep first
    join here + first
    conv(3, 16) keep s
    conv(3, 16) keep t
    residual { conv(3, 16) keep u conv(3, 16) } via { join u conv(1, 16) }
    { conv(3, 16) join here + s } x 4
    { keep q conv(3, 16) join q - 0.5 * here } x 4
    join here + s - t
    conv(3, 16)
    join s * t + here * s
    conv(3, 16)
    fork { a: conv(3, 16) b: conv(1, 16) } join a + b * t
    residual { conv(3, 16) } via { scale(0.5) }
}
"""


@pytest.mark.parametrize("others", [(), ("resnet152",)], ids=["written", "folded"])
def test_kept_tensors_have_lines_and_names(others: Sequence[str]) -> None:
    design = designed(KEPT)
    assert wrong_lines(design) == ""
    picture = beside([design.facts, *(resdsl.design(name).facts for name in others)])
    assert picture.notes == ()
    assert problems(picture.canvas) == []
    assert run_over(picture.canvas) == []
    texts = [text.text for text in picture.canvas.of(Text)]
    assert {"first", "s", "t", "u", "q"} <= set(texts)


def test_too_many_lines_are_names_at_both_ends() -> None:
    kept = "".join(f"conv(3, 8) keep k{n} " for n in range(30))
    sums = " + ".join(f"k{n}" for n in range(30))
    design = designed(f"network n {{ input 8 x 8 x 8 {kept} conv(3, 8) join here + {sums} }}")
    canvas = drawn(design)
    assert problems(canvas) == []
    words = " ".join(text.text for text in canvas.of(Text)).replace(",", "").split()
    assert all(f"k{n}" in words for n in range(30))


# --- boxes ----------------------------------------------------------------------------------------

BRANCHED = "seresnet50", "googlenet", "repvgg_b0", "highway19", "resnext50_32x4d_a"


@pytest.mark.parametrize("name", BRANCHED)
def test_branches_are_shown(name: str) -> None:
    canvas = drawn(resdsl.design(name))
    assert not [box.text for box in canvas.of(Box) if "branches" in box.text]
    for row in written(resdsl.design(name)).rows:
        assert row.piece is None or row.piece.signs, row.text


def test_a_block_without_a_residual_is_shown_by_its_rows() -> None:
    texts = [row.text for row in written(resdsl.design("densenet121")).rows]
    assert texts[2:4] == ["1×1 conv, 128", "3×3 conv, 32"]


def test_the_legend_tells_of_what_is_there() -> None:
    def legend(name: str) -> str:
        return " ".join(text.text for text in drawn(resdsl.design(name)).of(Text))

    assert "C: cardinality" in legend("resnext50_32x4d")
    assert "C: cardinality" not in legend("resnet50")
    assert "one fill for each output size" in legend("resnet50")
    assert "projection (1×1) shortcut" in legend("resnet50")


@pytest.mark.parametrize(
    "name", ["resnet50", "resnet18_option_a", "cifar_resnet110_constant_scale"]
)
def test_arcs_are_dashed_as_everywhere(name: str) -> None:
    column = written(resdsl.design(name))
    kinds = {DASHES[arc.kind] for arc in column.arcs}
    arcs = [line for line in drawn(resdsl.design(name)).of(Line) if line.radius == 13.0]
    assert {line.dash for line in arcs} == kinds


# --- what is rare ---------------------------------------------------------------------------------

RARE = {
    "main is another tensor": "keep z conv(3, 8) residual { join z }",
    "main ends as another": "keep z conv(3, 8) residual { conv(3, 8) join z }",
    "main begins as another": "keep z conv(3, 8) residual { join z conv(3, 8) }",
    "a residual reads nothing": (
        "keep z conv(3, 8) residual { residual { join z } via { join main - main } }"
    ),
    "here in the first copy alone": "keep z { join here + (z - z) } x 4",
    "signs around nothing": "keep k residual { } via { join max(k, main) } x 4",
    "nothing but signs": "{ join here + here } x 3",
    "kept in main": "residual { conv(3, 8) keep k conv(3, 8) } conv(3, 8) join here + k",
    "kept again in a box": "keep z residual { keep k } residual { join z }",
    "handed on in a box": (
        "keep z conv(3, 8) keep k residual { join z { } } via { join k + k } join here + z"
    ),
    "repeated in a box": (
        "keep z conv(3, 8) keep k residual { join z { conv(3, 8) } x 4 } via { join k + k } "
        "join here + z"
    ),
    "kept in a group": "{ conv(3, 8) keep k conv(3, 8) } join here + k",
}


@pytest.mark.parametrize("what", RARE)
def test_what_is_rare_is_drawn_as_it_is(what: str) -> None:
    design = designed(f"network n {{ input 8 x 16 x 16 {RARE[what]} }}")
    assert wrong_lines(design) == ""
    assert problems(drawn(design, design)) == []


@pytest.mark.parametrize(
    "text",
    [
        "fork { a: { conv(3, 8) keep k } b: conv(3, 8) } join a + b",
        "residual { conv(3, 8) keep k conv(3, 8) } via { join main + main }",
    ],
)
def test_the_line_of_what_is_kept_in_a_box_begins_behind_it(text: str) -> None:
    design = designed(f"network n {{ input 8 x 16 x 16 {text} conv(3, 8) join here + k }}")
    (link,) = written(design).links
    assert (link.source, link.operand.name) == (0, "k")
    assert problems(drawn(design)) == []


def test_what_has_no_weights_has_a_row() -> None:
    """Blocks with and without a scaling are not ten of one."""
    design = resdsl.design("inception_resnet_v2")
    (column,) = lined_up([items_of(design.facts)])
    assert [times.count for times in column.times] == [10, 20, 9]
    assert [row.text for row in column.rows].count("scale 0.2") == 1


PREACTIVATED = (
    "network n {{ input 8 x 16 x 16 residual {{ norm act keep pre conv(3, 16) norm act "
    "conv(3, 16) }} via {{ {} conv(1, 16) }} }}"
)


def test_what_goes_around_behind_a_norm_says_so() -> None:
    """As in "Identity Mappings": the projection reads what main's first convolution does."""
    raw, pre = (designed(PREACTIVATED.format(text)) for text in ("", "join pre"))
    words = {
        design: [box.text for box in drawn(design).of(Box) if box.look == "gate"]
        for design in (raw, pre)
    }
    assert words[raw] == []
    assert words[pre] == ["1×1, 16", "BN, ReLU"]
    assert wrong_lines(pre) == ""


def test_projections_of_several_forms_are_told_on_their_arcs() -> None:
    body = "residual {{ conv(3, 8) }} via {{ {} }} residual {{ conv(3, 8) }} via {{ {} }}"
    both = [("conv(1, 8)", "conv(1, 8)"), ("conv(1, 8)", "conv(1, 8, groups=4)")]
    found = []
    for forms in both:
        design = designed(f"network n {{ input 8 x 16 x 16 {body.format(*forms)} }}")
        found.append([box.text for box in drawn(design).of(Box) if box.look == "gate"])
    assert found == [[], ["1×1, 8", "1×1, 8, C=4"]]


def test_how_likely_paths_are_dropped_does_not_keep_blocks_apart() -> None:
    text = "{ basic(8, drop_rate=0.1 * index) } x 9"
    design = designed(f"network n {{ input 8 x 16 x 16 stage s: {text} }}")
    (column,) = lined_up([items_of(design.facts)], 0)
    assert [times.count for times in column.times] == [8]
