"""What becomes part of a layer, what stays, and how it is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import resdsl
from resdsl.analysis.facts import facts
from resdsl.design.state import state
from resdsl.design.walk import definitions
from tests.fusing.agreement import NEAR, difference, fused_form

GOLDENS = Path(__file__).parent.parent / "golden" / "emitted"

# In groups, rows, branches and mains; a convolution that is kept, called again, or standardized, a
# norm behind an activation, norms of other kinds.
NETWORK = """
block unit(width: int, stride: size = 1) {
    residual {
        conv(3, width, stride=stride) norm act
        depthwise(3, bias=true) norm act
        conv(1, width) norm
    } via projection
    act
}
network net(classes: int = 10) {
    input 3 x 16 x 16
    stem: { conv(3, 8) norm act }
    rows: { conv(3, 8, groups=2) norm } x 2
    fork {
        a: { conv(3, 8) norm }
        b: { conv(1, 8) norm act }
    } join a + b
    stage layer1: unit(8) x 3
    stage layer2 /2: unit(16) x 2
    kept: conv(3, 16) keep before norm act
    join here + before
    twice: conv(3, 16) norm_a: norm
    reuse twice
    norm_b: norm act
    standard: conv(3, 16, weights="standardized") norm act
    other: conv(3, 16) groupnorm(4) act
    last: conv(1, 16) batchnorm(affine=false, eps=0.01) act
    global_avgpool flatten fc: linear(classes)
}
"""
BRANCHES = """
network n {{
    input 8 x 9 x 9
    fork {{ a: {{ conv(3, 8) {norm} }} b: {{ conv(1, 8) {norm} }} }} join a + b
}}
"""


def test_what_is_folded() -> None:
    whole, fused = resdsl.design(NETWORK), resdsl.design(NETWORK, fused=True)
    error = difference(whole, fused, 0)
    assert error is not None
    assert error <= NEAR
    module = resdsl.load(NETWORK, fused=True, seed=0)
    names = [name for name, part in module.named_modules() if "BatchNorm" in type(part).__name__]
    assert names == ["norm", "norm_a", "norm_b", "norm_1"]
    assert module.layer2[1].conv_1.bias is not None
    assert fused.fused is not None
    assert fused.fused.text().split("\n") == [
        "norms that are part of the layer before them: 22",
        "3 × batchnorm: what it reads is not the result of a convolution or linear layer alone",
        "1 × batchnorm: others read what the convolution gives, too",
        "1 × groupnorm: its mean and variance are those of each sample",
    ]


@pytest.mark.parametrize("form", ["a", "b"])
def test_forms_of_resnext_become_grouped(form: str) -> None:
    """To the key and shape as form (c) is, folded."""
    made, wanted = (
        resdsl.design(f"resnext50_32x4d_{one}", fused=True).network for one in (form, "c")
    )
    assert [(one.key, one.tensor.shape) for one in state(made)] == [
        (one.key, one.tensor.shape) for one in state(wanted)
    ]


def test_a_norm_of_each_sample_on_each_branch_stays() -> None:
    with pytest.raises(resdsl.SpecError, match="2 × groupnorm: its mean and variance are those of"):
        resdsl.design(BRANCHES.format(norm="groupnorm(groups=2)"), fused=True)
    made = resdsl.design(BRANCHES.format(norm="norm"), fused=True)
    assert made.macs == 81 * 9 * 64


@pytest.mark.parametrize(
    ("steps", "merged"),
    [
        ("fork { p: { conv(1, 8) norm } x 2 q: { conv(3, 8) norm } } join sum(p) + q", 1),
        ("fork { p: { conv(1, 2) act conv(1, 8) } x 3 } join sum(p)", 1),
        ("fork { p: { conv(1, 2) norm act conv(3, 2) norm } x 3 } join concat(p)", 1),
        ("fork { p: { conv(1, 8) norm keep k } x 2 q: conv(3, 8) } join sum(p) + q", 1),
        ("fork { p: { conv(1, 8) keep k act } x 2 } join sum(p)", 0),
    ],
)
def test_branches_that_are_copies_of_a_group(steps: str, merged: int) -> None:
    design = resdsl.design(f"network n {{ input 3 x 9 x 9 conv(3, 8) norm {steps} }}")
    fused = fused_form(design)
    assert fused is not None and fused.fused is not None
    assert fused.fused.merged == merged
    assert difference(design, fused, 0) <= NEAR


def test_norms_that_are_called_more_than_once_are_told() -> None:
    text = "network n { input 4 x 9 x 9 g: { conv(3, 4) norm act } reuse g conv(3, 4) norm }"
    design = resdsl.design(text, fused=True)
    assert design.fused is not None
    assert design.fused.stays() == ["1 × batchnorm: it is called more than once"]


def test_a_million_blocks_are_as_many_definitions_as_three() -> None:
    text = "network n {{ input 3 x 8 x 8 conv(3, 8) norm stage a: basic(8) x {count} }}\n"
    made = [resdsl.design(text.format(count=count), fused=True) for count in (3, 1_000_000)]
    three, million = (len(list(definitions(one.network.root))) for one in made)
    assert three == million
    cost = facts(made[1].network).cost
    assert (cost.norms, cost.convs) == (0, 2_000_001)


@pytest.mark.parametrize("name", ["repvgg_a0", "resnet50"])
def test_golden(name: str, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDENS / f"{name}_fused.py", resdsl.design(name, fused=True).source())
