"""`let` for tensors and lists of them, what joins make of lists, extents like another tensor's."""

from __future__ import annotations

from tests.random_networks.shapes import Ceil, Channels, Shape, numbers, then
from tests.random_networks.texts import Text, text
from tests.random_networks.writing.operators import convolutions, shape_preserving
from tests.random_networks.writing.places import Made, Place, Writer


def let(w: Writer, place: Place, shape: Shape) -> Made | None:
    """A tensor."""
    if place.chain:
        return None
    name = w.names.local(place.bound, "prev", "p", "now")
    value = w.pick([*_alike(place, shape), "here", "here"])
    if w.chance(0.4):
        other = w.pick([*_alike(place, shape), "here"])
        value = w.pick([f"{value} + {other}", f"2 * {value}", f"{value} - {other}", f"1 - {value}"])
    place.lets[name] = shape
    return [text(f"let {name} = {value}")], shape


def listed(w: Writer, place: Place, shape: Shape) -> Made | None:
    """A list, or one more in one that there is; perhaps a list of what is made of its elements."""
    if place.chain:
        return None
    known = [name for name, (one, n) in place.lists.items() if one == shape and n < 6]
    if known and w.chance(0.5):
        old = w.pick(known)
        count = place.lists[old][1]
        # What is given cannot be made of itself where its length is up to the call.
        again = count >= 0 and w.chance(0.5)
        name = old if again else w.names.local(place.bound, "maps", "all_")
        kind = w.random.random()
        if kind < 0.6:
            value = w.pick([f"{old} + [here]", f"[here] + {old}"])
            count = count + 1 if count >= 0 else -1
        elif kind < 0.7:
            value = f"softmax({old})"
        else:
            value = w.pick([f"{old} * 2", f"{old} - here", f"{old} * {old}", f"1 - {old}"])
        if count < 0 and kind >= 0.6:
            return None
    else:
        name = w.names.local(place.bound, "maps", "kids", "all_")
        elements = [w.pick([*_alike(place, shape), "here"]) for _ in range(w.pick([0, 1, 2, 2, 3]))]
        value, count = f"[{', '.join(elements)}]", len(elements)
    place.lists[name] = shape, count
    return [text(f"let {name} = {value}")], shape


def of_list(w: Writer, place: Place, shape: Shape) -> Made | None:
    """What a join, a `for` or an `if` makes of a list."""
    known = [name for name, (one, n) in place.lists.items() if one == shape]
    if not known or place.chain:
        return None
    name = w.pick(known)
    count = place.lists[name][1]
    w.spend()
    if w.chance(0.3) and not shape.channels.unknown:
        order = w.pick([f"here, {name}", f"{name}, here"])
        if count >= 0:
            whole = shape.to(shape.channels.times(count + 1))
            return [text(f"join concat({order})")], whole
        if not place.any_rank and not shape.flat:
            narrow = text(f"conv(1, {shape.channels})")
            return [text(f"join concat({order})"), narrow], shape
    turn = w.names.local(place.bound, "m", "one_")
    forms = [
        f"for {turn} in {name} {{ join here + {turn} }}",
        f"join sum([here] + {name})",
        f"join max({name} + [here]) - here",
        f"join mean([here, here] + {name})",
        f"if len({name}) > 1 {{ join here * {name}[1] }}",
    ]
    if count > 0:
        forms += [
            f"join here + sum({name})",
            f"join sum({name} * softmax({name}))",
            f"join mean({name}) * max({name})" if count > 1 else f"join mean({name})",
            f"join {name}[{count - 1}] - here",
            f"join sum({name} - {name}[0]) + here",
            f"join {name}[0]",
            f"join sum({name} * {name}) - here",
            f"join sum(1 - {name})",
            f"join softmax({name})[0] * here",
        ]
    return [text(w.pick(forms))], shape


def dense(w: Writer, place: Place, shape: Shape) -> Made | None:
    """Each layer is fed all before it."""
    if place.chain or place.suffix or shape.flat or place.any_rank or shape.channels.unknown:
        return None
    maps = w.names.local(place.bound, "maps", "all_")
    turn = w.names.local(place.bound, "i", "j")
    count, grown = w.pick([1, 2, 3]), w.pick([1, 2, 4])
    name = f"{w.names.label(place.labels, string=False)}_"
    if not place.labelled or name in place.labels:
        label = ""
    else:
        place.labels.add(name)
        label = f"{name}[{turn}]: "
    w.spend(count + 1)
    steps = [
        text(f"join concat({maps})"),
        text(f"{label}conv({convolutions.kernel(w, place, [1, 3])}, {grown})"),
        text(f"let {maps} = {maps} + [here]"),
    ]
    made = [text(f"let {maps} = [here]"), text(f"for {turn} in range({count}) ", steps)]
    return [*made, text(f"join concat({maps})")], shape.to(
        shape.channels + Channels.of(grown * count)
    )


def like(w: Writer, place: Place, shape: Shape) -> Made | None:
    """The extents of a tensor of this network."""
    if not place.network or shape.flat or place.strict:
        return None
    known = {name: one for name, one in place.tensors.items() if not one.flat}
    if not known:
        return None
    name = w.pick(list(known))
    have, wanted = numbers(shape.extents, w.start), numbers(known[name].extents, w.start)
    if have is None or wanted is None:
        return None
    forms = [f"upsample(like={name})", f'upsample(like={name}, mode="linear")']
    if all(one <= other for one, other in zip(have, wanted, strict=True)):
        forms += [f"pad(like={name})"] * 2
    if all(one >= other for one, other in zip(have, wanted, strict=True)):
        forms += [f"crop(like={name})"] * 2
    w.spend()
    found = Shape(shape.channels, known[name].extents)
    return [text(w.pick(forms))], found


def hourglass(w: Writer, place: Place, shape: Shape) -> Made | None:
    """To smaller or larger extents, and back to what they were."""
    if place.chain or shape.flat or place.any_rank or shape.channels.unknown:
        return None
    kept = w.names.local(place.bound, "fine", "large", "skip")
    start = text(w.pick(["keep ", "let "]) + kept)
    if str(start.parts[0]).startswith("let "):
        start = text(f"let {kept} = here")
    channels = str(shape.channels)
    if w.chance(0.3):
        out = w.pick([text("pad(1, 2)"), text("upsample(2)"), text("pad(2, 1)")])
        back = w.pick([f"crop(like={kept})", f"upsample(like={kept})"])
    else:
        if not w.fits(place, then(shape.extents, (Ceil(2),))):
            return None
        out = w.pick([text(f"conv(3, {channels}, stride=2)"), text("maxpool(3, stride=2)")])
        back = w.pick([f"pad(like={kept})", f"upsample(like={kept})"])
        if "pad" not in back and w.chance(0.4):
            back = f'upsample(like={kept}, mode="linear")'
    within: list[Text] = [text(shape_preserving.same(w, place, shape))] if w.chance(0.5) else []
    if any("group" in str(step.parts[0]) for step in within):
        within = []
    w.spend(3)
    made = [start, out, *within, text(back)]
    if w.chance(0.5):
        made.append(text(f"join here {w.pick(['+', '-', '*'])} {kept}"))
    if str(start.parts[0]).startswith("keep") and not place.suffix:
        place.kept[kept] = shape
    return made, shape


def recurrence(w: Writer, place: Place, shape: Shape) -> Made | None:
    """Each turn reads what the one before it was fed, as cells do."""
    if place.chain or place.suffix or place.depth > 3:
        return None
    before = w.names.local(place.bound, "prev", "before")
    now = w.names.local(place.bound, "now", "current")
    turn = w.names.local(place.bound, "i", "j")
    steps = [text(f"let {now} = here"), text(shape_preserving.same(w, place, shape))]
    if not shape.flat and not place.any_rank and not shape.channels.unknown and w.chance(0.6):
        steps.append(text(f"conv({convolutions.kernel(w, place, [1, 3])}, {shape.channels})"))
    steps.append(text(f"join {w.pick(['here', now])} {w.pick(['+', '-', '*'])} {before}"))
    steps.append(text(f"let {before} = {now}"))
    w.spend(3)
    place.lets[before] = shape
    made = [text(f"let {before} = here"), text(f"for {turn} in range({w.pick([1, 2, 3])}) ", steps)]
    return made, shape


def _alike(place: Place, shape: Shape) -> list[str]:
    return [name for name, known in place.tensors.items() if known == shape]
