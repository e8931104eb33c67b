"""`/s` behind calls: what the first copy gets, and what is read as a count."""

from __future__ import annotations

import pytest

import resdsl

NETWORK = "network n {{ input 8 x 64 x 64 {} }}"


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("basic(8) /2", "basic(8, stride=2)"),
        ("basic(8) /2 x 3", "basic(8, stride=where(index == 0, 2, 1)) x 3"),
        ("basic(8) /2 × 3", "basic(8, stride=where(index == 0, 2, 1)) x 3"),
        ("basic(8) /1x2", "basic(8, stride=1x2)"),
        ("basic(8) /1x2 x 3", "basic(8, stride=where(index == 0, 1x2, 1)) x 3"),
        ("basic(8) /1 x 2 x 3", "basic(8, stride=where(index == 0, 1x2, 1)) x 3"),
        ("let n = 3 basic(8) /2 x n", "basic(8, stride=where(index == 0, 2, 1)) x 3"),
        ("let s = 2 basic(8) /s x 3", "basic(8, stride=where(index == 0, 2, 1)) x 3"),
        ("let s = 2 basic(8) /s * 2", "basic(8, stride=4)"),
        ("let s = 2 basic(8) /s * 1 x 3", "basic(8, stride=where(index == 0, 2, 1)) x 3"),
        ("basic(8) /1 + 1 x 3", "basic(8, stride=where(index == 0, 2, 1)) x 3"),
        ("basic(8) /where(true, 1 x 2, 1) x 3", "basic(8, stride=where(index == 0, 1x2, 1)) x 3"),
        ("basic(8) /(1 x 2) x 3", "basic(8, stride=where(index == 0, 1x2, 1)) x 3"),
        ("basic(8) /[1, 1 x 2][1] x 3", "basic(8, stride=where(index == 0, 1x2, 1)) x 3"),
        ("a: basic(8) /2 x 2", "a: basic(8, stride=where(index == 0, 2, 1)) x 2"),
        ("stage a: basic(8) /2 x 2", "stage a /2: basic(8) x 2"),
        ("stage a: basic(8) /2", "stage a /2: basic(8)"),
        ("conv(3, 8) /2 conv(1, 8)", "conv(3, 8, stride=2) conv(1, 8)"),
        (
            "residual { basic(8) /2 x 2 } via projection",
            "residual { basic(8, stride=where(index == 0, 2, 1)) x 2 } via projection",
        ),
    ],
)
def test_the_first_copy_has_the_stride(short: str, long: str) -> None:
    one, other = (resdsl.design(NETWORK.format(text)) for text in (short, long))
    assert one.output == other.output
    assert list(resdsl.load(NETWORK.format(short), device="meta").state_dict()) == list(
        resdsl.load(NETWORK.format(long), device="meta").state_dict()
    )
    assert (one.params, one.macs, one.depth) == (other.params, other.macs, other.depth)


@pytest.mark.parametrize("unit", ["basic(8)", "u: basic(8)", "stage s: basic(8)"])
def test_two_counts(unit: str) -> None:
    (found,) = resdsl.check(NETWORK.format(f"let n = 3 {unit} /2 x 3 x n")).diagnostics
    assert found.message == "a unit has one count"


def test_copies_behind_the_first_are_alike() -> None:
    """A million cost what three do."""
    design = resdsl.design(NETWORK.format("basic(8) /2 x 1_000"))
    assert design.output == (8, 32, 32)
    assert len({id(run.unit) for run in design.network.root.body.steps[0].runs}) == 2  # type: ignore[union-attr]
