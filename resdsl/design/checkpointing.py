"""Which modules of a network are run again in backward, instead of keeping their activations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from resdsl.design.model import Apply, Body, Definition, Group, Ref
from resdsl.design.taps import meant, taps
from resdsl.design.walk import calls
from resdsl.ops import Op


def checkpointed(root: Definition, names: Iterable[str]) -> dict[str, str | None]:
    """By name, the path of the module of several steps whose result is called so in a network, or
    which has that path: `features.3`.

    None where no module makes it, as a sum, or one operator, which would save nothing.
    """
    found = taps(root.body)
    known = {path: path for path, _ in _modules(root.body, "")}
    return {
        name: _path(root.body, found[name], name) if name in found else known.get(name)
        for name in names
    }


def stages(root: Definition) -> tuple[str, ...]:
    """What the text calls a `stage`, also in groups. Where there is none, all that has a name and
    could be one, but what has such in it."""
    found = tuple(_stages(root.body, ""))
    if found:
        return found
    # By qualified names, each of which is one tensor's.
    every = taps(root.body).items()
    names = [name for name, known in every if name in {qualified for qualified, _ in known}]
    paths: dict[str, str] = {}
    for name, path in checkpointed(root, names).items():
        if path is not None:
            paths.setdefault(path, name)
    outer = {path[: place.start()] for path in paths for place in re.finditer(r"\.", path)}
    inner = _in_rows(root.body, "")
    return tuple(
        one for path, name in paths.items() if path not in outer for one in inner.get(path, [name])
    )


def _path(body: Body, found: Sequence[tuple[str, Ref]], name: str) -> str | None:
    ref = meant(found, name)
    if ref is None:
        return None
    paths = list(_making(body, ref))
    qualified = [known for known, value in found if value == ref and known in paths]
    # Of modules in each other that end with the same tensor the one with the name, else the inner.
    made = qualified or paths
    return made[-1] if made else None


def _in_rows(body: Body, prefix: str) -> dict[str, list[str]]:
    """Of each group that is a row of modules without names, those of several steps, if it has two
    or more: the blocks of torchvision's `features`."""
    found: dict[str, list[str]] = {}
    for path, apply in _modules(body, prefix):
        if not apply.repeated and isinstance(apply.unit, Group) and apply.unit.body.numbered:
            inside = [
                f"{path}.{inner.key}"
                for inner in calls(apply.unit.body)
                if inner.runs and not (inner.held or inner.is_again or _is_operator(inner))
            ]
            if len(inside) > 1:
                found[path] = inside
    return found


def _modules(body: Body, prefix: str) -> Iterator[tuple[str, Apply]]:
    """Those of several steps by their paths, the outer before the inner."""
    for apply in calls(body):
        if not apply.runs or apply.held or _is_operator(apply):
            continue
        path = prefix + apply.key
        yield path, apply
        if not apply.repeated and isinstance(apply.unit, Group):
            yield from _modules(apply.unit.body, f"{path}.")


def _stages(body: Body, prefix: str) -> Iterator[str]:
    for apply in calls(body):
        if apply.stage:
            yield prefix + apply.key
        elif apply.runs and not apply.repeated and isinstance(apply.unit, Group):
            yield from _stages(apply.unit.body, f"{prefix}{apply.key}.")


def _making(body: Body, ref: Ref) -> Iterator[str]:
    return (path for path, apply in _modules(body, "") if apply.output == ref)


def _is_operator(apply: Apply) -> bool:
    return not apply.repeated and isinstance(apply.unit, Op)
