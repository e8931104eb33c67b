"""Docstrings, in lines as `ruff format` leaves them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resdsl.targets.nodes import WIDTH, cells

# What a line of prose ends with that is a whole sentence, and where a sentence ends within a line:
# not behind the abbreviations of references.
_ENDS = (".", ":", "!", "?")
_TITLE = 60
_SENTENCE = re.compile(r"(?<!\b(?:Fig|Sec|Tab|Eqs))(?<!\b(?:al|cf|vs|Eq|No))[.!?] (?=[A-Z`\"'(])")


def wrapped(text: str, width: int) -> Iterator[str]:
    """Prose in lines of at most `width` columns, where its words allow it.

    Lines flow together; an empty line separates paragraphs and stays.
    """
    line = ""
    for given in text.splitlines():
        if not given.strip():
            yield from (line, "")
            line = ""
        for word in given.split():
            if line and cells(line) + 1 + cells(word) > width:
                yield line
                line = word
            else:
                line = f"{line} {word}" if line else word
    yield line


def docstring(text: str, indent: int) -> Iterator[str]:
    '''`"""text"""`, over several lines where it does not fit on one.'''
    text = text.replace("\\", "\\\\").replace('"""', "'''").strip()
    margin = " " * indent
    summary, details = (text, "") if "\n" not in text else _summary(text)
    if not details.strip() and summary.endswith('"'):
        summary += " "
    whole = f'{margin}"""{summary}"""'
    if not details.strip() and cells(whole) <= WIDTH:
        yield whole
        return
    yield from _quoted(summary, details, margin)
    yield f'{margin}"""'


def _summary(text: str) -> tuple[str, str]:
    """The first line and what follows; the first sentence where the line ends within one.

    A short line before one that begins with a capital is a title without a full stop.
    """
    first, _, rest = text.partition("\n")
    is_title = len(first) < _TITLE and rest.lstrip(" ")[:1].isupper()
    if first.rstrip().endswith(_ENDS) or is_title or not rest.split("\n")[0].strip():
        return first, rest
    paragraph, blank, more = text.partition("\n\n")
    words = " ".join(paragraph.split())
    end = _SENTENCE.search(words)
    if end is None:
        return words, more
    return words[: end.end() - 1], words[end.end() :] + blank + more


def _quoted(summary: str, details: str, margin: str) -> Iterator[str]:
    """The lines of a docstring, a blank one after the summary."""
    width = WIDTH - len(margin)
    first, *rest = wrapped(f'"""{summary}', width)
    if not rest and not details.strip():
        # The closing quotes would stand behind it, beyond the edge.
        first, *rest = wrapped(f'"""{summary}', width - len('"""'))
    yield margin + first
    yield from (margin + line for line in rest)
    if details.strip():
        yield ""
        for line in wrapped(details.strip(), WIDTH - len(margin)):
            yield margin + line if line else ""
