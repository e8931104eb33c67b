"""From the parser's tree to ours, and the rules that the grammar leaves to this step.

The depth is bounded: braces were counted before the parse (`parser.py`), `else if` is a loop.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal, TypeAlias, TypeVar

from resdsl import limits
from resdsl.diagnostics.codes import SYNTAX
from resdsl.diagnostics.model import Sink
from resdsl.source import Source, Span
from resdsl.syntax import docs, literals, tree
from resdsl.syntax.expressions import Expressions, children
from resdsl.syntax.lalr import Token
from resdsl.syntax.lalr import Tree as Node

T = TypeVar("T")


def walk(start: Node, source: Source, sink: Sink) -> tree.File | None:
    """The tree of a parsed text; None if a rule was broken, which the sink then knows."""
    before = sink.errors
    file = _Walker(source, sink).file(start)
    return file if sink.errors == before else None


class _Walker(Expressions):
    # --- files ------------------------------------------------------------------------------------

    def file(self, node: Node) -> tree.File:
        edition, *items = node.children
        return tree.File(
            self.source,
            self.number(edition.children[0]) if edition else None,
            tuple(_ITEMS[item.data](self, item) for item in items),
            docs.of_file(self.source),
        )

    def import_(self, node: Node) -> tree.Import:
        origin, names = node.children
        imported = tuple(self.name(name) for name in names.children)
        if isinstance(origin, Token):
            span = self.span(origin)
            return tree.Import((), str(origin[1:-1]), span, imported, self.span(node))
        module = tuple(str(name) for name in origin.children)
        return tree.Import(module, None, self.span(origin), imported, self.span(node))

    def definition(self, node: Node) -> tree.Block:
        name, parameters, body = node.children
        kind: Literal["block", "shortcut"] = "block" if node.data == "block" else "shortcut"
        return tree.Block(
            kind,
            self.name(name),
            self.parameters(parameters),
            self.body(body),
            self.doc(node),
            self.span(node),
        )

    def network(self, node: Node) -> tree.Network:
        name, parameters, body = node.children
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
        amended: list[tree.SetSlot | tree.SetDefaults | tree.Expect] = []
        for step in amendments.children if amendments else ():
            amended.append(_AMENDMENTS[step.data](self, step))
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
            step = _STEPS[child.data](self, child)
            if steps:
                self.check_neighbours(steps, step)
            steps.append(step)
        return tree.Body(tuple(steps), self.span(node))

    def let(self, node: Node) -> tree.Let:
        name, value = node.children
        return tree.Let(self.word(name), self.expr(value), self.span(node))

    def set_slot(self, node: Node) -> tree.SetSlot:
        slot, value = node.children
        return tree.SetSlot(self.name(slot), self.expr(value), self.span(node))

    def set_defaults(self, node: Node) -> tree.SetDefaults:
        callee, node_arguments = node.children
        arguments = self.arguments(node_arguments, 0)
        example = f"`set {callee}(NAME=…)` gives a parameter a new default"
        if not arguments:
            span = self.span(node_arguments)
            self.sink.error(SYNTAX, f"`set {callee}()` sets nothing", span, help=[example])
        for argument in arguments:
            if argument.name is None:
                self.sink.error(
                    SYNTAX,
                    f"`set {callee}(…)` takes arguments by name only",
                    argument.span,
                    "this one has no name",
                    help=[example],
                )
        return tree.SetDefaults(self.name(callee), arguments, self.span(node))

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
                yield tree.Dim(int(literals.number(match[0], part, self.sink)), part)
        else:
            value = literals.number(token, span, self.sink)
            if isinstance(value, float):
                self.sink.error(SYNTAX, f"an input has whole extents, not `{token}`", span)
            yield tree.Dim(int(value), span)

    def expect(self, node: Node) -> tree.Expect:
        return tree.Expect(self.expr(node.children[0]), self.span(node))

    def stage(self, node: Node) -> tree.Stage:
        label, stride, unit, count = node.children
        return tree.Stage(
            self.label(label),
            self.optional(stride),
            self.unit(unit),
            self.count(count),
            self.span(node),
        )

    def keep(self, node: Node) -> tree.Keep:
        name, index = node.children
        return tree.Keep(self.word(name), self.optional(index), self.span(node))

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
        return tree.Apply(self.label(label), self.unit(unit), self.count(count), self.span(node))

    def apply_bare(self, node: Node) -> tree.Apply:
        unit, count = node.children
        return tree.Apply(None, self.unit(unit), self.count(count), self.span(node))

    def label(self, node: Node) -> tree.LabelName:
        word, *index = node.children
        if isinstance(word, Token):
            return tree.LabelName(str(word[1:-1]), None, True, self.span(node))
        position = self.optional(index[0]) if index else None
        return tree.LabelName(str(word.children[0]), position, False, self.span(node))

    def unit(self, node: Node) -> tree.Unit:
        if node.data == "call":
            return self.call(node, 0)
        if node.data == "body":
            return self.body(node)
        return self.residual(node) if node.data == "residual" else self.fork(node)

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
        *branches, join = node.children
        return tree.Fork(
            tuple(self.branch(branch) for branch in branches), self.expr(join), self.span(node)
        )

    def branch(self, node: Node) -> tree.Branch:
        label, unit, count = node.children
        return tree.Branch(self.label(label), self.unit(unit), self.count(count), self.span(node))

    def doc(self, node: Node) -> str:
        return docs.above(self.source, self.span(node).start)

    # --- what the grammar cannot see --------------------------------------------------------------

    def check_neighbours(self, before: list[tree.Step], step: tree.Step) -> None:
        """Two steps that were meant as one: `norm x3`, and `block name { … }` within a body."""
        last = before[-1]
        if (name := _bare(step)) and last.span.line == name.span.line and _REPEATS.match(name.id):
            self.sink.error(
                SYNTAX,
                f"`{name.id}` is a name here",
                name.span,
                help=[f"set the `x` off from the number: `x {name.id[1:]}`"],
            )
        if not (isinstance(step, tree.Apply) and isinstance(step.unit, tree.Body)):
            return
        keyword = _bare(before[-2]) if len(before) > 1 else None
        if keyword and keyword.id in ("block", "shortcut") and _is_unlabelled_call(last):
            self.sink.error(
                SYNTAX,
                "a definition cannot stand inside a body",
                keyword.span,
                help=["move it to the top of the file"],
            )


_REPEATS = re.compile(r"x[0-9]+$")


def _bare(step: tree.Step) -> tree.Name | None:
    """The name that is the whole step."""
    if isinstance(step, tree.Apply) and step.label is None and step.count is None:
        unit = step.unit
        return unit.callee if isinstance(unit, tree.Call) and not unit.parenthesised else None
    return None


def _is_unlabelled_call(step: tree.Step) -> bool:
    return isinstance(step, tree.Apply) and step.label is None and isinstance(step.unit, tree.Call)


Method: TypeAlias = Callable[[_Walker, Node], T]

_ITEMS: dict[str, Method[tree.Item]] = {
    "import": _Walker.import_,
    "block": _Walker.definition,
    "shortcut": _Walker.definition,
    "network": _Walker.network,
    "instance": _Walker.instance,
    "let": _Walker.let,
}

_AMENDMENTS: dict[str, Method[tree.SetSlot | tree.SetDefaults | tree.Expect]] = {
    "set_slot": _Walker.set_slot,
    "set_defaults": _Walker.set_defaults,
    "expect": _Walker.expect,
}

_STEPS: dict[str, Method[tree.Step]] = {
    **_AMENDMENTS,
    "let": _Walker.let,
    "input": _Walker.input,
    "stage": _Walker.stage,
    "keep": _Walker.keep,
    "join": _Walker.join,
    "if": _Walker.if_,
    "for": _Walker.for_,
    "apply": _Walker.apply,
    "apply_bare": _Walker.apply_bare,
}
