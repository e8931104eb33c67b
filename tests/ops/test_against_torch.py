"""Layers at positions and learned numbers against torchvision's and timm's blocks, to the bit."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import resdsl
from resdsl.extents import Shape, constant
from resdsl.ops import REGISTRY

if TYPE_CHECKING:
    from torch import Tensor, nn

# A full step for the scale, so that it tells.
TORCHVISION = """network cn {
    input 24 x H x W
    residual {
        block: {
            depthwise(7, bias=true) identity layernorm(eps=1e-6)
            linear(4 * in.channels, at="positions") gelu
            linear(in.channels, at="positions") identity
        }
        layer_scale(0.5, shape="map")
    }
}
"""
TIMM = """network cn {
    input 24 x H x W
    residual {
        conv_dw: depthwise(7, bias=true)
        norm: layernorm(eps=1e-6)
        mlp: { fc1: linear(4 * in.channels, at="positions") gelu fc2: linear(in.channels, at="positions") }
        layer_scale(0.5)
    }
}
"""  # noqa: E501 (a line of the language)


def compared(ours: nn.Module, theirs: nn.Module, extents: tuple[int, int]) -> list[bool]:
    """Whether the result, the gradient of the input and those of the tensors are equal."""
    import torch

    assert all(parameter.requires_grad for parameter in ours.parameters())
    x = torch.rand(2, 24, *extents)
    gradients: list[list[Tensor]] = []
    for module in (ours, theirs):
        own = x.clone().requires_grad_()
        made = module(own)
        # The learned scale stands elsewhere in the order of keys.
        named = dict(module.named_parameters())
        order = sorted(named, key=lambda key: ("gamma" in key or "layer_scale" in key, key))
        tensors = [own, *(named[key] for key in order)]
        found = torch.autograd.grad(made.square().sum(), tensors)
        gradients.append([made, *found])
    return [torch.equal(one, other) for one, other in zip(*gradients, strict=True)]


def loaded(ours: nn.Module, theirs: nn.Module, renamed: str, to: str) -> None:
    import torch

    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.uniform_(-1, 1)
    state = {to if key == renamed else key: value for key, value in theirs.state_dict().items()}
    ours.load_state_dict(state)


@pytest.mark.parametrize("extents", [(14, 14), (9, 5), (1, 1)])
def test_torchvision_s_convnext_block(torchvision: ModuleType, extents: tuple[int, int]) -> None:
    from torchvision.models.convnext import CNBlock

    ours, theirs = resdsl.load(TORCHVISION), CNBlock(24, 0.5, 0.0)
    assert [key for key in ours.state_dict() if key.startswith("block.")] == [
        key for key in theirs.state_dict() if key.startswith("block.")
    ]
    loaded(ours, theirs, "layer_scale", "layer_scale.gamma")
    assert ours.state_dict()["layer_scale.gamma"].shape == theirs.layer_scale.shape
    assert all(compared(ours.eval(), theirs.eval(), extents))
    assert all(compared(ours.train(), theirs.train(), extents))


@pytest.mark.parametrize("extents", [(14, 14), (9, 5), (1, 1)])
def test_timm_s_convnext_block(timm: ModuleType, extents: tuple[int, int]) -> None:
    ours = resdsl.load(TIMM)
    theirs = timm.models.convnext.ConvNeXtBlock(24, 24, ls_init_value=0.5)
    loaded(ours, theirs, "gamma", "layer_scale.gamma")
    assert all(compared(ours.eval(), theirs.eval(), extents))


CALLS = [
    ("layer_scale", {"init": 0.5}),
    ("layer_scale", {"init": 0.5, "shape": "map"}),
    ("layer_scale", {"init": 0.5, "per": "tensor"}),
    ("layer_scale", {"init": 0.5, "per": "tensor", "shape": "map"}),
    ("layer_shift", {"init": 0.5}),
    ("layer_shift", {"per": "tensor", "shape": "map"}),
    ("prelu", {}),
    ("prelu", {"per": "tensor", "init": 0.5}),
]


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_held_by_the_body_around(name: str, arguments: dict[str, object], rank: int) -> None:
    """The expression over the one tensor is what the module computes."""
    import torch

    op = REGISTRY[name](**arguments)
    shape = Shape(6, (constant(3),) * rank, flat=not rank)
    (held,) = op.tensors(shape)
    sizes = " x ".join(["6", *["3"] * rank])
    written = ", ".join(f"{key}={value!r}".replace("'", '"') for key, value in arguments.items())
    module = resdsl.load(f"network n {{ input {sizes} op: {name}({written}) }}\n")
    tensor = module.get_parameter(f"op.{held.name}")
    assert tuple(tensor.shape) == held.shape
    expected = (6,) if arguments.get("per", "channel") == "channel" else (1,)
    assert held.shape == expected + (1,) * rank * (arguments.get("shape") == "map")
    with torch.no_grad():
        tensor.uniform_(0.5, 2)
    x = torch.randn(2, 6, *(3,) * rank)
    holding = resdsl.load(f"network n {{ input {sizes} param t: {name}({written}) }}\n")
    with torch.no_grad():
        holding.get_parameter("t").copy_(tensor)
    assert torch.equal(holding(x), module(x))


def test_what_is_no_single_tensor_is_not_held() -> None:
    shape = Shape(6, (constant(3), constant(3)))
    named = {"layer_scale", "layer_shift", "prelu"}
    needed = {"linear": {"features": 2}, "conv": {"k": 3, "channels": 2}, "depthwise": {"k": 3}}
    for name in ("batchnorm", "layernorm", "relu", "identity", *needed, *named):
        op = REGISTRY[name](**needed.get(name, {}))
        assert (op.held(shape) is not None) == (name in named)


def test_crop_takes_away_what_pad_adds() -> None:
    import torch

    module = resdsl.load("network n { input 3 x H x W pad(1x2, 3x0) crop(1x2, 3x0) }\n")
    x = torch.rand(2, 3, 5, 7)
    assert torch.equal(module(x), x)


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_upsampling_to_a_size(rank: int, mode: str) -> None:
    """Of extents that grow and that shrink, the results and gradients of torch's function."""
    import torch
    from torch.nn.functional import interpolate

    sizes, free = "x".join(["6", "3", "9"][:rank]), " x ".join("LHW"[:rank])
    call = f'upsample(size={sizes if rank > 1 else "6"}, mode="{mode}")'
    module = resdsl.load(f"network n {{ input 2 x {free} {call} }}\n")
    x = torch.rand(1, 2, *[4, 5, 7][:rank], requires_grad=True)
    theirs = {1: "linear", 2: "bilinear", 3: "trilinear"}[rank] if mode == "linear" else mode
    made, expected = module(x), interpolate(x, [6, 3, 9][:rank], mode=theirs)
    assert torch.equal(made, expected)
    one, other = (torch.autograd.grad(y.square().sum(), x)[0] for y in (made, expected))
    assert torch.equal(one, other)


def test_a_size_holds_at_every_input() -> None:
    design = resdsl.design("network n { input 3 x H x W upsample(size=6x4) conv(3, 8, padding=0) }")
    assert design.at((2, 90)).output == design.at((64, 3)).output == (8, 4, 2)


def test_macs_at_positions() -> None:
    design = resdsl.design('network n { input 4 x 5 x 6 linear(7, at="positions") }\n')
    assert (design.macs, design.activations, design.depth) == (4 * 7 * 30, 7 * 30, 1)
