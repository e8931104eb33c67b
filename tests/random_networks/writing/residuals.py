"""Residuals: a body and a shortcut around it."""

from __future__ import annotations

from dataclasses import replace

from tests.random_networks.shapes import Ceil, Channels, Number, Shape, then
from tests.random_networks.texts import Part, text
from tests.random_networks.writing.labels import label
from tests.random_networks.writing.places import DEEPEST, Made, Place, Writer
from tests.random_networks.writing.shortcuts import via
from tests.random_networks.writing.steps import body


def residual(w: Writer, place: Place, shape: Shape) -> Made | None:
    stride: Number | str = 1
    to = None
    if not shape.flat and not place.any_rank:
        if not place.strict and w.chance(0.3):
            stride = 2 if w.chance(0.8) else w.pick([2, (2,) + (1,) * (w.rank - 1), 1])
        if w.chance(0.4):
            to = w.width(place)
    return residual_to(w, place, shape, to, stride)


def residual_to(
    w: Writer, place: Place, shape: Shape, to: Channels | None, stride: Number | str
) -> Made | None:
    if place.depth >= DEEPEST or w.left < 2:
        return None
    if isinstance(stride, tuple) and len(set(stride)) == 1:
        stride = stride[0]
    if stride != 1 and not w.fits(place, then(shape.extents, (Ceil(stride),))):
        return None
    wrapped = w.chance(0.15)
    where = place.group() if wrapped else place.inner()
    main = where.inner(labels=where.labels, strict=True, gives=False)
    made, out = body(w, main, shape, w.random.randint(1, 5), to=to or shape.channels, stride=stride)
    wanted = shape.to(to or shape.channels).down(Ceil(stride))
    if out != wanted:
        made.append(text("keep odd"))
        return [text("residual ", made, " via none")], out
    parts: list[Part] = [label(w, place) if wrapped else "", "residual ", made]
    # A shortcut sees what main has kept, and none of its `let`s.
    around = replace(main, lets=dict(where.lets), lists=dict(where.lists))
    parts += via(w, around, shape, out, stride)
    return [text(*parts)], out
