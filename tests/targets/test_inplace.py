"""What may be overwritten: read in the text, and proved by backward."""

from __future__ import annotations

import re

import pytest

import resdsl
from tests.ops.calls import INPUTS, calls

# Activations whose result autograd keeps, and others.
KEPT = ["relu", "relu6", "sigmoid", "tanh", "softmax", "log_softmax"]
FREE = [
    "leaky_relu",
    "prelu",
    "elu",
    "gelu",
    "silu",
    "mish",
    "softplus",
    "hardswish",
    "hardsigmoid",
]


def network(steps: str) -> str:
    return f"network net {{ input 4 x 8 x 8 {steps} global_avgpool flatten linear(2) }}\n"


def source(steps: str) -> str:
    return resdsl.design(network(steps)).source()


def backward(text: str) -> None:
    """Gradients in both modes; autograd notices what was overwritten against its will."""
    import torch

    module = resdsl.load(text, seed=0)
    x = torch.randn(2, 4, 8, 8, requires_grad=True)
    before = x.detach().clone()
    for training in (True, False):
        module.train(training)
        module(x).square().sum().backward()
    assert torch.equal(x, before)


@pytest.mark.parametrize(("rank", "call"), list(calls()))
def test_every_operator_before_what_overwrites(rank: int, call: str) -> None:
    """Autograd notices it where it keeps a result."""
    import torch

    module = resdsl.load(f"network net {{ input {INPUTS[rank]} {call} relu scale(2) }}\n", seed=0)
    x = torch.randn(2, *map(int, INPUTS[rank].split(" x ")), requires_grad=True)
    for training in (True, False):
        module.train(training)(x).square().sum().backward()


@pytest.mark.parametrize("activation", KEPT + FREE)
@pytest.mark.parametrize("between", ["", "dropout(0.5)", "slice_channels(0, 4)", "identity"])
def test_an_activation_before_the_sum(activation: str, between: str) -> None:
    steps = f"residual {{ conv(3, 4) {activation} {between} }} conv(3, 4)"
    assert ("+= x" in source(steps)) == (activation in FREE)
    backward(network(steps))


@pytest.mark.parametrize("activation", KEPT + FREE)
def test_an_activation_after_an_activation(activation: str) -> None:
    backward(network(f"conv(3, 4) {activation} relu residual {{ norm {activation} relu }} relu"))


@pytest.mark.parametrize(
    ("steps", "inplace"),
    [
        ("conv(3, 4) relu", True),
        ("conv(3, 4) norm dropout(0.5) relu", True),
        ("relu", False),  # the network's own input
        ("dropout(0.5) relu", False),  # which dropout returns in eval mode
        ("conv(3, 4) keep a relu join here + a", False),
        ("conv(3, 4) keep a dropout(0.5) relu join here + a", False),
        ("conv(3, 4) residual { relu conv(3, 4) }", False),  # read by the skip
        ("conv(3, 4) sigmoid relu", False),
        ("conv(3, 4) slice_channels(0, 4) relu", True),
        ("conv(3, 4) fork { a: slice_channels(0, 2) b: identity } join concat(a, b) relu", True),
        ("conv(3, 4) fork { a: relu b: sigmoid } join a * b", False),
        ("residual { conv(3, 4) } relu", True),
        ("residual { conv(3, 4) sigmoid } relu", True),  # the sum is a tensor of its own
    ],
)
def test_relu(steps: str, inplace: bool) -> None:
    found = re.search(r"nn\.ReLU\((.*?)\)", source(steps))
    assert found is not None
    assert (found[1] == "inplace=True") == inplace
    backward(network(steps))


@pytest.mark.parametrize(
    "body",
    [
        "{ conv(3, 4) relu }",
        "{ dropout(0.5) }",
        "{ identity }",
        "{ conv(3, 4) keep a relu join here * a }",
        "{ residual { conv(3, 4) } }",
        "{ conv(3, 4) } x 2",
        "{ dropout(0.5) } x 2",
        "{ conv(3, 4) sigmoid } x 1",
    ],
)
def test_what_a_group_gives_is_judged_by_its_end(body: str) -> None:
    """relu after the group, and the sum over its result."""
    backward(network(f"conv(3, 4) sigmoid part: {body} relu"))
    backward(network(f"conv(3, 4) residual {{ part: {body} }} relu"))
    backward(network(f"relu residual {{ part: {body} }} relu6"))


def test_a_module_that_serves_several_steps_is_safe_for_all() -> None:
    """The first `act` may overwrite, the second, on the input, may not; they are one module."""
    block = "block b { conv(3, 4) keep a act join here + a act join in + here residual { act } }\n"
    text = block + network("b")
    assert "self.relu = nn.ReLU()" in resdsl.design(text).source()
    backward(text)
