"""Flat networks: what a check costs grows with the steps of the text, and no faster."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from benchmarks.case import Case

if TYPE_CHECKING:
    import resdsl

STEPS = (10_000, 20_000, 40_000)
# As people write them: bare, labelled, kept and joined, in a residual.
PART = """conv(3, 8) norm act
conv{i}: conv(3, 8)
keep k{i} conv(3, 8) join here + k{i}
residual {{ conv(3, 8) norm }}
act
"""
STEPS_OF_PART = 11


def text(steps: int) -> str:
    parts = "".join(PART.format(i=i) for i in range(steps // STEPS_OF_PART))
    return f"network flat {{\ninput 8 x 32 x 32\n{parts}}}\n"


def check(steps: int) -> Callable[[], float]:
    spec = text(steps)

    def sample() -> float:
        import resdsl

        start = time.perf_counter()
        report = resdsl.check(spec)
        assert report.ok, str(report)
        return time.perf_counter() - start

    return sample


def source(steps: int) -> Callable[[], float]:
    made: list[resdsl.Design] = []

    def sample() -> float:
        import resdsl
        from resdsl.api import emission

        if not made:
            made.append(resdsl.design(text(steps)))
        start = time.perf_counter()
        emission.source(made[0].network)
        return time.perf_counter() - start

    return sample


def cases() -> Iterator[Case]:
    short, middle, long = STEPS
    for steps, fewer in ((middle, short), (long, middle)):
        yield Case(
            f"check of a flat network of {steps:,} steps against {fewer:,}",
            check(steps),
            check(fewer),
            most=2.3,
            note="in one process that has imported resdsl: twice the steps, twice the time",
        )
    yield Case(
        f"the text of its module, of {middle:,} steps against {short:,}",
        source(middle),
        source(short),
        most=2.3,
        note="of a design that was checked before",
    )
