"""One activation of a class for all places where it stands, as torchvision writes it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from resdsl.ops import Op
from resdsl.targets import names
from resdsl.targets.program import Instruction, Invoke, Sum

Columns: TypeAlias = Sequence[tuple[Instruction, ...]]
"""By place, the instruction of each member of a class."""


class SharedActivation(NamedTuple):
    """Its attribute, and whether it works in place."""

    name: str
    inplace: bool


def shared_activations(columns: Columns, inplace: Collection[int]) -> dict[int, SharedActivation]:
    """By place, the activation that serves it. `inplace`: the places that overwrite what they
    read."""
    places: dict[tuple[Op, ...], list[int]] = {}
    for index, column in enumerate(columns):
        alike = tuple(op for step in column if (op := _shareable(step)) is not None)
        if len(alike) == len(column):
            places.setdefault(alike, []).append(index)
    others, every = _keys_of_others(columns), set(keys(columns))
    found: dict[int, SharedActivation] = {}
    for ops, uses in places.items():
        name = ops[0].name
        taken = {activation.name for activation in found.values()} | (every - {name})
        if name in others or name in taken:
            name = names.variable("activation", taken | every)
        called = [index for index in uses if _is_called(columns[index][0])]
        overwrites = bool(called) and all(index in inplace for index in called)
        found.update(dict.fromkeys(uses, SharedActivation(name, overwrites)))
    return found


def keys(columns: Columns) -> list[str]:
    """Those of all modules of a class, in the order of the text."""
    found: dict[str, None] = {}
    for step in _steps(columns):
        match step:
            case Invoke(apply):
                found[apply.key] = None
            case Sum(shortcut=shortcut) if shortcut is not None:
                found[shortcut.key] = None
    return list(found)


def place_of_shared(columns: Columns, shared: Collection[int]) -> int | None:
    """Before the first shortcut, as torchvision has it; else where it is first used."""
    for index, column in enumerate(columns):
        if any(isinstance(step, Sum) and step.shortcut is not None for step in column):
            return index
    return min(shared, default=None)


def _keys_of_others(columns: Columns) -> set[str]:
    """The keys of what is not a shared activation."""
    found: set[str] = set()
    for step in _steps(columns):
        match step:
            case Invoke(apply) if _shareable(step) is None:
                found.add(apply.key)
            case Sum(shortcut=shortcut) if shortcut is not None:
                found.add(shortcut.key)
    return found


def _steps(columns: Columns) -> Iterator[Instruction]:
    return (step for column in columns for step in column)


def _is_called(step: Instruction) -> bool:
    return not isinstance(step, Invoke) or step.is_called


def _shareable(step: Instruction) -> Op | None:
    """An activation without parameters that its author gave no name."""
    if not isinstance(step, Invoke) or step.op is None or not step.op.is_activation:
        return None
    if step.apply.is_again or step.apply.label is not None:
        return None
    return None if step.op.tensors(step.shape) else step.op
