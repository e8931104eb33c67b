"""The statements of `forward`.

One variable, `x`, flows through; `main` is the result of a residual's main, a kept tensor has the
name that its author gave it. Convolution, norm and activation are nested in one expression: a new
statement starts at each layer with weights, at each block or stage, or where a line would be full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from resdsl.design.model import Combine, Copies, Expression, Scalar, Use
from resdsl.targets import names
from resdsl.targets.layout import (
    INDENT,
    WIDTH,
    Binary,
    Bracketed,
    Call,
    Generator,
    Index,
    Items,
    Node,
    Text,
    flat,
    lines,
)
from resdsl.targets.program import Assemble, Instruction, Invoke, Program, Sum, Value, renamed

# The column of a statement in a method.
MARGIN = 2 * INDENT


@dataclass(slots=True)
class Pending:
    """An expression that is not yet part of a statement.

    `closed`: the result of a block, on which nothing more is nested. `used`: its variables.
    """

    node: Node
    flow: str
    closed: bool
    used: frozenset[str]
    operand: bool


@dataclass(frozen=True, slots=True)
class Template:
    """An operator written as an expression on `{x}`, its numbers filled in."""

    text: str


NOTHING = Template("{x}")


@dataclass(frozen=True, slots=True)
class Attribute:
    """A module of this class, or one copy after the other where `is_list`."""

    text: str
    is_list: bool = False


class Forward:
    """Writes the statements for the members of one class."""

    def __init__(
        self,
        programs: Sequence[Program],
        attributes: Mapping[int, Attribute | Template],
        switches: Mapping[int, str],
        overwrites: set[int],
        scalars: Mapping[int, Text],
    ) -> None:
        """`attributes` and `switches` by instruction; `scalars` by the identity of a `Scalar`."""
        self.program = programs[0]
        self.attributes = attributes
        columns = list(zip(*(program.instructions for program in programs), strict=True))
        self.same = self._same(columns)
        self.columns = [tuple(map(self._resolved, column)) for column in columns]
        self.names = {self._value(value): name for value, name in self.program.names.items()}
        self.outputs = tuple(self._value(value) for value in self.program.outputs)
        self.switches = switches
        self.overwrites = overwrites
        self.scalars = scalars
        self.imports: set[str] = set()
        self.statements: list[str] = []
        self.pending: dict[Value, Pending] = {}
        self.variables: dict[Value, str] = {}
        self.owners: dict[str, Value] = {}
        self.copies: dict[Value, Generator] = {}
        self.dead = self._dead()
        self.left = self._readings()
        self.inputs = self._inputs()

    def _same(self, columns: Sequence[tuple[Instruction, ...]]) -> dict[Value, Value]:
        """Values that are another one: behind an operator that does nothing, or plain mains."""
        same: dict[Value, Value] = {}
        for index, column in enumerate(columns):
            match column[0]:
                case Invoke(out=out, args=args) if self.attributes[index] == NOTHING:
                    same[out] = same.get(args[0], args[0])
                case Sum(out=out, main=main):
                    if not any(isinstance(step, Sum) and step.adds for step in column):
                        same[out] = same.get(main, main)
        return same

    def _value(self, value: Value) -> Value:
        return self.same.get(value, value)

    def _resolved(self, step: Instruction) -> Instruction:
        match step:
            case Invoke(args=args):
                return replace(step, args=tuple(map(self._value, args)))
            case Sum(main=main, skip=skip, args=args):
                values = tuple(map(self._value, args))
                return replace(step, main=self._value(main), skip=self._value(skip), args=values)
            case Assemble(expression=expression):
                return replace(step, expression=renamed(expression, self._value))

    def _dead(self) -> set[int]:
        """The joins that nothing reads: they are not written. Modules run, for their statistics."""
        wanted = set(self.outputs)
        dead: set[int] = set()
        for index in reversed(range(len(self.columns))):
            first = self.columns[index][0]
            if isinstance(first, Assemble) and first.out not in wanted:
                dead.add(index)
                continue
            for step in self.columns[index]:
                wanted.update(step.reads)
                if isinstance(step, Sum):
                    wanted.update((step.main, step.skip))
        return dead

    def _readings(self) -> Counter[Value]:
        left: Counter[Value] = Counter(self.outputs)
        for index, column in enumerate(self.columns):
            # What one member reads, the class reads; a value that two members read is read once.
            most: Counter[Value] = Counter()
            if column[0].out in self.same or index in self.dead:
                continue
            for step in column:
                reads = Counter(step.reads)
                if isinstance(step, Sum) and step.adds:
                    # Even where all have a shortcut, the text may name what they skip.
                    reads |= Counter([step.main])
                most |= reads
            if isinstance(column[0], Sum) and self._may_skip(column):
                most |= Counter([column[0].skip])
            left += most
        return left

    @staticmethod
    def _may_skip(column: Sequence[Instruction]) -> bool:
        return any(isinstance(step, Sum) and step.adds and step.shortcut is None for step in column)

    def _inputs(self) -> list[str]:
        made: list[str] = []
        for position, value in enumerate(self.program.inputs):
            flows = position == 0 and value not in self.program.names
            raw = "x" if position == 0 else self.program.names.get(value, "other")
            name = "x" if flows or position == 0 else names.variable(raw, {*made, "x"})
            made.append(name)
            self._bind(value, name)
        return made

    # --- the whole -------------------------------------------------------------------------------

    def write(self) -> list[str]:
        for index, column in enumerate(self.columns):
            first = column[0]
            if first.out in self.same or index in self.dead:
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
        return self.statements

    def _return(self) -> None:
        outputs = self.outputs
        for value in list(self.pending):
            if value not in outputs:
                self._flush(value)
        if len(outputs) == 1:
            self._say(self._take(outputs[0]), "return ")
            return
        for value in outputs:
            if value in self.pending:
                self._flush(value)
        self.statements.append(
            " " * MARGIN + "return " + ", ".join(self.variables[value] for value in outputs)
        )

    def _settle(self, step: Instruction) -> None:
        """Gives a variable to what the next instruction neither takes nor waits for."""
        for value in list(self.pending):
            if value not in step.reads and not self.pending[value].operand:
                self._flush(value)

    # --- instructions ----------------------------------------------------------------------------

    def _invoke(self, index: int, step: Invoke) -> None:
        attribute = self.attributes[index]
        if isinstance(attribute, Attribute) and attribute.is_list and not step.copies:
            self._loop(attribute, step)
            return
        nests = self._nests(step, attribute)
        used: set[str] = set()
        nodes: list[Node] = []
        # All first: a variable must not be given away while it is still to be read here.
        for value in step.args:
            if value in self.pending:
                if nests:
                    used |= self.pending[value].used
                else:
                    self._flush(value)
        for value in step.args:
            nodes.append(self._take(value))
            if isinstance(nodes[-1], Text):
                used.add(nodes[-1].text)
        node = _applied(attribute, nodes)
        if step.copies:
            assert isinstance(attribute, Attribute)
            call = Call("branch", tuple(nodes))
            self.copies[step.out] = Generator("", call, f"for branch in {attribute.text}", "")
            if self.left[step.out] > 1:
                name = self._fresh(step.apply.key)
                listed = Generator("[", call, f"for branch in {attribute.text}", "]")
                self._say(listed, f"{name} = ")
                self._bind(step.out, name)
            return
        if step.exports:
            self._unpack(step, node)
            return
        self.pending[step.out] = Pending(
            node, step.flow, step.op is None, frozenset(used), step.operand
        )
        if step.operand and self.left[step.out] > 1:
            self._flush(step.out, step.apply.key)

    def _nests(self, step: Invoke, attribute: Attribute | Template) -> bool:
        """Whether the call goes around the expression that is pending, in one statement."""
        if len(step.args) != 1 or step.op is None or step.op.is_weighted or step.operand:
            return False
        pending = self.pending.get(step.args[0])
        if pending is None or pending.closed or self.left[step.args[0]] > 1:
            return False
        node = _applied(attribute, [pending.node])
        lead = max(len(f"{step.flow} = "), len("return "))
        return MARGIN + lead + len(flat(node)) <= WIDTH

    def _loop(self, attribute: Attribute, step: Invoke) -> None:
        """Copies in a row, each called with the current value and the same further ones."""
        for value in step.args:
            if value in self.pending:
                self._flush(value)
        first, *others = step.args
        start = self._take(first)
        # Chosen while the others are still to be read, for every copy reads them again.
        name = self._target(step.out, step.flow)
        rest = [self._take(value) for value in others]
        if flat(start) != name:
            self._say(start, f"{name} = ")
        block = self._fresh("block")
        self._line(f"for {block} in {attribute.text}:")
        call = Call(block, (Text(name), *rest))
        self.statements += lines(call, MARGIN + INDENT, f"{name} = ")
        self._bind(step.out, name)

    def _unpack(self, step: Invoke, node: Node) -> None:
        """A group that also gives kept tensors away."""
        target = self._target(step.out, step.flow)
        self._bind(step.out, target)
        kept: list[str] = []
        for value in step.exports:
            kept.append(self._name(value))
            self._bind(value, kept[-1])
        self._say(node, ", ".join([target, *kept]) + " = ")

    def _sum(self, index: int, column: list[Sum]) -> None:
        first = column[0]
        for value in (first.main, *(value for step in column for value in step.reads)):
            held = value in self.pending and self.pending[value].operand
            if value in self.pending and (value == first.main or not held):
                self._flush(value)
        main = self._take(first.main)
        skip = self._skip(index, column)
        switch = self.switches.get(index)
        # What is returned at once is written as a sum: `return main + x`.
        returned = first.out in self.outputs and self.left[first.out] == 1
        if (index in self.overwrites and not returned) or switch is not None:
            name = flat(main)
            if index in self.overwrites:
                statement = f"{name} += "
            else:
                name = self._target(first.out, first.flow)
                statement = f"{name} = {flat(main)} + "
            self._add(skip, statement, switch, name, flat(main))
            self._bind(first.out, name)
            return
        if isinstance(skip, tuple):
            skip = Text(f"({' '.join(skip)})")
        self.pending[first.out] = Pending(
            Binary(main, "+", skip), first.flow, False, frozenset({flat(main)}), False
        )

    def _skip(self, index: int, column: list[Sum]) -> Node | tuple[str, str, str]:
        """What is added: a value, a call, or the three parts of a conditional expression."""
        first = column[0]
        attribute = self.attributes.get(index)
        if attribute is None:
            return self._take(first.skip)
        assert isinstance(attribute, Attribute)
        step = next(step for step in column if step.shortcut is not None)
        for value in step.args:
            if value in self.pending:
                self._flush(value)
        call = Call(attribute.text, tuple(self._take(value) for value in step.args))
        if not self._may_skip(column):
            return call
        own = self._peek(first.skip)
        if first.skip not in step.args:
            self._take(first.skip)
        return (own, f"if {attribute.text} is None else", flat(call))

    def _add(
        self,
        skip: Node | tuple[str, str, str],
        statement: str,
        switch: str | None,
        name: str,
        main: str,
    ) -> None:
        """`main += skip`, under `if` where some members add nothing."""
        margin = MARGIN
        if switch is not None:
            if name != main:
                self._line(f"{name} = {main}")
            self._line(f"if self.{switch}:")
            margin += INDENT
        if isinstance(skip, tuple):
            text = " ".join(skip)
            if not statement.endswith("+= "):
                text = f"({text})"
            if margin + len(statement) + len(text) <= WIDTH:
                skip = Text(text)
            else:
                skip = self._conditional(skip, margin)
        self.statements += lines(skip, margin, statement)

    def _conditional(self, parts: tuple[str, str, str], margin: int) -> Text:
        """A conditional expression that is too long for a line, as statements."""
        own, condition, call = parts
        name = self._fresh("skip")
        test = condition.removeprefix("if ").removesuffix(" is None else")
        self.statements.append(f"{' ' * margin}{name} = {own}")
        self.statements.append(f"{' ' * margin}if {test} is not None:")
        self.statements += lines(Text(call), margin + INDENT, f"{name} = ")
        return Text(name)

    def _assemble(self, step: Assemble) -> None:
        node, used = self._expression(step.expression)
        node = self._shortened(node, used, WIDTH - MARGIN - max(len(f"{step.flow} = "), 7))
        self.pending[step.out] = Pending(node, step.flow, False, frozenset(used), False)

    def _shortened(self, node: Node, used: set[str], width: int) -> Node:
        """An operation in at most `width` columns: its left part gets a variable until it fits."""
        if not isinstance(node, Binary) or len(flat(node)) <= width:
            return node
        left, right = node.left, node.right
        if len(flat(right)) > width // 2:
            right = self._partial(right, used)
        if len(flat(left)) + len(flat(right)) + 3 > width:
            left = self._partial(self._shortened(left, used, width), used)
        return Binary(left, node.op, right)

    def _partial(self, node: Node, used: set[str]) -> Text:
        """A part of an operation as a statement of its own."""
        if isinstance(node, Text) and node.text.isidentifier():
            return node
        # A name that no operand has, whether or not it is still read after this operation.
        if isinstance(node, Bracketed):
            node = node.value
        name = self._fresh("partial")
        while name in used:
            name = self._fresh(f"{name}_")
        width = WIDTH - MARGIN - len(f"{name} = ")
        self._say(self._shortened(node, used, width), f"{name} = ")
        used.add(name)
        return Text(name)

    def _expression(self, expression: Expression) -> tuple[Node, set[str]]:
        """The node of a join. Operands of an operation that would fill the line get variables."""
        operands = list(dict.fromkeys(_values(expression)))
        for value in operands:
            if value in self.pending and (self.left[value] > 1 or self._is_long(expression)):
                self._flush(value)
        used = {
            name
            for value in operands
            for name in (
                self.pending[value].used
                if value in self.pending
                else {self.variables.get(value, "")}
            )
        }
        return _Joined(self).node(expression), used

    def _is_long(self, expression: Expression) -> bool:
        """An operation in signs does not break over lines; calls do."""
        if not isinstance(expression, Combine) or expression.op not in "+-*":
            return False
        length = sum(
            len(flat(self.pending[value].node)) if value in self.pending else 8
            for value in _values(expression)
        )
        return MARGIN + length + 24 > WIDTH

    # --- variables -------------------------------------------------------------------------------

    def _take(self, value: Value) -> Node:
        """The expression for a value, which is thereby read once."""
        self.left[value] -= 1
        if value in self.pending:
            if self.left[value] <= 0:
                return self.pending.pop(value).node
            self._flush(value)
        return Text(self.variables[value])

    def _peek(self, value: Value) -> str:
        if value in self.pending:
            self._flush(value)
        return self.variables[value]

    def _flush(self, value: Value, label: str | None = None) -> None:
        """A statement that gives a pending expression a variable."""
        pending = self.pending.pop(value)
        if self.left[value] <= 0:
            # Nobody reads it, but its norms have running statistics.
            self._say(pending.node, "" if isinstance(pending.node, Call) else "_ = ")
            return
        name = self._fresh(label) if label else self._target(value, pending.flow)
        self._say(pending.node, f"{name} = ")
        self._bind(value, name)

    def _bind(self, value: Value, name: str) -> None:
        self.variables[value] = name
        self.owners[name] = value

    def _target(self, value: Value, flow: str) -> str:
        """The variable for a new value: its kept name if that is used, or the pipeline's."""
        if value in self.names and self.left[value] > 1:
            return self._name(value)
        candidates = [flow, "out" if flow == "x" else f"{flow}_out", "result"]
        while True:
            for name in candidates:
                if self._is_free(name):
                    return name
            candidates = [f"{name}_" for name in candidates]

    def _is_free(self, name: str) -> bool:
        owner = self.owners.get(name)
        if owner is not None and self.variables.get(owner) == name and self.left[owner] > 0:
            return False
        return not any(name in pending.used for pending in self.pending.values())

    def _name(self, value: Value) -> str:
        raw = self.names.get(value, "kept")
        return "main" if raw == "main" and self._is_free(raw) else self._fresh(raw)

    def _fresh(self, raw: str) -> str:
        """A variable named `raw`, if nothing that is still read has that name."""
        name = names.variable(raw)
        while not self._is_free(name) or name in self.inputs:
            name += "_"
        return name

    def _say(self, node: Node, lead: str) -> None:
        self.statements += lines(self._typed(node), MARGIN, lead)

    def _typed(self, node: Node) -> Node:
        """Python's `sum` begins with the int 0, so that a type checker takes it for no Tensor."""
        match node:
            case Call("sum", (Generator("", element, clause, ""),)):
                stacked: Node = Generator("[", element, clause, "]")
            case Call("sum", (listed,)):
                stacked = listed
            case Binary(Call("sum") as total, "/", _):
                typed = self._typed(total)
                return Index(typed.value, ".mean(0)") if isinstance(typed, Index) else typed
            case _:
                return node
        self.imports.add("torch")
        return Index(Call("torch.stack", (stacked,)), ".sum(0)")

    def _line(self, text: str) -> None:
        self.statements.append(" " * MARGIN + text)


class _Joined:
    """The expression of a join as Python."""

    def __init__(self, forward: Forward) -> None:
        self.forward = forward

    def node(self, expression: Expression) -> Node:
        match expression:
            case Use(ref):
                return self.forward._take(ref)
            case Scalar():
                return self.forward.scalars[id(expression)]
            case Copies():
                raise AssertionError("copies stand in sum, mean or concat")
            case Combine(op, operands):
                return self._combine(op, operands)

    def _combine(self, op: str, operands: tuple[Expression, ...]) -> Node:
        match op:
            case "+" | "-" | "*":
                return self._operation(op, operands)
            case "max":
                return self._maximum(operands)
            case "concat":
                self.forward.imports.add("torch")
                return Call("torch.cat", (self._listed(operands), Text("1")))
            case "sum":
                return self._total(operands)
            case _:
                count = self._count(operands)
                total = self._total(operands)
                if isinstance(total, Binary):
                    total = Bracketed(total)
                return Binary(total, "/", Text(str(count)))

    def _operation(self, op: str, operands: tuple[Expression, ...]) -> Node:
        made = self._side(operands[0], op, first=True)
        for operand in operands[1:]:
            made = Binary(made, op, self._side(operand, op, first=False))
        return made

    def _side(self, operand: Expression, op: str, *, first: bool) -> Node:
        """An operand, in brackets where it binds less."""
        node = self.node(operand)
        if isinstance(node, Binary):
            loose = node.op in ("+", "-")
            needs = loose if op == "*" else loose and not first
            if needs or (not first and node.op == "/" and op == "*"):
                return Bracketed(node)
        return node

    def _maximum(self, operands: tuple[Expression, ...]) -> Node:
        made = self.node(operands[0])
        for operand in operands[1:]:
            if isinstance(operand, Scalar):
                made = Call("torch.clamp", (made, Text(f"min={flat(self.node(operand))}")))
            elif isinstance(operands[0], Scalar) and operand is operands[1]:
                made = Call("torch.clamp", (self.node(operand), Text(f"min={flat(made)}")))
            else:
                made = Call("torch.maximum", (made, self.node(operand)))
        self.forward.imports.add("torch")
        return made

    def _listed(self, operands: tuple[Expression, ...]) -> Node:
        """All operands in a list, the copies of a branch one after the other."""
        if len(operands) == 1 and isinstance(operands[0], Copies):
            made = self._copies(operands[0])
            if isinstance(made, Generator):
                return Generator("[", made.element, made.clause, "]")
            return made
        items: list[Node] = []
        for operand in operands:
            if isinstance(operand, Copies):
                made = self._copies(operand)
                if isinstance(made, Generator):
                    items.append(Generator("*(", made.element, made.clause, ")"))
                else:
                    items.append(Text(f"*{flat(made)}"))
            else:
                items.append(self.node(operand))
        return Items("[", tuple(items), "]")

    def _copies(self, copies: Copies) -> Node:
        value = copies.refs[0][0]
        if value in self.forward.variables:
            return self.forward._take(value)
        return self.forward.copies[value]

    def _total(self, operands: tuple[Expression, ...]) -> Node:
        if any(isinstance(operand, Copies) for operand in operands):
            if len(operands) == 1 and isinstance(operands[0], Copies):
                return Call("sum", (self._copies(operands[0]),))
            return Call("sum", (self._listed(operands),))
        return self._operation("+", operands)

    def _count(self, operands: tuple[Expression, ...]) -> int:
        return sum(operand.refs[0][1] if isinstance(operand, Copies) else 1 for operand in operands)


def _values(expression: Expression) -> list[Value]:
    stack, found = [expression], []
    while stack:
        match stack.pop():
            case Use(ref):
                found.append(ref)
            case Combine(_, operands):
                stack += reversed(operands)
            case _:
                pass
    return found


def _applied(attribute: Attribute | Template, nodes: Sequence[Node]) -> Node:
    if isinstance(attribute, Attribute):
        return Call(attribute.text, tuple(nodes))
    before, _, after = attribute.text.partition("{x}")
    if not before:
        value = nodes[0]
        return Index(Bracketed(value) if isinstance(value, Binary) else value, after)
    if before.endswith("("):
        rest = tuple(
            Text(part) for part in after.removesuffix(")").lstrip(", ").split("; ") if part
        )
        return Call(before[:-1], (nodes[0], *rest))
    argument = nodes[0]
    if isinstance(argument, Binary):
        argument = Bracketed(argument)
    return Binary(Text(before.rstrip(" *")), "*", argument)
