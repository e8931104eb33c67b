"""Loaded networks on CUDA beside torchvision's with the same weights.

`RESDSL_GPU=cpu pytest tests/gpu` runs this file where there is no CUDA: the tests are tested there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

import resdsl
from tests.zoo.norms import disturb

if TYPE_CHECKING:
    import torch
    from torch import nn

Pair: TypeAlias = "Callable[..., tuple[nn.Module, nn.Module]]"

pytestmark = pytest.mark.gpu

NETWORKS = ["resnet50", "mobilenet_v2", "densenet121"]
# Of float32 without TF32: the kernels that are chosen may add up in another order.
NEAR = {"rtol": 1e-4, "atol": 1e-4}


@pytest.fixture
def device() -> str:
    import torch

    wanted = os.environ.get("RESDSL_GPU", "cuda")
    if wanted == "cuda" and not torch.cuda.is_available():
        pytest.skip("torch sees no CUDA device")
    return wanted


@pytest.fixture(autouse=True)
def whole_float32(device: str) -> Iterator[None]:
    """TF32 keeps ten bits of a product."""
    import torch

    # No monkeypatch: these attributes cannot be deleted.
    switches: list[Any] = [torch.backends.cudnn, torch.backends.cuda.matmul]
    before = [switch.allow_tf32 for switch in switches]
    for switch in switches:
        switch.allow_tf32 = False
    yield
    for switch, was in zip(switches, before, strict=True):
        switch.allow_tf32 = was


@pytest.fixture
def pair(device: str, torchvision: ModuleType) -> Pair:
    """Ours and torchvision's, of the same weights, whose norms are as after training."""

    def made(name: str, **asked: Any) -> tuple[nn.Module, nn.Module]:
        ours = resdsl.load(name, seed=0, device=device, **asked)
        disturb(ours)
        theirs = getattr(torchvision.models, name)().to(device)
        theirs.load_state_dict(ours.state_dict())
        return ours, theirs

    return made


def batch(device: str) -> torch.Tensor:
    import torch

    return torch.randn(4, 3, 96, 128, generator=torch.Generator().manual_seed(1)).to(device)


def trained(model: nn.Module, x: torch.Tensor, *, dtype: Any = None) -> list[torch.Tensor]:
    """The loss, gradients and buffers of a step of training, under AMP where a dtype is given."""
    import torch

    model.train()
    with torch.autocast(x.device.type, dtype=dtype, enabled=dtype is not None):
        torch.manual_seed(0)  # of dropout
        loss = torch.nn.functional.cross_entropy(model(x).float(), torch.arange(4).to(x.device))
    loss.backward()
    gradients = [one.grad for one in model.parameters()]
    assert all(one is not None for one in gradients)
    return [loss.detach(), *(one for one in gradients if one is not None), *model.buffers()]


def near(found: list[torch.Tensor], wanted: list[torch.Tensor], **how: float) -> None:
    """Each in parts of its own largest element."""
    import torch

    assert len(found) == len(wanted)
    for one, two in zip(found, wanted, strict=True):
        scale = two.abs().max().clamp(min=1) if two.is_floating_point() else 1
        torch.testing.assert_close(one / scale, two / scale, **how)


@pytest.mark.parametrize("name", NETWORKS)
def test_eval(name: str, device: str, pair: Pair) -> None:
    import torch

    ours, theirs = pair(name)
    with torch.no_grad():
        near([ours.eval()(batch(device))], [theirs.eval()(batch(device))], **NEAR)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_step_of_training(name: str, device: str, pair: Pair) -> None:
    ours, theirs = pair(name)
    near(trained(ours, batch(device)), trained(theirs, batch(device)), **NEAR)


def test_a_step_of_training_under_amp(device: str, pair: Pair) -> None:
    import torch

    ours, theirs = pair("resnet50")
    made, wanted = (trained(one, batch(device), dtype=torch.bfloat16) for one in (ours, theirs))
    near(made, wanted, rtol=5e-2, atol=5e-2)


def test_channels_last(device: str, pair: Pair) -> None:
    import torch

    ours, theirs = (one.to(memory_format=torch.channels_last) for one in pair("resnet50"))
    x = batch(device).contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        found, wanted = ours.eval()(x), theirs.eval()(x)
    near([found], [wanted], **NEAR)


def test_compiled(device: str, pair: Pair) -> None:
    import torch

    ours, theirs = pair("resnet50")
    made = trained(torch.compile(ours, backend=_backend(device)), batch(device))  # type: ignore[arg-type]
    near(made, trained(theirs, batch(device)), rtol=1e-3, atol=1e-3)


def _backend(device: str) -> str:
    """Inductor takes minutes on a processor, where it is tested elsewhere."""
    return "inductor" if device == "cuda" else "aot_eager"


def test_checkpointed_stages(device: str, pair: Pair) -> None:
    ours, theirs = pair("resnet50", checkpointing="stages")
    near(trained(ours, batch(device)), trained(theirs, batch(device)), **NEAR)


def test_fused(device: str, pair: Pair) -> None:
    import torch

    ours, theirs = pair("resnet50")
    fused = resdsl.load("resnet50", fused=True, weights=ours.state_dict(), device=device)
    with torch.no_grad():
        near([fused(batch(device))], [theirs.eval()(batch(device))], rtol=1e-3, atol=1e-3)
