"""The arithmetic of extents against the functions that it stands for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

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


def test_a_map_of_a_long_period_is_opaque() -> None:
    opaque = variable(0).mapped(0, PERIOD).scaled(2).mapped(1, 3)
    assert opaque.is_opaque
    assert opaque.at(10**6) == (2 * (10**6 // PERIOD) + 1) // 3
    assert opaque == variable(0).mapped(0, PERIOD).scaled(2).mapped(1, 3)


def test_a_form_of_many_steps_is_told_by_its_growth() -> None:
    extent = variable(0)
    for _ in range(8):
        extent = extent.scaled(3).mapped(0, 2)
    assert extent.text("H") == "≈ 6561/256·H"
