"""Python expressions for numbers, from the origins that they carry (resdsl.provenance).

`width * expansion` becomes `4 * width` in a class whose members all have expansion 4. Every result
carries its value for each member of the class, so a caller sees whether it fits all of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace
from fractions import Fraction
from typing import Any, Literal, TypeAlias

from resdsl.provenance import (
    ARITHMETIC,
    DEPTH,
    Bound,
    Element,
    Leaf,
    Operation,
    Origin,
    operation,
    origin,
    plain,
)
from resdsl.records import dataclass
from resdsl.targets import nodes
from resdsl.targets.progress import is_progress

Tree: TypeAlias = Origin | int | float
Sign: TypeAlias = Literal["", "+", "*", "**"]


@dataclass(frozen=True, slots=True)
class Factor:
    """A piece of text, and the variables in it; `loose` where it needs brackets in a product.

    `sign` is `+` for a sum or difference, `*` for a product, quotient or remainder, `**` for a
    power. `operands`: what its signs join, each with the sign before it.
    """

    text: str
    names: frozenset[str]
    loose: bool = False
    sign: Sign = ""
    operands: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Term:
    """`coefficient * factors`, and its value for each member of a class.

    `is_open`: a caller of the network may choose other values.
    """

    coefficient: Fraction
    factors: tuple[Factor, ...]
    values: tuple[Any, ...]
    is_open: bool = False

    @property
    def is_constant(self) -> bool:
        return not self.factors

    @property
    def names(self) -> frozenset[str]:
        """The variables in the text."""
        return frozenset[str]().union(*(factor.names for factor in self.factors))

    @property
    def is_atomic(self) -> bool:
        """A name or a number."""
        return not self.factors or (
            len(self.factors) == 1 and self.coefficient == 1 and self.factors[0].text.isidentifier()
        )

    @property
    def text(self) -> str:
        alone = self._alone
        return " ".join(self.operands) if alone is None else alone.text

    @property
    def operands(self) -> tuple[str, ...]:
        """What the loosest signs of the text join, each with its sign: `4`, `* width`."""
        alone = self._alone
        if alone is not None:
            return alone.operands or (alone.text,)
        if not self.factors:
            return (repr(plain(self.values[0])),)
        above, below = self.coefficient.numerator, self.coefficient.denominator
        parts = [f"({f.text})" if f.loose else f.text for f in self.factors]
        if above != 1:
            parts.insert(0, str(above))
        made = (parts[0], *(f"* {part}" for part in parts[1:]))
        return made if below == 1 else (*made, f"// {below}")

    @property
    def sign(self) -> Sign:
        """That of its operands."""
        alone = self._alone
        if alone is not None:
            return alone.sign
        return "*" if self.factors else ""

    @property
    def node(self) -> nodes.Text:
        operands = self.operands
        text = self.text
        return nodes.Text(text) if len(operands) == 1 else nodes.Operation(text, operands)

    @property
    def is_loose(self) -> bool:
        """Needs brackets as a factor."""
        alone = self._alone
        return bool(self.factors) if alone is None else alone.loose

    @property
    def _alone(self) -> Factor | None:
        """The one factor that the term is."""
        one = len(self.factors) == 1 and self.coefficient == 1
        return self.factors[0] if one else None

    def parts(self, sign: Sign) -> tuple[str, ...]:
        """Its operands, where they have this sign; else the whole, as one."""
        return self.operands if self.sign == sign else (self.text,)


class UnknownOriginError(Exception):
    """An origin names something that the class does not know."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the expressions of one class may mention.

    `members`: the arguments of each definition that became this class. `free`: the arguments that
    differ between them, or that the caller of the network chooses; others are constants. `chosen`:
    the latter. `names`: how free arguments are called in Python. `lets`: the `let`s that are local
    variables. `step`: how the number of a copy is said among those that its progress is counted in;
    without it progress is a number like any.
    """

    members: Sequence[Mapping[str, Any]]
    free: Collection[str]
    chosen: Collection[str]
    names: Mapping[str, str]
    lets: Mapping[str, str]
    step: str | None = None

    def term(self, tree: Tree) -> Term:
        """The simplified tree, at most `provenance.DEPTH` deep. Raises `UnknownOriginError`."""
        match tree:
            case Leaf(name):
                return self._leaf(name)
            case Element(name, place):
                return self._element(name, place)
            case Bound(name, value):
                inner = self.term(value)
                if name in self.lets and not inner.is_atomic:
                    variable = _variable(self.lets[name])
                    return replace(inner, coefficient=Fraction(1), factors=(variable,))
                return inner
            case Operation(left=int() as step, right=int() as last) if is_progress(tree):
                return self._progress(step, last)
            case Operation(op, left, right):
                return self._operation(op, self.term(left), self.term(right))
            case _:
                return self._constant(tree)

    def _progress(self, step: int, last: int) -> Term:
        whole = self._constant(step / last)
        if self.step is None:
            return whole
        operands = (self.step, f"/ {last}")
        said = Factor(" ".join(operands), frozenset(), True, "*", operands)
        return replace(whole, coefficient=Fraction(1), factors=(said,))

    def _constant(self, value: Any) -> Term:
        number = plain(value)
        exact = Fraction(number) if isinstance(number, int) else Fraction(1)
        return Term(exact, (), (number,) * len(self.members))

    def _leaf(self, name: str) -> Term:
        try:
            values = tuple(plain(member[name]) for member in self.members)
        except KeyError:
            raise UnknownOriginError(name) from None
        if not all(is_number(value) for value in values):
            raise UnknownOriginError(name)
        if name not in self.free:
            return self._constant(values[0])
        return Term(Fraction(1), (_variable(self.names[name]),), values, name in self.chosen)

    def _element(self, name: str, place: int) -> Term:
        values = tuple(plain(member[name][place]) for member in self.members)
        if name not in self.free:
            return self._constant(values[0])
        said = Factor(f"{self.names[name]}[{place}]", frozenset({self.names[name]}))
        return Term(Fraction(1), (said,), values, name in self.chosen)

    def _operation(self, op: str, left: Term, right: Term) -> Term:
        try:
            pairs = zip(left.values, right.values, strict=True)
            values = tuple(ARITHMETIC[op](a, b) for a, b in pairs)
        except ArithmeticError:
            raise UnknownOriginError(op) from None
        if left.is_constant and right.is_constant:
            return self._constant(values[0])
        if op == "*" and any(one.is_constant and one.values[0] == 0 for one in (left, right)):
            # Whatever number the other is.
            return self._constant(values[0])
        is_open = left.is_open or right.is_open
        # Only products of integers are regrouped: rounding depends on the order.
        if all(isinstance(value, int) for value in (*left.values, *right.values)):
            made = _simpler(op, left, right, values)
            if made is not None:
                return replace(made, is_open=is_open)
        return Term(Fraction(1), (_written(op, left, right),), values, is_open)


def _simpler(op: str, left: Term, right: Term, values: tuple[Any, ...]) -> Term | None:
    """The same integers in fewer signs, or None."""
    match op:
        case "+" if right.is_constant and right.coefficient == 0:
            return left
        case "+" if left.is_constant and left.coefficient == 0:
            return right
        case "-" if right.is_constant and right.coefficient == 0:
            return left
        case "+" if left.factors == right.factors:
            return Term(left.coefficient + right.coefficient, left.factors, values)
        case "-" if left.factors == right.factors and left.coefficient > right.coefficient:
            return Term(left.coefficient - right.coefficient, left.factors, values)
        case "*" if left.coefficient * right.coefficient > 0:
            factors = (*left.factors, *right.factors)
            return Term(left.coefficient * right.coefficient, factors, values)
        case "//" if right.coefficient > 0 and left.coefficient > 0:
            return _quotient(left, right, values)
    return None


def _quotient(left: Term, right: Term, values: tuple[int, ...]) -> Term | None:
    """`left // right` as a product, where the division leaves no remainder in any member, nor
    with any number that a caller may choose."""
    is_open = left.is_open or right.is_open
    if is_open and (left.coefficient / right.coefficient).denominator != 1:
        return None
    if any(a != q * b for a, b, q in zip(left.values, right.values, values, strict=True)):
        return None
    factors = list(left.factors)
    for factor in right.factors:
        if factor not in factors:
            return None
        factors.remove(factor)
    coefficient = left.coefficient / right.coefficient
    if not factors and coefficient.denominator != 1:
        return None
    return Term(coefficient, tuple(factors), values)


def _variable(name: str) -> Factor:
    return Factor(name, frozenset({name}))


def _written(op: str, left: Term, right: Term) -> Factor:
    """`left op right` as it stands."""
    names = left.names | right.names
    if op == "*" and right.is_constant and right.values[0] == 1.0:
        # What makes a float of an int (class_numbers.as_float). A name of ints and floats is one.
        is_float = any(isinstance(value, float) for value in left.values)
        return Factor(left.text if is_float and left.is_atomic else f"float({left.text})", names)
    if op == "**":
        return _power(left.text, right, names)
    if op in ("+", "-"):
        # A sum or product on the left needs no brackets, nor a product on the right.
        first, *others = right.parts("+")
        if op == "-" and right.sign == "+":
            first, others = f"({right.text})", []
        operands = (*left.parts("+"), f"{op} {first}", *others)
        return Factor(" ".join(operands), names, True, "+", operands)
    before = left.parts("*")
    if left.is_loose and not _is_product(left):
        before = (f"({left.text})",)
    after = f"({right.text})" if right.is_loose else right.text
    operands = (*before, f"{op} {after}")
    return Factor(" ".join(operands), names, True, "*", operands)


def _power(base: str, exponent: Term, names: frozenset[str]) -> Factor:
    """As `ruff format` spaces it: close where both operands are names or numbers."""
    after = f"({exponent.text})" if exponent.is_loose else exponent.text
    is_close = _is_simple(base) and _is_simple(after.removeprefix("-"))
    if not _is_simple(base):
        base = f"({base})"
    text = f"{base}**{after}" if is_close else f"{base} ** {after}"
    return Factor(text, names, False, "**", (base, f"** {after}"))


def _is_simple(text: str) -> bool:
    """A name, an attribute, or a number without a sign."""
    is_name = text.replace(".", "").isidentifier()
    return is_name or re.fullmatch(r"[\d.]+(e[+-]?\d+)?", text) is not None


def _is_product(term: Term) -> bool:
    return len(term.factors) > 1 or term.coefficient != 1


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def substituted(tree: Tree | None, arguments: Mapping[str, Any]) -> Tree | None:
    """`tree` as seen by a caller that gave `arguments`; None if it has no origin out there, or one
    deeper than `provenance.DEPTH`: through several calls it would grow with every one."""
    if tree is None:
        return None
    try:
        made = _substitute(tree, arguments)
    except (KeyError, OverflowError):
        return None
    return None if is_number(made) else made


def _substitute(tree: Tree, arguments: Mapping[str, Any]) -> Tree:
    match tree:
        case Leaf(name):
            given = arguments[name]
            source = origin(given)
            if source is None and not is_number(given):
                raise KeyError(name)
            return given if source is None else source
        case Element(name):
            # Of the network's own lists, and no network is called.
            raise KeyError(name)
        case Bound(_, value):
            # The `let` is not in scope out there.
            return _substitute(value, arguments)
        case Operation(op, left, right):
            made = operation(op, _substitute(left, arguments), _substitute(right, arguments))
            if made.depth > DEPTH:
                raise OverflowError(f"{made.depth} operations deep")
            return made
        case _:
            return tree


def lets(tree: Tree | None) -> Iterator[tuple[str, Origin]]:
    """Every `let` that a tree mentions, with its value."""
    stack = [tree]
    while stack:
        match stack.pop():
            case Bound(name, value):
                yield name, value
                stack.append(value)
            case Operation(_, left, right):
                stack += [left, right]
            case _:
                pass
