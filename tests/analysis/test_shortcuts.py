"""What stands beside the arcs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from resdsl.analysis.facts import Facts
from resdsl.analysis.shortcuts import Kind, Shortcut

Known = Callable[..., Facts]

DEFINITIONS = """
shortcut gated(skip: shortcut = zero_pad) {
    fork {
        kept: skip
        gate: { conv(1, out.channels, stride=stride, bias=true) sigmoid }
    } join main * gate + kept * (1 - gate)
}
shortcut half { scale(0.5) }
shortcut through { gated }
shortcut weighed(skip: shortcut = zero_pad) { skip join main * 0.5 + here * 0.25 }
"""


@pytest.mark.parametrize(
    ("shortcut", "same", "strided"),
    [
        ("projection", Shortcut(Kind.IDENTITY), Shortcut(Kind.PROJECTION, "1×1, 16, /2")),
        (
            "projection_always",
            Shortcut(Kind.PROJECTION, "1×1, 8"),
            Shortcut(Kind.PROJECTION, "1×1, 16, /2"),
        ),
        ("zero_pad", Shortcut(Kind.IDENTITY), Shortcut(Kind.PADDING, "zero pad, /2")),
        ("none", None, None),
        ("when_same", Shortcut(Kind.IDENTITY), None),
        ("half", Shortcut(Kind.SCALED, "scale 0.5"), "mismatch"),
        (
            "gated",
            Shortcut(Kind.GATED, "gate: 1×1, 8", "gated sum of main and kept"),
            Shortcut(
                Kind.GATED,
                "kept: /2 → zero pad\ngate: 1×1, 16, /2",
                "gated sum of main and kept",
            ),
        ),
        (
            "through",
            Shortcut(Kind.GATED, "gate: 1×1, 8", "gated sum of main and kept"),
            "as gated",
        ),
        (
            "weighed",
            Shortcut(Kind.SCALED, "", "0.5 on main and 0.25 on shortcut"),
            Shortcut(Kind.PADDING, "zero pad, /2", "0.5 on main and 0.25 on shortcut"),
        ),
    ],
)
def test_arcs(known: Known, shortcut: str, same: object, strided: object) -> None:
    text = "network n {{ input 8 x 16 x 16 stage s /{s}: basic({w}, shortcut={m}) }}\n"
    [section] = known(DEFINITIONS + text.format(s=1, w=8, m=shortcut)).sections
    assert section.elements[0].shortcut == same
    if not isinstance(strided, str):
        [section] = known(DEFINITIONS + text.format(s=2, w=16, m=shortcut)).sections
        assert section.elements[0].shortcut == strided


def test_the_average_projection_has_two_lines(known: Known) -> None:
    text = "network n { input 8 x 16 x 16 stage s /2: basic(16, shortcut=avg_projection) }\n"
    [section] = known(text).sections
    assert section.elements[0].shortcut == Shortcut(Kind.PROJECTION, "2×2 avg pool, /2\n1×1, 16")


def test_a_kept_tensor(known: Known) -> None:
    text = "network n { input 8 x 16 residual { norm act keep pre conv(3, 8) } via { join pre } }\n"
    [section] = known(text).sections
    assert section.elements[0].shortcut == Shortcut(Kind.OTHER, "from pre")


def test_a_tensor_kept_before_the_residual(known: Known) -> None:
    """Its name is that of the `keep` around, inside of a group too."""
    text = """network n {
        input 8 x 16
        { conv(3, 8) keep early conv(3, 8) residual { conv(3, 8) } via { join early } }
    }
    """
    assert known(text).sections[-1].elements[-1].shortcut == Shortcut(Kind.OTHER, "from early")
