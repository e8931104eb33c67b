"""Shortcuts of residuals: the library's, own ones, and bodies in the place of one."""

from __future__ import annotations

from dataclasses import replace

from tests.random_networks.shapes import Number, Shape
from tests.random_networks.texts import Part, text
from tests.random_networks.writing import calls
from tests.random_networks.writing.control import condition
from tests.random_networks.writing.joins import expression
from tests.random_networks.writing.labels import label
from tests.random_networks.writing.operators import convolutions, reaching
from tests.random_networks.writing.places import DEEPEST, IN, OUT, Made, Place, Writer
from tests.random_networks.writing.steps import preserving, steps


def via(w: Writer, place: Place, shape: Shape, out: Shape, stride: Number | str) -> list[Part]:
    """A shortcut from a shape to the shape of main's result."""
    same = shape == out and stride == 1
    options: list[tuple[float, str]] = [(1, "none"), (0.4, "when_same")]
    if same:
        options += [(5, ""), (1, "identity")]
    if not shape.flat:
        options += [(2, "projection"), (1, "projection_always"), (1, "conv_projection")]
        options += [(1, "avg_projection"), (0.5, "conv_projection(k=1)")]
        wide, narrow = out.channels.number, shape.channels.number
        more = shape.channels == out.channels or (
            wide is not None and narrow is not None and wide >= narrow
        )
        if more:
            options += [(1, "zero_pad"), (0.5, 'zero_pad("split")'), (1, "max_pool_pad")]
        options += [(2, name) for name in place.modes]
        own = w.known(place, "shortcut", tensors=True)
        own = [d for d in own if calls.serves(w, d, place, shape)]
        options += [(3, calls.arguments(w, place, d, fed=shape)) for d in own]
    elif same:
        own = [d for d in w.known(place, "shortcut", tensors=True) if d.any_rank]
        options += [(3, calls.arguments(w, place, d, fed=shape)) for d in own]
    name = label(w, place) if place.labelled and w.chance(0.4) else ""
    if w.chance(0.3) and place.depth < DEEPEST:
        return _in_place(w, place, shape, out, stride, name)
    if w.chance(0.1) and not shape.flat:
        call = convolutions.conv(w, replace(place, strict=True), shape, out.channels, stride)
        if call is not None:
            return [f" via {name}{call[0]}"]
    mode = w.weighted(options)
    if mode and w.chance(0.12):
        # Each of them serves.
        other = w.pick([found for _, found in options if found])
        mode = f"where({condition(w, place)}, {mode}, {other})"
    return [f" via {name}{mode}" if mode else ""]


def _in_place(
    w: Writer, place: Place, shape: Shape, out: Shape, stride: Number | str, name: str
) -> list[Part]:
    inner = place.group(labelled=w.chance(0.4), strict=True, serving=True, gives=False)
    inner.kept = {**place.kept, "main": out}
    if not out.flat:
        inner.divisors = {**place.divisors, OUT: out.channels.divisor(place.divisors)}
    made, _ = serving(w, inner, shape, out, stride)
    return [f" via {name}", made]


def serving(w: Writer, place: Place, shape: Shape, out: Shape, stride: Number | str) -> Made:
    """The steps of a shortcut."""
    kind = w.random.random()
    own = [d for d in w.known(place, "shortcut") if calls.serves(w, d, place, shape)]
    if own and not shape.flat and w.chance(0.15):
        # It serves the same residual.
        w.spend(3)
        return [text(calls.arguments(w, place, w.pick(own)))], out
    if kind < 0.1:
        return [text("join main")], out
    if kind < 0.14 and shape == out:
        # Main is read, and that is left out.
        return [text(f"join {w.pick(['main', 'main * 2', 'main + here'])}"), text("join in")], out
    if kind < 0.2:
        made, now = steps(w, place, out, 2)
        made = [text("join main"), *made]
        last = reaching.reaching(w, place, now, out.channels)
        if now != out and last is not None:
            made.append(text(last[0]))
        return made, out
    if kind < 0.4 and not shape.flat:
        gate = f"conv(1, {OUT}, stride=stride, bias=true)"
        first, second = w.pick(["gate", "g"]), w.pick(["kept", "k"])
        if w.chance(0.5):
            branches = [
                text(f"{first}: ", [text(gate), text("sigmoid")]),
                text(f"{second}: projection_always"),
            ]
            join = w.pick(
                [f"main * {first} + {second} * (1 - {first})", f"main + {second} * {first}"]
            )
            place.labels |= {first, second}
            w.spend(3)
            return [text("fork ", branches, f" join {join}")], out
        w.spend(2)
        return [text(gate), text("sigmoid"), text("join main * here")], out
    same = shape == out
    if kind < 0.5 and not shape.flat:
        inner = [text(f"conv({convolutions.kernel(w, place, [1, 3])}, {OUT}, stride=stride)")]
        inner.append(text("norm"))
        if w.chance(0.3):
            inner = [text(w.pick(["projection", "projection_always"]))]
        condition = f"{IN} != {OUT} or stride != 1"
        if not place.definition or place.definition.kind == "shortcut" or place.serving:
            condition = condition if shape.channels == place.entry.channels else "true"
        w.spend(2)
        orelse: list[Part] = []
        if w.chance(0.4):
            some, _ = preserving(w, place.inner(labels=set(place.labels)), out, 1)
            orelse = [" else ", [text("join main"), *some]]
            return [text(f"if {condition} ", [*inner, text("join main - here")], *orelse)], out
        if same or condition != "true":
            return [text(f"if {condition} ", inner)], out
        return inner, out
    made, now = steps(w, place, shape, w.random.randint(0, 2))
    if now.flat:
        return ([*made, text("join main")], out) if now != out else (made, out)
    if not same or w.chance(0.5):
        made.append(text(f"conv({convolutions.kernel(w, place, [1, 3])}, {OUT}, stride=stride)"))
        w.spend()
    elif now != shape:
        made.append(text(f"conv(1, {OUT})"))
    some, _ = preserving(w, place, out, w.random.randint(0, 2))
    made += some
    if w.chance(0.2):
        made.append(text(f"join {expression(w, ['here', 'main'], place)}"))
    return made, out
