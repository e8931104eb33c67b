"""Which networks have no mistake in their text, nor in that of anything they mention.

Elaboration follows the way that is taken: it may come to an end although something is wrong in a
branch that is not taken, in a default that is not used, or in a parameter's type.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import TypeAlias

from resdsl.diagnostics.diagnostic import Diagnostic
from resdsl.language.names.files import Files
from resdsl.language.names.mentions import bound_names, nodes, read_names
from resdsl.language.names.symbols import Module, Symbol
from resdsl.source import Span
from resdsl.syntax import tree

# A definition: its file, by identity, and its name there.
_Place: TypeAlias = tuple[int, str]


def unsound(files: Files, first: Module, found: Iterable[Diagnostic]) -> frozenset[str]:
    """The networks of the first file that the mistakes found in definitions are mistakes of."""
    mistakes = [d.span for d in found if d.severity == "error" and d.span is not None]
    modules = [first, *files.imported()]
    # By file: names of definitions with mistakes, and names that nothing could be found for.
    wrong = {
        (id(module), name) for module in modules for name in module.lost | _wrong(module, mistakes)
    }
    if not wrong:
        return frozenset()
    names = [symbol.name for symbol in first.networks()]
    tainted = _mentioning(files, first, names, wrong)
    return frozenset(name for name in names if (id(first), name) in tainted)


def _wrong(module: Module, mistakes: Iterable[Span]) -> set[str]:
    """The definitions with a mistake in their text."""
    here = sorted(span.start for span in mistakes if span.source is module.source)
    return {
        item.name.id
        for item in module.file.items
        if not isinstance(item, tree.Import)
        and bisect_left(here, item.span.start) < bisect_left(here, item.span.stop)
    }


def _mentioning(
    files: Files, first: Module, names: Iterable[str], wrong: Iterable[_Place]
) -> set[_Place]:
    """Of what the named definitions are and mention, what is wrong, or mentions it in turn."""
    readers: dict[_Place, list[_Place]] = {}
    seen: set[_Place] = set()
    stack = [(first, name) for name in names]
    while stack:
        module, name = stack.pop()
        place = (id(module), name)
        if place in seen:
            continue
        seen.add(place)
        for other, inner in _mentioned(files, module, name):
            readers.setdefault((id(other), inner), []).append(place)
            stack.append((other, inner))
    tainted, pending = set[_Place](), list(wrong)
    while pending:
        place = pending.pop()
        if place not in tainted:
            tainted.add(place)
            pending += readers.get(place, ())
    return tainted


def _mentioned(files: Files, module: Module, name: str) -> list[tuple[Module, str]]:
    """What a name means in its own file, or the names that its definition reads there."""
    target = files.resolve(module, name)
    if target is None:
        return []
    home, item = target
    node = item.node if isinstance(item, Symbol) else item
    if (home, node.name.id) != (module, name):
        return [(home, node.name.id)]
    inside = node.value if isinstance(node, tree.Let) else node
    hidden, _ = bound_names(nodes(inside))
    return [(home, n.id) for n, _ in read_names(inside) if n.id not in hidden]
