"""Whole files: definitions, a network, its head; families, instances, imports."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from random import Random

from tests.random_networks.shapes import Ceil, Channels, Fixed, Shape
from tests.random_networks.texts import Text, text
from tests.random_networks.writing import (
    calls,
    definitions,
    growth,
    kinds,
    labels,
    outputs,
    recursion,
    stages,
    steps,
    unread_parameters,
)
from tests.random_networks.writing.operators import vectors
from tests.random_networks.writing.places import Made, Place, Writer


@dataclass(slots=True)
class Binding:
    """A parameter of a network, and what an instance may bind it to."""

    name: str
    values: tuple[str, ...]
    required: bool = False


class FileWriter(Writer):
    def __init__(self, random: Random, often: Collection[str] = ()) -> None:
        super().__init__(random, kinds.at, often)
        self.imports: list[Text] = []

    def file(self) -> list[Text]:
        items: list[Text] = []
        head: list[Text] = []
        if self.chance(0.1):
            head.append(text("edition 2" if self.valued else "edition 1"))
        for _ in range(self.pick([0, 1, 1, 2, 2, 3, 4, 5])):
            made = definitions.block if self.chance(0.7) else definitions.shortcut
            items.append(made(self))
        if self.chance(0.15):
            items += recursion.blocks(self)
        for _ in range(self.pick([1, 1, 1, 1, 1, 1, 1, 2])):
            items += self.network()
        if self.chance(0.5):
            # The order of definitions does not matter.
            self.random.shuffle(items)
        return head + self.imports + items

    def network(self) -> list[Text]:
        channels = self.pick([1, 3, 3, 4, 8, 16])
        entry = Shape(Channels.of(channels), flat=self.vector)
        place = Place(None, entry, {}, top=True, gives=self.chance(0.3))
        self.outputs, self.taps = {}, {}
        name = self.names.definition("net", "small", "tiny_net")
        made: list[Text] = []
        declared, bound = self._parameters(place)
        free = self.chance(0.12)
        sizes = ["H", "W", "D"][: self.rank] if free else [str(n) for n in self.start]
        sizes = [] if self.vector else sizes
        made.append(text(f"input {' x '.join([str(channels), *sizes])}"))
        self.left = self.random.randint(5, 30)
        shape = entry
        if self.chance(0.08) and not self.vector:
            stem, shape = self._stem(place, shape)
            made += stem
        for _ in range(self.random.randint(2, 8)):
            if self.left <= 0:
                break
            if self.chance(0.3):
                write = stages.stage if self.chance(0.8) else stages.stages
                found = write(self, place, shape)
                if found is not None:
                    more, shape = found
                    made += more
                    outputs.note(self, place, more)
                    continue
            own = [d for d in self.known(place, "block") if d.width]
            if own and self.chance(0.3):
                write = self.pick([calls.varied, growth.growing, growth.growing_call])
                found = write(self, place, shape)
                if found is not None:
                    more, shape = found
                    made += more
                    outputs.note(self, place, more)
                    continue
            more, shape = steps.step(self, place, shape)
            made += more
            outputs.note(self, place, more)
        if not shape.flat and not shape.channels.unknown:
            unread_parameters.reading(self, place, shape, made)
        made += self._head(place, shape, free)
        made += outputs.last(self, place)
        return self._wrapped(name, declared, bound, made)

    def _stem(self, place: Place, shape: Shape) -> Made:
        """A stem of the library, which has to be imported."""
        width = self.pick([4, 8])
        call, down = self.pick(
            [
                (f"cifar_stem({width})", 1),
                (f"imagenet_stem(width={width})", 4),
                (f"deep_stem([4, 4, {width}])", 4),
            ]
        )
        found = shape.to(width).down(Ceil(2), Ceil(2)) if down == 4 else shape.to(width)
        if not self.fits(place, found.extents):
            return [], shape
        name = call.partition("(")[0]
        if all(name not in str(known.parts[0]) for known in self.imports):
            self.imports.append(text(f"from std.stem import {name}"))
        return [labels.labelled(self, place, call)], found

    def _parameters(self, place: Place) -> tuple[list[str], list[Binding]]:
        """Parameters of the network: declared, and what instances bind."""
        declared: list[str] = []
        bound: list[Binding] = []
        for _ in range(self.pick([0, 0, 0, 1, 2, 3])):
            name = self.names.local(place.bound, "classes", "width", "channels")
            kind = self.random.random()
            if kind < 0.3:
                number = self.pick([4, 8, 10, 12])
                place.names[name] = Channels.of(number)
                declared.append(f"{name}: int = {number}")
                if self.chance(0.3):
                    declared[-1] = f"{name}: int"
                    bound.append(Binding(name, (str(number),), required=True))
            elif kind < 0.5:
                # Its number is up to the instance.
                place.names[name], place.divisors[name] = Channels.of(name), 4
                declared.append(f"{name}: int = {self.pick([4, 8])}")
                bound.append(Binding(name, ("4", "8", "12")))
                if self.chance(0.4):
                    declared[-1] = f"{name}: int"
                    bound[-1].required = True
            elif kind < 0.6:
                declared.append(f"{name}: int = {self.pick([1, 2, 3])}")
                bound.append(Binding(name, ("1", "2", "4")))
                place.counts += [name, f"{name} - 1", f"({name} + 1) // 2"]
            elif kind < 0.7:
                declared.append(f"{name}: list[int] = {self.pick(['[2, 3]', '[1, 2]', '[3, 2]'])}")
                bound.append(Binding(name, ("[2, 2]", "[4, 1]")))
                place.counts += [f"{name}[0]", f"{name}[1]"]
            elif kind < 0.77:
                for item in (f"{name}[0]", f"{name}[1]"):
                    place.names[item], place.divisors[item] = Channels.of(item), 4
                declared.append(f"{name}: list[int] = {self.pick(['[4, 8]', '[8, 8]'])}")
                bound.append(Binding(name, ("[8, 4]", "[4, 12]")))
            elif kind < 0.84:
                declared.append(f"{name}: int = {self.pick([1, 3])}")
                bound.append(Binding(name, ("1", "3", "5")))
                place.kernels.append(name)
            elif kind < 0.9:
                declared.append(f"{name}: bool = {self.pick(['true', 'false'])}")
                bound.append(Binding(name, ("true", "false")))
                place.flag(name)
            elif kind < 0.93:
                declared.append(f"{name}: float = {self.pick(['0.5', '2'])}")
                bound.append(Binding(name, ("0.5", "0.25", "3")))
                place.factors.append(name)
            else:
                declared.append(f"{name}: block = {self.pick(['identity', 'relu', 'norm'])}")
                outside = Place(None, place.entry, {})
                tails = tuple(calls.tail(self, outside) for _ in range(3))
                bound.append(Binding(name, tails))
                place.tails.append(name)
        # Those without a value come first.
        declared.sort(key=lambda one: " = " in one)
        return declared, bound

    def _head(self, place: Place, shape: Shape, free: bool) -> list[Text]:
        if shape.flat:
            return []
        made: list[Text] = []
        kind = self.random.random()
        if kind < 0.45:
            made.append(text("global_avgpool"))
            shape = shape.down(Fixed(1))
        elif kind > 0.75 or free:
            return []
        found = vectors.flat(self, place, shape)
        if found is not None and self.chance(0.8):
            made += found[0]
            call = vectors.linear(self, place, found[1])
            if call is not None:
                made.append(labels.labelled(self, place, call[0]))
        return made

    def _wrapped(
        self, name: str, declared: list[str], bound: list[Binding], made: list[Text]
    ) -> list[Text]:
        doc = definitions.documented(self)
        parameters = f"({', '.join(declared)}) " if declared else " "
        family = bool([one for one in declared if " = " not in one])
        if not family and not self.chance(0.4 if bound else 0.05):
            return [text(f"{doc}network {name}{parameters}", made)]
        base = self.names.definition("family", "base")
        items = [text(f"network {base}{parameters}", made)]
        for other in range(self.pick([1, 1, 2]) if bound else 1):
            given = [
                f"{one.name}={self.pick(one.values)}"
                for one in bound
                if one.required or self.chance(0.7)
            ]
            called = name if not other else self.names.definition("other")
            arguments = f"({', '.join(given)})" if given else ""
            instance = text(f"network {called} = {base}{arguments}")
            amendments: list[Text] = []
            if self.chance(0.3):
                amendments.append(text("set act = silu"))
            if self.chance(0.2):
                amendments.append(text("expect params >= 0"))
            if self.chance(0.3):
                amendments += outputs.amending(self)
            if amendments:
                instance.parts += [" ", amendments]
            items.append(instance)
        return items
