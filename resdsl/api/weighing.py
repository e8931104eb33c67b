"""Weights for a design: the plan that a header allows, and the module with its tensors."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from resdsl import limits, paths
from resdsl.api.designs import Design
from resdsl.api.stored_files import WEIGHTS_FILE, stored
from resdsl.design.state import state
from resdsl.weights.matching import Plan, plan
from resdsl.weights.shards import SUFFIX as INDEX
from resdsl.weights.sources import Described, Weights, described, is_pickle, of_dict
from resdsl.weights.tensors import wanted
from resdsl.weights.wishes import Wishes

if TYPE_CHECKING:
    import torch


def file_of(weights: Weights) -> Weights:
    """The file that a folder as on a hub, or a hub, has them in; anything else as it is."""
    if not isinstance(weights, str | os.PathLike):
        return weights
    index = Path(weights) / f"{WEIGHTS_FILE}{INDEX}"
    return stored(weights) or (index if paths.is_file(index) else weights)


def planned(made: Design, found: Described, wishes: Wishes, given: Collection[str]) -> Plan:
    """Which tensor is which. `given` are the parameters that somebody gave the network.

    Raises WeightsError where they do not fit, and SpecError for a network that is too large.
    """
    made.refuse_beyond(limits.WEIGHED, "comparing weights with it")
    return plan(
        wanted(made.network, given),
        found.tensors,
        wishes,
        name=found.name,
        wrapped=found.wrapped,
        is_ordered=found.files is None,
    )


def are_of(made: Design, weights: Weights, wishes: Wishes) -> bool:
    """Whether the tensors have the names of this very design's."""
    names = {entry.key for entry in state(made.network)}
    return _read(file_of(weights), wishes).tensors.keys() == names


def _read(weights: Weights, wishes: Wishes) -> Described:
    from resdsl.targets.weight_files import of_pickle

    if is_pickle(weights):
        return of_dict(of_pickle(weights), wishes.key, paths.shown(weights))
    return described(weights, wishes.key)


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
    from resdsl.targets.weight_files import of_safetensors

    found = _read(file_of(weights), wishes)
    wish = planned(made, found, wishes, given)
    if found.values is None:
        assert found.files is not None
        numbers = of_safetensors(found.files, wish.takes.values())
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
