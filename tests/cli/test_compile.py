"""`resdsl compile`: what it writes, where, and what it does not overwrite."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path

import pytest

from resdsl.targets import is_pristine

from .conftest import SMALL, Resdsl


def test_writes_the_module_and_says_so(resdsl: Resdsl, small: Path, tmp_path: Path) -> None:
    found = resdsl("compile", "small.res")
    assert (found.status, found.err) == (0, "")
    text = (tmp_path / "small.py").read_text()
    assert is_pristine(text)
    ast.parse(text)
    table, _, rest = found.out.partition("\n\nwrote ")
    assert table == resdsl("show", "small.res").out.rstrip("\n")
    assert rest.splitlines() == [
        "small.py",
        "built on the meta device: keys, shapes and output agree with the design",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["small.py", "small.res"]


def test_runs(resdsl: Resdsl, small: Path, tmp_path: Path) -> None:
    import torch

    resdsl("compile", "small.res", "--set", "classes=7")
    model = runpy.run_path(str(tmp_path / "small.py"))["small"]()
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 7)


@pytest.mark.parametrize("output", ["other.py", "folder", "folder/other.py"])
def test_output(resdsl: Resdsl, small: Path, tmp_path: Path, output: str) -> None:
    (tmp_path / "folder").mkdir()
    expected = output if output.endswith(".py") else f"{output}/small.py"
    found = resdsl("compile", "small.res", "-o", output)
    assert found.status == 0
    assert f"wrote {Path(expected)}\n" in found.out
    assert is_pristine((tmp_path / expected).read_text())


def test_standard_output(resdsl: Resdsl, small: Path, tmp_path: Path) -> None:
    resdsl("compile", "small.res")
    found = resdsl("compile", "small.res", "-o", "-")
    assert found.out == (tmp_path / "small.py").read_text()


def test_what_is_as_we_wrote_it_is_replaced(resdsl: Resdsl, small: Path, tmp_path: Path) -> None:
    resdsl("compile", "small.res")
    before = (tmp_path / "small.py").read_text()
    small.write_text(SMALL.replace("basic(32)", "basic(48)"))
    assert resdsl("compile", "small.res").status == 0
    assert (tmp_path / "small.py").read_text() != before


@pytest.mark.parametrize(
    "theirs", ["{}# mine\n", "print('mine')\n", "", "{}".replace("{}", "\x00")]
)
def test_what_somebody_wrote_is_kept(
    resdsl: Resdsl, small: Path, tmp_path: Path, theirs: str
) -> None:
    resdsl("compile", "small.res")
    path = tmp_path / "small.py"
    theirs = theirs.format(path.read_text()) if "{}" in theirs else theirs
    path.write_text(theirs)
    found = resdsl("compile", "small.res")
    assert found.status == 2
    assert found.err == (
        "error: small.py: was edited by hand, or not written by resdsl; "
        "--force overwrites it, -o names another file\n"
    )
    assert path.read_text() == theirs
    assert resdsl("compile", "small.res", "--force").status == 0
    assert is_pristine(path.read_text())


def test_links_are_followed(resdsl: Resdsl, small: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "small.py").symlink_to(tmp_path / "elsewhere" / "small.py")
    assert resdsl("compile", "small.res").status == 0
    assert (tmp_path / "small.py").is_symlink()
    assert is_pristine((tmp_path / "elsewhere" / "small.py").read_text())


def test_rights_stay(resdsl: Resdsl, small: Path, tmp_path: Path) -> None:
    resdsl("compile", "small.res")
    (tmp_path / "small.py").chmod(0o640)
    resdsl("compile", "small.res")
    assert (tmp_path / "small.py").stat().st_mode & 0o777 == 0o640


def test_warnings_are_shown(resdsl: Resdsl, small: Path) -> None:
    small.write_text(SMALL.replace("    conv1:", "    set dropout(p=0.1)\n    conv1:"))
    found = resdsl("compile", "small.res")
    assert found.status == 0
    assert "warning[W1001]" in found.err


def test_a_million_blocks(resdsl: Resdsl, small: Path) -> None:
    small.write_text(SMALL.replace("x 2", "x 1_000_000").replace("depth == 6", "params > 0"))
    found = resdsl("compile", "small.res")
    assert found.status == 0
    assert "the first two and the last of each repetition" in found.out


def test_the_spec_itself_is_never_overwritten(resdsl: Resdsl, tmp_path: Path) -> None:
    """Not even with --force, and not through a link."""
    text = "network a { input 3 x 8 x 8 conv(3, 8) }\n"
    spec = tmp_path / "a.res"
    spec.write_text(text)
    for name, command in (("l.py", "compile"), ("l.svg", "draw"), ("l.dot", "draw")):
        (tmp_path / name).symlink_to(spec)
        found = resdsl(command, "a.res", "-o", name, "--force")
        assert (found.status, found.out) == (2, "")
        assert "is the spec itself" in found.err
        assert spec.read_text() == text
    assert resdsl("compile", "a.res", "-o", "a.json").status == 0
    assert resdsl("compile", "a.json", "-o", "a.json").status == 0
