"""Operators that torch lacks against timm's modules, to the bit: results and gradients."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import resdsl

if TYPE_CHECKING:
    from torch import Tensor, nn

CHANNELS = 24
# Our call, timm's class and its arguments.
MODULES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "standardized": (
        'conv(3, 32, stride=2, weights="standardized", eps=1e-8)',
        "StdConv2d",
        {"in_channel": CHANNELS, "out_channels": 32, "kernel_size": 3, "stride": 2, "eps": 1e-8},
    ),
    "scaled": (
        'conv(3, 32, groups=4, bias=true, weights="scaled", gamma=1.7, eps=1e-5)',
        "ScaledStdConv2d",
        {
            "in_channels": CHANNELS,
            "out_channels": 32,
            "kernel_size": 3,
            "groups": 4,
            "gamma": 1.7,
            "eps": 1e-5,
        },
    ),
    "scaled, as TensorFlow pads": (
        'conv(3, 32, stride=2, bias=true, weights="scaled", gamma=1.7, eps=1e-5, padding="same")',
        "ScaledStdConv2dSame",
        {
            "in_channels": CHANNELS,
            "out_channels": 32,
            "kernel_size": 3,
            "stride": 2,
            "gamma": 1.7,
            "eps": 1e-5,
        },
    ),
    "standardized, as TensorFlow pads": (
        'conv(3, 32, stride=2, weights="standardized", eps=1e-8, padding="same")',
        "StdConv2dSame",
        {"in_channel": CHANNELS, "out_channels": 32, "kernel_size": 3, "stride": 2, "eps": 1e-8},
    ),
    "blur": ("blur_pool", "BlurPool2d", {"channels": CHANNELS}),
    "wide blur": (
        'blur_pool(5, mode="constant")',
        "BlurPool2d",
        {"channels": CHANNELS, "filt_size": 5, "pad_mode": "constant"},
    ),
    "grn": (
        "global_response_norm",
        "GlobalResponseNorm",
        {"dim": CHANNELS, "channels_last": False},
    ),
    "frn": ("filter_response_norm", "FilterResponseNormTlu2d", {"num_features": CHANNELS}),
    "evonorm": (
        "evonorm(groups=6)",
        "EvoNorm2dS0",
        {"num_features": CHANNELS, "groups": 6},
    ),
}
# Blocks of std.attention, and timm's.
BLOCKS: dict[str, tuple[str, Callable[[ModuleType], nn.Module]]] = {
    "eca": (
        "eca",
        lambda timm: timm.layers.EcaModule(CHANNELS),
    ),
    "cbam": (
        "cbam(reduction=4)",
        lambda timm: timm.layers.cbam.CbamModule(CHANNELS, rd_ratio=0.25),
    ),
    "selective_kernel": (
        "selective_kernel(32, stride=2, groups=4)",
        lambda timm: timm.layers.SelectiveKernel(
            CHANNELS, 32, stride=2, groups=4, split_input=False
        ),
    ),
    "split_attention": (
        "split_attention(24, radix=2, cardinality=2)",
        lambda timm: timm.layers.SplitAttn(CHANNELS, 24, groups=2, norm_layer=torch_norm()),
    ),
    "squeeze_excite": (
        "squeeze_excite(inner=8, gate=hardsigmoid)",
        lambda timm: timm.layers.SqueezeExcite(CHANNELS, rd_channels=8, gate_layer="hard_sigmoid"),
    ),
}


def torch_norm() -> type[nn.Module]:
    from torch.nn import BatchNorm2d

    return BatchNorm2d


def results(module: nn.Module, x: Tensor, keys: list[str]) -> list[Tensor]:
    import torch

    own = x.clone().requires_grad_()
    made = module(own)
    tensors = [own, *(module.get_parameter(key) for key in keys)]
    return [made, *torch.autograd.grad(made.square().sum(), tensors)]


def compared(ours: nn.Module, theirs: nn.Module, *, is_exact: bool = True) -> None:
    """To the bit; else in float64, against the largest of all elements: a norm of two values, as
    behind a global pool, has gradients that are rounding alone."""
    import torch

    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in theirs.parameters():
            parameter.uniform_(0.5, 1.5)
    ours.load_state_dict(theirs.state_dict())
    keys = [key for key, _ in ours.named_parameters()]
    for extents in ((14, 14), (9, 5)):
        x = torch.randn(2, CHANNELS, *extents)
        if not is_exact:
            x, ours, theirs = x.double(), ours.double(), theirs.double()
        for training in (False, True):
            pair = [results(one.train(training), x, keys) for one in (ours, theirs)]
            if is_exact:
                assert all(torch.equal(a, b) for a, b in zip(*pair, strict=True))
                continue
            largest = max(float(one.detach().abs().max()) for one in pair[1])
            for a, b in zip(*pair, strict=True):
                assert float((a - b).detach().abs().max()) <= 1e-12 * largest


@pytest.mark.parametrize("name", MODULES)
def test_a_module(timm: ModuleType, name: str) -> None:
    call, theirs, arguments = MODULES[name]
    ours = resdsl.load(f"network n {{ input {CHANNELS} x H x W op: {call} }}\n")
    module = getattr(timm.layers, theirs, None)
    if module is None:
        module = getattr(timm.layers.grn, theirs)
    compared(ours.op, module(**arguments))


WINDOWS = [(k, s, d) for k in (1, 2, 3, 5) for s in (1, 2, 3) for d in (1, 2)]


@pytest.mark.parametrize(("k", "stride", "dilation"), WINDOWS)
def test_convolutions_as_tensorflow_pads(
    timm: ModuleType, k: int, stride: int, dilation: int
) -> None:
    """By the module that timm makes, padded by torch where that can be."""
    sizes = f"stride={stride}, dilation={dilation}"
    given = {"stride": stride, "dilation": dilation, "padding": "same"}
    for call, channels, groups in (("conv", "32, ", 1), ("depthwise", "", CHANNELS)):
        text = f'{call}({k}, {channels}{sizes}, padding="same")'
        ours = resdsl.load(f"network n {{ input {CHANNELS} x H x W op: {text} }}\n")
        out = 32 if channels else CHANNELS
        make = import_module("timm.layers.conv2d_same").create_conv2d_pad
        compared(ours.op, make(CHANNELS, out, k, groups=groups, **given))


# A mean has no dilation.
POOLS = [*(("max", *one) for one in WINDOWS), *(("avg", *one) for one in WINDOWS if one[2] == 1)]


@pytest.mark.parametrize(("kind", "k", "stride", "dilation"), POOLS)
def test_pools_as_tensorflow_pads(
    timm: ModuleType, kind: str, k: int, stride: int, dilation: int
) -> None:
    more = f", dilation={dilation}" if kind == "max" else ""
    call = f'{kind}pool({k}, stride={stride}, padding="same"{more})'
    ours = resdsl.load(f"network n {{ input {CHANNELS} x H x W op: {call} }}\n")
    given = {"dilation": dilation} if kind == "max" else {}
    # Torch's own pools take no padding of more than half of the window.
    own = getattr(import_module("timm.layers.pool2d_same"), f"{kind.capitalize()}Pool2dSame")
    compared(ours.op, own(k, stride, **given))


@pytest.mark.parametrize(("k", "stride", "dilation"), WINDOWS)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_in_other_dimensions(rank: int, k: int, stride: int, dilation: int) -> None:
    """By torch's functions and the formula, at every extent; and what is no element of the map
    counts in no mean."""
    import torch
    from torch.nn import functional as F  # noqa: N812

    rest = f'stride={stride}, padding="same"'
    calls = f"""
        keep a
        conv: conv({k}, 3, dilation={dilation}, {rest}) keep conv
        join a maxpool({k}, dilation={dilation}, {rest}) keep most
        join a avgpool({k}, {rest}) keep mean
        join a avgpool({k}, {rest}, count_include_pad=false) keep own
        output conv, most, mean, own
    """
    text = f"network n {{ input 2 x {' x '.join('DHW'[:rank])} {calls} }}\n"
    design, ours = resdsl.design(text), resdsl.load(text)
    convolve, most, mean = (
        getattr(F, f"{name}{rank}d") for name in ("conv", "max_pool", "avg_pool")
    )
    for extent in (1, 2, 3, 4, 5, 6, 7):
        x = torch.randn(2, 2, *[extent, extent + 1, 5][:rank])
        made = ours(x)
        found = {name: tuple(tensor.shape[1:]) for name, tensor in made.items()}
        assert {*found.values()} == {(3, *found["conv"][1:]), (2, *found["conv"][1:])}
        assert found["conv"][1:] == tuple(-(-n // stride) for n in x.shape[2:])
        assert design.at(tuple(x.shape[2:])).outputs == found

        def padded(y: Tensor, spread: int, value: float = 0.0) -> Tensor:
            sides: list[int] = []
            for n in reversed(y.shape[2:]):
                whole = max((-(-n // stride) - 1) * stride + (k - 1) * spread + 1 - n, 0)
                sides += [whole // 2, whole - whole // 2]
            return F.pad(y, sides, value=value)

        expected = convolve(padded(x, dilation), ours.conv.weight, None, stride, 0, dilation)
        torch.testing.assert_close(made["conv"], expected)
        expected = most(padded(x, dilation, -torch.inf), k, stride, dilation=dilation)
        assert torch.equal(made["most"], expected)
        means = mean(padded(x, 1), k, stride)
        torch.testing.assert_close(made["mean"], means)
        shares = mean(padded(torch.ones_like(x), 1), k, stride)
        torch.testing.assert_close(made["own"], means / shares)


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block(timm: ModuleType, name: str) -> None:
    call, theirs = BLOCKS[name]
    text = f"""
        from std.attention import {call.partition("(")[0]}
        network n {{ input {CHANNELS} x H x W op: {call} }}
    """
    # timm's softmax is over neighbours in memory. What torch takes together of these is rounded
    # otherwise than the rest, on processors with AVX-512.
    compared(resdsl.load(text).op, theirs(timm), is_exact=name != "split_attention")


def test_the_attention_pool_is_the_context_of_a_global_context(timm: ModuleType) -> None:
    """By timm's filter; summed as in its forward, which returns no context."""
    import torch

    ours = resdsl.load(f"network n {{ input {CHANNELS} x H x W op: attention_pool }}\n").double()
    theirs = timm.layers.GlobalContext(CHANNELS, fuse_scale=False, fuse_add=False).double()
    torch.manual_seed(0)
    theirs.conv_attn.reset_parameters()
    ours.op.load_state_dict(theirs.conv_attn.state_dict())
    for extents in ((14, 14), (9, 5)):
        x = torch.randn(2, CHANNELS, *extents, dtype=torch.float64)
        scores = theirs.conv_attn(x).reshape(2, 1, -1, 1).softmax(2)
        context = (x.flatten(2)[:, None] @ scores).view(2, CHANNELS, 1, 1)
        torch.testing.assert_close(ours(x), context, rtol=1e-12, atol=1e-12)
