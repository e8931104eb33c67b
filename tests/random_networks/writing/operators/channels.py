"""Operators on channels: padded, sliced, shuffled, reduced, set off against each other."""

from __future__ import annotations

from tests.random_networks.shapes import Channels, Padded, Shape
from tests.random_networks.texts import text
from tests.random_networks.writing.places import Made, Place, Writer


def moved_channels(w: Writer, place: Place, shape: Shape) -> Made | None:
    """Channels padded or sliced."""
    if shape.channels.unknown:
        return None
    number = shape.channels.number
    w.spend()
    if number is not None and number > 1 and w.chance(0.5):
        start = w.random.randrange(number)
        stop = w.random.randint(start + 1, number)
        if w.chance(0.3):
            start = 0
        if w.chance(0.3):
            return [text(f"slice_channels({start})")], shape.to(number - start)
        call = f"slice_channels({start}, {w.channels(place, Channels.of(stop))})"
        return [text(call)], shape.to(stop - start)
    more = shape.channels + Channels.of(w.pick([0, 1, 3, 4, 4]))
    if w.chance(0.3):
        more = shape.channels.times(2)
    where = w.pick(["", ', where="split"', ', "end"'])
    return [text(f"pad_channels({w.channels(place, more)}{where})")], shape.to(more)


def across_channels(w: Writer, place: Place, shape: Shape) -> Made | None:
    """What each position's channels, or each channel's positions, are measured by."""
    w.spend()
    kinds = ["conv", "conv", "one", "grn", "softmax"] if not shape.flat else ["conv", "one"]
    if shape.channels.unknown:
        kinds = ["one"]
    match w.pick(kinds):
        case "conv":
            given = w.pick(["3", "1", "5", "k=3, bias=true", '3, init="normal"', "3, bias_init=0"])
            return [text(f"channel_conv({given})")], shape
        case "grn":
            given = w.pick(["", "eps=1e-3"])
            return [text(f"global_response_norm({given})")], shape
        case "softmax":
            return [text('softmax(over="positions")')], shape
        case _:
            return [text(w.pick(["channel_mean", "channel_max"]))], shape.to(1)


def rearranged(w: Writer, place: Place, shape: Shape) -> Made | None:
    """Zeros around a map, channels shuffled, or set off against their neighbours."""
    if shape.flat:
        return None
    w.spend()
    kind = w.random.random()
    if kind < 0.35 and not place.strict:
        before, after = w.pick([0, 1, 2]), w.pick([0, 1, 3])
        found = shape.down(Padded(before + after))
        cropped = shape.down(Padded(-before - after))
        if w.chance(0.4) and w.fits(place, cropped.extents):
            return [text(f"crop({before}, {after})")], cropped
        return [text(f"pad({before}, {after})")], found
    if kind < 0.7:
        return [text(f"local_response_norm({w.pick(['', '3', '2', 'size=4, alpha=0.1'])})")], shape
    number = shape.channels.number
    if number is None:
        return None
    groups = w.pick([n for n in (1, 2, 3, 4) if number % n == 0])
    return [text(f"channel_shuffle({groups})")], shape
