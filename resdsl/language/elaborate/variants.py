"""What a network is with other truth values for its parameters.

A module can keep those as arguments (`resdsl.targets.branching`). A check does not pay for it: they
are elaborated when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import product

from resdsl import limits
from resdsl.design.model import Definition
from resdsl.design.network import Network, Variant, Varied
from resdsl.language.values.values import key
from resdsl.records import dataclass

# How many parameters are tried.
_TRIED = 8


@dataclass(frozen=True, slots=True)
class Elaboration:
    """A network, and those of its numbers by which nothing is decided."""

    network: Network
    undecisive: Collection[str]


def varied(
    own: Elaboration,
    bound: Collection[str],
    again: Callable[[dict[str, bool]], Elaboration | None],
) -> Varied:
    """Every other combination of the truth values of its parameters, the first three that can be
    chosen: with each the network has the same input and outputs. Those that are `bound` belong to
    its name. `again` elaborates it with others, None where that fails."""
    root = own.network.root
    arguments = root.arguments
    flags = [
        parameter.name
        for parameter in root.parameters
        if parameter.name not in bound and isinstance(arguments[parameter.name], bool)
    ]
    kept: list[str] = []
    known: list[tuple[dict[str, bool], Elaboration]] = []
    for name in flags[:_TRIED]:
        if len(kept) == limits.FLAGS:
            break
        if any(other.network.root.arguments[name] != arguments[name] for _, other in known):
            # Its default is made of another.
            continue
        more: list[tuple[dict[str, bool], Elaboration]] = []
        # Those with the flag as it is are known.
        for values in product(*((arguments[one], not arguments[one]) for one in kept)):
            given = dict(zip([*kept, name], [*values, not arguments[name]], strict=True))
            other = again(given)
            if other is None or not _is_alike(own.network, other.network):
                break
            more.append((given, other))
        else:
            known = [({**given, name: arguments[name]}, other) for given, other in known] + more
            kept.append(name)
    variants = tuple(Variant(given, other.network.root) for given, other in known)
    return Varied(variants, _shared([own, *(other for _, other in known)]))


def _is_alike(network: Network, other: Network) -> bool:
    """Whether they take the same and give the same, but for the shapes of that."""
    return (
        network.input == other.input
        and network.outputs == other.outputs
        and network.conditions == other.conditions
    )


def _shared(every: Sequence[Elaboration]) -> tuple[str, ...]:
    """The numbers that one of them has in its modules, and none decides by."""
    own = every[0].network.root
    return tuple(
        parameter.name
        for parameter in own.parameters
        if all(parameter.name in one.undecisive for one in every)
        and any(parameter.name in one.network.free_parameters for one in every)
        and are_given_alike(parameter.name, own, [one.network.root for one in every])
    )


def are_given_alike(name: str, own: Definition, others: Sequence[Definition]) -> bool:
    """Whether a parameter has the same value in all, which one made of a flag has not."""
    return all(key(other.arguments[name]) == key(own.arguments[name]) for other in others)
