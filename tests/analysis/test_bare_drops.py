"""Stochastic depth that nothing goes around."""

from __future__ import annotations

import pytest

import resdsl

BARE = {
    "in the network": "drop_path(0.1)",
    "in a group": "{ conv(3, 8) drop_path(0.1) } x 2",
    "in a stage": "stage s: { conv(3, 8) drop_path(0.1) }",
    "the first of a stage": "stage s /2: inverted_residual(8, tail=drop_path(0.1)) x 2",
    "via none": "residual { conv(3, 8) drop_path(0.1) } via none",
    "behind the sum": "basic(8, tail=identity) drop_path(0.1)",
    "in both branches of a block": "own(8)",
    "before a fork": "drop_path(0.1) fork { a: identity b: conv(3, 8) } join a + b",
    "both sides of a sum": "drop_path(0.1) keep h conv(3, 8) join h + here",
}
AROUND = {
    "in a main": "residual { conv(3, 8) drop_path(0.1) }",
    "beside a projection": "basic(16, stride=2, tail=drop_path(0.1))",
    "of a rate of 0": "drop_path(0) conv(3, 8)",
    "in a residual around a block without": "residual { own(8) } via projection",
    "of one branch": "fork { a: { conv(3, 8) drop_path(0.1) } b: identity } join concat(a, b)",
    "of each branch": "fork { a: drop_path(0.1) b: drop_path(0.1) } join a + b",
    "of each copy": "fork { a: { conv(3, 8) drop_path(0.1) } x 3 } join sum(a)",
    "below a kept tensor": "keep h conv(3, 8) drop_path(0.1) join h + here",
    "where the shortcut is there": "inverted_residual(8, tail=drop_path(0.1)) x 2",
}


def _codes(steps: str) -> list[str]:
    text = f"""
    from std.mobile import inverted_residual
    block own(w: int) {{ inverted_residual(w, stride=2, tail=drop_path(0.1)) }}
    network net {{ input 8 x 32 x 32 {steps} }}
    """
    return [one.code.id for one in resdsl.check(text).diagnostics if one.code.id == "W1023"]


@pytest.mark.parametrize("case", BARE)
def test_told(case: str) -> None:
    assert _codes(BARE[case]) == ["W1023"]


@pytest.mark.parametrize("case", AROUND)
def test_not_told(case: str) -> None:
    assert _codes(AROUND[case]) == []


def test_one_of_several_outputs_is_enough() -> None:
    assert _codes("keep h conv(3, 8) drop_path(0.1) output h, last: here") == ["W1023"]
