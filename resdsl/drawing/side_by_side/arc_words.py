"""What stands on an arc besides what its shortcut's rows are: norms and activations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from resdsl.analysis.rows import op_row
from resdsl.design.dataflow import read_by
from resdsl.design.join_expressions import Ref
from resdsl.design.model import Apply, Body, Residual
from resdsl.drawing.column.meetings import ARC, Meeting, Operand
from resdsl.extents import Shape
from resdsl.ops import Op


def with_words(met: Sequence[Meeting], label: str) -> tuple[Meeting, ...]:
    """On an arc with nothing but norms and activations, these."""
    words = (label.replace("\n", ", "),) if label else ()

    def told(one: Operand) -> Operand:
        return replace(one, words=words) if one.source == ARC and not one.words else one

    return tuple(replace(one, operands=tuple(map(told, one.operands))) for one in met)


def around(step: Residual) -> tuple[Ref, ...]:
    """What goes around main, before the shortcut's modules."""
    if step.shortcut is None:
        return (step.skip.ref,)
    return read_by(step.shortcut)


def quiet(main: Body, ref: Ref, shapes: list[Shape]) -> Iterator[str]:
    """The norms and activations between what enters main and a tensor that is kept there."""
    done: dict[Ref, tuple[str, ...]] = {main.input: ()}
    for step in main.steps:
        if isinstance(step, Apply):
            units = (run.unit for run in step.runs if isinstance(run.unit, Op))
            labels = (op_row(unit, shapes[step.input]).text for unit in units)
            done[step.output] = (*done.get(step.input, ()), *labels)
    yield from done.get(ref, ())


def has_arc(met: Sequence[Meeting]) -> bool:
    return any(operand.source == ARC for meeting in met for operand in meeting.operands)
