"""Equal copies in a row as one run, and what that decides of the numbers in and of them."""

from __future__ import annotations

from typing import Any

from resdsl.design.dataflow import outer
from resdsl.design.model import Group, Instance, Ref, Run, Unit
from resdsl.language.values.context import Frame
from resdsl.ops import Op
from resdsl.provenance import leaves, origin


def hold_channels(frame: Frame, one: Ref, other: Ref) -> None:
    """One copy stands for all that follow because these are the same."""
    shapes = frame.shapes[one], frame.shapes[other]
    if shapes[0] is not None and shapes[1] is not None:
        frame.compare_numbers(shapes[0].channels, shapes[1].channels)


def _hold_alike(frame: Frame, one: Unit, other: Unit) -> None:
    """Two copies are one run, so where their numbers come from different places these are held."""
    for left, right in zip(_numbers(one), _numbers(other), strict=True):
        if origin(left) != origin(right):
            frame.pin_all(left)
            frame.pin_all(right)


def _numbers(unit: Unit) -> list[Any]:
    match unit:
        case Instance(arguments=arguments):
            return [*arguments.values()]
        case Op():
            return [getattr(unit, parameter.name) for parameter in unit.parameters()]
        case _:
            return []


def note_count(frame: Frame, runs: list[Run], count: int) -> None:
    """`count` copies, of which there may be more or fewer of the last ones, and of others one at
    most: if these are fed each other's results and nothing else, their number survives."""
    *others, last = runs
    source = origin(count - len(others) if others else count)
    if source is None or not _is_alone(last):
        # It comes from nowhere, or from too deep.
        frame.pin(count)
        return
    last.source = source
    frame.placed.update(leaves(source))
    frame.deepen(source)


def _is_alone(run: Run) -> bool:
    """Whether a copy reads what it is fed, and gives one result."""
    match run.unit:
        case Group(body):
            return not outer(body)
        case Instance(definition):
            return not (run.tensors or definition.others or definition.reads_main)
        case _:
            return not run.tensors


def append(runs: list[Run], run: Run, settled: bool, frame: Frame) -> None:
    """Adds a run, to the one before if that is its equal."""
    last = runs[-1] if runs else None
    if (
        last is not None
        and settled
        and _same(last.unit, run.unit)
        and last.shape == run.shape
        and _tensors(last) == _tensors(run)
    ):
        _hold_alike(frame, last.unit, run.unit)
        frame.compare_numbers(last.shape.channels, run.shape.channels)
        last.count += run.count
        last.output = run.output
    else:
        runs.append(run)


def _tensors(run: Run) -> list[Ref | None]:
    """What tensor parameters are given; None for each copy's own input."""
    return [None if ref == run.input else ref for ref in run.tensors]


def _same(one: Unit, two: Unit) -> bool:
    if isinstance(one, Instance) and isinstance(two, Instance):
        return one.definition is two.definition
    return isinstance(one, Op) and one == two
