"""What a message says would mend a residual does mend it."""

from __future__ import annotations

import re

import pytest

import resdsl
from resdsl.diagnostics.fixes import applied


@pytest.mark.parametrize(
    ("main", "shortcut", "said"),
    [
        ("conv(3, 16, stride=2)", "avgpool(2) conv(1, 16)", "avgpool(2, ceil=true)"),
        ("conv(3, 16, stride=2)", "{ avgpool(2) } conv(1, 16)", "avgpool(2, ceil=true)"),
        # Without an overlap there is no padding: 4 at once are a ceil and a floor.
        ("conv(3, 16, stride=4)", "avgpool(2) maxpool(2) conv(1, 16)", "avgpool(2, ceil=true)"),
        ("conv(3, 16, stride=2)", "conv(1, 16)", "conv(1, 16, stride=2)"),
        ("conv(3, 16, padding=0)", "conv(1, 16)", "conv(3, 16, padding=1)"),
        ("conv(3, 16, stride=2)", "conv(3, 16, padding=0) maxpool(2)", None),
        ("conv(3, 16) x 3 maxpool(2)", "conv(1, 16, stride=2)", "maxpool(2, ceil=true)"),
        ("fork { a: relu } join a conv(3, 16, stride=2)", "conv(1, 16)", "conv(1, 16, stride=2)"),
    ],
)
def test_mends(main: str, shortcut: str, said: str | None) -> None:
    mends(f"network n {{\n input 8 x H x W\n residual {{ {main} }} via {{ {shortcut} }}\n}}", said)


@pytest.mark.parametrize(
    ("branches", "join", "said"),
    [
        (
            "a: maxpool(3, stride=2) b: conv(3, 8, stride=2, padding=0)",
            "concat(a, b)",
            "conv(3, 8, stride=2, padding=1)",
        ),
        ("a: conv(3, 8, stride=2) b: avgpool(2)", "a + b", "avgpool(2, ceil=true)"),
        ("a: conv(3, 8) b: identity c: { avgpool(3) }", "concat(a, b, c)", "avgpool(3, stride=1)"),
        (
            "a: { conv(3, 8) conv(3, 8, stride=2) } x 3 b: maxpool(2)",
            "sum(a) * b",
            "maxpool(2, ceil=true)",
        ),
        ("a: conv(3, 8, stride=2) b: conv(5, 8, padding=0, stride=3)", "a * b", None),
    ],
)
def test_mends_of_branches(branches: str, join: str, said: str | None) -> None:
    mends(f"network n {{\n input 8 x H x W\n fork {{ {branches} }} join {join}\n}}", said)


def mends(text: str, said: str | None) -> None:
    (found,) = resdsl.check(text).diagnostics
    helps = [help for help in found.help if "would agree" in help]
    assert [re.findall(r"`([^`]*)` would", help) for help in helps] == ([[said]] if said else [])
    if said is None:
        assert found.fix is None
        return
    assert found.fix is not None and not found.fix.is_safe
    mended, count = applied(found.fix.edits[0].span.source, [found.fix])
    assert (count, said in mended) == (1, True)
    assert not resdsl.check(mended).diagnostics


def test_no_edit_where_a_person_has_to_see() -> None:
    """By place, or in the text of another: the message has the words alone."""
    for call in ("maxpool(2, 2, 0, false)", "shrink"):
        text = f"""
        block shrink {{ maxpool(2) }}
        network n {{ input 8 x H x W residual {{ conv(3, 8, stride=2) }} via {{ {call} }} }}
        """
        (found,) = resdsl.check(text).diagnostics
        assert any("would agree" in help for help in found.help)
        if call != "shrink":
            assert found.fix is None


@pytest.mark.parametrize(
    "call",
    [
        "avgpool(max(2, 1))",
        "avgpool(2, # ceil=true\n stride=2)",
        '"avgpool": avgpool(2)',
    ],
)
def test_an_edit_leaves_no_wreck(call: str) -> None:
    text = (
        f"network n {{ input 8 x H x W\nresidual {{ conv(3, 8, stride=2) }} via {{ {call} }} }}\n"
    )
    (found,) = resdsl.check(text).diagnostics
    if found.fix is not None:
        mended, _ = applied(found.fix.edits[0].span.source, [found.fix])
        assert not resdsl.check(mended).diagnostics
        assert call.split("avgpool(")[0] in mended


@pytest.mark.parametrize(
    ("main", "said"),
    [
        ("conv(3, 8, padding=0)", False),
        ("conv(3, 8) global_avgpool", False),
        ("conv(3, 8, stride=2)", True),
        ("conv(3, 16)", True),
    ],
)
def test_a_projection_is_advised_where_it_would_do_something(main: str, said: bool) -> None:
    report = resdsl.check(f"network n {{ input 8 x 9 x 9\nresidual {{ {main} }} }}\n")
    assert any("via projection" in h for one in report.diagnostics for h in one.help) is said
