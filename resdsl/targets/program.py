"""A body as a straight list of instructions over values, the form in which `forward` is written.

Values are numbered in the order in which they appear, so the instructions of two elaborations of
one text are alike exactly if one class can serve both. What may differ between instances of a class
is not part of that likeness (`Invoke.likeness`): the numbers in torch calls, and which module an
instance or group is, since a module can be handed to a constructor.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any, TypeAlias

from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar, Use, uses
from resdsl.design.model import Apply, Body, Definition
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.ops.base import Inline, Module
from resdsl.records import dataclass
from resdsl.targets.formulas import is_number
from resdsl.targets.wiring import Stretch

Value: TypeAlias = int


@dataclass(slots=True)
class Invoke:
    """`out = module(*args)`; `exports` are kept tensors that the module also returns.

    `op` where the module is a single operator, with the torch `module` for it. `flow` names the
    variable of the pipeline around. `copies`: a replicated branch, whose result is one tensor per
    copy. `operand`: the result belongs inside the expression that follows. `stretches`, of a list,
    where its copies are not all called, or not all alike. Not `is_called`: nothing reads the
    result, and the module is there for its weights. `gives_more`: than the one result that counts.
    `is_absent`: other members of the class have the module, this one hands on what it is fed.
    """

    apply: Apply
    out: Value
    args: tuple[Value, ...]
    flow: str
    op: Op | None = None
    module: Module | None = None
    exports: tuple[Value, ...] = ()
    copies: bool = False
    operand: bool = False
    stretches: tuple[Stretch[Value], ...] = ()
    is_called: bool = True
    gives_more: bool = False
    is_absent: bool = False

    @property
    def reads(self) -> tuple[Value, ...]:
        return self.args

    @property
    def shape(self) -> Shape:
        return self.apply.runs[0].shape

    def likeness(self) -> object:
        what: object = "module"
        if self.op is not None and self.module is not None:
            what = likeness(self.op, self.module)
            if self.apply.held:
                what = (what, self.op.held(self.shape))
        return (
            self.apply.key,
            self.apply.label,
            what,
            self.out,
            self.args,
            self.exports,
            self.copies,
            self.stretches,
            self.is_called,
            self.gives_more,
            self.apply.is_again,
        )


@dataclass(slots=True)
class Sum:
    """`out = main + skip`, where the skip is `shortcut(*args)`, or `skip` itself without a
    shortcut.

    Not `adds`: just main, which has no shortcut. Instances of one class may differ in the shortcut.
    """

    out: Value
    main: Value
    skip: Value
    shortcut: Apply | None
    args: tuple[Value, ...]
    adds: bool
    flow: str
    gives_more: bool = False

    @property
    def reads(self) -> tuple[Value, ...]:
        if not self.adds:
            return (self.main,)
        return (self.main, *(self.args if self.shortcut else (self.skip,)))

    def likeness(self) -> object:
        return ("sum", self.out, self.main, self.skip, self.adds, self.gives_more)


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
    # Names of the outputs, where they are handed back as a dictionary.
    results: tuple[str, ...] = ()
    # Outputs that have names of their own.
    named: frozenset[Value] = frozenset()
    # What the method calls the first of its inputs.
    first: str = "x"
    # All its modules take the channels last.
    is_channels_last: bool = False

    def likeness(self) -> object:
        return (
            self.body.numbered,
            self.is_channels_last,
            self.inputs,
            self.outputs,
            tuple(sorted(self.names.items())),
            self.first,
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
                or step.stretches
                or step.gives_more
                or not _is_item(step.apply)
            ):
                return False
            current = step.out
        return len(self.inputs) == 1 and self.outputs == (current,)


def _is_item(apply: Apply) -> bool:
    """Whether an nn.Sequential can have it: no tensor of its own, no container."""
    return not apply.held and not apply.is_again and "." not in apply.key


class Modules:
    """The torch modules of operators where they stand, each made once."""

    def __init__(self) -> None:
        # By identity: equal numbers may have other origins. What has one is held, so that it stays.
        self._known: dict[tuple[int, int], tuple[Op, Shape, Module]] = {}
        self._placed: set[tuple[int, int]] = set()
        # The bodies, by identity, all of whose modules take the channels last.
        self.channels_last: set[int] = set()

    def place(self, op: Op, shape: Shape, module: Module) -> None:
        """What stands around an operator makes it another module than it is elsewhere."""
        key = id(op), id(shape)
        self._known[key] = op, shape, module
        self._placed.add(key)

    def inline(self, op: Op, shape: Shape) -> Inline | None:
        """The expression that runs it without a module."""
        return None if (id(op), id(shape)) in self._placed else op.inline(shape)

    def of(self, op: Op, shape: Shape) -> Module:
        key = id(op), id(shape)
        if key not in self._known:
            self._known[key] = op, shape, op.module(shape)
        return self._known[key][2]


def likeness(op: Op, module: Module) -> object:
    """What two operators must share to stand at one place of a class: all but numbers, and how
    their tensors start."""
    arguments = tuple((a.name, _kind(a.value)) for a in module.arguments)
    return (op.name, module.callee, arguments)


def _kind(value: Any) -> object:
    return "number" if is_number(value) or isinstance(value, tuple) else value


def _shape_of(expression: Expression) -> object:
    match expression:
        case Use(ref):
            return ref
        case Copies(_, refs, place):
            return ("copies", refs[0][0] if refs else None, place)
        case Scalar():
            return "number"
        case Combine(op, operands):
            return (op, *map(_shape_of, operands))
