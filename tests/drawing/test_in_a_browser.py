"""The gallery as Chromium shows it: no text over another, over an edge, or outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from docs.make_gallery import Figure, figures
from resdsl.drawing.render import render
from tests.drawing import browser, renderers

pytestmark = pytest.mark.full

FIGURES = list(figures())

_BOX = '<g class="node" id="{0}"><path d="M{1},{2}h{3}v{4}h-{3}z" fill="none"/></g>'
_TEXT = '<text x="{}" y="{}" font-size="10">{}</text>'


@pytest.fixture(scope="module", params=renderers.NAMES)
def known(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """All of one renderer in one page."""
    browser.chromium()
    program = renderers.found(request.param)
    folder = tmp_path_factory.mktemp("gallery")
    pictures = {
        figure.name: render(figure.draw(folder / f"{figure.name}.dot").decode(), "svg", program)
        for figure in FIGURES
    }
    return browser.measured(pictures, folder)


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_nothing_hides_anything(figure: Figure, known: dict[str, dict[str, Any]]) -> None:
    assert len(known[figure.name]["texts"]) > 5
    assert len(known[figure.name]["boxes"]) > 5
    assert browser.faults(known[figure.name]) == []


def test_what_would_be_told(tmp_path: Path) -> None:
    """That the check finds what it looks for."""
    inside = "".join(
        [
            _BOX.format("narrow", 10, 10, 20, 20),
            _BOX.format("outside", 90, 10, 20, 20),
            _TEXT.format(12, 25, "too long"),
            _TEXT.format(14, 28, "over it"),
            _TEXT.format(80, 70, "outside"),
            '<g class="edge"><path d="M5,50h200"/></g>',
        ]
    )
    svg = f'<svg viewBox="0 0 100 100" xmlns="http://www.w3.org/2000/svg">{inside}</svg>'
    found = browser.measured({"a": svg.encode()}, tmp_path)["a"]
    assert [one.split(":")[0] for one in browser.faults(found)] == [
        "`too long` overlaps `over it`",
        "`outside` leaves the picture",
        "`too long` crosses the edge of narrow",
        "`over it` crosses the edge of narrow",
        "a line leaves the picture",
        "outside leaves the picture",
    ]
