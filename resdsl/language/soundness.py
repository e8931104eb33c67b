"""Which networks have no mistake in their text, nor in that of anything they mention.

Elaboration follows the way that is taken: it may come to an end although something is wrong in a
branch that is not taken, in a default that is not used, or in a parameter's type.
"""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.diagnostics.model import Diagnostic
from resdsl.language.files import Files, Module
from resdsl.language.mentions import bound_names, nodes, read_names
from resdsl.language.values import Symbol
from resdsl.source import Span
from resdsl.syntax import tree


def unsound(files: Files, first: Module, found: Iterable[Diagnostic]) -> frozenset[str]:
    """The networks of the first file that the mistakes found in definitions are mistakes of."""
    mistakes = [d.span for d in found if d.severity == "error" and d.span is not None]
    modules = [first, *files.imported()]
    # By file: names of definitions with mistakes, and names that nothing could be found for.
    wrong = {id(module): module.lost | _wrong(module, mistakes) for module in modules}
    if not any(wrong.values()):
        return frozenset()
    return frozenset(s.name for s in first.networks() if _mentions(files, s, wrong))


def _wrong(module: Module, mistakes: Iterable[Span]) -> set[str]:
    here = [span.start for span in mistakes if span.source is module.source]
    return {
        item.name.id
        for item in module.file.items
        if not isinstance(item, tree.Import)
        and any(item.span.start <= start < item.span.stop for start in here)
    }


def _mentions(files: Files, network: Symbol, wrong: dict[int, set[str]]) -> bool:
    """Whether a network is, or mentions through whatever else, what is wrong."""
    seen: set[int] = set()
    stack: list[tuple[Module, str]] = [(network.module, network.name)]
    while stack:
        module, name = stack.pop()
        if name in wrong.get(id(module), ()):
            return True
        target = files.resolve(module, name)
        if target is None:
            continue
        home, item = target
        node = item.node if isinstance(item, Symbol) else item
        if id(node) in seen:
            continue
        seen.add(id(node))
        own = node.name.id
        if own in wrong.get(id(home), ()):
            return True
        inside = node.value if isinstance(node, tree.Let) else node
        hidden, _ = bound_names(nodes(inside))
        stack += [(home, n.id) for n, _ in read_names(inside) if n.id not in hidden]
    return False
