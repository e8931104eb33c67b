"""Diagnostics as text: the message, the source lines, how it came to be, the way out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from resdsl import limits
from resdsl.diagnostics.diagnostic import Diagnostic, Frame, Severity
from resdsl.diagnostics.excerpt import Mark, Placed, Row, Style, escape, escape_lines, excerpt
from resdsl.source import Source, Span

WIDTH = 140  # columns, where nobody says how wide the terminal is
INNERMOST, OUTERMOST = 4, 2  # links of a long chain that are shown

_COLOURS: dict[Severity, str] = {"error": "1;31", "warning": "1;33"}


def render(diagnostic: Diagnostic, *, colour: bool = False, width: int | None = None) -> str:
    """The text of one diagnostic, without a final line end.

    Source lines longer than `width` columns are cut around what is underlined; messages are not.
    """
    rows = _rows(diagnostic, WIDTH if width is None else width)
    severity = _COLOURS[diagnostic.severity]
    return "\n".join(_paint(row, severity if colour else None) for row in rows)


def render_all(diagnostics: Iterable[Diagnostic], *, colour: bool = False) -> str:
    """The texts of all, a blank line between them: file by file, each from its top to its end.

    Files keep the order of their first diagnostic; what belongs to no place comes first. Of more
    than `limits.TOLD` the first are shown, errors before warnings, and how many there are.
    """
    every = list(diagnostics)
    found = sorted(every, key=lambda one: one.severity)[: limits.TOLD]
    files: dict[str, int] = {}
    for diagnostic in found:
        if diagnostic.span is not None:
            files.setdefault(diagnostic.span.source.name, len(files))

    def place(diagnostic: Diagnostic) -> tuple[int, int]:
        span = diagnostic.span
        return (-1, 0) if span is None else (files[span.source.name], span.start)

    texts = [render(one, colour=colour) for one in sorted(found, key=place)]
    if len(every) > len(found):
        texts.append(f"… and {len(every) - len(found):,} more, which `check --json` has")
    return "\n\n".join(texts)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning`, or `no errors`."""
    found = list(diagnostics)
    errors = sum(one.severity == "error" for one in found)
    counts = (("error", errors), ("warning", len(found) - errors))
    parts = [f"{count} {word}{'s' * (count != 1)}" for word, count in counts if count]
    return ", ".join(parts) or "no errors"


def location(span: Span) -> str:
    """`file:line:column`, as editors and terminals make it a link."""
    return f"{escape(span.source.name)}:{span.line}:{span.column}"


def _rows(diagnostic: Diagnostic, width: int) -> Iterator[Row]:
    title, *more = escape_lines(diagnostic.message)
    head = f"{diagnostic.severity}[{diagnostic.code.id}]"
    yield [(head, "primary"), (f": {title}", "strong")]
    for line in more:
        yield [(" " * (len(head) + 2) + line, "strong")]

    blocks = _by_source(diagnostic)
    numbers = [p.last for marks in blocks.values() for p in map(Placed.of, marks)]
    gutter = len(str(max(numbers, default=1)))
    blank: Row = [(" " * gutter + " |", "secondary")]
    for index, (source, marks) in enumerate(blocks.items()):
        if index:
            yield blank
        arrow = ":::" if index else "-->"
        yield [(" " * gutter + f"{arrow} ", "secondary"), (location(marks[0].span), "plain")]
        yield from excerpt(source, marks, gutter=gutter, width=width)

    notes = [("", text) for text in _chain(diagnostic.chain)]
    notes += [("help: ", text) for text in diagnostic.help]
    if blocks and notes:
        yield blank
    for word, text in notes:
        yield from _note(gutter, word, text)


def _by_source(diagnostic: Diagnostic) -> dict[Source, list[Mark]]:
    """The marks of each text, the one with the primary place first."""
    blocks: dict[Source, list[Mark]] = {}
    if diagnostic.span is not None:
        blocks[diagnostic.span.source] = [Mark(diagnostic.span, diagnostic.label, True)]
    for other in diagnostic.others:
        blocks.setdefault(other.span.source, []).append(Mark(other.span, other.text, False))
    return blocks


def _chain(frames: Sequence[Frame]) -> Iterator[str]:
    """A line for each frame, the innermost first; the middle of a long chain is left out."""
    hidden = len(frames) - INNERMOST - OUTERMOST
    for index, frame in enumerate(frames):
        if hidden > 1 and INNERMOST <= index < INNERMOST + hidden:
            if index == INNERMOST:
                yield f"… {hidden} more …"
            continue
        called = "" if frame.span is None else f", called at {location(frame.span)}"
        yield escape(f"in {frame.text}") + called


def _note(gutter: int, word: str, text: str) -> Iterator[Row]:
    first, *more = escape_lines(text)
    yield [(" " * gutter + " = ", "secondary"), (word, "strong"), (first, "plain")]
    for line in more:
        yield [(" " * (gutter + 3 + len(word)) + line, "plain")]


def _paint(row: Row, severity: str | None) -> str:
    """One line of text; `severity` is the colour of the primary parts, None for no colour."""
    if severity is None:
        return "".join(text for text, _ in row).rstrip()
    codes: dict[Style, str] = {
        "plain": "",
        "strong": "1",
        "primary": severity,
        "secondary": "1;34",
    }
    return "".join(
        f"\x1b[{codes[style]}m{text}\x1b[0m" if codes[style] and text.strip() else text
        for text, style in row
    )
