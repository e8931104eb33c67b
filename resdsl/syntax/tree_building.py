"""From the parser's tree to ours, and the rules that the grammar leaves to this step.

The depth is bounded: braces were counted before the parse (`parser.py`), `else if` is a loop.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from typing import Literal, TypeAlias, TypeVar

from resdsl import limits
from resdsl.diagnostics.codes import ARGUMENT, SYNTAX
from resdsl.diagnostics.diagnostic import Sink
from resdsl.source import Source, Span
from resdsl.syntax import docs, literals, neighbours, strides, tree
from resdsl.syntax.lalr import Token
from resdsl.syntax.lalr import Tree as Node
from resdsl.syntax.tree_expressions import Expressions, children

T = TypeVar("T")


def walk(
    start: Node,
    source: Source,
    sink: Sink,
    lost: Iterable[str],
    before: int,
    unsure: Container[int] = (),
) -> tree.File | None:
    """The tree of a parsed text. Rules that it breaks are told to the sink.

    `lost`: words of what could not be parsed; `before`: the errors that the sink had before the
    text; `unsure`: where lists begin whose values are not known. None if it is nested too deep.
    """
    walker = _Walker(source, sink, unsure)
    walker.lost |= set(lost)
    walker.before = before
    file = walker.file(start)
    return None if walker.is_too_deep else file


class _Walker(Expressions):
    def __init__(self, source: Source, sink: Sink, unsure: Container[int]) -> None:
        super().__init__(source, sink, unsure)
        self.lost: set[str] = set()
        self.before = 0

    # --- files ------------------------------------------------------------------------------------

    def file(self, node: Node) -> tree.File:
        edition, *nodes = node.children
        number = self.number(edition.children[0]) if edition else None
        items = [_ITEMS[item.data](self, item) for item in nodes if item.data != "broken"]
        kept = tuple(item for item in items if item is not None)
        is_whole = self.sink.errors == self.before
        doc = docs.of_file(self.source)
        return tree.File(self.source, number, kept, doc, is_whole, frozenset(self.lost))

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

    def import_(self, node: Node) -> tree.Import:
        origin, names = node.children
        imported = tuple(self.name(name) for name in names.children)
        if isinstance(origin, Token):
            span = self.span(origin)
            return tree.Import((), str(origin[1:-1]), span, imported, self.span(node))
        module = tuple(str(name) for name in origin.children)
        return tree.Import(module, None, self.span(origin), imported, self.span(node))

    def definition(self, node: Node) -> tree.Block | None:
        name, parameters, body = node.children
        if self.is_broken(name, parameters):
            return None
        kind: Literal["block", "shortcut"] = "block" if node.data == "block" else "shortcut"
        return tree.Block(
            kind,
            self.name(name),
            self.parameters(parameters),
            self.body(body),
            self.doc(node),
            self.span(node),
        )

    def is_broken(self, name: Token, parameters: Node | None) -> bool:
        """A definition without one of its parameters could not be called: it is lost as a whole."""
        found = any(child.data == "broken" for child in children(parameters))
        if found:
            self.lost.add(str(name))
        return found

    def network(self, node: Node) -> tree.Network | None:
        name, parameters, body = node.children
        if self.is_broken(name, parameters):
            return None
        return tree.Network(
            self.name(name),
            self.parameters(parameters),
            self.body(body),
            None,
            (),
            self.doc(node),
            self.span(node),
        )

    def instance(self, node: Node) -> tree.Network:
        name, family, amendments = node.children
        amended: list[tree.SetSlot | tree.SetDefaults | tree.Expect | tree.Output] = []
        for step in amendments.children if amendments else ():
            made = _AMENDMENTS[step.data](self, step)
            if not isinstance(made, tree.Broken):
                amended.append(made)
        return tree.Network(
            self.name(name),
            (),
            None,
            self.call(family, 0),
            tuple(amended),
            self.doc(node),
            self.span(node),
        )

    def parameters(self, node: Node | None) -> tuple[tree.Parameter, ...]:
        return tuple(self.parameter(child) for child in children(node))

    def parameter(self, node: Node) -> tree.Parameter:
        name, type_, default = node.children
        return tree.Parameter(
            self.word(name),
            self.type_(type_) if type_ else None,
            self.optional(default),
            self.doc(node),
            self.span(node),
        )

    def type_(self, node: Node) -> tree.Type:
        word, *rest = node.children
        name, span = str(word.children[0]), self.span(node)
        if node.data == "type_of":
            return tree.Type(name, self.type_(rest[0]), (), span)
        return tree.Type(name, None, tuple(str(choice[1:-1]) for choice in rest), span)

    # --- steps ------------------------------------------------------------------------------------

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
        name, index = node.children
        return tree.Keep(self.word(name), self.optional(index), self.span(node))

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
        word, *index = node.children
        position = self.optional(index[0]) if index else None
        if isinstance(word, Token):
            return tree.LabelName(str(word[1:-1]), position, True, self.span(node))
        return tree.LabelName(str(word.children[0]), position, False, self.span(node))

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

    def doc(self, node: Node) -> str:
        return docs.above(self.source, self.span(node).start)


Method: TypeAlias = Callable[[_Walker, Node], T]

_ITEMS: dict[str, Method[tree.Item | None]] = {
    "import": _Walker.import_,
    "block": _Walker.definition,
    "shortcut": _Walker.definition,
    "network": _Walker.network,
    "instance": _Walker.instance,
    "let": _Walker.let,
}

_AMENDMENTS: dict[
    str, Method[tree.SetSlot | tree.SetDefaults | tree.Expect | tree.Output | tree.Broken]
] = {
    "set_slot": _Walker.set_slot,
    "set_defaults": _Walker.set_defaults,
    "expect": _Walker.expect,
    "output": _Walker.output,
    "broken": _Walker.broken,
}

_STEPS: dict[str, Method[tree.Step]] = {
    **_AMENDMENTS,
    "let": _Walker.let,
    "input": _Walker.input,
    "stage": _Walker.stage,
    "keep": _Walker.keep,
    "param": _Walker.param,
    "join": _Walker.join,
    "if": _Walker.if_,
    "for": _Walker.for_,
    "apply": _Walker.apply,
    "apply_bare": _Walker.apply_bare,
}


def _names(node: Node | Token) -> Iterator[str]:
    stack: list[Node | Token | None] = [node]
    while stack:
        match stack.pop():
            case Token() as token:
                yield str(token)
            case Node(children=inner):
                stack += inner
