"""What is offered for a layer of torch is that layer: torch is asked for both."""

from __future__ import annotations

import ast
import inspect

import pytest
import torch
from torch import nn

import resdsl
from resdsl.diagnostics import library_layers
from resdsl.diagnostics.library_calls import written

# Of 8 channels and 16x16.
LAYERS = """
Conv2d(8, 16, 3)
Conv2d(8, 16, (4, 3), padding='same')
Conv2d(8, 16, 2, padding='same', dilation=3)
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
Conv2d(8, 16, 3, stride=(2, 3), padding=1)
Conv2d(8, 16, (4, 3), stride=(2, 4), padding=(1, 1))
Conv2d(8, 16, (4, 3), padding=0)
Conv2d(8, 16, (3, 5), padding='same')
Conv2d(8, 16, 4, padding='same', dilation=2)
Conv2d(8, 16, 3, stride=(3, 1), dilation=(2, 1), padding=(2, 1))
MaxPool2d(3, (2, 3), 1)
MaxPool2d((3, 2), (2, 3), (1, 0))
MaxPool2d(3, None, 1)
MaxPool2d(3, 4, 1)
AvgPool2d(3, (1, 4), (1, 0))
InstanceNorm2d(8, affine=True)
InstanceNorm2d(8, 1e-4, 0.5, True)
PReLU(8)
PReLU()
PReLU(1, 0.1)
PReLU(8, init=0.5)
ZeroPad2d(1)
ZeroPad2d((1, 2, 3, 4))
ConstantPad2d((1, 2, 1, 2), 0)
Upsample(scale_factor=2, mode='bilinear')
Upsample(None, 2.0, 'bilinear', False)
LeakyReLU(negative_slope=0.3)
GELU(approximate='none')
GroupNorm(4, 8, affine=False)
MaxPool2d(2, return_indices=False)
AvgPool2d(3, 2, 1, False, True, None)
""".strip().splitlines()


def call(text: str) -> tuple[str, list[tuple[str | None, str]]]:
    node = ast.parse(text, mode="eval").body
    assert isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    pairs: list[tuple[str | None, str]] = [(None, ast.unparse(one)) for one in node.args]
    pairs += [
        (one.arg, f"{'' if one.arg else '**'}{ast.unparse(one.value)}") for one in node.keywords
    ]
    return node.func.id, pairs


def of_torch(text: str) -> nn.Module:
    name, pairs = call(text)
    values = [(key, ast.literal_eval(value)) for key, value in pairs]
    by_place = [value for key, value in values if key is None]
    by_name = {key: value for key, value in values if key is not None}
    made: nn.Module = getattr(nn, name)(*by_place, **by_name)
    return made


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")
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


@pytest.mark.parametrize("name", sorted(library_layers.TORCH))
def test_parameters_stand_in_the_order_of_torch(name: str) -> None:
    layer = library_layers.TORCH[name]
    names = [one for one in dir(nn) if one[0].isupper() and library_layers.fold(one) == name]
    module = getattr(nn, next((one for one in names if one.endswith("2d")), names[0]))
    if name == "softmax":
        module = nn.Softmax
    theirs = list(inspect.signature(module).parameters)
    named = [library_layers.NAMES.get(library_layers.fold(one), one) for one in theirs]
    assert named[: len(layer.takes.split())] == layer.takes.split()


# What is not the same is said, and never offered as what to write.
@pytest.mark.parametrize(
    "text",
    ["Conv2d(8, 16)", "Conv2d()", "ELU(2.0)",
     "Conv2d(8, 16, 3, 1, 1, 1, 1, True, 'zeros', 3)", "Linear(10)", "BatchNorm2d(8, 8, 8, 8, 8)",
     "Conv2d(8, 16, 3, kernel_size=3)", "Flatten(0)",
     "Conv2d(8, 16, 3, **kw)", "Conv2d(*args)", "Conv2d(8, 16, 3, padding_mode='reflect')",
     "BatchNorm2d(8, momentum=None)", "BatchNorm2d(8, track_running_stats=False)",
     "InstanceNorm2d(8, track_running_stats=True)", "LayerNorm([8, 16, 16])",
     "LayerNorm(8, bias=False)", "AdaptiveAvgPool2d((None, 1))", "AdaptiveAvgPool2d(None)",
     "MaxPool2d(3, return_indices=True)", "AvgPool2d(3, 2, 1, False, True, 5)", "ELU(alpha=0.5)",
     "Softmax(dim=-1)", "GELU(approximate='tanh')", "Flatten(start_dim=2)", "Upsample()",
     "Upsample(scale_factor=1.5)", "Upsample(scale_factor=2, mode='bicubic')", "Dropout2d(0.5)",
     "Upsample(scale_factor=2, mode='bilinear', align_corners=True)", "ConstantPad2d(1, 0.5)",
     "Conv2d(8, 16, (k, 3))", "Conv2d(self.width, self.out, 3)"],
)  # fmt: skip
def test_nothing_is_guessed(text: str) -> None:
    found = written(*call(text), ["nn"])
    assert found is not None and found.differs
    assert "write `" not in found.help


def test_what_is_no_layer() -> None:
    assert written(*call("Foo(3)"), ["nn"]) is None


@pytest.mark.parametrize(
    ("packages", "text", "ours"),
    [
        (["F"], "max_pool2d(x, 3, stride=2)", "maxpool(3, 2, padding=0)"),
        (["F"], "dropout(x, 0.5, training=self.training)", "dropout(0.5)"),
        (["torch"], "flatten(x, 1)", "flatten"),
        (["F"], "interpolate(x, scale_factor=2)", "upsample(2)"),
        (["F"], "interpolate(x, size=(32, 48))", "upsample(size=32x48)"),
        (["nn"], "Upsample(32, mode='bilinear')", 'upsample(size=32, mode="linear")'),
        (["keras", "layers"], "Conv2D(32, 3, activation='relu')",
         "conv(3, 32, padding=0, bias=true) relu"),
        (["layers"], "Dense(10)", "linear(10)"),
        (["tf", "nn"], "relu(x)", "relu"),
        (["layers"], "MaxPooling2D((2, 2))", "maxpool(2)"),
        (["layers"], "Conv2D(16, 3, activation='swish')", "conv(3, 16, padding=0, bias=true) silu"),
        (["layers"], "Conv2D(16, 3, activation=tf.nn.relu, input_shape=(32, 32, 3))",
         "conv(3, 16, padding=0, bias=true) relu"),
        (["layers"], "Conv2D(16, 1, strides=2, padding='same')",
         "conv(1, 16, stride=2, bias=true)"),
        (["layers"], "BatchNormalization(epsilon=1e-5, momentum=0.9)", "batchnorm"),
        (["layers"], "BatchNormalization()", "batchnorm(eps=0.001, momentum=0.01)"),
        (["layers"], "ZeroPadding2D(((1, 2), (3, 4)))", "pad(1x3, 2x4)"),
        (["layers"], "ZeroPadding2D((1, 2))", "pad(1x2, 1x2)"),
        (["layers"], "UpSampling2D(2, interpolation='bilinear')", 'upsample(2, mode="linear")'),
        (["layers"], "Conv2D(16, 3, strides=2, padding='same')",
         'conv(3, 16, stride=2, padding="same", bias=true)'),
        (["layers"], "Conv2D(16, 3, padding='SAME')", "conv(3, 16, bias=true)"),
        (["layers"], "MaxPooling2D(2, padding='same')", 'maxpool(2, padding="same")'),
        (["layers"], "AveragePooling2D(2, padding='same')",
         'avgpool(2, padding="same", count_include_pad=false)'),
        (["nn"], "Conv2d(8, 16, k, padding='same')", 'conv(k, 16, padding="same", bias=true)'),
        (["nn"], "MaxPool2d(3, s, 1)", "maxpool(3, s, padding=1)"),
        (["nn"], "Conv2d(c, 2 * c, k, s, k // 2)",
         "conv(k, 2 * c, stride=s, padding=k // 2, bias=true)"),
        (["nn"], "Conv2d(c, c, 1, s)", "conv(1, c, stride=s, bias=true)"),
        (["F"], "pad(x, (1, 1, 1, 1))", "pad(1, 1)"),
        (["F"], "interpolate(x, scale_factor=2, mode='nearest')", 'upsample(2)'),
    ],
)  # fmt: skip
def test_functions_and_keras(packages: list[str], text: str, ours: str) -> None:
    name, pairs = call(text)
    found = written(name, pairs, packages)
    assert found is not None and found.text == ours


@pytest.mark.parametrize("text", ["conv2d(x, w)", "max_pool2d(conv(3, 8), 2)", "relu(input=x)"])
def test_functions_of_other_than_one_tensor(text: str) -> None:
    found = written(*call(text), ["F"])
    assert found is not None and not found.text and "write `" not in found.help


@pytest.mark.parametrize(
    "text",
    ["Conv2D(16, 3, kernel_initializer='he_normal')", "Conv2D(16, 3, activation='softsign')"],
)  # fmt: skip
def test_what_keras_has_of_its_own(text: str) -> None:
    found = written(*call(text), ["layers"])
    assert found is not None and found.differs and found.text


def test_pad_of_fewer_dimensions() -> None:
    found = written(*call("pad(x, (1, 1))"), ["F"])
    assert found is not None and found.differs
