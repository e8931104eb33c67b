"""From the parser's tree to ours, and the rules that the grammar leaves to this step: files."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Literal

from resdsl.diagnostics.diagnostic import Sink
from resdsl.source import Source
from resdsl.syntax import docs, tree
from resdsl.syntax.building_expressions import children
from resdsl.syntax.building_steps import AMENDMENTS, Steps
from resdsl.syntax.lalr import Token
from resdsl.syntax.lalr import Tree as Node


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
    walker = _Files(source, sink, lost, unsure)
    file = walker.file(start, before)
    return None if walker.is_too_deep else file


class _Files(Steps):
    def file(self, node: Node, before: int) -> tree.File:
        edition, *nodes = node.children
        number = self.number(edition.children[0]) if edition else None
        items = [_ITEMS[item.data](self, item) for item in nodes if item.data != "broken"]
        kept = tuple(item for item in items if item is not None)
        is_whole = self.sink.errors == before
        doc = docs.of_file(self.source)
        return tree.File(self.source, number, kept, doc, is_whole, frozenset(self.lost))

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
        amended: list[tree.Amendment] = []
        for step in amendments.children if amendments else ():
            made = AMENDMENTS[step.data](self, step)
            if not isinstance(made, tree.Broken):
                amended.append(self.named(made) if isinstance(made, tree.Output) else made)
        return tree.Network(
            self.name(name),
            (),
            None,
            self.call(family, 0),
            tuple(amended),
            self.doc(node),
            self.span(node),
        )

    def named(self, step: tree.Output) -> tree.Output:
        """Outputs of an instantiation, which are what the family has names for."""
        items: list[tree.OutputItem] = []
        for item in step.items:
            value = item.value
            if value is not None and not _is_name(value):
                self.breaks(
                    value.span,
                    "in the braces of an instantiation an output is a stage, label or kept tensor",
                    "no name of one",
                    ["an `output` in the network itself takes any expression"],
                )
                value = tree.Broken(value.span)
            items.append(tree.OutputItem(item.label, item.path, value, item.span))
        return tree.Output(tuple(items), step.span)

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

    def doc(self, node: Node) -> str:
        return docs.above(self.source, self.span(node).start)


_ITEMS: dict[str, Callable[[_Files, Node], tree.Item | None]] = {
    "import": _Files.import_,
    "block": _Files.definition,
    "shortcut": _Files.definition,
    "network": _Files.network,
    "instance": _Files.instance,
    "let": _Files.let,
}


def _is_name(value: tree.Expr) -> bool:
    """`layer2`, `"a.0"`, `features.relu`, `layer[2]`"""
    while isinstance(value, tree.Field):
        value = value.value
    if isinstance(value, tree.Index):
        value = value.value
    return isinstance(value, tree.Name | tree.String | tree.Broken)
