"""Networks that need the language's second edition: timm's and torchvision's, to the bit."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch
from torch import nn

import resdsl
from tests.zoo.beside import compared
from tests.zoo.families import full
from tests.zoo.norms import disturb


def scaled(model: nn.Module) -> None:
    """Factors that hide nothing: at first they are a millionth."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("layer_scale"):
                parameter.uniform_(0.5, 1.5, generator=generator)


@pytest.mark.parametrize("name", ["tiny", pytest.param("small", marks=full)])
@pytest.mark.parametrize("training", [False, True])
def test_convnext(name: str, training: bool, torchvision: ModuleType) -> None:
    torch.manual_seed(0)
    theirs = getattr(torchvision.models, f"convnext_{name}")()
    scaled(theirs)
    ours = resdsl.load(f"convnext_{name}", weights=theirs.state_dict())
    assert list(ours.state_dict()) == list(theirs.state_dict())
    compared(ours, theirs, torch.randn(2, 3, 64, 96), training=training)


OWN_FIGURES = [
    *(f"convnext_{size}" for size in ("tiny", "small", "base", "large")),
    "fcn_resnet50",
    "deeplabv3_resnet50",
]


@pytest.mark.parametrize("name", OWN_FIGURES)
def test_torchvision_s_own_figures(name: str, torchvision: ModuleType) -> None:
    """Parameters and MACs as its weights say them, the latter in thousands of millions."""
    meta = torchvision.models.get_model_weights(name).DEFAULT.meta
    design = resdsl.design(name)
    assert design.params == meta["num_params"]
    assert design.macs is not None
    assert round(design.macs / 1e9, 3) == pytest.approx(meta["_ops"], abs=1e-3)


def test_drop_rates_of_convnext_are_torchvision_s(torchvision: ModuleType) -> None:
    theirs = [
        module.p
        for module in torchvision.models.convnext_tiny().modules()
        if type(module).__name__ == "StochasticDepth"
    ]
    ours = [
        float(module.p)
        for module in resdsl.load("convnext_tiny", device="meta").modules()
        if type(module).__name__ == "DropPath"
    ]
    assert ours == pytest.approx(theirs)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", [pytest.param("fcn_resnet50", marks=full), "deeplabv3_resnet50"])
@pytest.mark.parametrize("size", [(64, 96), pytest.param((57, 99), marks=full)])
def test_segmentation(
    name: str, training: bool, size: tuple[int, int], torchvision: ModuleType
) -> None:
    torch.manual_seed(0)
    theirs = getattr(torchvision.models.segmentation, name)(
        weights=None, weights_backbone=None, aux_loss=True
    )
    disturb(theirs)
    ours = resdsl.load(name, weights=theirs.state_dict())
    assert list(ours.state_dict()) == list(theirs.state_dict())
    with torch.set_grad_enabled(training):
        compared(ours, theirs, torch.randn(2, 3, *size), training=training)


@pytest.mark.parametrize("name", ["fcn_resnet50", "deeplabv3_resnet50"])
def test_its_weights_start_as_torchvision_s(name: str, torchvision: ModuleType) -> None:
    """The heads as torch's convolutions do, the backbone as the classifier's."""
    torch.manual_seed(0)
    theirs = getattr(torchvision.models.segmentation, name)(
        weights=None, weights_backbone=None, aux_loss=True
    ).state_dict()
    ours = resdsl.load(name, seed=0).state_dict()
    for key, tensor in theirs.items():
        if bool((tensor == tensor.flatten()[0]).all()):
            assert torch.equal(ours[key], tensor), key
        elif tensor.numel() > 4000:
            assert ours[key].std().item() == pytest.approx(tensor.std().item(), rel=0.1), key


def test_both_heads_are_new_where_classes_are_asked_for() -> None:
    state = resdsl.load("fcn_resnet50", device="meta").state_dict()
    made = resdsl.load("fcn_resnet50", weights=state, classes=5, device="meta")
    heads = [f"{name}classifier.4.{part}" for name in ("", "aux_") for part in ("weight", "bias")]
    assert [key for key, _ in made.weights_report.new] == heads
    with pytest.raises(resdsl.WeightsError, match="it has 5 classes, the design 21") as refused:
        resdsl.load("fcn_resnet50", weights=made, device="meta")
    assert 'drop=["classifier.4", "aux_classifier.4"]' in str(refused.value)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("depth", [50, pytest.param(101, marks=full)])
def test_res2net(depth: int, training: bool, timm: ModuleType) -> None:
    torch.manual_seed(0)
    theirs = timm.create_model(f"res2net{depth}_26w_4s")
    disturb(theirs)
    ours = resdsl.load(f"res2net{depth}_26w_4s", weights=theirs.state_dict())
    design = resdsl.design(f"res2net{depth}_26w_4s")
    assert design.params == sum(parameter.numel() for parameter in theirs.parameters())
    assert list(ours.state_dict()) == list(theirs.state_dict())
    compared(ours, theirs, torch.randn(2, 3, 64, 96), training=training)


REZERO = """
    block rezero(width: int) {
        residual {
            conv1: conv(3, width) act conv2: conv(3, width)
            param alpha: layer_scale(0, per="tensor")
        }
    }
    network net { input 3 x 8 x 8 conv: conv(3, 4) unit: rezero(4) }
"""
FIXUP = """
    block fixup(width: int) {
        residual {
            param bias1a: layer_shift(per="tensor")
            conv1: conv(3, width)
            param bias1b: layer_shift(per="tensor")
            act
            param bias2a: layer_shift(per="tensor")
            conv2: conv(3, width, init="zeros")
            param scale: layer_scale(1, per="tensor")
            param bias2b: layer_shift(per="tensor")
        }
        act
    }
    network net { input 3 x 8 x 8 conv: conv(3, 4) unit: fixup(4) }
"""


class ReZero(nn.Module):
    """Bachlechner et al. 2020, 2003.04887, equation 1."""

    def __init__(self) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(1))
        self.conv1 = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.alpha * self.conv2(self.conv1(x).relu())


class Fixup(nn.Module):
    """Zhang, Dauphin, Ma 2019, 1901.09321, Fig. 1 right, with the keys of its code."""

    def __init__(self) -> None:
        super().__init__()
        for name in ("bias1a", "bias1b", "bias2a", "scale", "bias2b"):
            setattr(self, name, nn.Parameter(torch.full((1,), float(name == "scale"))))
        self.conv1 = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.conv1(x + self.bias1a)
        out = self.conv2((out + self.bias1b).relu() + self.bias2a)
        return (out * self.scale + self.bias2b + x).relu()


@pytest.mark.parametrize(("text", "block"), [(REZERO, ReZero), (FIXUP, Fixup)])
def test_tensors_of_the_block_itself(text: str, block: type[nn.Module]) -> None:
    theirs = nn.Sequential()
    theirs.conv = nn.Conv2d(3, 4, 3, padding=1, bias=False)
    theirs.unit = block()
    ours = resdsl.load(text, seed=0)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    own = dict(theirs.unit.named_parameters())
    for name, parameter in ours.unit.named_parameters():  # type: ignore[union-attr]
        if not name.startswith("conv") or (block is Fixup and name == "conv2.weight"):
            assert torch.equal(parameter, own[name]), name
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.normal_(generator=generator)
    theirs.load_state_dict(ours.state_dict())
    compared(ours, theirs, torch.randn(2, 3, 8, 8), training=True)
