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

from resdsl import limits
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.diagnostics.fixes import unlisting
from resdsl.diagnostics.suggest import did_you_mean, suggest
from resdsl.join_functions import JOIN_FUNCTIONS, SOFTMAX
from resdsl.language.checks import editions, recursion
from resdsl.language.checks.lost_lets import warn_of_lost_lets
from resdsl.language.evaluate.arguments import Written, type_problem
from resdsl.language.evaluate.idle_settings import warn_of_idle_argument
from resdsl.language.messages.join_calls import tell_step
from resdsl.language.messages.surroundings import Sought, Surroundings
from resdsl.language.messages.untyped import WORDS, untyped
from resdsl.language.names.elsewhere import hanging
from resdsl.language.names.files import Files
from resdsl.language.names.mentions import (
    bound_names,
    input_names,
    misread,
    nodes,
    output_names,
    read_names,
)
from resdsl.language.names.stems import stems
from resdsl.language.names.symbols import Module, Symbol
from resdsl.language.values.functions import FUNCTIONS
from resdsl.language.values.types import NAMES, is_of_tensors
from resdsl.language.values.values import UNKNOWN, Callee
from resdsl.ops import REGISTRY, SLOTS
from resdsl.source import Span
from resdsl.syntax import tree

_SPECIAL = frozenset({"in", "out", "main", "here", "index", "count", "progress", "stride"})
# What an `expect` of a network may read.
FACTS = frozenset(
    """params params_without_norm buffers macs activations depth output min_input shape
    receptive_field total_stride""".split()
)
# Words that no expression has as names.
_NO_NAMES = frozenset(
    """x edition from import if else for and or not via true false set let keep join fork expect
    network""".split()
)
# As a label, each is most likely a step with a colon too many.
_SOFT = frozenset({"residual", "fork", "stage"})


def check(files: Files, module: Module, sink: Sink) -> None:
    """Names, types and recursion of all definitions of a file."""
    editions.check(module.file, sink)
    checked: list[_Definition] = []
    for item in module.file.items:
        match item:
            case tree.Block() | tree.Network():
                definition = _Definition(files, module, item, sink)
                checked.append(definition)
                definition.check()
                definition.calls()
            case tree.Let():
                _Definition(files, module, item, sink).names(read_names(item.value))
    for definition in checked:
        definition.unread()
    recursion.check(files, module, sink)
    _unused_imports(module, sink)


def _unused_imports(module: Module, sink: Sink) -> None:
    # Of so many unknown names, some were meant by what is imported.
    if not module.file.is_whole or len(module.sought) > limits.TOLD:
        return
    read = {name.id for item in module.file.items for name, _ in read_names(item)}
    read |= input_names(nodes(module.file.items))
    # What was probably meant by an unknown name.
    meant = {near for name in module.sought for near in suggest(name, module.imports)}
    for item in module.file.items:
        if isinstance(item, tree.Import):
            for name in item.names:
                if name.id not in read | meant and name.id in module.imports:
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
        self.around = Surroundings.of(item, module)
        self.nodes = self.around.nodes
        self.read: list[tuple[tree.Name, bool]] = []
        self.is_right = False
        self.local, self.composed = bound_names(self.nodes)

    def check(self) -> None:
        assert not isinstance(self.item, tree.Let)
        before = self.sink.errors
        self._parameters()
        self._bodies()
        self.read = list(read_names(self.item))
        self.names(self.read)
        self.is_right = self.module.file.is_whole and self.sink.errors == before

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
                    help=["it is known there: leave the parameter out"] * (name.id == "stride"),
                )
            self._type(parameter.type)
            self._default(parameter)
            self._tensor(parameter)

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

    def _tensor(self, parameter: tree.Parameter) -> None:
        """A network is fed by its `input`, and lists of tensors are not nested."""
        kind, message = parameter.type, ""
        if isinstance(self.item, tree.Network) and is_of_tensors(kind):
            message = "a network has one input: its parameters are values"
        elif kind is not None and kind.item is not None and is_of_tensors(kind.item.item):
            message = "a list of tensors is not in another list"
        if message:
            assert kind is not None
            self.sink.error(codes.TYPE, message, kind.span, "of tensors")

    def _default(self, parameter: tree.Parameter) -> None:
        default = parameter.default
        if not isinstance(default, tree.Number | tree.String | tree.Bool):
            return
        if parameter.type is not None and parameter.type.name not in NAMES:
            return
        problem = type_problem(default.value, parameter)
        if problem is not None:
            self.sink.error(
                codes.TYPE,
                f"the default of `{parameter.name.id}` {problem}",
                default.span,
                help=[untyped(parameter, default.value)] if default.value in WORDS else (),
            )

    def unread(self) -> None:
        """Parameters and `let`s that nothing reads: often something else was written instead."""
        assert not isinstance(self.item, tree.Let)
        if self.item.body is None or not self.is_right:
            return
        # What a definition looked for that does not have it is read, in a way.
        read = {name.id for name, _ in self.read} | self.module.sought
        read |= input_names(self.nodes) | output_names(self.nodes)
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
        asked = output_names(self.nodes) | self.module.sought
        warn_of_lost_lets(
            self.around, [name for name, _ in self.read if name.id not in asked], self.sink
        )

    # --- names ---

    def names(self, read: Iterable[tuple[tree.Name, bool]]) -> None:
        """Every name that is read must mean something."""
        unknown = [
            (name, expecting) for name, expecting in read if not self._known(name.id, expecting)
        ]
        if not unknown:
            return
        # Here, as most texts have none.
        from resdsl.language.messages.unknown import is_lost, unknown_name

        for name, expecting in sorted(unknown, key=lambda one: one[0].span.start):
            if is_lost(name.id, self.module.lost):
                continue
            more = sorted(FACTS) if expecting else []
            candidates = [*self._candidates(), *more]
            sought = Sought(name, self.around, candidates, expecting)
            self.module.told.add(name.span.start)
            self.module.sought.add(name.id)
            self.module.lost.update(unknown_name(self.sink, sought))

    def _bodies(self) -> None:
        """Words that were meant otherwise than they are taken."""
        for node in self.nodes:
            match node:
                case tree.Apply(label=tree.LabelName() as label) if label.name in _SOFT:
                    self._word_as_label(label, node.unit)
                case tree.Fork():
                    self._branches(node)
                case tree.Body():
                    befores = (None, *node.steps[:-2])
                    pairs = pairwise(node.steps)
                    for before, (one, two) in zip(befores, pairs, strict=False):
                        match one, two:
                            case tree.Apply(unit=tree.Body() as group), tree.Join():
                                self._forgotten_fork(before, group, two)

    def _branches(self, fork: tree.Fork) -> None:
        """A branch is read by its label: where that is no name, or another's, it cannot be."""
        names = {name.id for name, _ in read_names(fork.join)}
        lost = {name for name in names if not self._known(name, False)}
        wrong = misread(fork)
        for branch in fork.branches:
            label = branch.label
            if label.name in wrong:
                what = "fork" if label.name == "here" else "definition"
                why = f"the `join` reads the tensor that entered the {what}"
                self._refuse(label, f"a branch cannot be called `{label.name}`", why)
            elif lost and label.quoted and not _is_name(label.name):
                message = "a branch is read by its label, which must be a name"
                self._refuse(label, message, "the `join` cannot read it")
                self.module.lost |= lost  # they were meant by it

    def _refuse(self, label: tree.LabelName, message: str, why: str) -> None:
        name = re.sub(r"\W", "_", label.name)
        if not name[:1].isalpha() or name == label.name:
            name += "_"
        help = f"another name, such as `{name}`"
        self.sink.error(codes.RESERVED, message, label.span, why, help=[help])

    def _word_as_label(self, label: tree.LabelName, unit: tree.Unit) -> None:
        if label.quoted:
            return
        meant = "a stage has a name: `stage layer1: …`"
        if label.name != "stage":
            is_body = isinstance(unit, tree.Body)
            meant = "leave the colon out" if is_body else f"write `{label.name} {{ … }}`"
        self.sink.warning(
            codes.WORD_AS_LABEL,
            f"`{label.name}:` is a label here, and makes no {label.name}",
            label.span,
            "a name for a module",
            help=[f'{meant}, or quote the name: `"{label.name}": …`'],
        )

    def _forgotten_fork(self, before: tree.Step | None, group: tree.Body, join: tree.Join) -> None:
        labelled = (step.label for step in group.steps if isinstance(step, tree.Apply))
        labels = {label.name for label in labelled if label is not None}
        names = [name for name, _ in read_names(join) if name.id in labels]
        start, help = group.span.start, []
        span, label = Span(group.span.source, start, start + 1), "`fork` is missing before it"
        match before:
            case tree.Apply(unit=tree.Call(callee=word)) if not self._known(word.id, False):
                # `parallel { … }`
                span, label, help = word.span, "no word", [f"write `fork` for `{word.id}`"]
            case _:
                names = [name for name in names if not self._known(name.id, False)]
        if not names:
            return
        # They would be branches: nothing more is to be said of them.
        self.module.lost.update(name.id for name in names)
        self.module.lost.update([span.text] if help else [])
        self.sink.error(
            codes.STRUCTURE,
            "these are steps one after the other: side by side they are a `fork`",
            span,
            label,
            others=[Label(name.span, "read as a branch") for name in names],
            help=help,
        )

    # --- calls ---

    def calls(self) -> None:
        """The arguments of calls of operators and definitions, as far as the text tells values."""
        written = Written(self.sink)
        joined = self.around.joined
        for node in self.nodes:
            if isinstance(node, tree.Call):
                callee = self._callee(node.callee.id)
                if callee is not None and _are_shares(node, callee):
                    continue
                if callee is not None and id(node) in joined and not hanging(node.span):
                    tell_step(self.sink, node)
                elif callee is not None:
                    written.given(node, callee, _literal)
                    warn_of_idle_argument(node, callee.target, self.sink)

    def _callee(self, name: str) -> Callee | None:
        """What a call calls, whatever is bound around it: no parameter, no slot, one thing only."""
        if name in self.local or name in SLOTS or name in FUNCTIONS or name in FACTS:
            return None
        if name in self.module.twice:
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
        if name in FUNCTIONS or name in JOIN_FUNCTIONS or (expecting and name in FACTS):
            return True
        if name in self.composed or not self.composed.isdisjoint(stems(name)):
            return True
        return self.files.resolve(self.module, name) is not None

    def _candidates(self) -> list[str]:
        if not self.sink.helps:
            return []
        visible = self.files.visible(self.module)
        return [*REGISTRY, *SLOTS, *FUNCTIONS, *sorted(self.local), *visible]


def _is_name(text: str) -> bool:
    return text.isascii() and text.isidentifier() and text not in _NO_NAMES


def _are_shares(node: tree.Call, callee: Callee) -> bool:
    """`softmax(maps)`, which is no step: the operator takes no arguments."""
    return callee.target == SOFTMAX and len(node.arguments) == 1 and not node.arguments[0].name


def _literal(node: tree.Expr) -> Any:
    match node:
        case tree.Number(value) | tree.String(value) | tree.Bool(value):
            return value
        case _:
            return UNKNOWN
