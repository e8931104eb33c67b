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
from tests.ops.calls import INPUTS, calls
from tests.zoo.families import every, full

if TYPE_CHECKING:
    from torch import Tensor, nn

DesignOf = Callable[[str], Design]
SkeletonOf = Callable[[str], "nn.Module"]


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
    if isinstance(shape, Problem) or not all(n.holds(lambda extent: extent.at(h)) for n in needs):
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


@pytest.mark.parametrize(
    ("rank", "largest"), [(1, 100), pytest.param(1, 300, marks=full), (2, 40), (3, 24)]
)
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


@pytest.mark.parametrize("seed", every(3, range(60)))
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
