"""The module of a fused design, with the weights of the network that it was made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from resdsl.api.designs import Design

if TYPE_CHECKING:
    import torch

# The module of a design on a device, its floating tensors of a type.
Started: TypeAlias = (
    "Callable[[Design, str | torch.device | None, torch.dtype | None], torch.nn.Module]"
)


def fused_module(
    made: Design,
    started: Started,
    device: str | torch.device | None,
    dtype: torch.dtype,
) -> torch.nn.Module:
    """The fused module of `dtype`, each of whose layers was compared with what it is made of.

    `started` makes the network as it is trained, with its weights: here on the CPU, in float64.
    Raises TypeError for a dtype that is not floating.
    """
    from resdsl.targets import assigned, build, checked_device
    from resdsl.targets.fused_weights import fused_state
    from resdsl.targets.torch_import import torch

    if not dtype.is_floating_point:
        raise TypeError(f"weights of a fused network are floating-point numbers, not {dtype}")
    place = checked_device(device)
    assert made.fused is not None
    is_meta = place.type == "meta"
    before = started(made.before_fusing(), "meta" if is_meta else "cpu", torch.float64)
    if is_meta:
        module = build(made.source(), made.name, "meta", dtype)
    else:
        sources = made.fused.plan.sources(made.network.root)
        state = fused_state(sources, before.state_dict())
        module = assigned(
            made.network, made.source(), state, (), device=place, dtype=dtype, copies=False
        )
    if hasattr(before, "weights_report"):
        module.weights_report = before.weights_report
    return module
