"""Steps one after the other, each of a kind that its place may have."""

from __future__ import annotations

from tests.random_networks.shapes import Channels, Number, Shape
from tests.random_networks.texts import Text, text
from tests.random_networks.writing import modules
from tests.random_networks.writing.labels import labelled, with_label
from tests.random_networks.writing.operators import convolutions, reaching, shape_preserving
from tests.random_networks.writing.places import Made, Place, Writer


def step(w: Writer, place: Place, shape: Shape) -> Made:
    choices = w.kinds(place, shape)
    if w.often:
        choices = [(6 * p if kind.__name__ in w.often else p, kind) for p, kind in choices]
    for _ in range(10):
        known = place.known()
        made = w.weighted(choices)(w, place, shape)
        if made is None or not _allowed(place, shape, made[1]):
            # What it bound is not there.
            place.forget(known)
            continue
        written = with_label(w, place, made[0])
        modules.note(w, place, written, shape, made[1])
        return written, made[1]
    return [text("identity")], shape


def _allowed(place: Place, before: Shape, after: Shape) -> bool:
    if place.strict and (after.extents != before.extents or after.flat != before.flat):
        return False
    return after.channels.number is None or after.channels.number <= 64


def steps(w: Writer, place: Place, shape: Shape, count: int) -> Made:
    """So many steps; with `place.strict` the extents stay."""
    made: list[Text] = []
    for _ in range(count):
        if w.left <= 0:
            break
        found = step(w, place, shape)
        made += found[0]
        shape = found[1]
    return made, shape


def body(
    w: Writer,
    place: Place,
    shape: Shape,
    count: int,
    *,
    to: Channels | None = None,
    stride: Number | str = 1,
) -> Made:
    """Steps with `to` channels and extents of `ceil(h / stride)` in the end."""
    made: list[Text] = []
    first = w.random.randint(0, count)
    found, now = steps(w, place, shape, first)
    made += found
    if stride != 1:
        call = reaching.strided(w, place, now, stride) or convolutions.conv(
            w, place, now, stride=stride
        )
        assert call is not None or now.flat
        if call is not None:
            made.append(labelled(w, place, call[0]))
            now = call[1]
    found, now = steps(w, place, now, count - first)
    made += found
    if to is not None and now.channels != to:
        last = reaching.reaching(w, place, now, to)
        if last is not None:
            made.append(labelled(w, place, last[0]))
            now = last[1]
        if w.chance(0.3):
            made.append(text(shape_preserving.same(w, place, now)))
    return made, now


def preserving(w: Writer, place: Place, shape: Shape, count: int) -> Made:
    """Steps that leave the shape as it was."""
    return body(w, place.strictly(), shape, count, to=shape.channels)
