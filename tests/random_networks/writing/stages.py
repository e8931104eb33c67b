"""Stages of a network: one, or several in a loop."""

from __future__ import annotations

from tests.random_networks.shapes import Ceil, Channels, Shape
from tests.random_networks.texts import text
from tests.random_networks.writing import calls, steps
from tests.random_networks.writing.operators import shape_preserving
from tests.random_networks.writing.places import IN, Made, Place, Writer


def stage(w: Writer, place: Place, shape: Shape) -> Made | None:
    """A stage of a network."""
    name = w.names.label(place.labels, string=w.chance(0.3))
    counts = [f" x {count}" for count in place.counts]
    count = w.pick(["", " x 1", " x 2", " x 3", " x 4", " x 0", *counts])
    if shape.flat:
        return [text(f"stage {name}: {shape_preserving.same(w, place, shape)}{count}")], shape
    kind = w.random.random()
    within = Place(**{f: getattr(place, f) for f in place.__slots__})
    if count:
        within.varying = [*place.varying, "index"]
    within.strict = True
    if kind < 0.3:
        inner = within.repeated() if count else within.group()
        made, found = steps.preserving(w, inner, shape, 3)
        return [text(f"stage {name}: ", made, count)], found
    own = [d for d in w.known(place, "block", tensors=True) if d.width]
    if own and w.chance(0.6):
        definition = w.pick(own)
        made = calls.own_call(
            w, within, shape, definition, shape.channels if w.chance(0.5) else None
        )
        factor = made[1].channels if made else None
        strided = definition.stride == "stride"
        if made is None or (count and factor is None):
            return None
        if count and made[1] != shape and calls.changes(w, place, made[1], definition):
            count = ""
    else:
        made = calls.library_call(w, within, shape, shape.channels if w.chance(0.4) else None)
        strided = True
    if made is None:
        return None
    call, out = made
    slash, own_slash = "", ""
    if strided and w.chance(0.6) and count != " x 0":
        stride = w.pick(["2", "2", "1", "where(true, 2, 1)"])
        step = 1 if stride == "1" else 2
        down = shape.to(out.channels).down(Ceil(step))
        if not w.fits(place, down.extents) or out.extents != shape.extents:
            return None
        slash = f" /{stride}"
        if own and any(d.name == call.split("(")[0] for d in own):
            definition = next(d for d in own if d.name == call.split("(")[0])
            if not calls.takes(w, definition, place, shape, step):
                return None
        # What fits with a stride of 1 only, like an identity, may not fit now.
        out = down
        if w.chance(0.4):
            slash, own_slash = "", slash
    if count == " x 0":
        return [text(f"stage {name}: {call} x 0")], shape
    w.spend(4)
    return [text(f"stage {name}{slash}: {call}{own_slash}{count}")], out


def stages(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`for i in … { stage layer[i + 1] /…: unit(… * 2 ** i) x … }`, as families have it."""
    if shape.flat or w.left < 6:
        return None
    own = [d for d in w.known(place, "block") if d.width and d.stride == "stride"]
    definition = w.pick(own) if own and w.chance(0.7) else None
    variable = w.names.local(place.bound, "i", "j")
    label = w.names.fresh("layer", "stage")
    if definition is None:
        call, optional = w.pick(["basic", "bottleneck"]), ""
        if call == "bottleneck" or w.chance(0.3):
            optional = ", shortcut=projection_always"
        width = ""
    else:
        call, _, rest = calls.arguments(w, place, definition).removesuffix(")").partition("(")
        optional = f", {rest}" if rest else ""
        width = f"{definition.width}="
    first, turns = w.pick([4, 8]), w.pick([2, 2, 3])
    expansion = 4 if call == "bottleneck" and definition is None else 1
    for turn in range(turns):
        step = 1 if turn == 0 else 2
        channels = Channels.of(first * 2**turn)
        if definition is None:
            found = shape.to(channels.times(expansion)).down(Ceil(step))
            if not w.fits(place, found.extents):
                return None
        else:
            if not calls.takes(w, definition, place, shape, step):
                return None
            values = {IN: shape.channels, definition.width: channels}
            found = calls.result(definition, shape, values, step)
            if not w.fits(place, found.extents) or calls.changes(w, place, found, definition):
                return None
        shape = found
        w.spend(5)
    depths = ", ".join(str(w.pick([1, 1, 2, 3])) for _ in range(turns))
    called = f"{call}({width}{first} * 2 ** {variable}{optional})"
    line = f"stage {label}[{variable} + 1] /where({variable} == 0, 1, 2): {called}"
    line += f" x [{depths}][{variable}]"
    return [text(f"for {variable} in range({turns}) ", [text(line)])], shape
