"""Folding a line of elements: papers write neither norms nor equal neighbours out."""

from __future__ import annotations

from dataclasses import replace

from resdsl.analysis.cost import FREE
from resdsl.analysis.elements import Element
from resdsl.analysis.rows import Row

# Nothing is computed, so nothing is lost where the text does not name them.
SILENT = ("identity", "flatten")


def folded(elements: list[Element]) -> list[Element]:
    """Norms and activations go into the element before them, equal neighbours together."""
    found: list[Element] = []
    for element in elements:
        last = found[-1] if found and found[-1].is_read == element.is_read else None
        if last is not None and element.quiet and not last.quiet:
            found[-1] = _absorb(last, element)
        elif last is not None and element.quiet:
            words = [word for word in (last.text, element.text) if word not in SILENT]
            found[-1] = replace(_absorb(last, element), text=", ".join(words) or element.text)
        elif last is not None and _continues(last, element):
            found[-1] = _together(last, element)
        else:
            found.append(element)
    return [e for e in found if not (e.quiet and e.text in SILENT and e.cost == FREE and e.is_read)]


def _absorb(last: Element, element: Element) -> Element:
    return replace(
        last,
        output=element.output,
        depth=element.depth,
        reach=element.reach,
        cost=last.cost + element.cost,
    )


def _continues(last: Element, element: Element) -> bool:
    """The copies differ in nothing that the overview shows, but how likely a path is dropped."""

    def look(e: Element) -> object:
        rows = tuple(row.plain if row.plain == "drop path" else row.text for row in e.rows)
        return rows, e.text, e.kind, e.shortcut, e.is_block, e.repeated, parent(e)

    return element.repeated and look(last) == look(element)


def parent(element: Element) -> str:
    """The path of what repeats the element."""
    return element.path.rpartition(".")[0]


def _together(last: Element, element: Element) -> Element:
    rows = tuple(
        one if one.text == two.text else Row(_range(one.text, two.text), one.plain)
        for one, two in zip(last.rows, element.rows, strict=True)
    )
    merged = _absorb(last, element)
    return replace(merged, rows=rows, count=last.count + element.count)


def _range(one: str, two: str) -> str:
    """`drop path 0.01` and `drop path 0.02` are `drop path 0.01–0.02`."""
    return f"{one.split('–')[0]}–{two.rsplit(' ', 1)[-1]}"
