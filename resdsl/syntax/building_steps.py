"""From the parser's tree to ours: steps.

The depth is bounded: braces were counted before the parse (`parser.py`), `else if` is a loop.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import TypeAlias, TypeVar

from resdsl import limits
from resdsl.diagnostics.codes import ARGUMENT, SYNTAX
from resdsl.diagnostics.diagnostic import Sink
from resdsl.source import Source, Span
from resdsl.syntax import literals, neighbours, strides, tree
from resdsl.syntax.building_expressions import Expressions
from resdsl.syntax.lalr import Token
from resdsl.syntax.lalr import Tree as Node

T = TypeVar("T")


class Steps(Expressions):
    """`lost`: words of what could not be read."""

    def __init__(
        self, source: Source, sink: Sink, lost: Iterable[str], unsure: Container[int]
    ) -> None:
        super().__init__(source, sink, unsure)
        self.lost = set(lost)

    def body(self, node: Node) -> tree.Body:
        steps: list[tree.Step] = []
        for child in node.children:
            steps.append(_STEPS[child.data](self, child))
            if (lost := neighbours.check(self.sink, steps)) is not None:
                self.lost.add(lost)
        return tree.Body(tuple(steps), self.span(node))

    def let(self, node: Node) -> tree.Let:
        name, value = node.children
        return tree.Let(self.word(name), self.expr(value), self.span(node))

    def set_slot(self, node: Node) -> tree.SetSlot:
        slot, value = node.children
        return tree.SetSlot(self.name(slot), self.expr(value), self.span(node))

    def set_defaults(self, node: Node) -> tree.SetDefaults | tree.Broken:
        callee, node_arguments = node.children
        arguments = self.arguments(node_arguments, 0)
        example = f"`set {callee}(NAME=…)` gives a parameter a new default"
        unnamed = [argument.span for argument in arguments if argument.name is None]
        if arguments and not unnamed:
            return tree.SetDefaults(self.name(callee), arguments, self.span(node))
        if not arguments:
            self.breaks(self.span(node_arguments), f"`set {callee}()` sets nothing", help=[example])
        for span in unnamed:
            message = f"`set {callee}(…)` takes arguments by name only"
            self.breaks(span, message, "this one has no name", [example])
        return tree.Broken(self.span(node))

    def input(self, node: Node) -> tree.Input:
        dims: list[tree.Dim] = []
        for extent in node.children:
            dims.extend(self.dims(extent.children[0]))
        return tree.Input(tuple(dims), self.span(node))

    def dims(self, token: Token) -> Iterator[tree.Dim]:
        span = self.span(token)
        if token.type == "NAME":
            yield tree.Dim(self.name(token), span)
        elif token.type == "SIZE":
            for match in re.finditer(r"[0-9_]+", token):
                part = Span(self.source, span.start + match.start(), span.start + match.end())
                yield tree.Dim(self.extent(match[0], part), part)
        else:
            yield tree.Dim(self.extent(token, span), span)

    def extent(self, text: str, span: Span) -> int:
        """1 for a number that cannot be one."""
        value = self.literal(text, span)
        if isinstance(value, float):
            self.breaks(span, f"an input has whole extents, not `{text}`")
            return 1
        return 1 if value is None else value

    def expect(self, node: Node) -> tree.Expect:
        return tree.Expect(self.expr(node.children[0]), self.span(node))

    def output(self, node: Node) -> tree.Output:
        return tree.Output(tuple(map(self.output_item, node.children)), self.span(node))

    def output_item(self, node: Node) -> tree.OutputItem:
        label, *rest = node.children
        if node.data == "output_value":
            return tree.OutputItem(self.label(label), (), self.expr(rest[0]), self.span(node))
        path = tuple(self.word(word) for word in rest)
        return tree.OutputItem(self.label(label), path, None, self.span(node))

    def output_stride(self, node: Node) -> tree.OutputStride | tree.Broken:
        value = self.expr(node.children[0])
        if not isinstance(value, tree.Number | tree.Name):
            return tree.Broken(self.span(node))  # a number out of range, which was told
        return tree.OutputStride(value, self.span(node))

    def stage(self, node: Node) -> tree.Stage:
        label, stride, unit, count = node.children
        by = self.optional(stride)
        # `stage a: unit /2 x 3` is `stage a /2: unit x 3`.
        unit, own, repeats = self.parted(unit, count)
        if by is not None and own is not None:
            message = "a stage has one stride, behind its name or behind its unit"
            self.sink.error(ARGUMENT, message, own.span, "the second")
        return tree.Stage(self.label(label), by or own, self.unit(unit), repeats, self.span(node))

    def keep(self, node: Node) -> tree.Keep | tree.KeepAll:
        first, *others = (self.kept(child) for child in node.children)
        if others:
            return tree.KeepAll((first, *others), self.span(node))
        return tree.Keep(first.name, first.index, self.span(node))

    def kept(self, node: Node) -> tree.Keep:
        name, *indices = node.children
        return tree.Keep(self.word(name), self.index(indices), self.span(node))

    def param(self, node: Node) -> tree.Param:
        label, call = node.children
        return tree.Param(self.label(label), self.call(call, 0), self.span(node))

    def join(self, node: Node) -> tree.Join:
        return tree.Join(self.expr(node.children[0]), self.span(node))

    def if_(self, node: Node) -> tree.If:
        chain = [node]
        while (last := chain[-1].children[2]) is not None and last.data == "if":
            chain.append(last)
        if len(chain) > limits.NESTING_DEPTH:
            self.too_deep(chain[limits.NESTING_DEPTH], "`else if`", limits.NESTING_DEPTH)
            del chain[limits.NESTING_DEPTH :]
            last = None
        orelse: tree.Body | tree.If | None = self.body(last) if last else None
        for link in reversed(chain):
            condition, body, _ = link.children
            orelse = tree.If(self.expr(condition), self.body(body), orelse, self.span(link))
        assert isinstance(orelse, tree.If)
        return orelse

    def for_(self, node: Node) -> tree.For:
        *names, iterable, body = node.children
        return tree.For(
            tuple(self.word(name) for name in names),
            self.expr(iterable),
            self.body(body),
            self.span(node),
        )

    def apply(self, node: Node) -> tree.Apply:
        label, unit, count = node.children
        return self.applied(self.label(label), unit, count, node)

    def apply_bare(self, node: Node) -> tree.Apply:
        unit, count = node.children
        return self.applied(None, unit, count, node)

    def applied(
        self, label: tree.LabelName | None, unit: Node, count: Node | None, node: Node
    ) -> tree.Apply:
        unit, by, repeats = self.parted(unit, count)
        return tree.Apply(label, self.unit(unit), repeats, self.span(node), by)

    def parted(
        self, unit: Node, count: Node | None
    ) -> tuple[Node, tree.Expr | None, tree.Expr | None]:
        """A unit, the stride behind it and its count, which the stride may have in it."""
        repeats = self.count(count)
        if unit.data != "strided":
            return unit, None, repeats
        call, behind = unit.children
        by, times = self.stride(behind)
        if times is not None and repeats is not None:
            self.breaks(repeats.span, "a unit has one count", "the second")
        return call, by, repeats or times

    def stride(self, node: Node) -> tuple[tree.Expr, tree.Expr | None]:
        """What stands behind `/`, and the count that is in it as the lexer reads it."""
        both = strides.parted(node, self.source)
        if both is None:
            return self.expr(node), None
        by, count = both
        (times,) = literals.size(count.text, count, self.sink)
        return self.expr(by), tree.Number(times, count)

    def label(self, node: Node) -> tree.LabelName:
        word, *indices = node.children
        position = self.index(indices)
        if isinstance(word, Token):
            return tree.LabelName(str(word[1:-1]), position, True, self.span(node))
        return tree.LabelName(str(word.children[0]), position, False, self.span(node))

    def index(self, nodes: Sequence[Node]) -> tree.Expr | tree.Indices | None:
        """Of a name, one or several."""
        return tree.index_of([self.expr(node) for node in nodes])

    def unit(self, node: Node) -> tree.Unit:
        if node.data == "call":
            return self.call(node, 0)
        if node.data == "body":
            return self.body(node)
        if node.data == "reuse":
            return self.reuse(node)
        if node.data == "strided":
            call, stride = node.children
            sign = Span(self.source, self.span(call).stop, self.span(stride).start)
            help = "the parameter `stride` of the call, if it has one: `unit(…, stride=2)`"
            self.breaks(sign, "a stride does not stand in a fork", "not here", [help])
            return self.call(call, 0)
        return self.residual(node) if node.data == "residual" else self.fork(node)

    def reuse(self, node: Node) -> tree.Reuse:
        label, arguments = node.children
        given = self.arguments(arguments, 0) if arguments else ()
        return tree.Reuse(self.label(label), given, self.span(node))

    def count(self, node: Node | None) -> tree.Expr | None:
        return self.expr(node.children[0]) if node else None

    def residual(self, node: Node) -> tree.Residual:
        main, via = node.children
        label, mode = via.children if via else (None, None)
        return tree.Residual(
            self.body(main),
            self.label(label) if label else None,
            None
            if mode is None
            else self.body(mode)
            if mode.data == "body"
            else self.call(mode, 0),
            self.span(node),
        )

    def fork(self, node: Node) -> tree.Fork:
        *nodes, join = node.children
        branches = [self.branch(branch) for branch in nodes if branch.data != "broken"]
        if len(branches) < len(nodes):
            # What could not be read may have the names that are joined.
            self.lost |= set(_names(join))
        return tree.Fork(tuple(branches), self.expr(join), self.span(node))

    def branch(self, node: Node) -> tree.Branch:
        label, unit, count = node.children
        return tree.Branch(self.label(label), self.unit(unit), self.count(count), self.span(node))

    def broken(self, node: Node) -> tree.Broken:
        return tree.Broken(self.span(node))

    def breaks(
        self,
        span: Span,
        message: str,
        label: str = "",
        help: Sequence[str] = (),
    ) -> None:
        """Tells of a rule that the grammar does not have."""
        self.sink.error(SYNTAX, message, span, label, help=help)


Method: TypeAlias = Callable[[Steps, Node], T]

AMENDMENTS: dict[str, Method[tree.Amendment | tree.Broken]] = {
    "set_slot": Steps.set_slot,
    "set_defaults": Steps.set_defaults,
    "expect": Steps.expect,
    "output": Steps.output,
    "output_stride": Steps.output_stride,
    "broken": Steps.broken,
}

_STEPS: dict[str, Method[tree.Step]] = {
    **AMENDMENTS,
    "let": Steps.let,
    "input": Steps.input,
    "stage": Steps.stage,
    "keep": Steps.keep,
    "param": Steps.param,
    "join": Steps.join,
    "if": Steps.if_,
    "for": Steps.for_,
    "apply": Steps.apply,
    "apply_bare": Steps.apply_bare,
}


def _names(node: Node | Token) -> Iterator[str]:
    stack: list[Node | Token | None] = [node]
    while stack:
        match stack.pop():
            case Token() as token:
                yield str(token)
            case Node(children=inner):
                stack += inner
