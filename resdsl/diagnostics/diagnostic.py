"""Diagnostics as data, and the sink that collects them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from resdsl import limits
from resdsl.diagnostics.brief import brief
from resdsl.diagnostics.codes import Code
from resdsl.diagnostics.fixes import Fix
from resdsl.source import Source, Span

_ALLOWED = re.compile(r"#\s*allow\b([\w\s,]*)")

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Label:
    """A note under a piece of source text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Frame:
    """One link of the instantiation chain: what was elaborated, and where it was asked for.

    `settings` are the `set`s that gave it arguments, by parameter.
    """

    text: str
    span: Span | None
    settings: Mapping[str, Span] = field(default_factory=dict)


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
        """Equal for what is one mistake: in a definition used twice it is told once.

        A warning is so at its place whatever the numbers are, which differ from use to use.
        """
        span = self.span
        if span is None:
            return self.code, self.message
        where = (span.source.name, span.start, span.stop)
        return self.code, self.message if self.severity == "error" else "", where


class _Within(AbstractContextManager[None]):
    """A frame, while it is the innermost of a chain. Few are ever told of: what one shows is
    written when it is."""

    __slots__ = ("chain", "settings", "span", "text")

    def __init__(
        self,
        chain: list[_Within],
        text: Callable[[], str],
        span: Span | None,
        settings: Mapping[str, Span],
    ) -> None:
        self.chain = chain
        self.text = text
        self.span = span
        self.settings = settings

    @property
    def frame(self) -> Frame:
        return Frame(self.text(), self.span, self.settings)

    def __enter__(self) -> None:
        self.chain.append(self)

    def __exit__(self, *_: object) -> None:
        self.chain.pop()


@dataclass(slots=True)
class Sink:
    """Collects diagnostics. No step raises on a user's mistake: it reports here and goes on."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    _chain: list[_Within] = field(default_factory=list)
    # How often each mistake was reported.
    _known: Counter[object] = field(default_factory=Counter)
    # What each of the diagnostics was reported as, by its identity: it is told in fewer words, and
    # at the author's call where it is in the library.
    _reported: dict[int, object] = field(default_factory=dict)
    # How many were reported, those included that were told already or silenced.
    reports: int = 0
    errors: int = 0

    @property
    def helps(self) -> bool:
        """Whether another mistake is told with help: after so many, nobody reads it."""
        return len(self.diagnostics) < limits.TOLD

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
        chain: tuple[Frame, ...] | None = None,
        help: Iterable[str] = (),
        fix: Fix | None = None,
    ) -> None:
        """A comment on the line of `span` silences it: `# allow W1003`.

        `chain` says how it came to be, where that is no longer so.
        """
        if span is None or not is_allowed(code, span):
            self._report("warning", code, message, span, label, others, help, fix, chain)
        else:
            self.reports += 1

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
        chain: tuple[Frame, ...] | None = None,
    ) -> None:
        self.reports += 1
        self.errors += severity == "error"
        found = Diagnostic(code, severity, message, span, label, fix=fix)
        self._known[found.mistake] += 1
        if self._known[found.mistake] > 1:
            return
        # What is found only to be told is not looked for where it would not be read.
        helps = tuple(help) if self.helps else ()
        shown = replace(
            found,
            message=brief(message),
            label=brief(label),
            others=tuple(Label(one.span, brief(one.text)) for one in others),
            chain=self.chain if chain is None else chain,
            help=tuple(map(brief, helps)),
        )
        shown = self._at_call(shown) if severity == "error" else shown
        self._reported[id(shown)] = found.mistake
        self.diagnostics.append(shown)

    def _at_call(self, found: Diagnostic) -> Diagnostic:
        """An error inside of the library at the author's own call, which is what can be mended."""
        inside = found.span
        if inside is None or not inside.source.library:
            return found
        calls = (frame.span for frame in found.chain)
        own = next((span for span in calls if span and not span.source.library), None)
        if own is None:
            return found
        others = (Label(inside, found.label), *found.others)
        return replace(found, span=own, label="in what this makes", others=others)

    def take(self, found: Iterable[Diagnostic]) -> None:
        """What another sink collected; what is known here is not told again."""
        for one in found:
            self._known[one.mistake] += 1
            if self._known[one.mistake] == 1:
                self.diagnostics.append(one)

    def retract(self, is_idle: Callable[[Diagnostic], bool]) -> None:
        """Takes back what turned out to be of nothing that there is."""
        kept: list[Diagnostic] = []
        for one in self.diagnostics:
            if not is_idle(one):
                kept.append(one)
                continue
            times = self._known.pop(self._reported.get(id(one), one.mistake))
            self.errors -= times if one.severity == "error" else 0
        self.diagnostics[:] = kept

    @property
    def chain(self) -> tuple[Frame, ...]:
        """What is being elaborated, the innermost first."""
        return tuple(one.frame for one in reversed(self._chain))

    def cause(self, parameters: Iterable[str]) -> Span | None:
        """Where what happens in the library comes from in the author's text: the innermost `set` of
        one of these parameters, or call."""
        for frame in reversed(self._chain):
            for parameter in parameters:
                if parameter in frame.settings:
                    return frame.settings[parameter]
            if frame.span is not None and not frame.span.source.library:
                return frame.span
        return None

    def told(self, code: Code) -> Diagnostic | None:
        """What was told, with this code, of a call that is being elaborated."""
        calls = {frame.span for frame in self._chain}
        found = (one for one in self.diagnostics if one.code == code and one.span in calls)
        return next(found, None)

    def within(
        self,
        text: Callable[[], str],
        span: Span | None,
        settings: Mapping[str, Span] | None = None,
    ) -> AbstractContextManager[None]:
        """What is reported inside happens while `text()`, asked for at `span`, is elaborated."""
        return _Within(self._chain, text, span, settings or {})


def is_allowed(code: Code, span: Span) -> bool:
    """Whether a comment on the line of `span` silences a warning."""
    return code.id in _allowed(span.source, span.line)


# A line may be as long as a text, and have a warning at every step.
@lru_cache(4)
def _allowed(source: Source, line: int) -> frozenset[str]:
    """The codes that a comment in a line silences."""
    comment = _ALLOWED.search(source.line(line))
    return frozenset(comment[1].replace(",", " ").split() if comment else ())
