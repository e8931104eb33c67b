"""What is built on the outputs of a network has to know: their names, channels and strides."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from resdsl.extents import Extent

if TYPE_CHECKING:
    from resdsl.analysis.facts import Facts


@dataclass(frozen=True, slots=True)
class Feature:
    """An output: of timm's `feature_info`, `module`, `num_chs` and `reduction`.

    `stride` is the step of its elements in elements of the input: one number where all dimensions
    have it, else one for each; a fraction where the map is finer than the input, None for what is
    no map. `channels` are those of a map, or the features of a vector, None where a free extent
    decides their number.
    """

    name: str
    channels: int | None
    stride: int | Fraction | tuple[int | Fraction | None, ...] | None


def features_of(known: Facts) -> tuple[Feature, ...]:
    """Of all outputs, in order; a network that names none has one, `output`."""
    found = []
    for name, shape in known.outputs.items():
        strides = [_step(extent) for extent in shape.extents]
        size = known.view.at(shape) if shape.flat else (shape.channels,)
        channels = None if size is None else int(size[0])
        stride = None if shape.flat or not any(strides) else tuple(strides)
        is_one = stride is not None and len(set(stride)) == 1
        found.append(
            Feature(name or "output", channels, stride[0] if is_one and stride else stride)
        )
    return tuple(found)


def _step(extent: Extent) -> int | Fraction | None:
    """None where there are as many for every input."""
    rise, over = extent.growth
    if extent.is_constant:
        return None
    return over if rise == 1 else Fraction(over, rise)
