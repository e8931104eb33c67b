"""What stands in a block's box: a paper's bracketed rows; side by side where a block branches."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from resdsl.drawing.layout.canvas import Canvas, Line, Text
from resdsl.drawing.layout.fonts import room, text_width
from resdsl.records import dataclass

# The size of rows, and the height of one: on the spine, and in the columns of a fan.
LARGE, SMALL = (11.0, 14.5), (9.5, 12.5)
# Between what stands below each other; how far a bracket's ends reach.
_GAP, _BRACKET = 9.0, 4.0


@dataclass(slots=True)
class Piece:
    """Something that a value goes through from its top to its foot, in the middle."""

    width: float
    height: float

    @property
    def begins(self) -> bool:
        """Whether a line enters it at its top: a bracket's rows need none."""
        return False

    @property
    def ends(self) -> bool:
        return self.begins

    @property
    def signs(self) -> tuple[str, ...]:
        """Where tensors meet in it."""
        return ()

    @abstractmethod
    def draw(self, canvas: Canvas, x: float, y: float, look: str) -> None:
        """With its middle at `x`, from `y` down; brackets and lines in the ink of `look`."""


@dataclass(slots=True)
class Rows(Piece):
    """`[1×1, 64; 3×3, 64; 1×1, 256]`"""

    texts: tuple[str, ...]
    form: tuple[float, float]

    def draw(self, canvas: Canvas, x: float, y: float, look: str) -> None:
        size, line = self.form
        start = x - max(text_width(text, size) for text in self.texts) / 2
        for number, text in enumerate(self.texts):
            at = y + 2.5 + (number + 0.5) * line
            canvas.add(Text(start, at, text, size, "start", "text"))
        put_bracket(canvas, x, y, self.width, self.height, look)


@dataclass(slots=True)
class Stack(Piece):
    """Pieces below each other."""

    parts: Sequence[Piece]

    @property
    def begins(self) -> bool:
        return self.parts[0].begins

    @property
    def ends(self) -> bool:
        return self.parts[-1].ends

    @property
    def signs(self) -> tuple[str, ...]:
        return tuple(sign for part in self.parts for sign in part.signs)

    def draw(self, canvas: Canvas, x: float, y: float, look: str) -> None:
        for number, part in enumerate(self.parts):
            if number:
                canvas.add(Line(((x, y), (x, y + _GAP)), arrow=False, look=look))
                y += _GAP
            part.draw(canvas, x, y, look)
            y += part.height


@dataclass(slots=True)
class Again(Piece):
    """A piece several times in a row."""

    inner: Piece
    count: int
    is_bracketed: bool

    @property
    def signs(self) -> tuple[str, ...]:
        return self.inner.signs

    def draw(self, canvas: Canvas, x: float, y: float, look: str) -> None:
        self.inner.draw(canvas, x, y + (self.height - self.inner.height) / 2, look)
        half = self.inner.width / 2
        if self.is_bracketed:
            put_bracket(canvas, x, y, self.inner.width + 10, self.height, look)
            half += 5
        middle = y + self.height / 2
        canvas.add(Text(x + half + 5, middle, f"×{self.count}", 11, "start", look, True))


def rows(texts: Sequence[str], form: tuple[float, float] = LARGE) -> Rows:
    size, line = form
    width = max(room(text, size) for text in texts) + 2 * _BRACKET
    return Rows(width, len(texts) * line + 5, tuple(texts), form)


def stack(parts: Sequence[Piece]) -> Piece:
    if len(parts) == 1:
        return parts[0]
    height = sum(part.height for part in parts) + _GAP * (len(parts) - 1)
    return Stack(max(part.width for part in parts), height, parts)


def again(inner: Piece, count: int) -> Again:
    is_bracketed = not isinstance(inner, Rows)
    reach = 2 * (room(f"×{count}", 11, bold=True) + 5)
    extra = 10 if is_bracketed else 0
    return Again(
        inner.width + extra + reach, inner.height + (6 if extra else 0), inner, count, is_bracketed
    )


def put_bracket(canvas: Canvas, x: float, y: float, width: float, height: float, look: str) -> None:
    for side in (-1, 1):
        outer = x + side * width / 2
        inner = outer - side * _BRACKET
        points = ((inner, y), (outer, y), (outer, y + height), (inner, y + height))
        canvas.add(Line(points, arrow=False, look=look, weight=0.9, radius=0))
