"""Pieces of a block's box that branch: columns side by side, and the sign where they meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

from resdsl.drawing.column.block_content import Again, Piece, Stack
from resdsl.drawing.fragments.fragments import Fragment, Open
from resdsl.drawing.layout.canvas import Band, Box, Canvas, Dot, Item, Line, Point, Sign, Text
from resdsl.drawing.layout.fonts import room
from resdsl.records import dataclass

# Above and below columns; between them.
_BEND, _BESIDE = 11.0, 9.0
_RADIUS = 6.5
# A column that a value goes through as it is; three dots for copies that are not drawn.
_BARE, _LEFT_OUT = 10.0, 26.0
# How high three dots are with what stands above and below.
_COUNTED = 36.0
_SIGNS = frozenset("+-*|")
# A figure whose spine is not in its middle: from its top to where the line turns.
_ASIDE = 6.0


@dataclass(slots=True)
class Fan(Piece):
    """Pieces side by side, and the sign where they meet; None: the value goes on as it is.

    Behind the column `dots[0]` stand three dots and how many copies there are, `dots[1]`.
    """

    columns: Sequence[Piece | None]
    sign: str
    node: str
    dots: tuple[int, int] | None

    @property
    def begins(self) -> bool:
        return True

    @property
    def signs(self) -> tuple[str, ...]:
        columns = [column for column in self.columns if column is not None]
        return (self.sign, *(sign for column in columns for sign in column.signs))

    def draw(self, canvas: Canvas, x: float, y: float, look: str) -> None:
        top, foot = y + _BEND, y + self.height - 2 * _RADIUS - _BEND
        at, left = [], x - self.width / 2
        for number, column in enumerate(self.columns):
            width = _BARE if column is None else column.width
            at.append(left + width / 2)
            left += width + _BESIDE
            if self.dots is not None and self.dots[0] == number:
                self._leave_out(canvas, left + _LEFT_OUT / 2, (top + foot) / 2)
                left += _LEFT_OUT + _BESIDE
        bus, lower = y + _BEND / 2, foot + _BEND / 2

        def line(*points: tuple[float, float]) -> None:
            canvas.line(points, arrow=False, look=look, weight=0.9, radius=3.5)

        line((x, y), (x, bus))
        for number, (place, column) in enumerate(zip(at, self.columns, strict=True)):
            is_end = number in (0, len(at) - 1)
            begin = ((x, bus), (place, bus)) if is_end else ((place, bus),)
            end = ((place, lower), (x, lower)) if is_end else ((place, lower),)
            if column is None:
                line(*begin, *end)
                continue
            line(*begin, (place, top))
            column.draw(canvas, place, top, look)
            line((place, top + column.height), *end)
        line((x, lower), (x, foot + _BEND))
        put_sign(canvas, (x, foot + _BEND + _RADIUS), _RADIUS, self.sign, self.node)

    def _leave_out(self, canvas: Canvas, x: float, y: float) -> None:
        assert self.dots is not None
        for step in (-6, 0, 6):
            canvas.add(Dot(x + step, y, 1.3))
        canvas.add(Text(x, y - 11, f"{self.dots[1]}", 9, "middle", "text", True))
        canvas.add(Text(x, y + 10, "paths", 8.5))


@dataclass(slots=True)
class Past(Piece):
    """Two columns, of which one goes on as it is: a gate stands beside the spine, what is kept goes
    past what is made, at the left (`turn` −1) where a concatenation takes it first.
    """

    inner: Piece
    aside: float
    sign: str
    node: str
    is_gate: bool
    turn: int

    @property
    def begins(self) -> bool:
        return True

    @property
    def signs(self) -> tuple[str, ...]:
        return (self.sign, *self.inner.signs)

    def draw(self, canvas: Canvas, x: float, y: float, look: str) -> None:
        beside, top = x + self.turn * self.aside, y + _BEND
        foot, middle = top + self.inner.height, y + self.height - _RADIUS
        busy, bare = (beside, x) if self.is_gate else (x, beside)

        def line(*points: tuple[float, float]) -> None:
            canvas.line(points, arrow=False, look=look, weight=0.9, radius=3.5)

        canvas.add(Dot(x, y + 4, 1.5, look))
        self.inner.draw(canvas, busy, top, look)
        entry, end = (beside, middle), (x + self.turn * sign_reach(self.sign, _RADIUS), middle)
        line((x, y), (x, middle - _RADIUS) if self.is_gate else (x, top))
        if self.is_gate:
            line((x, y + 4), (busy, y + 4), (busy, top))
            line((busy, foot), entry, end)
        else:
            line((x, y + 4), (bare, y + 4), entry, end)
            line((x, foot), (x, middle - _RADIUS))
        put_sign(canvas, (x, middle), _RADIUS, self.sign, self.node)


@dataclass(slots=True)
class Inset(Piece):
    """A small figure: a sum of products has no simpler one.

    `is_led` and `is_left` say whether one line leads into it and out of it: else what enters or
    leaves stands there by its name.
    """

    fragment: Fragment
    meeting: tuple[str, ...]
    is_named: bool
    is_led: bool = True
    is_left: bool = True

    @property
    def begins(self) -> bool:
        return self.is_led

    @property
    def ends(self) -> bool:
        return self.is_left

    @property
    def signs(self) -> tuple[str, ...]:
        return self.meeting

    def draw(self, canvas: Canvas, x: float, y: float, _: str) -> None:
        middle, foot = x + (self.fragment.left - self.fragment.right) / 2, y + self.height
        above = Open("", ((x, y), (x, y + _ASIDE), (middle, y + _ASIDE)))
        figure = canvas if self.is_named else Canvas()
        top = y + 2 * _ASIDE if self.is_led else y
        below = self.fragment.draw(figure, middle, top, above)
        if self.is_left:
            below = below.to((middle, foot - _ASIDE), (x, foot - _ASIDE))
            below.end(figure, (x, foot), "", arrow=False)
        if not self.is_named:
            canvas.add(*map(_without_names, figure.items))


def fan(
    columns: Sequence[Piece | None], sign: str, node: str, dots: tuple[int, int] | None = None
) -> Fan:
    widths = [_BARE if column is None else column.width for column in columns]
    width = sum(widths) + _BESIDE * (len(widths) - 1) + (_LEFT_OUT + _BESIDE if dots else 0)
    least = _COUNTED if dots else 12.0
    inner = max((column.height for column in columns if column is not None), default=least)
    inner = max(inner, least)
    return Fan(width, inner + 2 * _BEND + 2 * _RADIUS, columns, sign, node, dots)


def past(inner: Piece, sign: str, node: str, *, is_gate: bool, turn: int) -> Past:
    aside = inner.width / 2 + _BESIDE
    reach = aside + (inner.width / 2 if is_gate else 2.0)
    high = _BEND + inner.height + (7.0 if is_gate else _BEND) + (1 if is_gate else 2) * _RADIUS
    return Past(2 * reach, high, inner, aside, sign, node, is_gate, turn)


def inset(
    fragment: Fragment, signs: Sequence[str], *, is_led: bool = True, is_left: bool = True
) -> Inset:
    width, height = fragment.left + fragment.right + 8, fragment.height
    height += 2 * _ASIDE * (is_led + is_left)
    return Inset(width, height, fragment, tuple(signs), True, is_led, is_left)


def unnamed(piece: Piece) -> Piece:
    """The same of another copy, whose signs have no names of their own."""
    match piece:
        case Stack():
            return replace(piece, parts=[unnamed(part) for part in piece.parts])
        case Again():
            return replace(piece, inner=unnamed(piece.inner))
        case Past():
            return replace(piece, inner=unnamed(piece.inner), node="")
        case Fan():
            columns = [column and unnamed(column) for column in piece.columns]
            return replace(piece, columns=columns, node="")
        case Inset():
            return replace(piece, is_named=False)
        case _:
            return piece


def _without_names(item: Item) -> Item:
    match item:
        case Box() | Sign() | Band():
            return replace(item, node="")
        case Line():
            return replace(item, tail="", head="")
        case _:
            return item


def put_sign(canvas: Canvas, at: Point, radius: float, sign: str, node: str, tip: str = "") -> None:
    """A sign where tensors meet; a word, of which a circle has no room, in a box as high."""
    if sign in _SIGNS:
        canvas.add(Sign(*at, radius, sign, node, tip))
        return
    width = 2 * sign_reach(sign, radius)
    canvas.add(Box(*at, width, 2 * round(radius), "other", sign, radius + 1.5, node=node, tip=tip))


def sign_reach(sign: str, radius: float) -> float:
    """From its middle to its sides."""
    return radius if sign in _SIGNS else float(ceil(room(sign, radius + 1.5) / 2))
