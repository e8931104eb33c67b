"""`freeze="layer2"`: what is not trained, and stays in eval whatever `train()` says."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import resdsl
from tests.hidden_names import hidden

# Groups of which a part is frozen, copies, tensors that the network holds, a module called twice.
NETWORK = """
block unit(width: int) {
    residual { conv(3, width) norm act } via projection
    param scale: layer_scale(0.5)
}
network net(classes: int = 10) {
    input 3 x 16 x 16
    param shift: layer_shift(0.5)
    features: {
        conv1: conv(3, 8) norm1: norm act
        inner: { a: conv(3, 8) b: norm } keep middle
        twice: unit(8)
        last: unit(8) x 2
    }
    reuse_of: conv(1, 8)
    stage layer1: unit(8) x 2
    "odd.0": conv(1, 8)
    "odd.1": conv(1, 8)
    stage layer2 /2: basic(16) x 2
    drop: dropout(0.5)
    join here keep end
    global_avgpool flatten fc: linear(classes)
}
"""
TAPS = "features inner middle twice last reuse_of layer1 odd.0 layer2 end fc norm1 shift".split()


def untrained(module: Any) -> set[str]:
    return {name for name, one in module.named_parameters() if not one.requires_grad}


@pytest.mark.parametrize("name", TAPS)
def test_it_is_what_the_tensor_is_made_of(name: str) -> None:
    """As a network that has that for its only output."""
    body = resdsl.load(NETWORK, features=name, device="meta")
    module = resdsl.load(NETWORK, freeze=name, device="meta")
    assert untrained(module) == {key for key, _ in body.named_parameters()}
    # Norms, where all of a module is frozen and where a part is.
    for mode in (True, False, True):
        module.train(mode)
        for path, part in module.named_modules():
            own = [key for key, _ in part.named_parameters(recurse=False)]
            if own and {f"{path}.{key}" for key in own} <= untrained(module):
                assert not part.training, path
            elif path and any(f"{path}.{key}" not in untrained(module) for key in own):
                assert part.training == mode, path
        assert module.training == mode


def test_ten_steps_leave_it_as_it_was() -> None:
    import torch

    module = resdsl.load(NETWORK, freeze="features", seed=0)
    before = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    optimizer = torch.optim.SGD([one for one in module.parameters() if one.requires_grad], 0.1)
    for step in range(10):
        module.train()
        optimizer.zero_grad()
        x = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(step))
        module(x).square().sum().backward()
        optimizer.step()
    changed = {key for key, tensor in module.state_dict().items() if not tensor.equal(before[key])}
    assert not any(key.startswith(("features.", "shift")) for key in changed)
    norms = {key for key in before if key.startswith("layer2.") and "running" in key}
    assert norms
    assert norms <= changed


def test_weights_are_taken_and_it_stays_frozen() -> None:
    whole = resdsl.load(NETWORK, seed=1)
    module = resdsl.load(NETWORK, freeze="layer1", weights=whole.state_dict())
    assert untrained(module) == untrained(resdsl.load(NETWORK, freeze="layer1"))
    assert module.fc.weight.equal(whole.fc.weight)


def test_copies_and_files_are_frozen(tmp_path: Path) -> None:
    module = resdsl.load(NETWORK, freeze="layer1", seed=0)
    path = resdsl.save(module, tmp_path / "net.safetensors")
    design = resdsl.design(NETWORK, freeze="layer1")
    for other in (
        pickle.loads(pickle.dumps(module)),
        copy.deepcopy(module),
        resdsl.load(path),
        resdsl.load(design.to_json()),
        resdsl.load(NETWORK, net="net", freeze="layer1", classes=7),
    ):
        other.train()
        assert untrained(other) == untrained(module)
        assert not other.features.norm1.training
        assert other.layer2.training


def test_the_file_alone_is_frozen(tmp_path: Path) -> None:
    path = resdsl.compile("resnet18", tmp_path / "net.py", freeze="layer2")
    script = (
        "import torch, net\n"
        "model = net.resnet18(classes=3).train()\n"
        "assert 'resdsl' not in __import__('sys').modules\n"
        "print(model.bn1.training, model.layer3.training, model.conv1.weight.requires_grad)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["False", "True", "False"]
    text = path.read_text(encoding="utf-8")
    assert hidden(text) == []


def test_what_does_not_freeze() -> None:
    with pytest.raises(resdsl.SpecError, match="did you mean `layer2`"):
        resdsl.load(NETWORK, freeze="layr2")
    with pytest.raises(resdsl.SpecError, match="made of nothing that is trained"):
        resdsl.load("network n { input 3 x 8 x 8 pool: maxpool(2) conv(3, 4) }", freeze="pool")
    with pytest.raises(TypeError, match="called by its name, not by the int 2"):
        resdsl.load(NETWORK, freeze=2)  # type: ignore[arg-type]
    with pytest.raises(resdsl.SpecError, match="`_frozen` cannot be the name of a module"):
        resdsl.load("network n { input 3 x 8 x 8 _frozen: conv(3, 4) }")


def test_a_design_says_what_is_frozen() -> None:
    text = resdsl.design(NETWORK, freeze="layer1").to_json()
    assert resdsl.design(text).network.frozen == "layer1"
    with pytest.raises(resdsl.SpecError, match="no one tensor that is made of something trained"):
        resdsl.design(text.replace('"frozen": "layer1"', '"frozen": "layer9"'))
    nothing = resdsl.design("network n { input 3 x 8 x 8 pool: maxpool(2) conv(3, 4) }").to_json()
    with pytest.raises(resdsl.SpecError, match="no one tensor that is made of something trained"):
        resdsl.load(nothing.replace('"frozen": ""', '"frozen": "pool"'))


def test_other_outputs_of_a_frozen_design() -> None:
    text = resdsl.design(NETWORK, freeze="layer1").to_json()
    assert untrained(resdsl.load(text, features="layer2")) >= {"reuse_of.weight"}
    with pytest.raises(resdsl.SpecError, match="frozen up to `layer1`, which these outputs"):
        resdsl.load(text, features="middle")
