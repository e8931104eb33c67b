"""What units, residuals and forks need of the building of bodies, in which they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from resdsl.design.model import Body
from resdsl.language.elaborate.builder import Builder
from resdsl.language.values.context import Context
from resdsl.source import Span
from resdsl.syntax import tree


class InnerBodies(Protocol):
    def build(self, steps: Sequence[tree.Step], context: Context, *, words: bool = False) -> Body:
        """A body of its own, with its modules named."""

    def steps(self, steps: Sequence[tree.Step], context: Context, builder: Builder) -> Context:
        """Elaborates steps into `builder`; the surroundings after the last one."""

    def own_result(self, body: Body, known: int, context: Context, span: Span) -> None:
        """Gives a group that ends with a tensor from outside a value of its own."""

    def composed(
        self, name: str, index: tree.Expr | tree.Indices | None, context: Context
    ) -> str | None:
        """A name with its index or indices; None after an error."""

    def count(self, node: tree.Expr, context: Context) -> int | None:
        """How often a unit is repeated, one copy at a time; None after an error."""

    def label(self, node: tree.LabelName | None, context: Context) -> str | None:
        """The text of a label; None without one, or after an error."""
