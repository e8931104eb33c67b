"""A body as a straight list of instructions over values, the form in which `forward` is written.

Values are numbered in the order in which they appear, so the instructions of two elaborations of one
text are alike exactly if one class can serve both. What may differ between instances of a class is
not part of that likeness (`Invoke.likeness`): the numbers in torch calls, and which module an
instance or group is, since a module can be handed to a constructor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from resdsl.design.model import (
    Apply,
    Body,
    Branch,
    Combine,
    Copies,
    Definition,
    Expression,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Ref,
    Residual,
    Scalar,
    Use,
    uses,
)
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.ops.scaling import Identity
from resdsl.targets.expressions import is_number

Value: TypeAlias = int

# Names of the language for a place in the pipeline, not for a tensor.
_POSITIONS = frozenset({"in", "here", "main"})


@dataclass(slots=True)
class Invoke:
    """`out = module(*args)`; `exports` are kept tensors that the module also returns.

    `op` where the module is a single operator. `flow` names the variable of the pipeline around.
    `copies`: a replicated branch, whose result is one tensor per copy. `operand`: the result belongs
    inside the expression that follows.
    """

    apply: Apply
    out: Value
    args: tuple[Value, ...]
    flow: str
    op: Op | None = None
    exports: tuple[Value, ...] = ()
    copies: bool = False
    operand: bool = False

    @property
    def reads(self) -> tuple[Value, ...]:
        return self.args

    @property
    def shape(self) -> Shape:
        return self.apply.runs[0].shape

    def likeness(self) -> object:
        what = likeness(self.op, self.shape) if self.op is not None else "module"
        return (
            self.apply.key,
            self.apply.label,
            what,
            self.out,
            self.args,
            self.exports,
            self.copies,
        )


@dataclass(slots=True)
class Sum:
    """`out = main + skip`, where the skip is `shortcut(*args)`, or `skip` itself without a shortcut.

    Not `adds`: just main. Instances of one class may differ in the shortcut.
    """

    out: Value
    main: Value
    skip: Value
    shortcut: Apply | None
    args: tuple[Value, ...]
    adds: bool
    flow: str

    @property
    def reads(self) -> tuple[Value, ...]:
        if not self.adds:
            return (self.main,)
        return (self.main, *(self.args if self.shortcut else (self.skip,)))

    def likeness(self) -> object:
        return ("sum", self.out, self.main, self.skip)


@dataclass(slots=True)
class Assemble:
    """`out = expression`, its values renumbered."""

    out: Value
    expression: Expression
    flow: str

    @property
    def reads(self) -> tuple[Value, ...]:
        return tuple(uses(self.expression))

    def likeness(self) -> object:
        return ("join", self.out, _shape_of(self.expression))


Instruction: TypeAlias = Invoke | Sum | Assemble


@dataclass(slots=True, eq=False)
class Program:
    """The instructions of one body. `names` are the names of kept tensors and further inputs."""

    definition: Definition
    body: Body
    inputs: tuple[Value, ...]
    instructions: list[Instruction] = field(default_factory=list)
    outputs: tuple[Value, ...] = ()
    names: dict[Value, str] = field(default_factory=dict)

    def likeness(self) -> object:
        return (
            self.body.numbered,
            self.inputs,
            self.outputs,
            tuple(sorted(self.names.items())),
            tuple(instruction.likeness() for instruction in self.instructions),
        )

    @property
    def is_chain(self) -> bool:
        """Each module is fed the result of the one before, and nothing else happens."""
        current = self.inputs[0]
        for step in self.instructions:
            if (
                not isinstance(step, Invoke)
                or step.args != (current,)
                or step.exports
                or step.copies
            ):
                return False
            current = step.out
        return len(self.inputs) == 1 and self.outputs == (current,)


def likeness(op: Op, shape: Shape) -> object:
    """What two operators must share to stand at one place of a class: all but numbers."""
    module = op.module(shape)
    arguments = () if module is None else tuple((a.name, _kind(a.value)) for a in module.arguments)
    # How weights start is no argument of a module.
    starts = (
        ()
        if module is None or module.helper
        else tuple((tensor.name, tensor.init.call) for tensor in op.tensors(shape))
    )
    return (op.name, None if module is None else module.callee, arguments, starts)


def _kind(value: Any) -> object:
    return "number" if is_number(value) or isinstance(value, tuple) else value


def _shape_of(expression: Expression) -> object:
    match expression:
        case Use(ref):
            return ref
        case Copies(_, refs):
            return ("copies", refs[0][0] if refs else None)
        case Scalar():
            return "number"
        case Combine(op, operands):
            return (op, *map(_shape_of, operands))


# --- lowering ------------------------------------------------------------------------------------


def of_definition(definition: Definition) -> Program:
    names = dict(zip(definition.inputs[1:], ("main",), strict=False))
    return _Lowering(definition, definition.body, definition.inputs, (), names).program


def of_group(
    definition: Definition, body: Body, exports: tuple[Ref, ...], *, repeated: bool
) -> Program:
    """A group as a module of its own: outer tensors that it reads are further inputs.

    A `repeated` one is fed the current value, whether or not it reads that.
    """
    reads = outer_reads(body)
    if repeated or not reads:
        reads = (body.input, *(ref for ref in reads if ref != body.input))
    inputs = reads
    names = {ref: name for ref, name in _outer_names(body) if ref in inputs and ref != body.input}
    return _Lowering(definition, body, inputs, exports, names).program


class _Lowering:
    def __init__(
        self,
        definition: Definition,
        body: Body,
        inputs: tuple[Ref, ...],
        exports: tuple[Ref, ...],
        names: dict[Ref, str],
    ) -> None:
        self.values: dict[Ref, Value] = {}
        self.exports = exported(definition)
        # Replicated branches by label: the values that stand for all their copies.
        self.copies: dict[str, Value] = {}
        self.count = 0
        self.program = Program(definition, body, tuple(self.value(ref) for ref in inputs))
        for ref, name in names.items():
            self.program.names[self.value(ref)] = name
        self.lower(body, "x")
        self.program.outputs = tuple(self.value(ref) for ref in (body.output, *exports))

    def value(self, ref: Ref) -> Value:
        if ref not in self.values:
            self.values[ref] = self.new()
        return self.values[ref]

    def new(self) -> Value:
        self.count += 1
        return self.count - 1

    def same(self, ref: Ref, other: Ref) -> None:
        """`ref` is another name of `other`."""
        self.values[ref] = self.value(other)

    def lower(self, body: Body, flow: str) -> None:
        for step in body.steps:
            match step:
                case Apply():
                    self.apply(step, flow, keep=body.numbered)
                case Residual():
                    self.residual(step, flow)
                case Fork():
                    for branch in step.branches:
                        self.branch(branch, flow)
                    self.join(step.join, step.output, flow)
                case Join():
                    self.join(step.join, step.output, flow)
                case Keep():
                    self.program.names.setdefault(self.value(step.ref), step.name)

    def branch(self, branch: Branch, flow: str) -> None:
        if not branch.replicated:
            self.apply(branch.apply, flow, operand=True)
            return
        out = self.copies[branch.label] = self.new()
        args = tuple(self.value(ref) for ref in arguments(branch.apply))
        self.program.instructions.append(
            Invoke(branch.apply, out, args, flow, copies=True, operand=True)
        )

    def apply(
        self, apply: Apply, flow: str, *, keep: bool = False, operand: bool = False
    ) -> None:
        """`keep`: what does nothing stays too, for it takes a number."""
        if is_nothing(apply) and not keep:
            self.same(apply.output, apply.input)
            return
        args = tuple(self.value(ref) for ref in arguments(apply))
        unit = None if apply.repeated else apply.unit
        exports: tuple[Value, ...] = ()
        out = self.value(apply.output)
        if isinstance(unit, Group):
            exports = tuple(self.value(ref) for ref in self.exports.get(id(unit.body), ()))
            if unit.body.output not in self.values:
                self.same(unit.body.output, apply.output)
        op = unit if isinstance(unit, Op) else None
        self.program.instructions.append(
            Invoke(apply, out, args, flow, op, exports, operand=operand)
        )

    def residual(self, residual: Residual, flow: str) -> None:
        skip = self.value(residual.input)
        inner = "main" if flow == "x" else f"inner_{flow}"
        self.lower(residual.main, inner)
        main, shortcut = self.value(residual.main.output), residual.shortcut
        if shortcut is not None and not residual.adds:
            self.program.names.setdefault(main, "main")
            self.apply(shortcut, flow)
            self.same(residual.output, shortcut.output)
            return
        if shortcut is not None and any(id(body) in self.exports for body in groups(shortcut)):
            # It gives kept tensors away besides: a statement of its own.
            self.apply(shortcut, flow, operand=True)
            skip, shortcut = self.value(shortcut.output), None
        if residual.output == residual.main.output:
            return
        args = () if shortcut is None else tuple(self.value(ref) for ref in arguments(shortcut))
        out = self.value(residual.output)
        self.program.instructions.append(Sum(out, main, skip, shortcut, args, residual.adds, inner))

    def join(self, expression: Expression, output: Ref, flow: str) -> None:
        if isinstance(expression, Use):
            self.same(output, expression.ref)
            return
        renumbered = self.renumbered(expression)
        self.program.instructions.append(Assemble(self.value(output), renumbered, flow))

    def renumbered(self, expression: Expression) -> Expression:
        match expression:
            case Use(ref, name):
                if name not in _POSITIONS:
                    self.program.names.setdefault(self.value(ref), name)
                return Use(self.value(ref), name)
            case Copies(branch, refs):
                return Copies(branch, ((self.copies[branch], sum(n for _, n in refs)),))
            case Combine(op, operands):
                return Combine(op, tuple(map(self.renumbered, operands)))
            case _:
                return expression


# --- what a body reads and gives away ------------------------------------------------------------


def is_nothing(apply: Apply) -> bool:
    """The identity, `x 0`, or an empty group: no module is needed for it."""
    if not apply.runs:
        return True
    if apply.repeated:
        return False
    unit = apply.unit
    if isinstance(unit, Group):
        return not unit.body.steps and unit.body.output == unit.body.input
    return isinstance(unit, Identity)


def groups(apply: Apply) -> Iterator[Body]:
    for run in apply.runs:
        if isinstance(run.unit, Group):
            yield run.unit.body


def arguments(apply: Apply) -> tuple[Ref, ...]:
    """The values with which a module is called: the current one first, where it is read."""
    if not apply.runs:
        return (apply.input,)
    unit = apply.unit
    if isinstance(unit, Instance):
        if unit.definition.reads_main and apply.main is not None:
            return apply.input, apply.main
        return (apply.input,)
    if isinstance(unit, Group):
        inner = unit.body
        reads = outer_reads(inner)
        captured = tuple(ref for ref in reads if ref != inner.input)
        # A container is always fed the current value.
        return (apply.input, *captured) if apply.repeated or inner.input in reads else captured
    return (apply.input,)


def outer_reads(body: Body) -> tuple[Ref, ...]:
    """The values from outside that a body reads, its input first."""
    defined: set[Ref] = set()
    found: dict[Ref, None] = {}
    for ref, is_definition in _traffic(body):
        if is_definition:
            defined.add(ref)
        elif ref not in defined:
            found[ref] = None
    if body.input in found:
        del found[body.input]
        return (body.input, *found)
    return tuple(found)


def _traffic(body: Body) -> Iterator[tuple[Ref, bool]]:
    """Every reading (False) and making (True) of a value, in order."""
    for step in body.steps:
        match step:
            case Apply():
                yield from _module_traffic(step)
            case Residual():
                yield from _traffic(step.main)
                yield step.main.output, False
                if step.shortcut is not None:
                    yield from _module_traffic(step.shortcut)
                elif step.adds:
                    yield step.input, False
                yield step.output, True
            case Fork():
                for branch in step.branches:
                    yield from _module_traffic(branch.apply)
                yield from ((ref, False) for ref in _tensors(step.join))
                yield step.output, True
            case Join():
                yield from ((ref, False) for ref in _tensors(step.join))
                yield step.output, True
            case Keep():
                pass
    yield body.output, False


def _tensors(expression: Expression) -> Iterator[Ref]:
    """The values that a join reads, but the copies of its branches, which it alone can read."""
    stack = [expression]
    while stack:
        match stack.pop():
            case Use(ref):
                yield ref
            case Combine(_, operands):
                stack.extend(reversed(operands))
            case _:
                pass


def _module_traffic(apply: Apply) -> Iterator[tuple[Ref, bool]]:
    yield from ((ref, False) for ref in arguments(apply))
    if not apply.repeated:
        for body in groups(apply):
            yield from ((ref, True) for ref, made in _traffic(body) if made)
    yield apply.output, True


def _outer_names(body: Body) -> Iterator[tuple[Ref, str]]:
    """What the author called the values that joins inside read."""
    for step in body.steps:
        match step:
            case Fork() | Join():
                yield from _names(step.join)
            case Residual():
                yield from _outer_names(step.main)
        for apply in _modules(step):
            for inner in groups(apply):
                yield from _outer_names(inner)


def _modules(step: object) -> tuple[Apply, ...]:
    match step:
        case Apply():
            return (step,)
        case Residual(shortcut=Apply() as shortcut):
            return (shortcut,)
        case Fork():
            return tuple(branch.apply for branch in step.branches)
        case _:
            return ()


def _names(expression: Expression) -> Iterator[tuple[Ref, str]]:
    stack = [expression]
    while stack:
        match stack.pop():
            case Use(ref, name):
                # `in` read inside a group is what entered the definition around.
                yield ref, {"in": "start", "here": "current"}.get(name, name)
            case Combine(_, operands):
                stack.extend(operands)
            case _:
                pass


def exported(definition: Definition) -> dict[int, tuple[Ref, ...]]:
    """By the identity of a group's body: the values made inside and read outside, but its result."""
    made: dict[Ref, tuple[Body, ...]] = {}
    found: dict[int, dict[Ref, None]] = {}
    stack: list[tuple[Body, tuple[Body, ...]]] = [(definition.body, ())]
    readings: list[tuple[Ref, tuple[Body, ...]]] = []
    while stack:
        body, around = stack.pop()
        stack += _scan(body, around, made, readings)
    for ref, around in readings:
        for group in made.get(ref, ()):
            if group not in around and ref != group.output:
                found.setdefault(id(group), {})[ref] = None
    return {group: tuple(sorted(refs)) for group, refs in found.items()}


def _scan(
    body: Body,
    around: tuple[Body, ...],
    made: dict[Ref, tuple[Body, ...]],
    readings: list[tuple[Ref, tuple[Body, ...]]],
) -> Iterator[tuple[Body, tuple[Body, ...]]]:
    """Enters the makings and readings of a body without its groups, which are returned."""
    for step in body.steps:
        for apply in _modules(step):
            made.setdefault(apply.output, around)
            unit = apply.unit if apply.runs and not apply.repeated else None
            readings.append((apply.input, around))
            if apply.main is not None:
                readings.append((apply.main, around))
            for inner in groups(apply):
                # The copies of a repeated group give nothing away.
                yield inner, ((*around, inner) if isinstance(unit, Group) else around)
        match step:
            case Residual():
                yield from _scan(step.main, around, made, readings)
                readings += [(step.main.output, around), (step.input, around)]
                made.setdefault(step.output, around)
            case Fork() | Join():
                readings += [(ref, around) for ref in _tensors(step.join)]
                made.setdefault(step.output, around)
    readings.append((body.output, around))
