"""Forks: sums and concatenations of branches, gates, replicated branches."""

from __future__ import annotations

from tests.random_networks.names import UNBINDABLE
from tests.random_networks.shapes import Ceil, Channels, Number, Shape, then
from tests.random_networks.texts import Text, text
from tests.random_networks.writing import calls, modules
from tests.random_networks.writing.joins import expression
from tests.random_networks.writing.labels import is_call
from tests.random_networks.writing.places import DEEPEST, Made, Place, Writer
from tests.random_networks.writing.steps import body, preserving


def fork(w: Writer, place: Place, shape: Shape) -> Made | None:
    if place.depth >= DEEPEST or w.left < 3:
        return None
    labels = set(place.labels)
    if place.suffix or (not place.labelled and w.chance(0.7)):
        # Labels would clash from turn to turn; a group has its own.
        where = place.group()
        made = _fork(w, where, shape)
        return None if made is None else ([text(made[0])], made[1])
    made = _fork(w, place, shape)
    if made is None:
        place.labels.intersection_update(labels)
    return made


def _fork(w: Writer, place: Place, shape: Shape) -> Made | None:
    kind = w.weighted([(3, _sum), (2, _concat), (1.5, _gate), (3.5, _replicated)])
    return kind(w, place, shape)


def _sum(w: Writer, place: Place, shape: Shape) -> Made | None:
    to, stride = _target(w, place, shape)
    if stride != 1 and not w.fits(place, then(shape.extents, (Ceil(stride),))):
        stride = 1
    made, names = [], []
    out = shape.to(to).down(Ceil(stride))
    for _ in range(w.random.randint(1, 3)):
        inner = _branch_place(place)
        inner.strict = True
        found, end = body(w, inner, shape, w.random.randint(0, 2), to=to, stride=stride)
        if end != out:
            return None
        if w.chance(0.05):
            found.append(text("keep shared_"))
        name, written = branch(w, place, found)
        modules.note(w, place, [written], shape, out)
        names.append(name)
        made.append(written)
    if len(names) > 1 and w.chance(0.1):
        names.pop(0)
    if out == shape and w.chance(0.3):
        names.append("here")
    known = {**place.kept, **place.lets}
    names += [n for n, s in known.items() if s == out and w.chance(0.1) and n not in names]
    return [text("fork ", made, f" join {expression(w, names, place)}")], out


def _concat(w: Writer, place: Place, shape: Shape) -> Made | None:
    if shape.flat and shape.channels.unknown:
        return None
    total = Channels(())
    made, names = [], []
    for _ in range(w.random.randint(1, 3)):
        inner = _branch_place(place)
        inner.strict = True
        found, end = body(w, inner, shape, w.random.randint(0, 2))
        if end.extents != shape.extents or end.flat != shape.flat:
            return None
        name, written = branch(w, place, found)
        names.append(name)
        made.append(written)
        total += end.channels
    if w.chance(0.3):
        names.append("here")
        total += shape.channels
    return [text("fork ", made, f" join concat({', '.join(names)})")], shape.to(total)


def _gate(w: Writer, place: Place, shape: Shape) -> Made | None:
    if shape.flat:
        return None
    inner = _branch_place(place)
    inner.strict = True
    found, _ = preserving(w, inner, shape, w.random.randint(0, 2))
    first, map_ = branch(w, place, found or [text("identity")])
    squeezed = w.pick(["4", "2", w.channels(place, shape.channels)])
    wide = w.pick(["1", w.channels(place, shape.channels)])
    gate = [
        text(w.pick(["global_avgpool", "global_maxpool", "adaptive_avgpool(1)"])),
        text(f"conv(1, {squeezed}, bias=true)"),
        text(w.pick(["relu", "act", "silu"])),
        text(f"conv(1, {wide})"),
        text(w.pick(["sigmoid", "hardsigmoid", "tanh", "relu"])),
    ]
    if w.chance(0.3):
        del gate[1:3]
    second, gated = branch(w, place, gate)
    w.spend(6)
    join = w.pick([f"{first} * {second}", f"{second} * {first}", f"{first} + {second}"])
    join = w.pick([join, join, f"here * {second} + {first}", f"{first} * (1 + {second})"])
    return [text("fork ", [map_, gated], f" join {join}")], shape


def _replicated(w: Writer, place: Place, shape: Shape) -> Made | None:
    to, _ = _target(w, place, shape)
    count = w.pick([1, 2, 2, 3, 4, 12])
    inner = _branch_place(place)
    inner.kept = dict(place.kept)
    inner.strict, inner.top = True, False
    inner.varying = [*place.varying, "index"]
    before = w.left
    found, end = body(w, inner, shape, w.random.randint(0, 2), to=to)
    w.spend((count - 1) * (before - w.left))
    out = shape.to(to)
    if end != out:
        return None
    how = w.pick(["sum", "sum", "mean", "shares", "shares", "concat"])
    if how == "concat" and to.unknown:
        how = "mean"
    if how == "concat" and w.chance(0.4) and not shape.flat and not place.any_rank:
        grow = w.pick([1, 4])
        found = [text(f"conv(1, 4 + {grow} * index)"), *([text("act")] if w.chance(0.5) else [])]
        out = shape.to(4 * count + grow * count * (count - 1) // 2)
        name, written = branch(w, place, found, f" x {count}")
        return [text("fork ", [written], f" join concat({name})")], out
    name, written = branch(w, place, found, f" x {count}")
    branches, joined = [written], f"{how}({name})"
    if how == "shares":
        joined = w.pick([f"sum({name} * softmax({name}))", f"max({name} - softmax({name}))"])
        joined = joined if count > 1 else f"sum({name} * softmax({name}))"
    if how == "concat":
        out = out.to(to.times(count))
    names = [joined]
    if w.chance(0.3) and how != "concat":
        again = _branch_place(place)
        again.strict = True
        more, end = body(w, again, shape, 1, to=to)
        if end == out:
            other, extra = branch(w, place, more)
            branches.append(extra)
            names.append(other)
    if out == shape and w.chance(0.2):
        names.append("here")
    return [text("fork ", branches, f" join {expression(w, names, place)}")], out


def branch(w: Writer, place: Place, made: list[Text], extra: str = "") -> tuple[str, Text]:
    """A branch, in braces or as the single call that it is."""
    name = w.names.label(place.labels, string=False)
    while not name.isidentifier() or name in UNBINDABLE or name in calls.SOFT:
        name = w.names.label(place.labels, string=False)
    single = len(made) == 1 and len(made[0].parts) == 1 and w.chance(0.7)
    unit = made[0].parts[0] if single else ""
    plain = isinstance(unit, str) and " /" not in unit.replace(" // ", "")
    own = isinstance(unit, str) and unit.split("(")[0]
    if extra and any(d.name == own and d.tensors for d in w.own):
        # What is computed in front of each of some copies is an error.
        plain = False
    if isinstance(unit, str) and unit.startswith("reuse ") and not extra and w.chance(0.7):
        return name, text(f"{name}: {unit}")
    if isinstance(unit, str) and plain and unit[:1].isalpha() and is_call(unit):
        return name, text(f"{name}: {unit}{extra}")
    return name, text(f"{name}: ", made, extra)


def _branch_place(place: Place) -> Place:
    return place.group(gives=False)


def _target(w: Writer, place: Place, shape: Shape) -> tuple[Channels, Number | str]:
    to = shape.channels if w.chance(0.5) or shape.flat or place.any_rank else w.width(place)
    stride: Number | str = 1
    if not shape.flat and not place.strict and not place.any_rank and w.chance(0.2):
        stride = 2
    return to, stride
