"""A loaded network on CUDA. Skips where there is none, but for what is said then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import resdsl

if TYPE_CHECKING:
    import torch
    from torch import nn


@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_without_cuda_one_line_says_what_there_is(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(ValueError) as caught:
        resdsl.load("resnet18", device=device)
    message = str(caught.value)
    assert message.startswith(f'device "{device}" is not available; ')
    assert message.endswith((" cpu", "mps", "xpu:0"))
    assert "\n" not in message


@pytest.fixture
def cuda() -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("torch sees no CUDA device")


@pytest.fixture
def model(cuda: None) -> nn.Module:
    return resdsl.load("resnet18", device="cuda", seed=0)


def batch() -> torch.Tensor:
    import torch

    return torch.randn(4, 3, 96, 128, generator=torch.Generator().manual_seed(1)).cuda()


@pytest.mark.gpu
def test_every_tensor_is_there(model: nn.Module) -> None:
    assert {tensor.device.type for tensor in model.state_dict().values()} == {"cuda"}


@pytest.mark.gpu
def test_weights_are_those_of_the_cpu(model: nn.Module) -> None:
    """A seed means the same weights on every device."""
    import torch

    there = resdsl.load("resnet18", seed=0).state_dict()
    assert all(torch.equal(tensor.cpu(), there[key]) for key, tensor in model.state_dict().items())


@pytest.mark.gpu
def test_forward_agrees_with_the_cpu(model: nn.Module) -> None:
    """As near as TF32 allows, which cuDNN may use."""
    import torch

    there = resdsl.load("resnet18", seed=0).eval()
    with torch.no_grad():
        found = model.eval()(batch())
        torch.testing.assert_close(found.cpu(), there(batch().cpu()), rtol=1e-2, atol=1e-2)


@pytest.mark.gpu
def test_backward_reaches_every_parameter(model: nn.Module) -> None:
    model(batch()).square().mean().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.gpu
def test_a_step_under_automatic_mixed_precision(model: nn.Module) -> None:
    import torch

    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    scaler = torch.amp.GradScaler("cuda", init_scale=1024.0)
    before = model.get_parameter("fc.weight").detach().clone()
    with torch.autocast("cuda", dtype=torch.float16):
        output = model(batch())
        loss = torch.nn.functional.cross_entropy(output, torch.arange(4, device="cuda"))
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    assert output.dtype == torch.float16
    assert not torch.equal(model.get_parameter("fc.weight"), before)


@pytest.mark.gpu
def test_channels_last(model: nn.Module) -> None:
    import torch

    model.eval()
    with torch.no_grad():
        plain = model(batch())
        model.to(memory_format=torch.channels_last)
        found = model(batch().contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(found, plain, rtol=1e-2, atol=1e-2)


@pytest.mark.gpu
def test_half_precision_weights(cuda: None) -> None:
    import torch

    model = resdsl.load("resnet18", device="cuda", dtype=torch.bfloat16, seed=0)
    floating = {t.dtype for t in model.state_dict().values() if t.is_floating_point()}
    assert floating == {torch.bfloat16}
    assert model(batch().bfloat16()).dtype == torch.bfloat16
