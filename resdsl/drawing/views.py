"""The figures there are, by what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

from resdsl.analysis.facts import Facts
from resdsl.design.model import Join
from resdsl.drawing.layout.fitting import points
from resdsl.drawing.layout.picture import Picture
from resdsl.drawing.layout.theme import ThemeName
from resdsl.drawing.refusal import FigureError
from resdsl.records import dataclass

View: TypeAlias = Literal["overview", "column", "detail", "block", "beside"]
VIEWS: tuple[View, ...] = get_args(View)
# Joins without which a network is no U.
_LEVELS = 2
THEME_NAMES: tuple[ThemeName, ...] = get_args(ThemeName)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a figure shows and how.

    `overview` is the U of a network whose kept tensors nest, else the column.
    `view` None is `block` where there are `blocks`, `beside` where there are others beside, else
    the overview. `width` is `84mm`, `3.3in`, `240pt`. `title` and `legend` None: where the view has
    one by itself.
    """

    view: View | None = None
    blocks: Sequence[str] = ()
    beside: Sequence[Facts] = ()
    captions: Sequence[str] = ()
    width: str | None = None
    title: bool = True
    legend: bool | None = None
    theme: ThemeName = "light"

    @property
    def chosen(self) -> View:
        if self.view is not None:
            return self.view
        return "block" if self.blocks else "beside" if self.beside else "overview"


def picture(known: Facts, wanted: Wanted) -> Picture:
    """The figure of a network. Raises FigureError."""
    _check(wanted)
    match wanted.chosen:
        case "block":
            from resdsl.drawing.figures.blocks import blocks

            networks = (known, *wanted.beside)
            return blocks(
                networks, wanted.blocks, wanted.captions, _width(wanted), title=wanted.title
            )
        case "beside":
            from resdsl.drawing.side_by_side.beside import beside

            return beside((known, *wanted.beside), legend=wanted.legend is not False)
        case "detail":
            from resdsl.drawing.figures.detail import detail

            return detail(known, title=wanted.title)
        case "overview":
            return _u_shape(known, wanted) or column(known, wanted)
        case "column":
            return column(known, wanted)


def _u_shape(known: Facts, wanted: Wanted) -> Picture | None:
    """Of a network whose own body joins kept tensors again and again."""
    if sum(isinstance(step, Join) for step in known.network.root.body.steps) < _LEVELS:
        return None
    from resdsl.drawing.u.u_shape import u_shape

    return u_shape(known, **_around(wanted), width=_width(wanted))


def column(known: Facts, wanted: Wanted) -> Picture:
    """The stages below each other, and the table beside them."""
    from resdsl.drawing.column.overview import overview

    return overview(known, **_around(wanted), width=_width(wanted))


def _width(wanted: Wanted) -> float | None:
    return None if wanted.width is None else points(wanted.width)


def _around(wanted: Wanted) -> dict[str, bool]:
    return {"title": wanted.title, "legend": wanted.legend is not False}


def _check(wanted: Wanted) -> None:
    """Python's callers hand in anything."""
    view = wanted.chosen
    if view not in VIEWS:
        raise FigureError(f"{view} is not a view: {', '.join(VIEWS)}")
    if wanted.theme not in THEME_NAMES:
        raise FigureError(f"{wanted.theme} is not a theme: {', '.join(THEME_NAMES)}")
    for word, texts in (("block", wanted.blocks), ("caption", wanted.captions)):
        for text in texts:
            if not isinstance(text, str):
                raise FigureError(f"a {word} is a text, and {text!r:.60} is none")
    if view == "block" and not wanted.blocks:
        raise FigureError("which block? a module's path (`layer1.1`) or a definition's name")
    if view != "block" and wanted.blocks:
        raise FigureError(f"blocks are drawn by themselves, and not as {view}")
    if view not in ("block", "beside") and wanted.beside:
        raise FigureError(f"networks beside each other have no {view}")
    if wanted.captions and view != "block":
        raise FigureError("captions stand below blocks")
    if wanted.legend and view == "block":
        raise FigureError("figures of blocks have no legend: their boxes say what they are")
    if wanted.width is not None:
        points(wanted.width)
