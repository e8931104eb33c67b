"""Mistakes people make, and what the compiler says of each.

`tests/golden/errors/NAME.res` is the mistake, `NAME.txt` the expected text, read and approved by a
person. `pytest --update-golden` writes the texts anew: read the difference before you commit it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from resdsl.analysis.advice import advise
from resdsl.analysis.contracts import verify
from resdsl.analysis.facts import facts
from resdsl.diagnostics.diagnostic import Diagnostic, Sink
from resdsl.diagnostics.explanations import titles
from resdsl.diagnostics.text import render_all
from resdsl.language.spec import open_spec
from resdsl.source import Source, Span

CASES = sorted((Path(__file__).parent.parent / "golden" / "errors").glob("*.res"))


def diagnosed(path: Path) -> Sink:
    """Everything that a check of all networks of a file reports."""
    return diagnosed_text(path.read_text(encoding="utf-8"), path)


def diagnosed_text(text: str, path: Path) -> Sink:
    """The same of a text that might stand in a file."""
    sink = Sink()
    spec = open_spec(Source(path.name, text), path, sink)
    for info in spec.networks if spec is not None else ():
        if info.complete:
            elaborated = spec.elaborate(info.name, sink)
            if elaborated is not None:
                known = facts(elaborated.network)
                verify(elaborated, known, sink)
                advise(elaborated, known.liveness, sink)
    return sink


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_message(path: Path, golden: Callable[[Path, str], None]) -> None:
    text = render_all(diagnosed(path).diagnostics)
    # Wherever the checkout lies, and pytest was started.
    for folder in (str(path.parent), os.path.relpath(path.parent)):
        text = text.replace(folder, "FOLDER")
    golden(path.with_suffix(".txt"), text + "\n")


# What a spec alone does not show: bytes, several networks, options, paths, bugs (see tests/cli).
ELSEWHERE = {
    "E0102",
    "E0801",
    "E0802",
    "E0803",
    "E0804",
    "E0805",
    "E0806",
    "E0807",
    "W1022",
    "X9000",
}


def test_the_mistakes_are_many_and_of_all_kinds() -> None:
    """Every code, none for a quarter of them; many with more than one place, some in two files."""
    first = [diagnosed(path).diagnostics[0] for path in CASES if path.stem != "many_mistakes"]
    codes = Counter(one.code.id for one in first)
    assert len(CASES) >= 80
    assert set(codes) == set(titles()) - ELSEWHERE
    assert max(codes.values()) < len(CASES) / 4
    assert sum(len(one.others) > 0 for one in first) >= 25
    assert sum(len({span.source.name for span in spans(one)}) > 1 for one in first) >= 10


def spans(one: Diagnostic) -> list[Span]:
    every = [one.span, *(label.span for label in one.others), *(link.span for link in one.chain)]
    return [span for span in every if span is not None]


def test_the_text_of_every_span(golden: Callable[[Path, str], None]) -> None:
    """What is marked is the mistake, to the character: the primary place, then the others."""
    lines = []
    for path in CASES:
        found = diagnosed(path).diagnostics
        for one in sorted(found, key=lambda one: (one.span.source.name, one.span.start)):  # type: ignore[union-attr]
            places = [one.span, *(label.span for label in one.others)]
            texts = [" ".join(span.text.split()) for span in places if span is not None]
            shown = " | ".join(text if len(text) < 60 else f"{text[:50]} …" for text in texts)
            lines.append(f"{path.stem}: {one.code.id}: {shown}")
    golden(CASES[0].parent.parent / "error_spans.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_spans_lie_in_the_text(path: Path) -> None:
    for diagnostic in diagnosed(path).diagnostics:
        spans = [diagnostic.span, *(label.span for label in diagnostic.others)]
        for span in spans:
            assert span is None or 0 <= span.start <= span.stop <= len(span.source.text)
