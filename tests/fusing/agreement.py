"""A fused network beside the one that it was made of, in float64."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from resdsl import Design
from resdsl.api.opening import Opened, with_fused_layers
from resdsl.diagnostics.diagnostic import Sink
from tests.random_networks.checking.inputs import (
    images,
    results,
    scramble,
    some_extents,
    together,
)

if TYPE_CHECKING:
    from torch import nn

# Of the largest of a result.
NEAR = 1e-10


def fused_form(design: Design) -> Design | None:
    """None where nothing can be fused."""
    made = with_fused_layers(Opened(design.network), Sink())
    return None if made is None else Design.of(made, ())


def both(design: Design, fused: Design, seed: int) -> tuple[nn.Module, nn.Module]:
    """As it is trained, with statistics that are not those of a start, and fused."""
    import torch

    from resdsl.targets import assigned, load
    from resdsl.targets.fused_weights import fused_state

    assert fused.fused is not None
    before = load(design.network, design.source(), dtype=torch.float64, seed=seed).eval()
    scramble(before, seed)
    sources = fused.fused.plan.sources(fused.network.root)
    state = fused_state(sources, before.state_dict())
    after = assigned(fused.network, fused.source(), state, (), dtype=torch.float64, copies=False)
    assert not after.training
    assert list(state) == list(after.state_dict())
    return before, after


def difference(
    design: Design, fused: Design, seed: int, extents: tuple[int, ...] | None = None
) -> float | None:
    """Of the results, in parts of the largest; None where they are not finite."""
    import torch

    extents = extents or some_extents(design, Random(seed))
    assert extents is not None
    before, after = both(design, fused, seed)
    x = images(design, extents, seed, batch=2)
    with torch.no_grad():
        wanted = together(results(design, before(x)))
        made = together(results(design, after(x)))
    if not bool(wanted.isfinite().all()):
        return None
    return float((made - wanted).abs().max() / wanted.abs().max().clamp(min=1e-300))
