"""Every code is explained, and the examples are what they are said to be."""

from __future__ import annotations

import pytest

import resdsl
from resdsl.diagnostics import explanations
from resdsl.diagnostics.diagnostic import Diagnostic

CODES = list(explanations.titles())
# What no text shows: bytes, options, paths, and our own bugs. tests/cli has these.
WITHOUT = {"E0102", "E0803", "E0804", "E0805", "E0806", "E0807", "W1022", "X9000"}


def diagnostics(text: str) -> tuple[Diagnostic, ...]:
    """Of a check, or of asking for the one network of a spec that has none or several."""
    found = resdsl.check(f"{text}\n").diagnostics
    if found:
        return found
    try:
        return resdsl.design(f"{text}\n").diagnostics
    except resdsl.SpecError as error:
        return error.diagnostics


@pytest.mark.parametrize("code", CODES)
def test_explained(code: str) -> None:
    text = explanations.text(code)
    assert len(text.split()) > 20
    assert "```res wrong" not in text
    assert max(map(len, text.splitlines())) <= 110
    assert set(explanations.listings(code)) == (set() if code in WITHOUT else {"wrong", "right"})


@pytest.mark.parametrize("code", sorted(set(CODES) - WITHOUT))
def test_wrong(code: str) -> None:
    found = diagnostics(explanations.listings(code)["wrong"])
    assert {one.code.id for one in found} == {code}


@pytest.mark.parametrize("code", sorted(set(CODES) - WITHOUT))
def test_right(code: str) -> None:
    assert diagnostics(explanations.listings(code)["right"]) == ()
