"""What the arrows of a U stand for: one colour has one meaning, and where a kind of arrow has
several, letters tell these apart in print as well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from resdsl.drawing.layout.canvas import Box, Canvas, Point, Sign, Text
from resdsl.drawing.layout.fonts import room
from resdsl.drawing.u.u_joins import Kept
from resdsl.drawing.u.u_maps import Map
from resdsl.records import dataclass

LINE = 18.0
_SIZE = 10.0
# From the left to the words; what a letter before them takes.
_WORDS, _LETTER = 34.0, 13.0
# A head ends just before the bar that it points to: renderers differ by a point or two.
SHORT = 1.2
# Of arrows after the first of their kind, as long as there are any.
_FURTHER = ("stage4", "stage5")
_KINDS = ("apply", "down", "up", "pointwise")
# What is done with kept maps, and what a sign of it is called where there are several.
_DONE = {
    "|": ("concatenate", "concatenation"),
    "+": ("add", "sum"),
    "-": ("take the difference", ""),
    "*": ("multiply", "product"),
    "max": ("take the maximum", ""),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """An arrow of a `look` that points as those of its kind do; or, without one, a `sign`."""

    text: str
    kind: str = ""
    look: str = ""
    letter: str = ""
    sign: str = ""

    @property
    def width(self) -> float:
        return _WORDS + (_LETTER if self.letter else 0.0) + room(self.text, _SIZE)


class Arrows:
    """Of each step its look and letter; `entries` say what they mean."""

    def __init__(self, maps: Sequence[Map]) -> None:
        steps: dict[str, Entry] = {}
        further, letters = list(_FURTHER), 0
        for kind in _KINDS:
            mine = dict.fromkeys(told(one) for one in maps if one.does == kind)
            for number, text in enumerate(mine):
                look = further.pop(0) if number and further else kind
                letter = _letter(letters) if len(mine) > 1 else ""
                letters += len(mine) > 1
                steps[kind + text] = Entry(text, kind, look, letter)
        self._steps = steps
        kept = _of_kept([one.kept for one in maps if one.kept])
        # As in a paper, what ends a network stands last.
        last = [entry for entry in steps.values() if entry.kind == "pointwise"]
        self.entries = [entry for entry in steps.values() if entry not in last] + kept + last

    def of(self, step: Map) -> Entry:
        return self._steps[step.does + told(step)]

    def word(self, step: Map) -> str:
        """What stands on an arrow: its letter, how often it is gone."""
        words = (self.of(step).letter, f"×{step.count}" if step.count > 1 else "")
        return " ".join(word for word in words if word)

    @property
    def width(self) -> float:
        return max((entry.width for entry in self.entries), default=0.0)

    @property
    def height(self) -> float:
        return LINE * len(self.entries)

    def draw(self, canvas: Canvas, left: float, top: float) -> None:
        for number, entry in enumerate(self.entries):
            _draw(canvas, entry, left, top + LINE * number + LINE / 2)


def told(step: Map) -> str:
    return ", then ".join(step.texts)


def _draw(canvas: Canvas, entry: Entry, left: float, y: float) -> None:
    x = left + _WORDS
    if entry.look:
        weight = 1.9 if entry.look == "keep" else 1.5
        canvas.line(_sample(entry.kind, left, y), look=entry.look, weight=weight, radius=6.0)
    elif entry.sign == "|":
        for at, look in ((left + 9, "copy"), (left + 15, "map")):
            canvas.add(Box(at, y, 6, 13, look, count=0, plain=True))
    else:
        canvas.add(Sign(left + 12, y, 6, entry.sign, count=0))
    if entry.letter:
        canvas.add(Text(x, y, entry.letter, _SIZE, "start", "text", bold=True))
        x += _LETTER
    canvas.add(Text(x, y, entry.text, _SIZE, "start", "text"))


def _sample(kind: str, left: float, y: float) -> list[Point]:
    """An arrow that points as those in the figure: in print, colours are few."""
    if kind in ("down", "up"):
        start, end = (y - 7, y + 7) if kind == "down" else (y + 7, y - 7)
        return [(left + 12, start), (left + 12, end - SHORT if kind == "down" else end + SHORT)]
    return [(left, y), (left + 24 - SHORT, y)]


def _of_kept(kept: Iterable[Kept]) -> list[Entry]:
    done = list(dict.fromkeys("-" if one.is_difference else one.sign for one in kept))
    if len(done) < 2:
        return [Entry(f"keep and {_DONE[sign][0]}", "keep", "keep") for sign in done]
    # A difference is a sum with a word on a line; other words say what they are.
    signs = list(dict.fromkeys("+" if sign == "-" else sign for sign in done))
    named = [Entry(_DONE[sign][1], sign=sign) for sign in signs if _DONE[sign][1]]
    return [Entry("keep", "keep", "keep"), *named]


def _letter(number: int) -> str:
    """a to z, and then a2 to z2."""
    again, letter = divmod(number, 26)
    return f"{'abcdefghijklmnopqrstuvwxyz'[letter]}{again + 1 if again else ''}"
