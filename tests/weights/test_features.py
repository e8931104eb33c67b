"""Weights of a whole network for what some of its outputs are made of."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import resdsl
from resdsl import SpecError

NETWORK = """
network whole { input 3 x 16 x 16
  stage layer1: basic(8) x 2
  stage layer2 /2: basic(16) x 2
  global_avgpool flatten fc: linear(10) }
network body = whole { output layer1 }
"""


@pytest.fixture(scope="module")
def weights() -> dict[str, torch.Tensor]:
    return resdsl.load(NETWORK, net="whole").state_dict()


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize(
    ("asked", "begins"),
    [
        ({"net": "whole", "features": "layer1"}, ("layer2", "fc")),
        ({"net": "whole", "features": ["layer1", "layer2"]}, ("fc",)),
        ({"net": "body"}, ("layer2", "fc")),
    ],
)
def test_the_rest_is_left(
    asked: dict[str, object], begins: tuple[str, ...], prefix: str, weights: dict[str, torch.Tensor]
) -> None:
    theirs = {prefix + key: tensor for key, tensor in weights.items()}
    made = resdsl.load(NETWORK, weights=theirs, **asked)  # type: ignore[arg-type]
    assert all(torch.equal(tensor, weights[key]) for key, tensor in made.state_dict().items())
    left = {key for key in theirs if key.removeprefix(prefix).startswith(begins)}
    assert set(made.weights_report.dropped) == left
    report = resdsl.check(NETWORK, weights=theirs, **asked)  # type: ignore[arg-type]
    assert report.weights is not None
    assert set(report.weights.dropped) == left


def test_of_a_design_in_json(tmp_path: Path, weights: dict[str, torch.Tensor]) -> None:
    text = resdsl.design(NETWORK, net="whole").to_json()
    made = resdsl.load(text, features="layer1", weights=weights)
    assert made.weights_report.dropped[-1] == "fc.bias"


def test_what_the_whole_has_not_is_told(weights: dict[str, torch.Tensor]) -> None:
    theirs = {**weights, "neck.weight": torch.zeros(3)}
    with pytest.raises(SpecError, match=r"it has more than the design: `neck`"):
        resdsl.load(NETWORK, net="whole", features="layer1", weights=theirs)


def test_what_the_body_needs_is_told(weights: dict[str, torch.Tensor]) -> None:
    theirs = {key: tensor for key, tensor in weights.items() if not key.startswith("layer1.0")}
    with pytest.raises(SpecError, match=r"layer1\.0"):
        resdsl.load(NETWORK, net="whole", features="layer1", weights=theirs)
