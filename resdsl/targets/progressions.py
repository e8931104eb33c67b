"""Calls in a row whose numbers grow evenly, as one: a dense block's `Layer(64 + 32 * i)`.

What rises with the progress of a network says which copy it is for: `Block(64, rate * (i / 15))`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from resdsl.targets.class_numbers import Formula
from resdsl.targets.nodes import Call, Generator, Keyword, Node, Operation, Text, flat
from resdsl.targets.progress import place, placeless

# How many calls are worth it, and how many that rise with the progress: each would be a formula.
LEAST = 4
LEAST_RISING = 2


class _Growth(NamedTuple):
    """How much a number grows from a call to the next, and whether that is the copy's number."""

    by: int
    rises: bool = False


def progressions(alone: Sequence[Node], alike: Sequence[Node], variable: str) -> Iterator[Node]:
    """Calls that differ in numbers which grow evenly as one: `Layer(64 + 32 * i) for i in …`.

    Each call is there twice: `alone`, and as it is in a row. `variable` names the `i`: none that
    the calls mention.
    """
    start = 0
    while start < len(alike):
        stop = start + 1
        while stop < len(alike) and _progresses(alike[start : stop + 1]):
            stop += 1
        growth = () if stop == start + 1 else _growths(alike[start], alike[start + 1]) or ()
        least = LEAST_RISING if any(one.rises for one in growth) else LEAST
        if stop - start < least:
            yield alone[start]
            start += 1
            continue
        yield _row(alike[start], alike[start + 1], growth, stop - start, variable)
        start = stop


def _progresses(items: Sequence[Node]) -> bool:
    """Whether the last of these calls goes on as the ones before."""
    if len(items) == 2:
        one, other = items
        return _growths(one, other) is not None
    *_, one, other, last = items
    return _growths(one, other) == _growths(other, last) is not None


def _growths(one: Node, other: Node) -> tuple[_Growth, ...] | None:
    """How much each argument grows between two calls; None if they differ in anything else, or in
    nothing."""
    if not isinstance(one, Call) or not isinstance(other, Call) or one.callee != other.callee:
        return None
    if len(one.arguments) != len(other.arguments):
        return None
    pairs = zip(one.arguments, other.arguments, strict=True)
    found = [_growth(left, right) for left, right in pairs]
    known = tuple(growth for growth in found if growth is not None)
    return known if len(known) == len(found) and any(growth.by for growth in known) else None


def _growth(one: Node, other: Node) -> _Growth | None:
    match one, other:
        case Keyword(name, value), Keyword(other_name, other_value) if name == other_name:
            return _growth(value, other_value)
        case Formula(tree=tree), Formula(tree=other_tree) if tree and other_tree:
            here, there = place(tree), place(other_tree)
            if here is not None and there is not None and placeless(tree) == placeless(other_tree):
                return _Growth(there[0] - here[0], True)
        case _:
            pass
    before, after = _integer(one), _integer(other)
    if before is not None and after is not None:
        return _Growth(after - before)
    return _Growth(0) if flat(one) == flat(other) else None


def _integer(node: Node) -> int | None:
    text = flat(node)
    return int(text) if isinstance(node, Text) and text.removeprefix("-").isdigit() else None


def _row(
    first: Node, second: Node, growth: Sequence[_Growth], count: int, variable: str
) -> Generator:
    assert isinstance(first, Call)
    assert isinstance(second, Call)
    begin = _begin(first, growth)
    pairs = zip(first.arguments, growth, strict=True)
    arguments = tuple(_growing(one, by, begin, variable) for one, by in pairs)
    bounds = (count,) if not begin else (begin, begin + count)
    copies = Call("range", tuple(Text(str(bound)) for bound in bounds))
    return Generator("*(", replace(first, arguments=arguments), variable, copies, ")")


def _begin(first: Call, growth: Sequence[_Growth]) -> int:
    """Where to count from: the number of the first copy, if nothing else is counted."""
    pairs = zip(first.arguments, growth, strict=True)
    steps = {_step(one) if by == _Growth(1, True) else 0 for one, by in pairs if by.by}
    return steps.pop() if len(steps) == 1 else 0


def _step(node: Node) -> int:
    value = node.value if isinstance(node, Keyword) else node
    assert isinstance(value, Formula)
    where = place(value.tree)
    assert where is not None
    return where[0]


def _growing(node: Node, growth: _Growth, begin: int, variable: str) -> Node:
    if not growth.by:
        return node
    if isinstance(node, Keyword):
        return replace(node, value=_growing(node.value, growth, begin, variable))
    if growth.rises:
        said = _linear(_step(node) - begin, growth.by, variable)
        assert isinstance(node, Formula)
        return replace(node, step=said if said.isidentifier() else f"({said})")
    start = _integer(node)
    assert start is not None
    said = _linear(start, growth.by, variable)
    first, _, rest = said.partition(" ")
    return Operation(said, (first, rest)) if start else Text(said)


def _linear(start: int, by: int, variable: str) -> str:
    """`3 + 2 * i`."""
    step = variable if abs(by) == 1 else f"{abs(by)} * {variable}"
    if start == 0 and by > 0:
        return step
    return f"{start} {'+' if by > 0 else '-'} {step}"
