"""torch warns at its import if NumPy is not there; a command and a `load` of ours do not.

In child processes in which NumPy cannot be found, installed or not.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.zoo.families import full

WITHOUT_NUMPY = """\
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "numpy":
            raise ModuleNotFoundError("No module named 'numpy'", name="numpy")

sys.meta_path.insert(0, Absent())
"""
REMARK = "Failed to initialize NumPy: No module named 'numpy'"
TEXT = "network tiny { input 1 x 4 x 4 conv(3, 2) }"


def said(script: str, folder: Path, *options: str) -> str:
    """What a script says on stderr where there is no NumPy."""
    (folder / "tiny.res").write_text(TEXT)
    found = subprocess.run(
        [sys.executable, *options, "-c", WITHOUT_NUMPY + script],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert found.returncode == 0, found.stderr
    return found.stderr


@pytest.mark.parametrize(
    "script",
    [
        "from resdsl.cli.run import run; assert run(['compile', 'tiny.res']) == 0",
        pytest.param("import resdsl; resdsl.load('tiny.res', seed=0)", marks=full),
        "import resdsl.importer, tiny; tiny.tiny()",
    ],
    ids=["command", "load", "importer"],
)
def test_nothing_is_said_of_numpy(script: str, tmp_path: Path) -> None:
    assert said(script, tmp_path, "-W", "error") == ""


def test_who_imports_torch_first_is_told(tmp_path: Path) -> None:
    """Also the proof that these child processes are without NumPy."""
    script = "import torch, resdsl; resdsl.load('tiny.res', seed=0)"
    assert REMARK in said(script, tmp_path)
