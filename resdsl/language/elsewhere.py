"""Names that mean something, but not where they are read: labels, and what has come to its end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from resdsl.language.mentions import mentions, nodes
from resdsl.source import Span
from resdsl.syntax import tree

Kind = Literal["keep", "let", "parameter", "branch", "loop"]


@dataclass(frozen=True, slots=True)
class Binder:
    """Where a definition gives a name a meaning."""

    kind: Kind
    span: Span
    node: Any


def labels(found: Sequence[Any]) -> dict[str, tree.Apply | tree.Stage]:
    """The steps and stages of a definition by their labels; `p[i]` is `p`, too."""
    steps: dict[str, tree.Apply | tree.Stage] = {}
    for node in found:
        label = node.label if isinstance(node, tree.Apply | tree.Stage) else None
        if label is not None:
            steps[label.name] = node
            if label.index is None:
                steps.setdefault(label.name.rstrip("0123456789"), node)
    return steps


def label_of(
    known: dict[str, tree.Apply | tree.Stage], name: str
) -> tree.Apply | tree.Stage | None:
    """The step or stage with a label: `p[i]` is any of `p0`, `p1` …"""
    found = known.get(name)
    if found is None:
        found = known.get(name.rstrip("0123456789"))
        if found is not None and (found.label is None or found.label.index is None):
            return None
    return found


def _composed(name: str, index: object, wanted: str) -> set[str]:
    """What a name with an index may be, as far as `wanted` is concerned."""
    if index is None:
        return {name, re.sub(r"\d+$", "", name)}
    return {name, wanted} if re.fullmatch(re.escape(name) + r"\d+", wanted) else {name}


def binders(found: Sequence[Any], name: str) -> Iterator[Binder]:
    """What binds a name in the nodes of a definition."""
    for node in found:
        match node:
            case tree.Keep(bound, index) if name in _composed(bound.id, index, name):
                yield Binder("keep", bound.span, node)
            case tree.Let(name=bound) if bound.id == name:
                yield Binder("let", bound.span, node)
            case tree.Parameter(name=bound) if bound.id == name:
                yield Binder("parameter", bound.span, node)
            case tree.Branch(label) if name in _composed(label.name, label.index, name):
                yield Binder("branch", label.span, node)
            case tree.For(names):
                for bound in names:
                    if bound.id == name:
                        yield Binder("loop", bound.span, node)


def ended(found: Sequence[Any], binder: Binder, use: Span) -> str:
    """Why what a binder binds is not known at a place of the same definition."""
    if binder.kind == "branch":
        return "is a branch, which the `join` of its fork alone can read"
    if isinstance(binder.node, tree.Let) and _holds(binder.node, use):
        return "is read in its own value"
    if binder.span.start > use.start:
        return f"is {_bound(binder)} further below"
    if binder.kind == "keep":
        for node in found:
            repeated = isinstance(node, tree.Apply | tree.Stage | tree.Branch) and node.count
            if repeated and _between(node, binder, use):
                return "is kept in a repetition, and ends with it"
    if any(isinstance(node, tree.If) and _between(node, binder, use) for node in found):
        return f"is {_bound(binder)} in a branch of `if` that is not taken"
    if any(isinstance(node, tree.For) and _between(node, binder, use) for node in found):
        return f"is {_bound(binder)} in a loop over nothing"
    return f"is {_bound(binder)} in braces, and ends with them"


def _bound(binder: Binder) -> str:
    return "kept" if binder.kind == "keep" else "bound"


def _between(node: Any, binder: Binder, use: Span) -> bool:
    """It holds the binder and not the use."""
    return _holds(node, binder.span) and not _holds(node, use)


def _holds(node: Any, span: Span) -> bool:
    return bool(node.span.start <= span.start < node.span.stop)


def hanging(span: Span) -> list[str]:
    """What to ask where an expression goes on from the line above, where its operand may be."""
    text = span.source.text
    found = re.search(r"([-+*/%<>=])[ \t]*$", text[: text.rfind("\n", 0, span.start) + 1].rstrip())
    if found is None:
        return []
    return [f"is an operand missing behind the `{found[1]}` on the line above?"]


Definition = tree.Block | tree.Network


def outside(file: tree.File, item: Any, name: str) -> tuple[Definition, Binder] | None:
    """The definition of a file, not `item`, that binds a name: first one that mentions `item`."""
    own = item.name.id
    others = [one for one in file.items if isinstance(one, Definition) and one is not item]
    for other in sorted(others, key=lambda one: not mentions(one.body, {own})):
        kinds = ("keep", "let", "parameter")
        found = [one for one in binders(list(nodes(other)), name) if one.kind in kinds]
        if found:
            return other, min(found, key=lambda one: one.span.start)
    return None
