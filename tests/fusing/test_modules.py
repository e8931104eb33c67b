"""`fused=True` of `load`: the weights, where they may lie, copies and files, and refusals."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import resdsl
from resdsl.targets import fused_weights


def test_weights_are_those_of_the_whole_network() -> None:
    import torch

    whole = resdsl.load("cifar_resnet20", seed=3).eval()
    given = resdsl.load("cifar_resnet20", fused=True, weights=whole.state_dict())
    assert given.weights_report.matched == len(whole.state_dict())
    started = resdsl.load("cifar_resnet20", fused=True, seed=3)
    pairs = zip(given.parameters(), started.parameters(), strict=True)
    assert all(one.equal(two) for one, two in pairs)
    x = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(given(x), whole(x))


def test_weights_that_are_fused_already(tmp_path: Path) -> None:
    import torch

    fused = resdsl.load("cifar_resnet20", fused=True, seed=3)
    torch.save(fused.state_dict(), tmp_path / "fused.pt")
    for weights in (fused.state_dict(), tmp_path / "fused.pt"):
        again = resdsl.load("cifar_resnet20", fused=True, weights=weights)
        pairs = zip(again.state_dict().items(), fused.state_dict().items(), strict=True)
        assert all(one == two and mine.equal(theirs) for (one, mine), (two, theirs) in pairs)
        assert not again.training
    with pytest.raises(resdsl.WeightsError):
        resdsl.load("cifar_resnet20", weights=fused.state_dict())


def test_it_is_not_trained() -> None:
    module = resdsl.load("cifar_resnet20", fused=True, seed=0)
    assert module.eval() is module and module.train(False) is module
    with pytest.raises(
        RuntimeError,
        match="a fused network is not trained: load it without fused=True",
    ):
        module.train()
    for wish in ({"freeze": "layer1"}, {"checkpointing": "stages"}):
        with pytest.raises(resdsl.SpecError, match="a fused network is not trained"):
            resdsl.design("cifar_resnet20", fused=True, **wish)  # type: ignore[arg-type]
    text = resdsl.design("cifar_resnet20", fused=True).to_json()
    for wish in ({"freeze": "layer1"}, {"checkpointing": "layer1"}):
        with pytest.raises(resdsl.SpecError, match="a fused network is not trained"):
            resdsl.load(text, **wish)  # type: ignore[arg-type]
    with pytest.raises(resdsl.SpecError, match="what is fused is not trained"):
        resdsl.load(text.replace('"frozen": ""', '"frozen": "layer1"'))


def test_what_has_nothing_to_fuse() -> None:
    text = resdsl.design("cifar_resnet20", fused=True).to_json()
    for nothing, why in (
        (text, "it is fused already"),
        ("convnext_atto", "17 × layernorm: its mean and variance are those of each sample"),
        ("vgg11", "it has no norms, and no branches that are one layer"),
        ("network n { input 3 x 8 x 8 norm conv(3, 4) }", "1 × batchnorm: what it reads is not"),
    ):
        with pytest.raises(resdsl.SpecError, match=f"has nothing to fuse\n.*{why}"):
            resdsl.load(nothing, fused=True)
    with pytest.raises(TypeError, match="fused is True or False, not the str 'no'"):
        resdsl.load("cifar_resnet20", fused="no")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "key", "message"),
    [
        ("cifar_resnet20", "layer1.0.bn1", "layer1.0.conv1, fused from layer1.0.conv1 and layer"),
        (
            "repvgg_a0",
            "stem.conv_1x1.1",
            "stem.conv, fused from stem.conv_1x1.0, stem.conv_1x1.1, ",
        ),
    ],
)
def test_statistics_that_no_training_leaves(name: str, key: str, message: str) -> None:
    state = resdsl.load(name, seed=0).state_dict()
    state[f"{key}.running_var"][0] = -1.0
    with pytest.raises(ValueError, match=message) as caught:
        resdsl.load(name, fused=True, weights=state)
    assert isinstance(caught.value, resdsl.WeightsError)


def test_numbers_that_a_type_does_not_have() -> None:
    import torch

    state = resdsl.load("cifar_resnet20", seed=0).state_dict()
    state["conv1.weight"][0], state["bn1.running_var"][0] = 300.0, 1e-12
    with pytest.raises(resdsl.WeightsError, match=r"conv1, fused, is beyond the numbers of .*16"):
        resdsl.load("cifar_resnet20", fused=True, weights=state, dtype=torch.float16)


def test_a_wrong_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a part in 10^8, before the module is used."""
    right = fused_weights._scaled
    monkeypatch.setattr(fused_weights, "_scaled", lambda w, s, k: right(w, s * (1 + 1e-8), k))
    with pytest.raises(ValueError, match="conv1, fused from conv1 and bn1, is not what they are"):
        resdsl.load("cifar_resnet20", fused=True, seed=0)


def test_types_and_devices() -> None:
    import torch
    from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

    assert resdsl.load("repvgg_a0", fused=True, device="meta").stem.conv.bias.is_meta
    half = resdsl.load("cifar_resnet20", fused=True, dtype=torch.bfloat16)
    assert half.conv1.bias.dtype == torch.bfloat16
    for bad in (torch.int32, torch.complex64):
        with pytest.raises(TypeError, match="weights of a fused network are floating-point"):
            resdsl.load("cifar_resnet20", fused=True, dtype=bad)
    with torch.device("meta"):
        assert resdsl.load("repvgg_a0", fused=True).stem.conv.bias.is_meta
        # Numbers are made on the CPU, whatever the default device is.
        here = resdsl.load("repvgg_a0", fused=True, device="cpu", seed=0)
    assert here.stem.conv.bias.device.type == "cpu"
    with FakeTensorMode():
        assert isinstance(resdsl.load("repvgg_a0", fused=True).stem.conv.bias, FakeTensor)


def test_copies_files_and_faces(tmp_path: Path) -> None:
    import torch

    module = resdsl.load("cifar_resnet20", fused=True, seed=0, face="timm", classes=7)
    x = torch.randn(2, 3, 32, 32)
    path = resdsl.save(module, tmp_path / "net.safetensors")
    for other in (pickle.loads(pickle.dumps(module)), resdsl.load(path)):
        assert not other.training
        assert other(x).equal(module(x))
        assert other.num_features == 64
    faced = resdsl.design("cifar_resnet20", face="timm", classes=7).to_json()
    again = resdsl.load(faced, fused=True, seed=0)
    assert again(x).equal(module(x))
    assert again.num_features == 64
    text = resdsl.compile("resnet18", tmp_path / "net.py", fused=True).read_text("utf-8")
    assert "BatchNorm" not in text.partition("class Basic")[2]
