"""torchvision's networks, to the bit: keys, weights both ways, outputs, gradients.

Both sides hold the same weights, so equal outputs mean the same operators in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import resdsl
from tests.zoo.families import full

if TYPE_CHECKING:
    import torch
    from torch import nn

# Of each block and of groups one on every run.
NETWORKS = [
    "resnet18",
    pytest.param("resnet34", marks=full),
    "resnet50",
    pytest.param("resnet101", marks=full),
    pytest.param("resnet152", marks=full),
    "resnext50_32x4d",
    pytest.param("resnext101_32x8d", marks=full),
    pytest.param("wide_resnet50_2", marks=full),
]
SIZES = [(224, 224), (97, 129)]


@dataclass(frozen=True)
class Pair:
    """One network twice. A test that runs them makes their states equal first."""

    ours: nn.Module
    theirs: nn.Module

    def equalise(self) -> None:
        self.ours.load_state_dict(self.theirs.state_dict(), strict=True)


@pytest.fixture(scope="module", params=NETWORKS)
def pair(request: pytest.FixtureRequest, torchvision: ModuleType) -> Iterator[Pair]:
    """theirs with norms that are not the identity, as after training."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    theirs = getattr(torchvision.models, request.param)()
    for module in theirs.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight.data, module.bias.data, module.running_mean):
                tensor.normal_()
            module.running_var.uniform_(0.5, 1.5)
    yield Pair(resdsl.load(request.param), theirs)


def image(size: tuple[int, int], samples: int = 1) -> torch.Tensor:
    import torch

    return torch.randn(samples, 3, *size, generator=torch.Generator().manual_seed(1))


def differing(ours: dict[str, torch.Tensor], theirs: dict[str, torch.Tensor]) -> list[str]:
    import torch

    return [key for key in theirs if not torch.equal(ours[key], theirs[key])]


def test_keys_are_equal_in_order(pair: Pair) -> None:
    assert list(pair.ours.state_dict()) == list(pair.theirs.state_dict())


def test_parameters_are_equal_in_order(pair: Pair) -> None:
    """Optimisers number parameters in this order: their checkpoints load too."""
    ours, theirs = pair.ours.named_parameters(), pair.theirs.named_parameters()
    assert [(name, p.shape) for name, p in ours] == [(name, p.shape) for name, p in theirs]


def test_our_weights_load_there(pair: Pair) -> None:
    pair.theirs.load_state_dict(pair.ours.state_dict(), strict=True)
    assert not differing(pair.ours.state_dict(), pair.theirs.state_dict())


def test_their_file_loads_here(pair: Pair, tmp_path: Path) -> None:
    import torch

    file = tmp_path / "weights.pt"
    torch.save(pair.theirs.state_dict(), file)
    pair.ours.load_state_dict(torch.load(file, weights_only=True), strict=True)
    file.unlink()  # up to 350 MB
    assert not differing(pair.ours.state_dict(), pair.theirs.state_dict())


@pytest.mark.parametrize("size", SIZES)
def test_outputs_in_training(pair: Pair, size: tuple[int, int]) -> None:
    """The running statistics that the pass leaves behind are compared as well."""
    import torch

    pair.equalise()
    pair.ours.train()
    pair.theirs.train()
    with torch.no_grad():
        assert torch.equal(pair.ours(image(size)), pair.theirs(image(size)))
    assert not differing(pair.ours.state_dict(), pair.theirs.state_dict())


@pytest.mark.parametrize("size", SIZES)
def test_outputs_in_evaluation(pair: Pair, size: tuple[int, int]) -> None:
    import torch

    pair.equalise()
    pair.ours.eval()
    pair.theirs.eval()
    with torch.no_grad():
        assert torch.equal(pair.ours(image(size)), pair.theirs(image(size)))


@pytest.mark.parametrize("pair", ["resnet18", "resnet50"], indirect=True)
def test_gradients(pair: Pair) -> None:
    """Of every parameter, and of the input."""
    import torch

    pair.equalise()
    gradients = []
    for model in (pair.ours.train(), pair.theirs.train()):
        model.zero_grad()
        x = image((97, 129), samples=2).requires_grad_()
        model(x).square().mean().backward()
        found = {name: p.grad for name, p in model.named_parameters()}
        gradients.append({**found, "input": x.grad})
    assert not differing(*gradients)
    assert all(torch.any(gradient != 0) for gradient in gradients[0].values())
