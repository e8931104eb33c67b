"""Windows and steps of another rank than the map's."""

from __future__ import annotations

import pytest

import resdsl


@pytest.mark.parametrize("padding", ["", ", padding=1", ', padding="same"'])
@pytest.mark.parametrize("call", ["conv({}, 8{})", "depthwise({}{})", "maxpool({}, stride=2{})"])
@pytest.mark.parametrize("size", ["3x3x3", "3x3"])
def test_they_are_told(call: str, size: str, padding: str) -> None:
    text = f"network n {{ input 4 x 20 {call.format(size, padding)} }}"
    found = resdsl.check(text).diagnostics
    assert [one.code.id for one in found if one.severity == "error"] == ["E0503"]


@pytest.mark.parametrize("given", ["stride=2x2", "dilation=2x2"])
def test_so_are_steps(given: str) -> None:
    text = f'network n {{ input 4 x 20 conv(3, 8, {given}, padding="same") }}'
    assert [one.code.id for one in resdsl.check(text).diagnostics] == ["E0503"]
