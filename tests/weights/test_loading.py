"""`load(…, weights=…)`: files and dicts, what is copied, what starts anew, and what is refused."""

from __future__ import annotations

import argparse
import copy
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import resdsl
from resdsl import WeightsError

if TYPE_CHECKING:
    import torch

    State = dict[str, torch.Tensor]

SPEC = """network net(classes: int = 7) {
    input 3 x 16 x 16
    conv1: conv(3, 8)
    bn1: batchnorm
    relu
    stage layer1: block_of(8) x 2
    global_avgpool
    flatten
    fc: linear(classes)
}

block block_of(width: int) {
    residual {
        conv: conv(3, width)
        bn: batchnorm
    }
    relu
}
"""


@pytest.fixture
def state() -> State:
    """Of another seed than any that the tests load with, its counters not at 0."""
    found = resdsl.load(SPEC, seed=1).state_dict()
    for key, tensor in found.items():
        if key.endswith("num_batches_tracked"):
            tensor.fill_(5)
    return found


def same(model: torch.nn.Module, state: State) -> bool:
    import torch

    found = model.state_dict()
    return list(found) == list(state) and all(torch.equal(found[k], state[k]) for k in state)


def saved(path: Path, state: State) -> Path:
    from safetensors.torch import save_file

    save_file(state, path)
    return path


def test_a_dict_is_copied(state: State) -> None:
    model = resdsl.load(SPEC, weights=state)
    assert same(model, state)
    state["conv1.weight"].zero_()
    assert model.conv1.weight.any()
    assert model.conv1.weight.requires_grad
    assert model.training
    assert str(model.weights_report) == "20 of 20 tensors matched"


def test_a_file(state: State, tmp_path: Path) -> None:
    file = saved(tmp_path / "a.safetensors", state)
    model = resdsl.load(SPEC, weights=str(file))
    file.write_bytes(bytes(file.stat().st_size))  # the model keeps its own
    assert same(model, state)


def test_it_learns(state: State, tmp_path: Path) -> None:
    import torch

    model = resdsl.load(SPEC, weights=saved(tmp_path / "a.safetensors", state))
    model(torch.randn(2, 3, 16, 16)).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    assert same(copy.deepcopy(model), model.state_dict())


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_pt_file(state: State, tmp_path: Path, wrapped: bool) -> None:
    import torch

    file = tmp_path / "a.pt"
    content = {"epoch": 3, "model": state, "optimizer": {"state": {0: {"step": torch.ones(())}}}}
    torch.save(content if wrapped else OrderedDict(state), file)
    model = resdsl.load(SPEC, weights=file)
    assert same(model, state)
    assert model.weights_report.wrapped == (("model",) if wrapped else ())


def test_one_dtype(state: State, tmp_path: Path) -> None:
    import torch

    mixed = {
        key: t.half() if t.ndim == 4 and t.is_floating_point() else t for key, t in state.items()
    }
    file = saved(tmp_path / "a.safetensors", mixed)
    for dtype in (None, torch.bfloat16, torch.float64):
        model = resdsl.load(SPEC, weights=file, dtype=dtype)
        kinds = {t.dtype for t in model.state_dict().values() if t.is_floating_point()}
        assert kinds == {dtype or torch.float32}
        assert model.bn1.num_batches_tracked.dtype == torch.int64
    half = resdsl.load(SPEC, weights=file).conv1.weight
    assert torch.equal(half, state["conv1.weight"].half().float())


def test_nothing_is_drawn(state: State) -> None:
    import torch

    before = torch.get_rng_state()
    resdsl.load(SPEC, weights=state)
    assert torch.equal(torch.get_rng_state(), before)


def test_on_the_meta_device(state: State) -> None:
    model = resdsl.load(SPEC, weights=state, device="meta")
    assert all(t.is_meta for t in model.state_dict().values())
    assert model.weights_report.matched == 20


def test_another_head(state: State) -> None:
    import torch

    model = resdsl.load(SPEC, classes=3, weights=state, seed=0)
    assert torch.equal(model.fc.weight, resdsl.load(SPEC, classes=3, seed=0).fc.weight)
    assert torch.equal(model.conv1.weight, state["conv1.weight"])
    lines = str(model.weights_report).split("\n")
    assert lines[1] == "fc.weight, fc.bias: new (the file has 7 classes, the design 3)"


def test_another_head_that_nobody_asked_for(state: State) -> None:
    ten = resdsl.load(SPEC, classes=10).state_dict()
    with pytest.raises(WeightsError, match="it has 10 classes, the design 7"):
        resdsl.load(SPEC, weights=ten)
    # Neither does a parameter that is something else ask for it.
    assert resdsl.load(SPEC, weights=ten, drop="fc").fc.out_features == 7
    assert resdsl.load(SPEC, weights=ten, classes=10).weights_report.new == ()


def test_counters_may_be_missing(state: State) -> None:
    bare = {key: t for key, t in state.items() if not key.endswith("num_batches_tracked")}
    model = resdsl.load(SPEC, weights=bare)
    assert model.bn1.num_batches_tracked == 0
    assert str(model.weights_report) == "17 of 20 tensors matched"


@pytest.mark.parametrize("shape", [(), (1,)])
def test_a_learned_number_of_no_dimension(shape: tuple[int, ...]) -> None:
    """timm's NFNets have a gain of shape (), where a tensor of ours has one element."""
    import torch

    spec = 'network net { input 3 x 8 x 8 conv(1, 3) param gain: layer_scale(0.5, per="tensor") }'
    state = resdsl.load(spec, seed=1).state_dict()
    assert state["gain"].shape == (1,)
    state["gain"] = torch.full(shape, 0.25)
    found = resdsl.load(spec, weights=state).state_dict()["gain"]
    assert torch.equal(found, torch.full((1,), 0.25))


def test_averaged_models(state: State) -> None:
    import torch

    averaged = torch.optim.swa_utils.AveragedModel(resdsl.load(SPEC, weights=state))
    assert "n_averaged" in averaged.state_dict()
    model = resdsl.load(SPEC, weights=averaged.state_dict())
    assert same(model, state)
    assert model.weights_report.prefix == "module."


def test_other_channels(state: State) -> None:
    """A grey picture, as often as there are channels, gives what it gave."""
    import torch

    grey = resdsl.load(SPEC, in_channels=1, weights=state).eval()
    assert torch.equal(grey.conv1.weight, state["conv1.weight"].sum(1, keepdim=True))
    five = resdsl.load(SPEC, in_channels=5, weights=grey.state_dict()).eval()
    assert five.weights_report.adapted == (("conv1.weight", 1, 5),)
    x = torch.randn(2, 1, 16, 16)
    assert torch.allclose(five(x.repeat(1, 5, 1, 1)), grey(x), atol=1e-6)
    with pytest.raises(WeightsError, match="it takes 5, the design 3, and only weights for 3 or 1"):
        resdsl.load(SPEC, weights=five.state_dict())


def test_in_channels_without_weights() -> None:
    model = resdsl.load("resnet18", in_channels=4, device="meta")
    assert model.conv1.weight.shape[1] == 4
    free = resdsl.load("network n { input 3 x H x W conv(3, 8) }", in_channels=2, device="meta")
    assert free.conv.weight.shape[1] == 2
    for wrong, error in ((0, ValueError), ("3", TypeError), (2.5, TypeError), (True, TypeError)):
        with pytest.raises(error, match="in_channels"):
            resdsl.load("resnet18", in_channels=wrong)


def test_rename(state: State) -> None:
    other = {
        key.replace("layer1.0", "first").replace("conv1", "begin"): t for key, t in state.items()
    }
    model = resdsl.load(SPEC, weights=other, rename={"first": "layer1.0", "begin": "conv1"})
    assert same(model, state)
    swapped = {
        key.replace("conv1", "x").replace("bn1", "conv1").replace("x", "bn1"): t
        for key, t in state.items()
    }
    assert same(resdsl.load(SPEC, weights=swapped, rename={"conv1": "bn1", "bn1": "conv1"}), state)
    below = {f"a.b.{key}": t for key, t in state.items()}
    assert same(resdsl.load(SPEC, weights=below, rename={"a.b": ""}), state)


def test_whole_components_are_renamed(state: State) -> None:
    with pytest.raises(WeightsError, match=r'rename=\{"onv1": …\} fits no key'):
        resdsl.load(SPEC, weights=state, rename={"onv1": "x"})
    with pytest.raises(WeightsError, match=r"makes `bn1\.weight` of both"):
        resdsl.load(SPEC, weights=state, rename={"conv1": "bn1"})


def test_drop(state: State) -> None:
    import torch

    more = {**state, "aux1.fc.weight": torch.zeros(3), "aux2.fc.weight": torch.zeros(3)}
    assert same(resdsl.load(SPEC, weights=more, drop=["aux*"]), state)
    model = resdsl.load(SPEC, weights=state, drop=["layer1.1"], seed=0)
    fresh = resdsl.load(SPEC, seed=0)
    assert torch.equal(model.layer1[1].conv.weight, fresh.layer1[1].conv.weight)
    assert torch.equal(model.layer1[0].conv.weight, state["layer1.0.conv.weight"])
    with pytest.raises(WeightsError, match=r'drop=\["layer"\] fits no tensor'):
        resdsl.load(SPEC, weights=state, drop=["layer"])


def test_two_dicts(state: State) -> None:
    ema = {key: t * 2 if t.is_floating_point() else t for key, t in state.items()}
    both = {"state_dict": state, "state_dict_ema": ema}
    with pytest.raises(WeightsError, match="2 dicts of weights: `state_dict`, `state_dict_ema`"):
        resdsl.load(SPEC, weights=both)
    assert same(resdsl.load(SPEC, weights=both, key="state_dict_ema"), ema)


def test_two_copies(state: State) -> None:
    two = {f"{name}.{key}": t for name in ("q", "k") for key, t in state.items()}
    with pytest.raises(WeightsError, match="has 2 copies of net: `q`, `k`"):
        resdsl.load(SPEC, weights=two)
    assert same(resdsl.load(SPEC, weights=two, key="k"), state)
    assert same(resdsl.load(SPEC, weights=two, drop="q"), state)
    with pytest.raises(WeightsError, match='key="z" is the name of no dict'):
        resdsl.load(SPEC, weights=two, key="z")


def test_by_order(state: State, tmp_path: Path) -> None:
    import torch

    numbered = {f"t{i}": t for i, t in enumerate(state.values())}
    model = resdsl.load(SPEC, weights=numbered, match="order")
    assert same(model, state)
    assert "by shapes alone" in str(model.weights_report)
    torch.save(numbered, tmp_path / "a.pt")
    assert same(resdsl.load(SPEC, weights=tmp_path / "a.pt", match="order"), state)
    file = saved(tmp_path / "a.safetensors", numbered)
    with pytest.raises(WeightsError, match="a safetensors file keeps no order"):
        resdsl.load(SPEC, weights=file, match="order")
    with pytest.raises(WeightsError, match="does not fit net by order: as number 1, `t"):
        resdsl.load(SPEC, weights=dict(reversed(numbered.items())), match="order")


def test_a_model_s_own(state: State) -> None:
    assert same(resdsl.load(SPEC, weights=resdsl.load(SPEC, weights=state)), state)


def test_siblings_are_told() -> None:
    model = resdsl.load(
        "resnet50_v1", weights=resdsl.load("resnet50", device="meta").state_dict(), device="meta"
    )
    assert "fits resnet50, " in str(model.weights_report)


def test_wrong_calls(state: State) -> None:
    for wrong in ({"rename": {"a": "b"}}, {"drop": "a"}, {"key": "a"}, {"match": "order"}):
        with pytest.raises(TypeError, match="say what to do with `weights`"):
            resdsl.load(SPEC, **wrong)
    calls: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"rename": {1: "a"}}, TypeError),
        ({"rename": {"": "a"}}, TypeError),
        ({"drop": [3]}, TypeError),
        ({"key": 3}, TypeError),
        ({"match": "shape"}, ValueError),
    ]
    for call, error in calls:
        with pytest.raises(error):
            resdsl.load(SPEC, weights=state, **call)


@pytest.mark.parametrize("weights", [3, [], {}, {"a": 1}, {"a": {"b": {}}}])
def test_what_is_no_state_dict(weights: Any) -> None:
    with pytest.raises(WeightsError, match="is no state dict"):
        resdsl.load(SPEC, weights=weights)


def test_a_dict_that_holds_itself(state: State) -> None:
    inner: dict[str, Any] = {"state_dict": state}
    inner["inner"] = inner
    with pytest.raises(WeightsError):
        resdsl.load(SPEC, weights=inner)


# --- files that are not what they should be -------------------------------------------------------


class Runs:
    """What a pickle can do."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


def test_a_pickle_that_would_run_code(state: State, tmp_path: Path) -> None:
    import torch

    trace = tmp_path / "trace"
    torch.save({**state, "x": Runs(trace)}, tmp_path / "a.pt")
    with pytest.raises(WeightsError, match="torch reads no such file with weights_only=True"):
        resdsl.load(SPEC, weights=tmp_path / "a.pt")
    assert not trace.exists()


def test_arguments_beside_the_weights(state: State, tmp_path: Path) -> None:
    import torch

    torch.save({"model": state, "args": argparse.Namespace(lr=0.1)}, tmp_path / "a.pt")
    with pytest.raises(WeightsError) as caught:
        resdsl.load(SPEC, weights=tmp_path / "a.pt")
    assert "holds an argparse.Namespace beside the weights" in str(caught.value)
    assert "torch.serialization.safe_globals([argparse.Namespace])" in str(caught.value)
    with torch.serialization.safe_globals([argparse.Namespace]):
        assert same(resdsl.load(SPEC, weights=tmp_path / "a.pt"), state)


PICKLE = pickle.dumps({"a": 1})
DAMAGED = r"is cut off, or damaged: |is a pickle that torch\.save did not write, "


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04", b"\x80\x02x", b"\x80\x02", b"PK\x03\x04" * 99, PICKLE]
)
def test_a_damaged_pickle(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(content)
    with pytest.raises(WeightsError, match=DAMAGED) as caught:
        resdsl.load(SPEC, weights=tmp_path / "a.pt")
    assert "False" not in str(caught.value)  # torch's own advice


def test_no_such_file() -> None:
    with pytest.raises(WeightsError, match=r"none\.safetensors: cannot be read: no such file"):
        resdsl.load(SPEC, weights="none.safetensors")
