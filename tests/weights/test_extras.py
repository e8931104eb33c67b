"""Tensors beside the design's: what they are said to be, and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import resdsl
from resdsl import WeightsError

EXTRAS = ["projector.0.weight", "queue_ptr", "total_ops", "loss.weight", "fc2.weight", "proj.w"]


@pytest.mark.parametrize("prefix", ["", "encoder."])
@pytest.mark.parametrize("extra", EXTRAS)
def test_modules_beside_the_design_are_told_as_such(extra: str, prefix: str) -> None:
    state = resdsl.load("cifar_resnet20").state_dict()
    found = {f"{prefix}{key}": value for key, value in state.items()}
    name = extra.split(".")[0]
    with pytest.raises(WeightsError, match="it has more than the design") as refused:
        resdsl.load("cifar_resnet20", weights=found | {extra: torch.ones(8, 8)})
    assert f'drop=["{name}"] leaves them out' in str(refused.value)
    resdsl.load("cifar_resnet20", weights=found | {extra: torch.ones(8, 8)}, drop=[name])


def test_arrays_of_numpy_are_taken() -> None:
    state = resdsl.load("cifar_resnet20", seed=0).state_dict()
    arrays = {key: value.numpy() for key, value in state.items()}
    again = resdsl.load("cifar_resnet20", weights=arrays).state_dict()
    assert all(torch.equal(again[key], value) for key, value in state.items())


@pytest.mark.parametrize("prefix", ["", "module."])
def test_what_is_dropped_by_the_designs_name_is_new(prefix: str) -> None:
    state = resdsl.load("cifar_resnet20", seed=0).state_dict()
    found = {f"{prefix}{key}": value for key, value in state.items()}
    made = resdsl.load("cifar_resnet20", weights=found, drop="fc", seed=1)
    assert not torch.equal(made.fc.weight, state["fc.weight"])
    assert torch.equal(made.conv1.weight, state["conv1.weight"])
    assert "fc.weight, fc.bias: new (dropped)" in str(made.weights_report)


def test_tensors_of_one_memory_become_several(tmp_path: Path) -> None:
    state = {
        key: value.clone() for key, value in resdsl.load("cifar_resnet20").state_dict().items()
    }
    state["bn1.weight"] = state["bn1.bias"]
    torch.save(state, tmp_path / "one.pt")
    made = resdsl.load("cifar_resnet20", weights=tmp_path / "one.pt")
    assert made.bn1.weight.data_ptr() != made.bn1.bias.data_ptr()


def test_only_a_convolution_over_all_is_flattened() -> None:
    state = resdsl.load("vgg11", device="meta").state_dict()
    names = {"classifier.0": "pre_logits.fc1", "classifier.3": "pre_logits.fc2"}
    names["classifier.6"] = "head.fc"
    found = {}
    for key, value in state.items():
        module, _, last = key.rpartition(".")
        found[f"{names.get(module, module)}.{last}"] = torch.empty(value.shape, device="meta")
    found["pre_logits.fc1.weight"] = torch.empty(4096, 512, 7, 7, device="meta")
    found["pre_logits.fc2.weight"] = torch.empty(4096, 4096, 1, 1, device="meta")
    assert resdsl.check("vgg11", weights=found).ok
    key = "features.3.weight"
    found[key] = torch.empty(found[key].permute(2, 3, 1, 0).shape, device="meta")
    assert not resdsl.check("vgg11", weights=found).ok


def test_a_scalar_in_the_place_of_a_head() -> None:
    state = resdsl.load("cifar_resnet20", device="meta").state_dict()
    with pytest.raises(WeightsError, match="does not fit"):
        resdsl.load("cifar_resnet20", weights=state | {"fc.bias": torch.ones(())}, device="meta")


def test_wishes_without_weights_are_refused() -> None:
    with pytest.raises(TypeError, match="say what to do with `weights`"):
        resdsl.check("lenet5", drop="fc")
    with pytest.raises(TypeError, match="say what to do with `weights`"):
        resdsl.load("lenet5", drop="fc")
