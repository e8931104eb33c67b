"""Help that is followed must help: the text is changed as it says, and checked again.

Done for every golden mistake: the edits of fixes, each name of `did you mean`, and what is to be
written, where it is written out, without `…`. Whose place is not said is found by trying: the
marked text, that to the end of its line, its whole line, or before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from resdsl.diagnostics.diagnostic import Diagnostic
from resdsl.diagnostics.fixes import applied
from tests.language.test_golden_errors import CASES, diagnosed, diagnosed_text
from tests.zoo.families import every

_CHOICE = re.compile(r"did you mean (.+?)\?")
_WRITTEN = re.compile(r"write `((?:(?!NAME)[^`…])+)`(?! for this)")
_WOULD_DO = re.compile(r"`(\w+)` would do|another name(?:, such as|:) `(\w+)`")
_WORD = re.compile(r"`([^`]+)`")

# What is to be written belongs elsewhere, too: an import, the `join`, the input. Followed by hand.
BY_HAND = {
    ("names_of_the_library", "mbconv"),
    *(("extents_of_a_sized_input", extent) for extent in "HWL"),
    ("imports_of_python", "SqueezeExcite"),
    ("branch_called_here", "here"),
    ("x_as_a_name", "x"),
    # Of the input, or of an import besides.
    ("extents_of_a_sized_input", "H"),
    ("extents_of_a_sized_input", "W"),
    ("extents_of_a_sized_input", "L"),
    ("names_of_the_library", "mbconv"),
}


@cache
def told(path: Path) -> list[Diagnostic]:
    return diagnosed(path).diagnostics


def helped() -> Iterator[tuple[Path, Diagnostic, str, tuple[str, ...]]]:
    """A golden, one of its diagnostics, a help, and what it offers."""
    for path in CASES:
        for found in told(path):
            if found.span is None or found.span.source.name != path.name:
                continue
            for help in found.help:
                if help.startswith("leave the colon out"):
                    yield path, found, help, (found.span.text,)
                elif other := _WOULD_DO.search(help):
                    yield path, found, help, (other[1] or other[2],)
                elif choice := _CHOICE.search(help):
                    yield path, found, help, tuple(_WORD.findall(choice[1]))
                elif written := _WRITTEN.findall(help):
                    yield path, found, help, tuple(written[:1])


def texts(found: Diagnostic, offered: str, *, is_name: bool) -> Iterator[str]:
    """The texts that may be meant."""
    span = found.span
    assert span is not None
    text = span.source.text
    line = text.rfind("\n", 0, span.start) + 1
    line += len(text[line:]) - len(text[line:].lstrip(" "))
    end = text.find("\n", span.stop)
    end = len(text) if end < 0 else end
    yield text[: span.start] + offered + text[span.stop :]
    if is_name:
        return
    yield text[: span.start] + offered + text[end:]
    yield text[:line] + offered + text[span.stop :]
    yield text[:line] + offered + text[end:]
    yield text[: span.start] + offered + " " + text[span.start :]
    yield text[: span.start] + offered + text[span.stop + 1 :]
    # The word that is there already, and what belongs to it.
    before = re.search(r"[\w.\"{}\[\]]+[ :]*$", text[: span.start])
    if before is not None:
        yield text[: before.start()] + offered + text[span.stop :]
        behind = re.compile(r"[ ]*[\w.\"=]+([ ]*[x*,][ ]*\d+)*[ ]*\)*").match(text, span.stop)
        if behind is not None:
            yield text[: before.start()] + offered + text[behind.end() :]
    behind = re.compile(r"[^ )}:,]*").match(text, span.stop)
    assert behind is not None
    yield text[: span.start] + offered + text[behind.end() :]


def is_gone(path: Path, text: str, found: Diagnostic) -> bool:
    """Whether a changed text has the mistake no more, and no other on its line for it."""
    assert found.span is not None
    before, after = told(path), diagnosed_text(text, path).diagnostics
    same = [sum(one.message == found.message for one in every) for every in (before, after)]
    known = {one.message for one in before}
    new = [one for one in after if one.message not in known and one.span is not None]
    line = found.span.line
    return same[1] < same[0] and not any(one.span and one.span.line == line for one in new)


HELPED = list(helped())


@pytest.mark.parametrize(
    "case",
    every(2, HELPED),
    ids=[f"{path.stem}-{found.span and found.span.line}" for path, found, _, _ in HELPED],
)
def test_what_is_offered_helps(case: tuple[Path, Diagnostic, str, tuple[str, ...]]) -> None:
    path, found, help, offered = case
    assert found.span is not None
    if (path.stem, found.span.text) in BY_HAND:
        return
    is_name = help.startswith(("did you mean", "another"))
    for one in offered:
        tried = list(texts(found, one, is_name=is_name))
        assert any(is_gone(path, text, found) for text in tried), (help, one)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_fixes_mend(path: Path) -> None:
    for found in told(path):
        if found.fix is not None and found.span is not None:
            source = found.fix.edits[0].span.source
            if source.name == path.name:
                text, count = applied(source, [found.fix])
                assert count == len(found.fix.edits)
                assert is_gone(path, text, found), found.fix.title


def test_most_help_is_followed() -> None:
    assert len(HELPED) > 100
    assert len(BY_HAND) < len(HELPED) / 5
