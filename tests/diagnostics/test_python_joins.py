"""What is offered for a join of Python's gives the same numbers: torch is asked for both."""

from __future__ import annotations

import operator
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import resdsl
from resdsl.diagnostics.python_joins import translated

SAME = """
a - sub(a, b)
a * add(a, b)
2 * sub(a, b)
a - sum(a, b)
a - torch.sub(b, a)
here * a.sub(b)
here - a.sub(b)
a.sub(b) * 2
a.add(b).mul(2)
mul(a, add(a, b))
torch.add(torch.mul(a, b), here)
torch.add(a, b, alpha=2)
torch.sub(a, b, alpha=2)
torch.sub(a, b - here, alpha=0.5)
a.add(b, alpha=3)
torch.stack([a, b]).sum(0)
torch.stack([a, b], 1).mean(dim=1)
torch.stack((a, b, here)).mean(0)
torch.mean(torch.stack([a, b]), 0)
torch.sum(torch.stack([a, b - here]), dim=0) * 2
torch.stack([a, b]).amax(0)
torch.stack([a, b]).amin(0)
sum([a, b])
2 * sum([a, b, here])
mean([a, b])
max([a, b])
min(a, b)
a * min([a, b])
a - min(b, here)
2 * abs(a - b)
torch.max(a, b)
torch.maximum(a, b - 1)
torch.minimum(a - b, here)
torch.abs(a - b) * 2
torch.cat([a, b], 1)
torch.cat((a, b), dim=-3) * 2
np.concatenate([a, b], axis=1)
a / 2
(a + b) / 3
a - b / 4
torch.div(a, 2)
a.div(4) - b
-torch.add(a, b)
layers.Add()([a, b])
a * Add()([a, b])
layers.Concatenate()([a, b])
layers.average([a, b])
x + torch.add(a, b)
a - (b - torch.add(a, b))
a * torch.mul(b, here + a) - b
""".strip().splitlines()

# There is nothing like it, which is said.
NOT_SAME = """
torch.sum(a, 1)
torch.sum(a)
torch.mean(a)
torch.mean(a, dim=(2, 3), keepdim=True)
torch.max(a)
torch.max(a, 1)
a.mean(1)
max(a)
tf.reduce_sum(a)
torch.cat([a, b], dim=0)
torch.cat([a, b], 2)
torch.cat([a, b], dim=-1)
torch.stack([a, b])
torch.stack([a, b]).sum(1)
torch.stack([a, b]).sum()
torch.stack([a, b]).sum(0, keepdim=True)
np.vstack([a, b])
F.relu(a + b)
torch.relu(a)
""".strip().splitlines()

NOT_READ = """
a @ b
torch.add(*both)
torch.add(a, b, rounding=1)
torch.einsum(a, b)
a / b
lambda: a
[a, b]
a if b else here
a.add(
""".strip().splitlines()


def of_channels(tensors: Any, axis: int = 1) -> torch.Tensor:
    return torch.cat(list(tensors), axis)


def summed(*given: Any) -> Any:
    terms = given[0] if isinstance(given[0], list) else given
    return sum(terms[1:], terms[0])


def each(function: Callable[..., Any]) -> Callable[..., Any]:
    """Of a list, or of several."""

    def call(*given: Any) -> Any:
        first, *rest = given[0] if isinstance(given[0], list) else given
        for one in rest:
            first = function(first, one)
        return first

    return call


def averaged(terms: list[torch.Tensor]) -> Any:
    return summed(terms) / len(terms)


FUNCTIONS = {
    "torch": torch,
    "np": SimpleNamespace(concatenate=of_channels),
    "layers": SimpleNamespace(
        Add=lambda: summed, Concatenate=lambda: of_channels, average=averaged
    ),
    "Add": lambda: summed,
    "abs": torch.abs,
    "add": each(operator.add),
    "sub": each(operator.sub),
    "mul": each(operator.mul),
    "sum": summed,
    "mean": averaged,
    "max": each(torch.maximum),
    "min": each(torch.minimum),
}


@pytest.mark.parametrize("text", SAME)
def test_gives_the_same(text: str) -> None:
    found = translated(text)
    assert found is not None and not found.differs
    steps = "input 4 x 5 x 5 identity keep a tanh keep b sigmoid"
    ours = resdsl.load(f"network n {{ {steps} join {found.text} }}")
    a = torch.randn(2, 4, 5, 5)
    b = torch.tanh(a)
    here = torch.sigmoid(b)
    expected = eval(text, {**FUNCTIONS, "a": a, "b": b, "here": here, "x": here})
    assert torch.allclose(ours(a), expected, atol=1e-6)


@pytest.mark.parametrize("text", NOT_SAME)
def test_says_what_there_is_not(text: str) -> None:
    found = translated(text)
    assert found is not None and found.differs and "write `" not in found.help


@pytest.mark.parametrize("text", NOT_READ)
def test_is_not_read(text: str) -> None:
    assert translated(text) is None


@pytest.mark.parametrize("text", ["(" * 900, "-" * 990 + "a", "a" * 2000, "a + 0x", "a\\n"])
def test_text_that_python_refuses(text: str) -> None:
    found = translated(text)
    assert found is None or found.text
