"""The expression of a join as signs between tensors and factors on their lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl.analysis.join_words import number_text
from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar, Use
from resdsl.design.model import Ref
from resdsl.drawing.refusal import TangledError
from resdsl.drawing.trees.flow import At, Node, Nodes, Origin


class Signs:
    """The expression of a join as signs between tensors and factors on their lines."""

    def __init__(self, made: Nodes, at: At, owner: str, origin: Origin) -> None:
        self.made = made
        self.at = at
        self.owner = owner
        self.origin = origin
        self.parts = 0

    def value(self, expression: Expression) -> int:
        match expression:
            case Use(ref) | Copies(_, ((ref, _),), int()):
                return self._made(ref)[0]
            case Combine(op, operands):
                return self._combined(op, operands)
            case _:
                raise AssertionError("numbers and copies stand in an operation")

    def _combined(self, op: str, operands: tuple[Expression, ...]) -> int:
        if op == "-":
            return self._difference(*operands)
        if op in ("+", "*"):
            operands = tuple(_flat(op, operands))
        tensors = [operand for operand in operands if not isinstance(operand, Scalar)]
        scalars = [operand for operand in operands if isinstance(operand, Scalar)]
        inputs = tuple(number for operand in tensors for number in self._numbers(operand))
        word = {"concat": "|", "sum": "+", "mean": "mean"}.get(op, op)
        many = any(isinstance(operand, Copies) and operand.are_many for operand in tensors)
        is_factor = len(inputs) == 1 and bool(scalars) and not many
        made = inputs[0] if is_factor else self._sign(word, inputs)
        for scalar in scalars:
            made = self._factor(f"{_BEFORE.get(op, op + ' ')}{number_text(scalar.value)}", made)
        return made

    def _made(self, ref: Ref) -> tuple[int, ...]:
        if not self.at[ref]:
            raise TangledError
        return self.at[ref]

    def _difference(self, left: Expression, right: Expression) -> int:
        if isinstance(right, Scalar):
            return self._factor(f"− {number_text(right.value)}", self.value(left))
        if isinstance(left, Scalar):
            return self._factor(f"{number_text(left.value)} −", self.value(right))
        inputs = (self.value(left), self._factor("−", self.value(right)))
        return self._sign("+", inputs)

    def _numbers(self, operand: Expression) -> tuple[int, ...]:
        if isinstance(operand, Copies):
            return tuple(number for ref, _ in operand.refs for number in self._made(ref))
        return (self.value(operand),)

    def _sign(self, sign: str, inputs: tuple[int, ...]) -> int:
        return self.made.add(
            Node(self._name(), "sign", inputs, sign, origin=self.origin, owner=self.owner)
        )

    def _factor(self, text: str, of: int) -> int:
        return self.made.add(
            Node(
                self._name(),
                "factor",
                (of,),
                text,
                "gate",
                origin=self.origin,
                owner=self.owner,
                row=text,
            )
        )

    def _name(self) -> str:
        """The first part of a join has its name in the graph."""
        self.parts += 1
        return self.owner if self.parts == 1 else f"{self.owner}..{self.parts}"


_BEFORE = {"*": "× ", "+": "+ "}


def _flat(op: str, operands: Sequence[Expression]) -> Iterator[Expression]:
    """`a + (b + c)` is `a + b + c`."""
    for operand in operands:
        if isinstance(operand, Combine) and operand.op == op:
            yield from _flat(op, operand.operands)
        else:
            yield operand
