"""`fused=True`: batch norms in the convolutions before them, equal in eval but for rounding."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

import resdsl
from resdsl.analysis.facts import facts
from resdsl.design.folding import Folding, folded
from resdsl.targets.fused_weights import fused
from tests.random_networks.strategy import tree
from tests.random_networks.texts import render
from tests.zoo.families import full
from tests.zoo.norms import disturb

EXACT = 1e-10

# In groups, rows, branches and mains; a convolution that is kept, called again, or standardized, a
# norm behind an activation, norms of other kinds.
NETWORK = """
block unit(width: int, stride: size = 1) {
    residual {
        conv(3, width, stride=stride) norm act
        depthwise(3, bias=true) norm act
        conv(1, width) norm
    } via projection
    act
}
network net(classes: int = 10) {
    input 3 x 16 x 16
    stem: { conv(3, 8) norm act }
    rows: { conv(3, 8, groups=2) norm } x 2
    fork {
        a: { conv(3, 8) norm }
        b: { conv(1, 8) norm act }
    } join a + b
    stage layer1: unit(8) x 3
    stage layer2 /2: unit(16) x 2
    kept: conv(3, 16) keep before norm act
    join here + before
    twice: conv(3, 16) norm_a: norm
    reuse twice
    norm_b: norm act
    standard: conv(3, 16, weights="standardized") norm act
    other: conv(3, 16) groupnorm(4) act
    last: conv(1, 16) batchnorm(affine=false, eps=0.01) act
    global_avgpool flatten fc: linear(classes)
}
"""


def norms(module: Any) -> list[str]:
    return [name for name, part in module.named_modules() if "BatchNorm" in type(part).__name__]


def difference(spec: Any, size: tuple[int, ...] | None = None, **given: Any) -> float:
    """Of the outputs in float64, of the largest; norms are as after training."""
    import torch

    plain = resdsl.load(spec, seed=0, dtype=torch.float64, **given).eval()
    disturb(plain)
    design, layers = resdsl.design(spec, **given), resdsl.design(spec, fused=True, **given)
    module = fused(design.network, plain, layers.network, layers.source())
    assert not module.training
    shape = design.input if size is None else (design.input[0], *size)
    x = torch.randn(2, *map(int, shape), dtype=torch.float64)
    with torch.no_grad():
        wanted, found = plain(x), module(x)
    if not isinstance(wanted, dict):
        wanted, found = {"output": wanted}, {"output": found}
    return max(
        ((found[name] - one).abs().max() / one.abs().max().clamp(min=1e-300)).item()
        for name, one in wanted.items()
    )


def test_what_is_folded() -> None:
    assert difference(NETWORK) < EXACT
    module = resdsl.load(NETWORK, fused=True, seed=0)
    assert norms(module) == ["norm", "norm_a", "norm_b", "norm_1"]
    assert module.layer2[1].conv_1.bias is not None
    plain = resdsl.load(NETWORK, seed=0)
    assert set(module.state_dict()) - set(plain.state_dict()) == {
        f"{fold.convolution}.bias"
        for fold in Folding(resdsl.design(NETWORK).network).folds()
        if "depthwise" not in fold.convolution
    }


@pytest.mark.parametrize(
    "name",
    [
        "cifar_resnet20",
        *(
            pytest.param(name, marks=full)
            for name in """audio_resnet cspresnet50 densenet121 dla34 efficientnet_b0 fcn_resnet50
            ghostnet_100 googlenet hrnet_w18_small inception_v3 mobilenet_v2 mobilenet_v3_small
            regnet_y_400mf repvgg_a0 res2net50_26w_4s resnet18 resnet50 shufflenet_v2_x0_5
            skresnet18 vgg11_bn vovnet39a""".split()
        ),
    ],
)
def test_the_zoo(name: str) -> None:
    rank = len(resdsl.design(name).input) - 1
    size = {1: (4096,), 2: (96, 96)}[rank]
    assert difference(name, size if name != "cifar_resnet20" else None) < EXACT


@pytest.mark.parametrize(
    "seeds",
    [range(12), *(pytest.param(range(n, n + 100), marks=full) for n in range(100, 900, 100))],
)
def test_random_networks(seeds: range) -> None:
    import torch

    made = 0
    for seed in seeds:
        text = render(tree(seed)) + "\n"
        report = resdsl.check(text)
        for design in report.designs if report.ok else ():
            is_free = not all(isinstance(extent, int) for extent in design.input)
            if is_free or folded(design.network) is None:
                continue
            plain = resdsl.load(text, net=design.name, seed=0, dtype=torch.float64).eval()
            x = torch.randn(2, *map(int, design.input), dtype=torch.float64)
            with torch.no_grad():
                first = plain(x)
            outputs = first.values() if isinstance(first, dict) else [first]
            if all(one.isfinite().all() for one in outputs):
                made += 1
                assert difference(text, net=design.name) < EXACT, (seed, design.name)
    assert made >= len(seeds) // 4


def test_it_is_not_trained() -> None:
    module = resdsl.load("cifar_resnet20", fused=True, seed=0)
    assert module.eval() is module and module.train(False) is module
    with pytest.raises(RuntimeError, match="fused for eval: train the network that is not"):
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
    with pytest.raises(resdsl.SpecError, match="has nothing to fuse"):
        resdsl.load(text, fused=True)
    for nothing in ("convnext_atto", "vgg11", "network n { input 3 x 8 x 8 norm conv(3, 4) }"):
        with pytest.raises(resdsl.SpecError, match="has nothing to fuse"):
            resdsl.load(nothing, fused=True)


def test_statistics_that_no_training_leaves() -> None:
    plain = resdsl.load("cifar_resnet20", seed=0)
    plain.layer1[0].bn1.running_var[0] = -1.0
    with pytest.raises(ValueError, match=r"layer1\.0\.conv1 with layer1\.0\.bn1 folded into it"):
        resdsl.load("cifar_resnet20", fused=True, weights=plain.state_dict())


def test_copies_files_and_faces(tmp_path: Path) -> None:
    import torch

    module = resdsl.load("cifar_resnet20", fused=True, seed=0, face="timm", classes=7)
    x = torch.randn(2, 3, 32, 32)
    path = resdsl.save(module, tmp_path / "net.safetensors")
    for other in (pickle.loads(pickle.dumps(module)), resdsl.load(path)):
        assert not other.training
        assert other(x).equal(module(x))
        assert other.num_features == 64
    text = resdsl.compile("resnet18", tmp_path / "net.py", fused=True).read_text("utf-8")
    assert "BatchNorm" not in text.partition("class Basic")[2]
    assert resdsl.load("cifar_resnet20", fused=True, device="meta").conv1.bias.is_meta
    half = resdsl.load("cifar_resnet20", fused=True, dtype=torch.bfloat16)
    assert half.conv1.bias.dtype == torch.bfloat16


def test_a_million_blocks_are_as_many_definitions_as_three() -> None:
    vast = "network n { input 3 x 8 x 8 conv(3, 8) norm stage a: basic(8) x 1_000_000 }"
    made = folded(resdsl.design(vast).network)
    assert made is not None
    cost = facts(made).cost
    assert (cost.norms, cost.convs) == (0, 2_000_001)
