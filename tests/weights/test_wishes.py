"""`rename`, `drop`, `key`: what they are, and what they may not be."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import resdsl
from resdsl import WeightsError
from resdsl.weights.wishes import Wishes

NAME = "cifar_resnet20"


@pytest.mark.parametrize(
    ("rename", "key", "renamed"),
    [
        ({"se": "tail"}, "a.se.se", "a.tail.tail"),
        ({"se": "tail"}, "seb.se_", "seb.se_"),
        ({"a.b": "c"}, "a.b.a.b", "c.c"),
        ({"^0": "conv1"}, "0.0.weight", "conv1.0.weight"),
        ({"^0": "conv1"}, "layer1.0.weight", "layer1.0.weight"),
        ({"^0": "conv1", "0": "x"}, "0.0.weight", "conv1.x.weight"),
        ({"^a.b": ""}, "a.b.a.b.w", "a.b.w"),
        ({"a": "b", "a.b": "c", "b": "a"}, "a.b.a", "c.b"),
    ],
)
def test_rename(rename: dict[str, str], key: str, renamed: str) -> None:
    assert Wishes.of(rename).renamed(key) == renamed


@pytest.mark.parametrize("rename", [["se"], "se", 3, {"": "a"}, {"^": "a"}, {"a": 1}, {1: "a"}])
def test_no_rename(rename: Any) -> None:
    with pytest.raises(TypeError, match="rename is a dict of texts to texts"):
        resdsl.load(NAME, weights={}, rename=rename)


@pytest.mark.parametrize("drop", [3, [3], [""], "", {"a": 1}.values()])
def test_no_drop(drop: Any) -> None:
    with pytest.raises(TypeError, match="drop is a list of patterns"):
        resdsl.load(NAME, weights={}, drop=drop)


def test_classes_are_asked_for_by_their_own_parameter() -> None:
    """Another one may happen to have the same value."""
    text = """
        network tiny(k: int = 10, classes: int = 10) {
            input 3 x 8 x 8
            conv(3, k)
            global_avgpool
            flatten
            fc: linear(classes)
        }
    """
    state = resdsl.load(text).state_dict() | {"fc.weight": torch.zeros(7, 10)}
    state["fc.bias"] = torch.zeros(7)
    with pytest.raises(WeightsError, match="it has 7 classes, the design 10"):
        resdsl.load(text, weights=state, k=10)
    assert len(resdsl.load(text, weights=state, classes=10).weights_report.new) == 2


def test_key_is_none_of_several_dicts() -> None:
    state = resdsl.load(NAME).state_dict()
    found = {"state_dict": state, "ema": state}
    with pytest.raises(WeightsError, match="no dict: there are `state_dict`, `ema`"):
        resdsl.load(NAME, weights=found, key="zzz")


def test_the_way_back_to_their_names() -> None:
    state = resdsl.load(NAME, seed=0).state_dict()
    theirs = {f"backbone.{key.replace('conv', 'cv')}": value for key, value in state.items()}
    model = resdsl.load(NAME, weights=theirs, rename={"cv1": "conv1", "cv2": "conv2"})
    names = model.weights_report.names
    back = {names[key]: value for key, value in model.state_dict().items()}
    assert list(back) == list(theirs)
    assert all(torch.equal(back[key], value) for key, value in theirs.items())
