"""A `let` in a group, branch or residual that rebinds a name of outside for nobody."""

from __future__ import annotations

import pytest

from tests.language.elaboration import body_codes, codes

LOST = {
    "a loop in a group": "let maps = [in] enc: { for i in range(3) { conv(3, 8) "
    "let maps = maps + [here] } } join concat(here, maps)",
    "a group": "let w = 4 { conv(3, w) let w = 2 * w } conv(3, w)",
    "a stage": "let w = 4 stage s: { conv(3, w) let w = 2 * w } x 2 conv(3, w)",
    "a branch": "let w = 4 fork { a: { conv(3, w) let w = 8 } b: conv(3, w) } join a + b",
    "a main": "let w = 3 residual { conv(3, w) let w = 8 } conv(3, w)",
    "a shortcut": "let w = 3 residual { conv(3, w) } via { conv(1, w) let w = 8 } conv(3, w)",
    "a group in another": "{ let w = 4 { conv(3, w) let w = 2 * w } conv(3, w) }",
    "the variable of a loop": "for w in [3, 4] { { conv(3, w) let w = 2 * w } conv(3, w) }",
    "a name that is kept": "keep t { conv(3, 3) let t = here } join here + t",
}
READ = {
    "behind it": "let w = 4 { let w = 2 * w conv(3, w) } conv(3, w)",
    "in the next turn": "let t = in { for i in range(3) { join t + here "
    "conv(3, 3) let t = here } }",
    "in a group in it": "let w = 4 { let w = 2 * w { conv(3, w) } } conv(3, w)",
    "at the end of a loop": "{ let maps = [in] for i in range(3) { conv(3, 3) "
    "let maps = maps + [here] } join concat(maps) }",
    "no braces of its own": "let w = 4 if true { let w = 2 * w } conv(3, w)",
    "in another group": "{ let w = 4 conv(3, w) } { let w = 8 conv(3, w) }",
}


@pytest.mark.parametrize("case", LOST)
def test_told(case: str) -> None:
    assert body_codes(LOST[case]) == ["W1011"]


@pytest.mark.parametrize("case", READ)
def test_not_told(case: str) -> None:
    assert body_codes(READ[case]) == []


def test_a_parameter_is_a_name_of_outside() -> None:
    text = "block b(w: int) { { conv(3, w) let w = 2 * w } conv(3, w) } "
    assert codes(text + "network n { input 3 x 8 x 8 b(4) }") == ["W1011"]
