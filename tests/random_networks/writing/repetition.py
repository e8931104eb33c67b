"""Groups, and groups and calls that are repeated, whose copies keep the shape."""

from __future__ import annotations

from dataclasses import replace

from tests.random_networks.shapes import Shape
from tests.random_networks.texts import Text, text
from tests.random_networks.writing import calls, growth, outputs
from tests.random_networks.writing.labels import label
from tests.random_networks.writing.operators import shape_preserving
from tests.random_networks.writing.places import DEEPEST, Made, Place, Writer
from tests.random_networks.writing.steps import preserving, steps


def group(w: Writer, place: Place, shape: Shape) -> Made | None:
    if place.depth >= DEEPEST:
        return None
    inner = _inside(w, place)
    made, found = steps(w, inner, shape, w.random.randint(0, 4))
    made += outputs.sometimes(w, inner, found)
    return [text(label(w, place) if w.chance(0.5) else "", made)], found


def _inside(w: Writer, place: Place) -> Place:
    """A group in braces, numbered or named by words."""
    return place.group(labelled=w.chance(0.5))


def count_text(w: Writer, place: Place) -> str:
    options = ["1", "2", "2", "3", "3", "4", "0", "1 + 1", "len([1, 2])"]
    return w.pick(options + place.counts * 3)


def repeated_group(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`{ … } x n`: steps that keep the shape, or grow like a dense block."""
    if place.depth >= DEEPEST or w.left < 4:
        return None
    count = count_text(w, place)
    name = label(w, place) if w.chance(0.4) else ""
    within = place.repeated()
    within.labelled = w.chance(0.5)
    before = w.left
    if count.isdigit() and w.chance(0.15) and not shape.flat and int(count):
        return growth.dense(w, within, shape, name, int(count))
    if w.chance(0.2):
        inner, _ = preserving(w, within, shape, w.random.randint(1, 3))
        w.spend(before - w.left)
        return [text(f"{name}residual ", inner, f" x {count}")], shape
    alike = [kept for kept, known in place.kept.items() if known == shape]
    start: list[Text] = []
    if alike and w.chance(0.15):
        # Copies that are not fed each other's results, all or some.
        start = [text(f"join {w.pick(alike)}")]
        if w.chance(0.5):
            start = [text(f"if {w.pick(['index == 1', 'index % 2 == 0', 'count > 2'])} ", start)]
    made, _ = preserving(w, within, shape, w.random.randint(1, 4))
    made = [*start, *made]
    if w.chance(0.25):
        some, _ = preserving(w, within.inner(), shape, 1)
        others, _ = preserving(w, within.inner(labels=set(within.labels)), shape, 1)
        condition = w.pick(["index == 0", "index < count - 1", "index % 2 == 1", "count > 2"])
        made.append(text(f"if {condition} ", some, " else ", others))
    w.spend(2 * (before - w.left))
    return [text(name, made, f" x {count}")], shape


def repeated_call(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`call x n`, copies alike or not."""
    within = replace(place, varying=[*place.varying, "index"])
    name = label(w, place) if w.chance(0.4) else ""
    count = count_text(w, place)
    w.spend(2)
    if w.chance(0.4) or shape.flat:
        call = shape_preserving.same(w, within, shape)
        return [text(f"{name}{call} x {count}")], shape
    if w.chance(0.3) and not place.any_rank:
        if place.network and count.isdigit() and int(count):
            first = w.pick([4, 8])
            many = f"{first} + {w.pick([1, 4])} * index"
            n = first + int(many[4]) * 0 + int(many.split()[2]) * (int(count) - 1)
            return [text(f"{name}conv(3, {many}) x {count}")], shape.to(n)
        return None
    made = calls.kept_by_call(w, within, shape)
    if made is None:
        return None
    return [text(f"{name}{made} x {count}")], shape
