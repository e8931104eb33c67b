"""What warnings of even windows cost."""

from __future__ import annotations

import pytest

import resdsl
from resdsl.analysis.advisor import Advisor


def test_what_is_around_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    runs = Advisor.runs

    def counted(self, definition):  # type: ignore[no-untyped-def]
        nonlocal asked
        asked += 1
        return runs(self, definition)

    monkeypatch.setattr(Advisor, "runs", counted)
    counts = []
    for windows in (2, 20):
        asked = 0
        steps = "pad(1, 2) conv(4, 8) " * windows
        assert not resdsl.check(f"network n {{ input 8 x 9 x 9 {steps} }}").diagnostics
        counts.append(asked)
    assert counts[0] == counts[1]
