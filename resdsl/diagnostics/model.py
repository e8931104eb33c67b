"""Diagnostics as data, and the sink that collects them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from resdsl.diagnostics.codes import Code
from resdsl.diagnostics.fixes import Fix
from resdsl.source import Span

_ALLOWED = re.compile(r"#\s*allow\b([\w\s,]*)")

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Label:
    """A note under a piece of source text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """One link of the instantiation chain: what was elaborated, and where it was asked for."""

    text: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake. The message stands alone; the primary label says what, the others why.

    `span` is the primary place (None where there is no text, as for a command line option).
    `chain` runs from the innermost instantiation to the outermost.
    """

    code: Code
    severity: Severity
    message: str
    span: Span | None = None
    label: str = ""
    others: tuple[Label, ...] = ()
    chain: tuple[Frame, ...] = ()
    help: tuple[str, ...] = ()
    fix: Fix | None = None

    @property
    def mistake(self) -> object:
        """Equal for what is one mistake: in a definition used twice it is told once."""
        span = self.span
        where = None if span is None else (span.source.name, span.start, span.stop)
        return self.code, self.message, where


@dataclass(slots=True)
class Sink:
    """Collects diagnostics. No step raises on a user's mistake: it reports here and goes on."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    _chain: list[Frame] = field(default_factory=list)
    _known: set[object] = field(default_factory=set)
    # How many were reported, those that were told already included.
    reports: int = 0
    errors: int = 0

    def error(
        self,
        code: Code,
        message: str,
        span: Span | None = None,
        label: str = "",
        *,
        others: Iterable[Label] = (),
        help: Iterable[str] = (),
        fix: Fix | None = None,
    ) -> None:
        self._report("error", code, message, span, label, others, help, fix)

    def warning(
        self,
        code: Code,
        message: str,
        span: Span | None = None,
        label: str = "",
        *,
        others: Iterable[Label] = (),
        help: Iterable[str] = (),
        fix: Fix | None = None,
    ) -> None:
        """A comment on the line of `span` silences it: `# allow W1003`."""
        if span is None or not _is_allowed(code, span):
            self._report("warning", code, message, span, label, others, help, fix)

    def _report(
        self,
        severity: Severity,
        code: Code,
        message: str,
        span: Span | None,
        label: str,
        others: Iterable[Label],
        help: Iterable[str],
        fix: Fix | None,
    ) -> None:
        found = Diagnostic(
            code,
            severity,
            message,
            span,
            label,
            tuple(others),
            tuple(reversed(self._chain)),
            tuple(help),
            fix,
        )
        self.reports += 1
        self.errors += severity == "error"
        if found.mistake not in self._known:
            self._known.add(found.mistake)
            self.diagnostics.append(found)

    @contextmanager
    def within(self, text: str, span: Span | None) -> Iterator[None]:
        """What is reported inside happens while `text`, asked for at `span`, is elaborated."""
        self._chain.append(Frame(text, span))
        try:
            yield
        finally:
            self._chain.pop()


def _is_allowed(code: Code, span: Span) -> bool:
    comment = _ALLOWED.search(span.source.line(span.line))
    return comment is not None and code.id in comment[1].replace(",", " ").split()


class SpecError(Exception):
    """A spec with errors. `diagnostics` holds all of them, warnings included."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        from resdsl.diagnostics.text import render_all

        return "\n" + render_all(self.diagnostics)
