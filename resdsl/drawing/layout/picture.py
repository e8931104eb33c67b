"""A picture before it is DOT: laid out by us, or what is left to dot's own layout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from resdsl.drawing.layout import pinned
from resdsl.drawing.layout.canvas import Canvas
from resdsl.drawing.layout.fitting import fitted
from resdsl.drawing.layout.theme import ThemeName


@dataclass(frozen=True)
class Picture:
    """`boxes` is how many a renderer has to place, known before the rest is made."""

    boxes: int
    lay_out: Callable[[], Canvas]
    # Known once it is laid out.
    note: Callable[[], str] = field(default=str, kw_only=True)

    @cached_property
    def canvas(self) -> Canvas:
        return self.lay_out()

    @property
    def notes(self) -> tuple[str, ...]:
        """What its reader should know of how it was made."""
        note = self.note()
        return (note,) if note else ()

    def dot(self, theme: ThemeName = "light", width: float | None = None) -> str:
        """As DOT, `width` points wide if that is said. Raises FigureError."""
        if width is None:
            return pinned.dot(self.canvas, theme)
        canvas, scale = fitted(self.canvas, width)
        return pinned.dot(canvas, theme, scale)


@dataclass(frozen=True)
class Unplaced(Picture):
    """One whose places dot chooses. `write` makes the DOT text in a theme."""

    write: Callable[[ThemeName], str]
    why: str
    # Over how many rows its lines reach, all together: what dot takes its time for.
    reach: int

    @property
    def notes(self) -> tuple[str, ...]:
        return (self.why,)

    def dot(self, theme: ThemeName = "light", width: float | None = None) -> str:  # noqa: ARG002
        return self.write(theme)
