"""`keep` and `join`: tensors that come back, and expressions over them."""

from __future__ import annotations

from tests.random_networks.shapes import Shape, is_one
from tests.random_networks.texts import text
from tests.random_networks.writing.places import Made, Place, Writer
from tests.random_networks.writing.steps import steps


def expression(w: Writer, names: list[str], place: Place) -> str:
    """Over tensors of one shape, all of them in it."""
    rest = list(names)
    w.random.shuffle(rest)
    made = rest.pop()
    while rest:
        other = rest.pop()
        if w.chance(0.2):
            made = f"max({made}, {other})"
        else:
            sign = w.pick(["+", "+", "+", "-", "*"])
            made = f"{made} {sign} {other}" if sign == "+" else f"({made}) {sign} {other}"
    extra = w.random.random()
    if extra < 0.1:
        made = f"{w.pick(['2', '0.5', '-1'])} * ({made})"
    elif extra < 0.2:
        made = f"{made} {w.pick(['+', '-', '*'])} {w.pick(['1', '0.5', '2'])}"
    elif extra < 0.25:
        made = f"1 - ({made})"
    elif extra < 0.3:
        made = f"-({made})"
    elif extra < 0.33:
        made = f"where({w.pick(['true', 'false', '1 < 2'])}, {made}, {names[0]})"
    elif extra < 0.36:
        made = f"max({made}, 0)"
    if place.factors and w.chance(0.5):
        factor = w.pick(place.factors)
        factor = factor if factor.isidentifier() else f"({factor})"
        made = w.pick([f"({made}) * {factor}", f"{factor} - ({made})", f"{made} + 2 * {factor}"])
    return made


def keep(w: Writer, place: Place, shape: Shape) -> Made | None:
    if place.suffix:
        return None
    name = w.names.local(place.bound, "a", "b", "pre", "skip", "s")
    place.kept[name] = shape
    return [text(f"keep {name}")], shape


def join(w: Writer, place: Place, shape: Shape) -> Made | None:
    """Kept tensors come back, alone or with others."""
    known = place.tensors
    alike = [name for name, kept in known.items() if kept == shape]
    w.spend()
    if alike and w.chance(0.6):
        names = w.random.sample(alike, w.random.randint(1, min(3, len(alike))))
        return [text(f"join {expression(w, [*names, 'here'], place)}")], shape
    beside = [
        name
        for name, kept in known.items()
        if kept.extents == shape.extents and kept.flat == shape.flat and not kept.channels.unknown
    ]
    if beside and w.chance(0.4) and not shape.channels.unknown:
        name = w.pick(beside)
        return [text(f"join concat({name}, here)")], shape.to(shape.channels + known[name].channels)
    small = [
        n for n, kept in known.items() if is_one(kept.extents) and kept.channels == shape.channels
    ]
    if small and w.chance(0.5) and not shape.flat:
        return [text(f"join here {w.pick(['+', '*', '-'])} {w.pick(small)}")], shape
    if place.strict:
        # Only what has the same extents.
        back = [n for n in beside if known[n].extents == shape.extents]
    else:
        back = [n for n in known if not (place.any_rank and known[n].flat != shape.flat)]
    if not back or w.chance(0.4):
        return None
    name = w.pick(back)
    return [text(f"join {name}")], known[name]


def unread(w: Writer, place: Place, shape: Shape) -> Made | None:
    """Steps, and the tensor before them again: nothing reads what they make."""
    if place.suffix or w.left < 3:
        return None
    name = w.names.local(place.bound, "a", "b", "pre")
    made, now = steps(w, place.inner(labels=place.labels), shape, w.random.randint(1, 3))
    if w.chance(0.3):
        # Of a group, whose own result is left out.
        made.append(text(f"keep {name}"))
        more, _ = steps(w, place.inner(labels=set(place.labels)), now, w.random.randint(1, 2))
        if w.chance(0.5):
            return [text([*made, *more]), text(f"join {name}")], now
        return [*made, text(more), text(f"join {name}")], now
    return [text(f"keep {name}"), *made, text(f"join {name}")], shape
