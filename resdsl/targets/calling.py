"""How a module is called in an expression: by its attribute, which copy of a list, with what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from resdsl.design.model import Apply
from resdsl.ops.base import Inline
from resdsl.records import dataclass
from resdsl.targets.nodes import Binary, Bracketed, Call, Index, Node, Text, flat
from resdsl.targets.program import Invoke, Sum, Value
from resdsl.targets.wiring import Stretch


@dataclass(frozen=True, slots=True)
class Attribute:
    """A module of this class, or one copy after the other where `is_list`; `is_optional` where it
    may be None, and what comes goes on as it is."""

    text: str
    is_list: bool = False
    is_optional: bool = False


def first_of(call: Node, step: Invoke | Sum) -> Node:
    """A call for its first result."""
    return Index(call, "[0]") if step.gives_more else call


def place_in_list(apply: Apply) -> str | None:
    """`branches1` for `branches.1`."""
    container, _, place = apply.key.rpartition(".")
    word = container.rpartition(".")[2]
    return f"{word}{place}" if place.isdigit() and word and not word.isdigit() else None


def is_one_call(stretch: Stretch[Value]) -> bool:
    """Whether a copy alone is called, with each value once."""
    others = stretch.others
    return stretch.is_single and None not in others and len({*others}) == len(others)


def arguments(
    stretch: Stretch[Value], current: Node, others: Mapping[Value, Node]
) -> tuple[Node, ...]:
    """The arguments of a copy of a stretch."""
    rest = (current if value is None else others[value] for value in stretch.others)
    return (*((current,) if stretch.takes_current else ()), *rest)


def copy(attribute: Attribute, number: int) -> str:
    text = attribute.text
    return f"list({text})[{number}]" if text.endswith(")") else f"{text}[{number}]"


def copies(attribute: Attribute, stretch: Stretch[Value]) -> str:
    """The copies of a stretch: all, or a slice."""
    start, end, text = stretch.start or "", stretch.end, attribute.text
    if not start and end is None:
        return text
    where = f"[{start}:{'' if end is None else end}]"
    return f"list({text}){where}" if text.endswith(")") else text + where


def applied(attribute: Attribute | Inline, nodes: Sequence[Node]) -> Node:
    if isinstance(attribute, Attribute):
        return Call(attribute.text, tuple(nodes))
    value, *others = nodes
    if attribute.kind == "call":
        # What it is given besides has a variable.
        further = [
            part.format(other=flat(others[0])) if others else part for part in attribute.further
        ]
        return Call(attribute.text, (value, *map(Text, further)))
    if attribute.kind == "sum":
        return Binary(value, "+", Text(attribute.text))
    operand = Bracketed(value) if isinstance(value, Binary) else value
    if attribute.kind == "index":
        return Index(operand, attribute.text)
    return Binary(Text(attribute.text), "*", operand)
