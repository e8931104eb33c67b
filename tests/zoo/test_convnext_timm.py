"""timm's ConvNeXts: every form in a small network, and the largest without memory."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
import torch

import resdsl
from resdsl.api import zoo
from tests.zoo.families import every
from tests.zoo.norms import disturb
from tests.zoo.oracles import counted

V2 = {"use_grn": True, "ls_init_value": None}
# By what the network is given, what timm's class is given.
FORMS: dict[str, dict[str, Any]] = {
    "": {},
    "conv_mlp=true": {"conv_mlp": True},
    "grn=true": V2,
    "grn=true, conv_mlp=true": {**V2, "conv_mlp": True},
    "stem=overlap, hidden=40": {"stem_type": "overlap", "head_hidden_size": 40},
    "stem=overlap(tiered=true), norm_first=true, eps=1e-5": {
        "stem_type": "overlap_tiered",
        "head_norm_first": True,
        "norm_eps": 1e-5,
    },
}
# Models of gigabytes: the group's `by_hand`.
LARGEST = ["convnext_xlarge", "convnext_xxlarge", "convnextv2_huge"]


@pytest.mark.parametrize(("given", "options"), FORMS.items())
def test_forms(given: str, options: dict[str, Any], timm: ModuleType) -> None:
    """The same keys, and outputs to the bit, in both modes; factors hide nothing."""
    torch.manual_seed(0)
    sizes: dict[str, Any] = {"depths": (1, 2, 1, 1), "dims": (16, 24, 32, 48), "num_classes": 10}
    theirs = timm.models.convnext.ConvNeXt(**sizes, **{"ls_init_value": 0.5, **options})
    disturb(theirs)
    text = zoo.entries()["convnext_timm"].path.read_text("utf-8")
    arguments = f"[1, 2, 1, 1], [16, 24, 32, 48], classes=10, {given}"
    ours = resdsl.load(f"{text}network small = convnext_timm({arguments})\n", net="small")
    assert list(ours.state_dict()) == list(theirs.state_dict())
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(2, 3, 65, 96)
    with torch.no_grad():
        for training in (False, True):
            assert torch.equal(ours.train(training)(x), theirs.train(training)(x)), training


@pytest.mark.parametrize("name", every(3, LARGEST))
def test_largest(name: str, timm: ModuleType) -> None:
    with torch.device("meta"):
        theirs = timm.create_model(name)
    design = resdsl.design(name)
    assert (design.params, design.macs) == counted(theirs, 3, [224, 224])
    ours = resdsl.load(name, device="meta")
    assert [(key, tensor.shape) for key, tensor in ours.state_dict().items()] == [
        (key, tensor.shape) for key, tensor in theirs.state_dict().items()
    ]


def test_drop_rates(timm: ModuleType) -> None:
    def rates(model: torch.nn.Module, rate: str) -> list[float]:
        paths = (module for module in model.modules() if type(module).__name__ == "DropPath")
        return [float(getattr(module, rate)) for module in paths]

    with torch.device("meta"):
        theirs = timm.create_model("convnext_atto", drop_path_rate=0.1)
    ours = resdsl.load("convnext_atto", device="meta", drop_rate=0.1)
    # The first rate is 0, where timm has no module.
    assert rates(ours, "p")[-11:] == pytest.approx(rates(theirs, "drop_prob"))
