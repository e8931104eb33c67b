"""What a network is with other truth values for its parameters.

A module can keep those as arguments (`resdsl.targets.branching`). A check does not pay for it: they
are elaborated when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

from resdsl import limits
from resdsl.design.model import Network, Variant

# How many parameters are tried.
_TRIED = 8


def variants(
    network: Network,
    bound: Mapping[str, object],
    again: Callable[[dict[str, bool]], Network | None],
) -> tuple[Variant, ...]:
    """Every other combination of the truth values of its parameters, the first three that can be
    chosen: with each the network has the same input and outputs. Those that are `bound` belong to
    its name. `again` elaborates it with others, None where that fails."""
    arguments = network.root.arguments
    flags = [
        parameter.name
        for parameter in network.root.parameters
        if parameter.name not in bound and isinstance(arguments[parameter.name], bool)
    ]
    kept: list[str] = []
    known: list[Variant] = []
    for name in flags[:_TRIED]:
        if len(kept) == limits.FLAGS:
            break
        more: list[Variant] = []
        # Those with the flag as it is are known.
        for values in product(*((arguments[one], not arguments[one]) for one in kept)):
            given = dict(zip([*kept, name], [*values, not arguments[name]], strict=True))
            other = again(given)
            if other is None or not _is_alike(network, other):
                break
            more.append(Variant(given, other.root, other.free_parameters))
        else:
            known = [_with(variant, name, arguments[name]) for variant in known] + more
            kept.append(name)
    return tuple(known)


def _is_alike(network: Network, other: Network) -> bool:
    """Whether they take the same and give the same, but for the shapes of that."""
    return (
        network.input == other.input
        and network.outputs == other.outputs
        and network.conditions == other.conditions
    )


def _with(variant: Variant, name: str, value: bool) -> Variant:
    return Variant({**variant.flags, name: value}, variant.root, variant.free_parameters)
