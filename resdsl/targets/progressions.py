"""Calls in a row whose numbers grow evenly, as one: a dense block's `Layer(64 + 32 * i)`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from resdsl.targets.nodes import Call, Generator, Node, Operation, Text, flat

# How many calls are worth it.
LEAST = 4


def progressions(items: Sequence[Node], variable: str) -> Iterator[Node]:
    """Calls that differ in numbers which grow evenly as one: `Layer(64 + 32 * i) for i in …`.

    `variable` names the `i`: none that the calls mention.
    """
    start = 0
    while start < len(items):
        stop = start + 1
        while stop < len(items) and _progresses(items[start : stop + 1]):
            stop += 1
        first = items[start]
        if stop - start < LEAST or not isinstance(first, Call):
            yield first
            start += 1
            continue
        second = items[start + 1]
        assert isinstance(second, Call)
        pairs = zip(first.arguments, second.arguments, strict=True)
        arguments = tuple(_growing(one, other, variable) for one, other in pairs)
        copies = Call("range", (Text(str(stop - start)),))
        yield Generator("*(", replace(first, arguments=arguments), variable, copies, ")")
        start = stop


def _progresses(items: Sequence[Node]) -> bool:
    """Whether the last of these calls goes on as the ones before."""
    if len(items) == 2:
        one, other = items
        return _steps(one, other) is not None
    *_, one, other, last = items
    return _steps(one, other) == _steps(other, last) is not None


def _steps(one: Node, other: Node) -> tuple[int, ...] | None:
    """How much each argument grows between two calls; None if they differ in anything else."""
    if not isinstance(one, Call) or not isinstance(other, Call) or one.callee != other.callee:
        return None
    if len(one.arguments) != len(other.arguments):
        return None
    steps = []
    for left, right in zip(one.arguments, other.arguments, strict=True):
        before, after = _integer(left), _integer(right)
        if before is not None and after is not None:
            steps.append(after - before)
        elif flat(left) == flat(right):
            steps.append(0)
        else:
            return None
    return tuple(steps) if any(steps) else None


def _integer(node: Node) -> int | None:
    text = flat(node)
    return int(text) if isinstance(node, Text) and text.removeprefix("-").isdigit() else None


def _growing(one: Node, other: Node, name: str) -> Node:
    start, after = _integer(one), _integer(other)
    if start is None or after is None or start == after:
        return one
    step = name if abs(after - start) == 1 else f"{abs(after - start)} * {name}"
    if start == 0 and after > 0:
        return Text(step)
    signed = f"{'+' if after > start else '-'} {step}"
    return Operation(f"{start} {signed}", (str(start), signed))
