"""The statements of `forward`.

One variable, `x`, flows through; `main` is the result of a residual's main, a kept tensor has the
name that its author gave it. Convolution, norm and activation are nested in one expression: a new
statement starts at each layer with weights, at each block or stage, or where a line would be full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from resdsl.design.join_expressions import renamed
from resdsl.ops.base import Inline
from resdsl.targets import calling, names
from resdsl.targets.calling import Attribute
from resdsl.targets.forward_joins import Joins
from resdsl.targets.method_text import MARGIN, Statement
from resdsl.targets.nodes import (
    INDENT,
    WIDTH,
    Binary,
    Bracketed,
    Call,
    Choice,
    Generator,
    Items,
    Node,
    Pair,
    Text,
    Variable,
    cells,
    flat,
    literal,
    variables,
)
from resdsl.targets.program import Assemble, Instruction, Invoke, Program, Sum, Value
from resdsl.targets.statements import Pending, Statements
from resdsl.targets.wiring import Stretch

NOTHING = Inline("same")


class Forward:
    """Writes the statements for the members of one class."""

    def __init__(
        self,
        programs: Sequence[Program],
        attributes: Mapping[int, Attribute | Inline],
        overwrites: set[int],
        scalars: Mapping[int, Text],
    ) -> None:
        """`attributes` by instruction, or an expression with its numbers filled in; `scalars` by
        the identity of a `Scalar`."""
        self.program = programs[0]
        self.attributes = attributes
        columns = list(zip(*(program.instructions for program in programs), strict=True))
        self.same = self._same(columns)
        self.columns = [tuple(map(self._resolved, column)) for column in columns]
        self.outputs = tuple(self._value(value) for value in self.program.outputs)
        self.overwrites = overwrites
        kept = {self._value(value): name for value, name in self.program.names.items()}
        named = {self._value(value) for value in self.program.named}
        self.statements = Statements(self._readings(), kept, named)
        self.joins = Joins(self.statements, scalars)
        self.inputs = self._inputs()

    def _same(self, columns: Sequence[tuple[Instruction, ...]]) -> dict[Value, Value]:
        """Values that are another one: behind an operator that does nothing, or plain mains."""
        same: dict[Value, Value] = {}
        for index, column in enumerate(columns):
            match column[0]:
                case Invoke(out=out, args=args) if args and self.attributes[index] == NOTHING:
                    same[out] = same.get(args[0], args[0])
                case Sum(out=out, main=main, adds=False):
                    same[out] = same.get(main, main)
                case _:
                    pass
        return same

    def _value(self, value: Value) -> Value:
        return self.same.get(value, value)

    def _resolved(self, step: Instruction) -> Instruction:
        match step:
            case Invoke(args=args, stretches=stretches):
                values = tuple(map(self._value, args))
                moved = tuple(one.moved(self._value) for one in stretches)
                return replace(step, args=values, stretches=moved)
            case Sum(main=main, skip=skip, args=args):
                values = tuple(map(self._value, args))
                return replace(step, main=self._value(main), skip=self._value(skip), args=values)
            case Assemble(expression=expression):
                return replace(step, expression=renamed(expression, self._value))

    def _readings(self) -> Counter[Value]:
        """How often each value is read: as often as the member reads it that does so most."""
        left: Counter[Value] = Counter(self.outputs)
        for column in self.columns:
            most: Counter[Value] = Counter()
            if column[0].out in self.same:
                continue
            for step in column:
                most |= Counter(step.reads)
            # Not `+=`, which looks at all that was counted before.
            left.update(most)
        return left

    def _inputs(self) -> list[str]:
        """The method's arguments: the current value, and what else the module is called with."""
        made: list[str] = []
        for value in self.program.inputs:
            raw = self.program.names.get(value, "other") if made else self.program.first
            made.append(raw if raw == "x" and not made else names.variable(raw, made))
            self.statements.enter(value, made[-1])
        return made

    # --- the whole -------------------------------------------------------------------------------

    def write(self) -> list[Statement]:
        for index, column in enumerate(self.columns):
            first = column[0]
            if first.out in self.same or (isinstance(first, Invoke) and not first.is_called):
                continue
            self._settle(first)
            match first:
                case Invoke():
                    self._invoke(index, first)
                case Sum():
                    self._sum(index, [step for step in column if isinstance(step, Sum)])
                case Assemble():
                    self._assemble(first)
        self._return()
        return self.statements.text

    def _settle(self, step: Instruction) -> None:
        """Gives a variable to what the next instruction neither takes nor waits for."""
        for value, pending in list(self.statements.pending.items()):
            if value not in step.reads and not pending.operand:
                # It is read further down, where the name that its author gave it tells what it is.
                self.statements.flush(value, aside=True)

    def _return(self) -> None:
        if self.program.results:
            self._return_by_name()
            return
        alone = len(self.outputs) == 1
        for value in list(self.statements.pending):
            if not alone or value not in self.outputs:
                self.statements.flush(value)
        if alone:
            self.statements.say(self.statements.take(self.outputs[0]), "return ")
        else:
            variables = (self.statements.variables[value] for value in self.outputs)
            self.statements.line(f"return {', '.join(variables)}")

    def _return_by_name(self) -> None:
        """A dictionary; what was computed last needs no variable."""
        waiting = list(self.statements.pending)
        for value in waiting:
            if value != waiting[-1] or self.outputs.count(value) != 1:
                self.statements.flush(value)
        pairs = zip(self.program.results, self.outputs, strict=True)
        items = [Pair(literal(name), self.statements.take(value)) for name, value in pairs]
        self.statements.say(Items("{", tuple(items), "}"), "return ")

    # --- instructions ----------------------------------------------------------------------------

    def _invoke(self, index: int, step: Invoke) -> None:
        attribute = self.attributes[index]
        if isinstance(attribute, Attribute) and attribute.is_list and not step.copies:
            if len(step.stretches) != 1 or not calling.is_one_call(step.stretches[0]):
                self._loop(attribute, step)
                return
            attribute = Attribute(calling.copy(attribute, step.stretches[0].start))
        if isinstance(attribute, Attribute) and step.copies and step.stretches:
            self._side_by_side(attribute, step)
            return
        if isinstance(attribute, Attribute) and attribute.is_optional:
            self._optional(attribute, step)
            return
        # All first: a variable must not be given away while it is still to be read here.
        if not self._nests(step, attribute):
            for value in step.args:
                self.statements.flush(value, aside=len(step.args) > 1)
        used = frozenset(name for value in step.args for name in self.statements.used(value))
        nodes = [self.statements.take(value) for value in step.args]
        node = calling.first_of(calling.applied(attribute, nodes), step)
        if step.exports:
            self._unpack(step, node)
            return
        if step.copies:
            assert isinstance(attribute, Attribute)
            call = calling.first_of(Call("branch", tuple(nodes)), step)
            node = Generator("", call, "branch", Text(attribute.text), "")
        self.statements.pending[step.out] = Pending(
            node,
            step.flow,
            used,
            closed=step.op is None,
            operand=step.operand,
            word=calling.place_in_list(step.apply),
        )
        if step.operand and self.statements.left[step.out] > 1:
            self.statements.flush(step.out, step.apply.key)

    def _optional(self, attribute: Attribute, step: Invoke) -> None:
        """A module that is called where there is one."""
        (value,) = step.args
        self.statements.flush(value)
        given = self.statements.take(value)
        name = self.statements.target(step.out, step.flow)
        if flat(given) != name:
            chosen = Choice(given, attribute.text, Call(attribute.text, (given,)))
            if MARGIN + cells(f"{name} = {flat(chosen)}") <= WIDTH:
                self.statements.write(chosen, f"{name} = ")
                self.statements.bind(step.out, name)
                return
            self.statements.say(given, f"{name} = ")
        self.statements.condition(_is_there(attribute.text))
        call = Call(attribute.text, (Variable(name),))
        self.statements.write(call, f"{name} = ", MARGIN + INDENT)
        self.statements.bind(step.out, name)

    def _nests(self, step: Invoke, attribute: Attribute | Inline) -> bool:
        """Whether the call goes around the expression that is pending, in one statement."""
        if len(step.args) != 1 or step.op is None or step.op.is_weighted or step.operand:
            return False
        pending = self.statements.pending.get(step.args[0])
        if pending is None or self.statements.left[step.args[0]] > 1:
            return False
        if pending.closed and not step.apply.held:
            return False
        return cells(flat(calling.applied(attribute, [pending.node]))) <= _room(step.flow)

    def _loop(self, attribute: Attribute, step: Invoke) -> None:
        """Copies in a row, each called with the result of the one before and further values."""
        for value in step.args:
            self.statements.flush(value)
        stretches = step.stretches or (Stretch(0, None, True, step.args[1:]),)
        given = list(step.args)
        start = self.statements.take(given.pop(0)) if stretches[0].reads_current else None
        # Chosen while the others are still to be read, for every copy reads them again.
        name = self.statements.target(step.out, step.flow)
        others = {value: self.statements.take(value) for value in given}
        read = {name, *(other for node in others.values() for other in variables(node))}
        for stretch in stretches:
            if stretch.is_single:
                copy = calling.copy(attribute, stretch.start)
                call = calling.first_of(
                    Call(copy, calling.arguments(stretch, start or Variable(name), others)), step
                )
                if stretch is stretches[-1]:
                    # What comes next may go around it, or hand it back.
                    used = frozenset(variables(call))
                    self.statements.pending[step.out] = Pending(call, step.flow, used, closed=True)
                    return
                self.statements.say(call, f"{name} = ")
            else:
                if start is not None and flat(start) != name:
                    self.statements.say(start, f"{name} = ")
                block = self.statements.fresh("block", read)
                self.statements.line(f"for {block} in {calling.copies(attribute, stretch)}:")
                call = calling.first_of(
                    Call(block, calling.arguments(stretch, Variable(name), others)), step
                )
                self.statements.write(call, f"{name} = ", MARGIN + INDENT)
            start = None
        self.statements.bind(step.out, name)

    def _side_by_side(self, attribute: Attribute, step: Invoke) -> None:
        """The copies of a branch that are called in different ways."""
        for value in step.args:
            self.statements.flush(value)
        name = self.statements.fresh(step.apply.key)
        given = list(step.args)
        takes = any(stretch.reads_current for stretch in step.stretches)
        current = self.statements.take(given.pop(0)) if takes else Text("")
        others = {value: self.statements.take(value) for value in given}
        items: list[Node] = []
        for stretch in step.stretches:
            call = calling.first_of(
                Call("branch", calling.arguments(stretch, current, others)), step
            )
            copies = Text(calling.copies(attribute, stretch))
            items.append(Generator("*(", call, "branch", copies, ")"))
        self.statements.say(Items("[", tuple(items), "]"), f"{name} = ")
        self.statements.bind(step.out, name)

    def _unpack(self, step: Invoke, node: Node) -> None:
        """A group that also gives kept tensors away."""
        given = [self.statements.target(step.out, step.flow, aside=True)]
        self.statements.bind(step.out, given[0])
        for value in step.exports:
            if not self.statements.is_read(value):
                given.append("_")
                continue
            given.append(self.statements.name(value))
            self.statements.bind(value, given[-1])
        self.statements.say(node, f"{', '.join(given)} = ")

    def _assemble(self, step: Assemble) -> None:
        node, used = self.joins.node(step.expression, _room(step.flow))
        self.statements.pending[step.out] = Pending(node, step.flow, used)

    # --- sums ------------------------------------------------------------------------------------

    def _sum(self, index: int, column: list[Sum]) -> None:
        first = column[0]
        for value in (first.main, *(value for step in column for value in step.reads)):
            pending = self.statements.pending.get(value)
            if pending is not None and (value == first.main or not pending.operand):
                self.statements.flush(value)
        main = flat(self.statements.take(first.main))
        skip = self._skip(index, column)
        # What is returned at once is written as a sum: `return main + x`.
        returned = first.out in self.outputs and self.statements.left[first.out] == 1
        overwrites = index in self.overwrites and not returned
        if not overwrites:
            if isinstance(skip, Choice):
                skip = self._chosen(skip, main, MARGIN, f"{first.flow} = {main} + ")
            node = Binary(
                Variable(main), "+", Bracketed(skip) if isinstance(skip, Choice) else skip
            )
            used = frozenset({main, *variables(skip)})
            self.statements.pending[first.out] = Pending(node, first.flow, used)
            return
        lead = f"{main} += "
        if isinstance(skip, Choice):
            skip = self._chosen(skip, main, MARGIN, lead)
        self.statements.write(skip, lead)
        self.statements.bind(first.out, main)

    def _skip(self, index: int, column: list[Sum]) -> Node:
        """What is added: a value, a call, or the one where a member has no module for the other."""
        first = column[0]
        attribute = self.attributes.get(index)
        if attribute is None:
            return self.statements.take(first.skip)
        assert isinstance(attribute, Attribute)
        step = next(step for step in column if step.shortcut is not None)
        for value in step.args:
            self.statements.flush(value)
        nodes = tuple(self.statements.take(value) for value in step.args)
        call = calling.first_of(Call(attribute.text, nodes), step)
        if not _may_skip(column):
            return call
        own = Variable(self.statements.variables[first.skip])
        if first.skip not in step.args:
            self.statements.take(first.skip)
        return Choice(own, attribute.text, call)

    def _chosen(self, skip: Choice, main: str, margin: int, lead: str) -> Node:
        """A conditional expression, as statements where it is too long for a line: all before
        `main` is read."""
        added: Node = skip if lead.endswith("+= ") else Bracketed(skip)
        if margin + cells(f"{lead}{flat(added)}") <= WIDTH:
            return added
        name = self.statements.fresh("skip", {main, *variables(skip)})
        self.statements.line(f"{name} = {flat(skip.left)}", margin)
        self.statements.condition(_is_there(skip.optional), margin)
        self.statements.write(skip.right, f"{name} = ", margin + INDENT)
        return Variable(name)


def _is_there(module: str) -> Node:
    return Binary(Text(module), "is not", Text("None"))


def _may_skip(column: Sequence[Instruction]) -> bool:
    """Whether a member adds the value itself."""
    return any(isinstance(step, Sum) and step.shortcut is None for step in column)


def _room(flow: str) -> int:
    """The columns that a statement leaves for its expression."""
    return WIDTH - MARGIN - max(cells(f"{flow} = "), len("return "))
