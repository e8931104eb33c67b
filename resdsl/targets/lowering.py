"""Bodies to programs: residuals, forks and joins flattened into instructions over values."""

from __future__ import annotations

from typing import Literal, TypeAlias

from resdsl.design import walk
from resdsl.design.dataflow import alias, gives_more
from resdsl.design.join_expressions import Combine, Copies, Expression, Use
from resdsl.design.liveness import Liveness
from resdsl.design.model import (
    Apply,
    Body,
    Branch,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Ref,
    Residual,
)
from resdsl.design.network import Network
from resdsl.design.walk import PlacedGroup, bodies, groups
from resdsl.ops import Op
from resdsl.targets.channels_last import place_channels_last
from resdsl.targets.program import Assemble, Invoke, Modules, Program, Sum, Value
from resdsl.targets.wiring import Stretch, Wiring, is_parallel, outer_names

# Names of the language for a place in the pipeline, not for a tensor.
_POSITIONS = frozenset({"in", "here", "main"})


Sign: TypeAlias = Literal["+", "-", "*"]

# Operations of a chain in one expression.
OPERATIONS = 12


class Programs:
    """The programs of the definitions and groups of a network and its variants, each made once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.roots = network.roots
        # Each after those that it uses.
        self.definitions = list(walk.definitions(*self.roots))
        # By the identity of a definition: the places of the roots that it is below.
        self.below: dict[int, set[int]] = {id(one): set() for one in self.definitions}
        for place, root in enumerate(self.roots):
            for definition in walk.definitions(root):
                self.below[id(definition)].add(place)
        self.liveness = liveness = Liveness(*self.roots)
        self.modules = Modules()
        self._owners: dict[int, tuple[Wiring, PlacedGroup]] = {}
        self._wirings: dict[int, Wiring] = {}
        self._known: dict[int, Program] = {}
        for definition in self.definitions:
            wiring = Wiring(definition, liveness)
            self._wirings[id(definition)] = wiring
            place_channels_last(definition.body, wiring, self.modules)
            for group in groups(definition.body):
                self._owners[id(group.body)] = wiring, group
                place_channels_last(group.body, wiring, self.modules)

    def is_root(self, definition: Definition) -> bool:
        return any(definition is root for root in self.roots)

    def wiring(self, definition: Definition) -> Wiring:
        return self._wirings[id(definition)]

    def of_definition(self, definition: Definition) -> Program:
        if id(definition) not in self._known:
            wiring = self._wirings[id(definition)]
            further = (*definition.tensors, "main")
            names = dict(zip(definition.inputs[1:], further, strict=False))
            reads = self.liveness.reads(definition)
            # A shortcut may leave out what it is fed, for main, or main.
            inputs = tuple(
                ref for ref, is_read in zip(definition.inputs, reads, strict=True) if is_read
            )
            others = definition.others
            lowering = _Lowering(wiring, self.modules, definition.body, inputs, others, names)
            if inputs and inputs[0] != definition.input:
                lowering.program.first = names[inputs[0]]
            if self.is_root(definition):
                lowering.name_outputs(self.network.outputs)
                lowering.program.results = self.network.outputs[1:] and self.network.outputs
            else:
                lowering.name_outputs(definition.results)
            self._known[id(definition)] = lowering.program
        return self._known[id(definition)]

    def of_group(self, body: Body) -> Program:
        """A group as a module of its own: outer tensors that it reads are further inputs.

        A repeated one is given what any of its copies reads, whether or not it reads that itself.
        """
        if id(body) not in self._known:
            wiring, group = self._owners[id(body)]
            inputs = wiring.signature(group.apply, body)
            names = {
                ref: name for ref, name in outer_names(body) if ref in inputs and ref != body.input
            }
            exports = wiring.exports.get(id(body), ())
            self._known[id(body)] = _Lowering(
                wiring, self.modules, body, inputs, exports, names
            ).program
        return self._known[id(body)]


class _Lowering:
    def __init__(
        self,
        wiring: Wiring,
        modules: Modules,
        body: Body,
        inputs: tuple[Ref, ...],
        exports: tuple[Ref, ...],
        names: dict[Ref, str],
    ) -> None:
        self.values: dict[Ref, Value] = {}
        self.wiring = wiring
        self.modules = modules
        self.liveness = wiring.liveness
        # Replicated branches by label: the values that stand for all their copies.
        self.copies: dict[str, Value] = {}
        # By key, the modules of the body that were met.
        self.met: dict[str, Apply] = {}
        self.count = 0
        # The first copy may be fed a value that others read from outside: one value, two inputs.
        first, *others = inputs
        values = (self.value(first), *(self.new() if r == first else self.value(r) for r in others))
        self.program = Program(wiring.definition, body, values)
        self.program.is_channels_last = id(body) in modules.channels_last
        for ref, name in names.items():
            self.program.names[self.value(ref)] = name
        self.lower(body, "x")
        outputs = (body.output, *exports) if self.liveness.is_result_read(body) else exports
        self.program.outputs = tuple(map(self.value, outputs))

    def name_outputs(self, names: tuple[str, ...]) -> None:
        """The variables of several results have their names, if these can be such."""
        if len(names) > 1:
            self.program.named = frozenset(self.program.outputs)
            for value, name in zip(self.program.outputs, names, strict=True):
                if name.isidentifier() or value not in self.program.names:
                    self.program.names[value] = name

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
                    self.join(step, flow)
                case Join():
                    self.join(step, flow)
                case Keep():
                    self.program.names.setdefault(self.value(step.ref), step.name)

    def branch(self, branch: Branch, flow: str) -> None:
        apply = branch.apply
        if not branch.replicated or not self.liveness.is_read(apply):
            self.apply(apply, flow, operand=True)
            return
        out = self.copies[branch.label] = self.new()
        args = tuple(map(self.value, self.wiring.arguments(apply)))
        self.program.instructions.append(
            Invoke(
                apply,
                out,
                args,
                flow,
                copies=True,
                operand=True,
                stretches=self.stretches(apply),
                gives_more=gives_more(apply),
            )
        )

    def apply(self, apply: Apply, flow: str, *, keep: bool = False, operand: bool = False) -> None:
        """`keep`: what does nothing stays too, for it takes a number or a place in a container."""
        if not apply.is_again:
            self.met[apply.key] = apply
        handed_on = alias(apply)
        if handed_on is not None and not keep and "." not in apply.key:
            self.same(apply.output, handed_on)
            return
        unit = None if apply.repeated else apply.unit
        op = unit if isinstance(unit, Op) else None
        module = None if op is None else self.modules.of(op, apply.runs[0].shape)
        if not self.liveness.is_read(apply):
            self.program.instructions.append(
                Invoke(apply, self.new(), (), flow, op, module, is_called=False)
            )
            return
        args = tuple(map(self.value, self.wiring.arguments(apply)))
        outputs: tuple[Value, ...] = ()
        if not isinstance(unit, Group) or self.liveness.is_result_read(unit.body):
            # A group may end with a value from outside it: what the module returns is a new one.
            out = self.values[apply.output] = self.new()
            outputs = (out,)
        if isinstance(unit, Group):
            kept = self.wiring.exports.get(id(unit.body), ())
            outputs += tuple(map(self.value, kept))
            for ref in kept:
                self.program.names.setdefault(self.value(ref), self.wiring.kept.get(ref, "kept"))
            if unit.body.output not in self.values:
                self.same(unit.body.output, apply.output)
        if isinstance(unit, Instance) and apply.others:
            outputs += tuple(map(self.value, apply.others))
        stretches = self.stretches(apply) if apply.repeated else ()
        first, *exports = outputs
        more = not exports and (gives_more(apply) or self.exports_more(apply))
        self.program.instructions.append(
            Invoke(
                apply,
                first,
                args,
                flow,
                op,
                module,
                tuple(exports),
                False,
                operand,
                stretches,
                gives_more=more,
            )
        )

    def exports_more(self, apply: Apply) -> bool:
        """Whether a group that is called again gives what is kept in it, as when it was met."""
        if not apply.is_again:
            return False
        return any(id(body) in self.wiring.exports for body in bodies(self.met[apply.key]))

    def stretches(self, apply: Apply) -> tuple[Stretch[Value], ...]:
        """Which copies of a list are called with what; none where all are, and alike."""
        found = self.wiring.stretches(apply)
        is_whole = len(found) == 1 and found[0].start == 0 and found[0].end in (None, apply.count)
        is_plain = is_whole and found[0].others == self.wiring.further(apply)
        if not found or (is_plain and (found[0].takes_current or is_parallel(apply))):
            return ()
        return tuple(one.moved(self.value) for one in found)

    def residual(self, residual: Residual, flow: str) -> None:
        inner = "main" if flow == "x" else f"inner_{flow}"
        self.lower(residual.main, inner)
        shortcut = residual.shortcut
        if not self.liveness.is_read(residual):
            if shortcut is not None:
                self.apply(shortcut, flow)
            return
        main = self.value(residual.main.output)
        if not (residual.adds or residual.is_main_alone):
            if shortcut is not None:
                self.program.names.setdefault(main, "main")
                self.apply(shortcut, flow)
            self.same(residual.output, residual.skip.ref)
            return
        if shortcut is not None and self.is_read_elsewhere(shortcut):
            self.apply(shortcut, flow, operand=True)
            shortcut = None
        # A module is called with what enters it, where the sum is written.
        skip = self.value(residual.skip.ref if shortcut is None else residual.input)
        args: tuple[Value, ...] = ()
        if shortcut is not None:
            args = tuple(self.value(ref) for ref in self.wiring.arguments(shortcut))
        out = self.value(residual.output)
        more = shortcut is not None and gives_more(shortcut)
        self.program.instructions.append(
            Sum(out, main, skip, shortcut, args, residual.adds, inner, more)
        )

    def is_read_elsewhere(self, shortcut: Apply) -> bool:
        """Whether somebody reads the shortcut's result, or what is kept in it, besides the sum."""
        results = {shortcut.output, *(body.output for body in bodies(shortcut))}
        return bool(results & self.wiring.named) or any(
            id(body) in self.wiring.exports for body in bodies(shortcut)
        )

    def join(self, step: Fork | Join, flow: str) -> None:
        if not self.liveness.is_read(step):
            return
        if isinstance(step.join, Use):
            self.same(step.output, step.join.ref)
            return
        renumbered = self.renumbered(step.join, flow)
        self.program.instructions.append(Assemble(self.value(step.output), renumbered, flow))

    def renumbered(self, expression: Expression, flow: str) -> Expression:
        match expression:
            case Use(ref, name):
                if name not in _POSITIONS:
                    self.program.names.setdefault(self.value(ref), name)
                return Use(self.value(ref), name)
            case Copies(branch, refs, place):
                return Copies(branch, ((self.copies[branch], sum(n for _, n in refs)),), place)
            case Combine(op, operands) if op in "+-*":
                return self.chain(expression, flow)
            case Combine(op, operands):
                return Combine(op, tuple(self.renumbered(operand, flow) for operand in operands))
            case _:
                return expression

    def chain(self, expression: Expression, flow: str) -> Expression:
        """`a + b - c…`, which nests to the left: a long one is cut into several joins."""
        rest: list[tuple[Sign, tuple[Expression, ...]]] = []
        while isinstance(expression, Combine) and expression.op in ("+", "-", "*"):
            rest.append((expression.op, expression.operands[1:]))
            expression = expression.operands[0]
        made = self.renumbered(expression, flow)
        for position, (op, operands) in enumerate(reversed(rest), 1):
            right = tuple(self.renumbered(operand, flow) for operand in operands)
            made = Combine(op, (made, *right))
            if position % OPERATIONS == 0 and position < len(rest):
                value = self.new()
                self.program.instructions.append(Assemble(value, made, flow))
                made = Use(value, "here")
        return made
