"""Every operator against torch: what is emitted for it, and which sizes it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

import resdsl
from resdsl import Design
from resdsl.extents import Shape, variable
from resdsl.ops import REGISTRY, Op
from resdsl.ops.base import Problem

if TYPE_CHECKING:
    from torch import Tensor, nn

DesignOf = Callable[[str], Design]
SkeletonOf = Callable[[str], "nn.Module"]

# Arguments that reach every part of an operator; what is not here is called without any.
CALLS = {
    "conv": [
        "3, 6",
        "1, 6, stride=2",
        "4, 6, stride=4",
        "3, 8, dilation=2, groups=4, bias=true",
        "3, 6, padding=0",
    ],
    "depthwise": ["3", "3, stride=2, multiplier=2, bias=true", "3, dilation=2"],
    "linear": ["5", "5, bias=false"],
    "maxpool": ["2", "3, stride=2", "2, ceil=true", "3, stride=1, padding=1, dilation=2"],
    "avgpool": ["2", "3, stride=2", "2, ceil=true", "3, 2, padding=1, count_include_pad=false"],
    "adaptive_avgpool": ["3"],
    "adaptive_maxpool": ["3"],
    "batchnorm": ["", "affine=false", "eps=0.001, momentum=0.01, scale_init=0"],
    "groupnorm": ["4", "groups=2, affine=false"],
    "instancenorm": ["", "eps=0.001, affine=true, scale_init=0.5"],
    "layernorm": ["", "eps=0.001, affine=false, scale_init=0.5", "scale_init=0.5"],
    "local_response_norm": ["", "3, alpha=0.1, beta=0.5, k=2"],
    "channel_shuffle": ["4"],
    "pad": ["1, 2", "0, 1"],
    "upsample": ["2", '3, mode="linear"', "1"],
    "pixel_shuffle": ["2"],
    "conv_transpose": [
        "2, 6, stride=2",
        "3, 6, stride=2, padding=1, output_padding=1, bias=true",
        "3, 8, stride=3, groups=4, dilation=2",
    ],
    "leaky_relu": ["", "slope=0.2"],
    "dropout": ["", "0.2"],
    "drop_path": ["0.5"],
    "subsample": ["2", "1"],
    "pad_channels": ["11", '11, where="split"', "8"],
    "slice_channels": ["2, 5", "0, 8"],
    "scale": ["0.5"],
    "layer_scale": ["", "init=0.1"],
}
# Arguments with a number for each dimension.
SIZED = {
    "conv": ["3x5, 6, stride=1x2", "1x3, 6, stride=2x1, dilation=1x2, padding=0x2"],
    "depthwise": ["5x3, stride=2x1"],
    "maxpool": ["2x3", "3x3, stride=2x1, padding=1x0"],
    "avgpool": ["3x2, stride=1x2"],
    "adaptive_avgpool": ["2x3"],
    "adaptive_maxpool": ["1x4"],
    "subsample": ["2x3"],
    "pad": ["1x0, 0x2"],
    "upsample": ["1x3", '2x1, "linear"'],
    "conv_transpose": ["3x2, 6, stride=1x2, padding=1x0, output_padding=0x1"],
}
INPUTS = {0: "8", 1: "8 x 11", 2: "8 x 11 x 10", 3: "8 x 7 x 6 x 9"}


def calls() -> Iterator[Any]:
    for name, op in REGISTRY.items():
        for rank in (0,) if name == "linear" else op.ranks:
            for arguments in CALLS.get(name, [""]):
                yield pytest.param(rank, f"{name}({arguments})", id=f"{name}({arguments})-{rank}d")
        for arguments in SIZED.get(name, []):
            yield pytest.param(2, f"{name}({arguments})", id=f"{name}({arguments})")


@pytest.mark.parametrize(("rank", "call"), list(calls()))
def test_emitted(rank: int, call: str, design: DesignOf, skeleton: SkeletonOf) -> None:
    """Shape, parameters, MACs and keys of a network of this operator alone."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    spec = f"network tiny {{\n input {INPUTS[rank]}\n op: {call}\n}}\n"
    found, module = design(spec), skeleton(spec)
    # Two samples: a batch norm of a flat tensor has no variance of one.
    x = torch.empty(2, *(int(n) for n in found.input), device="meta")
    with FlopCounterMode(display=False) as flops:
        output = module(x)
    assert tuple(output.shape[1:]) == found.output
    assert flops.get_total_flops() == 2 * 2 * (found.macs or 0)
    assert sum(p.numel() for p in module.parameters()) == found.params
    assert sum(b.numel() for b in module.buffers()) == found.buffers
    assert [(k, tuple(t.shape)) for k, t in module.state_dict().items()] == tensors(found)
    module.eval()
    assert module(x).shape == output.shape
    module.train()


def tensors(design: Design) -> list[tuple[str, tuple[int, ...]]]:
    """Keys and shapes of what the step `op` holds, as the design has them."""
    (step,) = (step for step in design.network.root.body.modules() if step.key == "op")
    run = step.runs[0]
    assert isinstance(run.unit, Op)
    held = [*run.unit.tensors(run.shape), *run.unit.buffers(run.shape)]
    return [(f"op.{tensor.name}", tuple(map(int, tensor.shape))) for tensor in held]


# --- sizes ----------------------------------------------------------------------------------------


def extents_of(op: Op, rank: int, h: int) -> tuple[int, ...] | None:
    """The extents that resdsl gives for an input of `h` in every dimension, None if it refuses."""
    needs: list[Any] = []
    shape = op.infer(Shape(1, tuple(variable(axis) for axis in range(rank))), needs)
    if isinstance(shape, Problem) or any(need.extent.at(h) < need.least for need in needs):
        return None
    return shape.at((h,) * rank)[1:]


def torch_s_extents(module: nn.Module, rank: int, h: int) -> tuple[int, ...] | None:
    import torch

    try:
        made = tuple(module(torch.empty(1, 1, *(h,) * rank, device="meta")).shape[2:])
    except RuntimeError:
        return None
    # The meta device lets an empty map of a transposed convolution pass, a CPU does not.
    return None if 0 in made else made


def windows() -> Iterator[tuple[int, int, int, int]]:
    yield from product((1, 2, 3, 5), (1, 2, 3), (0, 1, 2), (1, 2))


def convolutions(rank: int) -> Iterator[tuple[Op, nn.Module]]:
    from torch import nn

    made = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[rank - 1]
    for k, s, p, d in windows():
        op = REGISTRY["conv"](k=k, channels=1, stride=s, padding=p, dilation=d)
        yield op, made(1, 1, k, s, p, d, bias=False, device="meta")


def maxpools(rank: int) -> Iterator[tuple[Op, nn.Module]]:
    from torch import nn

    made = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[rank - 1]
    for (k, s, p, d), ceil in product(windows(), (False, True)):
        op = REGISTRY["maxpool"](k=k, stride=s, padding=p, dilation=d, ceil=ceil)
        yield op, made(k, s, p, d, ceil_mode=ceil)


def avgpools(rank: int) -> Iterator[tuple[Op, nn.Module]]:
    from torch import nn

    made = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)[rank - 1]
    for (k, s, p, d), ceil in product(windows(), (False, True)):
        if d == 1:
            op = REGISTRY["avgpool"](k=k, stride=s, padding=p, ceil=ceil)
            yield op, made(k, s, p, ceil_mode=ceil)


def transposed(rank: int) -> Iterator[tuple[Op, nn.Module]]:
    from torch import nn

    made = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[rank - 1]
    for (k, s, p, d), more in product(windows(), (0, 1)):
        if more < max(s, d):
            op = REGISTRY["conv_transpose"](
                k=k, channels=1, stride=s, padding=p, output_padding=more, dilation=d
            )
            yield op, made(1, 1, k, s, p, more, dilation=d, bias=False, device="meta")


def others(rank: int) -> Iterator[tuple[Op, nn.Module]]:
    from torch import nn

    adaptive = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)[rank - 1]
    pad = (nn.ZeroPad1d, nn.ZeroPad2d, nn.ZeroPad3d)[rank - 1]
    for n in (1, 2, 3, 7):
        yield REGISTRY["upsample"](scale=n), nn.Upsample(scale_factor=n)
        yield REGISTRY["adaptive_avgpool"](size=n), adaptive(n)
        yield REGISTRY["pad"](before=n, after=n - 1), pad((n, n - 1) * rank)


FAMILIES = [convolutions, maxpools, avgpools, transposed, others]


@pytest.mark.parametrize(("rank", "largest"), [(1, 300), (2, 40), (3, 24)])
@pytest.mark.parametrize("family", FAMILIES)
def test_sizes(
    family: Callable[[int], Iterator[tuple[Op, nn.Module]]], rank: int, largest: int
) -> None:
    """Accepted and refused as torch does, with the same result."""
    wrong = []
    for op, module in family(rank):
        for h in range(1, largest + 1):
            ours, theirs = extents_of(op, rank, h), torch_s_extents(module, rank, h)
            wrong += [(op, h, ours, theirs)] if ours != theirs else []
    assert not wrong


# --- compositions ---------------------------------------------------------------------------------


def composition(random: Random) -> str:
    """A few operators in a row, whose sizes may run out or not fit."""
    number = lambda *choices: random.choice(choices)  # noqa: E731
    calls = []
    for _ in range(random.randint(2, 7)):
        k, s, p = number(1, 2, 3, 5, 7), number(1, 1, 2, 3), number(0, 0, 1, 2)
        window = f"{k}, stride={s}, padding={min(p, k // 2)}"
        calls.append(
            number(
                f"conv({k}, 4, stride={s}, padding={p}, dilation={number(1, 1, 2)})",
                f"conv({k}, 4, stride={s})",
                f"maxpool({window}, ceil={number('true', 'false')})",
                f"avgpool({window}, ceil={number('true', 'false')})",
                f"conv_transpose({k}, 4, stride={s}, padding={p})",
                f"upsample({number(2, 3)})",
                f"pad({p}, {number(0, 1)})",
                f"subsample({number(2, 3)})",
                "relu",
            )
        )
    calls += [number("", "", "adaptive_avgpool(3)", "instancenorm", "global_avgpool flatten")]
    return "network row {\n    input 4 x 300\n    " + " ".join(calls) + "\n}\n"


def refuse_empty(_module: nn.Module, _input: object, output: Tensor) -> None:
    if not output.numel():
        raise ValueError("an empty map")


@pytest.mark.parametrize("seed", range(60))
def test_compositions(seed: int) -> None:
    """A row of operators takes the extents from 1 to 300 that torch does, with its results."""
    import torch

    text = composition(Random(seed))
    report = resdsl.check(text)
    if not report.ok:
        # What is refused at 300 may run at others: it says so itself.
        assert {one.code.id for one in report.diagnostics} <= {"E0301", "E0302", "E0303"}, text
        return
    (found,) = report.designs
    module = resdsl.load(text).to("meta").eval()
    # The meta device lets an empty map pass, of a transposed convolution or in torch 2.6 of any; a
    # CPU does not.
    for part in module.modules():
        part.register_forward_hook(refuse_empty)
    sizes, wrong = found.sizes(), []
    for h in range(1, 301):
        try:
            theirs = tuple(module(torch.empty(1, 4, h, device="meta")).shape[1:])
        except (RuntimeError, ValueError):
            theirs = None
        ours = found.at(h).output if sizes.allows((h,)) else None
        wrong += [(h, ours, theirs)] if ours != theirs else []
    assert not wrong, text
