"""Groups, residuals, forks, kept tensors, control: what is made of other steps."""

from __future__ import annotations

import re
from dataclasses import replace
from math import gcd

from tests.random_networks.names import UNBINDABLE
from tests.random_networks.shapes import Ceil, Channels, Number, Shape, is_one, then
from tests.random_networks.texts import Part, Text, render, text
from tests.random_networks.writing import again, calls, operators, outputs, strides, values
from tests.random_networks.writing.places import IN, OUT, Made, Place, Writer, Writing

DEEPEST = 5


# --- bodies --------------------------------------------------------------------------------------


def steps(w: Writer, place: Place, shape: Shape, count: int) -> Made:
    """So many steps; with `place.strict` the extents stay."""
    made: list[Text] = []
    for _ in range(count):
        if w.left <= 0:
            break
        found = step(w, place, shape)
        made += found[0]
        shape = found[1]
    return made, shape


def body(
    w: Writer,
    place: Place,
    shape: Shape,
    count: int,
    *,
    to: Channels | None = None,
    stride: Number | str = 1,
) -> Made:
    """Steps with `to` channels and extents of `ceil(h / stride)` in the end."""
    made: list[Text] = []
    first = w.random.randint(0, count)
    found, now = steps(w, place, shape, first)
    made += found
    if stride != 1:
        call = operators.strided(w, place, now, stride) or operators.conv(
            w, place, now, stride=stride
        )
        assert call is not None or now.flat
        if call is not None:
            made.append(labelled(w, place, call[0]))
            now = call[1]
    found, now = steps(w, place, now, count - first)
    made += found
    if to is not None and now.channels != to:
        last = operators.reaching(w, place, now, to)
        if last is not None:
            made.append(labelled(w, place, last[0]))
            now = last[1]
        if w.chance(0.3):
            made.append(text(operators.same(w, place, now)))
    return made, now


def reading(w: Writer, place: Place, shape: Shape, made: list[Text]) -> None:
    """Steps at the end of a body for parameters that nothing in it reads; they keep the shape."""
    written = set(re.findall(r"\w+", render(made)))
    channels = str(shape.channels)
    fours = shape.channels.divisor(place.divisors) % 4 == 0
    maps = not shape.flat and not place.any_rank
    steps: list[str] = []
    for name in sorted(place.bound - written):
        if name in place.factors:
            steps.append(w.pick([f"scale({name})", f"join here * {name}", f"join here - {name}"]))
        if name in place.rates:
            steps.append(w.pick([f"dropout({name})", f"drop_path({name})"]))
        if name in place.tails:
            steps.append(name)
        if maps and name in place.kernels:
            steps.append(f"conv({name}, {channels})")
        if maps and name in place.groups and fours:
            steps.append(f"conv(1, {channels}, groups={name})")
        if maps and name in place.makers:
            steps.append(f"{name}(channels={channels})")
        if maps and name in place.units and fours:
            steps.append(f"{name}({channels})")
        if maps and name in place.names:
            steps += [f"conv(1, {name})", f"conv(3, {channels})"]
        if maps and name in place.modes:
            made.append(text("residual ", [text("act")], f" via {name}"))
        if name in place.counts:
            made.append(text("act x " + name))
    made += map(text, steps)


def preserving(w: Writer, place: Place, shape: Shape, count: int) -> Made:
    """Steps that leave the shape as it was."""
    return body(w, operators.strictly(place), shape, count, to=shape.channels)


def label(w: Writer, place: Place) -> str:
    """`name: `, or nothing."""
    if not place.labelled:
        return ""
    if place.suffix:
        if w.chance(0.3):
            # `"convs."[i]`: no label elsewhere in the body leads there.
            begin = f"{w.names.container(place.labels, new=True)}.{w.pick(['', '', 'b', 'b-'])}"
            place.labels |= {begin, *(f"{begin}{n}" for n in range(5))}
            return f'"{begin}"[{place.suffix}]: '
        name = w.names.label(place.labels, string=False) + "_"
        while name in place.labels:
            name += "_"
        place.labels.add(name)
        return f"{name}[{place.suffix}]: "
    return w.names.label(place.labels) + ": "


def labelled(w: Writer, place: Place, call: str, p: float = 0.35) -> Text:
    return text((label(w, place) if w.chance(p) else "") + call)


def inside(w: Writer, place: Place) -> Place:
    """A group in braces, numbered or named by words."""
    return place.group(labelled=w.chance(0.5))


def growing(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`{ … } x n` or `residual { … } via … x n`: the first copy is fed other channels.

    So copies of one text differ in numbers which no argument of anything gives.
    """
    if place.depth >= DEEPEST or w.left < 4 or shape.flat or place.any_rank:
        return None
    if operators._unknown(shape):
        return None
    to = w.width(place)
    count = w.pick(["2", "2", "3", "4", "1"])
    name = label(w, place) if w.chance(0.3) else ""
    own = w.names.local(place.bound, "c", "before", "n")
    within = place.repeated()
    within.labelled, within.strict = w.chance(0.4), True
    whole = gcd(shape.channels.divisor(place.divisors), to.divisor(place.divisors))
    within.divisors = {**place.divisors, own: whole}
    entry = Shape(Channels.of(own), shape.extents)
    within.names[own] = entry.channels
    before = w.left
    let = text(f"let {own} = here.channels")
    kind = w.random.random()
    if kind < 0.3:
        found, out = _growing_body(w, within, entry, to)
        made = [text(name, [let, *found], f" x {count}")]
    elif kind < 0.6:
        residue = residual_to(w, within, entry, to, 1)
        if residue is None:
            return None
        found, out = residue
        made = [text(name, [let, *found], f" x {count}")]
    else:
        found, out = _growing_body(w, within, entry, to)
        # In a shortcut in place the `let` would be unknown.
        mode = w.pick(["projection", "projection", "projection_always", "none", *place.modes])
        made = [text(f"{name}residual ", [let, *found], f" via {mode} x {count}")]
    if out.extents != shape.extents or out.channels != to:
        return None
    w.spend(before - w.left)
    return made, out


# --- groups and repetition -----------------------------------------------------------------------


def group(w: Writer, place: Place, shape: Shape) -> Made | None:
    if place.depth >= DEEPEST:
        return None
    inner = inside(w, place)
    made, found = steps(w, inner, shape, w.random.randint(0, 4))
    made += outputs.sometimes(w, inner, found)
    return [text(label(w, place) if w.chance(0.5) else "", made)], found


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
        return _dense(w, within, shape, name, int(count))
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


def _dense(w: Writer, within: Place, shape: Shape, name: str, count: int) -> Made:
    grown = Channels.of(w.pick([1, 2, 4]))
    kept = w.names.local(within.bound)
    made, _ = body(w, operators.strictly(within), shape, 0, to=grown)
    if shape.channels == grown:
        made = [text(f"conv(3, {grown})")]
    if any("groups" in str(part) for step in made for part in step.parts):
        made = [text(f"conv(3, {grown})")]
    w.spend(count * len(made))
    steps = [text(f"keep {kept}"), *made, text(f"join concat({kept}, here)")]
    return [text(name, steps, f" x {count}")], shape.to(shape.channels + grown.times(count))


def repeated_call(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`call x n`, copies alike or not."""
    within = replace(place, varying=[*place.varying, "index"])
    name = label(w, place) if w.chance(0.4) else ""
    count = count_text(w, place)
    w.spend(2)
    if w.chance(0.4) or shape.flat:
        call = operators.same(w, within, shape)
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


def growing_call(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`call x n`, whose first copy is fed other channels than those that follow."""
    if shape.flat or place.any_rank or operators._unknown(shape):
        return None
    made = calls.block_call(w, operators.strictly(place), shape, to=calls.width_argument(w, place))
    if made is None or made[1].extents != shape.extents:
        return None
    definition = next((d for d in w.own if d.name == made[0].split("(")[0]), None)
    if calls.changes(w, place, made[1], definition):
        return None
    name = label(w, place) if w.chance(0.4) else ""
    w.spend(4)
    return [text(f"{name}{made[0]} x {w.pick(['2', '2', '3', '1 + 1'])}")], made[1]


def dense_call(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`layer x n`, each with a few channels more."""
    own = [d for d in w.known(place, "block") if d.grows]
    if shape.flat or not own:
        return None
    definition, count = w.pick(own), w.pick([2, 4, 4, 5])
    if not calls.takes(w, definition, place, shape, 1) or definition.divides != 1:
        return None
    w.spend(2 * count)
    call = f"{calls.arguments(w, place, definition, fed=shape)} x {count}"
    name = label(w, place) if w.chance(0.4) else ""
    more = Channels.of(definition.grows * count)
    return [text(f"{name}{call}")], shape.to(shape.channels + more)


def _growing_body(w: Writer, place: Place, shape: Shape, to: Channels) -> Made:
    some = calls.varied(w, place, shape) if w.chance(0.6) else None
    made, now = some or ([], shape)
    more, out = body(w, place, now, w.random.randint(0, 3), to=to)
    return [*made, *more], out


# --- residuals -----------------------------------------------------------------------------------


def residual(w: Writer, place: Place, shape: Shape) -> Made | None:
    stride: Number | str = 1
    to = None
    if not shape.flat and not place.any_rank:
        if not place.strict and w.chance(0.3):
            stride = 2 if w.chance(0.8) else w.pick([2, (2,) + (1,) * (w.rank - 1), 1])
        if w.chance(0.4):
            to = w.width(place)
    return residual_to(w, place, shape, to, stride)


def residual_to(
    w: Writer, place: Place, shape: Shape, to: Channels | None, stride: Number | str
) -> Made | None:
    if place.depth >= DEEPEST or w.left < 2:
        return None
    if isinstance(stride, tuple) and len(set(stride)) == 1:
        stride = stride[0]
    if stride != 1 and not w.fits(place, then(shape.extents, (Ceil(stride),))):
        return None
    wrapped = w.chance(0.15)
    where = place.group() if wrapped else place.inner()
    main = where.inner(labels=where.labels, strict=True, gives=False)
    made, out = body(w, main, shape, w.random.randint(1, 5), to=to or shape.channels, stride=stride)
    wanted = shape.to(to or shape.channels).down(Ceil(stride))
    if out != wanted:
        made.append(text("keep odd"))
        return [text("residual ", made, " via none")], out
    parts: list[Part] = [label(w, place) if wrapped else "", "residual ", made]
    # A shortcut sees what main has kept, and none of its `let`s.
    around = replace(main, lets=dict(where.lets), lists=dict(where.lists))
    parts += via(w, around, shape, out, stride)
    return [text(*parts)], out


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
        call = operators.conv(w, replace(place, strict=True), shape, out.channels, stride)
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
        last = operators.reaching(w, place, now, out.channels)
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
        inner = [text(f"conv({operators.kernel(w, place, [1, 3])}, {OUT}, stride=stride)")]
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
        made.append(text(f"conv({operators.kernel(w, place, [1, 3])}, {OUT}, stride=stride)"))
        w.spend()
    elif now != shape:
        made.append(text(f"conv(1, {OUT})"))
    some, _ = preserving(w, place, out, w.random.randint(0, 2))
    made += some
    if w.chance(0.2):
        made.append(text(f"join {expression(w, ['here', 'main'], place)}"))
    return made, out


# --- forks and joins -----------------------------------------------------------------------------


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
    if isinstance(unit, str) and plain and unit[:1].isalpha() and _is_call(unit):
        return name, text(f"{name}: {unit}{extra}")
    return name, text(f"{name}: ", made, extra)


def _is_call(unit: str) -> bool:
    word = unit.split("(")[0]
    taken = word in ("keep", "join", "let", "set", "residual", "fork") or " x " in unit
    return word.isidentifier() and not taken


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


def _branch_place(place: Place) -> Place:
    return place.group(gives=False)


def _target(w: Writer, place: Place, shape: Shape) -> tuple[Channels, Number | str]:
    to = shape.channels if w.chance(0.5) or shape.flat or place.any_rank else w.width(place)
    stride: Number | str = 1
    if not shape.flat and not place.strict and not place.any_rank and w.chance(0.2):
        stride = 2
    return to, stride


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
        again.note(w, place, [written], shape, out)
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
    if shape.flat and any(t.startswith("?") for t, _ in shape.channels.terms):
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
    if how == "concat" and any(t.startswith("?") for t, _ in to.terms):
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


def held(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`param name: …`, a tensor of the body's own."""
    if not place.labelled or place.chain or operators._unknown(shape):
        return None
    if place.suffix:
        name = f"{w.names.label(place.labels, string=False)}_"
        if name in place.labels:
            return None
        place.labels.add(name)
        name += f"[{place.suffix}]"
    else:
        name = w.names.label(place.labels, dots=False)
    start = operators.factor(w, place)
    shaped = w.pick(['per="tensor"', 'shape="map"', 'per="tensor", shape="map"'])
    options = ["prelu", "layer_scale", f"layer_scale({start})", f"layer_scale({start}, {shaped})"]
    options += ["layer_shift", f"layer_shift({start})", f"layer_shift({start}, {shaped})"]
    w.spend()
    return [text(f"param {name}: {w.pick(options)}")], shape


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
        if kept.extents == shape.extents
        and kept.flat == shape.flat
        and not operators._unknown(kept)
    ]
    if beside and w.chance(0.4) and not operators._unknown(shape):
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


# --- control -------------------------------------------------------------------------------------


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
    parts: list[Part] = []
    labels = set(place.labels)
    varying = [v for v in place.varying if v != "index" or not place.top]
    found = place.inner(labels=set(labels), kept=dict(place.kept), varying=varying)
    made, _ = preserving(w, found, shape, w.random.randint(0, 2))
    made += outputs.sometimes(w, found, shape)
    parts = [f"if {condition(w, place)} ", made]
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
        inner.names[name] = Channels.of(f"?{name}")
        del inner.names[name]
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
    made = [text(f"conv({second}, {first})"), text(operators.same(w, place, shape.to(1)))]
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


def let(w: Writer, place: Place, shape: Shape) -> Made | None:
    if place.suffix:
        return None
    name = w.names.local(place.bound, "n", "width_", "c")
    kind = w.random.random()
    if kind < 0.6:
        value = w.width(place)
        written = w.channels(place, value)
        place.names[name] = value
        return [text(f"let {name} = {written}")], shape
    if kind < 0.8:
        place.tails.append(name)
        return [text(f"let {name} = {calls.tail(w, place)}")], shape
    if shape.flat:
        return None
    k = w.pick([1, 3])
    bound = w.pick([f"conv({k})", f"conv(k={k}, bias=true)", f"conv_norm_act({k})"])
    to = w.width(place)
    w.spend(2)
    use = f"{name}(channels={w.channels(place, to)})"
    return [text(f"let {name} = {bound}"), text(use)], shape.to(to)


def setting(w: Writer, place: Place, shape: Shape) -> Made | None:
    """`set`s after which everything written here still holds."""
    options = [
        "set act = silu",
        "set act = leaky_relu(0.2)",
        "set act = prelu",
        "set act = sigmoid",
        "set act = tanh",
        "set act = identity",
        "set act = relu6",
        "set act = elu",
        "set act = dropout(0.1)",
        "set act = scale(2)",
        "set norm = groupnorm(groups=1)",
        "set norm = batchnorm(momentum=0.2)",
        "set norm = batchnorm(affine=false)",
        "set norm = identity",
        "set norm = layer_scale(0.5)",
        "set norm = relu",
        "set conv(bias=true)",
        'set conv(init="xavier")',
        'set conv(bias=true, bias_init="torch")',
        "set batchnorm(momentum=0.3)",
        "set batchnorm(eps=0.01)",
        "set leaky_relu(slope=0.3)",
        "set dropout(p=0.2)",
        "set basic(shortcut=projection_always)",
        "set basic(tail=relu)",
        "set linear(bias=false)",
        "set depthwise(bias=true)",
        "set conv_projection(k=1)",
        'set zero_pad(zeros="split")',
    ]
    if _unknown_anywhere(place, shape):
        return None
    own = [d.name for d in w.known(place) if calls.is_tail(d)]
    options += [f"set {slot} = {name}" for name in own for slot in ("norm", "act")]
    if place.definition is not None and place.definition.name in own:
        return None
    return [text(w.pick(options))], shape


def _unknown_anywhere(place: Place, shape: Shape) -> bool:
    return operators._unknown(shape)


def expecting(w: Writer, place: Place, shape: Shape) -> Made | None:
    if not place.network:
        return [text(w.pick(["expect in.channels > 0", "expect in.rank >= 0"]))], shape
    return [text(w.pick(["expect params >= 0", "expect depth >= 0 and buffers >= 0"]))], shape


def twice(w: Writer, place: Place, shape: Shape) -> Made | None:
    return again.twice(w, place, shape, label, preserving)


# --- one step ------------------------------------------------------------------------------------

_ANY: list[tuple[float, Writing]] = [
    (6, operators.keeps_shape),
    (1.5, group),
    (1.6, repeated_group),
    (1.2, repeated_call),
    (1.2, growing),
    (1, growing_call),
    (1.5, calls.varied),
    (2, residual),
    (2, fork),
    (1.5, keep),
    (2, join),
    (0.6, unread),
    (0.8, choice),
    (0.6, let),
    (0.6, setting),
    (0.2, expecting),
    (1.8, held),
    (1.4, values.let),
    (1.2, values.listed),
    (1.4, values.of_list),
    (0.5, values.recurrence),
    (2.5, again.reuse),
    (1.5, twice),
    (1.2, outputs.output),
    (4, calls.called),
]
_MAPS: list[tuple[float, Writing]] = [
    (5, operators.convolution),
    (1, operators.pooling),
    (0.7, operators.moved_channels),
    (0.4, operators.subsampled),
    (0.6, operators.rearranged),
    (0.5, operators.across_channels),
    (0.3, operators.blurred),
    (0.3, operators.enlarged),
    (0.8, operators.at_positions),
    (1.5, dense_call),
    (0.25, operators.global_pool),
    (0.7, strides.call),
    (0.8, loop),
    (0.5, values.dense),
    (0.7, values.like),
    (0.7, values.hourglass),
    (0.15, operators.flat),
]
_VECTORS: list[tuple[float, Writing]] = [
    (4, operators.connected),
    (0.3, operators.unflattened),
    (0.7, operators.moved_channels),
    (0.3, operators.across_channels),
    (0.5, operators.flat),
    (0.5, loop),
]


# What leaves a chain a chain.
_CHAIN: list[tuple[float, Writing]] = [
    (5, operators.keeps_shape),
    (1, group),
    (0.5, repeated_group),
    (1.2, repeated_call),
    (0.7, growing),
    (1, growing_call),
    (1, calls.varied),
    (0.6, choice),
    (1, let),
    (0.3, setting),
    (3, calls.called),
]


def step(w: Writer, place: Place, shape: Shape) -> Made:
    choices = list(_CHAIN if place.chain else _ANY)
    if not place.any_rank:
        choices += _VECTORS if shape.flat else _MAPS
    if w.often:
        choices = [(6 * p if kind.__name__ in w.often else p, kind) for p, kind in choices]
    for _ in range(10):
        known = place.known()
        made = w.weighted(choices)(w, place, shape)
        if made is None or not _allowed(place, shape, made[1]):
            # What it bound is not there.
            place.forget(known)
            continue
        written = _with_label(w, place, made[0])
        again.note(w, place, written, shape, made[1])
        return written, made[1]
    return [text("identity")], shape


def _allowed(place: Place, before: Shape, after: Shape) -> bool:
    if place.strict and (after.extents != before.extents or after.flat != before.flat):
        return False
    return after.channels.number is None or after.channels.number <= 64


def _with_label(w: Writer, place: Place, written: list[Text]) -> list[Text]:
    """A label for a call that has none."""
    if len(written) == 1 and len(written[0].parts) == 1:
        call = written[0].parts[0]
        if isinstance(call, str) and w.chance(0.25) and _is_call(call):
            return [text(label(w, place) + call)]
    return written
