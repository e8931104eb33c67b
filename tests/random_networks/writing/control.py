"""`if` and `for`: what is written by condition, and turn by turn."""

from __future__ import annotations

from tests.random_networks.shapes import Channels, Shape
from tests.random_networks.texts import Part, text
from tests.random_networks.writing import calls, outputs
from tests.random_networks.writing.operators import shape_preserving
from tests.random_networks.writing.places import DEEPEST, IN, Made, Place, Writer
from tests.random_networks.writing.steps import preserving


def condition(w: Writer, place: Place) -> str:
    options = ["true", "false", "in.rank == 2", "in.channels > 3", "not (in.rank < 2)"]
    options += ["in.channels % 2 == 0 and true", "1 + 1 == 2 or 1 // 0 == 1"]
    options += place.conditions * 4
    if "index" in place.varying and not place.top:
        options += ["index == 0", "index == count - 1"]
    return w.pick(options)


def choice(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`if`: what is kept in a branch may not be there afterwards."""
    if place.depth >= DEEPEST:
        return None
    labels = set(place.labels)
    varying = [v for v in place.varying if v != "index" or not place.top]
    found = place.inner(labels=set(labels), kept=dict(place.kept), varying=varying)
    made, _ = preserving(w, found, shape, w.random.randint(0, 2))
    made += outputs.sometimes(w, found, shape)
    parts: list[Part] = [f"if {condition(w, place)} ", made]
    used = set(found.labels)
    while w.chance(0.4):
        other = place.inner(labels=set(labels), kept=dict(place.kept), varying=varying)
        more, _ = preserving(w, other, shape, w.random.randint(0, 2))
        used |= other.labels
        if w.chance(0.5):
            parts += [" else ", more]
            break
        parts += [f" else if {condition(w, place)} ", more]
    place.labels |= used
    return [text(*parts)], shape


def loop(w: Writer, place: Place, shape: Shape) -> Made | None:
    if place.depth >= DEEPEST or place.suffix or w.left < 4:
        return None
    before = w.left
    if w.chance(0.6):
        name = w.names.local(place.bound, "i", "j")
        inner = place.inner(suffix=name, labelled=place.labelled, kept=dict(place.kept))
        # It hides a number of channels that is called so.
        inner.names.pop(name, None)
        made, _ = preserving(w, inner, shape, w.random.randint(1, 3))
        made += outputs.sometimes(w, inner, shape) or outputs.of_turns(w, inner, made)
        count = w.pick(["range(2)", "range(3)", "range(0)", "[0, 1]", "range(1, 5, 2)"])
        if (w.chance(0.2) and not place.network) or w.chance(0.2):
            # With a digit behind it, it hides what is called so.
            kept = w.names.fresh()
            made.append(text(f"keep {kept}[{name}]"))
            if "0" in count or count in ("range(2)", "range(3)"):
                made.append(text(f"join here + {kept}[{name}]"))
        w.spend(before - w.left)
        return [text(f"for {name} in {count} ", made)], shape
    if shape.flat or place.any_rank:
        return None
    if w.chance(0.4):
        return _varied_loop(w, place, shape)
    first = w.names.local(place.bound, "c", "t")
    second = w.names.local(place.bound, "k", "n")
    rows = [(w.pick([4, 8, 3]), w.pick([1, 3])) for _ in range(w.random.randint(1, 3))]
    made = [text(f"conv({second}, {first})"), text(shape_preserving.same(w, place, shape.to(1)))]
    if "group" in str(made[1].parts[0]):
        made.pop()
    w.spend(2 * len(rows))
    listed = ", ".join(f"[{c}, {k}]" for c, k in rows)
    return [text(f"for {first}, {second} in [{listed}] ", made)], shape.to(rows[-1][0])


def _varied_loop(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`for`: a block called with other widths each time, or one block after another."""
    own = [d for d in w.known(place, "block") if d.width]
    if not own:
        return None
    definition = w.pick(own)
    variable = w.names.local(place.bound, "width", "w", "u")
    widths = [Channels.of(w.pick([4, 8, 12])) for _ in range(w.random.randint(2, 4))]
    optional = calls.arguments(w, place, definition)
    call, _, rest = optional.removesuffix(")").partition("(")
    if definition.name == variable:
        return None
    calls_made: list[str] = []
    for width in widths:
        if not calls.takes(w, definition, place, shape, 1):
            return None
        shape = calls.result(definition, shape, {IN: shape.channels, definition.width: width}, 1)
        given = [f"{definition.width}={width}", *([rest] if rest else [])]
        calls_made.append(f"{call}({', '.join(given)})")
        w.spend(4)
    if w.chance(0.4):
        return [text(f"for {variable} in [{', '.join(calls_made)}] ", [text(variable)])], shape
    given = [f"{definition.width}={variable}", *([rest] if rest else [])]
    step = text(f"{call}({', '.join(given)})")
    return [text(f"for {variable} in [{', '.join(map(str, widths))}] ", [step])], shape
