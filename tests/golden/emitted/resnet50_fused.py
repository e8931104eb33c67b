"""ResNet-50, compiled by resdsl 0.1.0 from resnet50.res (sha256 13695e2a5c51).

(N, 3, H, W) -> (N, 1000), for every H, W >= 1.
25,530,472 parameters; 4,089,184,256 MACs at 224 x 224.
Fused, for eval alone: `resdsl.load(..., fused=True)` has its weights.
Made with fused=True.
"""

import torch
from torch import Tensor, nn

__all__ = ["ResNet50", "resnet50"]


class Bottleneck(nn.Module):
    """Two 1x1 convolutions around a 3x3 one, which carries the cardinality.

    He et al. 2015, Fig. 5 right; Xie et al. 2016, Fig. 3(c).
    """

    def __init__(
        self,
        in_channels: int,
        width: int,
        stride: int = 1,
        downsample: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 1)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1)
        self.conv3 = nn.Conv2d(width, 4 * width, 1)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Tensor:
        main = self.relu(self.conv1(x))
        main = self.relu(self.conv2(main))
        main = self.conv3(main)
        main += x if self.downsample is None else self.downsample(x)
        return self.relu(main)


def projection(in_channels: int, out_channels: int, stride: int = 1) -> nn.Sequential:
    """Option B: a strided 1x1 convolution and a norm, only where the shape changes.

    He et al. 2015, section 4.1.
    """
    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, stride))


class ResNet50(nn.Module):
    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, padding=3)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, padding=1)
        self.layer1 = nn.Sequential(
            Bottleneck(64, 64, downsample=projection(64, 256)),
            *(Bottleneck(256, 64) for _ in range(2)),
        )
        self.layer2 = nn.Sequential(
            Bottleneck(256, 128, 2, projection(256, 512, 2)),
            *(Bottleneck(512, 128) for _ in range(3)),
        )
        self.layer3 = nn.Sequential(
            Bottleneck(512, 256, 2, projection(512, 1024, 2)),
            *(Bottleneck(1024, 256) for _ in range(5)),
        )
        self.layer4 = nn.Sequential(
            Bottleneck(1024, 512, 2, projection(1024, 2048, 2)),
            *(Bottleneck(2048, 512) for _ in range(2)),
        )
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(2048, classes)
        self._initialize_weights()
        self.eval()

    def _initialize_weights(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(
                    module.weight, mode="fan_out", nonlinearity="relu"
                )
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def reset_parameters(self) -> None:
        """Starts all parameters and buffers again, as after `to_empty`."""
        for module in self.modules():
            if isinstance(module, nn.Linear):
                module.reset_parameters()
        self._initialize_weights()

    def train(self, mode: bool = True) -> "ResNet50":
        if mode:
            raise RuntimeError(
                "a fused network is not trained: load it without fused=True"
            )
        return super().train(mode)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(self.relu(self.conv1(x)))
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = self.layer4(x)
        x = torch.flatten(self.avgpool(x), 1)
        return self.fc(x)


def resnet50(classes: int = 1000) -> ResNet50:
    return ResNet50(classes)
