"""The exception in which a spec's mistakes reach Python."""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.diagnostics.model import Diagnostic


class SpecError(Exception):
    """A spec with errors. `diagnostics` holds all of them, warnings included."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        # Where all goes well nothing is rendered.
        from resdsl.diagnostics.text import render_all

        return "\n" + render_all(self.diagnostics)
