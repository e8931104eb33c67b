"""The check of emitted texts that others use finds what it is made for."""

from __future__ import annotations

import pytest

from tests.hidden_names import hidden

HEAD = """
import torch
from torch import Tensor, nn

__all__ = ["Net", "net"]


def unit(width: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(width, width, 1))


class Net(nn.Module):
"""


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ("def __init__(self, unit: nn.Module) -> None:\n    self.u = unit(3)", ["unit"]),
        ("def __init__(self) -> None:\n    unit = 3\n    self.u = nn.Identity()", ["unit"]),
        ("def __init__(self, nn: int) -> None:\n    self.u = nn", ["nn"]),
        ("def __init__(self, range: int) -> None:\n    self.u = range", ["range"]),
        ("def __init__(self, Net: int) -> None:\n    self.u = Net", ["Net"]),
        ("def __init__(self, net: int) -> None:\n    self.u = net", []),
        (
            "def __init__(self, i: int) -> None:\n"
            "    self.u = nn.Sequential(*(unit(i) for i in range(4)))",
            ["i"],
        ),
        (
            "def __init__(self) -> None:\n"
            "    self.u = nn.Sequential(*(unit(3) for unit in range(4)))",
            ["unit"],
        ),
        ("def __init__(self, training: int) -> None:\n    self.training = training", ["training"]),
        ('def __init__(self) -> None:\n    self.add_module("type", unit(3))', ["type"]),
        ("def forward(self, x: Tensor) -> Tensor:\n    return self.u(x)", ["u"]),
        ("def forward(self, x: Tensor) -> Tensor:\n    torch = x\n    return torch", ["torch"]),
        ("def forward(self, x: Tensor) -> Tensor:\n    unit = x\n    return unit", []),
        ("def forward(self, x: Tensor) -> Tensor:\n    return unit(3)(x)", ["unit"]),
        (
            "def forward(self, x: Tensor) -> Tensor:\n"
            "    for block in self.children():\n        x = block(x)\n    return x",
            [],
        ),
    ],
)
def test_what_is_hidden(body: str, faults: list[str]) -> None:
    indented = "".join(f"    {line}\n" for line in body.split("\n"))
    found = hidden(HEAD + indented)
    assert len(found) == len(faults)
    assert all(
        f"`{name}`" in line.replace("self.", "") for name, line in zip(faults, found, strict=True)
    )


def test_a_class_called_as_python_calls_one() -> None:
    assert hidden("class Exception:\n    pass\n") == ["the file hides Python's `Exception`"]


def test_a_helper_calls_nothing_of_the_file() -> None:
    helper = "class Scale(nn.Module):\n    def __init__(self, unit: float) -> None:\n        pass\n"
    assert hidden(HEAD.replace("class Net(nn.Module):\n", helper)) == []


@pytest.mark.parametrize(("body", "faults"), [("unit = x", 0), ("unit(3)", 1)])
def test_a_function_that_an_operator_needs_calls_nothing_of_the_file(
    body: str, faults: int
) -> None:
    helper = f"def pad_same(x: Tensor) -> Tensor:\n    {body}\n    return x\n"
    found = hidden(HEAD.replace("class Net(nn.Module):\n", helper))
    assert len(found) == faults
    assert all("mentions `unit`" in line for line in found)
