"""Where the maps of a U stand: bars in rows of one extent."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from resdsl.drawing.column.branch_pieces import sign_reach
from resdsl.drawing.layout.canvas import Anchor
from resdsl.drawing.layout.fonts import text_width
from resdsl.drawing.u.u_joins import Kept
from resdsl.drawing.u.u_maps import Map
from resdsl.drawing.u.u_nest import Nest
from resdsl.records import dataclass

MARGIN = 24.0
# Heights of the largest map, the least one; by how much a map of half the extents is lower.
_TALL, _LOW, _HALF = 150.0, 24.0, 30.0
# Between maps of a level; between levels; a line over the bars.
STEP, _ROW, OVER = 30.0, 62.0, 26.0
# Before the first map of a head, from where a line comes down.
ASIDE = 16.0
# Of a sum.
RADIUS = 7.0
# Of the letters that say an extent, of words on lines, of what enters and leaves.
EXTENT, WORD, TOLD = 10.5, 9.5, 10
# Around a word on a line, of which the head of its arrow takes a part.
_AROUND = 20.0
# Of channels above bars; between two such numbers, at least.
NUMBER, _APART = 9.5, 5.0
# An arrow between bars, however narrow a figure is.
_LEAST = 12.0


@dataclass(slots=True)
class Bar:
    """A map's place. `left` and `right` with the copied map beside it, or the sum before it.

    `beside` is the middle of those.
    """

    left: float
    x: float
    right: float
    width: float
    top: float
    height: float
    beside: float

    @property
    def middle(self) -> float:
        return self.top + self.height / 2

    @property
    def foot(self) -> float:
        return self.top + self.height


class Bars:
    """`bars` by map. `over`: maps that are joined with what comes over the bars before them, or
    over themselves, to their right. `words` stand on the arrows to them; `scale` is that of widths,
    letters aside.
    """

    def __init__(self, found: Nest, entering: str, words: Sequence[str], scale: float) -> None:
        self.maps = found.maps
        self.words = words
        self.scale = scale
        self.levels = found.levels
        self.over = {n for n, one in enumerate(self.maps) if one.kept and self._is_blocked(n)}
        self._rows()
        self.bars: list[Bar] = []
        for number in range(len(self.maps)):
            bar = self._place(number)
            self._clear(number, bar)
            self.bars.append(bar)
        self._make_room(entering)

    @property
    def right(self) -> float:
        told = (
            bar.x + told_width(one) / 2 - 12
            for one, bar in zip(self.maps, self.bars, strict=True)
            if one.outputs
        )
        return max(*(bar.right for bar in self.bars), *told, 0.0) + MARGIN + 12

    @property
    def foot(self) -> float:
        return max(bar.foot for bar in self.bars)

    def _is_blocked(self, number: int) -> bool:
        """Other maps stand between a kept map and where it is joined."""
        kept = self.maps[number].kept
        assert kept is not None
        if kept.is_copied and not kept.is_first:
            return True
        between = self.maps[kept.source + 1 : number]
        return any(one.level == self.maps[number].level for one in between)

    def _rows(self) -> None:
        sizes = {one.level: one.size for one in self.maps}
        largest = max(sizes.values())
        spread = largest - min(sizes.values())
        half = min(_HALF, (_TALL - _LOW) / spread if spread else _HALF)
        self.heights = {
            level: 2.0 * round((_TALL - half * (largest - size)) / 2)
            for level, size in sizes.items()
        }
        self.tops: dict[str, float] = {}
        crossed = {self.maps[n].level for n in self.over}
        crossed |= {one.level for one in self.maps if one.begins is not None}
        y = 70.0
        for level in self.levels:
            y += OVER - 6 if level in crossed else 0
            self.tops[level] = y
            y += self.heights[level] + _ROW

    def _place(self, number: int) -> Bar:
        one = self.maps[number]
        width = self.wide(one.channels)
        before = self.bars[-1] if self.bars else None
        if before is None:
            left = 0.0
        elif one.does == "down":
            left = before.x - width / 2
        elif one.does == "up":
            left = before.right + (28 if number in self.over else self._far(16))
        else:
            word = text_width(self.words[number], NUMBER, bold=True) + _APART
            here = _room(one.kept.here if one.kept else "")
            left = before.right + max(self._far(STEP), word, here)
            # A line comes down from over the bars.
            left += self._far(ASIDE) if one.begins is not None else 0.0
            if one.outputs and self.maps[number - 1].outputs:
                apart = (told_width(one) + told_width(self.maps[number - 1])) / 2 + _APART
                left = max(left, before.x + apart - width / 2)
        top, height = self.tops[one.level], self.heights[one.level]
        kept = one.kept
        if kept is None:
            return Bar(left, left + width / 2, left + width, width, top, height, 0.0)
        source, word = self.bars[kept.source], _room(kept.word)
        if not kept.is_copied:
            # Words are at the left of lines that come down, or up, to a sign.
            word = max(word, _room(kept.here))
            left += word if number in self.over else 0
        left = max(left, source.right + max(self._far(16), word))
        aside = self.wide(kept.channels) if kept.is_copied else _before_sum(kept)
        right = left + aside + width
        if not kept.is_copied:
            at = left + sign_reach(kept.sign, RADIUS)
            return Bar(left, right - width / 2, right, width, top, height, at)
        if kept.is_first:
            return Bar(left, right - width / 2, right, width, top, height, left + aside / 2)
        return Bar(left, left + width / 2, right, width, top, height, right - aside / 2)

    def wide(self, channels: int) -> float:
        """An even number of points."""
        return 2.0 * round((2 + 1.05 * log2(max(channels, 1))) * self.scale)

    def _far(self, length: float) -> float:
        """Between bars; the head of an arrow stays as long as it is."""
        return max(round(length * self.scale), _LEAST)

    def _clear(self, number: int, bar: Bar) -> None:
        """Moves a bar until its number is clear of the one before it in its row."""
        row = [n for n in range(number) if self.maps[n].level == self.maps[number].level]
        if row:
            _, end = self._span(row[-1], self.bars[row[-1]])
            start, _ = self._span(number, bar)
            _move(bar, max(0.0, round(end + _APART - start)))

    def _span(self, number: int, bar: Bar) -> tuple[float, float]:
        text, place, anchor = self.number(number, bar)
        wide = text_width(text, NUMBER)
        start = place - (wide if anchor == "end" else wide / 2)
        return start, start + wide

    def number(self, number: int, bar: Bar) -> tuple[str, float, Anchor]:
        """The channels above a bar, where no arrow comes from above."""
        one = self.maps[number]
        kept = one.kept
        if kept is None or not kept.is_copied:
            text = str(one.channels)
            return (text, bar.x - 5, "end") if one.does == "down" else (text, bar.x, "middle")
        if kept.is_first:
            return f"{kept.channels}+{one.channels}", (bar.left + bar.right) / 2, "middle"
        return f"{one.channels}+{kept.channels}", bar.x + bar.width / 2 - 1, "end"

    def first(self, level: str) -> int:
        return next(n for n, one in enumerate(self.maps) if one.level == level)

    def _make_room(self, entering: str) -> None:
        """Moves the bars to the right of what stands at the left of each level."""
        words = [(self.bars[0].left, text_width(entering, 10) + 2)]
        for level in self.levels:
            words.append((self.bars[self.first(level)].left, text_width(level, EXTENT)))
        by = round(max(MARGIN + 12 + width - left for left, width in words))
        for bar in self.bars:
            _move(bar, by)

    def lower(self, by: float) -> None:
        for bar in self.bars:
            bar.top += by


def told_width(one: Map) -> float:
    """Of the names of outputs below a map."""
    return text_width(", ".join(one.outputs), TOLD, bold=True)


def _move(bar: Bar, by: float) -> None:
    bar.left, bar.x, bar.right = bar.left + by, bar.x + by, bar.right + by
    bar.beside += by


def _before_sum(kept: Kept) -> float:
    """What a sign and the line behind it take."""
    return 2 * sign_reach(kept.sign, RADIUS) + max(16.0, _room(kept.after))


def _room(word: str) -> float:
    return round(text_width(word, WORD)) + _AROUND if word else 0.0
