"""Modules without names by their paths: as features, frozen, as levels of a pyramid."""

from __future__ import annotations

from types import ModuleType

import pytest

import resdsl
from tests.zoo.norms import disturb

NETWORK = """network n {
    input 3 x 16 x 16
    features: { { conv(3, 8) norm } basic(8) x 2 { norm conv(2, 16, stride=2) } basic(16) }
    unit: conv(3, 16) reuse unit
    head: { global_avgpool flatten linear(4) }
}"""


def test_features_and_frozen_parts() -> None:
    design = resdsl.design(NETWORK, features=["features.1", "features.2.0"])
    assert design.outputs == {"features.1": (8, 16, 16), "features.2.0": (8, 16, 16)}
    named = resdsl.load(NETWORK, freeze="features.1").named_parameters()
    kept = {name.split(".")[1] for name, one in named if not one.requires_grad}
    assert kept == {"0", "1"}
    for name in ("features.9", "features.1.0", "unit", "features.1.conv1", "1"):
        with pytest.raises(resdsl.SpecError):
            resdsl.design(NETWORK, features=[name] if name != "unit" else ["unit.0"])


def test_a_text_does_not_know_them() -> None:
    text = NETWORK.replace("head:", 'output a: here, "features.1" head:')
    assert not resdsl.check(text).ok


@pytest.mark.parametrize("name", ["convnext_tiny", "mobilenet_v3_small", "efficientnet_b0"])
def test_a_pyramid_of_torchvision_s(name: str, torchvision: ModuleType) -> None:
    """What torchvision's own extractor gives at these modules."""
    import torch

    ours = resdsl.load(name, features="pyramid", seed=0).eval()
    disturb(ours)
    theirs = getattr(torchvision.models, name)().eval()
    theirs.load_state_dict(ours.state_dict(), strict=False)
    x = torch.randn(1, 3, 64, 96)
    found: list[torch.Tensor] = []
    with torch.no_grad():
        levels = ours(x)
        for layer in theirs.features:
            x = layer(x)
            found.append(x)
    assert len(levels) > 3
    assert all(any(level.equal(one) for one in found) for level in levels.values())
