"""Every command and every listing of README.md, as a reader would try them, in order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import resdsl
from tests import documents
from tests.documents import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


BLOCKS = documents.blocks(TEXT)


def blocks(language: str) -> list[documents.Block]:
    return [block for block in BLOCKS if block.language == language]


def test_the_pictures_are_of_the_gallery() -> None:
    """tests/drawing/test_gallery.py says whether they are what is drawn now."""
    shown = re.findall(r'<img src="(docs/gallery/[\w-]+\.svg)"', TEXT)
    assert len(shown) == 3
    assert all((ROOT / path).exists() for path in shown)


def test_every_block_is_known() -> None:
    assert len(BLOCKS) * 2 == TEXT.count("```")
    assert {block.language for block in BLOCKS} == {"", "res", "console", "python"}


def test_specs() -> None:
    """The first is the zoo's file; the other ones have the mistakes that are shown below them."""
    first, *_ = blocks("res")
    assert first.text in (ROOT / "specs" / "resnet152.res").read_text(encoding="utf-8")


def test_set_up() -> None:
    """`.ci/run` runs the two commands; here is only that they are the same."""
    (block,) = blocks("")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for line in block.text.splitlines():
        assert line in script
        for command in line.split(" && "):
            plain = command.replace("pip install", "pip install --quiet")
            assert f"\n{plain}\n" in script


def test_cut_of_the_module() -> None:
    cut = next(block for block in blocks("python") if block.text.startswith("class"))
    assert cut.text in resdsl.design("resnet152").source()


def test_console(tmp_path: Path) -> None:
    """Each command prints what is shown: stderr where it stands, here in front."""
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    for block in BLOCKS:
        if block.language == "res" and block.file:
            (tmp_path / block.file).write_text(block.text, encoding="utf-8")
        if block.language == "console":
            command, _, expected = block.text.partition("\n")
            assert documents.shell(command, tmp_path) == expected


def test_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It runs, and prints what its comments say."""
    monkeypatch.chdir(tmp_path)
    (block,) = (block for block in blocks("python") if block.text.startswith("import resdsl"))
    exec(compile(block.text, "README.md", "exec"), {})
    out = capsys.readouterr().out.splitlines()
    said = documents.said(block.text)
    assert said
    assert out[: len(said)] == said
    assert {path.name for path in tmp_path.iterdir()} == {
        "block.svg",
        "resnet50.svg",
        "resnet50.py",
    }


def test_commands_in_the_table_are_those_there_are() -> None:
    from resdsl.cli.group import COMMANDS

    rows = re.findall(r"^\| `resdsl (\w+)", TEXT, re.MULTILINE)
    assert rows == list(COMMANDS)


@pytest.mark.parametrize("name", sorted(re.findall(r"`((?:docs|examples)/[\w./]*)`", TEXT)))
def test_paths(name: str) -> None:
    assert (ROOT / name).exists()
