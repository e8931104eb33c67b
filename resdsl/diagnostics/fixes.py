"""What would mend a mistake, as edits of the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from resdsl.diagnostics.suggest import suggest
from resdsl.source import Source, Span


@dataclass(frozen=True, slots=True)
class Edit:
    """`text` in the place of a span."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """`is_safe`: it says what the author meant beyond doubt, so `check --fix` may apply it."""

    title: str
    edits: tuple[Edit, ...]
    is_safe: bool = True


def replacement(span: Span, text: str) -> Fix:
    title = f"replace `{span.text}` by `{text}`" if text else f"remove `{span.text}`"
    return Fix(title, (Edit(span, text),))


def renaming(span: Span, candidates: Iterable[str]) -> Fix | None:
    """To the one name that was probably meant; a guess, so never applied without being asked."""
    found = suggest(span.text, candidates)
    if len(found) != 1:
        return None
    return Fix(f"replace `{span.text}` by `{found[0]}`", (Edit(span, found[0]),), is_safe=False)


def removal(span: Span) -> Fix:
    """Of a step: with its line, if it stands there alone."""
    text = span.source.text
    start, stop = span.start, span.stop
    begin = text.rfind("\n", 0, start) + 1
    end = text.find("\n", stop)
    end = len(text) if end < 0 else end
    if not text[begin:start].strip() and re.fullmatch(r"\s*(#.*)?", text[stop:end]):
        start, stop = begin, min(end + 1, len(text))
    title = f"remove `{span.text if len(span.text) < 40 else span.text[:39] + '…'}`"
    return Fix(title, (Edit(Span(span.source, start, stop), ""),))


def listed(span: Span) -> Fix:
    """Of a name in a list: with a comma beside it; with the whole import, if it is the only one."""
    text = span.source.text
    if after := re.compile(r"\s*,[ \t]*").match(text, span.stop):
        return Fix(f"remove `{span.text}`", (Edit(Span(span.source, span.start, after.end()), ""),))
    before = re.search(r",\s*$", text[: span.start])
    if before:
        cut = Span(span.source, before.start(), span.stop)
        return Fix(f"remove `{span.text}`", (Edit(cut, ""),))
    start = text.rfind("from", 0, span.start)
    return removal(Span(span.source, start, span.stop))


def applied(source: Source, fixes: Sequence[Fix]) -> tuple[str, int]:
    """A text with fixes, and how many were applied: one that touches another waits."""
    text, limit, count = source.text, len(source.text) + 1, 0
    edits = [(edit, fix) for fix in fixes for edit in fix.edits if edit.span.source is source]
    for edit, _ in sorted(edits, key=lambda pair: pair[0].span.start, reverse=True):
        if edit.span.stop > limit:
            continue
        text = text[: edit.span.start] + edit.text + text[edit.span.stop :]
        limit, count = edit.span.start, count + 1
    return text, count
