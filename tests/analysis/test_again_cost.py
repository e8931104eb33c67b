"""What is counted of a module whose first call nothing reads."""

from __future__ import annotations

import pytest

import resdsl


@pytest.mark.parametrize(
    "steps", ["conv(3, 8)", "i: { } conv(3, 8)", "i: { } conv(3, 8) act", "conv(3, 8) i: { }"]
)
def test_a_first_call_that_nothing_reads_costs_nothing(steps: str) -> None:
    text = f"network net {{ input 8 x 12 down: {{ {steps} }} join in reuse down }}"
    known = resdsl.design(text)
    assert (known.macs, known.activations) == (2304, 96)
