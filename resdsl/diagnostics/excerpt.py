"""Source lines with what is to be said about them drawn underneath.

Columns here are cells of a terminal, from 0: a tab goes to the next multiple of four, a wide
character takes two cells, a combining one none, and what a terminal would act on is spelled out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, TypeAlias
from unicodedata import category, east_asian_width

from resdsl.source import Source, Span

Style: TypeAlias = Literal["plain", "strong", "primary", "secondary"]
Row: TypeAlias = list[tuple[str, Style]]

TAB = 4
NARROWEST = 20  # cells that source text gets at least, however narrow the terminal
WHOLE = 4  # a span of up to so many lines is shown whole, a longer one at both ends
_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
# Controls, invisible format characters (those that turn the writing direction among them),
# lone surrogates, and what some terminals and editors take for line ends.
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def escape(text: str) -> str:
    """`text` with everything that a terminal would act on, or hide, spelled out."""
    if text.isprintable():
        return text
    return "".join(_escape(char) if category(char) in _ESCAPED else char for char in text)


def _escape(char: str) -> str:
    code = ord(char)
    return _SHORT_ESCAPES.get(char) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


@dataclass(frozen=True, slots=True)
class Mark:
    """A span to underline, `^^^` where it is the primary one and `---` elsewhere."""

    span: Span
    text: str
    primary: bool

    @property
    def sign(self) -> str:
        return "^" if self.primary else "-"

    @property
    def style(self) -> Style:
        return "primary" if self.primary else "secondary"


@dataclass(frozen=True, slots=True)
class Placed:
    """A mark by lines (from 1) and code points in them (from 0). `stop` is in line `last`."""

    mark: Mark
    first: int
    start: int
    last: int
    stop: int

    @staticmethod
    def of(mark: Mark) -> Placed:
        source = mark.span.source
        size = len(source.text)
        start = min(max(mark.span.start, 0), size)
        stop = min(max(mark.span.stop, start), size)
        if "\n" in source.text[start:stop]:  # the line end that closes a span is not shown
            stop = start + len(source.text[start:stop].rstrip())
        first, column = source.position(start)
        last, end = source.position(max(stop - 1, start))
        return Placed(mark, first, column - 1, last, end if stop > start else end - 1)

    @property
    def lines(self) -> range:
        return range(self.first, self.last + 1)


class Canvas:
    """One row to draw in, a cell at a time."""

    def __init__(self) -> None:
        self.cells: list[tuple[str, Style]] = []

    def put(self, column: int, text: str, style: Style) -> None:
        self._reach(column + len(text))
        self.cells[column : column + len(text)] = [(char, style) for char in text]

    def end(self, column: int, text: str, style: Style) -> None:
        """Put `text`, whatever it is wide, as the last thing of the row."""
        self._reach(column)
        self.cells[column:] = [(text, style)]

    def _reach(self, column: int) -> None:
        self.cells.extend([(" ", "plain")] * (column - len(self.cells)))

    def row(self) -> Row:
        grouped = groupby(self.cells, key=lambda cell: cell[1])
        return [("".join(text for text, _ in cells), style) for style, cells in grouped]


@dataclass(frozen=True, slots=True)
class Line:
    """What is shown of one source line.

    `columns[i]` is where code point `i` begins in the whole line, `shift` how much of it is cut
    off, `limit` the last column shown.
    """

    text: str
    columns: Sequence[int]
    shift: int
    limit: int

    def column(self, index: int) -> int:
        column = self.columns[min(max(index, 0), len(self.columns) - 1)]
        return min(max(column - self.shift, 0), self.limit)

    def cells(self, start: int, stop: int, offset: int) -> tuple[int, int]:
        """The cells of the code points `start:stop`, at least one, in a row begun at `offset`."""
        first = offset + self.column(start)
        return first, max(offset + self.column(stop), first + 1)


def expand(text: str) -> tuple[Sequence[str], Sequence[int]]:
    """What each code point is shown as, and the column where each begins (and the last ends)."""
    if text.isascii() and text.isprintable():
        return text, range(len(text) + 1)
    shown: list[str] = []
    columns = [0]
    for char in text:
        if char == "\t":
            width = TAB - columns[-1] % TAB
            piece = " " * width
        elif (kind := category(char)) in _ESCAPED:
            piece = _escape(char)
            width = len(piece)
        elif kind in ("Mn", "Me"):
            piece, width = char, 0
        else:
            piece, width = char, 2 if east_asian_width(char) in "WF" else 1
        shown.append(piece)
        columns.append(columns[-1] + width)
    return shown, columns


def cut(text: str, focus: Sequence[tuple[int, int]], room: int) -> Line:
    """`text` in at most `room` cells, `…` where it goes on.

    `focus` are the code points that matter: all of them are shown if they fit, else the first.
    """
    shown, columns = expand(text)
    size = len(shown)
    if columns[-1] <= room:
        return Line("".join(shown), columns, 0, columns[-1])

    spans = [(columns[min(start, size)], columns[min(stop, size)]) for start, stop in focus]
    first, last = min((a for a, _ in spans), default=0), max((b for _, b in spans), default=0)
    inner = room - 2
    if last - first > inner and spans:
        first, last = spans[0][0], min(spans[0][1], spans[0][0] + inner)
    begin = max(first - (inner - min(last - first, inner)) // 2, 0)
    if begin <= 1:
        begin, end = 0, room - 1
    elif (end := begin + inner) >= columns[-1] - 1:
        begin, end = columns[-1] - room + 1, columns[-1]

    left, right = bisect_left(columns, begin), bisect_right(columns, end) - 1
    while left < right and columns[left + 1] == columns[left]:  # no accent without its letter
        left += 1
    shift = columns[left] - (left > 0)
    cut_text = "…" * (left > 0) + "".join(shown[left:right]) + "…" * (right < size)
    return Line(cut_text, columns, shift, columns[right] - shift)


def excerpt(source: Source, marks: Sequence[Mark], *, gutter: int, width: int) -> Iterator[Row]:
    """The rows that show `marks`, all in `source`; line numbers are `gutter` wide."""
    placed = [Placed.of(mark) for mark in marks]
    tall = sorted((p for p in placed if len(p.lines) > 1), key=lambda p: (p.first, -p.last))
    offset = 2 * len(tall)
    room = max(width - gutter - 3 - offset, NARROWEST)
    active: list[int] = []

    def bars() -> Canvas:
        canvas = Canvas()
        for depth in active:
            canvas.put(2 * depth, "|", tall[depth].mark.style)
        return canvas

    def under(canvas: Canvas) -> Row:
        return [(" " * gutter + " | ", "secondary"), *canvas.row()]

    yield [(" " * gutter + " |", "secondary")]
    previous = 0
    for number in _shown(placed):
        if previous and number > previous + 1:
            yield [("...".ljust(gutter + 3), "secondary"), *bars().row()]
        previous = number
        flat = [p for p in placed if p.first == p.last == number]
        starts = [depth for depth, p in enumerate(tall) if p.first == number]
        ends = [depth for depth, p in enumerate(tall) if p.last == number]
        text = source.line(number)
        focus = [(p.start, p.stop) for p in sorted(flat, key=lambda p: not p.mark.primary)]
        focus += [(tall[depth].start, tall[depth].start + 1) for depth in starts]
        focus += [(tall[depth].stop - 1, tall[depth].stop) for depth in ends]
        line = cut(text, focus, room)

        canvas = bars()
        for depth in list(starts):
            if not text[: tall[depth].start].strip():  # begins its line: no row of its own
                canvas.put(2 * depth, "/", tall[depth].mark.style)
                starts.remove(depth)
                active.append(depth)
        if line.text:
            canvas.end(offset, line.text, "plain")
        yield [(f"{number:>{gutter}} | ", "secondary"), *canvas.row()]

        if flat:
            under_each = [(p, *line.cells(p.start, p.stop, offset)) for p in flat]
            for drawn in _underline(under_each, bars):
                yield under(drawn)
        for depth in starts:
            canvas = bars()
            _reach(canvas, 2 * depth + 1, offset + line.column(tall[depth].start), tall[depth].mark)
            yield under(canvas)
            active.append(depth)
        for depth in ends:
            canvas = bars()
            mark = tall[depth].mark
            column = offset + line.column(tall[depth].stop - 1)
            _reach(canvas, 2 * depth + 1, column, mark)
            first, *rest = escape_lines(mark.text)
            canvas.end(column + 2, first, mark.style)
            yield under(canvas)
            active.remove(depth)
            for more in rest:
                canvas = bars()
                canvas.end(column + 2, more, mark.style)
                yield under(canvas)


def escape_lines(text: str) -> list[str]:
    """The lines of a message that we wrote, escaped: its own line ends are meant."""
    return [escape(line) for line in text.split("\n")]


def _shown(placed: Sequence[Placed]) -> list[int]:
    """The numbers of the lines to show; a single line left between two of them is shown too."""
    numbers: set[int] = set()
    for p in placed:
        numbers.update(p.lines if len(p.lines) <= WHOLE else (p.first, p.last))
    numbers.update([n + 1 for n in numbers if n + 2 in numbers])
    return sorted(numbers)


def _reach(canvas: Canvas, column: int, stop: int, mark: Mark) -> None:
    """`____^` from a bar to the place where its span begins or ends."""
    for at in range(column, stop):
        if at >= len(canvas.cells) or canvas.cells[at][0] == " ":
            canvas.put(at, "_", mark.style)
    canvas.put(stop, mark.sign, mark.style)


def _underline(
    marks: Sequence[tuple[Placed, int, int]], bars: Callable[[], Canvas]
) -> Iterator[Canvas]:
    """The rows under one line: the underlines, then the labels, the rightmost first."""
    canvas = bars()
    for p, start, stop in sorted(marks, key=lambda m: (m[1] - m[2], m[0].mark.primary)):
        canvas.put(start, p.mark.sign * (stop - start), p.mark.style)
    for p, start, stop in marks:  # the primary place is always seen
        if p.mark.primary and all(char != "^" for char, _ in canvas.cells[start:stop]):
            canvas.put(start, p.mark.sign * (stop - start), p.mark.style)

    labelled = sorted(
        ((start, stop, p.mark) for p, start, stop in marks if p.mark.text),
        key=lambda m: (m[0], m[2].primary),
        reverse=True,
    )
    edge = max(stop for _, _, stop in marks)
    for found in labelled:  # the label of the last underline stands beside it
        start, stop, mark = found
        if stop == edge and "\n" not in mark.text:
            canvas.end(stop + 1, escape(mark.text), mark.style)
            labelled.remove(found)
            break
    yield canvas

    if labelled:
        yield _pipes(bars(), labelled)
    for done, (start, _, mark) in enumerate(labelled, 1):
        for text in escape_lines(mark.text):
            canvas = _pipes(bars(), [m for m in labelled[done:] if m[0] < start])
            canvas.end(start, text, mark.style)
            yield canvas


def _pipes(canvas: Canvas, marks: Sequence[tuple[int, int, Mark]]) -> Canvas:
    for start, _, mark in reversed(marks):
        canvas.put(start, "|", mark.style)
    return canvas
