"""What is printed, and where: results to stdout, everything else to stderr.

A reader that has seen enough (`| head -3`) ends the printing, not the command.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from resdsl.outputs import OutputError
from resdsl.paths import why

if TYPE_CHECKING:
    from resdsl.diagnostics.diagnostic import Diagnostic
    from resdsl.drawing.tables.size_text import Sizes
    from resdsl.drawing.tables.table import Table

# Signs that we print, for encodings that do not have them.
_PLAIN = {
    "×": "x", "·": "*", "−": "-", "–": "-", "—": "-", "…": "...", "≥": ">=", "≤": "<=", "→": "->",
    "←": "<-", "⌈": "ceil(", "⌉": ")", "⌊": "floor(", "⌋": ")", "’": "'", "“": '"', "”": '"',
    "─": "-", "━": "-", "│": "|", "┃": "|", "┼": "+", "╇": "+", "╈": "+", "┬": "+", "┴": "+",
    "├": "+", "┤": "+", "┌": "+", "┐": "+", "└": "+", "┘": "+",
}  # fmt: skip
_HANDLER = "resdsl.plain"
# A colour, or what a terminal would act on.
_OBEYED = re.compile(
    r"(\x1b\[[0-9;]*m)|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
)


def prepare() -> None:
    """Lets both streams print every text, whatever their encoding."""
    codecs.register_error(_HANDLER, _plainly)
    # A stream that was closed before we began (`2>&-`) is None: what goes there goes nowhere.
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 (open as long as we run)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # a stream of somebody else's
            stream.reconfigure(errors=_HANDLER)  # type: ignore[union-attr]


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """An error handler for codecs: the nearest that the encoding has."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    pieces = []
    for char in error.object[error.start : error.end]:
        pieces.append(_PLAIN.get(char) or char.encode("ascii", "backslashreplace").decode())
    return "".join(pieces), error.end


def has_colour(stream: TextIO | None) -> bool:
    """By the conventions of no-color.org, force-color.org and bixense.com/clicolors."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE", "0") != "0":
        return True
    if os.environ.get("CLICOLOR") == "0" or os.environ.get("TERM") == "dumb":
        return False
    return _is_terminal(stream)


def say(text: str = "") -> None:
    """A result, on stdout."""
    _print(text, sys.stdout)


def note(text: str) -> None:
    """A remark, on stderr."""
    error_line(f"{paint('note', '1;36')}: {text}")


def error(text: str) -> None:
    """A one-line error, on stderr."""
    error_line(f"{paint('error', '1;31')}: {text}")


def interrupted() -> None:
    """After Ctrl-C, which a terminal shows as `^C` wherever the cursor is."""
    if _is_terminal(sys.stderr):
        error_line("")
    error("interrupted")


def error_line(text: str) -> None:
    _print(text, sys.stderr)


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Diagnostics, on stderr, a blank line after them."""
    found = list(diagnostics)
    if found:
        from resdsl.diagnostics.text import render_all

        error_line(render_all(found, colour=has_colour(sys.stderr)))


def paint(text: str, code: str) -> str:
    """`text` in an ANSI colour where stderr shows it."""
    return f"\x1b[{code}m{text}\x1b[0m" if has_colour(sys.stderr) else text


def say_table(table: Table | Sizes) -> None:
    """A table on stdout: fitted to a terminal, else plain."""
    if not _is_terminal(sys.stdout):
        say(str(table))
        return
    from rich.console import Console

    Console(no_color=not has_colour(sys.stdout)).print(table.to_rich())


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _print(text: str, stream: TextIO | None) -> None:
    if stream is None:  # the shell closed it (`>&-`)
        return
    try:
        stream.write(printable(text) + "\n")
        stream.flush()
    except BrokenPipeError:
        _close(stream)
    except OSError as error:
        _close(stream)
        if stream is sys.stderr:
            return  # there is nobody left to tell
        raise OutputError(f"{stream.name}: cannot be written ({why(error)})") from error


def printable(text: str) -> str:
    """A text that a terminal shows and does not obey: names of files may hold any character.

    Line ends, tabs and our own colours stay; other control characters, and those that turn the
    direction of what follows, are shown as Python's escapes.
    """
    return _OBEYED.sub(lambda found: found[1] or ascii(found[0])[1:-1], text)


def finish(status: int) -> int:
    """Flushes what is left, so that the interpreter has nothing to complain of when it ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            _close(stream)
    return status


def _close(stream: TextIO) -> None:
    """Nobody reads the stream any more: what follows goes nowhere."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
