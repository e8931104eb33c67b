"""Blocks that contain themselves, alone or by way of each other, and end."""

from __future__ import annotations

from tests.random_networks.shapes import Channels
from tests.random_networks.texts import Text, text
from tests.random_networks.writing import definitions, forks, labels, steps
from tests.random_networks.writing.operators import convolutions
from tests.random_networks.writing.places import Definition, Parameter, Place, Writer


def blocks(w: Writer) -> list[Text]:
    """One, or two that call each other. They keep the extents; a width becomes their channels."""
    names = [
        w.names.definition("tree", "node", "turn", "Tree") for _ in range(w.pick([1, 1, 1, 2]))
    ]
    rows = [_Turn(w, name, names) for name in names]
    made = [turn.written(w, rows[(at + 1) % len(rows)]) for at, turn in enumerate(rows)]
    w.own += [turn.definition for turn in rows]
    return made


class _Turn:
    """One of the definitions in a circle: what the others must know to call it."""

    def __init__(self, w: Writer, name: str, circle: list[str]) -> None:
        self.definition = Definition(name, "block")
        self.place = Place(self.definition, definitions.entry(), {}, labelled=w.chance(0.7))
        self.place.divisors = {"in.channels": 1}
        self.place.bound |= set(circle)
        self.place.strict = True
        self.levels = w.names.local(self.place.bound, "levels", "n", "depth")
        if w.chance(0.5):
            width = w.names.local(self.place.bound, "width", "channels", "planes")
            self.definition.width = width
            self.definition.parameters.append(Parameter(width, f"{width}: int"))
            self.place.names[width], self.place.divisors[width] = Channels.of(width), 4
        declared = f"{self.levels}: int = {w.pick([0, 1, 2])}"
        parameter = Parameter(self.levels, declared, ("0", "1", "2", "3"))
        self.definition.parameters.append(parameter)
        self.place.conditions += [f"{self.levels} > 1", f"{self.levels} == 0"]

    def call(self, w: Writer, caller: _Turn) -> str:
        """A call by one of the circle, one level further down."""
        given = [f"{self.levels}={caller.levels} - 1"]
        if self.definition.width:
            written = caller.definition.width or "in.channels"
            given.insert(0, w.pick([written, f"{self.definition.width}={written}"]))
        if "=" in given[0]:
            w.random.shuffle(given)
        return f"{self.definition.name}({', '.join(given)})"

    def written(self, w: Writer, other: _Turn) -> Text:
        place, levels = self.place, self.levels
        to = Channels.of(self.definition.width or "in.channels")
        shape = place.entry
        w.left = w.random.randint(2, 6)
        made: list[Text] = []
        guard = f"{levels} > 0"
        if w.chance(0.25):
            value = w.names.local(place.bound, "more", "goes_on")
            made.append(text(f"let {value} = {levels} > 0"))
            guard = value
        found, out = steps.body(w, place, shape, w.random.randint(0, 2), to=to)
        if out.channels != to or out.extents != shape.extents:
            found, out = [text(f"conv(1, {to})")], shape.to(to)
        call = other.call(w, self)
        if "conv_norm_act" not in place.bound and w.chance(0.2):
            made += [*found, text("residual ", [text("act")], f" via where({guard}, {call}, none)")]
        elif w.chance(0.2):
            value = w.names.local(place.bound, "below", "inner")
            made += [*found, text(f"let {value} = where({guard}, {call}, relu)"), text(value)]
        elif w.chance(0.5):
            made += [*found, text(f"if {guard} ", self._below(w, call, other))]
        else:
            base = [text(f"conv({convolutions.kernel(w, place, [1, 3])}, {to})"), text("act")]
            w.random.shuffle(base)
            deep = [*found, *self._below(w, call, other)]
            if w.chance(0.5):
                made.append(text(f"if {guard} ", deep, " else ", base))
            else:
                made.append(text(f"if not {_grouped(guard)} ", base, " else ", deep))
        self.definition.shape = out
        declared = ", ".join(parameter.declared for parameter in self.definition.parameters)
        return text(f"block {self.definition.name}({declared}) ", made)

    def _below(self, w: Writer, call: str, other: _Turn) -> list[Text]:
        """The calls of the next level: of what has all channels already."""
        place = self.place

        def named() -> str:
            return labels.label(w, place) if w.chance(0.5) else ""

        kept = w.names.local(place.bound, "a", "b", "skip")
        match w.random.randrange(6):
            case 0:
                return [text(f"{named()}{call}"), text(w.pick(["act", "norm"]))]
            case 1:
                return [text(f"{named()}{call} x {w.pick(['1', '2'])}")]
            case 2:
                made = [text(f"{named()}{call}"), text(f"keep {kept}"), text(f"{named()}{call}")]
                return [*made, text(f"join here + {kept}")]
            case 3:
                return [text(named(), [text(call), text("act")], w.pick(["", " x 2"]))]
            case 4:
                return [text("residual ", [text(call)], w.pick(["", " via when_same"]))]
            case _:
                first, one = forks.branch(w, place, [text(call)])
                second, two = forks.branch(w, place, [text("act")])
                return [text("fork ", [one, two], f" join {first} + {second}")]


def _grouped(guard: str) -> str:
    return guard if guard.isidentifier() else f"({guard})"
