"""Which modules of a network are run again in backward, instead of keeping their activations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from resdsl.design.model import Apply, Body, Definition, Group, Ref
from resdsl.design.taps import meant, taps
from resdsl.design.walk import calls
from resdsl.ops import Op


def checkpointed(root: Definition, name: str) -> str | None:
    """The path of the module of several steps whose result is called `name` in the network `root`.

    None where no module makes it, as a sum, or one operator, which would save nothing.
    """
    found = taps(root.body).get(name, [])
    ref = meant(found, name)
    if ref is None:
        return None
    paths = list(_making(root.body, ref, ""))
    qualified = [known for known, value in found if value == ref and known in paths]
    # Of modules in each other that end with the same tensor the one with the name, else the inner.
    made = qualified or paths
    return made[-1] if made else None


def stages(root: Definition) -> tuple[str, ...]:
    """What the text calls a `stage`, also in groups. Where there is none, all that has a name and
    could be one, but what has such in it."""
    found = tuple(_stages(root.body, ""))
    if found:
        return found
    paths: dict[str, str] = {}
    for name, known in taps(root.body).items():
        # By its qualified name, which is one tensor's.
        path = checkpointed(root, name) if name in {qualified for qualified, _ in known} else None
        if path is not None:
            paths.setdefault(path, name)
    outer = {path[: place.start()] for path in paths for place in re.finditer(r"\.", path)}
    return tuple(name for path, name in paths.items() if path not in outer)


def _stages(body: Body, prefix: str) -> Iterator[str]:
    for apply in calls(body):
        if apply.stage:
            yield prefix + apply.key
        elif apply.runs and not apply.repeated and isinstance(apply.unit, Group):
            yield from _stages(apply.unit.body, f"{prefix}{apply.key}.")


def _making(body: Body, ref: Ref, prefix: str) -> Iterator[str]:
    """Modules of several steps by their paths, the outer before the inner."""
    for apply in calls(body):
        if not apply.runs or apply.held:
            continue
        path = prefix + apply.key
        if apply.output == ref and not _is_operator(apply):
            yield path
        if not apply.repeated and isinstance(apply.unit, Group):
            yield from _making(apply.unit.body, ref, f"{path}.")


def _is_operator(apply: Apply) -> bool:
    return not apply.repeated and isinstance(apply.unit, Op)
