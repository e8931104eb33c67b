"""`checkpointing=["layer3"]`: outputs, gradients and buffers are those of plain training."""

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
from tests.zoo.families import one_a_family

# Dropout, groups in groups, a kept tensor, copies of a block of two tensors, a module called twice.
NETWORK = """
block pair(other: tensor, width: int) {
    residual { conv(3, width) norm act dropout(0.2) } via projection
    join here + other
}
network net(classes: int = 10) {
    input 3 x 16 x 16
    features: {
        conv1: conv(3, 8) norm1: norm act
        inner: { a: conv(3, 8) norm keep middle conv(3, 8) norm }
        last: basic(8) x 2
    }
    start: conv(1, 8) keep start
    stage layer1: pair(start, 8) x 2
    unit: { conv(3, 8) norm act dropout(0.2) }
    reuse unit
    stage layer2 /2: basic(16) x 2
    join here + 1 keep end
    global_avgpool flatten fc: linear(classes)
}
"""
NAMES = "features inner last layer1 unit layer2".split()


def trained(module: Any, *, size: int = 16, passes: int = 2) -> list[Any]:
    """Outputs, gradients and buffers after some batches, chance being the same."""
    import torch

    module.train()
    found = []
    for number in range(passes):
        torch.manual_seed(number)
        x = torch.randn(4, 3, size, size)
        out = module(x)
        outputs = list(out.values()) if isinstance(out, dict) else [out]
        sum(one.square().mean() for one in outputs).backward()
        found += [one.detach().clone() for one in outputs]
    found += [one.grad.clone() for one in module.parameters() if one.grad is not None]
    return [*found, *(one.clone() for one in module.buffers())]


def equal(one: Any, other: Any, **options: Any) -> bool:
    first, second = trained(one, **options), trained(other, **options)
    return len(first) == len(second) and all(
        mine.equal(theirs) for mine, theirs in zip(first, second, strict=True)
    )


@pytest.mark.parametrize("names", [*NAMES, ["inner", "layer1"], "features,inner", "stages"])
def test_training_is_the_same(names: Any) -> None:
    plain = resdsl.load(NETWORK, seed=0)
    module = resdsl.load(NETWORK, seed=0, checkpointing=names)
    assert any("forward" in vars(part) for part in module.modules())
    assert equal(plain, module)


def test_activations_are_not_kept() -> None:
    import torch

    saved: list[int] = []
    for names in (None, "stages"):
        module = resdsl.load("resnet18", seed=0, checkpointing=names)
        bytes_kept: dict[int, int] = {}

        def keep(tensor: Any, found: dict[int, int] = bytes_kept) -> Any:
            found[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            module(torch.randn(4, 3, 64, 64))
        weights = {one.untyped_storage().data_ptr() for one in module.parameters()}
        saved.append(sum(size for place, size in bytes_kept.items() if place not in weights))
    assert saved[1] < 0.6 * saved[0], saved


def test_backward_twice_and_without_gradients() -> None:
    import torch

    module = resdsl.load(NETWORK, seed=0, checkpointing="stages")
    before = {name: one.clone() for name, one in module.named_buffers()}
    out = module(torch.randn(2, 3, 16, 16)).sum()
    once = {name: one.clone() for name, one in module.named_buffers()}
    assert any(not one.equal(before[name]) for name, one in once.items())
    out.backward(retain_graph=True)
    out.backward()
    assert all(one.equal(once[name]) for name, one in module.named_buffers())
    with torch.no_grad():
        assert not module(torch.randn(2, 3, 16, 16)).requires_grad
    module.eval()
    with torch.inference_mode():
        module(torch.randn(2, 3, 16, 16))


def test_a_compiled_one_is_the_same() -> None:
    import torch

    pair = []
    for names in (None, "stages"):
        module = resdsl.load("resnet18", seed=0, classes=3, checkpointing=names)
        torch._dynamo.reset()
        pair.append(trained(torch.compile(module, backend="aot_eager"), size=32))
    assert all(one.equal(other) for one, other in zip(*pair, strict=True))


def test_copies_and_files(tmp_path: Path) -> None:
    module = resdsl.load(NETWORK, checkpointing=["layer1", "inner"], seed=0)
    path = resdsl.save(module, tmp_path / "net.safetensors")
    plain = resdsl.load(NETWORK, seed=0)
    design = resdsl.design(NETWORK, checkpointing=["layer1", "inner"])
    for other in (
        pickle.loads(pickle.dumps(module)),
        copy.deepcopy(module),
        resdsl.load(path),
        resdsl.load(design.to_json(), weights=module.state_dict()),
    ):
        for part in (other.layer1, other.features.inner):
            assert part.forward.args[0] is part
        assert equal(copy.deepcopy(plain), other)


def test_with_other_outputs_and_frozen() -> None:
    both: dict[str, Any] = {"features": ["layer1", "layer2"], "freeze": "features", "seed": 0}
    module = resdsl.load(NETWORK, checkpointing="features,layer2", **both)
    assert equal(resdsl.load(NETWORK, **both), module)
    text = resdsl.design(NETWORK, checkpointing="inner,layer2").to_json()
    assert resdsl.design(text, features="layer1").network.checkpointed == ("inner",)


def test_the_file_alone(tmp_path: Path) -> None:
    path = resdsl.compile("resnet18", tmp_path / "net.py", checkpointing="layer3,layer4")
    script = (
        "import torch, net\n"
        "model = net.resnet18(classes=3)\n"
        "assert 'resdsl' not in __import__('sys').modules\n"
        "model(torch.randn(2, 3, 64, 64)).sum().backward()\n"
        "print(model.layer4[0].bn1.num_batches_tracked.item())\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["1"]
    text = path.read_text(encoding="utf-8")
    assert hidden(text) == []


def test_what_cannot_be_run_again() -> None:
    for name in ("end", "fc", "norm1", "middle"):
        with pytest.raises(resdsl.SpecError, match=f"`{name}` is not what one module of several"):
            resdsl.load(NETWORK, checkpointing=name)
    with pytest.raises(resdsl.SpecError, match="did you mean `layer2`"):
        resdsl.load(NETWORK, checkpointing=["layer1", "layr2"])
    with pytest.raises(resdsl.SpecError, match="has no stages"):
        resdsl.load("network n { input 3 x 8 x 8 conv(3, 4) }", checkpointing="stages")
    for wrong in (2, [], "", ["layer1", ""], True):
        with pytest.raises(TypeError, match="what is checkpointed are names of stages"):
            resdsl.load(NETWORK, checkpointing=wrong)  # type: ignore[arg-type]
    text = resdsl.design(NETWORK, checkpointing="layer1").to_json()
    with pytest.raises(resdsl.SpecError, match="no one module of several steps makes"):
        resdsl.design(text.replace('"checkpointed": [\n   "layer1"', '"checkpointed": [\n   "fc"'))


def test_blocks_without_names_are_called_by_their_paths() -> None:
    text = """network n {
        input 3 x 16 x 16
        features: { { conv(3, 8) norm } basic(8) x 2 { norm conv(2, 16, stride=2) } basic(16) }
        head: { global_avgpool flatten linear(4) }
    }"""
    parts = ("features.0", "features.1", "features.2", "features.3", "head")
    assert resdsl.design(text, checkpointing="stages").network.checkpointed == parts
    for names in ("stages", ["features.1"], ["features.1", "features.3"], "features"):
        plain, lean = (resdsl.load(text, seed=0, checkpointing=one) for one in (None, names))
        assert equal(plain, lean)
    design = resdsl.design(text, checkpointing="stages")
    assert resdsl.design(design.to_json()).network.checkpointed == parts
    module = resdsl.load(text, checkpointing=["features.1"], seed=0)
    assert equal(module, pickle.loads(pickle.dumps(module)))
    for name in ("features.4", "features.1.0", "1"):
        with pytest.raises(resdsl.SpecError, match="has no stage, label or kept tensor"):
            resdsl.design(text, checkpointing=[name])


# Modules whose stages have other shapes: of dictionaries, lists, blocks of two tensors.
@pytest.mark.parametrize(
    "name",
    one_a_family(
        [
            "resnet18",
            "densenet121",
            "efficientnet_b0",
            "convnext_atto",
            "convnext_tiny",
            "regnet_y_400mf",
            "mobilenet_v3_small",
            "dla34",
            "hrnet_w18_small",
            "cspresnet50",
            "res2net50_26w_4s",
            "repvgg_a0",
            "unet",
        ],
        lambda names: ["resnet18", "densenet121"],
    ),
)
def test_the_zoo(name: str) -> None:
    plain = resdsl.load(name, seed=0)
    module = resdsl.load(name, seed=0, checkpointing="stages")
    assert equal(plain, module, size=64, passes=1)
