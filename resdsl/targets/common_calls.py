"""What the calls of two variants have in common in `forward`.

An author who adds a step by a flag writes `if flag: x = self.norm(x)` between the calls around it,
and not these twice, with and without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from resdsl.records import dataclass
from resdsl.targets.method_text import Block, Statement
from resdsl.targets.nodes import Call, Node, Variable, flat, parts

_RETURN = "return "


@dataclass(frozen=True, slots=True)
class _Chain:
    """`lead f(g(base))`: the calls, the innermost first, each without what it is called with."""

    base: str
    calls: list[Call]
    lead: str

    @property
    def target(self) -> str | None:
        return None if self.lead == _RETURN else self.lead.removesuffix(" = ")


def unfolded(
    on: Sequence[Block], off: Sequence[Block]
) -> tuple[Sequence[Block], Sequence[Block], Sequence[Block], Sequence[Block]]:
    """What both begin with, what each has by itself, and what both end with."""
    one, other = _chain(on), _chain(off)
    if one is None or other is None or one.base != other.base:
        return (), on, off, ()
    target = one.target or other.target or one.base
    if (one.target or target) != (other.target or target):
        return (), on, off, ()
    before = _common(one.calls, other.calls)
    ones, others = one.calls[len(before) :], other.calls[len(before) :]
    after: list[Call] = []
    if len(on) == len(off) == 1 and one.lead == other.lead:
        after = _common(ones[::-1], others[::-1])[::-1]
    if not (before or after):
        return (), on, off, ()
    base = target if before else one.base
    rows = [
        _rest(base, calls[: len(calls) - len(after)], target if after else "", chain.lead)
        for chain, calls in ((one, ones), (other, others))
    ]
    start = [_written(one.base, before, f"{target} = ")] if before else []
    end = [_written(target, after, one.lead)] if after else []
    return start, [*rows[0], *on[1:]], [*rows[1], *off[1:]], end


def _rest(base: str, calls: Sequence[Call], target: str, lead: str) -> list[Block]:
    """What one of them does in between, to a variable `target` where more follows."""
    lead = f"{target} = " if target else lead
    is_nothing = not calls and lead == f"{base} = "
    return [] if is_nothing else [_written(base, calls, lead)]


def _chain(blocks: Sequence[Block]) -> _Chain | None:
    """The first statement, where it is calls, each of the result of the one inside it."""
    if not blocks or len(blocks[0]) != 1:
        return None
    statement = blocks[0][0]
    node: Node = statement.node
    calls: list[Call] = []
    while isinstance(node, Call) and node.arguments:
        inner, *others = node.arguments
        if any(isinstance(part, Variable) for other in others for part in parts(other)):
            return None
        calls.append(replace(node, arguments=tuple(others)))
        node = inner
    if not isinstance(node, Variable) or statement.tail:
        return None
    is_plain = statement.lead == _RETURN or statement.lead.removesuffix(" = ").isidentifier()
    return _Chain(node.text, calls[::-1], statement.lead) if is_plain else None


def _common(ones: Sequence[Call], others: Sequence[Call]) -> list[Call]:
    pairs = zip(ones, others, strict=False)
    return [one for one, _ in takewhile(lambda pair: flat(pair[0]) == flat(pair[1]), pairs)]


def _written(base: str, calls: Sequence[Call], lead: str) -> Block:
    node: Node = Variable(base)
    for call in calls:
        node = replace(call, arguments=(node, *call.arguments))
    return (Statement(node, lead=lead),)
