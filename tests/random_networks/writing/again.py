"""`reuse LABEL`: modules that are called once more."""

from __future__ import annotations

from dataclasses import replace

from tests.random_networks.shapes import Shape, then
from tests.random_networks.texts import text
from tests.random_networks.writing import calls, labels, modules, tensors
from tests.random_networks.writing.places import Made, Module, Place, Writer
from tests.random_networks.writing.steps import preserving


def reuse(w: Writer, place: Place, shape: Shape) -> Made | None:
    """A further call of a module of this body."""
    if place.chain:
        return None
    known = {
        label: (module, out)
        for label, module in place.modules.items()
        if (out := _result(w, place, module, shape)) is not None
    }
    if not known:
        return None
    label = w.pick(list(known))
    module, out = known[label]
    if place.strict and (out.extents, out.flat) != (shape.extents, shape.flat):
        return None
    count = w.pick(["", "", "", " x 1", " x 2", " x 3", " x 0"]) if out == shape else ""
    given = arguments(w, place, module, shape)
    if given is None:
        return None
    name = f"{w.names.label(set(place.labels), string=False)}_" if w.chance(0.2) else ""
    if name in place.labels or place.suffix:
        name = ""
    if name:
        place.labels.add(name)
    w.spend(3)
    written = f"{name + ': ' if name else ''}reuse {label}{given}{count}"
    if not module.results or module.before != shape or count or place.suffix or w.chance(0.3):
        return [text(written)], out
    names = [w.names.local(place.bound, "a", "b", "r", "t") for _ in module.results]
    place.kept.update(zip(names, module.results, strict=True))
    return [text(written), text(f"keep {', '.join(names)}")], out


def twice(w: Writer, place: Place, shape: Shape) -> Made | None:
    """A module that keeps the shape, other steps, and the module again."""
    if place.chain or not place.labelled or place.depth > 3 or w.left < 3:
        return None
    inner, _ = preserving(w, place.group(), shape, w.random.randint(1, 3))
    call = calls.kept_by_call(w, replace(place, computes=True), shape) if w.chance(0.6) else None
    first = text(labels.label(w, place), *([inner] if call is None else [call]))
    if w.chance(0.2) and call is None:
        first.parts.append(f" x {w.pick([1, 2, 3])}")
    modules.note(w, place, [first], shape, shape)
    between, _ = preserving(w, place.strictly().inner(), shape, w.random.randint(0, 2))
    alike = [name for name, known in place.tensors.items() if known == shape]
    if w.chance(0.4) and not place.any_rank:
        # Perhaps it is fed what it reads by name.
        between.append(text(f"join {w.pick(alike)}" if alike else "join here"))
    again = reuse(w, place, shape)
    if again is None or again[1] != shape:
        return [first, *between], shape
    return [first, *between, *again[0]], shape


def arguments(w: Writer, place: Place, module: Module, fed: Shape) -> str | None:
    """Its tensors, given anew: as many, of the same channels."""
    definition = module.definition
    if definition is None:
        return ""
    found: list[str] = []
    for parameter in definition.tensors:
        wanted = module.given.get(parameter.name, module.before.channels)
        for _ in range(8):
            value = tensors.argument(w, place, parameter, fed)
            if w.given[parameter.name] == wanted:
                break
        else:
            return None
        found.append(f"{parameter.name}={value}")
    w.random.shuffle(found)
    return f"({', '.join(found)})" if found else ""


def _result(w: Writer, place: Place, module: Module, shape: Shape) -> Shape | None:
    """What a module gives that is fed such a shape; None if it does not take it."""
    before, after = module.before, module.after
    if before == shape:
        return after
    if before.channels != shape.channels or before.flat != shape.flat or before.flat != after.flat:
        return None
    if before.channels.unknown or after.channels.unknown:
        return None
    if after.extents == before.extents:
        return replace(shape, channels=after.channels)
    if after.extents[: len(before.extents)] != before.extents:
        return None
    way = then(shape.extents, after.extents[len(before.extents) :])
    return Shape(after.channels, way) if w.fits(place, way) else None
