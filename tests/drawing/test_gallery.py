"""The figures of docs/gallery.md: what their commands draw now, laid out as figures should be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.make_gallery import FOLDER, MADE_FROM, PAGE, Figure, figures
from resdsl.drawing.layout import pinned
from resdsl.drawing.layout.canvas import Canvas
from tests.drawing.geometry import problems

FIGURES = list(figures())


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_it_is_not_stale(
    figure: Figure,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """If this fails: `python docs/make_gallery.py`, and look at what is another."""
    drawn: list[Canvas] = []
    write = pinned.dot

    def dot(canvas: Canvas, theme: str = "light", scale: float = 1.0) -> str:
        drawn.append(canvas)
        return write(canvas, theme, scale)

    monkeypatch.setattr(pinned, "dot", dot)
    line = figure.made_from(tmp_path)
    assert line in MADE_FROM.read_text(encoding="utf-8").splitlines()
    assert capsys.readouterr().err == "", "dot chooses no places"
    (canvas,) = drawn
    assert problems(canvas) == []


def test_each_is_shown_below_its_command() -> None:
    text = PAGE.read_text(encoding="utf-8")
    names = [figure.name for figure in FIGURES]
    assert len(set(names)) == len(names) >= 13
    assert re.findall(r"^!\[[^]]+\]\(gallery/(.*)\.svg\)$", text, re.MULTILINE) == names
    files = {path.name for path in FOLDER.iterdir()}
    assert files == {MADE_FROM.name, *(f"{name}.svg" for name in names)}
    assert [line.split()[2] for line in MADE_FROM.read_text().splitlines()] == names
