"""Which elements of an input are seen, against the gradients of the built module."""

from __future__ import annotations

import pytest
import torch

import resdsl
from resdsl.analysis import coverage

SIZE = 96

BODIES = [
    "conv(1, 4, stride=2)",
    "conv(3, 4, stride=2)",
    "conv(2, 4, stride=3)",
    "conv(3, 4) conv(1, 4, stride=2)",
    "conv(3, 4) conv(1, 4, stride=4)",
    "conv(3, 4) conv(1, 4, stride=2) conv(3, 4) conv(1, 4, stride=2)",
    "conv(3, 4, stride=2) conv(1, 4, stride=2)",
    "conv(7, 4, stride=2) conv(1, 4, stride=2)",
    "conv(3, 4, dilation=2, padding=2) conv(1, 4, stride=2)",
    "conv(3, 4, dilation=2, padding=2) conv(3, 4, stride=4)",
    "conv(3, 4, dilation=3, padding=0) conv(2, 4, stride=4, dilation=2, padding=0)",
    "subsample(2) conv(3, 4)",
    "avgpool(2, stride=3)",
    "pad(1, 0) subsample(2)",
    # Each half sees what the other leaves out.
    "fork { a: conv(1, 3, stride=2) b: { pad(1, 0) conv(2, 3, padding=0) conv(1, 3, stride=2) } } "
    "join a + b",
    "fork { a: conv(1, 3, stride=4) b: { pad(2, 0) conv(3, 3, padding=0) conv(1, 3, stride=4) } } "
    "join concat(a, b)",
    "residual { conv(1, 4, stride=2) } via conv_projection(k=3)",
    "residual { conv(1, 4, stride=2) } via projection",
    "residual { conv(3, 4, stride=2) } via projection",
    "conv(1, 4, stride=2) upsample(2) conv(3, 4)",
    "conv(3, 4) upsample(2) conv(1, 4, stride=4)",
    "conv(1, 4, stride=2) conv_transpose(3, 4, stride=1, padding=1)",
    "conv_transpose(3, 4) conv(1, 4, stride=4)",
    "conv(3, 4) x 5 conv(1, 4, stride=8)",
    "conv(3, 4) x 3 conv(1, 4, stride=8)",
    "{ conv(3, 4) conv(1, 4, stride=2) } x 3",
    "conv(1, 4, stride=2) global_avgpool",
    "keep a conv(1, 3, stride=2) fork { m: identity g: { join a global_avgpool } } join m * g",
    "conv(1, 3, stride=2) keep a conv(3, 3) join here + a",
]


@pytest.mark.parametrize("body", BODIES)
def test_against_gradients(body: str) -> None:
    """An element without a gradient in the middle of the input is one that nothing sees."""
    text = f"network n {{ input 3 x {SIZE} {body} }}\n"
    design = resdsl.design(text)
    (seen,) = coverage.Windows().values(design.network.root, (coverage.start(1),))[
        design.network.root.output
    ]
    torch.manual_seed(0)
    module = resdsl.load(text).double().eval()
    image = torch.randn(1, 3, SIZE, dtype=torch.float64, requires_grad=True)
    module(image).square().sum().backward()
    assert image.grad is not None
    used = image.grad[0].abs().sum(0) > 0
    middle = used[24 : 24 + 48]
    assert int((~middle).sum()) == seen.missing * 48 // seen.step


def test_a_long_row_of_shifts_ends() -> None:
    report = resdsl.check("network n { input 3 x 8 x 8 pad(1, 0) x 5000 conv(1, 4, stride=2) }\n")
    assert report.ok


def test_huge_windows_and_strides() -> None:
    for call in ("conv(2_000_000_000, 4, padding=1_000_000_000)", "conv(3, 4, stride=1_000_000)"):
        text = f"network n {{ input 3 x 2_000_000_000 {call} conv(1, 2, stride=2) }}\n"
        resdsl.check(text)
