"""Operators that change the extents: subsampling, upsampling, transposed convolutions."""

from __future__ import annotations

from tests.random_networks.shapes import Ceil, Fixed, Scaled, Shape
from tests.random_networks.texts import text
from tests.random_networks.writing.operators.sizes import as_size
from tests.random_networks.writing.places import Made, Place, Writer


def subsampled(w: Writer, place: Place, shape: Shape) -> Made | None:
    if shape.flat or place.strict:
        return None
    size_written, size = as_size(w, w.pick([1, 2, 2]))
    w.spend()
    found = shape.down(Ceil(size))
    return ([text(f"subsample({size_written})")], found) if w.fits(place, found.extents) else None


def enlarged(w: Writer, place: Place, shape: Shape) -> Made | None:
    """A map with more elements."""
    if shape.flat or place.strict or sum(isinstance(s, Scaled) for s in shape.extents) > 1:
        return None
    w.spend()
    kind = w.random.random()
    if kind < 0.4:
        factor = w.pick([1, 2, 2, 3])
        mode = w.pick(["", ', "linear"', ', mode="linear"', ', mode="nearest"'])
        if w.chance(0.3):
            size_written, size = as_size(w, w.pick([1, 2, 4, 5]))
            named = mode.replace(', "', ', mode="')
            return [text(f"upsample(size={size_written}{named})")], shape.down(Fixed(size))
        return [text(f"upsample({factor}{mode})")], shape.down(Scaled(factor))
    number = shape.channels.number
    if kind < 0.6 and w.rank == 2 and number is not None and number % 4 == 0:
        return [text("pixel_shuffle(2)")], shape.to(number // 4).down(Scaled(2))
    k, stride, dilation = w.pick([1, 2, 3]), w.pick([1, 2, 2, 3]), w.pick([1, 1, 2])
    padding, more = w.pick([0, 0, 1]), w.pick([0, 0, 1])
    more = min(more, max(stride, dilation) - 1)
    found = shape.down(Scaled(stride, dilation * (k - 1) + more + 1 - 2 * padding - stride))
    channels = w.pick([3, 4, 8])
    arguments = [str(k), str(channels), f"stride={stride}", f"padding={padding}"]
    arguments += [f"output_padding={more}", f"dilation={dilation}"]
    arguments += w.pick([[], [], ["bias=true"], ['init="xavier"'], ["bias=true, bias_init=1"]])
    if not w.fits(place, found.extents):
        return None
    return [text(f"conv_transpose({', '.join(arguments)})")], found.to(channels)
