"""Networks of the zoo at an output stride, and timm's and torchvision's at the same.

With their weights and norms that are not the identity: the same outputs to the bit.
"""

from __future__ import annotations

from types import ModuleType

import pytest

import resdsl
from tests.zoo.families import full, some_families
from tests.zoo.norms import disturb

SIZES = [(64, 96), (97, 65)]

# By the name of the zoo, timm's.
TIMM = {
    "resnet18": "resnet18",
    "resnet50": "resnet50",
    "resnext50_32x4d": "resnext50_32x4d",
    "wide_resnet50_2": "wide_resnet50_2",
    "seresnet50": "seresnet50",
    "skresnet18": "skresnet18",
    "resnetv2_50": "resnetv2_50",
    "regnetx_006": "regnetx_006",
    "regnety_008": "regnety_008",
    "efficientnet_b0_timm": "efficientnet_b0",
    "mobilenet_v2_140": "mobilenetv2_140",
    "xception41": "xception41",
}
QUICK = {("resnet18", 8), ("resnetv2_50", 16), ("regnetx_006", 8), ("mobilenet_v2_140", 16)}
TORCHVISION = ["resnet50", "resnet101", "resnext50_32x4d", "wide_resnet50_2"]


def assert_equal(ours: object, theirs: object) -> None:
    import torch
    from torch import nn

    assert isinstance(ours, nn.Module)
    assert isinstance(theirs, nn.Module)
    for size in SIZES:
        x = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            assert torch.equal(ours.eval()(x), theirs.eval()(x)), size


@pytest.mark.parametrize(
    ("name", "stride"),
    [
        pytest.param(name, stride, marks=[] if (name, stride) in QUICK else [full])
        for name in TIMM
        for stride in (8, 16)
    ],
)
def test_timm_s(name: str, stride: int, timm: ModuleType) -> None:
    theirs = timm.create_model(TIMM[name], output_stride=stride)
    disturb(theirs)
    ours = resdsl.load(name, output_stride=stride, weights=theirs.state_dict())
    assert_equal(ours, theirs)


@pytest.mark.parametrize("stride", [8, 16])
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name == "resnext50_32x4d" else [full]) for name in TORCHVISION],
)
def test_torchvision_s(name: str, stride: int, torchvision: ModuleType) -> None:
    dilated = [False, stride == 8, True]
    theirs = getattr(torchvision.models, name)(replace_stride_with_dilation=dilated)
    disturb(theirs)
    ours = resdsl.load(name, output_stride=stride, weights=theirs.state_dict())
    assert_equal(ours, theirs)


@pytest.mark.parametrize("name", ["densenet121", "vgg16", "resnet50d"])
def test_pools_of_two_are_refused(name: str) -> None:
    with pytest.raises(resdsl.SpecError, match="a window of 2×2 is even") as refused:
        resdsl.design(name, output_stride=8)
    errors = [one for one in refused.value.diagnostics if one.severity == "error"]
    assert errors[0].code.id == "E0406"


def test_weights_fit_with_any() -> None:
    tensors = [
        {
            key: tuple(one.shape)
            for key, one in resdsl.load("resnet18", device="meta", output_stride=n)
            .state_dict()
            .items()
        }
        for n in (None, 16, 8, 4)
    ]
    assert all(one == tensors[0] for one in tensors)


def test_the_pyramid_has_the_strides_that_are_left() -> None:
    whole = resdsl.design("resnet50", features="pyramid", output_stride=8)
    assert list(whole.outputs) == ["layer1", "layer4"]


@pytest.mark.parametrize("name", some_families(str(one.name) for one in resdsl.networks()))
@pytest.mark.parametrize("stride", [8, pytest.param(16, marks=full)])
def test_every_network_has_it_or_says_why_not(name: str, stride: int) -> None:
    whole = resdsl.design(name)
    try:
        bounded = resdsl.design(name, output_stride=stride)
    except resdsl.SpecError as error:
        codes = {one.code.id for one in error.diagnostics if one.severity == "error"}
        assert codes == {"E0406"}
        return
    assert (bounded.params, bounded.buffers) == (whole.params, whole.buffers)
    assert list(bounded.outputs) == list(whole.outputs)
