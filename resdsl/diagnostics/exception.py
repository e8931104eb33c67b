"""The exception in which a spec's mistakes reach Python, and the warning of what is doubtful."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from itertools import islice

from resdsl import limits
from resdsl.diagnostics.diagnostic import Diagnostic


class SpecError(Exception):
    """A spec with errors. `diagnostics` holds all of them, warnings included."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        # Where all goes well nothing is rendered.
        from resdsl.diagnostics.text import render_all

        return "\n" + render_all(self.diagnostics)


class SpecWarning(UserWarning):
    """What is doubtful about a spec that is built; the text begins with its code, `W1016: …`."""


def warn(diagnostics: Iterable[Diagnostic], stacklevel: int) -> None:
    """Python's warnings of those that are warnings, at the caller's line, counted from here."""
    from resdsl.diagnostics.text import render

    told = (found for found in diagnostics if found.severity == "warning")
    for found in islice(told, limits.TOLD):
        text = render(found).replace(f"warning[{found.code.id}]", found.code.id, 1)
        warnings.warn(text, SpecWarning, stacklevel=stacklevel + 1)
