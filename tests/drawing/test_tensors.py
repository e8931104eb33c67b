"""Pictures of blocks of several tensors and of modules that are met again: true to the graph."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import resdsl
from resdsl.analysis.graph import LEVELS
from resdsl.diagnostics.exception import SpecError
from resdsl.drawing.column.overview import overview
from resdsl.drawing.figures.blocks import blocks
from resdsl.drawing.figures.detail import detail
from resdsl.drawing.layout.canvas import Band, Box, Canvas, Text
from resdsl.drawing.layout.picture import Unplaced
from resdsl.drawing.side_by_side.beside import beside
from tests.drawing import beside_truth, overview_truth, several_outputs
from tests.drawing.faults import block_faults
from tests.drawing.geometry import problems
from tests.drawing.tensor_networks import EXAMPLES, tensors
from tests.drawing.truth import operators, read, untrue
from tests.zoo.families import every


def designs(some: int, of: int, count: int) -> Iterator[tuple[int, resdsl.Design]]:
    for seed in range(some, count, of):
        with suppress(SpecError):
            yield seed, resdsl.design(tensors(seed))


def faults(design: resdsl.Design) -> list[str]:
    """Of every view."""
    known, graph, found = design.facts, design.graph("op"), list[str]()
    found += [f"overview: {one}" for one in problems(overview(known).canvas)]
    found += [f"overview: {overview_truth.wrong_lines(design)}"]
    if len(read(graph)) == len(graph):
        found += [f"void: {one}" for one in overview_truth.in_the_void(design)]
    found += [f"beside: {one}" for one in problems(beside((known, known)).canvas)]
    if design.name != "again":
        # What stands in the box of a fork takes no name of the graph's there.
        found += [f"beside: {beside_truth.wrong_lines(design)}"]
    found += [f"block {one}" for one in block_faults(known, graph, Counter())]
    found += [f"detail: {one}" for one in detail_faults(design)]
    return [one for one in found if not one.endswith((": ", ": None"))]


def detail_faults(design: resdsl.Design) -> list[str]:
    picture = detail(design.facts)
    if isinstance(picture, Unplaced):
        return [] if picture.dot().startswith("digraph") else ["no DOT"]
    return problems(picture.canvas) + untrue(
        picture.canvas, operators(read(design.graph("op")), "")
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples(name: str) -> None:
    assert faults(resdsl.design(EXAMPLES[name])) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_graphs_and_tables(name: str) -> None:
    design = resdsl.design(EXAMPLES[name])
    for level in LEVELS:
        graph = design.graph(level)
        assert sum(graph.nodes[node]["params"] for node in graph) == design.params
        assert sum(graph.nodes[node]["macs"] for node in graph) == design.macs
    assert sum(row.cost.params for row in design.stages) == design.params
    table = design.table()
    for text in (table.to_text(), table.to_markdown(), table.to_latex(), table.to_html()):
        assert " again" in text or name not in ("again", "siamese")


@pytest.mark.parametrize("some", every(2, range(4)))
def test_random_networks(some: int) -> None:
    found = {seed: wrong for seed, one in designs(some, 4, 80) if (wrong := faults(one))}
    assert found == {}


# --- figures of blocks ----------------------------------------------------------------------------


def texts(canvas: Canvas) -> Counter[str]:
    return Counter(text.text for text in canvas.of(Text))


def test_each_input_that_is_read_has_an_arrow_with_its_name_and_shape() -> None:
    known = resdsl.design(EXAMPLES["two_streams"]).facts
    told = texts(blocks([known], ["c"]).canvas)
    assert told["prev"] == told["in"] == 1
    assert told["8×32×32"] == 3  # also of what leaves


def test_an_input_that_is_not_read_is_not_there() -> None:
    text = EXAMPLES["two_streams"].replace("join in    b", "b")
    known = resdsl.design(text).facts
    told = texts(blocks([known], ["c"]).canvas)
    assert (told["prev"], told["in"]) == (1, 0)


def test_each_result_leaves_by_its_name() -> None:
    known = resdsl.design(EXAMPLES["pyramid"]).facts
    told = texts(blocks([known], ["fpn"]).canvas)
    for number, size in enumerate((32, 16, 8, 4)):
        assert told[f"maps{number}"] == told[f"p{number}"] == 1
        assert told[f"256×{size}×{size}"] == 1


def test_results_that_share_nothing_stand_side_by_side() -> None:
    text = """
block apart(t: tensor) { conv(3, 8) keep l join t conv(1, 8) output one: l, two: here }
network n { input 8 x 8 x 8 conv(3, 8) keep k conv(3, 8) b: apart(k) keep l, r join l + r }
"""
    picture = blocks([resdsl.design(text).facts], ["b"])
    assert not isinstance(picture, Unplaced)
    told = texts(picture.canvas)
    assert [told[name] for name in ("in", "t", "one", "two")] == [1, 1, 1, 1]


def test_where_lines_cross_dot_places_what_has_names() -> None:
    picture = blocks([resdsl.design(EXAMPLES["rir"]).facts], ["block0"])
    assert isinstance(picture, Unplaced)
    for name in ("in", "t", "residual", "transient"):
        assert f'label="{name} 48×32×32"' in picture.dot()


def test_a_module_that_is_met_again_says_so() -> None:
    known = resdsl.design(EXAMPLES["again"]).facts
    told = [box.text for box in blocks([known], ["enc"]).canvas.of(Box)]
    assert told == ["3×3, 16", "ReLU", "1×1, 16", "3×3, 16 again"]


# --- the overview ---------------------------------------------------------------------------------


def test_a_module_that_is_met_again_has_the_colour_of_its_first_part() -> None:
    canvas = overview(resdsl.design(EXAMPLES["siamese"]).facts).canvas
    looks = {band.node.partition(".")[0]: band.look for band in canvas.of(Band)}
    assert looks["encoder"] != "neutral"
    assert looks["slice_channels_1"] == "neutral"


def test_what_a_module_gives_beside_its_result_leaves_its_box() -> None:
    found = overview_truth.shown(resdsl.design(EXAMPLES["pyramid"]).facts)
    (station,) = (one for one in found if one.element.path == "fpn")
    assert [exit.names for exit in station.exits] == ["0"]
    assert [exit.names for exit in station.inner] == ["1", "2", "3"]
    assert [operand.name for operand in station.entering] == ["c2", "c3", "c4"]


def test_a_first_call_that_nothing_reads_is_not_the_first() -> None:
    text = """
network n {
    input 8 x 8 x 8
    conv(3, 8) keep a
    unit: basic(8)
    join a reuse unit reuse unit conv(1, 4)
}
"""
    design = resdsl.design(text)
    found = [one.element for one in overview_truth.shown(design.facts)]
    assert [one.is_block for one in found] == [False, True, False, False]
    assert [one.text for one in found][2] == "unit again"
    assert sum(row.cost.params for row in design.stages) == design.params


GOLDEN = Path(__file__).parent.parent / "golden" / "figures"


def _heads() -> Canvas:
    return overview(several_outputs.design("fcn").facts).canvas


FIGURES: dict[str, Callable[[], Canvas]] = {
    "outputs_of_heads": _heads,
    "two_tensors": lambda: _block("two_streams", "c"),
    "results_of_a_pyramid": lambda: _block("pyramid", "fpn"),
    "overview_of_a_pyramid": lambda: _overview("pyramid"),
    "overview_of_two_results": lambda: _overview("rir"),
    "met_again": lambda: _overview("siamese"),
}


def _block(name: str, path: str) -> Canvas:
    return blocks([resdsl.design(EXAMPLES[name]).facts], [path]).canvas


def _overview(name: str) -> Canvas:
    return overview(resdsl.design(EXAMPLES[name]).facts).canvas


@pytest.mark.parametrize("name", FIGURES)
def test_goldens(name: str, golden: Callable[[Path, str], None]) -> None:
    canvas = FIGURES[name]()
    assert problems(canvas) == []
    lines = [json.dumps(item, ensure_ascii=False) for item in canvas.to_json()["items"]]
    size = f"{canvas.width:g} x {canvas.height:g}"
    golden(GOLDEN / f"{name}.json", "\n".join([size, *lines]) + "\n")
