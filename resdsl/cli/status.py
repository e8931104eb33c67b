"""Exit statuses."""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Diagnostic

FINE = 0
SPEC_ERRORS = 1
USAGE = 2  # wrong usage, unreadable input, failed output
TOOL_MISSING = 3
BUG = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130  # as shells report SIGINT

_USAGE_CODES = {
    codes.ENCODING,
    codes.NO_NETWORK,
    codes.WHICH_NETWORK,
    codes.OVERRIDE,
    codes.UNREADABLE,
    codes.UNREADABLE_WEIGHTS,
}


def of(diagnostics: Iterable[Diagnostic]) -> int:
    """2 where something could not be looked at as asked, else 1 where a spec has errors."""
    errors = [found for found in diagnostics if found.severity == "error"]
    if any(found.code in _USAGE_CODES or _is_of_option(found) for found in errors):
        return USAGE
    return SPEC_ERRORS if errors else FINE


def _is_of_option(found: Diagnostic) -> bool:
    """Whether the mistake is in the text of an option: `--set classes=abc`."""
    return found.span is not None and found.span.source.name.startswith("--")
