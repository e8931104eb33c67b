"""What tests/zoo/oracles.py cannot compare of torchvision's families: results that are several."""

from __future__ import annotations

from types import ModuleType

import resdsl
from tests.zoo.norms import disturb


def test_inception_v3_with_its_auxiliary_classifier(torchvision: ModuleType) -> None:
    """torchvision gives both results in training, and the logits alone in eval mode."""
    import torch

    torch.manual_seed(0)
    theirs = torchvision.models.inception_v3(init_weights=False)
    disturb(theirs)
    ours = resdsl.load("inception_v3_aux", weights=theirs.state_dict())
    assert list(ours.state_dict()) == list(theirs.state_dict())
    x = torch.randn(2, 3, 299, 331)
    with torch.no_grad():
        assert torch.equal(ours.eval()(x)["logits"], theirs.eval()(x))
        torch.manual_seed(2)
        mine = ours.train()(x)
        torch.manual_seed(2)
        logits, aux_logits = theirs.train()(x)
    assert torch.equal(mine["logits"], logits)
    assert torch.equal(mine["aux_logits"], aux_logits)
    assert resdsl.design("inception_v3_aux").params == sum(p.numel() for p in theirs.parameters())


def test_weights_of_a_regnet_y(torchvision: ModuleType) -> None:
    """By torchvision's names, squeeze and excitation included."""
    import torch

    torch.manual_seed(0)
    theirs = torchvision.models.regnet_y_400mf().eval()
    ours = resdsl.load("regnet_y_400mf", weights=theirs.state_dict()).eval()
    x = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        assert torch.equal(ours(x), theirs(x))
