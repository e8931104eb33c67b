"""Levels of decoders, beside torchvision's pyramid and a U-Net that is written here."""

from __future__ import annotations

from collections import OrderedDict
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import resdsl
from tests.zoo.beside import compared
from tests.zoo.norms import disturb

BOTH = pytest.mark.parametrize("training", [False, True])

PYRAMID = """
from std.decoder import fpn

network pyramid {
    input 3 x H x W
    expect H >= 4 and W >= 4
    conv1: conv(3, 8, stride=2) keep c1
    conv2: conv(3, 12) /2 keep c2
    conv3: conv(3, 16) /2 keep c3
    fpn: fpn([c1, c2, c3], 4) keep p1, p2, p3
    output p1, p2, p3
}
"""

UNET = """
from std.decoder import double_conv, unet_level

network unet(width: int = 4) {
    input 3 x H x W
    expect H >= 4 and W >= 4
    down1: double_conv(width)     keep level1 maxpool(2)
    down2: double_conv(2 * width) keep level2 maxpool(2)
    bottom: double_conv(4 * width)
    up2: unet_level(level2, 2 * width)
    up1: unet_level(level1, width)
    head: conv(1, 1, bias=true)
}
"""


class Pyramid(nn.Module):
    def __init__(self, torchvision: ModuleType) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, 2, padding=1, bias=False)
        self.conv2 = nn.Conv2d(8, 12, 3, 2, padding=1, bias=False)
        self.conv3 = nn.Conv2d(12, 16, 3, 2, padding=1, bias=False)
        self.fpn = torchvision.ops.FeaturePyramidNetwork([8, 12, 16], 4)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        maps = OrderedDict()
        maps["p1"] = self.conv1(x)
        maps["p2"] = self.conv2(maps["p1"])
        maps["p3"] = self.conv3(maps["p2"])
        found: dict[str, Tensor] = self.fpn(maps)
        return found


class DoubleConv(nn.Module):
    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(x)))


class Up(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.expand = nn.ConvTranspose2d(2 * width, width, 2, 2)
        self.conv = DoubleConv(2 * width, width)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = self.expand(x)
        height, width = (a - b for a, b in zip(skip.shape[2:], x.shape[2:], strict=True))
        # A row or a column at most, behind the map.
        x = functional.pad(x, (0, width, 0, height))
        return self.conv(torch.cat([skip, x], 1))


class UNet(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.down1 = DoubleConv(3, width)
        self.down2 = DoubleConv(width, 2 * width)
        self.bottom = DoubleConv(2 * width, 4 * width)
        self.up2 = Up(2 * width)
        self.up1 = Up(width)
        self.head = nn.Conv2d(width, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        level1 = self.down1(x)
        level2 = self.down2(functional.max_pool2d(level1, 2))
        x = self.up2(self.bottom(functional.max_pool2d(level2, 2)), level2)
        return self.head(self.up1(x, level1))


def picture(*size: int) -> Tensor:
    return torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(1))


def beside(spec: str, theirs: nn.Module, x: Tensor, *, training: bool) -> None:
    disturb(theirs)
    ours = resdsl.load(spec, weights=theirs.state_dict())
    assert list(ours.state_dict()) == list(theirs.state_dict())
    compared(ours, theirs, x, training=training)


@BOTH
@pytest.mark.parametrize("size", [(16, 24), (17, 22), (4, 7)])
def test_fpn_is_torchvision_s(
    size: tuple[int, int], training: bool, torchvision: ModuleType
) -> None:
    torch.manual_seed(0)
    beside(PYRAMID, Pyramid(torchvision), picture(*size), training=training)


@BOTH
@pytest.mark.parametrize("size", [(16, 24), (17, 22), (7, 5)])
def test_unet_level(size: tuple[int, int], training: bool) -> None:
    torch.manual_seed(0)
    beside(UNET, UNet(4), picture(*size), training=training)


@BOTH
def test_every_size_is_valid(training: bool) -> None:
    """No join disagrees where a pool has rounded down."""
    model = resdsl.load(UNET, seed=0).train(training)
    for size in ((4, 4), (5, 7), (31, 18)):
        assert model(picture(*size)).shape == (2, 1, *size)
