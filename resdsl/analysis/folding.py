"""Folding a line of elements: papers write neither norms nor equal neighbours out.

What is equal is decided here, for tables and pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from resdsl.analysis.cost import FREE
from resdsl.analysis.element import Element
from resdsl.analysis.rows import Row

# Nothing is computed, so nothing is lost where the text does not name them.
SILENT = ("identity", "flatten")
DROPS = "drop path"
_STRIDE = re.compile(r", (/[\d×]+)")


def folded(elements: Iterable[Element]) -> list[Element]:
    """Norms and activations go into the element before them, equal neighbours together."""
    found: list[Element] = []
    for element in elements:
        last = found[-1] if found and _goes_on(found[-1], element) else None
        if element.is_led or element.is_apart:
            found.append(element)
        elif last is not None and element.quiet and not last.quiet:
            found[-1] = _absorb(last, element)
        elif last is not None and element.quiet:
            words = [word for word in (last.text, element.text) if word not in SILENT]
            found[-1] = replace(_absorb(last, element), text=", ".join(words) or element.text)
        elif last is not None and alike(last, element):
            found[-1] = _together(last, element)
        else:
            found.append(element)
    return [element for element in found if not _is_nothing(element)]


def _goes_on(last: Element, element: Element) -> bool:
    """Whether what the last makes is only read, if at all, by the next."""
    return last.is_read == element.is_read and not last.is_left


def _is_nothing(element: Element) -> bool:
    """Where it is left out, nothing is lost."""
    is_silent = element.quiet and element.text in SILENT and element.cost == FREE
    return is_silent and element.is_read and not (element.is_led or element.is_apart)


def alike(one: Element, two: Element) -> bool:
    """Whether two neighbours are copies: their rows, shortcuts and blocks are the same.

    Channels that come in and extents may differ, and how likely a path is dropped.
    """
    return not (one.is_single or two.is_single) and _look(one) == _look(two)


def _look(element: Element) -> object:
    rows = tuple(row.plain if row.plain == DROPS else row.text for row in element.rows)
    return (
        rows,
        element.text,
        element.output.flat,
        element.kind,
        element.shortcut,
        element.is_block,
        element.quiet,
        element.called,
    )


def _absorb(last: Element, element: Element) -> Element:
    return replace(
        last,
        output=element.output,
        depth=element.depth,
        reach=element.reach,
        cost=last.cost + element.cost,
        is_left=element.is_left,
        last=element.last,
    )


def _together(last: Element, element: Element) -> Element:
    merged = _absorb(last, element)
    return replace(
        merged,
        rows=merged_rows(last.rows, element.rows) or last.rows,
        count=last.count + element.count,
        repeated=last.repeated or element.repeated,
    )


def first_calls(elements: Iterable[Element], name: str) -> list[str]:
    """By element, the key of a module that begins with it and is called again; else nothing.

    `name`: that of their row, which needs no other.
    """
    found: list[str] = []
    told = name
    for element in elements:
        found.append(element.called if element.called != told else "")
        told = element.called or told
    return found


def merged_rows(one: tuple[Row, ...], two: tuple[Row, ...]) -> tuple[Row, ...] | None:
    """The rows of equal blocks, with the range of what may differ; None where more differs."""
    if len(one) != len(two):
        return None
    found = []
    for a, b in zip(one, two, strict=True):
        if a.text == b.text:
            found.append(a)
        elif a.plain == b.plain == DROPS:
            found.append(Row(_range(a.text, b.text), DROPS))
        else:
            return None
    return tuple(found)


def without_stride(rows: tuple[Row, ...]) -> tuple[tuple[Row, ...], str]:
    """The rows of a stage's first block as those of the others, and its stride, `/2`.

    Where more than one row steps they stay as they are: no single stride says it.
    """
    steps = [(i, _STRIDE.search(row.text)) for i, row in enumerate(rows) if row.plain != DROPS]
    stepping = [(i, match) for i, match in steps if match and rows[i].plain != rows[i].text]
    if len(stepping) != 1:
        return rows, ""
    ((at, match),) = stepping
    if _STRIDE.sub("", rows[at].text, count=1) != rows[at].plain:
        return rows, ""
    return (*rows[:at], Row(rows[at].plain, rows[at].plain), *rows[at + 1 :]), match[1]


def _range(one: str, two: str) -> str:
    """`drop path 0.01` and `drop path 0.02` are `drop path 0.01–0.02`."""
    return f"{one.split('–')[0]}–{re.split(' |–', two)[-1]}"
