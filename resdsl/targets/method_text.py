"""The text of a method, statement by statement: what stands in it can be moved below an `if`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from typing import TypeAlias

from resdsl.records import dataclass
from resdsl.targets.nodes import INDENT, Node, Text, lines, signature

# The column of a statement in a method.
MARGIN = 2 * INDENT


@dataclass(frozen=True, slots=True)
class Statement:
    """`lead node tail` at a column, or the head of those that stand further in behind it."""

    node: Node
    indent: int = MARGIN
    lead: str = ""
    tail: str = ""

    def lines(self) -> list[str]:
        return list(lines(self.node, self.indent, self.lead, self.tail))


# A statement, with those that stand further in behind its head; of an `if`, all that is of it.
Block: TypeAlias = tuple[Statement, ...]


def line(text: str, indent: int = MARGIN) -> Statement:
    """A statement that is not broken."""
    return Statement(Text(text), indent)


def further_in(body: Iterable[Statement]) -> list[Statement]:
    return [replace(one, indent=one.indent + INDENT) for one in body]


@dataclass(frozen=True, slots=True)
class MethodText:
    """`def name(self, parameters) -> returns:` and its body."""

    name: str
    body: Sequence[Statement]
    parameters: Sequence[str] = ()
    returns: str = "None"
    doc: str = field(default="")

    def lines(self) -> list[str]:
        text = list(signature(self.name, ["self", *self.parameters], self.returns, INDENT))
        if self.doc:
            text.append(f'{" " * MARGIN}"""{self.doc}"""')
        return [*text, *(row for statement in self.body for row in statement.lines())]
