"""A U-Net as in Ronneberger et al. 2015, Fig. 1: maps as bars, an arrow a step, skips drawn across.

The height of a bar is the logarithm of its extent, its width that of its channels. A map stands
under what it was pooled from.
"""

from __future__ import annotations

from resdsl.analysis.facts import Facts
from resdsl.design.titles import title as titled
from resdsl.drawing.column.branch_pieces import put_sign, sign_reach
from resdsl.drawing.layout.canvas import Anchor, Box, Canvas, Point, Text
from resdsl.drawing.layout.fitting import readable_at
from resdsl.drawing.layout.fonts import room, text_width
from resdsl.drawing.layout.picture import Picture
from resdsl.drawing.tables.numbers import costs
from resdsl.drawing.u.u_bars import (
    ASIDE,
    EXTENT,
    MARGIN,
    NUMBER,
    OVER,
    RADIUS,
    STEP,
    TOLD,
    WORD,
    Bar,
    Bars,
)
from resdsl.drawing.u.u_joins import Kept
from resdsl.drawing.u.u_legend import SHORT, Arrows
from resdsl.drawing.u.u_maps import Map
from resdsl.drawing.u.u_nest import Nest, nest

_TITLE, _SUBTITLE = 15.0, 10.5
_HEAVY, _KEPT = 1.5, 1.9
# What the name of a sign ends with.
_SIGN = ".join"
# Where the line of the title would stand that is not there.
_NO_TITLE = 2.0
# How long the head of an arrow is.
_HEAD = 9.0
# Of bars and of what is between them, until a figure is narrow enough.
_SCALES = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4)
_WORDS = {1: "signal", 2: "image", 3: "volume"}


def u_shape(
    known: Facts, *, title: bool = True, legend: bool = True, width: float | None = None
) -> Picture | None:
    """The U; None of a network in which keeps and joins do not nest.

    Its bars are as close as a `width`, in points, demands: letters stay as large as they are.
    """
    found = nest(known)
    if found is None:
        return None

    def lay_out() -> Canvas:
        for scale in _SCALES:
            canvas = _Drawing(known, found, title, legend, scale).canvas()
            if width is None or readable_at(canvas) <= width:
                break
        return canvas

    return Picture(len(found.maps), lay_out)


class _Drawing:
    def __init__(self, known: Facts, found: Nest, title: bool, legend: bool, scale: float) -> None:
        self.known = known
        self.has_title, self.has_legend = title, legend
        self.maps = found.maps
        self.levels = found.levels
        self.circles = {
            one.path + _SIGN for one in found.maps if one.kept and one.kept.sign in ("+", "*")
        }
        self.drawn = Canvas("u_shape")
        self.arrows = Arrows(self.maps[1:])
        words = ["", *map(self.arrows.word, self.maps[1:])]
        self.places = Bars(found, self._entering(), words, scale)
        self.bars = self.places.bars

    def canvas(self) -> Canvas:
        right = self.places.right
        if self.has_title:
            right = self._heading(right)
        self.places.lower(max((text.y for text in self.drawn.of(Text)), default=_NO_TITLE) - 29)
        for number in range(len(self.maps)):
            self._bar(number)
            self._arrow(number)
            kept = self.maps[number].kept
            if kept is not None:
                self._kept(number, kept)
        self._extents()
        self._ends()
        right, bottom = self._legend(right, self.places.foot + 30)
        # Words on the last line may stand beyond the last bar.
        ends = (
            t.x + text_width(t.text, t.size) for t in self.drawn.of(Text) if t.anchor == "start"
        )
        right = max(right, *(end + MARGIN / 2 for end in ends), 0.0)
        self.drawn.width = float(round(right))
        self.drawn.height = float(round(bottom))
        return self.drawn

    # --- what is drawn ----------------------------------------------------------------------------

    def _bar(self, number: int) -> None:
        one, bar = self.maps[number], self.bars[number]
        look = "map" if number else "bar"
        if one.kept and one.kept.is_copied:
            self._copy(one, one.kept, bar)
        self.drawn.add(
            Box(
                bar.x,
                bar.middle,
                bar.width,
                bar.height,
                look,
                node=one.path,
                tip=one.tip,
                plain=True,
            )
        )
        text, x, anchor = self.places.number(number, bar)
        self.drawn.add(Text(x, bar.top - 9, text, NUMBER, anchor, "text"))

    def _copy(self, one: Map, kept: Kept, bar: Bar) -> None:
        """The kept map beside the one that it is concatenated with."""
        self.drawn.add(
            Box(
                bar.beside,
                bar.middle,
                self.places.wide(kept.channels),
                bar.height,
                "copy",
                node=f"{one.path}.kept",
                tip=f"{self.maps[kept.source].path}, kept",
                count=0,
                plain=True,
            )
        )

    def _arrow(self, number: int) -> None:
        if not number:
            return
        one = self.maps[number]
        source = number - 1 if one.begins is None else one.begins
        bar, before = self.bars[number], self.bars[source]
        entry = self.arrows.of(one)
        is_met = one.kept is not None and not one.kept.is_copied
        at, head = (bar.beside, self._sign_name(number)) if is_met else (bar.x, one.path)
        points: list[Point]
        match one.does:
            case _ if one.begins is not None:
                # Over the heads between.
                up, down, ridge = before.right + STEP / 4, bar.left - ASIDE, bar.top - OVER
                high = before.top + round(before.height * 0.26)
                points = [(before.right, high), (up, high), (up, ridge), (down, ridge)]
                points += [(down, bar.middle), (bar.left, bar.middle)]
            case "down":
                points = [(bar.x, before.foot), (bar.x, bar.top)]
            case "up":
                end = bar.middle + RADIUS if is_met else bar.foot
                points = [(before.right, before.middle), (at, before.middle), (at, end)]
            case _:
                points = [(before.right, before.middle), (bar.left, bar.middle)]
        self._line(points, entry.look, tail=self.maps[source].path, head=head)
        # Beside the piece that ends at the bar, between the levels.
        (x, y), (to_x, to_y) = points[-2:]
        to_y = bar.foot if one.does == "up" else to_y
        is_level = one.does not in ("up", "down")
        here = one.kept.here if one.kept else ""
        if is_level:
            self._word((x + to_x - _HEAD) / 2, y + 10, here, "middle")
        elif is_met:
            self._word(x - 5, bar.middle + RADIUS + 14, here, "end")
        else:
            self._word(x + 5, to_y + 22, here, "start")
        text = self.arrows.word(one)
        if not text:
            return
        place = ((x + to_x) / 2, y - 9) if is_level else (x + 4, (y + to_y) / 2)
        anchor = "middle" if is_level else "start"
        self.drawn.add(Text(*place, text, NUMBER, anchor, "text", bold=True))  # type: ignore[arg-type]

    def _sign_name(self, number: int) -> str:
        return self.maps[number].path + _SIGN

    def _kept(self, number: int, kept: Kept) -> None:
        one, bar, source = self.maps[number], self.bars[number], self.bars[kept.source]
        head = f"{one.path}.kept" if kept.is_copied else self._sign_name(number)
        high, ridge = bar.top + round(bar.height * 0.26), bar.top - OVER
        end = (bar.left, high if kept.is_copied else bar.middle)
        points: list[Point]
        if number not in self.places.over:
            points = [(source.right, end[1]), end]
            self._word(end[0] - _HEAD, end[1] - 8, kept.word, "end")
        else:
            up = source.right + STEP / 4
            points = [(source.right, high), (up, high), (up, ridge)]
            if not kept.is_copied:
                points += [(bar.beside, ridge), (bar.beside, bar.middle - RADIUS)]
                self._word(bar.beside - 5, bar.middle - RADIUS - 8, kept.word, "end")
            elif kept.is_first:
                points += [(bar.left - 16, ridge), (bar.left - 16, high), end]
                self._word(bar.left - 22, ridge - 8, kept.word, "end")
            else:
                points += [(bar.beside, ridge), (bar.beside, bar.top)]
                self._word(bar.beside - 6, ridge - 8, kept.word, "end")
        self._line(points, "keep", tail=self.maps[kept.source].path, head=head)
        if not kept.is_copied:
            put_sign(self.drawn, (bar.beside, bar.middle), RADIUS, kept.sign, head)
            behind = bar.beside + sign_reach(kept.sign, RADIUS)
            after = [(behind, bar.middle), (bar.x - bar.width / 2, bar.middle)]
            self._line(after, "line", tail=head, head=one.path)
            self._word((behind + after[1][0] - _HEAD) / 2, bar.middle - 8, kept.after, "middle")

    def _word(self, x: float, y: float, text: str, anchor: Anchor) -> None:
        """What is done to a map on its way."""
        if text:
            size = WORD + (3 if text == "−" else 0)
            self.drawn.add(Text(x, y, text, size, anchor, "text"))

    def _line(self, points: list[Point], look: str, **ends: str) -> None:
        weight = _KEPT if look == "keep" else _HEAVY
        short = 0.0 if ends.get("head") in self.circles else SHORT
        points = [*points[:-1], _before(points[-2], points[-1], short)]
        self.drawn.line(points, look=look, weight=weight, radius=6.0, **ends)

    # --- words ------------------------------------------------------------------------------------

    def _extents(self) -> None:
        """Each level's at the left of its first map."""
        for level in self.levels:
            first = self.places.first(level)
            bar = self.bars[first]
            # An arrow may come from the left.
            y = bar.middle if self.maps[first].does in ("down", "enter") else bar.top + 6
            self.drawn.add(Text(bar.left - 12, y, level, EXTENT, "end"))

    def _ends(self) -> None:
        bar = self.bars[0]
        if len(self.maps) > 1 and self.maps[1].does == "down":
            self.drawn.add(Text(bar.left - 12, bar.middle + 15, self._entering(), 10, "end"))
        else:
            self.drawn.add(Text(bar.x, bar.foot + 12, self._entering(), 10))
        if not self.known.network.outputs:
            self._output(len(self.maps) - 1, "output", is_bold=False)
        for number, one in enumerate(self.maps):
            if one.outputs:
                self._output(number, ", ".join(one.outputs), is_bold=True)

    def _output(self, number: int, text: str, *, is_bold: bool) -> None:
        """Below a map, or beside the arrow that leaves it downwards or comes from below."""
        one, bar = self.maps[number], self.bars[number]
        after = self.maps[number + 1 : number + 2]
        is_met = one.does == "up" and (one.kept is None or one.kept.is_copied)
        is_left = bool(after) and after[0].does == "down"
        look = "text" if is_bold else "secondary"
        is_aside = is_met or is_left
        # What enters is called so below it already.
        y = bar.foot + (12 if number or is_left else 25)
        anchor: Anchor = "start" if is_aside else "middle"
        self.drawn.add(Text(bar.x + (8 if is_aside else 0), y, text, TOLD, anchor, look, is_bold))

    def _entering(self) -> str:
        return _WORDS.get(self.known.input.rank, "input")

    def _heading(self, right: float) -> float:
        """The title, beside it or below what is said of the network; how wide that is."""
        name = titled(self.known.network.name)
        self.drawn.add(Text(MARGIN, 28, name, _TITLE, "start", "text", bold=True))
        x = MARGIN + room(name, _TITLE, bold=True) + 8
        whole = " · ".join(costs(self.known))
        if x + room(whole, _SUBTITLE) + MARGIN / 2 <= right:
            self.drawn.add(Text(x, 29, whole, _SUBTITLE, "start"))
            return right
        lines = self._lines(right)
        for number, text in enumerate(lines):
            self.drawn.add(Text(MARGIN, 48 + 15 * number, text, _SUBTITLE, "start"))
        return max(right, x, *(MARGIN * 1.5 + room(text, _SUBTITLE) for text in lines))

    def _lines(self, right: float) -> list[str]:
        lines: list[str] = []
        for phrase in costs(self.known):
            longer = f"{lines[-1]} · {phrase}" if lines else phrase
            if lines and MARGIN * 1.5 + room(longer, _SUBTITLE) <= right:
                lines[-1] = longer
            else:
                lines.append(phrase)
        return lines

    def _legend(self, right: float, bottom: float) -> tuple[float, float]:
        """At the lower left, where there is room, else below; what the figure then takes up."""
        if not self.has_legend:
            return right, bottom
        height, wide = self.arrows.height, MARGIN + self.arrows.width
        y = bottom - 22 - height
        taken = [
            item.x - text_width(item.text, item.size)
            for item in self.drawn.of(Text)
            if item.anchor == "end" and item.y > y - 8
        ] + [bar.left for bar in self.bars if bar.foot + 24 > y - 8]
        if min(taken, default=right) < wide + 8 or y < 70:
            y, bottom = bottom + 2, bottom + height + 14
        self.arrows.draw(self.drawn, MARGIN, y)
        return max(right, wide + MARGIN / 2), bottom


def _before(start: Point, end: Point, length: float) -> Point:
    """A point `length` before the end of a piece that is horizontal or vertical."""
    (x, y), (to_x, to_y) = start, end
    if abs(to_x - x) > abs(to_y - y):
        return to_x - length * (1 if to_x > x else -1), to_y
    return to_x, to_y - length * (1 if to_y > y else -1)
