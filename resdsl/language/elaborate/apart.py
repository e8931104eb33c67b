"""Tensors whose elements lie apart, for strides before them are not taken (`output_strides.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from resdsl.design.model import Ref
from resdsl.language.values.context import Context, Frame

# Per dimension, how far.
Apart: TypeAlias = tuple[int, ...]


def key(frame: Frame, refs: Iterable[Ref], context: Context) -> Any:
    """All that strides in a definition which is fed these depend on."""
    if context.environment.output_stride is None:
        return None
    shapes = [(ref, frame.shapes[ref]) for ref in refs]
    return tuple(
        (frame.apart.get(ref), *((extent.is_constant, extent.growth) for extent in shape.extents))
        for ref, shape in shapes
        if shape is not None
    )


def hint(frame: Frame, refs: Iterable[Ref]) -> tuple[str, ...]:
    """What may keep extents from agreeing, where strides before these tensors are not taken."""
    if all(ref not in frame.apart for ref in refs):
        return ()
    return (
        "strides beyond the output stride are not taken: there a window keeps the extents if it is "
        "padded by half of its size, `padding=1` for 3",
    )


def goes_beyond(frame: Frame, fed: Ref, made: Ref, most: int | None) -> bool:
    """Whether strides between two tensors leave one element for more than so many of the input."""
    before, after = frame.shapes[fed], frame.shapes[made]
    if most is None or before is None or after is None or before.rank != after.rank:
        return False
    for one, other in zip(before.extents, after.extents, strict=True):
        rise, over = other.growth
        if not other.is_constant and one.growth != other.growth and over > most * rise:
            return True
    return False


def apart_text(apart: Apart | None) -> str:
    """How far elements lie apart, for people."""
    if apart is None:
        return "1"
    return "×".join(map(str, apart)) if len(set(apart)) > 1 else str(apart[0])
