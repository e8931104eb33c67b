"""The examples run, from where a reader would start them. tests/training has those that train."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import resdsl
from tests.children import STRICT

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
APART = {EXAMPLES / name for name in ("degradation.py", "train.py", "two_processes.py")}
SCRIPTS = {*EXAMPLES.glob("*.py")} - APART


@pytest.mark.parametrize("path", sorted(SCRIPTS), ids=lambda path: path.name)
def test_script(path: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, *STRICT, str(path)],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.res")), ids=lambda path: path.name)
def test_spec(path: Path) -> None:
    report = resdsl.check(path)
    assert report.ok, report
    assert report.designs


def test_two_processes() -> None:
    """As the docs show it. torch warns of itself."""
    page = (ROOT / "docs" / "use-it-with.md").read_text(encoding="utf-8")
    command, shown = page.partition("```text\n")[2].partition("```")[0].split("\n", 1)
    python, *script = command.split()
    done = subprocess.run(
        [sys.executable, *script],
        cwd=ROOT,
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert python == "python"
    assert (done.returncode, done.stdout) == (0, shown), done.stderr
