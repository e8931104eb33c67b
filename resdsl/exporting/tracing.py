"""A module as a program of torch.export, and the sizes that it is for.

A free dimension is `Dim.AUTO`, whose assumptions torch writes down; a named one would have it solve
them, which it gives up where a pool rounds up. What they leave out is found size by size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from resdsl.analysis.valid_sizes import ValidSizes
from resdsl.exporting.extents import along, another, chosen, step_of
from resdsl.exporting.guards import Guards, symbols
from resdsl.exporting.refusal import ExportError
from resdsl.exporting.report import Range
from resdsl.exporting.silence import quiet
from resdsl.records import dataclass

if TYPE_CHECKING:
    import torch

BATCH = "batch"

# Samples of the traced input where the batch is free, and of those that are compared. One sample
# is what a trace may take for granted.
_TRACED, _COMPARED = 2, (1, 3)

# The traced size may be one at which some map has one element, which the trace takes for granted:
# then one so many times as large is tried.
_TIMES = (1, 2, 4)


# An extent so many times that of the trace stands for all beyond.
_FAR = 4


@dataclass(frozen=True, slots=True)
class Trace:
    """A program, the input shapes (N, C, *extents) to compare it at, and what it is for.

    `shape` has a name where a dimension is free, and `symbols` torch's name for it.
    """

    program: torch.export.ExportedProgram
    shape: tuple[int | str, ...]
    symbols: tuple[str | None, ...]
    ranges: tuple[Range, ...]
    probes: tuple[tuple[int, ...], ...]
    notes: tuple[str, ...]


def traced(
    module: torch.nn.Module,
    sizes: ValidSizes,
    channels: int,
    batch: int | None,
    axes: Sequence[int],
) -> Trace:
    """Raises ExportError where a dimension is free that should not be, or fixed that should be."""
    _refuse_free(sizes, axes)
    _refuse_fixed(sizes, axes)
    found: Trace | None = None
    fixed = ExportError(f"no size to export it at was found: {sizes.text()}")
    for times in _TIMES if axes else (1,):
        extents = chosen(sizes, axes, times)
        if extents is None:
            continue
        try:
            found = _traced(module, sizes, channels, batch, axes, extents)
        except _FixedError as error:
            fixed = error
            continue
        if not any(_is_narrow(one, found) for one in found.ranges):
            return found
    if found is None:
        raise fixed
    return found


class _FixedError(ExportError):
    """A dimension that was to be free has one size in the trace."""


def _refuse_fixed(sizes: ValidSizes, axes: Sequence[int]) -> None:
    extents = chosen(sizes, axes)
    for axis in axes if extents else ():
        if extents and along(sizes, extents, axis) == [extents[axis]]:
            name = sizes.names[axis]
            raise ExportError(f"{name} = {extents[axis]} is all that it takes: {sizes.text()}")


def _refuse_free(sizes: ValidSizes, axes: Sequence[int]) -> None:
    free = [
        name
        for axis, name in enumerate(sizes.names)
        if sizes.declared[axis] is None and axis not in axes
    ]
    if free:
        raise ExportError(
            f"the input declares no {', '.join(free)}: give it a size (--input, input=), or leave "
            f"them free (--dynamic {','.join(free)}, dynamic=)"
        )


def _is_narrow(one: Range, found: Trace) -> bool:
    return one.most is not None and any(
        note.startswith(_left_out(one.name)) for note in found.notes
    )


def _left_out(name: str) -> str:
    return f"torch's export leaves out {name}"


def _traced(
    module: torch.nn.Module,
    sizes: ValidSizes,
    channels: int,
    batch: int | None,
    axes: Sequence[int],
    extents: tuple[int, ...],
) -> Trace:
    program = _program(module, sizes, channels, batch, axes, extents)
    guards, found = Guards(program), symbols(program)
    lost = [BATCH] * (batch is None and found[0] is None)
    lost += [sizes.names[axis] for axis in axes if found[2 + axis] is None]
    if lost:
        raise _FixedError(f"torch's export takes no other {' or '.join(lost)} than it was given")
    samples = _TRACED if batch is None else batch

    def holds(size: tuple[int, ...]) -> bool:
        return guards.hold((samples, channels, *size))

    takes = [_taken(sizes, extents, axis, holds) for axis in axes]
    lost = [str(taken.range) for taken in takes if taken.extents == [extents[taken.axis]]]
    if lost:
        raise _FixedError(f"torch's export takes no more than {' and '.join(lost)}")
    ranges = [taken.range for taken in takes]
    notes = [note for taken in takes for note in taken.notes]
    if axes and _has_holes(sizes):
        notes.append(f"the design is {sizes.text()}")
    if batch is None:
        least = 1 if guards.hold((1, channels, *extents)) else 2
        ranges.insert(0, Range(BATCH, least))
    allowed = {axis: taken.extents for axis, taken in zip(axes, takes, strict=True)}
    second = another(sizes, extents, allowed, holds) if axes else None
    shapes = [
        (n, channels, *size)
        for n in (_COMPARED if batch is None else (batch,))
        for size in (extents, second)
        if size is not None
    ]
    free = {2 + axis: sizes.names[axis] for axis in axes} | ({0: BATCH} if batch is None else {})
    whole = (samples, channels, *extents)
    return Trace(
        program,
        tuple(free.get(place, n) for place, n in enumerate(whole)),
        tuple(name if place in free else None for place, name in enumerate(found)),
        tuple(ranges),
        tuple(shape for shape in shapes if guards.hold(shape)),
        tuple(notes),
    )


def _has_holes(sizes: ValidSizes) -> bool:
    return bool(sizes.meetings or sizes.further or any(c.modulus > 1 for c in sizes.conditions))


@dataclass(frozen=True, slots=True)
class _Taken:
    """Of one dimension, the range that a program is for, those extents in it that were asked for,
    and what the design takes beyond."""

    axis: int
    range: Range
    extents: list[int]
    notes: list[str]


def _taken(
    sizes: ValidSizes,
    extents: tuple[int, ...],
    axis: int,
    holds: Callable[[tuple[int, ...]], bool],
) -> _Taken:
    name, valid = sizes.names[axis], along(sizes, extents, axis)
    held = [holds((*extents[:axis], n, *extents[axis + 1 :])) for n in valid]
    low = high = valid.index(extents[axis])
    while low and held[low - 1]:
        low -= 1
    while high + 1 < len(valid) and held[high + 1]:
        high += 1
    # Without end where the last that was asked for is far beyond.
    is_open = high == len(valid) - 1 and valid[-1] > _FAR * extents[axis]
    most = None if is_open else valid[high]
    notes = []
    if low:
        few = f"{valid[0]}…{valid[low - 1]}" if low > 1 else f"{valid[0]}"
        notes.append(f"{_left_out(name)} = {few}, which the design takes")
    if high < len(valid) - 1:
        notes.append(f"{_left_out(name)} > {valid[high]}, which the design takes")
    return _Taken(axis, Range(name, valid[low], most, step_of(valid)), valid[low : high + 1], notes)


def _program(
    module: torch.nn.Module,
    sizes: ValidSizes,
    channels: int,
    batch: int | None,
    axes: Sequence[int],
    extents: tuple[int, ...],
) -> torch.export.ExportedProgram:
    from resdsl.exporting.pooling import signals_as_maps
    from resdsl.targets.torch_import import torch

    auto: Any = torch.export.Dim.AUTO
    # torch 2.6 takes no least size; its symbols begin at 2.
    free: dict[int, Any] = {
        2 + axis: auto(min=sizes.least[axis]) if callable(auto) else auto for axis in axes
    }
    if batch is None:
        free[0] = torch.export.Dim(BATCH, min=1)
    shape = (batch or _TRACED, channels, *extents)
    x = torch.zeros(shape, dtype=torch.float32, device="cpu")
    with quiet("torch's export"), torch.no_grad(), signals_as_maps():
        return torch.export.export(module, (x,), dynamic_shapes=(free,) if free else None)
