"""Tensors and lists of them as parameters of own definitions, and what calls give for them."""

from __future__ import annotations

from tests.random_networks.shapes import Channels, Shape
from tests.random_networks.texts import Text, text
from tests.random_networks.writing.places import Definition, Parameter, Place, Writer


def parameters(w: Writer, definition: Definition, place: Place) -> None:
    """Declares some, those that must be given before all that need not be."""
    for _ in range(w.pick([1, 1, 1, 2, 3])):
        name = w.names.local(place.bound, "p", "prev", "skip", "maps", "t")
        kinds = ["same"] if definition.any_rank else ["same", "same", "beside", "sizes"]
        kind = w.pick([*kinds, "list"])
        if kind == "list":
            declared, default = f"{name}: list[tensor]", "[]"
            place.lists[name] = place.entry, -1
        else:
            declared = f"{name}: tensor"
            before = [one.name for one in definition.tensors if one.tensor == kind]
            default = w.pick([*before, "in"]) if kind != "beside" else "in"
            if kind == "same":
                place.kept[name] = place.entry
            elif kind == "beside":
                place.kept[name] = place.entry.to(Channels.of(f"{name}.channels"))
        required = w.chance(0.6)
        declared += "" if required else f" = {default}"
        at = len(definition.parameters)
        if required:
            written = [" = " in one.declared for one in definition.parameters]
            at = written.index(True) if True in written else at
        parameter = Parameter(name, declared, required=required, tensor=kind)
        definition.parameters.insert(at, parameter)


def reading(w: Writer, place: Place, shape: Shape, definition: Definition) -> list[Text]:
    """Steps that read the parameters of other extents, and keep the shape."""
    made: list[Text] = []
    for parameter in definition.tensors:
        name = parameter.name
        if parameter.tensor == "list" and w.chance(0.5):
            made.append(text(f"join {w.pick(['sum', 'mean', 'max'])}([here] + {name})"))
            if shape != place.entry:
                made.pop()
        if parameter.tensor != "sizes":
            continue
        kept = w.names.local(place.bound, "fine", "large")
        channels = str(shape.channels)
        made += w.pick(
            [
                [text(f"keep {kept} upsample(like={name}) act upsample(like={kept})")],
                [
                    text(f"keep {kept} join {name} upsample(like={kept}) conv(1, {channels})"),
                    text(f"join here + {kept}"),
                ],
                [
                    text(f"keep {kept} join {name} global_avgpool conv(1, {channels}) sigmoid"),
                    text(f"join {kept} * here"),
                ],
            ]
        )
    return made


def arguments(w: Writer, place: Place, definition: Definition, fed: Shape) -> list[str]:
    """What a call gives for the tensors of a definition that is fed such a shape."""
    found: list[str] = []
    for parameter in definition.tensors:
        if not parameter.required and w.chance(0.4):
            if parameter.tensor == "list":
                w.given[parameter.name] = 0
            elif (default := parameter.declared.rpartition("= ")[2]) in w.given:
                w.given[parameter.name] = w.given[default]
            continue
        value = argument(w, place, parameter, fed)
        is_first = parameter is definition.parameters[0] and not found and w.chance(0.6)
        found.append(value if is_first else f"{parameter.name}={value}")
    return found


def argument(w: Writer, place: Place, parameter: Parameter, fed: Shape) -> str:
    """An expression for one, with what it is in `w.given`."""
    alike = [name for name, known in place.tensors.items() if known == fed]
    match parameter.tensor:
        case "list":
            known = [name for name, (one, n) in place.lists.items() if one == fed and n >= 0]
            if known and w.chance(0.4):
                name = w.pick(known)
                w.given[parameter.name] = place.lists[name][1]
                return name
            listed = [w.pick([*alike, "here"]) for _ in range(w.pick([0, 1, 1, 2, 3]))]
            w.given[parameter.name] = len(listed)
            return f"[{', '.join(listed)}]"
        case "same":
            w.given[parameter.name] = fed.channels
            return one(w, place, alike)
        case "beside":
            near = {
                name: known
                for name, known in place.tensors.items()
                if known.extents == fed.extents
                and known.flat == fed.flat
                and not known.channels.unknown
            }
            name = w.pick([*near, "here"])
            w.given[parameter.name] = near[name].channels if name in near else fed.channels
            return name
        case _:
            maps = {
                name: known
                for name, known in place.tensors.items()
                if not known.flat and not known.channels.unknown
            }
            name = w.pick([*maps, "here"])
            w.given[parameter.name] = maps[name].channels if name in maps else fed.channels
            return name


def one(w: Writer, place: Place, alike: list[str]) -> str:
    """One of these or the current tensor, or what is computed of them in front of the call."""
    names = [*alike, "here"]
    if not place.computes or w.chance(0.7):
        return w.pick([*alike * 2, "here"])
    first, second = w.pick(names), w.pick(names)
    forms = [f"{first} + {second}", f"{first} - 2 * {second}", f"2 * {first}", f"1 - {first}"]
    forms += [f"max({first}, 0)", f"max({first}, {second})", f"{first} * {second}"]
    return w.pick(forms)
