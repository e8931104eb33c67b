"""Blocks and shortcuts that contain themselves."""

from __future__ import annotations

from collections.abc import Iterator

from resdsl.diagnostics import codes
from resdsl.diagnostics.model import Label, Sink
from resdsl.language.files import Files, Module
from resdsl.language.mentions import nodes
from resdsl.language.values import Symbol
from resdsl.syntax import tree


def check(files: Files, module: Module, sink: Sink) -> None:
    """Blocks that call each other in a circle. Each circle is told once."""
    told: set[frozenset[Symbol]] = set()
    for symbol in module.names.values():
        if isinstance(symbol, Symbol) and isinstance(symbol.node, tree.Block):
            circle = _circle(files, symbol)
            if circle is not None and frozenset(s for s, _ in circle) not in told:
                told.add(frozenset(s for s, _ in circle))
                files.circular.update(s for s, _ in circle)
                names = " → ".join(f"`{s.name}`" for s, _ in [*circle, circle[0]])
                sink.error(
                    codes.RECURSION,
                    f"`{symbol.name}` contains itself: {names}",
                    circle[-1][1].span,
                    "this closes the circle",
                    others=[Label(symbol.node.name.span, "defined here")],
                )


def _circle(files: Files, start: Symbol) -> list[tuple[Symbol, tree.Call]] | None:
    """A way of calls from a definition to itself: (definition, the call in it)."""
    path: list[tuple[Symbol, Iterator[tuple[Symbol, tree.Call]], tree.Call | None]] = []
    seen = {start}
    path.append((start, _calls(files, start), None))
    while path:
        symbol, calls, _ = path[-1]
        step = next(calls, None)
        if step is None:
            path.pop()
            continue
        target, call = step
        path[-1] = (symbol, calls, call)
        if target is start:
            return [(s, c) for s, _, c in path if c is not None]
        if target not in seen:
            seen.add(target)
            path.append((target, _calls(files, target), None))
    return None


def _calls(files: Files, symbol: Symbol) -> Iterator[tuple[Symbol, tree.Call]]:
    """The definitions that a body calls by their own names."""
    assert isinstance(symbol.node, tree.Block)
    hidden = {parameter.name.id for parameter in symbol.node.parameters}
    for node in nodes(symbol.node.body):
        unit = getattr(node, "unit", None) or (
            node.mode if isinstance(node, tree.Residual) else None
        )
        if not isinstance(unit, tree.Call) or unit.callee.id in hidden:
            continue
        found = files.resolve(symbol.module, unit.callee.id)
        if found is not None and isinstance(found[1], Symbol) and found[1].kind != "network":
            yield found[1], unit
