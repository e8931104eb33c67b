"""The expression of a join as Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TypeGuard

from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar, Use, parts, uses
from resdsl.join_functions import JOIN_FUNCTIONS, SOFTMAX, Pairwise
from resdsl.records import dataclass
from resdsl.targets.method_text import MARGIN
from resdsl.targets.nodes import (
    WIDTH,
    Binary,
    Bracketed,
    Call,
    Generator,
    Index,
    Items,
    Node,
    Operation,
    Text,
    Variable,
    cells,
    flat,
)
from resdsl.targets.program import Value
from resdsl.targets.statements import Statements

# What an operation needs besides its operands: signs, blanks, brackets.
_SIGNS = 24


@dataclass(frozen=True, slots=True)
class Joins:
    """Writes joins on top of `statements`. `scalars` by the identity of a `Scalar`; `weights` by
    tensors the variable that has their shares, in which order."""

    statements: Statements
    scalars: Mapping[int, Text]
    weights: dict[frozenset[Expression], tuple[str, tuple[Expression, ...]]] = field(
        default_factory=dict
    )

    def node(self, expression: Expression, width: int) -> tuple[Node, frozenset[str]]:
        """The expression, an operation in at most `width` columns, and the variables in it."""
        single = {part.refs[0][0] for part, _ in parts(expression) if _is_single(part)}
        for value in _operands(expression):
            pending = self.statements.pending.get(value)
            is_copies = pending is not None and isinstance(pending.node, Generator)
            is_long = self._is_long(expression) and not is_copies
            if self.statements.left[value] > 1 or is_long or value in single:
                self.statements.flush(value)
        used = {name for value in _operands(expression) for name in self.statements.used(value)}
        used.update(self._weigh(expression))
        made = self.statements.shortened(self._written(expression), used, width)
        return made, frozenset(used)

    def _weigh(self, expression: Expression) -> list[str]:
        """The variables that have the shares of tensors, in statements before the expression."""
        found: dict[frozenset[Expression], list[Combine]] = {}
        for part, _ in parts(expression):
            if isinstance(part, Combine) and part.op == SOFTMAX:
                found.setdefault(frozenset(part.operands), []).append(part)
        names: list[str] = []
        for tensors, (first, *others) in found.items():
            items = tuple(map(self._written, first.operands))
            for share in others:
                # They are read here, all at once.
                for one in share.operands:
                    self._written(one)
            name = self.statements.fresh("weights", names)
            stacked = Call("torch.stack", (Items("[", items, "]"),))
            self.statements.say(Call("torch.softmax", (stacked, Text("0"))), f"{name} = ")
            self.weights[tensors] = name, first.operands
            names.append(name)
        return names

    def _is_long(self, expression: Expression) -> bool:
        """An operation in signs does not break over lines; calls do."""
        if not isinstance(expression, Combine) or expression.op not in "+-*":
            return False
        pending = self.statements.pending
        length = sum(cells(flat(pending[v].node)) if v in pending else 8 for v in uses(expression))
        return MARGIN + length + _SIGNS > WIDTH

    def _written(self, expression: Expression) -> Node:
        match expression:
            case Use(ref):
                return self.statements.take(ref)
            case Scalar():
                return self.scalars[id(expression)]
            case Combine(op, operands):
                return self._combined(op, operands)
            case Copies(_, ((value, _), *_), int() as place):
                return Index(self.statements.take(value), f"[{place}]")
            case Copies():
                raise AssertionError("copies stand in sum, mean or concat")

    def _combined(self, op: str, operands: tuple[Expression, ...]) -> Node:
        match op:
            case "+" | "-" | "*":
                return self._operation(op, operands)
            case "softmax":
                name, order = self.weights[frozenset(operands)]
                return Index(Variable(name), f"[{order.index(operands[0])}]")
            case "concat":
                return Call("torch.cat", (self._listed(operands), Text("1")))
            case "sum":
                return self._total(operands)
            case "mean":
                total = self._total(operands)
                count = sum(o.refs[0][1] if _are_many(o) else 1 for o in operands)
                return Binary(
                    Bracketed(total) if isinstance(total, Binary) else total, "/", Text(str(count))
                )
            case _:
                pairwise = JOIN_FUNCTIONS[op].pairwise
                assert pairwise is not None, f"a join by {op}"
                return self._pairwise(pairwise, operands)

    def _operation(self, op: str, operands: tuple[Expression, ...]) -> Node:
        made = self._side(operands[0], op, first=True)
        for operand in operands[1:]:
            made = Binary(made, op, self._side(operand, op, first=False))
        return made

    def _side(self, operand: Expression, op: str, *, first: bool) -> Node:
        """An operand, in brackets where it binds less, or what stands left of it would."""
        node = self._written(operand)
        if isinstance(node, Operation):
            return node if first and op != "*" else Bracketed(node)
        if not isinstance(node, Binary):
            return node
        loose = node.op in ("+", "-")
        if loose and (op == "*" or not first):
            return Bracketed(node)
        return Bracketed(node) if node.op == "/" and op == "*" and not first else node

    def _pairwise(self, by: Pairwise, operands: tuple[Expression, ...]) -> Node:
        numbers = [operand for operand in operands if isinstance(operand, Scalar)]
        tensors = [operand for operand in operands if not isinstance(operand, Scalar)]
        made = self._written(tensors[0])
        for operand in tensors[1:]:
            made = Call(by.function, (made, self._written(operand)))
        for number in numbers:
            made = Call("torch.clamp", (made, Text(f"{by.bound}={flat(self._written(number))}")))
        return made

    def _total(self, operands: tuple[Expression, ...]) -> Node:
        if not any(_are_many(operand) for operand in operands):
            return self._operation("+", operands)
        if len(operands) == 1 and _are_many(operands[0]):
            return Call("sum", (self._copies(operands[0]),))
        return Call("sum", (self._listed(operands),))

    def _listed(self, operands: tuple[Expression, ...]) -> Node:
        """All operands in a list, the copies of a branch one after the other."""
        if len(operands) == 1 and _are_many(operands[0]):
            made = self._copies(operands[0])
            if isinstance(made, Generator):
                return made.within("[", "]")
            return made
        items: list[Node] = []
        for operand in operands:
            if not _are_many(operand):
                items.append(self._written(operand))
                continue
            made = self._copies(operand)
            if isinstance(made, Generator):
                items.append(made.within("*(", ")"))
            else:
                items.append(Text(f"*{flat(made)}"))
        return Items("[", tuple(items), "]")

    def _copies(self, copies: Copies) -> Node:
        """The results of all copies: a generator, or the variable of their list."""
        return self.statements.take(copies.refs[0][0])


def _is_single(part: Expression) -> TypeGuard[Copies]:
    """One copy of a branch."""
    return isinstance(part, Copies) and not part.are_many


def _are_many(part: Expression) -> TypeGuard[Copies]:
    return isinstance(part, Copies) and part.are_many


def _operands(expression: Expression) -> Iterator[Value]:
    """The values in it, each once."""
    yield from dict.fromkeys(uses(expression))
