"""The features of a pyramid: the last stage of each stride."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from resdsl.analysis.facts import Facts, facts
from resdsl.design import checkpointing
from resdsl.design.model import Apply, Body, Definition, Group, Ref
from resdsl.design.network import Network
from resdsl.design.taps import named, taps
from resdsl.diagnostics.codes import UNKNOWN_NAME
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.values.features import Wanted
from resdsl.ops import Op
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """The last stage of a stride: `strides` are those of its map, per dimension."""

    name: str
    ref: Ref
    strides: tuple[int | Fraction | None, ...]


def levels(known: Facts) -> tuple[Level, ...]:
    """Of a network, from the finest on; none where it has no stages.

    Where a network says no `stage`, its labelled modules of several steps are taken for stages, or
    else what is checkpointed as such: kept tensors, and blocks in a row.
    """
    body = known.network.root.body
    for ways in (_stages(body, ""), _labelled(body, "")):
        if found := _last_of_each(known, ways):
            return found
    found = _last_of_each(known, _parts(known.network.root))
    return found if len(found) > 1 else ()


def _last_of_each(known: Facts, named: Iterable[tuple[str, Ref]]) -> tuple[Level, ...]:
    """Of each stride."""
    last: dict[object, Level] = {}
    for name, output in named:
        strides = tuple(one.stride for one in known.reach.get(output, ()))
        if strides and all(stride is not None for stride in strides):
            last.pop(strides, None)
            last[strides] = Level(name, output, strides)
    return tuple(last.values())


def _parts(root: Definition) -> Iterator[tuple[str, Ref]]:
    known = taps(root.body)
    for name in checkpointing.stages(root):
        ref = named(root.body, known, name)
        if ref is not None:
            yield name, ref


def pyramid(network: Network, sink: Sink) -> Wanted | None:
    """The names of its levels; None, and an error, where there are none."""
    found = levels(facts(network))
    if not found:
        message = f"{network.name} has no stages to make a pyramid of"
        help = ["name the tensors, or modules by their paths: `features=[…]`, `--features`"]
        sink.error(UNKNOWN_NAME, message, help=help)
        return None
    return tuple((one.name, one.name) for one in found)


def _stages(body: Body, prefix: str) -> Iterator[tuple[str, Ref]]:
    """In groups, too."""
    for step in body.steps:
        if not isinstance(step, Apply):
            continue
        if step.stage:
            yield prefix + step.key, step.output
        elif (group := _group(step)) is not None:
            yield from _stages(group.body, f"{prefix}{step.key}.")


def _labelled(body: Body, prefix: str) -> Iterator[tuple[str, Ref]]:
    """In groups, too: what is in one comes before it."""
    for step in body.steps:
        if not isinstance(step, Apply) or step.is_again or not step.runs:
            continue
        if (group := _group(step)) is not None:
            yield from _labelled(group.body, f"{prefix}{step.key}.")
        elif step.label is not None and not (isinstance(step.unit, Op) and not step.repeated):
            yield prefix + step.key, step.output


def _group(step: Apply) -> Group | None:
    """That which a step calls once, for the first time."""
    if step.repeated or step.is_again or not step.runs:
        return None
    return step.unit if isinstance(step.unit, Group) else None
