"""LeNet, AlexNet, NIN, VGG and GoogLeNet.

Their numbers are counted here layer by layer, from nothing but the papers' tables. Weights of
torchvision are in tests/data/oracles/classic.json; here are the keys of all its networks, the
networks that no library has against torch written by hand, and what papers say of them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import resdsl
from resdsl import Design
from resdsl.data import folder
from tests.zoo.truth import ENTRIES, Entry

if TYPE_CHECKING:
    import torch
    from torch import nn

DesignOf = Callable[[str], Design]
SkeletonOf = Callable[[str], "nn.Module"]

# --- counted by hand ------------------------------------------------------------------------------

Cost = tuple[int, int]


def total(*layers: Cost) -> Cost:
    return sum(params for params, _ in layers), sum(macs for _, macs in layers)


def conv(k: int, before: int, after: int, extent: int, groups: int = 1, extra: int = 1) -> Cost:
    """Params and MACs; `extra` params a channel: a bias (1), a norm (2), both (3)."""
    weights = k * k * (before // groups) * after
    return weights + extra * after, weights * extent * extent


def fc(before: int, after: int) -> Cost:
    return (before + 1) * after, before * after


LENET5 = total(conv(5, 1, 6, 28), conv(5, 6, 16, 10), fc(16 * 5 * 5, 120), fc(120, 84), fc(84, 10))

ALEXNET = total(
    conv(11, 3, 64, 55),
    conv(5, 64, 192, 27),
    conv(3, 192, 384, 13),
    conv(3, 384, 256, 13),
    conv(3, 256, 256, 13),
    fc(256 * 6 * 6, 4096),
    fc(4096, 4096),
    fc(4096, 1000),
)

ALEXNET_2012 = total(
    conv(11, 3, 96, 55),
    conv(5, 96, 256, 27, groups=2),
    conv(3, 256, 384, 13),
    conv(3, 384, 384, 13, groups=2),
    conv(3, 384, 256, 13, groups=2),
    fc(256 * 6 * 6, 4096),
    fc(4096, 4096),
    fc(4096, 1000),
)


def nin(classes: int = 10) -> Cost:
    return total(
        conv(5, 3, 192, 32),
        conv(1, 192, 160, 32),
        conv(1, 160, 96, 32),
        conv(5, 96, 192, 16),
        conv(1, 192, 192, 16),
        conv(1, 192, 192, 16),
        conv(3, 192, 192, 8),
        conv(1, 192, 192, 8),
        conv(1, 192, classes, 8),
    )


# Convolutions of 64, 128, 256, 512 and 512 channels.
VGG = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}


def vgg(depth: int, extra: int) -> Cost:
    layers, before = [], 3
    for count, width, extent in zip(
        VGG[depth], (64, 128, 256, 512, 512), (224, 112, 56, 28, 14), strict=True
    ):
        for _ in range(count):
            layers.append(conv(3, before, width, extent, extra=extra))
            before = width
    return total(*layers, fc(512 * 7 * 7, 4096), fc(4096, 4096), fc(4096, 1000))


# "Going Deeper with Convolutions", Table 1: #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj.
TABLE_1 = {
    "3a": (28, 64, 96, 128, 16, 32, 32),
    "3b": (28, 128, 128, 192, 32, 96, 64),
    "4a": (14, 192, 96, 208, 16, 48, 64),
    "4b": (14, 160, 112, 224, 24, 64, 64),
    "4c": (14, 128, 128, 256, 24, 64, 64),
    "4d": (14, 112, 144, 288, 32, 64, 64),
    "4e": (14, 256, 160, 320, 32, 128, 128),
    "5a": (7, 256, 160, 320, 32, 128, 128),
    "5b": (7, 384, 192, 384, 48, 128, 128),
}


def googlenet(five_k: int, extra: int) -> Cost:
    layers = [
        conv(7, 3, 64, 112, extra=extra),
        conv(1, 64, 64, 56, extra=extra),
        conv(3, 64, 192, 56, extra=extra),
    ]
    before = 192
    for extent, one, three_reduce, three, five_reduce, five, pool in TABLE_1.values():
        layers += [
            conv(1, before, one, extent, extra=extra),
            conv(1, before, three_reduce, extent, extra=extra),
            conv(3, three_reduce, three, extent, extra=extra),
            conv(1, before, five_reduce, extent, extra=extra),
            conv(five_k, five_reduce, five, extent, extra=extra),
            conv(1, before, pool, extent, extra=extra),
        ]
        before = one + three + five + pool
    return total(*layers, fc(before, 1000))


COUNTED = {
    "lenet5": LENET5,
    "alexnet": ALEXNET,
    "alexnet_2012": ALEXNET_2012,
    "nin": nin(),
    "googlenet": googlenet(3, extra=2),
    "vgg": vgg(16, extra=1),
    **{f"vgg{depth}": vgg(depth, extra=1) for depth in VGG},
    **{f"vgg{depth}_bn": vgg(depth, extra=3) for depth in VGG},
}


@pytest.mark.parametrize(("name", "wanted"), list(COUNTED.items()))
def test_counted_by_hand(name: str, wanted: Cost, design: DesignOf) -> None:
    assert (design(name).params, design(name).macs) == wanted


def test_the_paper_s_5x5_branch() -> None:
    """torchvision's GoogLeNet has 3x3 windows where the paper has 5x5."""
    found = resdsl.design("googlenet", five_k=5)
    assert (found.params, found.macs) == googlenet(5, extra=2)


def test_googlenet_as_published(tmp_path: Path) -> None:
    """5x5 windows, biases, no norms. Caffe's model has as many parameters: 6,998,552."""
    found = variant(
        tmp_path,
        "googlenet",
        "googlenet(five_k=5) { set norm = identity set conv(bias=true) }",
    )
    assert (found.params, found.macs) == googlenet(5, extra=1)
    assert found.params == 6_998_552


def test_cifar_100() -> None:
    found = resdsl.design("nin", classes=100)
    assert (found.params, found.macs, found.output) == (*nin(100), (100,))


# --- what libraries have --------------------------------------------------------------------------


def entry_of(name: str) -> Entry:
    (entry,) = (entry for entry in ENTRIES if entry["name"] == name)
    return entry


TORCHVISION: dict[str, dict[str, Any]] = {
    "alexnet": {},
    **{f"vgg{depth}{norm}": {} for depth in VGG for norm in ("", "_bn")},
    "googlenet": {"aux_logits": False, "init_weights": False},
}


def theirs(name: str, torchvision: ModuleType) -> nn.Module:
    """A network of torchvision without memory for its weights."""
    import torch

    with torch.device("meta"):
        module: nn.Module = getattr(torchvision.models, name)(**TORCHVISION[name])
    return module


@pytest.mark.parametrize("name", TORCHVISION)
def test_keys_and_shapes_are_torchvision_s(
    name: str, skeleton: SkeletonOf, torchvision: ModuleType
) -> None:
    """In order. tests/zoo/test_oracles.py compares the outputs of one network of each family."""
    ours, state = skeleton(name).state_dict(), theirs(name, torchvision).state_dict()
    assert [(key, t.shape) for key, t in ours.items()] == [(k, t.shape) for k, t in state.items()]


@pytest.mark.parametrize("name", TORCHVISION)
def test_layers_are_torchvision_s(name: str, skeleton: SkeletonOf, torchvision: ModuleType) -> None:
    """Leaf by leaf: windows, paddings, epsilons, rates. It keeps its ReLUs elsewhere."""
    from torch import nn

    def leaves(module: nn.Module) -> list[str]:
        found = [child for child in module.modules() if not list(child.children())]
        texts = [str(child) for child in found if not isinstance(child, nn.ReLU)]
        return [re.sub(r"output_size=\((\d), \1\)", r"output_size=\1", text) for text in texts]

    assert leaves(skeleton(name)) == leaves(theirs(name, torchvision))


def test_googlenet_without_auxiliary_classifiers(design: DesignOf) -> None:
    """The truth counts the parameters of both; each is a 1x1 convolution and two linear layers."""
    entry = entry_of("googlenet")
    auxiliary = sum(
        conv(1, before, 128, 4, extra=2)[0] + fc(128 * 4 * 4, 1024)[0] + fc(1024, 1000)[0]
        for before in (512, 528)
    )
    found = design("googlenet")
    assert found.params == entry["params"] - auxiliary
    assert found.params == entry["published"]["IMAGENET1K_V1"]["num_params"]
    assert found.params_without_norm == entry["params_excl_bn"] - auxiliary + 2 * 2 * 128
    assert found.macs == entry["macs_224x224"]
    assert found.at(193, 257).macs == entry["macs_193x257"]


def test_lenet5_of_the_reference_builder(design: DesignOf) -> None:
    entry = entry_of("lenet5_modern")
    found = design("lenet5")
    assert (found.params, found.macs) == (entry["params"], entry["macs"])
    assert found.output == tuple(entry["out"][1:])


# --- what papers say ------------------------------------------------------------------------------


def macs(design: Design) -> int:
    assert design.macs is not None
    return design.macs


def test_resnet152_is_smaller_than_vgg16(design: DesignOf) -> None:
    """He et al. 2015, section 4.1: 152 layers, and still of lower complexity than VGG-16 and 19."""
    ours, vgg16, vgg19 = design("resnet152"), design("vgg16"), design("vgg19")
    assert ours.params < vgg16.params < vgg19.params
    assert macs(ours) < macs(vgg16) < macs(vgg19)


def test_resnet34_costs_a_fraction_of_vgg(design: DesignOf) -> None:
    """He et al. 2015, section 3.3: 3.6 billion, "only 18% of VGG-19 (19.6 billion FLOPs)"."""
    vgg19 = macs(design("vgg19"))
    assert macs(design("resnet34")) < macs(design("vgg16")) / 4
    assert 0.18 < macs(design("resnet34_option_a")) / vgg19 < 0.19
    assert f"{vgg19 / 1e9:.1f}" == "19.6"


def test_the_feature_maps_of_1998(design: DesignOf) -> None:
    """LeCun et al. 1998, Fig. 2: C1 6@28x28, S2 6@14x14, C3 16@10x10, S4 16@5x5."""
    shapes = stage_shapes(design("lenet5"))
    for wanted in ((6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5), (120,), (84,)):
        assert wanted in shapes


def test_the_neurons_of_2012(design: DesignOf) -> None:
    """Krizhevsky et al. 2012, section 3.5, but for conv1, whose 253,440 are not those of Fig. 2."""
    shapes = stage_shapes(design("alexnet_2012"))
    for wanted, neurons in {
        (96, 55, 55): 290_400,
        (256, 27, 27): 186_624,
        (384, 13, 13): 64_896,
        (256, 13, 13): 43_264,
        (4096,): 4096,
    }.items():
        size = 1
        for extent in wanted:
            size *= extent
        assert wanted in shapes
        assert size == neurons


def test_googlenet_s_table_1(design: DesignOf) -> None:
    """Szegedy et al. 2014, Table 1: output sizes of all modules."""
    shapes = stage_shapes(design("googlenet"))
    for extent, one, _, three, _, five, pool in TABLE_1.values():
        assert (one + three + five + pool, extent, extent) in shapes
    assert design("googlenet").depth == 22  # "22 layers deep when counting only layers with params"


def stage_shapes(design: Design) -> set[tuple[int, ...]]:
    """The shapes of all values in a network's own body."""
    found = map(design.facts.view.at, design.facts.shapes)
    return {tuple(int(n) for n in shape) for shape in found if shape is not None}


# --- valid sizes ----------------------------------------------------------------------------------


def runs(module: nn.Module, h: int, w: int) -> bool:
    """Whether torch runs a module at a size, without computing anything."""
    import torch

    channels = next(module.parameters()).shape[1]
    try:
        module.eval()(torch.empty(1, channels, h, w, device="meta"))
    except RuntimeError:
        return False
    return True


LEAST = {"vgg16": 32, "alexnet": 63, "googlenet": 15, "nin": 4}


@pytest.mark.parametrize(("name", "least"), list(LEAST.items()))
def test_any_size_from_one_on(
    name: str, least: int, design: DesignOf, skeleton: SkeletonOf
) -> None:
    """Adaptive and global pools take any map of an element or more. torch agrees."""
    sizes, module = design(name).sizes(), skeleton(name)
    assert (sizes.min_input, sizes.least) == (least, (least, least))
    for h in (1, 2, 3, *range(max(least - 3, 1), least + 2), 225):
        for extents in ((h, h), (h, 224), (224, h)):
            assert sizes.allows(extents) == (h >= least) == runs(module, *extents), extents


@pytest.mark.parametrize(
    ("name", "first", "last"), [("lenet5", 32, 35), ("alexnet_2012", 227, 258)]
)
def test_linear_layers_behind_flatten_fix_the_size(
    name: str, first: int, last: int, design: DesignOf, skeleton: SkeletonOf
) -> None:
    """224x224, which the paper of 2012 says, is not a size of its network."""
    sizes, module = design(name).sizes(), skeleton(name)
    for h in (first - 4, first - 3, first - 1, first, first + 1, last - 1, last, last + 1):
        for extents in ((h, h), (h, first)):
            assert sizes.allows(extents) == (first <= h <= last) == runs(module, *extents), extents


# --- the same operators ---------------------------------------------------------------------------


def image(*shape: int) -> torch.Tensor:
    import torch

    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def variant(home: Path, spec: str, network: str) -> Design:
    """A network made of one of the zoo, in a file of its own beside it."""
    shutil.copy(folder("specs") / f"{spec}.res", home)
    path = home / "variant.res"
    path.write_text(f'from "{spec}.res" import {spec}\n\nnetwork variant = {network}\n', "utf-8")
    return resdsl.design(path)


def test_a_1x1_convolution_is_a_linear_layer_at_every_position() -> None:
    """Lin et al. 2013, section 3.1, for the perceptron behind each convolution of NIN."""
    import torch

    ours = resdsl.load("network one {\n input 6 x 9 x 11\n conv(1, 4, bias=true)\n}\n", seed=0)
    linear = resdsl.load("network two {\n input 6 x 1 x 1\n flatten linear(4)\n}\n", seed=0)
    state = ours.state_dict()
    linear.load_state_dict(
        {"linear.weight": state["conv.weight"].flatten(1), "linear.bias": state["conv.bias"] + 0.5}
    )
    ours.load_state_dict({**state, "conv.bias": state["conv.bias"] + 0.5})
    x = image(2, 6, 9, 11)
    with torch.no_grad():
        positions = x.movedim(1, -1).reshape(-1, 6, 1, 1)
        wanted = linear(positions).reshape(2, 9, 11, 4).movedim(-1, 1)
        torch.testing.assert_close(ours(x), wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("head", ["identity", "softmax"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
@pytest.mark.parametrize("pool", ["avgpool", "maxpool"])
def test_lenet5_in_all_variants(pool: str, activation: str, head: str, tmp_path: Path) -> None:
    """All have the same parameters, and are what is written here."""
    import torch
    from torch.nn import functional

    found = variant(tmp_path, "lenet5", f"lenet5({pool}, {activation}, {head})")
    assert (found.params, found.macs, found.depth) == (*LENET5, 5)
    ours = resdsl.load(tmp_path / "variant.res", seed=0)
    act: Callable[[torch.Tensor], torch.Tensor] = getattr(torch, activation)
    pooled = functional.max_pool2d if pool == "maxpool" else functional.avg_pool2d
    w = ours.state_dict()
    x = image(3, 1, 32, 32)
    with torch.no_grad():
        scores = ours(x)
        y = pooled(act(functional.conv2d(x, w["c1.weight"], w["c1.bias"])), 2)
        y = pooled(act(functional.conv2d(y, w["c3.weight"], w["c3.bias"])), 2).flatten(1)
        y = act(functional.linear(y, w["c5.weight"], w["c5.bias"]))
        y = act(functional.linear(y, w["f6.weight"], w["f6.bias"]))
        y = functional.linear(y, w["output.weight"], w["output.bias"])
    if head == "softmax":
        y = y.softmax(1)
        torch.testing.assert_close(scores.sum(1), torch.ones(3))
    assert torch.equal(scores, y)


def test_alexnet_2012_is_the_paper_s() -> None:
    """With the formula of section 3.3 written out, and the biases that start at 1 (section 5)."""
    import torch
    from torch.nn import functional

    def normalised(a: torch.Tensor) -> torch.Tensor:
        k, n, alpha, beta = 2, 5, 1e-4, 0.75
        channels = a.shape[1]
        squares = a.square()
        sums = [
            squares[:, max(0, i - n // 2) : min(channels - 1, i + n // 2) + 1].sum(1)
            for i in range(channels)
        ]
        return a / (k + alpha * torch.stack(sums, 1)) ** beta

    ours = resdsl.load("alexnet_2012", seed=0).eval()
    w = ours.state_dict()
    ones = {key for key, value in w.items() if key.endswith("bias") and (value == 1).all()}
    assert ones == {f"{name}.bias" for name in ("conv2", "conv4", "conv5", "fc6", "fc7")}
    assert all(not w[f"{name}.bias"].any() for name in ("conv1", "conv3", "fc8"))
    for name in ("conv1", "conv5", "fc7"):
        assert abs(w[f"{name}.weight"].std().item() - 0.01) < 2e-4

    def layer(name: str, x: torch.Tensor, **options: int) -> torch.Tensor:
        weight, bias = w[f"{name}.weight"], w[f"{name}.bias"]
        if name.startswith("fc"):
            return functional.linear(x, weight, bias)
        return functional.conv2d(x, weight, bias, **options).relu()

    x = 30 * image(1, 3, 227, 227)  # so that what is normalised is far from 2
    with torch.no_grad():
        y = functional.max_pool2d(normalised(layer("conv1", x, stride=4)), 3, 2)
        y = functional.max_pool2d(normalised(layer("conv2", y, padding=2, groups=2)), 3, 2)
        y = layer("conv4", layer("conv3", y, padding=1), padding=1, groups=2)
        y = functional.max_pool2d(layer("conv5", y, padding=1, groups=2), 3, 2).flatten(1)
        y = layer("fc8", layer("fc7", layer("fc6", y).relu()).relu())
        torch.testing.assert_close(ours(x), y, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("extent", [32, 37])
def test_nin_is_the_authors_model(extent: int) -> None:
    """Its pools written out: windows of 3 at every second element, cut off at the edge."""
    import torch
    from torch.nn import functional

    def pooled(x: torch.Tensor, of: Callable[..., torch.Tensor]) -> torch.Tensor:
        after = range(-(-(x.shape[-1] - 3) // 2) + 1)
        windows = [
            of(x[..., 2 * i : 2 * i + 3, 2 * j : 2 * j + 3].flatten(2), dim=2)
            for i in after
            for j in after
        ]
        return torch.stack(windows, 2).reshape(*x.shape[:2], len(after), len(after))

    ours = resdsl.load("nin", seed=0).eval()
    w = {key: value + 0.1 * (value.ndim == 1) for key, value in ours.state_dict().items()}
    ours.load_state_dict(w)  # with biases that are not 0

    def mlpconv(name: str, x: torch.Tensor, padding: int) -> torch.Tensor:
        for i, pad in ((0, padding), (2, 0), (4, 0)):
            x = functional.conv2d(x, w[f"{name}.{i}.weight"], w[f"{name}.{i}.bias"], padding=pad)
            x = x.relu()
        return x

    x = image(2, 3, extent, extent)
    with torch.no_grad():
        y = pooled(mlpconv("mlpconv1", x, 2), torch.amax)
        y = pooled(mlpconv("mlpconv2", y, 2), torch.mean)
        y = mlpconv("mlpconv3", y, 1).mean((2, 3))
        assert y.std() > 0.1
        torch.testing.assert_close(ours(x), y, rtol=1e-4, atol=1e-5)


# --- initial weights ------------------------------------------------------------------------------


def test_googlenet_starts_as_torchvision_s() -> None:
    """It cuts off at ±2 where the deviation is 0.01: not at all. Two deviations would be 0.02."""
    import torch

    state = resdsl.load("googlenet", seed=0).state_dict()
    large = {key: t for key, t in state.items() if t.ndim > 1 and t.numel() > 50_000}
    assert len(large) > 20
    other = torch.empty(1000, 1024)
    # The call in torchvision/models/googlenet.py.
    torch.nn.init.trunc_normal_(other, mean=0.0, std=0.01, a=-2, b=2)
    for key, weight in {**large, "torchvision": other}.items():
        assert abs(weight.std().item() - 0.01) < 3e-4, key
        assert abs(weight.mean().item()) < 3e-4, key
        assert weight.abs().max() > 0.035, key


# --- std.inception --------------------------------------------------------------------------------


def module_of(call: str, input: str = "8 x 9 x 9") -> str:
    return f"""from std.inception import conv_bn, inception, naive_inception

network n {{
    input {input}
    block: {call}
}}
"""


def bn(k: int, before: int, after: int) -> int:
    return conv(k, before, after, 1, extra=2)[0]


FOUR = bn(1, 8, 1) + bn(1, 8, 2) + bn(3, 2, 3) + bn(1, 8, 4) + bn(1, 8, 6)
MODULES = {
    "conv_bn(3, 5, stride=2)": (bn(3, 8, 5), (5, 5, 5)),
    "inception(1, 2, 3, 4, 5, 6)": (FOUR + bn(5, 4, 5), (15, 9, 9)),
    "inception(1, 2, 3, 4, 5, 6, five_k=3)": (FOUR + bn(3, 4, 5), (15, 9, 9)),
    "inception(1, 2, 3, 4, 5, 6, unit=conv)": (
        FOUR + bn(5, 4, 5) - 2 * (1 + 2 + 3 + 4 + 5 + 6),
        (15, 9, 9),
    ),
    "naive_inception(1, 3, 5)": (bn(1, 8, 1) + bn(3, 8, 3) + bn(5, 8, 5), (17, 9, 9)),
}


@pytest.mark.parametrize("call", MODULES)
def test_modules(call: str) -> None:
    found = resdsl.design(module_of(call))
    assert (found.params, found.output) == MODULES[call]


@pytest.mark.parametrize("input", ["8 x 33", "8 x 9 x 7", "8 x 5 x 6 x 7"])
def test_branches_are_concatenated_in_any_rank(input: str) -> None:
    """In their order: each branch by itself is a part of the result."""
    import torch

    extents = [int(n) for n in input.split(" x ")]
    ours = resdsl.load(module_of("inception(1, 2, 3, 4, 5, 6)", input), seed=0).eval()
    x = image(2, *extents)
    with torch.no_grad():
        parts = ours(x).split([1, 3, 5, 6], dim=1)
        block = ours.get_submodule("block")
        for i, part in enumerate(parts, 1):
            assert torch.equal(part, block.get_submodule(f"branch{i}")(x)), i
