"""docs/: listings are right, commands print what is shown, Python runs. In order, in one folder."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import resdsl
from tests.documents import ROOT, Block, blocks, said, shell

NAMES = [
    "coming-from.md",
    "drawing.md",
    "export.md",
    "json.md",
    "module.md",
    "saving.md",
    "tutorial.md",
    "two-outputs.md",
    "use-it-with.md",
    "weights.md",
]


@pytest.mark.parametrize("name", NAMES)
def test_followed(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    torchvision: ModuleType,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    space: dict[str, Any] = {}
    for block in blocks((ROOT / "docs" / name).read_text(encoding="utf-8")):
        match block.language:
            case "res":
                _spec(block, tmp_path)
            case "console":
                command, _, expected = block.text.partition("\n")
                assert shell(command, tmp_path) == expected
            case "python":
                exec(compile(block.text, name, "exec"), space)
                out = capsys.readouterr().out.splitlines()
                assert [line for line in out if line in said(block.text)] == said(block.text)
            case other:
                assert other in ("", "yaml", "text"), other


def _spec(block: Block, folder: Path) -> None:
    """A text by itself is right; one that is a file is looked at by the commands below it."""
    if block.file is not None:
        (folder / block.file).write_text(block.text, encoding="utf-8")
        return
    report = resdsl.check(block.text)
    assert report.ok, report


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_links(path: Path) -> None:
    for target in re.findall(r"\]\(([\w./-]+)(?:#[\w-]+)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target
