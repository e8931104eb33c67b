"""What is checked of every definition, used or not: names, types and recursion.

Elaboration follows only the way that is taken; here every branch is read. Names are looked up as if
every `let` and `keep` of a definition were visible everywhere in it: where they really are is for
elaboration to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from resdsl.diagnostics import codes
from resdsl.diagnostics.fixes import unlisting
from resdsl.diagnostics.model import Label, Sink
from resdsl.diagnostics.suggest import did_you_mean
from resdsl.language import recursion
from resdsl.language.arguments import Written, type_problem
from resdsl.language.files import Files, Module
from resdsl.language.functions import FUNCTIONS
from resdsl.language.mentions import bound_names, input_names, nodes, read_names
from resdsl.language.types import NAMES
from resdsl.language.unknown import unknown_name
from resdsl.language.values import UNKNOWN, Callee, Symbol
from resdsl.ops import REGISTRY, SLOTS
from resdsl.source import Span
from resdsl.syntax import tree

_SPECIAL = frozenset({"in", "out", "main", "here", "index", "count", "progress", "stride"})
# What an `expect` of a network may read.
FACTS = frozenset(
    """params params_without_norm buffers macs activations depth output min_input shape
    receptive_field total_stride""".split()
)
# As a label, each is most likely a step with a colon too many.
_SOFT = frozenset({"residual", "fork", "stage"})
_JOIN_FUNCTIONS = frozenset({"concat", "mean"})


def check(files: Files, module: Module, sink: Sink) -> None:
    """Names, types and recursion of all definitions of a file."""
    for item in module.file.items:
        match item:
            case tree.Block() | tree.Network():
                definition = _Definition(files, module, item, sink)
                definition.check()
                definition.calls()
            case tree.Let():
                _Definition(files, module, item, sink).names(read_names(item.value))
    recursion.check(files, module, sink)
    _unused_imports(module, sink)


def _unused_imports(module: Module, sink: Sink) -> None:
    if not module.file.is_whole:
        return
    read = {name.id for item in module.file.items for name, _ in read_names(item)}
    read |= input_names(nodes(module.file.items))
    for item in module.file.items:
        if isinstance(item, tree.Import):
            for name in item.names:
                if name.id not in read and name.id in module.imports:
                    sink.warning(
                        codes.UNUSED_IMPORT,
                        f"`{name.id}` is imported, and nothing uses it",
                        name.span,
                        "not used",
                        fix=unlisting(name.span, item.span, len(item.names)),
                    )


class _Definition:
    """The names of one definition."""

    def __init__(
        self, files: Files, module: Module, item: tree.Block | tree.Network | tree.Let, sink: Sink
    ) -> None:
        self.files, self.module, self.item, self.sink = files, module, item, sink
        self.nodes = list(nodes(item))
        self.local, self.composed = bound_names(self.nodes)

    def check(self) -> None:
        assert not isinstance(self.item, tree.Let)
        before = self.sink.errors
        self._parameters()
        self._bodies()
        read = list(read_names(self.item))
        self.names(read)
        if self.module.file.is_whole and self.sink.errors == before:
            self._unread({name.id for name, _ in read} | input_names(self.nodes))

    def _parameters(self) -> None:
        assert not isinstance(self.item, tree.Let)
        seen: dict[str, tree.Name] = {}
        shortcut = isinstance(self.item, tree.Block) and self.item.kind == "shortcut"
        reserved = _SPECIAL if shortcut else _SPECIAL - {"stride"}
        owner = " of a shortcut" if shortcut else ""
        for parameter in self.item.parameters:
            name = parameter.name
            if name.id in seen:
                self.sink.error(
                    codes.DUPLICATE_NAME,
                    f"two parameters are called `{name.id}`",
                    name.span,
                    "the same name again",
                    others=[Label(seen[name.id].span, "the first one")],
                )
            seen[name.id] = name
            if name.id in reserved:
                self.sink.error(
                    codes.RESERVED,
                    f"a parameter{owner} cannot be called `{name.id}`",
                    name.span,
                    "a name of the language's",
                )
            self._type(parameter.type)
            self._default(parameter)

    def _type(self, node: tree.Type | None) -> None:
        if node is None:
            return
        if node.name not in NAMES:
            help = did_you_mean(node.name, NAMES)
            self.sink.error(
                codes.TYPE,
                f"there is no type `{node.name}`",
                node.span,
                "unknown type",
                help=[help] if help else ["the types are " + ", ".join(f"`{n}`" for n in NAMES)],
            )
        self._type(node.item)

    def _default(self, parameter: tree.Parameter) -> None:
        default = parameter.default
        if not isinstance(default, tree.Number | tree.String | tree.Bool):
            return
        if parameter.type is not None and parameter.type.name not in NAMES:
            return
        problem = type_problem(default.value, parameter)
        if problem is not None:
            self.sink.error(
                codes.TYPE, f"the default of `{parameter.name.id}` {problem}", default.span
            )

    def _unread(self, read: set[str]) -> None:
        """Parameters and `let`s that nothing reads: often something else was written instead."""
        assert not isinstance(self.item, tree.Let)
        if self.item.body is None:
            return
        bound: list[tuple[str, tree.Name]] = [("parameter", p.name) for p in self.item.parameters]
        bound += [("value", n.name) for n in self.nodes if isinstance(n, tree.Let)]
        for what, name in bound:
            if name.id not in read:
                self.sink.warning(
                    codes.UNREAD,
                    f"nothing reads the {what} `{name.id}`",
                    name.span,
                    "not read",
                )

    # --- names ---

    def names(self, read: Iterable[tuple[tree.Name, bool]]) -> None:
        """Every name that is read must mean something."""
        for name, expecting in read:
            if not self._known(name.id, expecting):
                more = sorted(FACTS) if expecting else []
                unknown_name(self.sink, name, [*self._candidates(), *more])

    def _bodies(self) -> None:
        """Words that were meant otherwise than they are taken."""
        for node in self.nodes:
            match node:
                case tree.Apply(label=tree.LabelName() as label) if label.name in _SOFT:
                    self._word_as_label(label)
                case tree.Body():
                    for one, two in pairwise(node.steps):
                        match one, two:
                            case tree.Apply(unit=tree.Body() as group), tree.Join():
                                self._forgotten_fork(group, two)

    def _word_as_label(self, label: tree.LabelName) -> None:
        if not label.quoted:
            self.sink.warning(
                codes.WORD_AS_LABEL,
                f"`{label.name}:` is a label here, and makes no {label.name}",
                label.span,
                "a name for a module",
                help=[f'leave the colon out, or quote the name: `"{label.name}": …`'],
            )

    def _forgotten_fork(self, group: tree.Body, join: tree.Join) -> None:
        labelled = (step.label for step in group.steps if isinstance(step, tree.Apply))
        labels = {label.name for label in labelled if label is not None}
        names = [name for name, _ in read_names(join)]
        read = [name for name in names if name.id in labels and not self._known(name.id, False)]
        if not read:
            return
        # They would be branches: nothing more is to be said of them.
        self.module.lost.update(name.id for name in read)
        start = group.span.start
        self.sink.error(
            codes.STRUCTURE,
            "these are steps one after the other: side by side they are a `fork`",
            Span(group.span.source, start, start + 1),
            "`fork` is missing before it",
            others=[Label(name.span, "read as a branch") for name in read],
        )

    # --- calls ---

    def calls(self) -> None:
        """The arguments of calls of operators and definitions, as far as the text tells values."""
        written = Written(self.sink)
        for node in self.nodes:
            if isinstance(node, tree.Call):
                callee = self._callee(node.callee.id)
                if callee is not None:
                    written.given(node, callee, _literal)

    def _callee(self, name: str) -> Callee | None:
        """What a call calls, whatever is bound around it: no parameter and no slot."""
        if name in self.local or name in SLOTS or name in FUNCTIONS or name in FACTS:
            return None
        found = self.files.resolve(self.module, name)
        if found is None:
            return Callee(name) if name in REGISTRY else None
        symbol = found[1]
        is_called = isinstance(symbol, Symbol) and symbol.kind != "network"
        return Callee(symbol) if is_called else None  # type: ignore[arg-type]

    def _known(self, name: str, expecting: bool) -> bool:
        if name in self.local or name in _SPECIAL or name in REGISTRY or name in SLOTS:
            return True
        if name in self.module.lost:
            return True
        if name in FUNCTIONS or name in _JOIN_FUNCTIONS or (expecting and name in FACTS):
            return True
        if name in self.composed or re.sub(r"\d+$", "", name) in self.composed:
            return True
        return self.files.resolve(self.module, name) is not None

    def _candidates(self) -> list[str]:
        visible = self.files.visible(self.module)
        return [*sorted(self.local), *visible, *REGISTRY, *SLOTS, *FUNCTIONS]


def _literal(node: tree.Expr) -> Any:
    match node:
        case tree.Number(value) | tree.String(value) | tree.Bool(value):
            return value
        case _:
            return UNKNOWN
