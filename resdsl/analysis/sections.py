"""A network in the parts that people speak of: stem, stages, head.

What divides it is stages and kept tensors; where there are none, the labels of its layers.
"""

from __future__ import annotations

from dataclasses import replace

from resdsl.analysis.cost import FREE, Cost
from resdsl.analysis.elements import Element, Mark
from resdsl.analysis.folding import folded
from resdsl.analysis.reach import Reaches
from resdsl.design.model import Step
from resdsl.extents import Shape
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """`kind` is stem, stage, keep, label, between or head; the first, the last two are neutral.

    `cost` is that of all `elements`; `output` the shape after the last that is read (where none
    is, after the last), `reach` what that sees.
    `start` and `end` are the depths before and behind it. `elements` are empty where none says
    anything.
    """

    name: str
    kind: str
    path: str
    elements: tuple[Element, ...]
    cost: Cost
    output: Shape
    reach: Reaches
    start: int
    end: int
    step: Step | None = None

    @property
    def is_named(self) -> bool:
        """The author set it off, so it has a colour."""
        return self.kind in ("stage", "keep", "label")

    @property
    def is_read(self) -> bool:
        """Something in it is called."""
        return not self.elements or any(element.is_read for element in self.elements)


def sections(elements: list[Element | Mark]) -> tuple[Section, ...]:
    """Every element in its section, in order."""
    start = 0
    if not any(isinstance(item, Mark) for item in elements):
        return tuple(_by_labels([item for item in elements if isinstance(item, Element)]))
    found: list[Section] = []
    pending: list[Element] = []
    opened: list[Mark] = []
    for item in elements:
        if isinstance(item, Element):
            pending.append(item)
            continue
        named = item.kind == "stage" and not item.opens
        if pending:
            if item.kind == "keep" or named:
                label = opened[0] if named and opened else item
                found.append(_section(item.name, item.kind, label.path, pending, start, label.step))
            else:
                found.append(_section("", "between" if found else "stem", "", pending, start))
            start, pending = found[-1].end, []
        opened = [item] if item.opens else []
    if pending:
        found.append(_section("head", "head", "", pending, start))
    return tuple(part for section in found for part in _parted(section))


def _section(
    name: str,
    kind: str,
    path: str,
    elements: list[Element],
    start: int,
    step: Step | None = None,
) -> Section:
    total = FREE
    for element in elements:
        total += element.cost
    read = [element for element in elements if element.is_read]
    last = read[-1] if read else elements[-1]
    return Section(
        name or kind,
        kind,
        path,
        tuple(elements),
        total,
        last.output,
        last.reach,
        start,
        last.depth if read else start,
        step,
    )


def _again(section: Section, name: str, elements: list[Element], start: int) -> Section:
    return replace(
        _section(name, section.kind, section.path, elements, start, section.step), name=name
    )


def _parted(section: Section) -> list[Section]:
    """Pools that end the stem or begin the head stand for themselves, as in the papers' tables."""
    elements = folded(list(section.elements))
    if section.is_named:
        return [replace(section, elements=tuple(elements))]
    free = [element.cost == FREE for element in elements]
    if all(free):
        return [_again(section, element.name, [element], section.start) for element in elements]
    first, last = free.index(False), len(free) - free[::-1].index(False)
    first, last = (first, len(free)) if section.kind == "head" else (0, last)
    parts: list[Section] = []
    start = section.start
    for part in (*_singles(elements[:first]), elements[first:last], *_singles(elements[last:])):
        name = part[0].name if part[0].cost == FREE else _name(section, part)
        parts.append(_again(section, name, part, start))
        start = parts[-1].end
    return parts


def _singles(elements: list[Element]) -> list[list[Element]]:
    return [[element] for element in elements]


def _name(section: Section, elements: list[Element]) -> str:
    """The label of the one layer or group that makes up a stem, else what it is."""
    if section.kind == "head":
        return "head"
    if len(elements) == 1 and "." not in elements[0].path:
        return elements[0].name
    groups = {element.path.split(".")[0] for element in elements}
    if len(groups) == 1 and "." in elements[0].path:
        (group,) = groups
        whole = [e for e in section.elements if e.path.split(".")[0] == group]
        # A row has a tap's name only where it ends with that tensor.
        return group if whole[-1].path == elements[-1].path else elements[0].name
    return "start" if section.name in groups else section.name


def _by_labels(elements: list[Element]) -> list[Section]:
    """A section begins at each labelled layer or block that has parameters."""
    parts: list[list[Element]] = []
    for element in elements:
        begins = element.labelled and not element.quiet and element.cost != FREE
        if begins or not parts:
            parts.append([element])
        else:
            parts[-1].append(element)
    found: list[Section] = []
    start = 0
    for part in parts:
        named = part[0].labelled
        name = part[0].name if named else "network" if len(parts) == 1 else "stem"
        kind = "label" if named else "stem"
        made = _section(name, kind, part[0].path, part, start)
        found.append(replace(made, elements=tuple(folded(part))))
        start = made.end
    return found
