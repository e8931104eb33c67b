"""ResNet-34 (option A), compiled by resdsl 0.1.0 from resnet34_option_a.res (sha256
18e73584f8e4).

(N, 3, H, W) -> (N, 1000), for every H, W >= 1.
21,623,848 parameters; 3,644,493,824 MACs at 224 x 224.
"""

import torch
from torch import Tensor, nn

__all__ = ["ResNet34OptionA", "resnet34_option_a"]


class Subsample(nn.Module):
    """Every stride-th element of each spatial dimension."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, :: self.stride, :: self.stride]


class PadChannels(nn.Module):
    """Zero channels before and after those of the input."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.before = before
        self.after = after

    def forward(self, x: Tensor) -> Tensor:
        padding = [0] * (2 * (x.ndim - 2)) + [self.before, self.after]
        return nn.functional.pad(x, padding)


class Basic(nn.Module):
    """Two 3x3 convolutions, the first of which carries the stride.

    He et al. 2015, Fig. 5 left.
    """

    def __init__(
        self,
        in_channels: int,
        width: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        main = self.relu(self.bn1(self.conv1(x)))
        main = self.bn2(self.conv2(main))
        main += x if self.downsample is None else self.downsample(x)
        return self.relu(main)


def zero_pad(in_channels: int, out_channels: int) -> nn.Sequential:
    """Option A: every stride-th element and zero channels, without parameters.

    He et al. 2015, section 4.1.
    """
    return nn.Sequential(Subsample(2), PadChannels(0, out_channels - in_channels))


class ResNet34OptionA(nn.Module):
    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        self.layer1 = nn.Sequential(*(Basic(64, 64) for _ in range(3)))
        self.layer2 = nn.Sequential(
            Basic(64, 128, 2, zero_pad(64, 128)), *(Basic(128, 128) for _ in range(3))
        )
        self.layer3 = nn.Sequential(
            Basic(128, 256, 2, zero_pad(128, 256)), *(Basic(256, 256) for _ in range(5))
        )
        self.layer4 = nn.Sequential(
            Basic(256, 512, 2, zero_pad(256, 512)), *(Basic(512, 512) for _ in range(2))
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, classes)
        self._initialize_weights()

    def _initialize_weights(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(
                    module.weight, mode="fan_out", nonlinearity="relu"
                )

    def reset_parameters(self) -> None:
        """Starts all parameters and buffers again, as after `to_empty`."""
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d | nn.Linear):
                module.reset_parameters()
        self._initialize_weights()

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = self.layer4(x)
        x = torch.flatten(self.avgpool(x), 1)
        return self.fc(x)


def resnet34_option_a(classes: int = 1000) -> ResNet34OptionA:
    return ResNet34OptionA(classes)
