"""What an overview says of how tensors meet, held against the design."""

from __future__ import annotations

import random
import re

import pytest

import resdsl
from resdsl.drawing.column.meetings import ARC, Meeting, Operand
from tests.drawing.join_expressions import VALUES, Vector, expression
from tests.drawing.overview_truth import shown, wrong_lines
from tests.drawing.test_overview import drawn, faults
from tests.random_networks.strategy import tree
from tests.random_networks.texts import render as render_text
from tests.zoo.families import every, some_families

# --- expressions ----------------------------------------------------------------------------------


def worth(meetings: tuple[Meeting, ...], begin: Vector, around: Vector) -> Vector:
    """What signs and words say, read from the top of the spine down."""

    def of(operand: Operand) -> Vector:
        value = around if operand.source == ARC else VALUES[operand.name or "here"]
        for word in operand.words:
            value = changed(value, word)
        return value

    value = begin
    for meeting in meetings:
        others = [of(operand) for operand in meeting.operands]
        if meeting.factor:
            value = changed(value, meeting.factor)
        elif not meeting.sign:
            (value,) = others
        elif meeting.sign == "|":
            by_name = {operand.name: of(operand) for operand in meeting.operands}
            value = tuple(x for name in meeting.order for x in by_name.get(name, value))
        else:
            for other in others:
                made = {"+": float.__add__, "*": float.__mul__, "max": max}[meeting.sign]
                value = tuple(map(made, value, other))
    return value


def changed(value: Vector, word: str) -> Vector:
    for pattern, made in (
        (r"× ([\d.]+)", lambda x, c: x * c),
        (r"\+ ([\d.]+)", lambda x, c: x + c),
        (r"− ([\d.]+)", lambda x, c: x - c),
        (r"([\d.]+) −", lambda x, c: c - x),
        (r"max ([\d.]+)", max),
    ):
        if match := re.fullmatch(pattern, word):
            number = float(match[1])
            return tuple(made(x, number) for x in value)
    assert word == "−"
    return tuple(-x for x in value)


JOINED = (
    "network n {{ input 8 x 8 x 8 conv(3, 8) keep a conv(3, 8) keep b conv(3, 8) {} conv(1, 8) }}"
)


@pytest.mark.parametrize("some", every(2, range(4)))
def test_a_join_is_what_its_signs_say(some: int) -> None:
    told = 0
    for seed in range(some, 300, 4):
        text, value = expression(random.Random(seed), ("here", "a", "b"), 1 + seed % 3)
        (design,) = resdsl.check(JOINED.format(f"join {text}")).designs
        found = [station for station in shown(design.facts) if station.meetings]
        assert faults(drawn(design.network)) == [], text
        for station in found:
            told += 1
            assert worth(station.meetings, VALUES["here"], ()) == pytest.approx(value), text
        if not found:  # its box tells it in words, and lines come in
            joins = [s for s in shown(design.facts) if s.element.path == "join"]
            read = {name for name in ("a", "b") if re.search(rf"\b{name}\b", text)}
            assert all(read <= {operand.name for operand in s.entering} for s in joins), text
    assert told > 30


@pytest.mark.parametrize("some", every(2, range(4)))
def test_a_residual_is_what_its_signs_say(some: int) -> None:
    told = 0
    for seed in range(some, 300, 4):
        text, value = expression(random.Random(seed), ("here", "main", "a", "main"), 1 + seed % 3)
        block = f"residual {{ conv(3, 8) norm }} via {{ join {text} }}"
        (design,) = resdsl.check(JOINED.format(block)).designs
        assert faults(drawn(design.network)) == [], text
        (station,) = [s for s in shown(design.facts) if s.element.is_block]
        if station.meetings:
            told += 1
            if "main" not in text:  # what does not read it is added to it
                value = tuple(x + y for x, y in zip(VALUES["main"], value, strict=True))
            seen = worth(station.meetings, VALUES["main"], VALUES["here"])
            assert seen == pytest.approx(value), text
    assert told > 30


def test_a_join_that_nothing_reads_is_not_taken_for_another() -> None:
    (design,) = resdsl.check(JOINED.format("join here - a join a - b join here + b")).designs
    found = [station for station in shown(design.facts) if station.meetings]
    read = [[o.name for m in s.meetings for o in m.operands] for s in found]
    assert read == [["a", "b"], ["b"]]


def test_what_a_shortcut_does_to_a_kept_tensor_stands_on_its_line() -> None:
    block = "residual { conv(3, 8) } via { join a conv(1, 8) join 2 * here - main }"
    (design,) = resdsl.check(JOINED.format(block)).designs
    (station,) = [s for s in shown(design.facts) if s.element.is_block]
    assert station.meetings == (
        Meeting(factor="−"),
        Meeting("+", operands=(Operand(0, "a", ("1×1, 8", "× 2")),)),
    )
    assert station.arc is None


def test_neighbours_that_read_something_else_are_not_one() -> None:
    block = "residual { conv(3, 8) } via { join %s conv(1, 8) }"
    twice = "join here + a join here + a join here * 2 join here * 2"
    (design,) = resdsl.check(JOINED.format(f"{block % 'a'} {block % 'b'} {twice}")).designs
    found = [s for s in shown(design.facts) if s.meetings]
    read = [[o.name for m in s.meetings for o in m.operands] for s in found]
    assert read == [["a"], ["b"], ["a"], ["a"], [], []]
    assert all(station.element.count == 1 for station in found)


@pytest.mark.parametrize("text", ["concat(here, a, b)", "concat(b, here)", "concat(a, b)"])
def test_a_concatenation_names_its_parts_in_order(text: str) -> None:
    (design,) = resdsl.check(JOINED.format(f"join {text}")).designs
    (station,) = [s for s in shown(design.facts) if s.meetings]
    names = re.findall(r"\w+", text)[1:]
    assert worth(station.meetings, VALUES["here"], ()) == sum((VALUES[n] for n in names), ())


# --- edges ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", some_families(str(one.name) for one in resdsl.networks()))
def test_lines_are_those_of_the_graph(name: str) -> None:
    assert wrong_lines(resdsl.design(name)) == ""


@pytest.mark.parametrize("some", every(2, range(4)))
def test_lines_of_random_networks_are_those_of_their_graphs(some: int) -> None:
    found = {}
    for seed in range(some, 200, 4):
        for design in resdsl.check(render_text(tree(seed)) + "\n").designs:
            found[seed] = wrong_lines(design)
    assert {seed: text for seed, text in found.items() if text} == {}
    assert sum(text == "" for text in found.values()) > 25


LIKE = "block grown(by: tensor) { conv(3, 8) upsample(like=by) residual { conv(3, 8) } }"
GROWN = "input 8 x 8 x 8 c: conv(3, 8) keep c conv(3, 8, stride=2)"


@pytest.mark.parametrize("unit", ["grown(c)", "{ { upsample(like=c) } x 2 conv(3, 8) act } x 2"])
def test_no_line_leads_where_extents_alone_are_read(unit: str) -> None:
    (design,) = resdsl.check(f"{LIKE} network n {{ {GROWN} {unit} conv(3, 8) }}").designs
    assert not any(station.operands for station in shown(design.facts))
    assert wrong_lines(design) == ""


def test_a_block_that_reads_its_input_for_extents_alone_stands_below_another() -> None:
    text = "block led(t: tensor) { join t conv(3, 8) upsample(like=in) } "
    (design,) = resdsl.check(f"{text} network n {{ {GROWN} led(c) conv(3, 8) }}").designs
    (station,) = [station for station in shown(design.facts) if station.element.kind == "led"]
    assert [operand.name for operand in station.operands] == ["c"]
    assert station.is_broken


def test_what_a_block_hands_on_leads_through_its_box() -> None:
    text = "block two(t: tensor) { conv(3, 8) output a: here, b: t } "
    calls = "two(c) keep a, b join a conv(3, 8) join here + b"
    (design,) = resdsl.check(f"{text} network n {{ {GROWN} join c conv(3, 8) {calls} }}").designs
    (station,) = [station for station in shown(design.facts) if station.element.kind == "two"]
    assert [operand.name for operand in station.operands] == ["c"]


@pytest.mark.parametrize(
    "group",
    [
        "{ conv(3, 8) act output a: max(here, 0), b: here } output c: here",
        "{ { conv(3, 8) act output a: max(here, 0), b: here } } conv(3, 8) output c: here",
        "{ conv(3, 8) keep k conv(3, 8) output a: here join k } conv(3, 8) output c: here",
    ],
)
def test_a_group_ends_with_what_it_gives_and_not_with_its_last(group: str) -> None:
    (design,) = resdsl.check(f"network n {{ input 8 x 8 x 8 g: {group} }}").designs
    assert wrong_lines(design) == ""


def test_a_branch_that_hands_on_what_it_reads_is_led_to() -> None:
    fork = "fork { a: conv(1, 8) b: { join in } } join a + b"
    text = f"network n {{ input 8 x 8 x 8 c: conv(3, 8) {fork} last: conv(1, 4) }}"
    assert wrong_lines(resdsl.design(text, features=["a", "b"])) == ""
