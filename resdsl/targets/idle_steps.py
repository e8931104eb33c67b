"""Programs of one text that differ in steps which do nothing for some: one class serves them.

What the fullest of them has and another has not is put into the other's: stochastic depth at a rate
of 0, or the place of a module that is not there (`Invoke.is_absent`), as `downsample` is None where
a residual has no shortcut of its own. In a class that is `tail: nn.Module | None = None`.

That is done for modules which are blocks or groups, and for operators that a number makes idle. An
operator that is left out would be a class of holes, and so would one of many modules that may be
None: there, two classes read better.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeAlias

from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar, Use
from resdsl.design.model import Apply, Body
from resdsl.ops import Op
from resdsl.provenance import origin, traced
from resdsl.targets.formulas import Surroundings, UnknownOriginError
from resdsl.targets.program import Assemble, Instruction, Invoke, Program, Sum, Value

# How many modules of a class may be None, besides shortcuts.
OPTIONAL = 2

# The keys of a body that must be there: their modules are looked for, to start them.
Needed: TypeAlias = Callable[[Body], Collection[str]]


def filled(programs: Sequence[Program], needed: Needed) -> list[Program]:
    """The programs in their order, each with the steps of a fuller one of its text that has them
    but for that."""
    texts: dict[str, list[int]] = {}
    for index, program in enumerate(programs):
        texts.setdefault(program.definition.origin, []).append(index)
    found = list(programs)
    for indices in texts.values():
        made = _filled_alike([programs[index] for index in indices], needed)
        for index, program in zip(indices, made, strict=True):
            found[index] = program
    return found


def _filled_alike(programs: Sequence[Program], needed: Needed) -> list[Program]:
    """Those of one text."""
    groups: dict[object, list[int]] = {}
    for index, program in enumerate(programs):
        groups.setdefault(program.likeness(), []).append(index)
    if len(groups) == 1:
        return list(programs)
    found = list(programs)
    by_length = sorted(
        groups.values(), key=lambda group: len(programs[group[0]].instructions), reverse=True
    )
    fuller: list[Program] = []
    for group in by_length:
        first = programs[group[0]]
        for full in fuller:
            if len(full.instructions) - len(first.instructions) > OPTIONAL + 1:
                continue
            made = [_filled(programs[index], full, needed) for index in group]
            if all(program is not None for program in made):
                for index, one in zip(group, made, strict=True):
                    assert one is not None
                    found[index] = one
                break
        else:
            fuller.append(first)
    return found


def _filled(program: Program, full: Program, needed: Needed) -> Program | None:
    """The program with the steps of a full one, in whose values; None where it has others."""
    if program.body.numbered or not program.instructions:
        return None
    if full.is_chain and full.body is not full.definition.body:
        # A group that is a plain chain has no class.
        return None
    if program.is_channels_last != full.is_channels_last or program.results != full.results:
        return None
    if program.first != full.first or len(program.named) != len(full.named):
        return None
    return _Filling(program, full, needed(full.body)).program()


class _Filling:
    """Goes through both programs. `values`: what a value of the full one is in the other."""

    def __init__(self, program: Program, full: Program, needed: Collection[str]) -> None:
        self.own = program
        self.full = full
        self.needed = needed
        # What is called more than once is not left out.
        calls = (step.apply for step in full.instructions if isinstance(step, Invoke))
        self.again = {apply.key for apply in calls if apply.is_again}
        self.values: dict[Value, Value] = {}
        self.absent = 0

    def program(self) -> Program | None:
        own, full = self.own, self.full
        if len(own.inputs) != len(full.inputs):
            return None
        self.values.update(zip(full.inputs, own.inputs, strict=True))
        made: list[Instruction] = []
        rest = iter(own.instructions)
        other = next(rest, None)
        for step in full.instructions:
            same = None if other is None else self._same(step, other)
            if same is not None:
                other = next(rest, None)
            else:
                same = self._idle(step)
            if same is None:
                return None
            made.append(same)
        if other is not None or self.absent > OPTIONAL or not self._agree():
            return None
        return replace(own, inputs=full.inputs, instructions=made, outputs=full.outputs,
                       names=full.names, named=full.named)  # fmt: skip

    def _agree(self) -> bool:
        """Whether both end with the same values, and call them the same."""
        if [*map(self.values.get, self.full.outputs)] != [*self.own.outputs]:
            return False
        named = {(self.values.get(value), name) for value, name in self.full.names.items()}
        return all((value, name) in named for value, name in self.own.names.items())

    def _are(self, ours: Sequence[Value], theirs: Sequence[Value]) -> bool:
        """Whether these values of the full program are those of the other."""
        return [*map(self.values.get, ours)] == [*theirs]

    def _same(self, step: Instruction, other: Instruction) -> Instruction | None:
        """The other's instruction in the values of the full program, if it is that one."""
        made: Instruction | None = None
        match step, other:
            case Invoke(), Invoke():
                moved = tuple(
                    one.moved(lambda value: self.values.get(value, -1)) for one in step.stretches
                )
                # A module that gives more is called otherwise.
                gives_alike = len(step.exports) == len(other.exports)
                if gives_alike and self._are(step.args, other.args) and moved == other.stretches:
                    made = replace(
                        other,
                        out=step.out,
                        args=step.args,
                        exports=step.exports,
                        stretches=step.stretches,
                    )
                    self.values.update(zip(step.exports, other.exports, strict=True))
            case Sum(), Sum():
                args = self._arguments(step, other)
                if args is not None and self._are((step.main, step.skip), (other.main, other.skip)):
                    made = replace(other, out=step.out, main=step.main, skip=step.skip, args=args)
            case Assemble(), Assemble():
                expression = _renumbered(other.expression, step.expression, self.values)
                if expression is not None:
                    made = replace(other, out=step.out, expression=expression)
            case _:
                pass
        if made is None or made.likeness() != step.likeness():
            return None
        self.values[step.out] = other.out
        return made

    def _arguments(self, step: Sum, other: Sum) -> tuple[Value, ...] | None:
        """What the other's shortcut is called with, in the values of the full program."""
        if other.shortcut is None:
            return ()
        if step.shortcut is not None:
            return step.args if self._are(step.args, other.args) else None
        found = [[own for own, its in self.values.items() if its == arg] for arg in other.args]
        # Behind a step that is not there a value has two numbers, and either may be meant.
        return tuple(one[0] for one in found) if all(len(one) == 1 for one in found) else None

    def _idle(self, step: Instruction) -> Invoke | None:
        """The full program's step, as it is where it does nothing."""
        if not isinstance(step, Invoke) or not self._may_be_left_out(step):
            return None
        (value,) = step.args
        self.values[step.out] = self.values[value]
        if step.op is None:
            self.absent += 1
            return replace(step, is_absent=True)
        idle = self._idle_op(step.op)
        (run,) = step.apply.runs
        apply = replace(step.apply, runs=(replace(run, unit=idle),))
        return replace(step, apply=apply, op=idle, module=idle.module(step.shape))

    def _idle_op(self, op: Op) -> Op:
        """The operator that does nothing. Its numbers come from where those of the full program's
        do, if they come to the same for this one."""
        idle = op.idle
        assert idle is not None
        known = Surroundings([self.own.definition.arguments], (), (), {}, {})
        for parameter in op.parameters():
            source, value = origin(getattr(op, parameter.name)), getattr(idle, parameter.name)
            with suppress(UnknownOriginError):
                if source is not None and known.term(source).values == (value,):
                    idle = idle.with_arguments(**{parameter.name: traced(value, source)})
        return idle

    def _may_be_left_out(self, step: Invoke) -> bool:
        if len(step.args) != 1 or step.exports or step.copies or step.stretches:
            return False
        if not step.is_called or not _is_alone(step.apply) or step.apply.key in self.again:
            return False
        if step.gives_more:
            return False
        if step.op is not None:
            # What stands between two permutes is another module than the operator's own.
            return step.op.idle is not None and step.module == step.op.module(step.shape)
        return step.apply.key not in self.needed


def _is_alone(apply: Apply) -> bool:
    """Whether a class has it by its own name: it is no list, nor in a container."""
    return not (apply.held or apply.repeated or "." in apply.key or apply.key.isdigit())


def _renumbered(
    own: Expression, full: Expression, values: Mapping[Value, Value]
) -> Expression | None:
    """A join in the values of the full program's, with numbers of its own."""
    match own, full:
        case Use(value, _), Use(other, _) if values.get(other) == value:
            return full
        case Copies(_, refs), Copies(_, others) if [
            (values.get(ref), count) for ref, count in others
        ] == [*refs]:
            return full
        case Scalar(), Scalar():
            return own
        case Combine(op, operands), Combine(other_op, others) if op == other_op:
            pairs = zip(operands, others, strict=False)
            made = [_renumbered(one, another, values) for one, another in pairs]
            kept = tuple(one for one in made if one is not None)
            if len(kept) == len(operands) == len(others):
                return Combine(op, kept)
    return None
