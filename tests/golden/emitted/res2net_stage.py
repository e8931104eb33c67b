"""Res2Net (stage), compiled by resdsl 0.1.0 from <text> (sha256 892968091bd5).

(N, 24, H, W) -> (N, 24, ceil(H/2), ceil(W/2)), for every H, W >= 1.
10,896 parameters.
"""

import torch
from torch import Tensor, nn

__all__ = ["Res2NetStage", "res2net_stage"]


def projection() -> nn.Sequential:
    """Option B: a strided 1x1 convolution and a norm, only where the shape changes.

    He et al. 2015, section 4.1.
    """
    return nn.Sequential(nn.Conv2d(24, 24, 1, 2, bias=False), nn.BatchNorm2d(24))


class Bottle2neck(nn.Module):
    """Gao et al. 2019, "Res2Net", 1904.01169: slices of the channels, each added to the
    next.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(24, 32, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(32)
        self.convs = nn.ModuleList(
            nn.Conv2d(8, 8, 3, 2, padding=1, bias=False) for _ in range(3)
        )
        self.bns = nn.ModuleList(nn.BatchNorm2d(8) for _ in range(3))
        self.pool = nn.AvgPool2d(3, 2, padding=1)
        self.conv3 = nn.Conv2d(32, 24, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(24)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = projection()

    def forward(self, x: Tensor) -> Tensor:
        all_ = self.relu(self.bn1(self.conv1(x)))
        main = all_[:, :8]
        sp0 = self.relu(self.bns[0](self.convs[0](main)))
        main = all_[:, 8:16]
        sp1 = self.relu(self.bns[1](self.convs[1](main)))
        main = all_[:, 16:24]
        sp2 = self.relu(self.bns[2](self.convs[2](main)))
        main = torch.cat([sp0, sp1, sp2, self.pool(all_[:, 24:32])], 1)
        main = self.bn3(self.conv3(main))
        main += self.downsample(x)
        return self.relu(main)


class Bottle2neckWithoutPool(nn.Module):
    """Gao et al. 2019, "Res2Net", 1904.01169: slices of the channels, each added to the
    next.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(24, 32, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(32)
        self.relu = nn.ReLU(inplace=True)
        self.convs = nn.ModuleList(
            nn.Conv2d(8, 8, 3, padding=1, bias=False) for _ in range(3)
        )
        self.bns = nn.ModuleList(nn.BatchNorm2d(8) for _ in range(3))
        self.conv3 = nn.Conv2d(32, 24, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(24)

    def forward(self, x: Tensor) -> Tensor:
        all_ = self.relu(self.bn1(self.conv1(x)))
        main = all_[:, :8]
        sp0 = self.relu(self.bns[0](self.convs[0](main)))
        main = all_[:, 8:16] + sp0
        sp1 = self.relu(self.bns[1](self.convs[1](main)))
        main = all_[:, 16:24] + sp1
        sp2 = self.relu(self.bns[2](self.convs[2](main)))
        main = torch.cat([sp0, sp1, sp2, all_[:, 24:32]], 1)
        main = self.bn3(self.conv3(main))
        main += x
        return self.relu(main)


class Res2NetStage(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer2 = nn.Sequential(
            Bottle2neck(), *(Bottle2neckWithoutPool() for _ in range(2))
        )
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
            if isinstance(module, nn.BatchNorm2d):
                module.reset_parameters()
        self._initialize_weights()

    def forward(self, x: Tensor) -> Tensor:
        return self.layer2(x)


def res2net_stage() -> Res2NetStage:
    return Res2NetStage()
