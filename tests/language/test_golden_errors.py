"""Mistakes people make, and what the compiler says of each.

`tests/golden/errors/NAME.res` is the mistake, `NAME.txt` the expected text, read and approved by a
person. `pytest --update-golden` writes the texts anew: read the difference before you commit it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from resdsl.analysis.contracts import verify
from resdsl.diagnostics.model import Sink
from resdsl.diagnostics.text import render_all
from resdsl.language.spec import open_spec
from resdsl.source import Source

CASES = sorted((Path(__file__).parent.parent / "golden" / "errors").glob("*.res"))


def diagnosed(path: Path) -> Sink:
    """Everything that a check of all networks of a file reports."""
    sink = Sink()
    spec = open_spec(Source(path.name, path.read_text(encoding="utf-8")), path, sink)
    for info in spec.networks if spec is not None else ():
        if info.complete:
            elaborated = spec.elaborate(info.name, sink)
            if elaborated is not None:
                verify(elaborated, sink)
    return sink


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_message(path: Path, golden: Callable[[Path, str], None]) -> None:
    golden(path.with_suffix(".txt"), render_all(diagnosed(path).diagnostics) + "\n")


def test_there_are_twenty() -> None:
    assert len(CASES) >= 20


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_spans_lie_in_the_text(path: Path) -> None:
    for diagnostic in diagnosed(path).diagnostics:
        spans = [diagnostic.span, *(label.span for label in diagnostic.others)]
        for span in spans:
            assert span is None or 0 <= span.start <= span.stop <= len(span.source.text)
