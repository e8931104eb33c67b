"""`call /s x n`: the first copy has the stride, the others have 1."""

from __future__ import annotations

from dataclasses import replace

from tests.random_networks.shapes import Ceil, Number, Shape
from tests.random_networks.texts import text
from tests.random_networks.writing import calls
from tests.random_networks.writing.places import Definition, Made, Place, Writer

# With a window of three they keep the extents but for the stride, the pool too.
_OPERATORS = ("conv(3, {})", "depthwise(3)", "maxpool(3)", "conv(k=1, channels={})")
# As the mode of a shortcut they fit at a stride of 1 only.
_RIGID = ("shortcut=identity", "shortcut=relu")


def call(w: Writer, place: Place, shape: Shape) -> Made | None:
    """A call with a stride behind it, of an own block, one of the library's or an operator."""
    if shape.flat or place.any_rank or place.strict or place.chain:
        return None
    count = w.pick(["", "", " x 1", " x 2", " x 3", " x (1 + 1)"])
    if w.chance(0.25):
        width = w.width(place)
        written = w.pick(_OPERATORS)
        if count and written == "maxpool(3)":
            count = ""
        found = shape if "{" not in written else shape.to(width)
        slash = _slash(w, place, found, None)
        if slash is None:
            return None
        w.spend(2)
        return [text(written.format(w.channels(place, width)) + slash[0] + count)], slash[1]
    within = replace(place, strict=True, varying=[*place.varying, "index"] if count else [])
    own = [d for d in w.known(place, "block") if d.stride == "stride" and d.width]
    definition = w.pick(own) if own and w.chance(0.7) else None
    if definition is not None:
        made = calls.own_call(w, within, shape, definition)
    else:
        made = calls.library_call(w, within, shape)
    if made is None or made[1].extents != shape.extents or any(r in made[0] for r in _RIGID):
        return None
    slash = behind(w, place, shape, made[1], definition)
    if slash is None:
        return None
    if calls.changes(w, place, slash[1], definition):
        count = ""
    w.spend(4)
    return [text(f"{made[0]}{slash[0]}{count}")], slash[1]


def behind(
    w: Writer, place: Place, shape: Shape, out: Shape, definition: Definition | None
) -> tuple[str, Shape] | None:
    """` /s` for a call that gives `out` without it, and what it gives so."""
    slash = _slash(w, place, out, definition)
    if slash is None or definition is None:
        return slash
    steps = [1, 2] if slash[1].extents != out.extents else [1]
    if not all(calls.takes(w, definition, place, shape, step) for step in steps):
        return None
    return slash


def _slash(
    w: Writer, place: Place, out: Shape, definition: Definition | None
) -> tuple[str, Shape] | None:
    stride, step = w.pick(_STRIDES)
    if definition is None and w.rank == 2 and w.chance(0.3):
        stride, step = "1x2", (1, 2)
    down = out.down(Ceil(step))
    return (f" /{stride}", down) if w.fits(place, down.extents) else None


_STRIDES: list[tuple[str, Number]] = [
    ("2", 2),
    ("2", 2),
    ("1", 1),
    ("where(true, 2, 1)", 2),
    ("1 + 1", 2),
]
