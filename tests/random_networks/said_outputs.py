"""What a text says that a network gives, read off its tree: nothing of it is elaborated."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.diagnostics.diagnostic import Sink
from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.parser import parse


def said_outputs(text: str, network: str) -> tuple[str, ...] | None:
    """The names of its outputs in order, none where the last tensor is the only one. None where
    that hangs on a value: of an `if`, a `for`, an index."""
    file = parse(Source("net.res", text), Sink())
    networks = {
        item.name.id: item
        for item in (file.items if file is not None else ())
        if isinstance(item, tree.Network)
    }
    return _of(networks, network)


def _of(networks: dict[str, tree.Network], name: str) -> tuple[str, ...] | None:
    node = networks.get(name)
    if node is None:
        return None
    if node.family is None:
        return _in(node.body.steps if node.body is not None else ())
    return _in(node.amendments) or _of(networks, node.family.callee.id)


def _in(steps: Sequence[tree.Step]) -> tuple[str, ...] | None:
    found: list[str] = []
    for step in steps:
        match step:
            case tree.Output():
                if any(item.label.index is not None for item in step.items):
                    return None
                found += [_name(item) for item in step.items]
            case tree.If(body=body, orelse=other):
                rest = (
                    () if other is None else (other,) if isinstance(other, tree.If) else other.steps
                )
                if _in(body.steps) != () or _in(rest) != ():
                    return None
            case tree.For(body=body):
                if _in(body.steps) != ():
                    return None
            case (tree.Apply() | tree.Stage()) as apply if isinstance(apply.unit, tree.Body):
                if apply.count is not None:
                    continue
                more = _in(apply.unit.steps)
                if more is None:
                    return None
                found += more
    return tuple(found)


def _name(item: tree.OutputItem) -> str:
    return ".".join([item.label.name, *(part.id for part in item.path)])
