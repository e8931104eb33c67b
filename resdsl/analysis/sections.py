"""A network in the parts that people speak of: stem, stages, head.

What divides it is stages and kept tensors; where there are none, the labels of its layers. A part
ends where an output is given, and what follows a head and begins elsewhere is another head.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from resdsl.analysis.cost import FREE, Cost
from resdsl.analysis.element import Element, Mark
from resdsl.analysis.elements import Elements
from resdsl.analysis.folding import folded
from resdsl.analysis.reach import Reaches
from resdsl.design.model import Body, Step
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


_Item: TypeAlias = Element | Mark


def section_of(sections: Sequence[Section], number: int) -> int | None:
    """Which of them has the element of a number; None for what is before all of them."""
    last = None
    for at, section in enumerate(sections):
        if section.elements and section.elements[0].first <= number:
            last = at
    return last


def sections(elements: Elements, body: Body, shapes: list[Shape]) -> tuple[Section, ...]:
    """Every element of a network's body in its section, in order."""
    items = _dividing(elements.lined_up(body, shapes))
    if all(isinstance(item, Element) or _is_weak(item, elements) for item in items):
        return tuple(_by_labels(items, elements))
    start = 0
    found: list[Section] = []
    pending: list[Element] = []
    opened: list[Mark] = []
    kept = {item.name: item for item in items if isinstance(item, Mark) and item.kind == "keep"}
    for item in items:
        if isinstance(item, Element):
            start = start if pending else _start(item, elements, start)
            pending.append(item)
            continue
        named = item.kind == "stage" and not item.opens
        if pending:
            if item.kind == "keep" or named:
                label = opened[0] if named and opened else item
                is_last = kept.get(item.name, item) is item or named
                name = item.name if is_last else _label(pending) or item.name
                found.append(_section(name, item.kind, label.path, pending, start, label.step))
            else:
                kind = "head" if item.ends else "between" if found else "stem"
                found.append(_section(_given(item, elements), kind, "", pending, start))
            start, pending = found[-1].end, []
        opened = [item] if item.opens else []
    if pending:
        found.append(_section("head", "head", "", pending, start))
    return tuple(part for section in found for part in _parted(section))


def _label(elements: Sequence[Element]) -> str:
    """Of the labelled module that these are all of, or what the only one is that costs something;
    else nothing.

    It names a row behind which another tensor takes the kept one's name, as in a loop.
    """
    for path in elements[0].begun:
        if all(_is_in(element, path) for element in elements):
            return path.rpartition(".")[2]
    busy = [element for element in elements if element.cost != FREE and not element.quiet]
    return busy[0].name if len(busy) == 1 else ""


def _start(element: Element, elements: Elements, before: int) -> int:
    """The depth before an element: that of what it goes on from."""
    return elements.at[elements.places.led[element.first]] if element.is_led else before


def _dividing(items: Sequence[_Item]) -> list[_Item]:
    """Without outputs that have a name here already, of a stage or a kept tensor."""
    found: list[_Item] = []
    is_named = False
    for item in reversed(items):
        if isinstance(item, Element):
            is_named = False
        elif item.kind != "output":
            is_named = is_named or not item.opens
        elif is_named:
            continue
        found.append(item)
    return found[::-1]


def _is_weak(mark: Mark, elements: Elements) -> bool:
    """A mark beside which labels divide a network: of an output, or of what heads begin with.

    Before a call with several results it is what is kept of these that divides or does not.
    """
    if mark.kind == "keep":
        return bool(elements.network.outputs) and mark.ref not in elements.places.joined
    return mark.kind in ("output", "call")


def _given(mark: Mark, elements: Elements) -> str:
    """The name of what ends with an output; that of several."""
    return mark.name if mark.kind == "output" and len(elements.network.outputs) > 1 else ""


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
        name = _name(section, part)
        if part[0].cost == FREE and (len(part) == 1 or name == "between"):
            name = part[0].name
        parts.append(_again(section, name, part, start))
        start = parts[-1].end
    return parts


def _singles(elements: list[Element]) -> list[list[Element]]:
    return [[element] for element in elements]


def _name(section: Section, elements: list[Element]) -> str:
    """The label of the one layer or group that makes up a stem, else what it is."""
    if section.kind == "head":
        return section.name
    if len(elements) == 1 and "." not in elements[0].path:
        return elements[0].name
    groups = {element.path.split(".")[0] for element in elements}
    if len(groups) == 1 and "." in elements[0].path:
        (group,) = groups
        whole = [e for e in section.elements if e.path.split(".")[0] == group]
        # A row has a tap's name only where it ends with that tensor.
        return group if whole[-1].last <= elements[-1].last else elements[0].name
    return "start" if section.name in groups else section.name


def _by_labels(items: Sequence[_Item], elements: Elements) -> Iterator[Section]:
    """A section begins at each labelled layer or block that has parameters, in another group than
    the last, and behind an output.

    A head of one module, which stands behind others, is one.
    """
    parts = [
        (part, mark, is_head)
        for number, segment in enumerate(_segments(items))
        for is_head in [number > 0 and len(_modules(segment)) < 2]
        for part, mark in _labelled(segment, opens=not is_head)
    ]
    ends = _ends(items)
    start = 0
    for number, (part, mark, is_head) in enumerate(parts):
        first, ending = part[0], "" if mark is None else mark.name
        # The outermost labelled module that it begins with, if what costs something ends in it.
        whole = (path for path in first.begun if ends.get(path, part[-1].last + 1) <= part[-1].last)
        begun = next(whole, None)
        if begun is not None and not (is_head or ending or len(parts) == 1):
            name, kind = begun.rpartition(".")[2], "label"
        elif first.labelled and not is_head:
            name, kind = first.name, "label"
        elif number:
            name = ending or _group(first) or first.name
            kind = "head" if is_head else "between"
        else:
            name, kind = "network" if len(parts) == 1 else "stem", "stem"
        modules = {element.path.split(".")[0] for element in part}
        path = first.path if not is_head else modules.pop() if len(modules) == 1 else ""
        made = _section(name, kind, path, part, _start(first, elements, start))
        yield replace(made, elements=tuple(folded(part)))
        start = made.end


def _ends(items: Sequence[_Item]) -> dict[str, int]:
    """By the path of a module, the last place of what has a cost in it."""
    found: dict[str, int] = {}
    for item in items:
        if isinstance(item, Element) and item.cost != FREE:
            path = item.path
            while path := path.rpartition(".")[0]:
                found[path] = item.last
    return found


def _is_in(element: Element, path: str) -> bool:
    return element.path.startswith(f"{path}.")


def _segments(items: Sequence[_Item]) -> Iterator[list[_Item]]:
    """Parts of a network behind the first of which each goes on from elsewhere."""
    found: list[_Item] = []
    for item in items:
        if found and isinstance(item, Element) and item.is_led:
            yield found
            found = []
        found.append(item)
    if any(isinstance(item, Element) for item in found):
        yield found


def _is_next_copy(last: Element, item: Element) -> bool:
    """Whether both are copies of one unit in a row."""
    is_row = last.repeated and item.repeated
    return is_row and last.path.rpartition(".")[0] == item.path.rpartition(".")[0]


def _leaves_group(last: Element, item: Element) -> bool:
    """Whether they stand in two modules of the network whose steps are lined up."""
    one, two = _group(last), _group(item)
    return bool(one and two) and one != two


def _group(element: Element) -> str:
    """The key of the network's module in whose body it stands; nothing for one of its own."""
    first, *inside = element.path.split(".")
    return first if len(inside) > element.repeated else ""


def _modules(segment: Sequence[_Item]) -> set[str]:
    """The network's own modules in it that have parameters."""
    weighted = (item for item in segment if isinstance(item, Element) and item.cost != FREE)
    return {element.path.split(".")[0] for element in weighted}


def _labelled(
    segment: Sequence[_Item], *, opens: bool
) -> Iterator[tuple[list[Element], Mark | None]]:
    """Its parts, each with the mark that ends it; with `opens` labels begin them, too."""
    part: list[Element] = []
    for item in segment:
        if isinstance(item, Mark):
            if part:
                yield part, item
            part = []
            continue
        is_busy = not item.quiet and item.cost != FREE
        is_named = item.labelled or bool(item.begun)
        begins = is_busy and (is_named or bool(part and _leaves_group(part[-1], item)))
        if part and begins and opens and not _is_next_copy(part[-1], item):
            yield part, None
            part = []
        part.append(item)
    if part:
        yield part, None
