"""Networks of timm and torchvision with the same weights as ours: the same outputs.

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

import importlib
import re
from typing import TYPE_CHECKING, Any

import pytest

import resdsl
from tests.zoo.families import one_a_family
from tests.zoo.norms import disturb
from tests.zoo.truth import WEIGHTS

if TYPE_CHECKING:
    from torch import nn

pytestmark = pytest.mark.usefixtures("one_thread")

SIZES = [[64, 96], [97, 129]]


def theirs(oracle: dict[str, Any]) -> nn.Module:
    """The library's model, with norms that are not the identity, as after training."""
    import torch

    torch.manual_seed(0)
    function, _, argument = oracle["theirs"].partition(":")
    home, _, name = function.rpartition(".")
    make = getattr(importlib.import_module(home), name)
    model: nn.Module = make(*filter(None, [argument]), **oracle.get("options", {}))
    disturb(model)
    return model


def renamed(oracle: dict[str, Any], key: str) -> str:
    for pattern, replacement in oracle.get("rename", []):
        key = re.sub(pattern, replacement, key)
    return key


def take(ours: nn.Module, model: nn.Module, oracle: dict[str, Any]) -> None:
    """Gives ours the weights of the library's model."""
    state = {renamed(oracle, key): tensor for key, tensor in model.state_dict().items()}
    if "rename" not in oracle and list(state) != list(ours.state_dict()):
        shapes = [tensor.shape for tensor in ours.state_dict().values()]
        assert [tensor.shape for tensor in state.values()] == shapes
        state = dict(zip(ours.state_dict(), state.values(), strict=True))
    ours.load_state_dict(state, strict=True)


@pytest.mark.parametrize("name", one_a_family(WEIGHTS))
def test_outputs(name: str, torchvision: object, timm: object) -> None:
    import torch

    oracle = WEIGHTS[name]
    model = theirs(oracle)
    ours = resdsl.load(name, seed=0)
    take(ours, model, oracle)
    channels = int(resdsl.design(name).input[0])
    modes = [False, True] if oracle.get("train") else [False]
    for train in modes:
        for size in oracle.get("sizes", SIZES):
            x = torch.randn(2, channels, *size, generator=torch.Generator().manual_seed(1))
            with torch.no_grad():
                torch.manual_seed(2)
                mine = ours.train(train)(x)
                torch.manual_seed(2)
                other = model.train(train)(x)
            if oracle.get("differs"):
                scale = other.abs().max().item()
                assert torch.allclose(mine, other, rtol=1e-6, atol=1e-6 * scale), (train, size)
            else:
                assert torch.equal(mine, other), (train, size)
