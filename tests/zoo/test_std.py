"""The library's definitions, in networks that the zoo does not have."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from resdsl import Design, SpecError, load

DesignOf = Callable[[str], Design]

TRUTH = json.loads((Path(__file__).parent.parent / "data" / "truth.json").read_text("utf-8"))["std"]

FAMILIES = """
from std.stem import cifar_stem, deep_conv

network resnet(unit: block, depths: list[int], first: block = conv(7, 64, stride=2)) {
    input 3 x 224 x 224
    conv1: first
    bn1: norm
    act1: act
    maxpool: maxpool(3, stride=2)
    for i in range(4) {
        stage layer[i + 1] /where(i == 0, 1, 2): unit(64 * 2 ** i) x depths[i]
    }
    global_pool: global_avgpool
    flatten
    fc: linear(1000)
}

network cifar(unit: block, n: int) {
    input 3 x 32 x 32
    stem: cifar_stem
    for i in range(3) {
        stage layer[i + 1] /where(i == 0, 1, 2): unit(16 * 2 ** i) x n
    }
    global_avgpool
    flatten
    linear(10)
}

block paddle_basic(width: int, stride: size = 1) { basic(width, stride) }
"""

# By their names in the truth. timm's keys are the same where timm has the network.
NETWORKS = {
    "resnet50c": "resnet(bottleneck, [3, 4, 6, 3], deep_conv)",
    "resnet50d": "resnet(bottleneck(shortcut=avg_projection), [3, 4, 6, 3], deep_conv)",
    "resnet18d": "resnet(basic(shortcut=avg_projection), [2, 2, 2, 2], deep_conv)",
    "resnet34d": "resnet(basic(shortcut=avg_projection), [3, 4, 6, 3], deep_conv)",
    "resnet101s": "resnet(bottleneck, [3, 4, 23, 3], deep_conv([64, 64, 128]))",
    "resnet101_1x100d": "resnet(bottleneck(base_width=100), [3, 4, 23, 3])",
    "resnext50_4x24d": "resnet(bottleneck(cardinality=4, base_width=24), [3, 4, 6, 3])",
    "resnext101_8x14d": "resnet(bottleneck(cardinality=8, base_width=14), [3, 4, 23, 3])",
    "cifar_resnet164_v1_bottleneck_B": "cifar(bottleneck, 18)",
}

MNIST = """
network mnist_tutorial_resnet {
    input 1 x 32 x 32
    conv(3, 16) norm act
    set basic(shortcut=conv_projection)
    stage one:      basic(16) x 2
    stage two /2:   basic(32) x 2
    stage three /2: basic(64) x 2
    avgpool(8)
    flatten
    linear(10)
}
"""


def spec(name: str) -> str:
    return MNIST if name.startswith("mnist") else f"{FAMILIES}\nnetwork {name} = {NETWORKS[name]}\n"


@pytest.fixture(params=[*NETWORKS, "mnist_tutorial_resnet"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_params(name: str, design: DesignOf) -> None:
    found = design(spec(name))
    (entry,) = TRUTH[name]
    assert (found.params, found.params_without_norm) == (entry["params"], entry["params_excl_bn"])


def test_macs(name: str, design: DesignOf) -> None:
    found = design(spec(name))
    (entry,) = TRUTH[name]
    assert found.macs == entry.get("macs", entry.get("macs_224x224"))
    if "macs_193x257" in entry:
        assert found.at(193, 257).macs == entry["macs_193x257"]
