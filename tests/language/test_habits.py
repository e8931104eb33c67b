"""Habits of other languages and libraries, one at a time: each is told once, and where it is.

`tests/golden/habits/base.res` is right. `changes.txt` has pieces of it, and below each what people
write for it; `\\n` is the end of a line. What is said of a kind of mistake is in golden/errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.language.test_golden_errors import diagnosed_text

HABITS = Path(__file__).parent.parent / "golden" / "habits"
BASE = (HABITS / "base.res").read_text(encoding="utf-8")


def changes() -> Iterator[tuple[str, str]]:
    """What is right, and what is written."""
    right = ""
    for line in (HABITS / "changes.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("    "):
            yield right, line[4:].replace("\\n", "\n")
        else:
            right = line.replace("\\n", "\n")


CHANGES = list(changes())


def test_the_base_is_right() -> None:
    assert len(CHANGES) > 200
    assert diagnosed_text(BASE, HABITS / "base.res").diagnostics == []
    assert [right for right, _ in CHANGES if right not in BASE] == []


@pytest.mark.parametrize(("right", "written"), CHANGES, ids=[written for _, written in CHANGES])
def test_one_mistake(right: str, written: str) -> None:
    before, _, after = BASE.partition(right)
    found = diagnosed_text(f"{before}{written}{after}", HABITS / "base.res").diagnostics
    assert [one.message for one in found] == [found[0].message]
    # A bracket that is missing at the end of a line is so before the next.
    first = before.count("\n") + 1
    assert found[0].span is not None
    assert first <= found[0].span.line <= first + written.count("\n") + 1
