"""Residual blocks without norms, beside modules that are written here after the papers."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import resdsl
from tests.zoo.beside import compared
from tests.zoo.families import full

BOTH = pytest.mark.parametrize("training", [False, True])


def number(value: float) -> nn.Parameter:
    return nn.Parameter(torch.full((1,), float(value)))


class Block(nn.Module):
    """Zhang et al. 2019, Fig. 1 right, in a network of `blocks` of them."""

    def __init__(self, channels: int, width: int, stride: int, blocks: int) -> None:
        super().__init__()
        self.zeros, self.stride = width - channels, stride
        self.bias1a, self.bias1b = number(0), number(0)
        self.bias2a, self.scale, self.bias2b = number(0), number(1), number(0)
        self.conv1 = nn.Conv2d(channels, width, 3, stride, padding=1, bias=False)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        layers = 2  # the paper's m
        he = math.sqrt(2 / (9 * width))
        nn.init.normal_(self.conv1.weight, std=he * blocks ** (-1 / (2 * layers - 2)))
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor) -> Tensor:
        shifted = x + self.bias1a
        main = functional.relu(self.conv1(shifted) + self.bias1b)
        main = self.conv2(main + self.bias2a) * self.scale + self.bias2b
        if self.zeros:
            x = functional.pad(
                shifted[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.zeros)
            )
        return functional.relu(main + x)


class Fixup(nn.Module):
    """Zhang et al. 2019, section 3, for CIFAR-10: 6n + 2 layers."""

    def __init__(self, n: int, classes: int = 10) -> None:
        super().__init__()
        self.bias1, self.bias2 = number(0), number(0)
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        nn.init.normal_(self.conv1.weight, std=math.sqrt(2 / (9 * 16)))
        channels = 16
        for stage, width in enumerate((16, 32, 64), 1):
            blocks = []
            for index in range(n):
                stride = 2 if stage > 1 and index == 0 else 1
                blocks.append(Block(channels, width, stride, 3 * n))
                channels = width
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.fc = nn.Linear(64, classes)
        nn.init.zeros_(self.fc.weight)
        nn.init.zeros_(self.fc.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.conv1(x) + self.bias1)
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.fc(x.mean((2, 3)) + self.bias2)


def trained(model: nn.Module) -> nn.Module:
    """Nothing is 0 or 1 any more."""
    generator = torch.Generator().manual_seed(0)
    for parameter in model.parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        parameter.data += 0.1 * noise / max(1, parameter[0].numel()) ** 0.5
    return model


def picture(*size: int, channels: int = 3) -> Tensor:
    return torch.randn(2, channels, *size, generator=torch.Generator().manual_seed(1))


NETWORKS = [
    ("fixup_resnet20", 3),
    *(pytest.param(f"fixup_resnet{6 * n + 2}", n, marks=full) for n in (9, 18)),
]


@BOTH
@pytest.mark.parametrize(("name", "n"), NETWORKS)
def test_fixup_computes_what_the_paper_says(name: str, n: int, training: bool) -> None:
    """Outputs to the bit, keys in the same order, gradients; at an odd size as well."""
    for size in ((32, 32), (17, 23)):
        torch.manual_seed(0)
        theirs = trained(Fixup(n))
        ours = resdsl.load(name, weights=theirs.state_dict())
        assert list(ours.state_dict()) == list(theirs.state_dict())
        compared(ours, theirs, picture(*size), training=training)


@pytest.mark.parametrize(
    ("name", "n"), [("fixup_resnet20", 3), ("fixup_resnet56", 9), ("fixup_resnet110", 18)]
)
def test_fixup_starts_as_the_paper_says_but_for_a_factor(name: str, n: int) -> None:
    """Standard deviations; `init` has no factor, the file says what is to be done."""
    torch.manual_seed(0)
    ours, theirs = resdsl.load(name, seed=0), Fixup(n)
    for stage in (ours.layer1, ours.layer2, ours.layer3):
        for block in stage:  # type: ignore[union-attr]
            block.conv1.weight.data *= (3 * n) ** -0.5
    paper = theirs.state_dict()
    for key, tensor in ours.state_dict().items():
        if paper[key].numel() == 1 or not paper[key].any():
            assert torch.equal(tensor, paper[key]), key
        else:
            # Both are samples: within five standard errors.
            error = 5 / tensor.numel() ** 0.5
            one, other = tensor.std().item(), paper[key].std().item()
            assert one == pytest.approx(other, rel=error), key
            assert abs(tensor.mean().item()) < error * one, key


def test_fixup_counted_by_hand() -> None:
    """Convolutions as in option A; a factor and four biases a block, two biases, a classifier."""
    for n, without_norms in ((3, 269_722 - 1_376), (9, 853_018 - 4_064), (18, 1_727_962 - 8_096)):
        assert resdsl.design(f"fixup_resnet{6 * n + 2}").params == without_norms + 3 * n * 5 + 2


BLOCKS = """
from std.fixup import fixup_bottleneck, rezero, skipinit

block main(width: int) {{
    conv1: conv(3, width)
    act
    conv2: conv(3, width)
}}

network blocks {{
    input 8 x 16 x 16
    {}
}}
"""


class Bottleneck(nn.Module):
    """Zhang et al. 2019, section 3, from 8 to 16 channels."""

    def __init__(self) -> None:
        super().__init__()
        for name in ("bias1a", "bias1b", "bias2a", "bias2b", "bias3a"):
            setattr(self, name, number(0))
        self.scale, self.bias3b = number(1), number(0)
        self.conv1 = nn.Conv2d(8, 4, 1, bias=False)
        self.conv2 = nn.Conv2d(4, 4, 3, 2, padding=1, bias=False)
        self.conv3 = nn.Conv2d(4, 16, 1, bias=False)
        self.downsample = nn.Conv2d(8, 16, 1, 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.bias1a
        main = functional.relu(self.conv1(x) + self.bias1b)
        main = functional.relu(self.conv2(main + self.bias2a) + self.bias2b)
        main = self.conv3(main + self.bias3a) * self.scale + self.bias3b
        return functional.relu(main + self.downsample(x))


class ReZero(nn.Module):
    """Bachlechner et al. 2020, equation 1."""

    def __init__(self) -> None:
        super().__init__()
        self.resweight = number(0)
        self.main = nn.Sequential(
            nn.Conv2d(8, 8, 3, padding=1, bias=False),
            nn.ReLU(),
            nn.Conv2d(8, 8, 3, padding=1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.resweight * self.main(x)


class SkipInit(nn.Module):
    """De and Smith 2020: a pre-activated unit without norms, from 8 to 16 channels."""

    def __init__(self) -> None:
        super().__init__()
        self.alpha = number(0)
        self.conv1 = nn.Conv2d(8, 16, 3, 2, padding=1)
        self.conv2 = nn.Conv2d(16, 16, 3, padding=1)
        self.downsample = nn.Conv2d(8, 16, 1, 2)

    def forward(self, x: Tensor) -> Tensor:
        active = functional.relu(x)
        main = self.conv2(functional.relu(self.conv1(active)))
        return self.downsample(active) + self.alpha * main


@BOTH
@pytest.mark.parametrize(
    ("call", "theirs"),
    [
        ("fixup_bottleneck(4, stride=2)", Bottleneck),
        ("rezero(main(8))", ReZero),
        ("skipinit(16, stride=2)", SkipInit),
    ],
)
def test_blocks(call: str, theirs: type[nn.Module], training: bool) -> None:
    """Tensors in the same order; what main adds starts at 0, then outputs and gradients."""
    other = theirs()
    ours = resdsl.load(BLOCKS.format(call), net="blocks", seed=0)
    names = [name for name, _ in ours.named_parameters()]
    # Our last factor, and Fixup's last convolution, start as the paper says.
    start = dict(ours.named_parameters())
    assert not any(
        start[name].any() for name in names if name.endswith(("conv3.weight", "resweight", "alpha"))
    )
    state = trained(other).state_dict()
    assert [tensor.shape for tensor in state.values()] == [p.shape for p in start.values()]
    ours.load_state_dict(dict(zip(ours.state_dict(), state.values(), strict=True)))
    x = picture(11, 16, channels=8)
    outs = [model.train(training)(x) for model in (ours, other)]
    assert torch.equal(*outs)
    if not training:
        return
    for out in outs:
        out.square().sum().backward()
    for mine, parameter in zip(ours.parameters(), other.parameters(), strict=True):
        assert mine.grad is not None and parameter.grad is not None
        assert (mine.grad - parameter.grad).norm() <= 1e-5 * parameter.grad.norm()
