"""RepVGG-A0, compiled by resdsl 0.1.0 from repvgg.res (sha256 d6cccfcaa033).

(N, 3, H, W) -> (N, 1000), for every H, W >= 1.
8,309,384 parameters; 1,361,451,008 MACs at 224 x 224.
Fused, for eval alone: `resdsl.load(..., fused=True)` has its weights.
Made with fused=True.
"""

import torch
from torch import Tensor, nn

__all__ = ["RepVGGA0", "repvgg_a0"]


class RepVGGBlock(nn.Module):
    """A 3x3 convolution, a 1x1 one and, where the shape stays, the identity, each with
    a norm.

    Ding et al. 2021, Fig. 2(b).
    """

    def __init__(self, in_channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, width, 3, stride, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.conv(x))


class RepVGGA0(nn.Module):
    """Compiled for its `widths`, `groups`, `depths` and `tail`: another `widths`,
    `groups` or `depths` may build other modules; `tail` says what is built.
    """

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem = RepVGGBlock(3, 48, 2)
        self.layer1 = nn.Sequential(RepVGGBlock(48, 48, 2), RepVGGBlock(48, 48))
        self.layer2 = nn.Sequential(
            RepVGGBlock(48, 96, 2), *(RepVGGBlock(96, 96) for _ in range(3))
        )
        self.layer3 = nn.Sequential(
            RepVGGBlock(96, 192, 2), *(RepVGGBlock(192, 192) for _ in range(13))
        )
        self.layer4 = nn.Sequential(RepVGGBlock(192, 1280, 2))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(1280, classes)
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

    def train(self, mode: bool = True) -> "RepVGGA0":
        if mode:
            raise RuntimeError(
                "a fused network is not trained: load it without fused=True"
            )
        return super().train(mode)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = self.layer4(x)
        x = torch.flatten(self.avgpool(x), 1)
        return self.fc(x)


def repvgg_a0(classes: int = 1000) -> RepVGGA0:
    return RepVGGA0(classes)
