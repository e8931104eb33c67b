"""The modules of a body by their labels: what `reuse` may call again."""

from __future__ import annotations

import re

from tests.random_networks.shapes import Shape
from tests.random_networks.texts import Text
from tests.random_networks.writing.places import Module, Place, Writer

_LABEL = re.compile(r'(?:stage |param )?("[^"]+"|\w+)(\[\w+\])?(?: /[^:]*)?: ')
# What is made of extents, or has a tensor that is not told here.
_SIZED = re.compile(r"like=|reuse |\bflatten|\blinear\(|unflatten")


def note(w: Writer, place: Place, made: list[Text], before: Shape, after: Shape) -> None:
    """The module that one step is, where it has a label."""
    if not made or (len(made) > 1 and not str(made[1].parts[0]).startswith("keep ")):
        return
    first = "".join(part if isinstance(part, str) else "{ }" for part in made[0].parts)
    if (found := _LABEL.match(first)) is None:
        return
    rest = first[found.end() :]
    if _SIZED.search(rest) or first.startswith(("if ", "for ")):
        return
    called = rest.split("(")[0].split(" ")[0]
    own = (d for d in w.own if d.name == called and (d.tensors or d.results))
    definition = next(own, None)
    module = Module(before, after, definition)
    if definition is not None:
        module.given = dict(w.given)
        # Of several copies the first result counts.
        several = bool(definition.results) and " x " not in rest and " /" not in first
        module.results = list(w.results) if several else []
    place.modules[f"{found[1]}{found[2] or ''}"] = module
