"""What would make two ways equally long: an argument of one operator, found by trying."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from resdsl.design.model import Apply, Body, Group, Instance, Join, Keep, Use
from resdsl.extents import Shape
from resdsl.language.values import show
from resdsl.ops import Op
from resdsl.ops.base import Problem
from resdsl.ops.convolution import Convolution
from resdsl.ops.pooling import Pool

# A way of more operators is not searched.
_LONGEST = 24

# An operator, and what the author wrote for it.
Way = list[tuple[Op, str]]


def mend(way: Apply | Body, start: Shape, wanted: Shape) -> str | None:
    """A sentence about the change that gives a way from `start` the extents of `wanted`.

    None where the way is no plain row of operators, or no single argument mends it.
    """
    found = _row(way)
    if found is None or len(found) > _LONGEST:
        return None
    for number, (op, word) in enumerate(found):
        for name, value, changed in _changes(op, start.rank):
            ops = [one for one, _ in found]
            ops[number] = changed
            result = _through(ops, start)
            if result is not None and result.extents == wanted.extents:
                return f"`{word}(…, {name}={value})` would agree at every size"
    return None


def _row(way: Apply | Body) -> Way | None:
    """The operators of a way in order; None where it branches."""
    found: Way = []
    applies: Sequence[object] = [way] if isinstance(way, Apply) else way.steps
    for step in applies:
        if isinstance(step, Keep) or (isinstance(step, Join) and isinstance(step.join, Use)):
            continue
        if not isinstance(step, Apply):
            return None
        for run in step.runs:
            match run.unit:
                case Group(body):
                    inner = _row(body)
                case Instance(definition):
                    inner = _row(definition.body)
                case op:
                    inner = [(op, op.name if step.word == "shortcut" else step.word)]
            if inner is None or len(found) + run.count * len(inner) > _LONGEST:
                return None
            found += inner * run.count
    return found


def _through(ops: Sequence[Op], shape: Shape) -> Shape | None:
    for op in ops:
        if shape.rank not in op.ranks:
            return None
        result = op.infer(shape, [])
        if isinstance(result, Problem):
            return None
        shape = result
    return shape


def _changes(op: Op, rank: int) -> Iterator[tuple[str, str, Op]]:
    """Other arguments, the likeliest first: `ceil`, a padding, a stride."""
    if not isinstance(op, Pool | Convolution):
        return
    tried: list[tuple[str, object]] = [("ceil", True)] if isinstance(op, Pool) else []
    tried += [("padding", padding) for padding in (0, (max(op.field(rank)) - 1) // 2)]
    tried += [("stride", stride) for stride in (1, 2, 4)]
    for name, value in tried:
        yield name, show(value), dataclasses.replace(op, **{name: value})  # type: ignore[arg-type]
