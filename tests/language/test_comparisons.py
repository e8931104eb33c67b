"""What was decided by comparing numbers: with which other numbers it would be decided otherwise."""

from __future__ import annotations

import pytest

from resdsl.language.values.comparisons import Comparison, Tree, deciding, lifted
from resdsl.provenance import DEPTH, Bound, Leaf, Operation, operation

W, V = Leaf("w"), Leaf("v")


def op(sign: str, left: Tree, right: Tree) -> Operation:
    return operation(sign, left, right)


FOUR_W = op("*", 4, W)


@pytest.mark.parametrize(
    ("left", "right", "channels"),
    [
        # The same, however it is written; and never the same.
        (W, W, (False, False)),
        (FOUR_W, op("*", op("+", W, W), 2), (False, False)),
        (Bound("wide", FOUR_W), FOUR_W, (False, False)),
        (op("+", W, 1), W, (False, False)),
        (op("//", FOUR_W, 2), op("*", 2, W), (False, False)),
        # Equal at 0 alone, where a tensor has channels; or between two whole numbers.
        (W, FOUR_W, (True, False)),
        (W, FOUR_W, (False, True)),
        (op("*", 2, W), 9, (False, False)),
        # Nothing of it, whatever it is.
        (op("*", W, 0.0), 0, (False, False)),
        (op("-", V, V), 0, (False, False)),
        (3, 4, (False, False)),
    ],
)
def test_what_holds_for_all(left: Tree, right: Tree, channels: tuple[bool, bool]) -> None:
    assert not {*deciding([Comparison(left, right, channels)])}


@pytest.mark.parametrize(
    ("left", "right", "channels", "held"),
    [
        (W, FOUR_W, (False, False), "w"),
        # A stem of 64 channels, and a stage of a quarter.
        (64, FOUR_W, (True, True), "w"),
        (op("+", W, 64), 64, (False, True), "w"),
        (op("*", 0.5, W), 4, (True, True), "w"),
        (op("/", W, 2), 4, (True, True), "w"),
        # No linear form, or one of two parameters.
        (op("*", W, W), W, (True, True), "w"),
        (op("//", W, 2), 4, (True, True), "w"),
        (op("%", W, 2), 0, (False, False), "w"),
        (op("//", 64, W), 4, (True, True), "w"),
        (W, V, (True, True), "vw"),
        (op("*", W, V), W, (True, True), "vw"),
    ],
)
def test_what_holds_for_some(
    left: Tree, right: Tree, channels: tuple[bool, bool], held: str
) -> None:
    assert {*deciding([Comparison(left, right, channels)])} == {*held}
    assert {*deciding([Comparison(right, left, channels[::-1])])} == {*held}


def test_where_a_step_is_idle_nothing_is_decided() -> None:
    asked = Comparison(W, 0)
    assert [*deciding([asked])] == ["w"]
    assert [*deciding([Comparison(W, 0, is_idle=True)])] == []


def test_a_call_puts_its_arguments() -> None:
    from resdsl.provenance import traced

    inside = Comparison(Leaf("in_channels"), op("*", Leaf("width"), 4), (True, False), True)
    arguments = {"in_channels": traced(64, W), "width": 16, "names": "x"}
    assert lifted(inside, arguments) == Comparison(W, op("*", 16, 4), (True, False), True)
    # Of what is no number, or is not known; and where it would be too deep.
    assert lifted(Comparison(Leaf("names"), 1), arguments) is None
    assert lifted(Comparison(Leaf("other"), 1), arguments) is None
    deep: Tree = W
    for _ in range(DEPTH):
        deep = op("+", deep, 1)
    assert lifted(Comparison(op("+", Leaf("width"), 1), 1), {"width": traced(9, deep)}) is None  # type: ignore[arg-type]
