"""What must hold of any text whatever, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from lark import Lark, UnexpectedInput

import resdsl
from resdsl import limits
from resdsl.diagnostics.diagnostic import Diagnostic
from resdsl.source import Span
from resdsl.syntax import tables


@dataclass(frozen=True, slots=True)
class Look:
    """At one text. `problems`: what should not be."""

    problems: tuple[str, ...]
    errors: int
    seconds: float


def look(text: str) -> Look:
    """Checks a text as a spec. Exceptions are for the caller: there must be none."""
    start = time.perf_counter()
    report = resdsl.check(f"{text}\n")
    rendered = str(report)
    seconds = time.perf_counter() - start
    errors = [found for found in report.diagnostics if found.severity == "error"]
    problems = list(_problems(report.diagnostics, f"{text}\n"))
    if "Traceback" in rendered:
        problems.append("a traceback in a message")
    if not errors and not is_grammatical(f"{text}\n"):
        problems.append("no error, though lark cannot parse it")
    if not errors and not report.ok:
        problems.append("not ok, and no error")
    return Look(tuple(problems), len(errors), seconds)


def _problems(diagnostics: tuple[Diagnostic, ...], text: str) -> Iterator[str]:
    for found in diagnostics:
        if not found.message.strip():
            yield f"{found.code.id} says nothing"
        for span in _spans(found):
            own = span.source.name == "<text>"
            size = len(text) if own else len(span.source.text)
            if not 0 <= span.start <= span.stop <= size:
                yield f"{found.code.id} points at {span.start}:{span.stop} of {size}"


def _spans(found: Diagnostic) -> Iterator[Span]:
    if found.span is not None:
        yield found.span
    yield from (label.span for label in found.others)


@cache
def _lark() -> Lark:
    return tables.build(tables.grammar_path().read_text(encoding="utf-8"))


def is_grammatical(text: str) -> bool:
    """By lark's own parser; what is too large for a spec is for other tests."""
    if len(text) > limits.FILE_BYTES:
        return True
    try:
        _lark().parse(" " + text[1:] if text.startswith("\ufeff") else text)
    except UnexpectedInput:
        return False
    except RecursionError:
        return True
    return True
