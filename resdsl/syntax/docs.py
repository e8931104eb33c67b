"""`##` comments: the documentation of definitions, parameters and files.

A string ends on its line, so a line that begins with `##` is a comment whatever stands around it.
`###…` is an ordinary comment (a rule between sections) and ends a run.
"""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.source import Source


def above(source: Source, offset: int) -> str:
    """The unbroken run of `##` lines directly above the line that begins at `offset`'s token."""
    number, column = source.position(offset)
    if source.line(number)[: column - 1].strip():
        return ""
    lines: list[str] = []
    while (number := number - 1) > 0 and (text := _text(source.line(number))) is not None:
        lines.append(text)
    return _joined(reversed(lines))


def of_file(source: Source) -> str:
    """The run of `##` lines at the head, before anything but `#` comments, set off by a blank."""
    lines: list[str] = []
    for number in range(1, len(source.line_starts) + 1):
        line = source.line(number)
        text = _text(line)
        if text is not None:
            lines.append(text)
        elif lines:
            return "" if _stripped(line) else _joined(lines)
        elif (rest := _stripped(line)) and not rest.startswith("#"):
            return ""
    return _joined(lines)


def _stripped(line: str) -> str:
    return line.removeprefix("\ufeff").strip(" \t\r")


def _text(line: str) -> str | None:
    """What a `##` line says, None for any other line."""
    line = _stripped(line)
    if not line.startswith("##") or line.startswith("###"):
        return None
    return line[2:].removeprefix(" ").rstrip()


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip("\n")
