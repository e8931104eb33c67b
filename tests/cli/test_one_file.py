"""Every command takes a file of weights with its design for a spec."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import resdsl as package
from tests.api.test_one_file import SMALL

from .conftest import Resdsl


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return package.save(package.load(SMALL), tmp_path / "m.safetensors")


def test_commands_read_it(saved: Path, resdsl: Resdsl) -> None:
    for words in (["check"], ["show"], ["show", "--json"], ["compile", "-o", "out.py"]):
        done = resdsl(words[0], str(saved), *words[1:])
        assert (done.status, done.err) == (0, "")
    assert resdsl("draw", str(saved), "-o", "f.dot").status == 0
    done = resdsl("compile", str(saved), "-o", "out.json")
    assert json.loads(Path("out.json").read_text())["network"]["name"] == "small"
