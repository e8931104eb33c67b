"""Which elements of an overview read tensors that were made far before them.

The steps of a network are followed along its elements, which name the module that they show: a
step whose module no element shows was folded into the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from resdsl.analysis.elements import Element
from resdsl.analysis.facts import Facts
from resdsl.analysis.shapes import instance_inputs
from resdsl.design.join_expressions import Combine, Copies, Expression, Ref, Scalar, Use, tensors
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Kept,
    Residual,
    Run,
)
from resdsl.drawing.column.block_pieces import Source
from resdsl.extents import Shape
from resdsl.records import dataclass

# The number of what enters the network.
ENTRY = -1


@dataclass(frozen=True, slots=True)
class Meeting:
    """A sign on the spine (`+ * |`, or a word), or a factor in words; which elements are read."""

    sign: str
    factor: str = ""
    sources: tuple[tuple[int, str], ...] = ()


@dataclass(slots=True)
class Kinship:
    """By the number of an element: what it shows, how tensors meet there, and what it reads.

    `broken`: what the element before makes does not go on along the spine.
    """

    sources: dict[int, Source] = field(default_factory=dict)
    meetings: dict[int, tuple[Meeting, ...]] = field(default_factory=dict)
    broken: set[int] = field(default_factory=set)


def kinship(known: Facts, elements: Sequence[Element]) -> Kinship:
    walk = _Walk(known, elements)
    root = known.network.root
    walk.body(root.body, known.shapes, "", _Values(root, {root.input: (ENTRY, "input")}))
    return walk.found


@dataclass(slots=True)
class _Values:
    """By Ref of one definition, the element that makes it, and its kept name."""

    definition: Definition
    at: dict[Ref, tuple[int, str]]


class _Walk:
    def __init__(self, known: Facts, elements: Sequence[Element]) -> None:
        self.known = known
        self.elements = elements
        self.liveness = known.liveness
        self.number = ENTRY
        self.found = Kinship()

    def _is_next(self, path: str) -> bool:
        after = self.number + 1
        return after < len(self.elements) and self.elements[after].path == path

    def _is_inside(self, path: str) -> bool:
        after = self.number + 1
        return after < len(self.elements) and self.elements[after].path.startswith(path)

    def body(self, body: Body, shapes: list[Shape], path: str, values: _Values) -> None:
        for step in body.steps:
            match step:
                case Keep(name, ref):
                    number, _ = values.at.get(ref, (self.number, ""))
                    values.at[ref] = (number, name)
                    continue
                case Apply():
                    self._apply(step, shapes, path, values)
                case Residual():
                    self._residual(step, shapes, path, values)
                case Fork():
                    self._fork(step, shapes, path, values)
                case Join():
                    self._join(step, path, values)
            values.at[step.output] = (self.number, "")

    def _apply(self, apply: Apply, shapes: list[Shape], path: str, values: _Values) -> None:
        index = 0
        for run in apply.runs:
            here = f"{path}{apply.key}.{index}" if apply.repeated else path + apply.key
            if self._is_next(here):
                self.number += 1
                self.found.sources[self.number] = Source(apply, run, shapes, f"{here}.")
            elif self._is_inside(f"{here}."):
                self._inside(apply, run, shapes, f"{here}.", values)
            index += run.count

    def _inside(
        self, apply: Apply, run: Run, shapes: list[Shape], path: str, values: _Values
    ) -> None:
        match run.unit:
            case Group(body):
                self.body(body, shapes, path, values)
            case Instance(definition):
                entering = (values.at.get(ref, (self.number, "")) for ref in apply.fed(run))
                inner = _Values(definition, dict(zip(definition.inputs, entering, strict=True)))
                inside = self.known.table.shapes(definition, instance_inputs(apply, run, shapes))
                self.body(definition.body, inside, path, inner)
            case _:
                pass

    def _residual(self, step: Residual, shapes: list[Shape], path: str, values: _Values) -> None:
        first = next(step.main.modules(), None)
        if not self._is_next(path + (first.key if first else "residual")):
            return
        before = self.number
        self.number += 1
        self.found.sources[self.number] = Source(step, None, shapes, path)
        if isinstance(step.skip, Kept) and not step.is_main_alone:
            kept = values.at.get(step.skip.ref)
            if kept is not None and kept[0] != before:
                self.found.meetings[self.number] = (Meeting("+", sources=(kept,)),)

    def _fork(self, step: Fork, shapes: list[Shape], path: str, values: _Values) -> None:
        if not self._is_next(path + step.branches[0].apply.key):
            return
        self.number += 1
        self.found.sources[self.number] = Source(step, None, shapes, path)
        outer = {
            use.ref: values.at[use.ref]
            for use in tensors(step.join)
            if use.ref != step.input and use.ref in values.at
        }
        if outer:
            self.found.meetings[self.number] = (Meeting("", sources=tuple(outer.values())),)

    def _join(self, step: Join, path: str, values: _Values) -> None:
        if not self._is_next(f"{path}join"):
            return
        self.number += 1
        if not _is_plain(step.join):
            return  # its box says in words what it does
        reading = _Reading(step.input, values.at)
        found = reading.along(step.join)
        if found is None:
            self.found.broken.add(self.number)
            found = reading.beside(step.join)
        self.found.meetings[self.number] = tuple(found)


@dataclass(slots=True)
class _Reading:
    """The expression of a join as what is met on the spine, which `here` goes along."""

    here: Ref
    at: dict[Ref, tuple[int, str]]

    def along(self, expression: Expression) -> list[Meeting] | None:
        """From the spine outwards; None where nothing of it is on the spine."""
        match expression:
            case Use(ref):
                return [] if ref == self.here else None
            case Combine(op, operands):
                operands = _flat(op, operands)
                for number, operand in enumerate(operands):
                    found = self.along(operand)
                    if found is not None:
                        others = (*operands[:number], *operands[number + 1 :])
                        return found + self._met(op, others, is_first=number == 0)
        return None

    def beside(self, expression: Expression) -> list[Meeting]:
        """The first of its tensors comes in from the side."""
        first, *_ = tensors(expression)
        apart = _Reading(first.ref, self.at)
        return [Meeting("", sources=(self._kept(first),)), *(apart.along(expression) or ())]

    def _met(self, op: str, others: tuple[Expression, ...], *, is_first: bool) -> list[Meeting]:
        uses = [use for other in others for use in tensors(other)]
        scalars = [other for other in others if isinstance(other, Scalar)]
        factor = {"*": "× ", "+": "+ ", "-": "− "}.get(op, f"{op} ")
        found = []
        if op == "-" and not is_first:
            text = f"{_number(scalars[0])} −" if scalars else "−"
            found.append(Meeting("", text))
            scalars = []
        if uses:
            sign = {"concat": "|", "sum": "+"}.get(op, "+" if op == "-" and not is_first else op)
            found.append(Meeting(sign, sources=tuple(map(self._kept, uses))))
        return found + [Meeting("", factor + _number(scalar)) for scalar in scalars]

    def _kept(self, use: Use) -> tuple[int, str]:
        number, name = self.at.get(use.ref, (ENTRY, ""))
        return number, "" if use.name == "here" else name or use.name


def _is_plain(expression: Expression) -> bool:
    """Signs on the spine tell it: every tensor that comes from the side does so as it is."""
    match expression:
        case Combine(op, operands):
            parts = _flat(op, operands)
            inside = [part for part in parts if isinstance(part, Combine)]
            return len(inside) < 2 and all(_is_plain(part) and _reads_here(part) for part in inside)
        case _:
            return True


def _reads_here(expression: Expression) -> bool:
    return any(use.name == "here" for use in tensors(expression))


def _flat(op: str, operands: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """`a + (b + c)` is `a + b + c`."""
    if op not in ("+", "*"):
        return operands
    found: list[Expression] = []
    for operand in operands:
        if isinstance(operand, Combine) and operand.op == op:
            found += _flat(op, operand.operands)
        elif not isinstance(operand, Copies):
            found.append(operand)
    return tuple(found)


def _number(scalar: Scalar) -> str:
    return f"{float(scalar.value):g}"
