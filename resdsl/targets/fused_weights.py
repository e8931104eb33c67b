"""The weights of a network whose norms are folded, from those of the network that has them.

Of a channel with the scale g, shift b, running mean m and variance v, the norm gives
`(y - m) * g / sqrt(v + eps) + b`: the filter is multiplied by `g / sqrt(v + eps)`, and the bias
follows (Ioffe and Szegedy 2015, algorithm 2, line 11). All of it is computed in float64.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from resdsl.design.folding import Fold, Folding
from resdsl.design.network import Network
from resdsl.targets.module import build

if TYPE_CHECKING:
    import torch

# The largest difference, relative to the largest output, that float64 may leave of a convolution.
EXACT = 1e-10


def fused(network: Network, module: torch.nn.Module, made: Network, source: str) -> torch.nn.Module:
    """`made`, whose emitted text is `source`, with the weights that `module` has of `network`.

    Each convolution is compared in float64 with that and its norm. Raises ValueError where they
    differ, as where a running variance is negative.
    """
    from resdsl.targets.torch_import import torch

    state = module.state_dict()
    first = next(iter(state.values()))
    if not first.is_meta:
        with torch.no_grad():
            for fold in Folding(network).folds():
                _take(fold, module, state)
    floating = next(one.dtype for one in state.values() if one.dtype.is_floating_point)
    new = build(source, made.name, first.device, floating)
    if not first.is_meta:
        new.load_state_dict(state)
    return new


def _take(fold: Fold, module: torch.nn.Module, state: dict[str, Any]) -> None:
    """Puts what one fold makes in place of what it is made of."""
    norm: Any = module.get_submodule(fold.norm)
    before: Any = module.get_submodule(fold.convolution)
    weight, bias = before.weight.double(), before.bias
    scale = (norm.running_var.double() + fold.eps).rsqrt()
    if norm.weight is not None:
        scale = scale * norm.weight.double()
    shift = -norm.running_mean.double() if bias is None else bias.double() - norm.running_mean
    shift = shift * scale
    if norm.bias is not None:
        shift = shift + norm.bias.double()
    made = weight * scale.view(-1, *(1 for _ in weight.shape[1:]))
    _verify(fold, before, norm, made, shift)
    dtype = before.weight.dtype
    for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
        state.pop(f"{fold.norm}.{name}", None)
    state[f"{fold.convolution}.weight"] = made.to(dtype)
    state[f"{fold.convolution}.bias"] = shift.to(dtype)


def _verify(
    fold: Fold, convolution: Any, norm: Any, weight: torch.Tensor, bias: torch.Tensor
) -> None:
    """On an input of little more than the window."""
    from resdsl.targets.torch_import import torch

    plain = copy.deepcopy(convolution).double()
    follows = copy.deepcopy(norm).double().eval()
    channels = plain.in_channels
    windows = zip(plain.kernel_size, plain.dilation, plain.stride, strict=True)
    extents = [d * (k - 1) + 1 + s for k, d, s in windows]
    generator = torch.Generator(weight.device).manual_seed(0)
    x = torch.randn(
        2, channels, *extents, dtype=torch.float64, device=weight.device, generator=generator
    )
    wanted = follows(plain(x))
    plain.weight, plain.bias = torch.nn.Parameter(weight), torch.nn.Parameter(bias)
    found = plain(x)
    # Also where it is no number.
    if not (found - wanted).abs().max() <= EXACT * wanted.abs().max().clamp(min=1e-300):
        raise ValueError(
            f"{fold.convolution} with {fold.norm} folded into it is not what both are: are its "
            "running statistics finite, and its variances positive?"
        )
