"""Networks that are made of others: `network resnet18 = resnet([2, 2, 2, 2]) { … }`."""

from __future__ import annotations

from typing import Any

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.elaborate.elaborator import Elaborator
from resdsl.language.evaluate.session import Halt
from resdsl.language.names.symbols import Symbol
from resdsl.language.values.context import Context, Frame
from resdsl.language.values.origins import stripped
from resdsl.language.values.scope import Environment, Scope
from resdsl.language.values.values import Callee, Unknown
from resdsl.records import dataclass
from resdsl.syntax import tree


@dataclass(frozen=True, slots=True)
class Family:
    """A network's own body, found through its instantiations: `bound` are their arguments, and
    `amending` the network whose amendments hold (None if it has a body of its own)."""

    symbol: Symbol
    bound: dict[str, Any]
    amending: list[Symbol]


def family(elaborator: Elaborator, symbol: Symbol) -> Family | None:
    """The network with a body that `symbol` is, or is an instantiation of; None after an error."""
    try:
        return _family(elaborator, symbol)
    except Halt:
        return None


def _family(elaborator: Elaborator, symbol: Symbol) -> Family | None:
    chain: list[tuple[Symbol, tree.Call, Context]] = []
    while isinstance(symbol.node, tree.Network) and symbol.node.family is not None:
        names = [known for known, _, _ in chain]
        if symbol in names:
            _circle(elaborator.session.sink, [*names, symbol])
            return None
        call = symbol.node.family
        frame = Frame(symbol, symbol.module)
        context = Context(frame, symbol.module, Scope(), Environment())
        chain.append((symbol, call, context))
        target = elaborator.session.files.resolve(symbol.module, call.callee.id)
        if target is None or not isinstance(target[1], Symbol) or target[1].kind != "network":
            _no_family(elaborator, call, context, target)
            return None
        symbol = target[1]
    bound: dict[str, Any] = {}
    for _, call, context in reversed(chain):
        given = elaborator.calls.given(call, Callee(symbol), context, tuple(bound))
        if given is None:
            return None
        bound.update({name: stripped(item.value) for name, item in given.items()})
    return Family(symbol, bound, [known for known, _, _ in chain])


def _circle(sink: Sink, chain: list[Symbol]) -> None:
    names = " → ".join(f"`{symbol.name}`" for symbol in chain)
    sink.error(
        codes.RECURSION,
        f"`{chain[0].name}` is made of itself: {names}",
        chain[0].node.name.span,
        "a circle",
    )


def _no_family(elaborator: Elaborator, call: tree.Call, context: Context, target: Any) -> None:
    name = call.callee.id
    if target is None:
        if not isinstance(elaborator.expressions.name(call.callee, context), Unknown):
            what = "an operator"
        else:
            return
    else:
        what = "a value" if isinstance(target[1], tree.Let) else f"a {target[1].kind}"
    elaborator.session.sink.error(
        codes.STRUCTURE,
        f"a network can be made of a network only, and `{name}` is {what}",
        call.callee.span,
        what,
        help=["a family is a network with parameters: network resnet(depths: list[int]) { … }"],
    )


def amended(elaborator: Elaborator, found: Family, context: Context) -> Context:
    """The `set`s of the instantiations, the outermost last."""
    for symbol in reversed(found.amending):
        assert isinstance(symbol.node, tree.Network)
        inside = Context(context.frame, symbol.module, Scope(), context.environment, network=True)
        for step in symbol.node.amendments:
            if isinstance(step, tree.SetSlot):
                inside = elaborator.sets.slot(step, inside)
            elif isinstance(step, tree.SetDefaults):
                inside = elaborator.sets.defaults(step, inside)
            elif isinstance(step, tree.OutputStride):
                inside = elaborator.strides.amending(step, inside)
        context = Context(
            context.frame, context.module, context.scope, inside.environment, network=True
        )
    return context


def amended_contracts(found: Family, context: Context) -> list[tuple[tree.Expect, Context]]:
    outermost = found.amending[0]
    assert isinstance(outermost.node, tree.Network)
    inside = Context(
        context.frame, outermost.module, context.scope, context.environment, network=True
    )
    return [(step, inside) for step in outermost.node.amendments if isinstance(step, tree.Expect)]
