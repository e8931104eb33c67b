"""Blocks and shortcuts that contain themselves, and whose text does not say where that ends.

A call under an `if` over a parameter may be left out: whether it is, elaboration finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.language.names.files import Files
from resdsl.language.names.mentions import bound_names, mentions, nodes
from resdsl.language.names.symbols import Module, Symbol
from resdsl.syntax import tree


def check(files: Files, module: Module, sink: Sink) -> None:
    """Blocks that call each other in a circle. Each is told in one, up to so many mistakes."""
    blocks = [
        symbol
        for symbol in module.names.values()
        if isinstance(symbol, Symbol) and isinstance(symbol.node, tree.Block)
    ]
    calling = _calling_themselves(files, blocks)
    for symbol in blocks:
        if symbol not in calling or symbol in files.circular:
            continue
        if not sink.helps:
            break
        circle = _circle(files, symbol)
        assert circle is not None, "it calls itself"
        files.circular.update(s for s, _ in circle)
        names = " → ".join(f"`{s.name}`" for s, _ in [*circle, circle[0]])
        sink.error(
            codes.RECURSION,
            f"`{symbol.name}` contains itself: {names}",
            circle[-1][1].span,
            "this closes the circle",
            others=[Label(symbol.node.name.span, "defined here")],
            help=["an `if` over a parameter, around the call, can end it"],
        )


def _calling_themselves(files: Files, blocks: Iterable[Symbol]) -> set[Symbol]:
    """The definitions with a way of calls back to them: strongly connected components (Tarjan,
    "Depth-First Search and Linear Graph Algorithms", 1972), each definition looked at once."""
    found: set[Symbol] = set()
    # By definition, the order in which it was reached, and the first that it leads back to.
    order: dict[Symbol, int] = {}
    lowest: dict[Symbol, int] = {}
    pending: dict[Symbol, None] = {}
    for first in blocks:
        stack = [] if first in order else [(first, _targets(files, first))]
        while stack:
            symbol, targets = stack[-1]
            if symbol not in order:
                order[symbol] = lowest[symbol] = len(order)
                pending[symbol] = None
            target = next(targets, None)
            if target is not None:
                if target not in order:
                    stack.append((target, _targets(files, target)))
                elif target in pending:
                    lowest[symbol] = min(lowest[symbol], order[target])
                    found |= {symbol} if target is symbol else set()
                continue
            stack.pop()
            if stack:
                outer = stack[-1][0]
                lowest[outer] = min(lowest[outer], lowest[symbol])
            if lowest[symbol] == order[symbol]:
                component: list[Symbol] = []
                while not component or component[-1] is not symbol:
                    component.append(pending.popitem()[0])
                found.update(component if len(component) > 1 else ())
    return found


def _targets(files: Files, symbol: Symbol) -> Iterator[Symbol]:
    return (target for target, _ in _calls(files, symbol))


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
    """The definitions that a body calls by their own names, whatever its parameters are. What it
    calls so itself, in a `let` or `for`, may be another value: that elaboration finds."""
    assert isinstance(symbol.node, tree.Block)
    parameters = {parameter.name.id for parameter in symbol.node.parameters}
    guarded = _guarded(symbol.node, parameters)
    every = list(nodes(symbol.node.body))
    hidden = parameters | bound_names(every)[0]
    for node in every:
        if id(node) in guarded:
            continue
        unit = getattr(node, "unit", None) or (
            node.mode if isinstance(node, tree.Residual) else None
        )
        if not isinstance(unit, tree.Call) or unit.callee.id in hidden:
            continue
        found = files.resolve(symbol.module, unit.callee.id)
        if found is not None and isinstance(found[1], Symbol) and found[1].kind != "network":
            yield found[1], unit


def _guarded(block: tree.Block, parameters: set[str]) -> set[int]:
    """By identity, what stands under an `if` whose condition reads a parameter, or such a `let`."""
    every = list(nodes(block.body))
    lets = [node for node in every if isinstance(node, tree.Let)]
    read = set(parameters)
    while more := [let for let in lets if let.name.id not in read and mentions(let.value, read)]:
        read.update(let.name.id for let in more)
    found: set[int] = set()
    for node in every:
        if isinstance(node, tree.If) and mentions(node.condition, read):
            found.update(id(inner) for inner in nodes((node.body, node.orelse)))
    return found
