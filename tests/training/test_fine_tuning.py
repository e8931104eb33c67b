"""Parts of a network that stay as they are, and a body that learns more slowly than its head."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.training.test_runs import refused, train


@pytest.fixture
def before(tmp_path: Path, small: str) -> Path:
    """A checkpoint with statistics of its own: of two classes less than the data have."""
    import resdsl

    model = resdsl.load(f"{tmp_path}/small.res", settings={"classes": 8}, seed=1)
    for name, tensor in model.state_dict().items():
        if name.endswith(("running_mean", "running_var")):
            tensor.uniform_(0.5, 1.5)
    return resdsl.save(model, tmp_path / "before.safetensors")


@pytest.mark.parametrize("optimiser", ["sgd", "adamw --rate 0.01"])
def test_what_is_frozen_stays(tmp_path: Path, small: str, before: Path, optimiser: str) -> None:
    """To the bit, statistics too, with weight decay, when it is taken up, and after each test."""
    line = (
        f"{small} --weights {before} --set classes=10 --freeze conv,layer1.0.bn1 "
        f"--optimiser {optimiser} --out {tmp_path}/run"
    )
    assert train(line, 5) == 130
    assert train(f"{line} --resume") == 0
    one, other = load_file(before), load_file(tmp_path / "run" / "model.safetensors")
    same = {name for name in one if name != "linear.weight" and torch.equal(one[name], other[name])}
    still = ("conv.", "layer1.0.bn1.")
    assert same == {name for name in one if name.startswith(still)}
    assert other["linear.weight"].shape[0] == 10


def test_names_of_modules(tmp_path: Path, small: str) -> None:
    refused(f"{small} --freeze stem --out {tmp_path}/run", "there is no module stem; there are ")
    refused(f"{small} --freeze conv,,layer9 --out {tmp_path}/run", "there is no module layer9")
    names = "conv,norm,layer1,linear"
    refused(f"{small} --freeze {names} --out {tmp_path}/run", "leaves nothing to train")
    refused(f"{small} --freeze relu --out {tmp_path}/run", "relu has no parameters to freeze")
    refused(f"{small} --freeze linear --body-rate 0 --out {tmp_path}/run", "leave nothing to train")
    with pytest.raises(SystemExit):  # as argparse refuses an option
        train(f"{small} --freeze , --out {tmp_path}/run")
    assert not (tmp_path / "run").exists()


def test_the_rate_of_the_body() -> None:
    from torch import nn

    from training.optimisers import optimiser, set_rate
    from training.options import parsed

    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 3))
    model[1].requires_grad_(False)
    found = optimiser(model, parsed("s --data d --body-rate 0.25".split()))
    set_rate(found, 0.5)
    body, head = found.param_groups
    assert (body["params"], body["lr"]) == ([*model[0].parameters()], 0.125)
    assert (head["params"], head["lr"]) == ([*model[3].parameters()], 0.5)


def test_a_body_without_a_rate(tmp_path: Path, small: str, before: Path) -> None:
    """Only the head learns; the statistics of the body's norms still move."""
    line = f"{small} --weights {before} --set classes=10 --body-rate 0 --out {tmp_path}/run"
    assert train(line) == 0
    one, other = load_file(before), load_file(tmp_path / "run" / "model.safetensors")
    for name in one.keys() - {"linear.weight", "linear.bias"}:
        is_same = torch.equal(one[name], other[name])
        assert is_same != ("running" in name or "tracked" in name), name
