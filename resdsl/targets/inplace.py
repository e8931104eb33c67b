"""What `forward` may overwrite.

`inplace=True` and `+=` save memory, and are wrong in three cases:

1. Somebody else reads the tensor: a second reader, a `keep`, a join, the caller (it is returned),
   or the tensor came from outside: the definition's own input belongs to whoever called.
2. An operator kept its *result* for the gradient (relu, sigmoid, tanh, softmax): overwriting it is
   an error in backward. A convolution or norm keeps its argument, which makes it a reader like any.
3. The tensor is another one's memory: dropout in eval mode returns its argument, `flatten` a view.
   So the question is asked of every tensor that it may be, through operators with `may_alias` and
   through what was overwritten before.

A module (an instance, group or container) answers for its result by a `Result`: what its own output
is. It never writes to its input, by 1.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import TypeGuard

from resdsl.design.model import Apply, Group, Instance, Unit
from resdsl.ops import Op
from resdsl.records import dataclass
from resdsl.targets.lowering import Programs
from resdsl.targets.program import (
    Instruction,
    Invoke,
    Program,
    Sum,
    Value,
)


@dataclass(frozen=True, slots=True)
class Result:
    """Of what a module gives: may it be (a view of) the input, and may others overwrite it."""

    is_input: bool
    may_be_overwritten: bool


@dataclass(slots=True)
class _Node:
    """One instruction as this analysis sees it."""

    reads: tuple[Value, ...]
    # What the result may share memory with.
    passes: tuple[Value, ...]
    # The result must not be overwritten.
    is_kept: bool
    # What the instruction would like to overwrite.
    target: Value | None


class Overwriting:
    """The decisions for one class: `decisions` are the instructions that may work in place."""

    def __init__(self, programs: Sequence[Program], results: Results) -> None:
        """`programs`: the members of the class, alike. What is unsafe for one is unsafe for all."""
        first = programs[0]
        self.outputs = first.outputs
        columns = list(zip(*(program.instructions for program in programs), strict=True))
        again = {step.apply.key for step in first.instructions if _is_again(step)}
        self.nodes = [_node(column, results, again) for column in columns]
        self.producer: dict[Value, int] = {}
        self.readers: dict[Value, list[int]] = {}
        for index, (column, node) in enumerate(zip(columns, self.nodes, strict=True)):
            self.producer[column[0].out] = index
            if isinstance(column[0], Invoke):
                self.producer.update(dict.fromkeys(column[0].exports, index))
            for value in node.reads:
                self.readers.setdefault(value, []).append(index)
        self.decisions: set[int] = set()
        for index, node in enumerate(self.nodes):
            if node.target is not None and self._may_overwrite(node.target, index):
                self.decisions.add(index)

    def result(self) -> Result:
        """What the outcome of the whole body is."""
        memory = self._memory(self.outputs[0])
        return Result(
            is_input=any(value not in self.producer for value in memory),
            may_be_overwritten=len(self.outputs) == 1
            and not any(self._is_kept(value) for value in memory)
            and all(self._only_passes(value, memory, None) for value in memory),
        )

    def _may_overwrite(self, target: Value, by: int) -> bool:
        memory = self._memory(target)
        return all(
            value in self.producer
            and value not in self.outputs
            and not self._is_kept(value)
            and self._only_passes(value, memory, by)
            for value in memory
        )

    def _memory(self, value: Value) -> set[Value]:
        """Every value whose memory this may be: itself, and what it passes on."""
        found = {value}
        stack = [value]
        while stack:
            index = self.producer.get(stack.pop())
            if index is None:
                continue
            node = self.nodes[index]
            before = set(node.passes)
            if index in self.decisions and node.target is not None:
                before.add(node.target)
            stack += before - found
            found |= before
        return found

    def _is_kept(self, value: Value) -> bool:
        index = self.producer.get(value)
        return index is not None and self.nodes[index].is_kept

    def _only_passes(self, value: Value, memory: set[Value], by: int | None) -> bool:
        """Whether all readers but `by` only hand the memory on to another value of `memory`."""
        handing = {self.producer[other] for other in memory if other in self.producer}
        own = 0
        for reader in self.readers.get(value, ()):
            node = self.nodes[reader]
            if reader == by and value == node.target:
                own += 1
                continue
            overwritten = reader in self.decisions and node.target == value
            if reader not in handing or not (value in node.passes or overwritten):
                return False
        return own <= 1


def _is_again(step: Instruction) -> TypeGuard[Invoke]:
    return isinstance(step, Invoke) and step.apply.is_again


def _node(column: tuple[Instruction, ...], results: Results, again: Container[str]) -> _Node:
    """`again`: the keys of what is called more than once, which one module does for all calls."""
    reads = tuple(value for step in column for value in step.reads)
    first = column[0]
    if isinstance(first, Invoke) and not first.is_called:
        return _Node((), (), False, None)
    if len(column) > 1:
        # The same value read by several members is one reading, unless one member reads it twice.
        reads = tuple(dict.fromkeys(reads)) + tuple(
            value for value in dict.fromkeys(first.reads) if first.reads.count(value) > 1
        )
    match first:
        case Invoke(op=Op() as op):
            passes = first.args if op.may_alias else ()
            target = first.args[0] if op.has_inplace and first.apply.key not in again else None
            return _Node(reads, passes, op.keeps_result, target)
        case Invoke():
            found = [_result(step, results) for step in column if isinstance(step, Invoke)]
            return _Node(
                reads,
                first.args if any(result.is_input for result in found) else (),
                bool(first.exports) or not all(result.may_be_overwritten for result in found),
                None,
            )
        case Sum(main=main, adds=adds):
            return _Node(reads, (), False, main) if adds else _Node(reads, (main,), False, None)
        case _:
            # A product keeps its factors, but they are read here; a new tensor results.
            return _Node(reads, (), False, None)


def _result(step: Invoke, results: Results) -> Result:
    return Result(True, True) if step.is_absent else results.of(step.apply)


class Results:
    """`Result`s of modules, each definition and group analysed once."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs
        self._known: dict[int, Result] = {}

    def of(self, apply: Apply) -> Result:
        found = [self._of_unit(run.unit) for run in apply.runs]
        return Result(
            # `x 0` is the identity.
            any(result.is_input for result in found) or not found,
            all(result.may_be_overwritten for result in found),
        )

    def _of_unit(self, unit: Unit) -> Result:
        match unit:
            case Op():
                return Result(unit.may_alias, not unit.keeps_result)
            case Instance(definition):
                return self._once(self._programs.of_definition(definition))
            case Group(body, first):
                return self._once(self._programs.of_group(first or body))

    def _once(self, program: Program) -> Result:
        if id(program) not in self._known:
            self._known[id(program)] = Overwriting([program], self).result()
        return self._known[id(program)]
