"""Steps for the parameters of a body that nothing in it reads."""

from __future__ import annotations

import re

from tests.random_networks.shapes import Shape
from tests.random_networks.texts import Text, render, text
from tests.random_networks.writing.places import Place, Writer


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
