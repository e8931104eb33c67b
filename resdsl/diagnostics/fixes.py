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


def replacement(span: Span, text: str, *, is_safe: bool = True) -> Fix:
    title = f"replace `{span.text}` by `{text}`" if text else f"remove `{span.text}`"
    return Fix(title, (Edit(span, text),), is_safe)


def renaming(span: Span, candidates: Iterable[str]) -> Fix | None:
    """To the one name that was probably meant; a guess, so never applied without being asked."""
    found = suggest(span.text, candidates)
    if len(found) != 1:
        return None
    return Fix(f"replace `{span.text}` by `{found[0]}`", (Edit(span, found[0]),), is_safe=False)


def removal(span: Span, *, is_safe: bool = True) -> Fix:
    """Of a step: with its line, if it stands there alone."""
    text = span.source.text
    start, stop = span.start, span.stop
    begin = text.rfind("\n", 0, start) + 1
    end = text.find("\n", stop)
    end = len(text) if end < 0 else end
    if not text[begin:start].strip() and re.fullmatch(r"\s*(#.*)?", text[stop:end]):
        start, stop = begin, min(end + 1, len(text))
    title = f"remove `{span.text if len(span.text) < 40 else span.text[:39] + '…'}`"
    return Fix(title, (Edit(Span(span.source, start, stop), ""),), is_safe)


def unlisting(span: Span, step: Span, count: int) -> Fix | None:
    """Of one of `count` names in a list that ends a step; the step itself where it is the only one.

    None where a comment or a line end stands between: what belongs together is for a person to say.
    """
    title = f"remove `{span.text}`"
    text, before = span.source.text, span.source.text[step.start : span.start]
    if count == 1:
        return None if "#" in step.text else removal(step)
    if after := re.compile(r"[ \t]*,[ \t]*(?=[A-Za-z_])").match(text, span.stop):
        return Fix(title, (Edit(Span(span.source, span.start, after.end()), ""),))
    if (comma := re.search(r"[ \t]*,[ \t]*$", before)) and span.stop == step.stop:
        start = step.start + comma.start()
        return Fix(title, (Edit(Span(span.source, start, span.stop), ""),))
    return None


def applied(source: Source, fixes: Sequence[Fix]) -> tuple[str, int]:
    """A text with fixes, and how many were applied: one that touches another waits."""
    text, limit, count = source.text, len(source.text) + 1, 0
    # From the end of the text to its start.
    pieces: list[str] = []
    rest = len(text)
    edits = [
        (edit, fix)
        for fix in fixes
        for edit in fix.edits
        # An equal one, where the text was read before (resdsl.language.names.kept).
        if (edit.span.source.name, edit.span.source.text) == (source.name, text)
    ]
    for edit, _ in sorted(edits, key=lambda pair: pair[0].span.start, reverse=True):
        if edit.span.stop > limit:
            continue
        pieces += [text[edit.span.stop : rest], edit.text]
        rest = limit = edit.span.start
        count += 1
    return "".join(reversed([*pieces, text[:rest]])), count
