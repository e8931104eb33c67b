"""The expression of a join as signs on the spine, lines from the side and words on these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from resdsl.analysis.join_words import flat, number_text
from resdsl.design.join_expressions import Combine, Expression, Ref, Scalar, Use, tensors
from resdsl.records import dataclass

# The numbers of what enters the network, and of what goes around a block.
ENTRY, ARC = -1, -2


@dataclass(frozen=True, slots=True)
class Operand:
    """A line from the side: from which element, the tensor's name, and what is done on the way.

    `inside`: the tensor is not the element's result but another that is made in it, this value.
    """

    source: int
    name: str = ""
    words: tuple[str, ...] = ()
    inside: Ref | None = None

    def is_behind(self, number: int) -> bool:
        """Whether it is the result of an element."""
        return self.source == number and self.inside is None


@dataclass(frozen=True, slots=True)
class Meeting:
    """A `sign` (`+ * |`, or a word) of what the spine brings and of `operands`; or a `factor`.

    Neither: what its one operand brings goes on along the spine, and what is above does not.
    `order` names the parts of a concatenation, first to last.
    """

    sign: str = ""
    factor: str = ""
    operands: tuple[Operand, ...] = ()
    order: tuple[str, ...] = ()


class NoSignsError(Exception):
    """A join that signs on one spine cannot tell, as of two products."""


def meetings(
    expression: Expression, here: Ref, operand: Callable[[Use], Operand]
) -> tuple[Meeting, ...]:
    """Downwards. `here` is what the spine brings, unless it is not read. Raises NoSignsError."""
    if any(use.ref == here for use in tensors(expression)):
        return tuple(_Reading(here, operand).along(expression))
    first = next(tensors(expression))
    begin = Meeting(operands=(operand(first),))
    return (begin, *_Reading(first.ref, operand).along(expression))


@dataclass(slots=True)
class _Reading:
    here: Ref
    operand: Callable[[Use], Operand]

    def along(self, expression: Expression) -> list[Meeting]:
        """From the spine outwards."""
        match expression:
            case Use():
                return []
            case Combine("-", (left, right)):
                return self._difference(left, right)
            case Combine(op):
                return self._combined(op, flat(expression))
            case _:
                raise NoSignsError

    def _difference(self, left: Expression, right: Expression) -> list[Meeting]:
        if not self._reads_here(left):
            found = self.along(right)
            if isinstance(left, Scalar):
                return [*found, Meeting(factor=f"{number_text(left.value)} −")]
            return [*found, Meeting(factor="−"), Meeting("+", operands=(self._side(left),))]
        found = self.along(left)
        if isinstance(right, Scalar):
            return [*found, Meeting(factor=f"− {number_text(right.value)}")]
        return [*found, Meeting("+", operands=(_then(self._side(right), "−"),))]

    def _combined(self, op: str, operands: Sequence[Expression]) -> list[Meeting]:
        reading = [n for n, operand in enumerate(operands) if self._reads_here(operand)]
        # One that is more than a tensor with words on its line has to stand on the spine.
        at = next((n for n in reading if not self._is_side(operands[n])), reading[0])
        found = self.along(operands[at])
        others = (*operands[:at], *operands[at + 1 :])
        scalars = [other for other in others if isinstance(other, Scalar)]
        sides = [self._side(other) for other in others if not isinstance(other, Scalar)]
        found += self._met(op, sides, tuple(map(self._name, operands)))
        return found + [Meeting(factor=_factor(op, scalar)) for scalar in scalars]

    def _met(self, op: str, sides: Sequence[Operand], names: tuple[str, ...]) -> list[Meeting]:
        plain = tuple(side for side in sides if not side.words)
        changed = [side for side in sides if side.words]
        if op in ("+", "*"):
            # Each with words on its line has a sign of its own.
            groups = [plain] if plain else []
            return [Meeting(op, operands=g) for g in (*groups, *((one,) for one in changed))]
        if changed and len(sides) > 1:
            raise NoSignsError
        if not sides:
            return []
        is_ordered = op == "concat"
        sign = "|" if is_ordered else op
        return [Meeting(sign, operands=tuple(sides), order=names if is_ordered else ())]

    def _name(self, operand: Expression) -> str:
        """As the line is called that brings it."""
        use = next(tensors(operand), None)
        if use is None or use.ref == self.here:
            return use.name if use is not None else ""
        return self.operand(use).name or use.name

    def _reads_here(self, expression: Expression) -> bool:
        return any(use.ref == self.here for use in tensors(expression))

    def _is_side(self, expression: Expression) -> bool:
        try:
            self._side(expression)
        except NoSignsError:
            return False
        return True

    def _side(self, expression: Expression) -> Operand:
        """One tensor, on whose line numbers change it."""
        match expression:
            case Use():
                return self.operand(expression)
            case Combine("-", (Scalar() as number, other)):
                return _then(self._side(other), f"{number_text(number.value)} −")
            case Combine("-", (other, Scalar() as number)):
                return _then(self._side(other), f"− {number_text(number.value)}")
            case Combine(op) if op != "-":
                operands = flat(expression)
                scalars = [part for part in operands if isinstance(part, Scalar)]
                others = [part for part in operands if not isinstance(part, Scalar)]
                if len(others) == 1 and scalars:
                    return _then(self._side(others[0]), *(_factor(op, one) for one in scalars))
        raise NoSignsError


def _then(operand: Operand, *words: str) -> Operand:
    return replace(operand, words=(*operand.words, *words))


def _factor(op: str, scalar: Scalar) -> str:
    return f"{_BEFORE.get(op, f'{op} ')}{number_text(scalar.value)}"


_BEFORE = {"*": "× ", "+": "+ "}
