"""Vectors: flattened maps, linear layers, maps made of vectors; linear layers at positions."""

from __future__ import annotations

from tests.random_networks.shapes import Channels, Fixed, Shape
from tests.random_networks.texts import text
from tests.random_networks.writing.operators.convolutions import INITS
from tests.random_networks.writing.operators.sizes import each
from tests.random_networks.writing.places import Called, Made, Place, Writer


def flat(w: Writer, place: Place, shape: Shape) -> Made | None:
    if place.strict:
        return None
    w.spend()
    if shape.flat:
        return [text("flatten")], shape
    steps = shape.extents
    sizes = w.extents(place, shape)
    if len(steps) == 1 and isinstance(steps[0], Fixed):
        sizes = tuple(each(w, steps[0].size))
    if sizes is None:
        return [text("flatten")], Shape(Channels.of(f"?{w.left}"), (), flat=True)
    total = 1
    for n in sizes:
        total *= n
    return [text("flatten")], Shape(shape.channels.times(total), (), flat=True)


def linear(
    w: Writer, place: Place, shape: Shape, to: Channels | None = None, *, maps: bool = False
) -> Called | None:
    """Of a vector, or with `maps` at the positions of a map."""
    if not shape.flat and not maps:
        return None
    result = to or w.width(place)
    arguments = [w.channels(place, result)]
    if w.chance(0.3):
        arguments.append(
            w.pick(
                ["bias=false", "bias=true", "bias_init=0", f'init="{w.pick(INITS)}"']
                + [f"bias={flag}" for flag in place.flags]
            )
        )
    if not shape.flat or w.chance(0.1):
        arguments.append('at="positions"')
    w.spend()
    return f"linear({', '.join(arguments)})", shape.to(result) if maps else Shape(result, (), True)


def connected(w: Writer, place: Place, shape: Shape) -> Made | None:
    made = linear(w, place, shape)
    return None if made is None else ([text(made[0])], made[1])


def at_positions(w: Writer, place: Place, shape: Shape) -> Made | None:
    """Linear layers at the positions of a map: one, a group of them, or a run in a group."""
    if shape.flat:
        return None
    made = linear(w, place, shape, maps=True)
    if made is None or w.chance(0.4):
        return None if made is None else ([text(made[0])], made[1])
    again = linear(w, place, made[1], maps=True)
    if again is None:
        return None
    between = w.pick(["gelu", "act", "relu", "silu dropout(0)", "prelu", "layernorm", "softmax"])
    row = f"{made[0]} {between} {again[0]}"
    if w.chance(0.5):
        row = f"identity {w.pick(['', 'layernorm(eps=1e-6) '])}{row} identity"
    before, behind = w.pick(["", "", "relu "]), w.pick(["", "", " norm"])
    return [text(f"{{ {before}{row}{behind} }}")], again[1]


def unflattened(w: Writer, place: Place, shape: Shape) -> Made | None:
    """A map of a vector."""
    if not shape.flat or place.strict or shape.channels.unknown:
        return None
    w.spend()
    return [text(f"unflatten({w.rank})")], Shape(shape.channels, (Fixed(1),))
