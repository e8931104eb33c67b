"""What a caller of an emitted module may choose: it must be what another compile would give.

Shared by the tests of the emitter and the random networks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any

import torch
from torch import nn

import resdsl
from resdsl import Design
from resdsl.design.model import Body
from resdsl.design.walk import calls, definitions, groups
from resdsl.targets.module import build, executed
from resdsl.targets.names import variable


def spec(definitions: str, parameters: str, body: str) -> str:
    """A network `n` of 3 x 32 x 32."""
    return f"{definitions}\nnetwork n({parameters}) {{\n input 3 x 32 x 32 {body}\n}}\n"


def assert_kept(text: str, kept: str) -> None:
    """These numbers of `n` stay arguments of its module, and then these truth values; it is right
    for other values."""

    def again(values: dict[str, Any]) -> Design:
        return resdsl.design(text, net="n", settings=values)

    design = again({})
    network = design.network
    assert (*network.shared_parameters, *network.flags) == tuple(kept.split())
    assert [*unlike(design, again)] == []


def others(value: Any) -> Iterator[Any]:
    """Numbers beside one: of other parity, larger and smaller, and those at which much changes; a
    list with another number in one place."""
    if isinstance(value, tuple):
        for place, number in enumerate(value):
            yield from ((*value[:place], other, *value[place + 1 :]) for other in others(number))
    elif isinstance(value, int):
        yield from {value + 1, 2 * value + 3, max(value // 2, 1), 1} - {value}
    else:
        yield from (value / 2 + 0.01, 3 * value + 0.25, 0.0)


def unlike(design: Design, again: Callable[[dict[str, Any]], Design]) -> Iterator[str]:
    """The arguments of the emitted module with which it is another one than that of `again`."""
    network = design.network
    factory = getattr(executed(design.source(), design.name), variable(design.name))
    spelled = _spelled(design, [*signature(factory).parameters])
    for given in _chosen(design):
        try:
            wanted = again(given)
        except resdsl.SpecError as error:
            if given.keys() <= network.flags.keys():
                yield f"{given}: {error}"
            # Of a number the language says what is wrong with it, torch does or nobody.
            continue
        if any(_has_no_copies(one.body) for one in definitions(wanted.network.root)):
            # Of a repetition the module has a copy at least.
            continue
        other = parts(build(wanted.source(), wanted.name, "meta"))
        # The text need not mention a number, of what no output is made of.
        told = {
            spelled[name]: value
            for name, value in given.items()
            if spelled[name] in signature(factory).parameters
        }
        try:
            with torch.device("meta"):
                made = factory(**told)
        except Exception as error:
            yield f"{given}: {error}"
            continue
        one = parts(made)
        if one != other:
            pairs = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
            yield f"{given}: {pairs[:1] or (len(one), len(other))}"


def _chosen(design: Design) -> Iterator[dict[str, Any]]:
    """Other arguments: each number alone, all truth values, and both, with one number for each."""
    network = design.network
    values = {name: [*others(network.root.arguments[name])] for name in network.shared_parameters}
    for name, numbers in values.items():
        yield from ({name: number} for number in numbers)
    for variant in network.variants:
        yield dict(variant.flags)
        yield from ({**variant.flags, name: numbers[0]} for name, numbers in values.items())


def _spelled(design: Design, arguments: list[str]) -> dict[str, str]:
    """What the emitted text calls them; truth values come last."""
    network = design.network
    spelled: dict[str, str] = {}
    for name in sorted(network.shared_parameters, key=lambda name: variable(name) != name):
        spelled[name] = variable(name, spelled.values())
    last = arguments[len(arguments) - len(network.flags) :]
    return spelled | dict(zip(network.flags, last, strict=True))


def _has_no_copies(body: Body) -> bool:
    bodies = (body, *(group.body for group in groups(body)))
    return any(apply.repeated and not apply.runs for one in bodies for apply in calls(one))


def parts(module: nn.Module) -> list[tuple[str, str]]:
    """The modules of torch in one, and the numbers of all others, but for those that do nothing at
    a rate of 0: another compile leaves them out."""
    found = []
    for name, part in module.named_modules():
        if type(part).__name__ in ("DropPath", "Dropout") and getattr(part, "p", 1) == 0:
            continue
        own = type(part).__module__.startswith("torch.")
        if own and not [*part.children()]:
            found.append((name, repr(part)))
        elif not own:
            numbers = {k: v for k, v in vars(part).items() if isinstance(v, int | float | tuple)}
            # A stride or factor of 1 does nothing, and another compile has none.
            if kept := {k: v for k, v in numbers.items() if k != "training" and v != 1}:
                found.append((name, str(kept)))
    return found
