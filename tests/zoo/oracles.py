"""Models of timm and torchvision, whose weights networks of the zoo take.

`weights` of a group (tests/data/oracles) has for a network of the zoo

theirs     the function that makes the model, `timm.create_model:resnet50d` or
           `torchvision.models.alexnet`
options    what it is given
rename     [pattern, replacement] pairs that turn their keys into ours; without it, and without
           equal keys, tensors are matched in order, by their shapes
sizes      the extents of the images; two, one of them odd where the network takes it
train      true: the outputs in training mode are compared as well
differs    why outputs are not equal to the bit, if they are not: then 1e-6 relative
"""

from __future__ import annotations

import copy
import importlib
import re
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from resdsl.api import zoo
from tests.zoo.norms import disturb

if TYPE_CHECKING:
    from torch import nn

SIZES = [[64, 96], [97, 129]]
# By the file of networks that are the library's at some sizes alone: where all maps of a DLA or an
# HRNet agree.
SIZES_OF = {
    "dla": [[64, 96], [96, 128]],
    "hrnet": [[64, 96], [96, 128]],
}


def theirs(oracle: dict[str, Any]) -> nn.Module:
    """The library's model, with norms that are not the identity, as after training."""
    import torch

    torch.manual_seed(0)
    function, _, argument = oracle["theirs"].partition(":")
    home, _, name = function.rpartition(".")
    make = getattr(importlib.import_module(home), name)
    device = torch.get_default_device()
    # torchvision's RegNets compute their widths with tensors, which need memory.
    with torch.device("cpu") if name.startswith("regnet_") else nullcontext():
        model: nn.Module = make(*filter(None, [argument]), **oracle.get("options", {}))
    model.to(device)
    if not next(model.parameters()).is_meta:
        disturb(model)
    return model


def sizes_of(name: str, oracle: dict[str, Any]) -> list[list[int]]:
    """The extents of the images at which a network of the zoo is compared."""
    sizes: list[list[int]] = oracle.get("sizes") or SIZES_OF.get(
        zoo.entries()[name].path.stem, SIZES
    )
    return sizes


def renamed(oracle: dict[str, Any], key: str) -> str:
    for pattern, replacement in oracle.get("rename", []):
        key = re.sub(pattern, replacement, key)
    return key


def take(ours: nn.Module, model: nn.Module, oracle: dict[str, Any]) -> None:
    """Gives ours the weights of the library's model: copies, so that it may be on meta before."""
    state = {renamed(oracle, key): tensor for key, tensor in model.state_dict().items()}
    if "rename" not in oracle and list(state) != list(ours.state_dict()):
        shapes = [tensor.shape for tensor in ours.state_dict().values()]
        assert [tensor.shape for tensor in state.values()] == shapes
        state = dict(zip(ours.state_dict(), state.values(), strict=True))
    own = ours.state_dict()
    for key, tensor in state.items():
        if tensor.ndim == 0 and key in own:  # a learned number, of one dimension here
            state[key] = tensor.reshape(own[key].shape)
    copies = {key: tensor.detach().clone() for key, tensor in state.items()}
    ours.load_state_dict(copies, strict=True, assign=True)


def counted(model: nn.Module, channels: int, size: list[int]) -> tuple[int, int]:
    """Learnable elements and MACs of a library's model, as torch counts them: those of convolutions
    and products of matrices, of one sample in eval mode."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    without_memory = copy.deepcopy(model).to("meta").eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        without_memory(torch.empty(1, channels, *size, device="meta"))
    params = sum(parameter.numel() for parameter in model.parameters())
    return params, counter.get_total_flops() // 2
