"""What arguments and operators need of the evaluation of expressions around them."""

from __future__ import annotations

from typing import Any, Protocol

from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.values.context import Context
from resdsl.syntax import tree


class Evaluation(Protocol):
    sink: Sink

    def value(self, node: tree.Expr, context: Context) -> Any:
        """The value of an expression, UNKNOWN after an error."""

    def checked_list(self, values: tuple[Any, ...], node: tree.Expr) -> Any:
        """The values as a list, if it can be one; UNKNOWN after an error."""

    def name(self, node: tree.Name, context: Context) -> Any:
        """The value of a name, UNKNOWN after an error."""

    def find(self, node: tree.Name, context: Context) -> Any:
        """The value of a name, or None: nothing is told."""
