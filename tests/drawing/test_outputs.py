"""Pictures of networks with several outputs: each leaves where it is made, by its name."""

from __future__ import annotations

from collections import Counter

import pytest

import resdsl
from resdsl.drawing.column.overview import overview
from resdsl.drawing.figures.detail import detail
from resdsl.drawing.layout.canvas import Box, Canvas, Line, Text
from resdsl.drawing.layout.picture import Unplaced
from resdsl.drawing.side_by_side.beside import beside
from resdsl.drawing.u.u_nest import nest
from resdsl.drawing.u.u_shape import u_shape
from tests.drawing import beside_truth, overview_truth
from tests.drawing.geometry import problems, run_over
from tests.drawing.several_outputs import NAMES, design, with_features
from tests.drawing.truth import operators, untrue
from tests.random_networks.strategy import write
from tests.zoo.families import every


@pytest.fixture(scope="module", params=NAMES)
def made(request: pytest.FixtureRequest) -> resdsl.Design:
    return design(request.param)


def names(canvas: Canvas) -> Counter[str]:
    """The bold names beside arrows, but those of stages and of what enters."""
    told = (text for text in canvas.of(Text) if text.bold and text.size == 11)
    return Counter(name for text in told for name in text.text.removesuffix(",").split(", "))


def missing(canvas: Canvas, shown: resdsl.Design, times: int = 1) -> Counter[str]:
    return Counter(dict.fromkeys(shown.network.outputs, times)) - names(canvas)


# --- the overview ---------------------------------------------------------------------------------


def test_overview(made: resdsl.Design) -> None:
    canvas = overview(made.facts).canvas
    assert problems(canvas) + run_over(canvas) == []
    assert overview_truth.wrong_lines(made) == ""
    assert overview_truth.in_the_void(made) == []
    assert not missing(canvas, made)


def test_outputs_of_an_overview_stand_behind_what_makes_them() -> None:
    shown = design("pyramid")
    canvas = overview(shown.facts).canvas
    told = [text for text in canvas.of(Text) if text.bold and text.text in shown.network.outputs]
    for name in shown.network.outputs:
        row, leaving = sorted(text.y for text in told if text.text == name)
        assert row < leaving
        after = [text.y for text in told if text.text > name]
        assert not after or leaving < min(after)


def test_nothing_hangs_below_what_only_gives_what_is_inside() -> None:
    canvas = overview(design("inner_alone").facts).canvas
    assert [line.dash for line in canvas.of(Line) if line.head.endswith(".sum")] == []
    assert not missing(canvas, design("inner_alone"))


def test_a_headless_network_ends_with_its_name() -> None:
    canvas = overview(design("headless").facts).canvas
    assert names(canvas)["layer4"] == 2  # its row, and what leaves
    assert not names(canvas)["logits"]


# --- every operator -------------------------------------------------------------------------------


def test_detail(made: resdsl.Design) -> None:
    picture = detail(made.facts)
    assert not isinstance(picture, Unplaced)
    assert problems(picture.canvas) + run_over(picture.canvas) == []
    assert not missing(picture.canvas, made)


@pytest.mark.parametrize("name", ["googlenet", "unet", "group", "inner", "early", "inner_alone"])
def test_detail_is_the_graph(name: str) -> None:
    """Of networks without repetition: boxes are operators, lines edges, also out to outputs."""
    shown = design(name)
    expected = operators(shown.graph("op"), "")
    assert untrue(detail(shown.facts).canvas, expected) == []


def test_heads_are_called_by_what_they_begin_with() -> None:
    canvas = detail(design("googlenet").facts).canvas
    texts = Counter(text.text for text in canvas.of(Text))
    assert texts["a4"] == texts["d4"] == 2
    assert names(canvas) == {"logits": 1, "aux1": 1, "aux2": 1}


def test_heads_of_two_tensors_are_placed_by_dot() -> None:
    shown = resdsl.design(
        "network n { input 3 x 8 x 8 conv(3, 8) keep a conv(3, 8) keep b conv(1, 8) conv(3, 8) "
        "conv(5, 8) output one: here join a + b conv(1, 4) output two: here }\n"
    )
    picture = detail(shown.facts)
    assert isinstance(picture, Unplaced)
    assert 'label="two 4×8×8"' in picture.dot()
    assert overview_truth.wrong_lines(shown) == ""
    assert beside_truth.wrong_lines(shown) == ""


# --- side by side ---------------------------------------------------------------------------------


def test_beside(made: resdsl.Design) -> None:
    canvas = beside((made.facts, made.facts)).canvas
    assert problems(canvas) + run_over(canvas) == []
    assert beside_truth.wrong_lines(made) == ""
    given = set(made.network.outputs) - {"image"}  # which stands beside what enters
    assert {name: names(canvas)[name] for name in given} == dict.fromkeys(given, 2)


# --- the U ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["u_taps", "u_heads", "u_sides"])
def test_u(name: str) -> None:
    shown = design(name)
    picture, found = u_shape(shown.facts), nest(shown.facts)
    assert picture is not None and found is not None
    canvas = picture.canvas
    assert problems(canvas) + run_over(canvas) == []
    maps = {one.path: one.outputs for one in found.maps}
    graph = shown.graph("op")
    given = [node for node in graph if graph.nodes[node]["kind"] == "output"]
    before = {graph.nodes[node]["label"]: next(graph.predecessors(node)) for node in given}
    # A map has the path of its first operator: the convolution before norm and activation.
    where = {tap: path for path, told in maps.items() for tap in told}
    assert where.keys() == before.keys()
    for tap, node in before.items():
        parts = (where[tap].split("."), node.split("."))
        assert parts[0][:-1] == parts[1][:-1]
    bold = {text.text for text in canvas.of(Text) if text.bold and text.size == 10}
    assert bold == set(shown.network.outputs)
    boxes = {box.node for box in canvas.of(Box)}
    assert all({line.tail, line.head} <= boxes | {""} for line in canvas.of(Line))


def test_a_second_head_begins_with_the_map_that_both_read() -> None:
    found = nest(design("u_heads").facts)
    assert found is not None
    *_, top, mask, depth = found.maps
    assert (mask.begins, depth.begins) == (None, found.maps.index(top))
    picture = u_shape(design("u_heads").facts)
    assert picture is not None
    (line,) = (line for line in picture.canvas.of(Line) if line.head == "depth")
    assert line.tail == top.path


def test_heads_of_several_maps_make_no_u() -> None:
    assert u_shape(design("unet").facts) is None


# --- random networks ------------------------------------------------------------------------------


@pytest.mark.parametrize("some", every(2, range(4)))
def test_random_features(some: int) -> None:
    seen = 0
    for seed in range(some, 120, 4):
        text = write(seed) + "\n"
        for known in resdsl.check(text).designs:
            shown = with_features(text, known.name, seed)
            if shown is None:
                continue
            seen += 1
            assert not overview_truth.wrong_lines(shown), seed
            assert overview_truth.in_the_void(shown) == [], seed
            assert beside_truth.wrong_lines(shown) == "", seed
            for picture in (overview(shown.facts), beside((shown.facts,)), detail(shown.facts)):
                if not isinstance(picture, Unplaced):
                    assert problems(picture.canvas) == [], seed
    assert seen > 15
