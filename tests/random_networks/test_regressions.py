"""What random networks have found, each in its smallest text."""

from __future__ import annotations

import pytest

from tests.language.elaboration import body_codes
from tests.random_networks.checking import examine


@pytest.mark.parametrize(
    "steps",
    [
        # What a repeated group reads from outside is not each copy's own input.
        "input 3 x 8 conv(3, 4) keep a { conv(3, 4) join a + here } x 3",
        "input 3 x 8 x 8 { conv(3, 3) join in + here } x 4",
        "input 3 x 8 { join max(in, here) - 2 } x 2",
        "input 3 x 8 keep s0 { relu join s[0] * 2 + here } x 3",
        "input 3 x 8 stage a: residual { conv(3, 3) join here * in } x 3",
        "input 3 x 8 { conv(1, 4 + index) join in norm } x 3",
        "input 3 x 8 keep a { { relu join a + here } x 2 conv(1, 3) } x 3",
        # A group that ends with a tensor from outside has a value of its own.
        "input 8 x 5 { conv(3, 1) { join in } } x 2",
        "input 1 x 5 { { join in } conv(3, 8) } x 3",
        "input 3 x 5 conv(3, 4) keep a fork { p: { join in } q: { relu join a norm } x 2 } "
        "join concat(p, q)",
    ],
)
def test_network(steps: str) -> None:
    outcome = examine(f"network net {{ {steps} }}")
    assert outcome.failures == []
    assert outcome.networks == 1


@pytest.mark.parametrize("label", ["__class__", "__init__", "__call__", "__foo__"])
def test_labels_that_python_has_taken(label: str) -> None:
    assert body_codes(f"{label}: relu") == ["E0205"]


@pytest.mark.parametrize("label", ["_", "__a", "a__", "_0"])
def test_labels_with_underscores(label: str) -> None:
    assert body_codes(f"{label}: relu") == []
