"""What is offered for a layer of torch is that layer: torch is asked for both."""

from __future__ import annotations

import ast
import inspect

import pytest
import torch
from torch import nn

import resdsl
from resdsl.diagnostics import library_calls
from resdsl.diagnostics.library_calls import written

# Of 8 channels and 16x16.
LAYERS = """
Conv2d(8, 16, 3)
Conv2d(8, 16, 3, 1, 1)
Conv2d(8, 16, (3, 3), padding=(1, 1), bias=False)
Conv2d(8, 16, 5, stride=2, padding=1)
Conv2d(8, 16, 3, padding=2, dilation=2)
Conv2d(8, 16, 2, 2)
Conv2d(8, 16, 2, 2, padding=1)
Conv2d(8, 16, (1, 7), padding=(0, 3))
Conv2d(8, 8, 3, 1, 1, 1, 8)
Conv2d(in_channels=8, out_channels=16, kernel_size=3, padding='same')
Conv2d(8, 16, 3, padding="valid", padding_mode="zeros")
ConvTranspose2d(8, 16, 2, stride=2)
ConvTranspose2d(8, 16, 3, 2, 1, 1, 1, False)
BatchNorm2d(8)
BatchNorm2d(num_features=8, eps=1e-3, momentum=0.01)
BatchNorm2d(8, affine=False)
InstanceNorm2d(8)
GroupNorm(4, 8)
GroupNorm(num_groups=2, num_channels=8, eps=1e-6)
MaxPool2d(2)
MaxPool2d(3, 2)
MaxPool2d(3, 2, 1)
MaxPool2d(kernel_size=3, stride=1, padding=1)
MaxPool2d(3, 2, ceil_mode=True)
AvgPool2d(2, 2)
AvgPool2d(3, 2, 1, count_include_pad=False)
AdaptiveAvgPool2d(1)
AdaptiveAvgPool2d((1, 1))
AdaptiveAvgPool2d(4)
AdaptiveMaxPool2d((4, 2))
ReLU(inplace=True)
LeakyReLU(0.1, inplace=True)
LeakyReLU()
ELU()
Softmax(dim=1)
Flatten(1)
Identity()
Upsample(scale_factor=2, mode="nearest")
PixelShuffle(2)
""".strip().splitlines()


def call(text: str) -> tuple[str, list[tuple[str | None, str]]]:
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    pairs: list[tuple[str | None, str]] = [(None, ast.unparse(one)) for one in node.args]
    pairs += [(one.arg, ast.unparse(one.value)) for one in node.keywords]
    return node.func.id, pairs


def of_torch(text: str) -> nn.Module:
    name, pairs = call(text)
    values = [(key, ast.literal_eval(value)) for key, value in pairs]
    by_place = [value for key, value in values if key is None]
    by_name = {key: value for key, value in values if key is not None}
    made: nn.Module = getattr(nn, name)(*by_place, **by_name)
    return made


@pytest.mark.parametrize("text", LAYERS)
def test_is_the_same_layer(text: str) -> None:
    name, pairs = call(text)
    found = written(name, pairs, ["nn"])
    assert found is not None
    ours = resdsl.load(f"network n {{\n    input 8 x 16 x 16\n    {found.text}\n}}\n").eval()
    theirs = of_torch(text).eval()
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        mine.data.copy_(other.data)
    x = torch.randn(2, 8, 16, 16)
    assert torch.allclose(ours(x), theirs(x), atol=1e-6)


@pytest.mark.parametrize("name", sorted(library_calls.TORCH))
def test_parameters_stand_in_the_order_of_torch(name: str) -> None:
    layer = library_calls.TORCH[name]
    names = [one for one in dir(nn) if one[0].isupper() and library_calls.fold(one) == name]
    module = getattr(nn, next((one for one in names if one.endswith("2d")), names[0]))
    if name == "softmax":
        module = nn.Softmax
    theirs = list(inspect.signature(module).parameters)
    named = [library_calls.NAMES.get(library_calls.fold(one), one) for one in theirs]
    assert named[: len(layer.takes.split())] == layer.takes.split()


@pytest.mark.parametrize(
    "text",
    ["Conv2d(8, 16)", "Conv2d(8, 16, 3, padding='same', stride=2)", "ELU(2.0)", "Foo(3)",
     "Conv2d(8, 16, 3, 1, 1, 1, 1, True, 'zeros', 3)", "Linear(10)", "BatchNorm2d(8, 8, 8, 8, 8)",
     "Conv2d(8, 16, 3, kernel_size=3)", "Flatten(0)"],
)  # fmt: skip
def test_nothing_is_guessed(text: str) -> None:
    name, pairs = call(text)
    assert written(name, pairs, ["nn"]) is None


@pytest.mark.parametrize(
    ("packages", "text", "ours"),
    [
        (["F"], "max_pool2d(x, 3, stride=2)", "maxpool(3, 2, padding=0)"),
        (["F"], "dropout(x, 0.5, training=self.training)", "dropout(0.5)"),
        (["torch"], "flatten(x, 1)", "flatten"),
        (["F"], "interpolate(x, scale_factor=2)", "upsample(2)"),
        (["keras", "layers"], "Conv2D(32, 3, activation='relu')",
         "conv(3, 32, padding=0, bias=true) relu"),
        (["layers"], "Dense(10)", "linear(10)"),
        (["tf", "nn"], "relu(x)", "relu"),
        (["layers"], "MaxPooling2D((2, 2))", "maxpool(2)"),
    ],
)  # fmt: skip
def test_functions_and_keras(packages: list[str], text: str, ours: str) -> None:
    name, pairs = call(text)
    found = written(name, pairs, packages)
    assert found is not None and found.text == ours


@pytest.mark.parametrize("text", ["conv2d(x, w)", "max_pool2d(conv(3, 8), 2)", "relu(input=x)"])
def test_functions_of_other_than_one_tensor(text: str) -> None:
    name, pairs = call(text)
    assert written(name, pairs, ["F"]) is None
