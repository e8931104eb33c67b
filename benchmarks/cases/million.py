"""A stage of a million blocks against one of three: the price is that of the text."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from benchmarks.case import Case

SPEC = """network deep {{
    input 3 x {size}
    conv1: conv(7, 64, stride=2) bn1: norm relu: act maxpool: maxpool(3, stride=2)
    stage layer1: bottleneck(64) x {n}
    avgpool: global_avgpool flatten fc: linear(1000)
}}
"""
# One check takes some milliseconds.
CHECKS = 10


def checks(n: int, size: str = "224 x 224") -> Callable[[], float]:
    def sample() -> float:
        import resdsl

        start = time.perf_counter()
        for _ in range(CHECKS):
            report = resdsl.check(SPEC.format(n=n, size=size))
            assert report.ok, str(report)
            assert report.designs[0].sizes().min_input == 1
        return (time.perf_counter() - start) / CHECKS

    return sample


def cases() -> Iterator[Case]:
    yield Case(
        "check of 1,000,000 blocks against 3",
        checks(1_000_000),
        checks(3),
        most=1.5,
        note="in one process that has imported resdsl: start-up would hide a difference",
    )
    yield Case(
        "the same with a free input, `3 x H x W`",
        checks(1_000_000, "H x W"),
        checks(3, "H x W"),
        most=1.5,
        note="valid sizes included, which are proved for every H and W",
    )
