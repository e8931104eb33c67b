"""Own blocks and shortcuts: their parameters and bodies."""

from __future__ import annotations

import re

from tests.random_networks.names import DOCS
from tests.random_networks.shapes import Ceil, Channels, Number, Shape
from tests.random_networks.texts import Text, render, text
from tests.random_networks.writing import (
    calls,
    residuals,
    shortcuts,
    steps,
    tensors,
    unread_parameters,
)
from tests.random_networks.writing.operators import convolutions, shape_preserving
from tests.random_networks.writing.places import IN, OUT, Definition, Made, Parameter, Place, Writer


def documented(w: Writer) -> str:
    if w.chance(0.75):
        return ""
    lines = [f"## {w.pick(DOCS)}\n" for _ in range(w.pick([1, 1, 2, 3]))]
    return "".join(lines)


def block(w: Writer) -> Text:
    """A block definition, entered in `w.own` when it is written."""
    kind = w.weighted([(2, "any"), (2.5, "same"), (5, "width"), (1.2, "dense")])
    name = w.names.definition("unit", "cell", "Block", "se")
    definition = Definition(name, "block", any_rank=kind == "any")
    place = _place(w, definition)
    if w.chance(0.45):
        place.chain, place.labelled = True, False
    if kind == "width":
        _with_width(w, definition, place)
    _with_options(w, definition, place)
    if not place.chain and w.valued and w.chance(0.6):
        tensors.parameters(w, definition, place)
    w.left = w.random.randint(2, 9)
    shape = place.entry
    if kind == "width":
        made, out = _wide(w, definition, place, shape)
    elif kind == "dense":
        made, out = _denser(w, definition, place, shape)
    else:
        place.any_rank = kind == "any"
        place.strict = True
        made, out = steps.body(w, place, shape, w.random.randint(1, 4), to=shape.channels)
        if out != shape:
            # Nothing here is right for all callers.
            made, out = [text("relu")], shape
    if w.chance(0.8):
        unread_parameters.reading(w, place, out, made)
        made += tensors.reading(w, place, out, definition)
    definition.shape = out
    if w.valued and not place.chain and w.chance(0.6):
        made += _results(w, definition, place)
    definition.divides = _needed(made)
    w.own.append(definition)
    declared = [p.declared for p in definition.parameters]
    head = f"block {name}" + (
        f"({', '.join(declared)}) " if declared else w.pick([" ", " ", "() "])
    )
    return text(documented(w) + head, made)


def _results(w: Writer, definition: Definition, place: Place) -> list[Text]:
    """`output`: what comes in the end, and others, some of them what came in."""
    items = [f"{w.names.fresh()}: here"]
    for _ in range(w.pick([1, 1, 2])):
        name = w.pick(list(place.tensors))
        definition.results.append((name, place.tensors[name]))
        items.append(f"{w.names.fresh()}: {name}")
    return [text("output " + ", ".join(items))]


def entry() -> Shape:
    """What comes in to a definition."""
    return Shape(Channels.of(IN))


def _place(w: Writer, definition: Definition) -> Place:
    divides = w.pick([1, 1, 1, 4])
    definition.divides = divides
    return Place(definition, entry(), {IN: divides}, labelled=w.chance(0.7))


def _needed(made: list[Text]) -> int:
    """The divisor of its input's channels that a body counts on: it was written with 4 in mind."""
    written = render(made)
    return 4 if re.search(rf"groups=(?!1\b)|groupnorm\([24]|{re.escape(IN)} // ", written) else 1


def _with_width(w: Writer, definition: Definition, place: Place) -> None:
    name = w.names.local(place.bound, "width", "channels", "out_channels", "planes", "filters")
    definition.width = name
    definition.parameters.append(Parameter(name, w.pick([f"{name}: int", name])))
    place.names[name] = Channels.of(name)
    place.divisors[name] = 4
    if w.chance(0.7):
        if "stride" not in place.bound and w.chance(0.8):
            stride = "stride"
            place.bound.add(stride)
        else:
            stride = w.names.local(place.bound, "step")
        definition.stride = stride
        declared = f"{stride}: {w.pick(['size', 'size', 'int'])} = 1"
        definition.parameters.append(Parameter(stride, documented_parameter(w) + declared))
        place.conditions.append(f"{stride} == 1")


def documented_parameter(w: Writer) -> str:
    return f"\n    ## {w.pick(DOCS)}\n    " if w.chance(0.1) else ""


def _with_options(w: Writer, definition: Definition, place: Place) -> None:
    for _ in range(w.pick([0, 1, 1, 2, 2, 3])):
        name = w.names.local(place.bound, "mode", "flag", "tail", "n", "depth", "rate")
        match w.random.randrange(12):
            case 0:
                declared, values = f"{name}: bool = {w.pick(['true', 'false'])}", ("true", "false")
                place.flag(name)
            case 1:
                declared = f'{name}: one_of("a", "b") = "a"'
                values = ('"a"', '"b"')
                place.conditions += [f'{name} == "a"', f'{name} != "b"']
            case 2:
                declared, values = f"{name}: int = {w.pick([0, 1, 2])}", ("0", "1", "2", "3")
                place.counts.append(name)
                place.factors += [f"{name} + 1", f"2 ** {name}"]
                place.conditions += [f"{name} > 1", f"{name} == 0"]
            case 3:
                default = w.pick(["identity", "relu", "norm", "dropout(0.1)"])
                declared = f"{name}: {w.pick(['block', 'block', 'op'])} = {default}"
                values = ("identity", "relu", "act", "norm", "sigmoid", "scale(0.5)")
                if " op " not in f" {declared.split(':')[1]} ":
                    own = [d.name for d in w.own if calls.is_tail(d)]
                    values += tuple(own * 2)
                place.tails.append(name)
            case 5:
                declared, values = f"{name}: int = {w.pick([4, 8])}", ("4", "8", "12")
                place.names[name], place.divisors[name] = Channels.of(name), 4
            case 6:
                kind = w.pick(["int", "int", "size"])
                declared, values = f"{name}: {kind} = {w.pick([1, 3])}", ("1", "3", "5")
                if kind == "size":
                    values += ("x".join("313"[: w.rank]),)
                place.kernels.append(name)
            case 7:
                declared, values = f"{name}: int = {w.pick([1, 2, 4])}", ("1", "2", "4")
                place.groups.append(name)
            case 8:
                declared = f"{name}: float = {w.pick(['0.5', '0.25', '1'])}"
                values = ("0.5", "2", "1.5", "0.125", "-1")
                place.factors.append(name)
            case 9:
                declared, values = f"{name}: float = {w.pick(['0.1', '0'])}", ("0", "0.2", "0.5")
                place.rates.append(name)
            case 10:
                declared, values = _maker(w, place, name)
            case 4:
                declared, values = (
                    f"{name}: float = {w.pick(['0.0', '0.5', '1'])}",
                    ("0", "0.3", "2"),
                )
                place.factors += [f"{name} + 1", f"2 ** {name}", f"max(1, {name})"]
                place.conditions += [f"{name} != 0", f"{name} > 0.4"]
            case _:
                declared = (
                    f"{name}: shortcut = {w.pick(['projection', 'none', 'projection_always'])}"
                )
                values = (
                    "projection",
                    "none",
                    "avg_projection",
                    "conv_projection(k=1)",
                    "when_same",
                )
                own = [
                    d.name
                    for d in w.own
                    if d.kind == "shortcut"
                    and d.divides == 1
                    and not any(p.required for p in d.parameters)
                ]
                values += tuple(own * 2)
                place.modes.append(name)
        if w.chance(0.3) and " = " in declared and len(definition.parameters) < 2:
            # Without a default, and so before those that have one.
            required = declared.split(" = ")[0]
            parameter = Parameter(name, required, values, required=True)
            if not any(" = " in p.declared for p in definition.parameters):
                definition.parameters.append(parameter)
                continue
        definition.parameters.append(Parameter(name, documented_parameter(w) + declared, values))


def _maker(w: Writer, place: Place, name: str) -> tuple[str, tuple[str, ...]]:
    """A parameter that is a block with a number of channels to be given."""
    if w.chance(0.4):
        place.makers.append(name)
        values = ("conv(3)", "conv(1)", "conv(k=1, bias=true)")
        default = w.pick(values)
        return f"{name}: block = {default}", (*values, "conv_norm_act(3)", "conv_norm_act(1)")
    own = [
        d.name
        for d in w.own
        if d.kind == "block"
        and d.divides == 1
        and d.shape.channels == Channels.of(d.width)
        and d.shape.extents == (Ceil(d.stride),)[: bool(d.stride)]
        and d.parameters[0].name == d.width
        and not any(p.required for p in d.parameters)
    ]
    place.units.append(name)
    values = ("basic", "bottleneck(expansion=1)", "basic(shortcut=projection_always)", *own * 3)
    return f"{name}: block = {w.pick(['basic', 'bottleneck(expansion=1)'])}", values


def _wide(w: Writer, definition: Definition, place: Place, shape: Shape) -> Made:
    width = Channels.of(definition.width)
    to = width.times(w.pick([1, 1, 1, 2]))
    stride: Number | str = definition.stride or 1
    made: list[Text] = []
    if not place.chain and w.chance(0.5):
        found = residuals.residual_to(w, place, shape, to, stride)
        if found is not None:
            made, shape = found
            if w.chance(0.6):
                made = [*made, text(w.pick(["act", "relu", "norm", "act"]))]
            return made, shape
    place.strict = w.chance(0.7)
    return steps.body(w, place, shape, w.random.randint(1, 5), to=to, stride=stride)


def _denser(w: Writer, definition: Definition, place: Place, shape: Shape) -> Made:
    """A layer of a dense block, or a chain that widens evenly."""
    place.strict = True
    definition.grows = w.pick([1, 2, 4])
    out = shape.to(shape.channels + Channels.of(definition.grows))
    k = convolutions.kernel(w, place, [1, 3])
    if place.chain:
        return [text(f"conv({k}, {out.channels})"), text(w.pick(["norm", "act"]))], out
    kept = w.names.local(place.bound, "a", "before")
    made = [text(f"keep {kept}"), text(f"conv({k}, {definition.grows})")]
    return [*made, text(f"join concat({kept}, here)")], out


def shortcut(w: Writer) -> Text:
    """A shortcut definition."""
    name = w.names.definition("skip_", "gated", "sc", "down")
    definition = Definition(name, "shortcut")
    place = _place(w, definition)
    place.bound.add("stride")
    place.divisors[OUT] = 1
    place.serving = place.strict = True
    for _ in range(w.pick([0, 1])):
        _with_options(w, definition, place)
    if w.valued and w.chance(0.4):
        tensors.parameters(w, definition, place)
    place.modes.clear()
    w.left = w.random.randint(2, 6)
    out = Shape(Channels.of(OUT), (Ceil("stride"),))
    place.kept["main"] = out
    if w.chance(0.15):
        # On its own: nothing here needs a map.
        definition.any_rank = True
        made = [
            text("join main"),
            *([text(shape_preserving.activation(w, place, out))] * w.pick([0, 1])),
        ]
    else:
        made, _ = shortcuts.serving(w, place, place.entry, out, "stride")
        if w.chance(0.8):
            unread_parameters.reading(w, place, out, made)
            made += tensors.reading(w, place, out, definition)
    definition.divides = _needed(made)
    w.own.append(definition)
    declared = [p.declared for p in definition.parameters]
    head = f"shortcut {name}" + (f"({', '.join(declared)}) " if declared else " ")
    return text(documented(w) + head, made)
