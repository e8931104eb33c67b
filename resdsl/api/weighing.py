"""Weights for a design: the plan that a header allows, and the module with its tensors."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from resdsl import limits, paths
from resdsl.api.designs import Design
from resdsl.weights.matching import Plan, plan
from resdsl.weights.sources import Described, Weights, described, is_pickle, of_dict
from resdsl.weights.tensors import wanted
from resdsl.weights.wishes import Wishes

if TYPE_CHECKING:
    import torch


def planned(made: Design, found: Described, wishes: Wishes, given: Collection[str]) -> Plan:
    """Which tensor is which. `given` are the parameters that somebody gave the network.

    Raises WeightsError where they do not fit, and SpecError for a network that is too large.
    """
    made.refuse_beyond(limits.WEIGHED, "comparing weights with it")
    network = made.network
    outputs = network.root.shapes[network.root.output].channels
    asks_head = any(network.root.arguments.get(name) == outputs for name in given)
    return plan(
        wanted(network, asks_head=asks_head),
        found.tensors,
        wishes,
        name=found.name,
        wrapped=found.wrapped,
        is_ordered=found.path is None,
    )


def weighed(
    made: Design,
    weights: Weights,
    wishes: Wishes,
    given: Collection[str],
    *,
    device: str | torch.device | None,
    dtype: torch.dtype | None,
    seed: int | None,
) -> torch.nn.Module:
    """The module of a design with these weights, and what became of them as `weights_report`."""
    from resdsl.targets import assigned
    from resdsl.targets.weight_files import of_pickle, of_safetensors

    if is_pickle(weights):
        found = of_dict(of_pickle(weights), wishes.key, paths.shown(weights))
    else:
        found = described(weights, wishes.key)
    wish = planned(made, found, wishes, given)
    if found.values is None:
        assert found.path is not None
        numbers = of_safetensors(found.path, wish.takes.values())
    else:
        numbers = found.values
    module = assigned(
        made.network,
        made.source(),
        {ours: numbers[theirs] for ours, theirs in wish.takes.items()},
        wish.adapted,
        device=device,
        dtype=dtype,
        seed=seed,
        # Tensors of a dict are somebody's; those of torch's files may share their memory.
        copies=found.values is not None,
    )
    module.weights_report = wish.report  # type: ignore[assignment]
    return module
