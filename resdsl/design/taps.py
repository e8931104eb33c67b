"""Taps: the stages, labels and kept tensors of a network that can be asked for by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from resdsl.design.model import Apply, Body, Fork, Group, Keep, Ref, Residual
from resdsl.design.walk import calls

Taps: TypeAlias = dict[str, list[tuple[str, Ref]]]
# As they are found: dicts for their keys, in order.
_Found: TypeAlias = dict[str, dict[tuple[str, Ref], None]]


def taps(body: Body) -> Taps:
    """Of a network's body, by name, the (qualified name, value) pairs that it fits; one that fits
    two is ambiguous.

    What lies in a group has its qualified name, `group.name`, as another name. Copies of a
    repetition have no names of their own.
    """
    found: _Found = {}
    _body(body, "", found)
    return {name: list(entries) for name, entries in found.items()}


def meant(found: Sequence[tuple[str, Ref]], name: str) -> Ref | None:
    """Which of the taps that a name fits is meant; None where there are none, or several.

    Of several tensors kept under one name it is the last.
    """
    whole = [ref for known, ref in found if known == name]
    if whole:
        return whole[-1]
    return found[0][1] if len(found) == 1 else None


def named(body: Body, known: Taps, name: str) -> Ref | None:
    """Which of these taps of a body a name means; of none, what the module with that path makes."""
    return meant(known[name], name) if name in known else by_path(body, name)


def by_path(body: Body, path: str) -> Ref | None:
    """What the module with this path makes, `features.3`; None where there is none, or one that is
    called more than once, or in a copy of a repetition."""
    found = [apply for apply in calls(body) if _begins(apply.key, path)]
    if len(found) != 1 or not found[0].runs:
        return None
    (apply,) = found
    if apply.key == path:
        return None if apply.held else apply.output
    if apply.repeated or not isinstance(apply.unit, Group):
        return None
    return by_path(apply.unit.body, path[len(apply.key) + 1 :])


def _begins(key: str, path: str) -> bool:
    return path == key or path.startswith(f"{key}.")


def in_copies(body: Body, name: str) -> bool:
    """Whether the copies of a repetition have what would be a tap of this name."""
    for step in body.steps:
        if not isinstance(step, Apply) or not step.runs or not isinstance(step.unit, Group):
            continue
        inner = step.unit.body
        rest = name.removeprefix(f"{step.key}.")
        if rest in taps(inner) if step.repeated else in_copies(inner, rest):
            return True
    return False


def _body(body: Body, prefix: str, found: _Found) -> None:
    for step in body.steps:
        match step:
            case Apply():
                _apply(step, prefix, found)
            case Residual():
                _body(step.main, prefix, found)
                if step.shortcut is not None:
                    _apply(step.shortcut, prefix, found)
            case Fork():
                for branch in step.branches:
                    if not branch.replicated:
                        _apply(branch.apply, prefix, found)
            case Keep():
                _enter(step.name, prefix, step.ref, found)


def _apply(apply: Apply, prefix: str, found: _Found) -> None:
    if apply.label is not None:
        # The label, but for a branch that has given it to another.
        name = apply.label if apply.is_again else apply.key
        _enter(name, prefix, apply.output, found)
    # What is made in a group that is called again has the names of the first call.
    if not apply.repeated and not apply.is_again and isinstance(apply.unit, Group):
        _body(apply.unit.body, f"{prefix}{apply.key}.", found)


def _enter(name: str, prefix: str, ref: Ref, found: _Found) -> None:
    entry = (prefix + name, ref)
    for known in dict.fromkeys((name, prefix + name)):
        found.setdefault(known, {})[entry] = None
