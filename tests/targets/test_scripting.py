"""torch.jit.script takes what is emitted for every operator, whatever its floats are.

TorchScript converts no int to a float: `nn.Dropout(0)` is an error in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

import pytest

import resdsl
from resdsl import SpecError
from resdsl.ops import REGISTRY
from resdsl.ops.base import REQUIRED, OpParameter
from tests.zoo.families import every

if TYPE_CHECKING:
    from torch import nn

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit")

# Each operator runs on one of them.
INPUTS = ("64 x 8 x 8", "64")
# For what has no default and is no float.
INTS = (2, 64, 1)
# Of what has a default, but must be given here.
GIVEN = {
    "crop": "before=1, after=2, ",
    "pad": "before=1, after=2, ",
    "unflatten": "rank=2, ",
    "upsample": "scale=2, ",
}
# Whole numbers, as ints and floats are written.
VALUES = ("0", "1", "2.0", "0.0", "1.0", "3")


def allowed(parameter: OpParameter) -> list[str]:
    least, above = parameter.least, parameter.above
    most, below = parameter.most, parameter.below
    return [
        text
        for text in VALUES
        if (least is None or float(text) >= least)
        and (above is None or float(text) > above)
        and (most is None or float(text) <= most)
        and (below is None or float(text) < below)
    ]


def required(name: str, without: str = "") -> Iterator[str]:
    """Arguments for the parameters that have no default; some of them fit."""
    needed = [p for p in REGISTRY[name].parameters() if p.default is REQUIRED and p.name != without]
    choices = [["0.5"] if p.is_float else map(str, INTS) for p in needed]
    for values in product(*choices):
        written = (f"{p.name}={value}, " for p, value in zip(needed, values, strict=True))
        yield GIVEN.get(name, "") + "".join(written)


def calls(name: str, parameter: OpParameter) -> str:
    """A float argument in all ways: written, and computed from parameters of each type."""
    needs = {"bias_init": "bias=true, ", "scale_init": "affine=true, "}.get(parameter.name, "")
    computed = ["whole", "real", "any", "2 * half", "real * whole", "whole / 1"]
    return " ".join(
        f"{name}({{arguments}}{needs}{parameter.name}={value})"
        for value in [*allowed(parameter), *computed]
    )


def network(body: str, size: str, value: str) -> str:
    """The calls as steps of a network, where some have no module, and as an nn.Sequential."""
    half = float(value) / 2
    return f"""
    network net(whole: int = {value}, real: float = {value}, any = {value}, half: float = {half}) {{
        input {size}
        keep start
        {body}
        keep flat
        join start
        group: {{ {body} }}
        join concat(flat, here)
        given(whole, {value}, real)
        given(2, 0.5, 0)
    }}
    block given(whole: int, any, real: float) {{ scale(whole) scale(any) scale(real) }}
    """


def built(name: str, body: str, value: str = "1", without: str = "") -> tuple[nn.Module, str]:
    """The module of some calls of an operator, with what else they need, and its text."""
    for size, arguments in product(INPUTS, required(name, without)):
        text = network(body.format(arguments=arguments), size, value)
        try:
            return resdsl.load(text), text
        except SpecError:
            continue
    raise AssertionError(f"no arguments found for `{name}`")


def same_scripted(module: nn.Module, *size: int) -> None:
    import torch

    scripted = torch.jit.script(module)
    x = torch.randn(size)
    for training in (True, False):
        module.train(training)
        scripted.train(training)
        torch.manual_seed(0)
        wanted = module(x)
        torch.manual_seed(0)
        torch.testing.assert_close(scripted(x), wanted, equal_nan=True)


CASES = [
    (name, parameter)
    for name, cls in REGISTRY.items()
    for parameter in [p for p in cls.parameters() if p.is_float] or [None]
]


@pytest.mark.parametrize(
    "case",
    every(2, CASES),
    ids=[f"{name}-{parameter.name}" if parameter else name for name, parameter in CASES],
)
def test_every_operator_and_float(case: tuple[str, OpParameter | None]) -> None:
    name, parameter = case
    if parameter is None:
        module, text = built(name, f"{name}({{arguments}})")
    else:
        value = next(text for text in allowed(parameter) if "." not in text)
        module, text = built(name, calls(name, parameter), value, parameter.name)
    same_scripted(module, 2, 64, *((8, 8) if INPUTS[0] in text else ()))


@pytest.mark.parametrize(
    "steps",
    [
        "subsample(2x1)",
        "layernorm(affine=false)",
        "upsample(size=5) crop(1, 2)",
        '{ identity linear(8, at="positions") gelu identity }',
        '{ linear(8, at="positions") gelu } linear(8, at="positions")',
        'pad_channels(70, where="split") slice_channels(1, 9)',
        "drop_path(0.5)",
        "layer_scale(2)",
        'layer_scale(2, per="tensor", shape="map") layer_shift(1, shape="map")',
    ],
)
@pytest.mark.parametrize("size", ["8 x 8", "4 x 8 x 8", "4 x 4 x 4 x 8"])
def test_classes_of_our_own_in_every_rank(steps: str, size: str) -> None:
    if "2x1" in steps and size != "4 x 8 x 8":
        steps = "subsample(2)"
    module = resdsl.load(f"network n {{ input {size}\n group: {{ {steps} relu }} {steps} }}")
    same_scripted(module, 2, *map(int, size.split(" x ")))


COPIES = "network n {{ input 8 x 8 x 8 fork {{ p: conv(3, 8) x 3 q: conv(1, 8) }} join {join} }}\n"


@pytest.mark.parametrize("join", ["sum(p) * (1 / 3)", "concat(q, p)", "sum(p) + q", "q - mean(p)"])
def test_copies_beside_something_else(join: str) -> None:
    """TorchScript does not take them, as docs/module.md says; what it names does."""
    import torch

    module = resdsl.load(COPIES.format(join=join)).eval()
    x = torch.randn(2, 8, 8, 8)
    with pytest.raises((RuntimeError, torch.jit.frontend.FrontendError)):
        torch.jit.script(module)
    wanted = module(x)
    torch.testing.assert_close(torch.jit.trace(module, x)(x), wanted)
    torch.testing.assert_close(torch.export.export(module, (x,)).module()(x), wanted)


@pytest.mark.parametrize("join", ["sum(p)", "mean(p)", "concat(p)"])
def test_copies_alone(join: str) -> None:
    text = "network n { input 8 x 8 x 8 fork { p: { conv(3, 8) norm } x 3 } join %s }\n"
    same_scripted(resdsl.load(text % join), 2, 8, 8, 8)


def test_a_float_parameter_is_handed_floats() -> None:
    """Where some calls give ints, others a float; and through another block's int."""
    text = """
    block outer(n: int) { inner(n) conv(1, 8) }
    block inner(rate) { leaky_relu(rate) dropout(rate) }
    network net { input 8 x 8 x 8 outer(0) outer(1) inner(0.5) inner(1) }
    """
    assert "inner(rate: float)" in resdsl.design(text).source()
    same_scripted(resdsl.load(text), 2, 8, 8, 8)
