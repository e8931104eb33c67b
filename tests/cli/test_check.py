"""`resdsl check`: what it accepts, what it says, and its exit status."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from .conftest import SMALL, Resdsl

LIBRARY = "block unit(width: int) { conv(3, width) norm act }\n"
TWO = "network a { input 3 x 32 x 32 conv(3, 8) }\nnetwork b { input 3 x 32 x 32 conv(3, 8) }\n"
FAMILY = "network family(width: int) { input 3 x 32 x 32 conv(3, width) }\n"


def test_line(resdsl: Resdsl) -> None:
    found = resdsl("check", "resnet50")
    expected = "resnet50: ok, 25,557,032 params, 4.09 GMACs, valid for every H, W ≥ 1\n"
    assert (found.status, found.out, found.err) == (0, expected, "")


def test_every_network(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "two.res").write_text(TWO)
    found = resdsl("check", "two.res")
    assert found.status == 0
    assert [line.partition(":")[0] for line in found.out.splitlines()] == ["a", "b"]


def test_named_network(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "two.res").write_text(TWO)
    assert resdsl("check", "two.res", "--net", "b").out.startswith("b: ok")


def test_library(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "blocks.res").write_text(LIBRARY)
    found = resdsl("check", "blocks.res")
    assert (found.status, found.out) == (0, "blocks.res: ok, 1 definition and no network\n")


def test_mistake_in_a_library(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "blocks.res").write_text(LIBRARY.replace("norm", "nrom"))
    found = resdsl("check", "blocks.res")
    assert found.status == 1
    assert "did you mean `norm`?" in found.err


def test_family(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "family.res").write_text(FAMILY)
    found = resdsl("check", "family.res")
    assert (found.status, found.out) == (0, "family: ok, a family to be given width\n")


def test_folder(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "specs" / "below").mkdir(parents=True)
    (tmp_path / "specs" / ".hidden").mkdir()
    (tmp_path / "specs" / "below" / "small.res").write_text(SMALL)
    (tmp_path / "specs" / "blocks.res").write_text(LIBRARY)
    (tmp_path / "specs" / ".hidden" / "old.res").write_text("?")
    found = resdsl("check", "specs")
    assert found.status == 0
    assert [line.split(": ")[0] for line in found.out.splitlines()] == [
        str(Path("specs", "below", "small.res")),
        str(Path("specs", "blocks.res")),
    ]


def test_folder_without_specs(resdsl: Resdsl, tmp_path: Path) -> None:
    found = resdsl("check", ".")
    assert (found.status, found.err) == (2, "error: .: there is no .res file in this folder\n")


@pytest.mark.parametrize("form", ["\n", "\r\n", "\r\n\ufeff", "\t"])
def test_stdin(resdsl: Resdsl, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """Also with CRLF, a byte order mark, tabs."""
    text = (
        SMALL.replace("    ", form)
        if form == "\t"
        else SMALL.replace("\n", form[:2].strip("\ufeff"))
    )
    if form.endswith("\ufeff"):
        text = "\ufeff" + text
    stream = io.TextIOWrapper(io.BytesIO(text.encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    found = resdsl("check", "-")
    assert (found.status, found.err) == (0, "")
    assert found.out.startswith("small: ok, ")


def test_overrides_leave_contracts_alone(resdsl: Resdsl, small: Path) -> None:
    small.write_text(SMALL.replace("depth == 6", "macs == 1_000"))
    assert resdsl("check", "small.res").status == 1
    for option in (["--set", "classes=7"], ["--input", "3x16x16"]):
        found = resdsl("check", "small.res", *option)
        assert found.status == 0
        assert "its contracts were not checked" in found.out


def test_broken_contract(resdsl: Resdsl, small: Path) -> None:
    small.write_text(SMALL.replace("depth == 6", "depth == 7"))
    found = resdsl("check", "small.res")
    assert (found.status, found.out) == (1, "small: has errors\n")
    assert "error[E0601]" in found.err
    assert found.err.endswith("1 error\n")


def test_mistakes_of_all_files(resdsl: Resdsl, small: Path, tmp_path: Path) -> None:
    (tmp_path / "other.res").write_text(SMALL.replace("basic", "basci"))
    small.write_text(SMALL.replace("norm", "nrom"))
    found = resdsl("check", ".")
    assert found.status == 1
    assert "`basic`?" in found.err
    assert "`norm`?" in found.err


def test_zoo_instead_of_a_missing_file(resdsl: Resdsl) -> None:
    found = resdsl("check", "resnet18.res")
    assert found.status == 0
    assert found.err == "note: there is no resnet18.res; taking resnet18 of the zoo\n"
