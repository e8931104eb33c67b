"""The sections of a network as the overview draws them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from resdsl.analysis.cost import FREE
from resdsl.analysis.element import Element
from resdsl.analysis.folding import first_calls, folded
from resdsl.analysis.rows import called
from resdsl.analysis.sections import Section
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A section as drawn: its elements, equal neighbours together, and the names beside blocks.

    `look` is that of its boxes: of a stage's own, neutral for stem and head.
    """

    section: Section
    look: str
    elements: tuple[Element, ...]
    names: tuple[str, ...]

    @property
    def has_row(self) -> bool:
        """Pools between the stages stand on the spine alone, without a row of the table."""
        return self.section.is_named or self.section.cost != FREE

    @property
    def beside(self) -> int:
        """The element that the row of the table stands beside."""
        return next((i for i, element in enumerate(self.elements) if element.cost != FREE), 0)


def parts(sections: Iterable[Section]) -> list[Part]:
    found: list[Part] = []
    stages = 0
    for section in sections:
        look = f"stage{stages}" if section.is_named else "neutral"
        stages += section.is_named
        # What nothing reads has no place on the spine.
        elements = tuple(folded(e for e in section.elements if e.is_read))
        if elements:
            called = first_calls(elements, section.name)
            words = map(_with_word, elements, called)
            names = map(_with_name, _names(elements), called)
            found.append(Part(section, look, tuple(words), tuple(names)))
    return found


def _with_word(element: Element, key: str) -> Element:
    """A layer that a module begins with which is called again says by which name."""
    return replace(element, text=called(key) + element.text) if key and element.text else element


def _with_name(name: str, key: str) -> str:
    """The same of a block, whose name stands beside it."""
    return called(key) + name if key and name and name != key else name


def _names(elements: tuple[Element, ...]) -> tuple[str, ...]:
    """`block 1`, `blocks 2–36`; the author's name where a block has one, and what it is where there
    is no other."""
    found: list[str] = []
    total = sum(element.count for element in elements if element.is_block)
    number = 1
    for element in elements:
        if not element.is_block:
            found.append("")
        elif element.labelled and element.count == 1 and not element.repeated:
            found.append(element.name)
        elif total == 1:
            found.append(element.kind.replace("_", " "))
        else:
            last = number + element.count - 1
            found.append(f"block {number}" if element.count == 1 else f"blocks {number}–{last}")
            number += element.count
    return tuple(found)
