"""How joins read in tables."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from resdsl.analysis.facts import Facts

Known = Callable[..., Facts]


@pytest.mark.parametrize(
    ("join", "words"),
    [
        ("concat(a, here)", "concat a and here"),
        ("concat(here, a, b)", "concat here, a and b"),
        ("concat(a, b)", "concatenation of a and b"),
        ("a + here", "+ a"),
        ("here + a + b", "+ a and b"),
        ("a + b", "sum of a and b"),
        ("here - a", "− a"),
        ("a - here", "difference of a and here"),
        ("here * 2", "scale 2"),
        ("here * here", "product with here"),
        ("a * b", "product of a and b"),
        ("a * a", "square of a"),
        ("(a - here) * (a - here)", "square of the difference of a and here"),
        (
            "b - (a - here) * (a - here)",
            "difference of b and the square of the difference of a and here",
        ),
        ("max(here, 0)", "maximum with 0"),
        ("max(a, b)", "maximum of a and b"),
        ("1 - here", "complement of here"),
        ("here * a + b * (1 - a)", "gated sum of here and b"),
        ("b * (1 - a) + a * here", "gated sum of b and here"),
        ("here + b * (1 - a)", "sum of here and gated b"),
        ("0.5 * here + a", "weighted sum, 0.5 on here and 1 on a"),
        ("a + b * here", "sum of a and the product of b and here"),
    ],
)
def test_a_join(known: Known, join: str, words: str) -> None:
    text = "conv(3, 8) keep a conv(3, 8) keep b conv(3, 8) act conv(3, 8)"
    [row] = known(
        f"block j {{ {text} join {join} }} network n {{ input 8 x 9 x 9 j }}\n"
    ).stages.rows
    assert row.groups[0].rows[-1] == words


@pytest.mark.parametrize(
    ("fork", "words"),
    [
        ("l: conv(1, 8) r: conv(3, 8) } join l + r", "sum: l: 1×1, 8; r: 3×3, 8"),
        ("l: conv(1, 8) r: identity } join r + l", "sum: l: 1×1, 8; r: identity"),
        ("l: conv(1, 8) identity: identity } join l + identity", "sum: l: 1×1, 8; identity"),
        ("l: conv(1, 8) r: conv(3, 8) } join l * r", "product: l: 1×1, 8; r: 3×3, 8"),
        ("l: conv(1, 8) } join concat(l, here)", "concatenation with here: l: 1×1, 8"),
        ("l: conv(1, 8) } join concat(l, here, a)", "concatenation with here and a: l: 1×1, 8"),
        ("l: conv(1, 8) } join l * a", "gate of a: 1×1, 8"),
        (
            "l: conv(1, 8) g: { conv(1, 8) sigmoid } } join l * g + a * (1 - g)",
            "gated sum of l and a: l: 1×1, 8; g: 1×1, 8",
        ),
    ],
)
def test_a_fork(known: Known, fork: str, words: str) -> None:
    body = f"conv(3, 8) keep a conv(3, 8) fork {{ {fork}"
    [row] = known(f"block j {{ {body} }} network n {{ input 8 x 9 x 9 j }}\n").stages.rows
    assert row.layers == f"[3×3, 8; 3×3, 8; {words}]"


def test_here_that_entered_the_block_is_in(known: Known) -> None:
    text = (
        "block j { fork { l: conv(1, 8) } join concat(l, here) }\nnetwork n { input 8 x 9 x 9 j }\n"
    )
    [row] = known(text).stages.rows
    assert row.layers == "[concatenation with in: l: 1×1, 8]"
