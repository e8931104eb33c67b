"""A U-Net as in Ronneberger et al. 2015, Fig. 1: maps as bars, an arrow a step, skips drawn across.

The height of a bar is the logarithm of its extent, its width that of its channels. A map stands
under what it was pooled from.
"""

from __future__ import annotations

from resdsl.analysis.facts import Facts
from resdsl.design.titles import title as titled
from resdsl.drawing.layout.canvas import Box, Canvas, Point, Sign, Text
from resdsl.drawing.layout.fonts import room, text_width
from resdsl.drawing.layout.picture import Picture
from resdsl.drawing.tables.numbers import macs, parameters
from resdsl.drawing.u.u_bars import EXTENT, MARGIN, OVER, RADIUS, STEP, Bars, wide
from resdsl.drawing.u.u_maps import Map
from resdsl.drawing.u.u_nest import Nest, nest

# What stands above a bar.
_ABOVE = 17.0
_NUMBER, _LEGEND = 9.5, 10.0
_TITLE, _SUBTITLE = 15.0, 10.5
_HEAVY, _KEPT = 1.5, 1.9
# What the name of a sign ends with.
_SIGN = ".join"
# Where the line of the title would stand that is not there.
_NO_TITLE = 2.0
# Lines of the legend for arrows of one colour.
_MANY = 4
# A head ends just before the bar, or sign, that it points to.
_SHORT, _SHORT_OF_SIGN = 2.5, 1.5
_WORDS = {1: "signal", 2: "image", 3: "volume"}


def u_shape(known: Facts, *, title: bool = True, legend: bool = True) -> Picture | None:
    """The U; None of a network in which keeps and joins do not nest."""
    found = nest(known)
    if found is None:
        return None
    return Picture(len(found.maps), _Drawing(known, found, title, legend).canvas)


class _Drawing:
    def __init__(self, known: Facts, found: Nest, title: bool, legend: bool) -> None:
        self.known = known
        self.has_title, self.has_legend = title, legend
        self.maps = found.maps
        self.levels = found.levels
        self.drawn = Canvas("u_shape")
        self.places = Bars(found, self._entering())
        self.bars = self.places.bars

    def canvas(self) -> Canvas:
        right = self.places.right
        if self.has_title:
            right = self._heading(right)
        self.places.lower(max((text.y for text in self.drawn.of(Text)), default=_NO_TITLE) - 29)
        for number in range(len(self.maps)):
            self._bar(number)
            self._arrow(number)
            if self.maps[number].kept:
                self._kept(number)
        self._extents()
        self._ends()
        right, bottom = self._legend(right, self.places.foot + 30)
        self.drawn.width = float(round(right))
        self.drawn.height = float(round(bottom))
        return self.drawn

    # --- what is drawn ----------------------------------------------------------------------------

    def _bar(self, number: int) -> None:
        one, bar = self.maps[number], self.bars[number]
        look = "map" if number else "bar"
        text, x = str(one.channels), bar.x
        if one.kept and one.kept.sign == "|":
            copied = wide(one.kept.channels)
            place = bar.left + copied / 2
            path = self.maps[one.kept.source].path
            self.drawn.add(
                Box(
                    place,
                    bar.middle,
                    copied,
                    bar.height,
                    "copy",
                    node=f"{one.path}.kept",
                    tip=f"{path}, kept",
                    count=0,
                    plain=True,
                )
            )
            text, x = f"{one.kept.channels}+{text}", (bar.left + bar.right) / 2
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
            ),
            Text(x, bar.top - 9, text, _NUMBER, "middle", "text"),
        )

    def _arrow(self, number: int) -> None:
        if not number:
            return
        one, bar, before = self.maps[number], self.bars[number], self.bars[number - 1]
        points: list[Point]
        head = one.path
        match one.does:
            case "down":
                points = [(bar.x, before.foot), (bar.x, bar.top - _ABOVE)]
            case "up" if one.kept and one.kept.sign != "|":
                at = bar.left + RADIUS
                points = [
                    (before.right, before.middle),
                    (at, before.middle),
                    (at, bar.middle + RADIUS),
                ]
                head = self._sign_name(number)
            case "up":
                points = [(before.right, before.middle), (bar.x, before.middle), (bar.x, bar.foot)]
            case _ if one.kept and one.kept.sign != "|":
                points = [(before.right, before.middle), (bar.left, bar.middle)]
                head = self._sign_name(number)
            case _:
                points = [(before.right, before.middle), (bar.left, bar.middle)]
        self._line(points, one.does, tail=self.maps[number - 1].path, head=head)
        if one.count > 1:
            (x, y), (to_x, to_y) = points[-2:]
            is_level = one.does not in ("up", "down")
            place = ((x + to_x) / 2, y - 9) if is_level else (x + 4, (y + to_y) / 2)
            text = f"×{one.count}"
            anchor = "middle" if is_level else "start"
            self.drawn.add(Text(*place, text, _NUMBER, anchor, "text", bold=True))  # type: ignore[arg-type]

    def _sign_name(self, number: int) -> str:
        return self.maps[number].path + _SIGN

    def _kept(self, number: int) -> None:
        one, bar = self.maps[number], self.bars[number]
        assert one.kept is not None
        source, is_copied = self.bars[one.kept.source], one.kept.sign == "|"
        name = self.maps[one.kept.source].path
        head = f"{one.path}.kept" if is_copied else self._sign_name(number)
        high = bar.top + round(bar.height * 0.26)
        start, end = (source.right, high), (bar.left, high if is_copied else bar.middle)
        if number not in self.places.over:
            # A sum is in the middle of its level.
            points = [(source.right, end[1]), end]
        else:
            up, ridge = source.right + STEP / 4, bar.top - OVER
            points = [start, (up, high), (up, ridge)]
            if is_copied:
                points += [(bar.left - 16, ridge), (bar.left - 16, high), end]
            else:
                at = bar.left + RADIUS
                points += [(at, ridge), (at, bar.middle - RADIUS)]
        self._line(points, "keep", tail=name, head=head)
        if not is_copied:
            at = bar.left + RADIUS
            self.drawn.add(Sign(at, bar.middle, RADIUS, one.kept.sign, head))
            after = [(at + RADIUS, bar.middle), (bar.x - bar.width / 2, bar.middle)]
            self._line(after, "line", tail=head, head=one.path)

    def _line(self, points: list[Point], look: str, **ends: str) -> None:
        weight = _KEPT if look == "keep" else _HEAVY
        is_sign = ends.get("head", "").endswith(_SIGN)
        short = _SHORT_OF_SIGN if is_sign else _SHORT
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
        last = self.bars[-1]
        self.drawn.add(Text(last.x, last.foot + 12, "output", 10))

    def _entering(self) -> str:
        return _WORDS.get(self.known.input.rank, "input")

    def _heading(self, right: float) -> float:
        """The title, beside it or below what is said of the network; how wide that is."""
        name = titled(self.known.network.name)
        self.drawn.add(Text(MARGIN, 28, name, _TITLE, "start", "text", bold=True))
        x = MARGIN + room(name, _TITLE, bold=True) + 8
        whole = " · ".join(self._phrases())
        if x + room(whole, _SUBTITLE) + MARGIN / 2 <= right:
            self.drawn.add(Text(x, 29, whole, _SUBTITLE, "start"))
            return right
        lines = self._lines(right)
        for number, text in enumerate(lines):
            self.drawn.add(Text(MARGIN, 48 + 15 * number, text, _SUBTITLE, "start"))
        return max(right, x, *(MARGIN * 1.5 + room(text, _SUBTITLE) for text in lines))

    def _phrases(self) -> list[str]:
        known = self.known
        phrases = [f"{parameters(known.cost.params)} parameters"]
        if known.cost.macs is not None:
            phrases.append(f"{macs(known.cost.macs)} MACs at {known.view.text(known.input)}")
        return [*phrases, f"{known.depth} layers deep", known.sizes.text()]

    def _lines(self, right: float) -> list[str]:
        lines: list[str] = []
        for phrase in self._phrases():
            longer = f"{lines[-1]} · {phrase}" if lines else phrase
            if lines and MARGIN * 1.5 + room(longer, _SUBTITLE) <= right:
                lines[-1] = longer
            else:
                lines.append(phrase)
        return lines

    def _legend(self, right: float, bottom: float) -> tuple[float, float]:
        """At the lower left, where there is room, else below; what the figure then takes up."""
        entries = self._entries()
        if not self.has_legend:
            return right, bottom
        height = 18.0 * len(entries)
        wide = MARGIN + 34 + max(room(text, _LEGEND) for _, text in entries)
        y = bottom - 22 - height
        taken = [
            item.x - text_width(item.text, item.size)
            for item in self.drawn.of(Text)
            if item.anchor == "end" and item.y > y - 8
        ] + [bar.left for bar in self.bars if bar.foot + 24 > y - 8]
        if min(taken, default=right) < wide + 8 or y < 70:
            y, bottom = bottom + 2, bottom + height + 14
        for number, (look, text) in enumerate(entries):
            at = y + 18 * number + 9
            self._line(_sample(look, at), look)
            self.drawn.add(Text(MARGIN + 34, at, text, _LEGEND, "start", "text"))
        return max(right, wide + MARGIN / 2), bottom

    def _entries(self) -> list[tuple[str, str]]:
        """Of each kind of arrow, what it stands for."""
        found: list[tuple[str, str]] = []
        for does in ("apply", "down", "up"):
            self._entry(found, does, [one for one in self.maps if one.does == does])
        kept = [one.kept for one in self.maps if one.kept]
        words = dict.fromkeys(_kept_words(k.sign, k.is_changed) for k in kept)
        found += [("keep", text) for text in words]
        self._entry(found, "pointwise", [one for one in self.maps if one.does == "pointwise"])
        return found

    def _entry(self, found: list[tuple[str, str]], does: str, maps: list[Map]) -> None:
        texts = list(dict.fromkeys(", then ".join(one.texts) for one in maps))
        if len(texts) > _MANY:
            texts[_MANY - 1 :] = [f"and {len(texts) - _MANY + 1} others"]
        found += [(does, text) for text in texts]


def _sample(look: str, y: float) -> list[Point]:
    """An arrow of the legend, as it points in the figure: in print, colours are few."""
    if look in ("down", "up"):
        start, end = (y - 7, y + 7) if look == "down" else (y + 7, y - 7)
        return [(MARGIN + 12, start), (MARGIN + 12, end)]
    return [(MARGIN, y), (MARGIN + 24, y)]


def _before(start: Point, end: Point, length: float) -> Point:
    """A point `length` before the end of a piece that is horizontal or vertical."""
    (x, y), (to_x, to_y) = start, end
    if abs(to_x - x) > abs(to_y - y):
        return to_x - length * (1 if to_x > x else -1), to_y
    return to_x, to_y - length * (1 if to_y > y else -1)


def _kept_words(sign: str, is_changed: bool) -> str:
    last = {"|": "concatenate", "+": "add", "*": "multiply"}.get(sign, sign)
    return f"keep, gate and {last}" if is_changed else f"keep and {last}"
