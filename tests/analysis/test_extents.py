"""The arithmetic of extents against the functions that it stands for."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from resdsl.extents.conditions import Condition, text_where
from resdsl.extents.extent import PERIOD, Extent, variable

STEPS = st.lists(
    st.one_of(
        st.tuples(st.integers(1, 4), st.integers(-3, 3), st.just(1)),
        st.tuples(st.just(1), st.integers(-4, 5), st.integers(1, 4)),
    ),
    max_size=6,
)
Steps = list[tuple[int, int, int]]


def built(steps: Steps) -> Extent:
    found = variable(0)
    for times, add, divide in steps:
        found = found.scaled(times, add) if times > 1 else found.mapped(add)
        found = found.mapped(0, divide)
    return found


def value(steps: Steps, h: int) -> int:
    for times, add, divide in steps:
        h = (times * h + add) // divide
    return h


@given(STEPS)
def test_values(steps: Steps) -> None:
    extent = built(steps)
    for h in range(-5, 60):
        assert extent.at(h) == value(steps, h)


@given(STEPS, st.integers(-3, 40))
def test_least(steps: Steps, wanted: int) -> None:
    least = built(steps).least(wanted)
    assert value(steps, least) >= wanted > value(steps, least - 1)


@given(STEPS, STEPS)
def test_equal_exactly_where_they_agree(one: Steps, two: Steps) -> None:
    """A comparison over one period is a proof for every size."""
    left, right = built(one), built(two)
    period = left.stride * right.stride
    agree = left.growth == right.growth and all(
        value(one, h) == value(two, h) for h in range(min(period, 5000))
    )
    if period < 5000:
        assert (left == right) == agree
        assert left != right or hash(left) == hash(right)


@given(STEPS, STEPS)
def test_composition(inner: Steps, outer: Steps) -> None:
    assert built(outer).of((built(inner),)) == built([*inner, *outer])


def test_what_people_read() -> None:
    h = variable(0)
    assert h.mapped(0, 2).scaled(2).text("H") == "2·⌊H/2⌋"
    assert h.scaled(3).mapped(1, 2).text("H") == "⌈3·H/2⌉"
    assert h.mapped(31, 32).scaled(32).text("W") == "32·⌈W/32⌉"
    assert h.scaled(2, 1).text("H") == "2·H+1"
    assert h.scaled(2).mapped(0, 2).text("H") == "H"


def test_what_people_read_where_conditions_hold() -> None:
    h, by_16 = variable(0), [Condition(0, 16)]
    assert text_where(h.mapped(0, 2), "H", by_16) == "H/2"
    assert text_where(h.mapped(0, 16).scaled(2), "H", by_16) == "H/8"
    assert text_where(h.mapped(0, 16).scaled(3), "H", by_16) == "3·H/16"
    assert text_where(h.mapped(0, 32), "H", by_16) == "⌊H/32⌋"
    assert text_where(h.mapped(0, 16), "W", [Condition(1, 16)]) == "⌊W/16⌋"
    assert text_where(h.mapped(15, 16), "H", [Condition(0, 16, 1)]) == "(H+15)/16"
    assert text_where(h.mapped(3, 2), "H", [Condition(0, 2, 0), Condition(0, 3, 1)]) == "(H+2)/2"
    assert text_where(h.scaled(2, -3), "H", [Condition(0, 2)]) == "2·H-3"
    assert text_where(h.mapped(0, 2), "H", [Condition(0, least=7)]) == "⌊H/2⌋"


@given(STEPS, st.integers(1, 24), st.integers(0, 23), st.integers(1, 40))
def test_a_form_where_conditions_hold_is_true_there(
    steps: Steps, modulus: int, residue: int, least: int
) -> None:
    conditions = [Condition(0, modulus, residue % modulus), Condition(0, least=least)]
    extent = built(steps)
    text = text_where(extent, "H", conditions)
    found = re.fullmatch(r"\(?(?:(\d+)·)?H([+-]\d+)?\)?(?:/(\d+))?", text)
    if found is None:
        assert text == extent.text("H")
        return
    times, add, divide = (
        int(part or default) for part, default in zip(found.groups(), "101", strict=True)
    )
    for h in range(1, 200):
        if all(condition.holds(h) for condition in conditions):
            assert divide * extent.at(h) == times * h + add


def test_a_map_of_a_long_period_is_opaque() -> None:
    opaque = variable(0).mapped(0, PERIOD).scaled(2).mapped(1, 3)
    assert opaque.is_opaque
    assert opaque.at(10**6) == (2 * (10**6 // PERIOD) + 1) // 3
    assert opaque == variable(0).mapped(0, PERIOD).scaled(2).mapped(1, 3)


def test_steps_that_are_one_are_one_in_an_opaque_map() -> None:
    """Built in one go, or of two parts that are known by themselves."""
    part: Steps = [(1, 136, 256), (2, -3, 3)]
    assert built([*part, *part]).is_opaque
    assert built(part).of((built(part),)) == built([*part, *part])
    assert variable(0).scaled(6, 5).mapped(0, 4) == variable(0).scaled(3, 2).mapped(0, 2)


def test_a_form_of_many_steps_is_told_by_its_growth() -> None:
    extent = variable(0)
    for _ in range(8):
        extent = extent.scaled(3).mapped(0, 2)
    assert extent.text("H") == "≈ 6561/256·H"
