"""Tensors that a class holds itself, beside modules written by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import resdsl

if TYPE_CHECKING:
    import torch
    from torch import nn

GOLDENS = Path(__file__).parent.parent / "golden" / "emitted"

CONVNEXT = """
## Liu et al. 2022, "A ConvNet for the 2020s", 2201.03545.
block convnext_block {
    residual {
        conv_dw: depthwise(7, bias=true)
        norm: layernorm(eps=1e-6)
        mlp: { fc1: conv(1, 4 * in.channels, bias=true) gelu fc2: conv(1, in.channels, bias=true) }
        param gamma: layer_scale(1e-6)
    }
}
network convnext_stage {
    input 8 x H x W
    blocks: convnext_block x 3
}
"""


def like_timm() -> nn.Module:
    """timm's ConvNeXtBlock with `conv_mlp`, written anew with its names."""
    import torch
    from torch import nn

    class Mlp(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            self.fc1 = nn.Conv2d(channels, 4 * channels, 1)
            self.fc2 = nn.Conv2d(4 * channels, channels, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.fc2(nn.functional.gelu(self.fc1(x)))

    class Norm(nn.LayerNorm):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

    class Block(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            self.conv_dw = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
            self.norm = Norm(channels, eps=1e-6)
            self.mlp = Mlp(channels)
            self.gamma = nn.Parameter(1e-6 * torch.ones(channels))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            made = self.mlp(self.norm(self.conv_dw(x)))
            return made.mul(self.gamma.reshape(1, -1, 1, 1)) + x

    return nn.Sequential(Block(8), Block(8), Block(8))


def test_convnext_as_timm_has_it() -> None:
    import torch
    from torch import nn

    torch.manual_seed(0)
    reference, x = like_timm(), torch.randn(2, 8, 10, 10, requires_grad=True)
    for tensor in reference.parameters():
        nn.init.normal_(tensor)
    state = {f"blocks.{key}": value for key, value in reference.state_dict().items()}
    module = resdsl.load(CONVNEXT)
    assert list(module.state_dict()) == list(state)
    assert next(iter(state)) == "blocks.0.gamma"
    module.load_state_dict(state)
    expected, found = reference(x), module(x)
    assert torch.equal(found, expected)
    (wanted,) = torch.autograd.grad(expected.sum(), x)
    (gradient,) = torch.autograd.grad(found.sum(), x)
    assert torch.equal(gradient, wanted)


def test_text(golden: Callable[[Path, str], None]) -> None:
    golden(GOLDENS / "convnext_stage.py", resdsl.design(CONVNEXT).source())


@pytest.mark.parametrize("call", ["layer_scale(0.5)", "prelu"])
@pytest.mark.parametrize("input", ["6 x 5", "6 x 5 x 5", "6 x 3 x 3 x 3"])
def test_as_the_module_does(call: str, input: str) -> None:
    """At each rank; flat ones behind a pool."""
    import torch

    for end in ("", "global_avgpool flatten"):
        rest = f"input {input} {end}"
        held = resdsl.load(f"network net {{ {rest} param a: {call} }}")
        module = resdsl.load(f"network net {{ {rest} a: {call} }}")
        (name,), (tensor,) = dict(held.named_parameters()), module.parameters()
        assert name == "a"
        assert torch.equal(held.get_parameter("a"), tensor)
        torch.nn.init.normal_(tensor)
        held.load_state_dict({"a": tensor})
        x = torch.randn(2, *map(int, input.split(" x ")))
        assert torch.equal(held(x), module(x))


def test_a_constructor_starts_it() -> None:
    """A class that is taken out of the file has no memory that nothing has set."""
    import torch

    from resdsl.targets.module import executed

    source = resdsl.design(CONVNEXT).source()
    block = executed(source, "convnext_stage").ConvNeXtBlock()
    assert torch.equal(block.gamma, torch.full((8,), 1e-6))


def test_reset_parameters_starts_it_again() -> None:
    import torch

    module = resdsl.load(CONVNEXT)
    torch.nn.init.normal_(module.get_parameter("blocks.1.gamma"))
    module.reset_parameters()  # type: ignore[operator]
    for i in range(3):
        assert torch.equal(module.get_parameter(f"blocks.{i}.gamma"), torch.full((8,), 1e-6))


def test_forms() -> None:
    """A design in JSON holds it; a tap has its name; costs count its elements once."""
    text = """
    network net {
        input 4 x 8 x 8
        conv(1, 6) param gain: layer_scale
        output gain, last: here
    }
    """
    design = resdsl.design(text)
    assert design.network.outputs == ("gain", "last")
    assert design.params == 4 * 6 + 6
    again = resdsl.design(design.to_json())
    assert again.to_json() == design.to_json()
    assert again.source() == design.source()
