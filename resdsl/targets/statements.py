"""The statements of a `forward` as they are written, and the variables that they use.

A value is a pending expression until a statement gives it a variable. A variable is free again when
nothing reads the value that it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping

from resdsl.records import dataclass
from resdsl.targets import names
from resdsl.targets.method_text import MARGIN, Statement, line
from resdsl.targets.nodes import (
    WIDTH,
    Binary,
    Bracketed,
    Call,
    Generator,
    Index,
    Node,
    Variable,
    cells,
    flat,
    globals_called,
)
from resdsl.targets.program import Value


@dataclass(slots=True)
class Pending:
    """An expression that is not yet part of a statement.

    `flow`: the variable of the pipeline that it belongs to. `used`: the variables in it. `closed`:
    the result of a block, on which nothing more is nested. `operand`: it waits for a join. `word`:
    what it is called where the pipeline goes on with something else.
    """

    node: Node
    flow: str
    used: frozenset[str]
    closed: bool = False
    operand: bool = False
    word: str | None = None


class Statements:
    """The text so far. `left` counts the readings of each value that are still to come."""

    def __init__(
        self, left: Counter[Value], kept: Mapping[Value, str], results: Container[Value] = ()
    ) -> None:
        self.left = left
        # What the method hands back by name, and so has its variable, however seldom it is read.
        self.results = results
        # What their author called the values.
        self.kept = kept
        self.text: list[Statement] = []
        # What the text calls, up to the first dot.
        self.called: set[str] = set()
        self.pending: dict[Value, Pending] = {}
        self.variables: dict[Value, str] = {}
        self._owners: dict[str, Value] = {}
        self._inputs: set[str] = set()

    # --- values ----------------------------------------------------------------------------------

    def enter(self, value: Value, name: str) -> None:
        """An argument of the method."""
        self._inputs.add(name)
        self.bind(value, name)

    def bind(self, value: Value, name: str) -> None:
        self.variables[value] = name
        self._owners[name] = value

    def take(self, value: Value) -> Node:
        """The expression for a value, which is thereby read once."""
        self.left[value] -= 1
        if value in self.pending:
            if self.left[value] <= 0:
                return self.pending.pop(value).node
            self.flush(value)
        return Variable(self.variables[value])

    def used(self, value: Value) -> frozenset[str]:
        """The variables in the expression for a value."""
        if value in self.pending:
            return self.pending[value].used
        return frozenset({self.variables[value]})

    def flush(self, value: Value, label: str | None = None, *, aside: bool = False) -> None:
        """A statement that gives a pending expression a variable; nothing if it has one.

        `aside`: it is no pipeline's next tensor.
        """
        if value not in self.pending:
            return
        pending = self.pending.pop(value)
        node = pending.node
        if isinstance(node, Generator):
            # It can be run through only once.
            node = node.within("[", "]")
        if value not in self.kept and not self._goes_on(value, pending.flow):
            label = label or pending.word
        name = self.fresh(label) if label else self.target(value, pending.flow, aside=aside)
        self.say(node, f"{name} = ")
        self.bind(value, name)

    # --- names -----------------------------------------------------------------------------------

    def _goes_on(self, value: Value, flow: str) -> bool:
        """Whether it is read once, and the variable of the pipeline holds nothing else any more."""
        return self.left[value] <= 1 and value not in self.results and self.is_free(flow)

    def target(self, value: Value, flow: str, *, aside: bool = False) -> str:
        """The variable for a new value: its kept name if that is used, or the pipeline's.

        What is read once, and next, goes on in the pipeline, if that holds nothing else any more.
        """
        if value in self.kept and (aside or not self._goes_on(value, flow)):
            return self.name(value)
        candidates = [flow, "out" if flow == "x" else f"{flow}_out", "result"]
        while True:
            for name in candidates:
                if self.is_free(name):
                    return name
            candidates = [f"{name}_" for name in candidates]

    def name(self, value: Value) -> str:
        """What its author called it."""
        raw = self.kept.get(value, "kept")
        return "main" if raw == "main" and self.is_free(raw) else self.fresh(raw)

    def fresh(self, raw: str, taken: Container[str] = ()) -> str:
        """A variable named `raw`, if nothing that is still read has that name.

        `taken`: what the expressions name that are written behind it, though their values have
        been taken.
        """
        name = names.variable(raw)
        while name in taken or not self.is_free(name) or name in self._inputs:
            name += "_"
        return name

    def is_read(self, value: Value) -> bool:
        """Whether anything is still to read it."""
        return self.left[value] > 0 or value in self.results

    def is_free(self, name: str) -> bool:
        owner = self._owners.get(name)
        if owner is not None and self.variables.get(owner) == name and self.left[owner] > 0:
            return False
        return not any(name in pending.used for pending in self.pending.values())

    # --- text ------------------------------------------------------------------------------------

    def say(self, node: Node, lead: str) -> None:
        """A statement: `lead` and the expression, as a type checker takes it."""
        self.write(self._typed(node), lead)

    def write(self, node: Node, lead: str, indent: int = MARGIN) -> None:
        """A statement: `lead` and the expression as it is."""
        self.called.update(globals_called(node))
        self.text.append(Statement(node, indent, lead))

    def condition(self, node: Node, indent: int = MARGIN) -> None:
        """`if node:`"""
        self.text.append(Statement(node, indent, "if ", ":"))

    def line(self, text: str, indent: int = MARGIN) -> None:
        self.text.append(line(text, indent))

    def _typed(self, node: Node) -> Node:
        """Python's `sum` begins with the int 0, so that a type checker takes it for no Tensor."""
        match node:
            case Call("sum", (Generator("") as copies,)):
                stacked: Node = copies.within("[", "]")
            case Call("sum", (listed,)):
                stacked = listed
            case Binary(Call("sum") as total, "/", _):
                typed = self._typed(total)
                return Index(typed.value, ".mean(0)") if isinstance(typed, Index) else typed
            case _:
                return node
        return Index(Call("torch.stack", (stacked,)), ".sum(0)")

    def shortened(self, node: Node, used: set[str], width: int) -> Node:
        """An operation in at most `width` columns: its left part gets a variable until it fits."""
        if not isinstance(node, Binary) or cells(flat(node)) <= width:
            return node
        left, right = node.left, node.right
        if cells(flat(right)) > width // 2:
            right = self._partial(right, used)
        if cells(flat(left)) + cells(flat(right)) + 3 > width:
            left = self._partial(left, used)
        return Binary(left, node.op, right)

    def _partial(self, node: Node, used: set[str]) -> Node:
        """A part of an operation as a statement of its own."""
        if isinstance(node, Variable):
            return node
        if isinstance(node, Bracketed):
            node = node.value
        # A name that no operand has, whether or not it is still read after this operation.
        name = self.fresh("partial", used)
        used.add(name)
        width = WIDTH - MARGIN - cells(f"{name} = ")
        self.say(self.shortened(node, used, width), f"{name} = ")
        return Variable(name)
