"""Names that mean something, but not where they are read: labels, and what has come to its end."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

from resdsl.language.names.mentions import nodes
from resdsl.language.names.stems import stems
from resdsl.records import dataclass
from resdsl.source import Span
from resdsl.syntax import tree

Kind = Literal["keep", "let", "parameter", "branch", "loop"]


@dataclass(frozen=True, slots=True)
class Binder:
    """Where a definition gives a name a meaning."""

    kind: Kind
    span: Span
    node: Any


# What has a label of its own.
Labelled: TypeAlias = tree.Apply | tree.Stage | tree.Param


def labels(found: Sequence[Any]) -> dict[str, Labelled]:
    """The steps and stages of a definition by their labels; `p[i]` is `p`, too."""
    steps: dict[str, Labelled] = {}
    for node in found:
        label = node.label if isinstance(node, Labelled) else None
        if label is not None:
            steps[label.name] = node
            if label.index is None:
                for stem in stems(label.name):
                    steps.setdefault(stem, node)
    return steps


def label_of(known: dict[str, Labelled], name: str) -> Labelled | None:
    """The step or stage with a label: `p[i]` is any of `p0`, `p1` …"""
    found = known.get(name)
    if found is not None:
        return found
    others = (known.get(stem) for stem in stems(name))
    return next((one for one in others if one and one.label and one.label.index), None)


class Binders:
    """What the nodes of a definition, or of many, bind: looked through once for all names."""

    def __init__(self, found: Iterable[Any]) -> None:
        self._by_name: dict[str, list[Binder]] = {}
        # `keep p[i]`, by `p`: any of `p0`, `p1` …
        self._indexed: dict[str, list[Binder]] = {}
        for node in found:
            match node:
                case tree.Keep(bound, index):
                    self._tensor(Binder("keep", bound.span, node), bound.id, index)
                case tree.Branch(label):
                    self._tensor(Binder("branch", label.span, node), label.name, label.index)
                case tree.Let(name=bound):
                    self._add(Binder("let", bound.span, node), bound.id)
                case tree.Parameter(name=bound):
                    self._add(Binder("parameter", bound.span, node), bound.id)
                case tree.For(names):
                    for bound in names:
                        self._add(Binder("loop", bound.span, node), bound.id)

    def of(self, name: str) -> list[Binder]:
        """What binds a name, in no special order."""
        found = list(self._by_name.get(name, ()))
        for stem in stems(name):
            found += self._indexed.get(stem, ())
        return found

    def _tensor(self, binder: Binder, name: str, index: object) -> None:
        """`s2` may be read as `s[2]`: it binds `s` as well."""
        self._add(binder, name)
        if index is not None:
            self._indexed.setdefault(name, []).append(binder)
        else:
            for stem in stems(name):
                self._add(binder, stem)

    def _add(self, binder: Binder, name: str) -> None:
        self._by_name.setdefault(name, []).append(binder)


def ended(around: Iterable[Any], binder: Binder, use: Span) -> str:
    """Why what a binder binds is not known at a place of the same definition.

    `around`: the binder's node and those that it stands in.
    """
    if binder.kind == "branch":
        return "is a branch, which the `join` of its fork alone can read"
    if isinstance(binder.node, tree.Let) and _holds(binder.node, use):
        return "is read in its own value"
    if binder.span.start > use.start:
        return f"is {_bound(binder)} further below"
    steps = (tree.Apply, tree.Stage, tree.Branch, tree.If, tree.For)
    between = [node for node in around if isinstance(node, steps) and not _holds(node, use)]
    if binder.kind == "keep":
        for node in between:
            if isinstance(node, tree.Apply | tree.Stage | tree.Branch) and node.count:
                return "is kept in a repetition, and ends with it"
    if any(isinstance(node, tree.If) for node in between):
        return f"is {_bound(binder)} in a branch of `if` that is not taken"
    if any(isinstance(node, tree.For) for node in between):
        return f"is {_bound(binder)} in a loop over nothing"
    return f"is {_bound(binder)} in braces, and ends with them"


def _bound(binder: Binder) -> str:
    return "kept" if binder.kind == "keep" else "bound"


def _holds(node: Any, span: Span) -> bool:
    return bool(node.span.start <= span.start < node.span.stop)


def hanging(span: Span) -> list[str]:
    """What to ask where an expression goes on from the line above, where its operand may be."""
    text = span.source.text
    end = text.rfind("\n", 0, span.start)
    while end > 0 and text[end - 1].isspace():
        end -= 1
    if end < 1 or text[end - 1] not in "-+*/%<>=":
        return []
    return [f"is an operand missing behind the `{text[end - 1]}` on the line above?"]


Definition = tree.Block | tree.Network


class Outline:
    """What the definitions of a file bind and mention: looked through once for all names."""

    def __init__(self, file: tree.File) -> None:
        self._definitions = [item for item in file.items if isinstance(item, Definition)]
        self._starts = [item.span.start for item in self._definitions]
        self._binders = Binders(nodes(tuple(self._definitions)))
        self._mentioning: dict[str, set[int]] = {}
        for place, item in enumerate(self._definitions):
            for node in nodes(item.body):
                if isinstance(node, tree.Name):
                    self._mentioning.setdefault(node.id, set()).add(place)

    def outside(self, item: Any, name: str) -> tuple[Definition, Binder] | None:
        """The definition, not `item`, that binds a name: first one that mentions `item`."""
        found: dict[int, Binder] = {}
        for binder in self._binders.of(name):
            place = bisect_right(self._starts, binder.span.start) - 1
            if binder.kind in ("keep", "let", "parameter") and self._definitions[place] is not item:
                first = found.get(place)
                if first is None or binder.span.start < first.span.start:
                    found[place] = binder
        if not found:
            return None
        callers = found.keys() & self._mentioning.get(item.name.id, set())
        place = min(callers or found)
        return self._definitions[place], found[place]
