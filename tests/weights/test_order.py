"""`match="order"`: what it takes, and where it does not believe what it is told."""

from __future__ import annotations

import pytest
import torch

import resdsl
from resdsl import WeightsError

NAME = "cifar_resnet20"


def by_module(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    modules = list(dict.fromkeys(key.rpartition(".")[0] for key in state))
    return {
        f"m{modules.index(key.rpartition('.')[0])}.{key.rpartition('.')[2]}": value
        for key, value in state.items()
    }


def state() -> dict[str, torch.Tensor]:
    return resdsl.load(NAME, seed=0).state_dict()


def test_by_order_all_are_taken() -> None:
    made = resdsl.load(NAME, weights=by_module(state()), match="order").state_dict()
    assert all(torch.equal(made[key], value) for key, value in state().items())


@pytest.mark.parametrize("lost", ["m1.", "m8.", "m"])
def test_counters_may_be_missing(lost: str) -> None:
    found = by_module(state())
    found = {
        key: value
        for key, value in found.items()
        if not (key.startswith(lost) and key.endswith("num_batches_tracked"))
    }
    made = resdsl.load(NAME, weights=found, match="order").state_dict()
    assert all(torch.equal(made[key], value) for key, value in state().items())


def test_a_dropped_head_is_new() -> None:
    found = by_module(state())
    head = list(found)[-1].partition(".")[0]
    made = resdsl.load(NAME, weights=found, match="order", drop=[head], seed=1)
    assert made.weights_report.new == (("fc.weight", "dropped"), ("fc.bias", "dropped"))
    assert torch.equal(made.layer3[2].conv2.weight, state()["layer3.2.conv2.weight"])


def test_a_backbone_is_taken_where_classes_are_asked_for() -> None:
    found = by_module(state())
    *_, weight, bias = found
    del found[weight], found[bias]
    made = resdsl.load(NAME, weights=found, match="order", classes=7)
    assert [key for key, _ in made.weights_report.new] == ["fc.weight", "fc.bias"]
    with pytest.raises(WeightsError, match="it has 95 tensors, the design 97, without counters"):
        resdsl.load(NAME, weights=found, match="order")


def test_names_that_fit_are_believed_more() -> None:
    backwards = dict(reversed(state().items()))
    with pytest.raises(WeightsError, match="by order: its names say otherwise, as") as caught:
        resdsl.load(NAME, weights=backwards, match="order")
    assert 'without match="order" it is taken by its names' in str(caught.value)


def test_most_names_are_believed_more() -> None:
    """Also where one is another."""
    found = state()
    names = list(found)
    i, j = (names.index(f"layer1.{n}.conv1.weight") for n in (0, 1))
    names[i], names[j] = names[j], names[i]
    swapped = {name.replace("fc.", "last."): found[name] for name in names}
    with pytest.raises(WeightsError, match="by order: its names say otherwise, as `layer1"):
        resdsl.load(NAME, weights=swapped, match="order")


def test_a_step_is_no_counter() -> None:
    found = {"step": torch.tensor(5)} | by_module(state())
    with pytest.raises(WeightsError, match="as number 1, `step`"):
        resdsl.load(NAME, weights=found, match="order")


def test_a_bias_is_no_weight() -> None:
    found = by_module(state())
    swapped = {
        key.replace("weight", "x").replace("bias", "weight").replace("x", "bias"): value
        for key, value in found.items()
    }
    with pytest.raises(WeightsError, match=r"as number 1, `m0\.bias` .* would be `conv1.weight`"):
        resdsl.load(NAME, weights=swapped, match="order")


def test_where_shapes_part() -> None:
    found = by_module(state())
    found["m4.weight"] = torch.zeros(16, 16, 1, 1)
    with pytest.raises(WeightsError) as caught:
        resdsl.load(NAME, weights=found, match="order")
    told = "number 11, `m4.weight` (16x16x1x1) would be `layer1.0.conv2.weight` (16x16x3x3)"
    assert told in str(caught.value)
