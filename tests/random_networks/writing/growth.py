"""Repetition in which each copy is fed other channels than the one before it."""

from __future__ import annotations

from math import gcd

from tests.random_networks.shapes import Channels, Shape
from tests.random_networks.texts import text
from tests.random_networks.writing import calls
from tests.random_networks.writing.labels import label
from tests.random_networks.writing.places import DEEPEST, Made, Place, Writer
from tests.random_networks.writing.residuals import residual_to
from tests.random_networks.writing.steps import body


def growing(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`{ … } x n` or `residual { … } via … x n`: the first copy is fed other channels.

    So copies of one text differ in numbers which no argument of anything gives.
    """
    if place.depth >= DEEPEST or w.left < 4 or shape.flat or place.any_rank:
        return None
    if shape.channels.unknown:
        return None
    to = w.width(place)
    count = w.pick(["2", "2", "3", "4", "1"])
    name = label(w, place) if w.chance(0.3) else ""
    own = w.names.local(place.bound, "c", "before", "n")
    within = place.repeated()
    within.labelled, within.strict = w.chance(0.4), True
    whole = gcd(shape.channels.divisor(place.divisors), to.divisor(place.divisors))
    within.divisors = {**place.divisors, own: whole}
    entry = Shape(Channels.of(own), shape.extents)
    within.names[own] = entry.channels
    before = w.left
    let = text(f"let {own} = here.channels")
    kind = w.random.random()
    if kind < 0.3:
        found, out = _growing_body(w, within, entry, to)
        made = [text(name, [let, *found], f" x {count}")]
    elif kind < 0.6:
        residue = residual_to(w, within, entry, to, 1)
        if residue is None:
            return None
        found, out = residue
        made = [text(name, [let, *found], f" x {count}")]
    else:
        found, out = _growing_body(w, within, entry, to)
        # In a shortcut in place the `let` would be unknown.
        mode = w.pick(["projection", "projection", "projection_always", "none", *place.modes])
        made = [text(f"{name}residual ", [let, *found], f" via {mode} x {count}")]
    if out.extents != shape.extents or out.channels != to:
        return None
    w.spend(before - w.left)
    return made, out


def _growing_body(w: Writer, place: Place, shape: Shape, to: Channels) -> Made:
    some = calls.varied(w, place, shape) if w.chance(0.6) else None
    made, now = some or ([], shape)
    more, out = body(w, place, now, w.random.randint(0, 3), to=to)
    return [*made, *more], out


def growing_call(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`call x n`, whose first copy is fed other channels than those that follow."""
    if shape.flat or place.any_rank or shape.channels.unknown:
        return None
    made = calls.block_call(w, place.strictly(), shape, to=calls.width_argument(w, place))
    if made is None or made[1].extents != shape.extents:
        return None
    definition = next((d for d in w.own if d.name == made[0].split("(")[0]), None)
    if calls.changes(w, place, made[1], definition):
        return None
    name = label(w, place) if w.chance(0.4) else ""
    w.spend(4)
    return [text(f"{name}{made[0]} x {w.pick(['2', '2', '3', '1 + 1'])}")], made[1]


def dense_call(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`layer x n`, each with a few channels more."""
    own = [d for d in w.known(place, "block") if d.grows]
    if shape.flat or not own:
        return None
    definition, count = w.pick(own), w.pick([2, 4, 4, 5])
    if not calls.takes(w, definition, place, shape, 1) or definition.divides != 1:
        return None
    w.spend(2 * count)
    call = f"{calls.arguments(w, place, definition, fed=shape)} x {count}"
    name = label(w, place) if w.chance(0.4) else ""
    more = Channels.of(definition.grows * count)
    return [text(f"{name}{call}")], shape.to(shape.channels + more)


def dense(w: Writer, within: Place, shape: Shape, name: str, count: int) -> Made:
    grown = Channels.of(w.pick([1, 2, 4]))
    kept = w.names.local(within.bound)
    made, _ = body(w, within.strictly(), shape, 0, to=grown)
    if shape.channels == grown:
        made = [text(f"conv(3, {grown})")]
    if any("groups" in str(part) for step in made for part in step.parts):
        made = [text(f"conv(3, {grown})")]
    w.spend(count * len(made))
    steps = [text(f"keep {kept}"), *made, text(f"join concat({kept}, here)")]
    return [text(name, steps, f" x {count}")], shape.to(shape.channels + grown.times(count))
