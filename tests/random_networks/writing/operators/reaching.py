"""Calls after which a tensor has the channels or the extents that it must have."""

from __future__ import annotations

from tests.random_networks.shapes import Ceil, Channels, Number, Shape
from tests.random_networks.writing.operators.convolutions import conv
from tests.random_networks.writing.operators.pools import pool
from tests.random_networks.writing.operators.sizes import size_text
from tests.random_networks.writing.operators.vectors import linear
from tests.random_networks.writing.places import Called, Place, Writer


def strided(
    w: Writer, place: Place, shape: Shape, stride: Number | str, to: Channels | None = None
) -> Called | None:
    """Something that takes every stride-th element."""
    if shape.flat:
        return None
    if to is None and w.chance(0.15):
        found = shape.down(Ceil(stride))
        w.spend()
        return f"subsample({size_text(stride)})", found
    if to is None and w.chance(0.2):
        return pool(w, place, shape, stride)
    return conv(w, place, shape, to, stride)


def reaching(w: Writer, place: Place, shape: Shape, to: Channels) -> Called | None:
    """A call after which there are so many channels; the extents stay."""
    if shape.flat:
        return linear(w, place, shape, to)
    return conv(w, place.strictly(), shape, to)
