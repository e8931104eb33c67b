"""Renderers and files."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from resdsl.analysis.facts import facts
from resdsl.design.network import Network
from resdsl.diagnostics.exception import SpecError
from resdsl.drawing import picture_files
from resdsl.drawing.render import MissingRenderer, RendererError, find_renderer, render
from resdsl.drawing.stamp import stamped
from resdsl.drawing.views import Wanted
from resdsl.outputs import OutputError
from tests.zoo.families import every

Networks = Callable[..., Network]


def draw(network: Network, *arguments: Any, **named: Any) -> bytes:
    return picture_files.draw(facts(network), *arguments, **named)


TEXT = "network n { input 3 x 8 x 8 conv(3, 8) }\n"


def program(folder: Path, name: str, body: str) -> Path:
    """An executable that runs a few lines of Python."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No renderer but what the folder that this is holds."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("RESDSL_DOT", raising=False)
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(folder))
    return folder


def test_pictures(network: Networks, tmp_path: Path) -> None:
    assert find_renderer() is not None, "the extra `test` has graphviz-pure"
    draw(network("resnet18"), tmp_path / "a.svg")
    draw(network("resnet18"), tmp_path / "a.png")
    assert "<svg" in (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.svg"]


def test_dot_needs_no_renderer(network: Networks, tmp_path: Path, alone: Path) -> None:
    content = draw(network(TEXT), tmp_path / "n.dot")
    assert (tmp_path / "n.dot").read_bytes() == content
    assert content.startswith(b"digraph")


def test_without_a_renderer_the_text_is_written(
    network: Networks, tmp_path: Path, alone: Path
) -> None:
    with pytest.raises(MissingRenderer, match=r"apt install graphviz.*resdsl\[draw\]") as caught:
        draw(network(TEXT), tmp_path / "n.svg")
    assert caught.value.written == (tmp_path / "n.dot",)
    assert (tmp_path / "n.dot").exists() and not (tmp_path / "n.svg").exists()


def test_the_order_of_renderers(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_renderer() is None
    pure = program(alone, "graphviz-pure", "")
    found = find_renderer()
    assert found is not None and found.path == str(pure) and not found.makes_pdf
    dot = program(alone, "dot", "")
    found = find_renderer()
    assert found is not None and found.path == str(dot) and found.makes_pdf
    own = program(alone, "own", "")
    monkeypatch.setenv("RESDSL_DOT", str(own))
    found = find_renderer()
    assert found is not None and found.path == str(own)
    monkeypatch.setenv("RESDSL_DOT", str(alone / "missing"))
    with pytest.raises(MissingRenderer, match=r"RESDSL_DOT is .*missing"):
        find_renderer()


def test_arguments_and_input(network: Networks, tmp_path: Path, alone: Path) -> None:
    told = "sys.argv[1:], len(sys.stdin.buffer.read()) > 100"
    program(alone, "dot", f"print('%PDF-1.7', {told}, '%%EOF')")
    assert draw(network(TEXT), format="pdf").startswith(b"%PDF-1.7 ['-Tpdf'] True %%EOF\n% drawn")


def test_a_failure_shows_what_the_program_said(
    network: Networks, tmp_path: Path, alone: Path
) -> None:
    program(alone, "dot", "sys.exit('no such luck')")
    with pytest.raises(RendererError, match="no such luck"):
        draw(network(TEXT), tmp_path / "n.svg")
    assert list(tmp_path.iterdir()) == [alone]


def test_warnings_stay_unseen(
    network: Networks, alone: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program(alone, "dot", "print('Warning: fonts', file=sys.stderr); print('<svg/>')")
    assert draw(network(TEXT), format="svg").startswith(b"<svg/>\n<!-- drawn by resdsl ")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("format", ["svg", "png", "pdf"])
@pytest.mark.parametrize(
    "printed", ["rubbish", "<svg>", "%PDF-1.7 cut", "\\x89PNG", "<?xml ?><html/>"]
)
def test_a_program_that_prints_no_picture(
    network: Networks, tmp_path: Path, alone: Path, format: str, printed: str
) -> None:
    """And ends as if all were well: the picture that was there stays."""
    program(alone, "dot", f"print('{printed}')")
    target = tmp_path / f"n.{format}"
    target.write_bytes(stamped(b"the old one", format))
    with pytest.raises(RendererError, match=f"made no {format.upper()}; it printed '"):
        draw(network(TEXT), target)
    assert target.read_bytes() == stamped(b"the old one", format)


@pytest.mark.parametrize("format", ["dot", "svg", "png"])
def test_only_our_own_drawings_are_replaced(network: Networks, tmp_path: Path, format: str) -> None:
    target = tmp_path / f"n.{format}"
    draw(network(TEXT), target)
    draw(network(TEXT.replace("8)", "9)")), target)
    ours = target.read_bytes()
    for change in (b"x" + ours, ours[:-1], ours.replace(b"d", b"e", 1), b"", b"somebody's"):
        target.write_bytes(change)
        with pytest.raises(OutputError, match=r"edited by hand.*force=True"):
            draw(network(TEXT), target)
        assert target.read_bytes() == change
    draw(network(TEXT), target, force=True)
    draw(network(TEXT), target)
    if format != "png":  # git may change the ends of lines
        target.write_bytes(target.read_bytes().replace(b"\n", b"\r\n"))
        draw(network(TEXT), target)


def test_the_mark_of_a_png_is_a_chunk_like_others(network: Networks, tmp_path: Path) -> None:
    PIL = pytest.importorskip("PIL.Image", reason="Pillow comes with torchvision")  # noqa: N806
    draw(network(TEXT), tmp_path / "n.png")
    with PIL.open(tmp_path / "n.png") as picture:
        picture.load()
        assert picture.text["Software"].startswith("drawn by resdsl (sha256 ")


def test_what_is_written_instead_loses_nothing(
    network: Networks, tmp_path: Path, alone: Path
) -> None:
    (tmp_path / "n.dot").write_text("digraph { mine }")
    with pytest.raises(OutputError, match=r"n\.dot: was edited by hand"):
        draw(network(TEXT), tmp_path / "n.svg")
    assert (tmp_path / "n.dot").read_text() == "digraph { mine }"


def test_a_time_limit(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resdsl.drawing.render.TIME_LIMIT", 0.2)
    program(alone, "dot", "import time; time.sleep(60)")
    renderer = find_renderer()
    assert renderer is not None
    with pytest.raises(RendererError, match="longer than"):
        render("digraph {}", "svg", renderer)


@pytest.mark.parametrize("format", every(3, ["svg", "png", "pdf"]))
def test_a_picture_of_so_many_boxes(
    network: Networks,
    tmp_path: Path,
    alone: Path,
    format: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Told before the picture is written or a renderer started, which would not end."""
    program(alone, "dot", "raise SystemExit('started')")
    steps = "".join(f"conv(3, 8) keep k{i} conv(3, 8) join here + k{i}\n" for i in range(600))
    many = network(f"network n {{ input 8 x 8 x 8\n{steps}}}\n")
    with monkeypatch.context() as patch:
        patch.setattr("resdsl.drawing.column.overview._Overview", None)
        with pytest.raises(SpecError, match="a picture of n has 2,401 boxes, and at most 2,000"):
            draw(many, tmp_path / f"n.{format}")
    assert draw(many, tmp_path / "n.dot").startswith(b"digraph")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["n.dot"]


def test_a_million_blocks_are_one_box(network: Networks) -> None:
    blocks = "residual { conv(3, 8) norm } x 1000000"
    assert draw(network(f"network n {{ input 8 x 8 x 8 {blocks} }}\n")).startswith(b"<?xml")


def test_pdf_needs_dot(network: Networks, tmp_path: Path, alone: Path) -> None:
    program(alone, "graphviz-pure", "print('<svg/>')")
    with pytest.raises(MissingRenderer, match="makes no PDF") as caught:
        draw(network(TEXT), tmp_path / "n.pdf")
    assert caught.value.written == (tmp_path / "n.dot", tmp_path / "n.svg")
    assert not (tmp_path / "n.pdf").exists()


def test_signs_that_graphviz_pure_lacks(alone: Path) -> None:
    program(alone, "graphviz-pure", "sys.stdout.buffer.write(sys.stdin.buffer.read())")
    renderer = find_renderer()
    assert renderer is not None
    assert renderer.spelled("⌈H/2⌉×⌊W/4⌋", "png") == "ceil(H/2)×floor(W/4)"
    assert render("<svg>⌈H/2⌉</svg>", "svg", renderer).decode() == "<svg>⌈H/2⌉</svg>"


def test_nothing_half_written(network: Networks, tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        draw(network(TEXT), tmp_path / "no" / "n.dot")
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_an_ordinary_one(network: Networks, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        draw(network(TEXT), tmp_path / "n.dot")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "n.dot").stat().st_mode) == 0o644


@pytest.mark.parametrize(
    "arguments",
    [{"format": "gif"}, {"wanted": Wanted(view="side")}],  # type: ignore[arg-type]
)
def test_unknown_formats_and_views(network: Networks, arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is not a"):
        draw(network(TEXT), **arguments)
