"""Colours: one pair a stage, a light fill and a dark ink, and the neutral ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import cycle

from resdsl.analysis.sections import Section
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Colours:
    fill: str
    ink: str
    line: str


STAGES = tuple(
    Colours(fill, ink, ink)
    for fill, ink in (
        ("#ece7f6", "#6a51a3"),
        ("#e3f2e1", "#2e7d4f"),
        ("#fde8e4", "#c0513b"),
        ("#e1ecf8", "#2b6cb0"),
    )
)

TEXT = "#1f2933"
SECONDARY = "#64748b"
EDGE = "#475569"
GROUND = "white"

NEUTRAL = Colours("#f8fafc", TEXT, "#94a3b8")


def colours(sections: Iterable[Section]) -> Iterator[tuple[Section, Colours]]:
    """Named sections take the pairs in turn, stem and head stay neutral."""
    pairs = cycle(STAGES)
    for section in sections:
        yield section, next(pairs) if section.is_named else NEUTRAL
