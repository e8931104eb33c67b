"""`face="timm"`: what timm's own functions do with a model works with a network that has it."""

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
from tests.zoo.families import full

# A head that lies in a row, one with layers before the classifier, maps of one and of no name.
NAMES = [
    "cifar_resnet20",
    "audio_resnet",
    *(
        pytest.param(name, marks=full)
        for name in """alexnet cspresnet50 convnext_atto densenet121 dla34 efficientnet_b0
        ghostnet_100 googlenet inception_v3 lenet5 mobilenet_v3_small regnet_y_400mf repvgg_a0
        res2net50_26w_4s resnetv2_50x1_bit
        skresnet18 vgg11 vgg11_bn""".split()
    ),
]


@pytest.mark.parametrize("name", NAMES)
def test_it_computes_what_it_did(name: str) -> None:
    import torch

    plain = resdsl.load(name, seed=0).eval()
    model = resdsl.load(name, seed=0, face="timm").eval()
    x = torch.randn(2, *model.pretrained_cfg["input_size"])
    with torch.no_grad():
        features = model.forward_features(x)
        kept = features.clone()
        logits = model.forward_head(features)
        assert logits.equal(plain(x))
        assert model(x).equal(logits)
        assert features.equal(kept)
        assert features.shape[1] == model.num_features
        assert features.shape[2:] == model.pretrained_cfg["pool_size"]
        before = model.forward_head(features, pre_logits=True)
        assert before.shape == (2, model.head_hidden_size)
        model.reset_classifier(0)
        assert model(x).equal(before)
        model.reset_classifier(7)
        assert model(x).shape == (2, 7)
    assert model.num_classes == 7 and not model.get_classifier().training
    path = model.get_classifier(name_only=True)
    assert model.get_submodule(path) is model.get_classifier()
    assert path == model.pretrained_cfg["classifier"]
    assert model.get_submodule(model.pretrained_cfg["first_conv"]).in_channels == x.shape[1]
    for info in model.feature_info:
        body = resdsl.design(name, features=info["module"])
        assert (info["num_chs"], info["reduction"]) == (
            body.features[0].channels,
            body.features[0].stride,
        )


def test_beside_timms_own(timm: object) -> None:
    """The same weights, and what timm calls on models."""
    import torch
    from timm import create_model
    from timm.data import resolve_model_data_config
    from timm.models import group_parameters
    from timm.optim import param_groups_layer_decay

    theirs = create_model("resnet18").eval()
    ours = resdsl.load("resnet18", weights=theirs.state_dict(), face="timm").eval()
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert ours.forward_features(x).equal(theirs.forward_features(x))
        for pre_logits in (False, True):
            features = theirs.forward_features(x)
            mine = ours.forward_head(features, pre_logits=pre_logits)
            assert mine.equal(theirs.forward_head(features, pre_logits=pre_logits))
    assert (ours.num_features, ours.head_hidden_size) == (512, 512)
    assert [one for one in theirs.feature_info if one["module"] != "act1"] == ours.feature_info
    for coarse in (False, True):
        groups = [group_parameters(one, one.group_matcher(coarse)) for one in (ours, theirs)]
        assert groups[0] == groups[1]
    rates = [param_groups_layer_decay(one, 0.05, layer_decay=0.7) for one in (ours, theirs)]
    assert [one["lr_scale"] for one in rates[0]] == [one["lr_scale"] for one in rates[1]]
    assert resolve_model_data_config(ours)["input_size"] == (3, 224, 224)
    ours.set_grad_checkpointing()
    theirs.train()
    ours.train()
    for one in (ours, theirs):
        one(torch.cat([x, -x])).square().sum().backward()
    pairs = zip(ours.named_parameters(), theirs.named_parameters(), strict=True)
    assert all(mine.grad.equal(their.grad) for (_, mine), (_, their) in pairs)
    assert all(
        mine.equal(their) for mine, their in zip(ours.buffers(), theirs.buffers(), strict=True)
    )
    ours.set_grad_checkpointing(False)
    assert not any("forward" in vars(part) for part in ours.modules())


NETWORK = """
block unit(width: int, stride: size = 1) {
    residual { conv(3, width, stride=stride) norm act } via projection
}
network net(width: int = 8, hidden: int = 12, classes: int = 10) {
    input 3 x 16 x 16
    param shift: layer_shift(0.5)
    stem: conv(3, 8) norm1: norm act
    stage layer1: unit(width) x 2
    between: conv(1, width)
    stage layer2 /2: unit(16)
    norm2: norm act
    global_avgpool flatten
    head: { first: linear(hidden) act dropout(0.1) last: linear(classes, bias=false) }
}
"""


def test_groups_of_parameters(timm: object) -> None:
    """A tensor of the network's own, a module between stages, a norm behind them, the head."""
    from timm.models import group_parameters

    model = resdsl.load(NETWORK, face="timm", device="meta")
    found = group_parameters(model, model.group_matcher())
    assert [sorted({key.partition(".")[0] for key in keys}) for keys in found.values()] == [
        ["norm1", "shift", "stem"],
        ["layer1"],
        ["between", "layer1"],
        ["layer2", "norm2"],
        ["head"],
    ]
    assert len(group_parameters(model, model.group_matcher(coarse=True))) == 4


@pytest.mark.parametrize("is_inside", [False, True])
def test_a_convolution_for_a_classifier(is_inside: bool) -> None:
    import torch

    head = "global_avgpool fc: conv(1, classes, bias=true) flatten"
    text = """network net(classes: int = 10) {
        input 3 x 16 x 16
        stage layer1: basic(8) x 2
        %s
    }""" % (f"head: {{ {head} }}" if is_inside else head)
    model = resdsl.load(text, face="timm", seed=0).eval()
    x = torch.randn(2, 3, 16, 16)
    with torch.no_grad():
        before = model.forward_head(model.forward_features(x), pre_logits=True)
        assert before.shape == (2, 8)
        assert model(x).equal(resdsl.load(text, seed=0).eval()(x))
        assert isinstance(model.get_classifier(), torch.nn.Conv2d)
        assert model.num_classes == 10
        model.reset_classifier(3)
        assert model(x).shape == (2, 3)
        model.reset_classifier(0)
        assert model(x).equal(before)


def test_arguments_that_stay(tmp_path: Path) -> None:
    """Not those that timm reads numbers off."""
    path = resdsl.compile(NETWORK, tmp_path / "net.py", face="timm")
    script = (
        "import torch, net\n"
        "assert 'resdsl' not in __import__('sys').modules\n"
        "model = net.net(classes=3)\n"
        "print(model.num_classes, model(torch.randn(2, 3, 16, 16)).shape[1])\n"
        "model.reset_classifier(4)\n"
        "print(model.get_classifier())\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert found.stdout.split("\n")[:2] == [
        "3 3",
        "Linear(in_features=12, out_features=4, bias=False)",
    ]
    text = path.read_text(encoding="utf-8")
    assert "def __init__(self, classes: int = 10) -> None:" in text
    assert hidden(text) == []


def test_copies_and_files(tmp_path: Path) -> None:
    module = resdsl.load(NETWORK, face="timm", seed=0)
    module.pretrained_cfg["mean"] = (0.5, 0.5, 0.5)
    module.set_grad_checkpointing()
    path = resdsl.save(module, tmp_path / "net.safetensors")
    for other in (
        pickle.loads(pickle.dumps(module)),
        copy.deepcopy(module),
        resdsl.load(path),
        resdsl.load(resdsl.design(NETWORK, face="timm").to_json()),
    ):
        assert other.num_features == 16


def refused(text: str, **options: Any) -> str:
    with pytest.raises(resdsl.SpecError) as error:
        resdsl.load(text, face="timm", **options)
    return str(error.value)


def test_what_has_no_such_face() -> None:
    assert "net has several outputs" in refused(NETWORK, features=["layer1", "layer2"])
    assert "does not end with a layer of classes" in refused(NETWORK, features="layer2")
    assert "does not end with a layer of classes" in refused("squeezenet1_0")
    two = NETWORK.replace("head:", "keep v linear(16) join here + v head:")
    resdsl.load(two, face="timm", device="meta")
    around = "network n { input 3 x 8 x 8 global_avgpool flatten a: linear(4) }"
    resdsl.load(around, face="timm", device="meta")
    vector = "network n { input 3 a: linear(4) }"
    assert "has no map that all of its head" in refused(vector)
    taken = NETWORK.replace("between:", "num_features:")
    assert "timm has its own meaning for `num_features`" in refused(taken)
    with pytest.raises(TypeError, match='has the face of "timm", not'):
        resdsl.load(NETWORK, face="keras")  # type: ignore[arg-type]
    text = resdsl.design(NETWORK, face="timm").to_json()
    assert "has the face of timm, and so one output" in refused(text, features="layer1")
    headless = resdsl.design(NETWORK, features="layer2").to_json()
    with pytest.raises(resdsl.SpecError, match="does not end with a layer of classes"):
        resdsl.load(headless.replace('"face": ""', '"face": "timm"'))


def test_timm_creates_them(timm: object, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file
    from timm import create_model, list_models

    names = resdsl.register_timm()
    assert "resdsl_resnet50" in names
    assert "resdsl_cifar_resnet20" in list_models("resdsl_*")
    path = tmp_path / "net.res"
    path.write_text(NETWORK, encoding="utf-8")
    assert resdsl.register_timm(path) == ["resdsl_net"]
    ours = resdsl.load(NETWORK, classes=5, in_channels=1, seed=0)
    save_file(ours.state_dict(), tmp_path / "net.safetensors")
    model = create_model(
        "resdsl_net", num_classes=5, in_chans=1, checkpoint_path=tmp_path / "net.safetensors"
    )
    x = torch.randn(2, 1, 16, 16)
    assert model.eval()(x).equal(ours.eval()(x))
    assert model.pretrained_cfg["input_size"] == (1, 16, 16)
    assert create_model("resdsl_net", num_classes=0, width=4)(x.repeat(1, 3, 1, 1)).shape == (2, 12)
    path.write_text(NETWORK.replace("hidden: int = 12", "hidden: int = 14"), encoding="utf-8")
    resdsl.register_timm(path)
    assert create_model("resdsl_net").head_hidden_size == 14
    idle = {"drop_rate": 0.0, "drop_path_rate": 0, "global_pool": "avg", "features_only": False}
    create_model("resdsl_net", **idle).reset_classifier(3, "avg")
    with pytest.raises(ValueError, match="the pool of this network stays"):
        create_model("resdsl_net").reset_classifier(3, "max")
    with pytest.raises(resdsl.SpecError, match="has no parameter `drop_rate`"):
        create_model("resdsl_net", drop_rate=0.1)
    with pytest.raises(ValueError, match="gives a dict of its features"):
        create_model("resdsl_net", features_only=True)
    with pytest.raises(ValueError, match="has no weights to fetch"):
        create_model("resdsl_net", pretrained=True)
