"""The module of a design: a start, with weights, or fused from that of the network as it was."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from resdsl import limits
from resdsl.api.designs import Design
from resdsl.weights.sources import Weights
from resdsl.weights.wishes import Wishes

if TYPE_CHECKING:
    import torch


def made_module(
    made: Design,
    weights: Weights | None,
    wishes: Wishes,
    given: Collection[str],
    *,
    device: str | torch.device | None,
    dtype: torch.dtype | None,
    seed: int | None,
) -> torch.nn.Module:
    """As `load` gives it. `given` are the parameters that somebody gave the network.

    The weights of a design that was fused here are those of the network as it was, or its own if
    they have the names of these; one that came in fused, in a file, has its own. Raises as `load`.
    """
    from resdsl.api.weighing import are_of, weighed
    from resdsl.targets import load

    is_own = weights is not None and made.fused is not None and are_of(made, weights, wishes)
    if made.fused is not None and not is_own:

        def before(device: str, dtype: torch.dtype) -> torch.nn.Module:
            whole = made.before_fusing()
            how = weights, wishes, given
            return made_module(whole, *how, device=device, dtype=dtype, seed=seed)

        return _fused(made, before, device, dtype, is_start=weights is None)
    made.refuse_beyond(limits.MODULES, "one module")
    if weights is None:
        return load(made.network, made.source(), device=device, dtype=dtype, seed=seed)
    return weighed(made, weights, wishes, given, device=device, dtype=dtype, seed=seed)


def _fused(
    made: Design,
    before: Callable[[str, torch.dtype], torch.nn.Module],
    device: str | torch.device | None,
    dtype: torch.dtype | None,
    *,
    is_start: bool,
) -> torch.nn.Module:
    """`before` makes the network as it was: here on the CPU, and in float64."""
    from resdsl.targets import assigned, build, checked_device
    from resdsl.targets.fused_weights import fused_state
    from resdsl.targets.torch_import import torch
    from resdsl.targets.weights import has_memory

    if dtype is None:
        dtype = torch.get_default_dtype() if is_start else torch.float32
    if not dtype.is_floating_point:
        raise TypeError(f"weights of a fused network are floating-point numbers, not {dtype}")
    place = checked_device(device)
    whole = before("meta" if place.type == "meta" else "cpu", torch.float64)
    state, source = whole.state_dict(), made.source()
    if all(map(has_memory, state.values())):
        assert made.fused is not None
        sources = made.fused.plan.sources(made.network.root)
        numbers = fused_state(sources, state, dtype)
        how: Any = {"device": place, "dtype": dtype, "copies": False}
        module = assigned(made.network, source, numbers, (), **how)
    else:
        module = build(source, made.name, place, dtype)
    report = getattr(whole, "weights_report", None)
    if report is not None:
        module.weights_report = report
    return module
