"""What a benchmark is: two contestants, a number each per round, and a goal for their ratio."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Case:
    """`ours` and `theirs` each take one sample; the goal is for median(ours) / median(theirs).

    Where nobody else does the same `theirs` is None, and the goal is for median(ours).

    `unit` is `s` or `MB`. `note` says what is measured, and what is not.
    """

    name: str
    ours: Callable[[], float]
    theirs: Callable[[], float] | None
    most: float
    least: float = 0.0
    unit: str = "s"
    note: str = ""


def environment() -> dict[str, str]:
    """Of a child process: resdsl from here, its bytecode used, the same tools for everyone."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", "NO_COLOR": "1"}


def child(*arguments: str, cwd: Path = ROOT) -> str:
    """The output of a Python process; its errors end the run."""
    found = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        raise SystemExit(f"{' '.join(arguments)[:200]}\n{found.stdout}{found.stderr}")
    return found.stdout


def reported(script: str, *arguments: str) -> dict[str, float]:
    """What a script prints as JSON in its last line."""
    numbers: dict[str, float] = json.loads(child("-c", script, *arguments).splitlines()[-1])
    return numbers
