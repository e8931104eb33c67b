"""A module made of weights that are there: nothing is initialised but what they leave open."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from resdsl.design.network import Network
from resdsl.design.state import state
from resdsl.targets.module import build, checked_device
from resdsl.targets.weights import fill
from resdsl.weights.refusal import unfit

if TYPE_CHECKING:
    import torch


def assigned(
    network: Network,
    source: str,
    values: Mapping[str, torch.Tensor],
    adapted: Collection[str],
    *,
    device: str | torch.device | None = None,
    dtype: torch.dtype | None = None,
    seed: int | None = None,
    copies: bool,
) -> torch.nn.Module:
    """The network with these tensors, by the design's keys; `source` is its emitted text.

    Floating tensors are of `dtype`, float32 if None. Those of `adapted` have other input channels,
    others may have another shape of as many elements. What `values` lack starts as it does without
    weights, from `seed`. `copies`: the values are somebody's, and are copied; else they become the
    module's own, where device and type allow. On the meta device no numbers are looked at.
    """
    from resdsl.targets.torch_import import torch

    kind = torch.float32 if dtype is None else dtype
    if not (kind.is_floating_point or kind.is_complex):
        raise TypeError(f"weights are floating-point or complex numbers, not {kind}")
    place = checked_device(device)
    module = build(source, network.name, "meta", kind)
    if place.type == "meta":
        return module
    open_: list[str] = []
    with torch.no_grad():
        # Not by `load_state_dict`, which takes as long as to build the module: keys and shapes are
        # known to fit.
        for owner, name, key, empty in _tensors(module):
            value: Any = values.get(key)
            if not (value is None or isinstance(value, torch.Tensor)):
                # Of NumPy. A tensor would go to the default device.
                value = torch.as_tensor(value, device="cpu")
            if value is None:
                open_.append(key)
                made = torch.empty_like(empty, device=place)
            else:
                if value.device.type == "meta":
                    raise unfit(f"what is to be `{key}` lies on the meta device, without numbers")
                if key in adapted:
                    value = with_channels(value, empty.shape[1])
                value = value.detach().reshape(empty.shape)
                made = value.to(place, empty.dtype, copy=copies).contiguous()
            is_parameter = isinstance(empty, torch.nn.Parameter)
            if is_parameter:
                made = torch.nn.Parameter(made, requires_grad=empty.requires_grad)
            setattr(owner, name, made)
    if open_:
        fill(module, state(network), seed, only=open_)
    return module


def _tensors(
    module: torch.nn.Module,
) -> Iterator[tuple[torch.nn.Module, str, str, torch.Tensor]]:
    """Each tensor of the state dict: whose it is, its name there, its key."""
    for path, owner in module.named_modules():
        before = f"{path}." if path else ""
        own = [*owner.named_parameters(recurse=False), *owner.named_buffers(recurse=False)]
        for name, tensor in own:
            yield owner, name, before + name, tensor


def with_channels(weight: torch.Tensor, channels: int) -> torch.Tensor:
    """A convolution's weight for other input channels.

    As timm does it from 3: summed for one, else repeated in turn and scaled by 3/channels
    (`timm.models.adapt_input_conv`). From 1: shared out, so that a grey picture in every channel
    gives what it gave.
    """
    before = weight.shape[1]
    numbers = weight.float()
    if channels == 1:
        numbers = numbers.sum(1, keepdim=True)
    else:
        times = -(-channels // before)
        turns = (1, times, *[1] * (weight.ndim - 2))
        numbers = numbers.repeat(turns)[:, :channels] * (before / channels)
    return numbers.to(weight.dtype)
