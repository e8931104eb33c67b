"""Whole processes, from the command to its end: what a person waits for."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.case import ROOT, child
from tests.torchvision_operators import are_missing


def seconds(*arguments: str, cwd: Path = ROOT) -> float:
    start = time.perf_counter()
    child(*arguments, cwd=cwd)
    return time.perf_counter() - start


def process(*arguments: str, cwd: Path = ROOT) -> Callable[[], float]:
    return lambda: seconds(*arguments, cwd=cwd)


def with_torchvision(script: str) -> str:
    """A script that may import torchvision, its operators declared where this torch lacks them."""
    if not are_missing():
        return script
    return f"from tests.torchvision_operators import declare\ndeclare()\n{script}"
