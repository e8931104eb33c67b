"""Depth, receptive field and stride along the longest and widest paths."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from resdsl.analysis.facts import Facts
from resdsl.analysis.reach import Reach
from resdsl.design.taps import taps

Known = Callable[..., Facts]


def seen(found: Facts) -> list[tuple[Fraction | None, Fraction | None]]:
    """Field and stride of the output, per dimension."""
    output = found.reach[found.network.root.output]
    return [(reach.field, reach.stride) for reach in output]


@pytest.mark.parametrize(
    ("body", "depth"),
    [
        ("residual { conv(3, 4) conv(3, 4) }", 2),
        ("residual { conv(3, 4) } via { conv(1, 4) conv(1, 4) conv(1, 4) }", 3),
        ("residual { conv(3, 4) } via { join main }", 1),
        ("{ residual { conv(3, 4) conv(3, 4) } } x 5", 10),
        # What a copy reads from outside is longer only for the first of them.
        ("keep a conv(3, 4) x 7 keep b join a { conv(3, 4) join here + b } x 3", 9),
        ("fork { l: { conv(1, 4) x 3 } r: conv(1, 4) } join l + r", 3),
    ],
)
def test_depth(known: Known, body: str, depth: int) -> None:
    assert known(f"network n {{ input 4 x 32 x 32 {body} }}\n").depth == depth


@pytest.mark.parametrize(
    ("body", "field", "stride"),
    [
        ("conv(3, 4)", 3, 1),
        ("conv(3, 4, stride=2) conv(3, 4)", 7, 2),
        ("conv(7, 4, stride=2) maxpool(3, stride=2)", 11, 4),
        ("conv(3, 4, dilation=2)", 5, 1),
        ("conv(3, 4) x 10", 21, 1),
        ("conv(3, 4, stride=2) x 3", 1 + 2 + 4 + 8, 8),
        ("{ residual { conv(3, 4) } } x 1000", 2001, 1),
        ("residual { conv(3, 4, stride=2) } via { conv(1, 4, stride=2) }", 3, 2),
    ],
)
def test_reach(known: Known, body: str, field: int, stride: int) -> None:
    assert seen(known(f"network n {{ input 4 x 64 {body} }}\n")) == [(field, stride)]


def test_a_dimension_each(known: Known) -> None:
    found = known("network n { input 4 x 64 x 64 conv(3x5, 4, stride=2x1) conv(3, 4) }\n")
    assert seen(found) == [(7, 2), (7, 1)]


def test_the_stages_of_resnet50(known: Known) -> None:
    # By hand: v1.5 has the stride in the 3x3 of each stage's first block.
    found = known("resnet50")
    named = taps(found.network.root.body)
    at = {name: found.reach[named[name][0][1]][0] for name in ("conv1", "layer4")}
    assert at["conv1"] == Reach(Fraction(7), Fraction(2))
    assert at["layer4"] == Reach(Fraction(427), Fraction(32))


def test_a_gate_sees_everything_and_keeps_the_stride(known: Known) -> None:
    body = "fork { m: conv(3, 4, stride=2) g: { global_avgpool conv(1, 4) sigmoid } } join m * g"
    assert seen(known(f"network n {{ input 4 x 64 {body} }}\n")) == [(None, 2)]
