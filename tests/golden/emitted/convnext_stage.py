"""ConvNeXt (stage), compiled by resdsl 0.1.0 from <text> (sha256 3980b17eb885).

(N, 8, H, W) -> (N, 8, H, W), for every H, W >= 1.
2,928 parameters.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

__all__ = ["ConvNeXtStage", "convnext_stage"]


class ChannelLayerNorm(nn.Module):
    """Layer norm over the channels of each position of a map."""

    def __init__(self, channels: int, eps: float = 1e-5, affine: bool = True) -> None:
        super().__init__()
        self.eps = eps
        if affine:
            self.weight = nn.Parameter(torch.ones(channels))
            self.bias = nn.Parameter(torch.zeros(channels))
        else:
            self.register_parameter("weight", None)
            self.register_parameter("bias", None)

    def reset_parameters(self) -> None:
        if self.weight is not None:
            nn.init.ones_(self.weight)
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(1, -1)
        x = nn.functional.layer_norm(x, x.shape[-1:], self.weight, self.bias, self.eps)
        return x.movedim(-1, 1)


class ConvNeXtBlock(nn.Module):
    """Liu et al. 2022, "A ConvNet for the 2020s", 2201.03545."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_dw = nn.Conv2d(8, 8, 7, padding=3, groups=8)
        self.norm = ChannelLayerNorm(8, eps=1e-06)
        self.mlp = nn.Sequential(
            OrderedDict(
                fc1=nn.Conv2d(8, 32, 1), gelu=nn.GELU(), fc2=nn.Conv2d(32, 8, 1)
            ),
        )
        self.gamma = nn.Parameter(torch.full((8,), 1e-06))

    def forward(self, x: Tensor) -> Tensor:
        main = self.norm(self.conv_dw(x))
        main = self.gamma.view(-1, 1, 1) * self.mlp(main)
        return main + x


class ConvNeXtStage(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.Sequential(*(ConvNeXtBlock() for _ in range(3)))
        self._initialize_weights()

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
            if isinstance(module, ChannelLayerNorm):
                module.reset_parameters()
            elif isinstance(module, ConvNeXtBlock):
                nn.init.constant_(module.gamma, 1e-06)
        self._initialize_weights()

    def forward(self, x: Tensor) -> Tensor:
        return self.blocks(x)


def convnext_stage() -> ConvNeXtStage:
    return ConvNeXtStage()
