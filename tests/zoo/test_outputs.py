"""Networks of several outputs, and features of others: torchvision's and timm's, to the bit."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch
from torch import nn

import resdsl
from tests.zoo.families import full
from tests.zoo.norms import disturb

# Networks that name their stages as torchvision does, one of each kind on every run.
EXTRACTED = [
    ("resnet18", ["layer1", "layer3"]),
    ("resnet50", ["relu", "layer2", "layer4"]),
    ("densenet121", ["features.denseblock1", "features.transition2", "features.norm5"]),
    ("mobilenet_v2", ["features"]),
    pytest.param(("googlenet", ["inception3b", "inception4e"]), marks=full),
    pytest.param(("vgg16_bn", ["features"]), marks=full),
]


def gradients(model: nn.Module) -> list[torch.Tensor]:
    found = [parameter.grad for parameter in model.parameters()]
    assert all(one is not None for one in found)
    return [one for one in found if one is not None]


@pytest.mark.parametrize("case", EXTRACTED, ids=lambda case: case[0])
@pytest.mark.parametrize("training", [False, True])
def test_features_are_those_of_torchvision(
    case: tuple[str, list[str]], training: bool, torchvision: ModuleType
) -> None:
    from torchvision.models.feature_extraction import create_feature_extractor

    name, features = case
    torch.manual_seed(0)
    given = {"init_weights": False, "aux_logits": False} if name == "googlenet" else {}
    whole = getattr(torchvision.models, name)(**given)
    disturb(whole)
    theirs = create_feature_extractor(whole, features).train(training)
    ours = resdsl.load(name, features=features).train(training)
    state = whole.state_dict()
    ours.load_state_dict({key: state[key] for key in ours.state_dict()})
    x = torch.randn(2, 3, 64, 96)
    torch.manual_seed(1)
    a = theirs(x)
    torch.manual_seed(1)
    b = ours(x)
    b = {features[0]: b} if isinstance(b, torch.Tensor) else b
    assert list(a) == list(b) == features
    assert all(torch.equal(a[key], b[key]) for key in a)


def test_no_parameter_is_left_over(torchvision: ModuleType) -> None:
    """What no output is made of is not there; what is there has a gradient."""
    ours = resdsl.load("resnet50", features=["layer2", "layer1"], seed=0)
    keys = list(ours.state_dict())
    assert not any(key.startswith(("layer3", "layer4", "fc")) for key in keys)
    out = ours(torch.randn(2, 3, 64, 64))
    assert list(out) == ["layer2", "layer1"]
    sum(one.sum() for one in out.values()).backward()
    assert len(gradients(ours)) == len(list(ours.parameters()))


@pytest.mark.parametrize("name", ["resnet50", pytest.param("seresnet50", marks=full)])
def test_a_pyramid_is_timm_s(name: str, timm: ModuleType) -> None:
    theirs = timm.create_model(name, features_only=True, out_indices=(1, 2, 3, 4)).eval()
    disturb(theirs)
    ours = resdsl.load(name, features="pyramid", weights=theirs.state_dict()).eval()
    assert list(ours.state_dict()) == [key.replace(".se.", ".tail.") for key in theirs.state_dict()]
    with torch.no_grad():
        x = torch.randn(1, 3, 96, 64)
        for a, b in zip(theirs(x), ours(x).values(), strict=True):
            assert torch.equal(a, b)


@pytest.mark.parametrize("training", [False, True])
def test_googlenet_with_auxiliary_heads(training: bool, torchvision: ModuleType) -> None:
    torch.manual_seed(0)
    theirs = torchvision.models.googlenet(init_weights=False).train(training)
    disturb(theirs)
    ours = resdsl.load("googlenet_aux", weights=theirs.state_dict()).train(training)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for model in (ours, theirs):  # both draw at the same places else, in another order
        for module in model.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
    x = torch.randn(2, 3, 96, 96)
    a, b = theirs(x), ours(x)
    a = {"logits": a} if isinstance(a, torch.Tensor) else a._asdict()
    assert list(b) == ["logits", "aux2", "aux1"]
    named = {key.replace("aux_logits", "aux"): tensor for key, tensor in a.items()}
    assert all(torch.equal(tensor, b[key]) for key, tensor in named.items())
    if training:
        for out in (a, b):
            sum(one.square().sum() for one in out.values()).backward()
        # What flows back where heads leave the main line is added up in another order.
        for one, other in zip(gradients(theirs), gradients(ours), strict=True):
            assert (one - other).norm() <= 1e-5 * one.norm()


def test_headless_networks_of_the_zoo() -> None:
    whole = resdsl.load("resnet50", seed=0).eval()
    state = whole.state_dict()
    for name, features in (("resnet50_features", 4), ("resnet50_headless", 1)):
        model = resdsl.load(name, weights=state, drop="fc").eval()
        out = model(torch.randn(1, 3, 64, 64))
        assert (1 if isinstance(out, torch.Tensor) else len(out)) == features


def test_the_text_begins_with_the_outputs_shapes() -> None:
    """One is a tensor's, several are a dictionary's."""
    assert "(N, 3, H, W) -> (N, 1000), for" in resdsl.design("resnet18").source()
    several = "(N, 3, H, W) -> {logits: (N, 1000), aux2: (N, 1000), aux1: (N, 1000)}, for"
    assert several in resdsl.design("googlenet_aux").source()
