"""The library's definitions, in networks that the zoo does not have."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from resdsl import Design, SpecError, check, load
from resdsl import design as design_of
from resdsl.data import folder
from tests.zoo.truth import entries_of

if TYPE_CHECKING:
    import torch

DesignOf = Callable[[str], Design]

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
    entry = entries_of(name)[0]
    assert (found.params, found.params_without_norm) == (entry["params"], entry["params_excl_bn"])


def test_macs(name: str, design: DesignOf) -> None:
    found = design(spec(name))
    entry = entries_of(name)[0]
    assert found.macs == entry.get("macs", entry.get("macs_224x224"))
    if "macs_193x257" in entry:
        assert found.at(193, 257).macs == entry["macs_193x257"]


def test_the_mnist_tutorial_s_defect(design: DesignOf) -> None:
    """It trains at 32x32 and is tested at 28x28, where its 8x8 pool meets a map of 7x7."""
    with pytest.raises(SpecError, match="does not run at 28 x 28"):
        design(MNIST).at(28, 28)


# --- weights of timm ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["resnet18d", "resnet50d"])
def test_deep_stem_and_avg_projection_are_timm_s(name: str, timm: ModuleType) -> None:
    """Keys, and outputs to the bit, at an odd size as well, where its pools round up."""
    import torch

    ours, theirs = load(spec(name), net=name, seed=0), timm.create_model(name)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    theirs.load_state_dict(ours.state_dict(), strict=True)
    for size in ((64, 96), (97, 129)):
        x = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            assert torch.equal(ours.train()(x), theirs.train()(x))


# --- blocks and shortcuts -------------------------------------------------------------------------


def block(call: str, input: str = "8 x 9 x 9") -> str:
    return f"network n {{\n input {input}\n {call}\n}}\n"


BASIC = 9 * 8 * 8 + 9 * 8 * 8 + 2 * (8 + 8)
BOTTLENECK = 8 * 2 + 9 * 2 * 2 + 2 * 8 + 2 * (2 + 2 + 8)

# On 8 channels, counted by hand.
PARAMS = {
    "basic(8)": BASIC,
    "basic(8, dilation=2)": BASIC,
    "basic(8, drop_rate=0.1)": BASIC,
    "basic(8, scale_init=0.1)": BASIC + 8,
    "basic(8, tail=conv(1, 8))": BASIC + 8 * 8,
    "bottleneck(2)": BOTTLENECK,
    "bottleneck(2, dilation=2)": BOTTLENECK,
    "bottleneck(2, drop_rate=0.1)": BOTTLENECK,
    "bottleneck(2, scale_init=0.1)": BOTTLENECK + 8,
    "bottleneck(2, tail=conv(1, 8))": BOTTLENECK + 8 * 8,
    "bottleneck(4, expansion=2)": 8 * 4 + 9 * 4 * 4 + 4 * 8 + 2 * (4 + 4 + 8),
    "bottleneck(2, base_width=128)": 8 * 4 + 9 * 4 * 4 + 4 * 8 + 2 * (4 + 4 + 8),
    "bottleneck(2, cardinality=2)": 8 * 4 + 9 * 2 * 4 + 4 * 8 + 2 * (4 + 4 + 8),
    "conv_norm_act(3, 4)": 9 * 8 * 4 + 2 * 4,
    "conv_norm_act(3, 4, groups=2)": 9 * 4 * 4 + 2 * 4,
}


@pytest.mark.parametrize(("call", "params"), list(PARAMS.items()))
def test_params_of_a_block(call: str, params: int, design: DesignOf) -> None:
    assert design(block(call)).params == params


SHORTCUTS = {
    # parameters where the shape stays (8 channels), and where it does not (8 to 16, /2)
    "none": (0, 0),
    "zero_pad": (0, 0),
    "projection": (0, 8 * 16 + 2 * 16),
    "projection_always": (8 * 8 + 2 * 8, 8 * 16 + 2 * 16),
    "avg_projection": (0, 8 * 16 + 2 * 16),
    "conv_projection": (0, 9 * 8 * 16 + 2 * 16),
    "max_pool_pad": (0, 0),
    "when_same": (0, 0),
}


@pytest.mark.parametrize(("mode", "params"), list(SHORTCUTS.items()))
def test_params_of_a_shortcut(mode: str, params: tuple[int, int], design: DesignOf) -> None:
    same = design(block(f"basic(8, shortcut={mode})")).params
    other = design(block(f"basic(16, stride=2, shortcut={mode})")).params
    main = 9 * 8 * 16 + 9 * 16 * 16 + 2 * (16 + 16)
    assert (same - BASIC, other - main) == params


@pytest.mark.parametrize("input", ["8 x N", "8 x H x W", "8 x D x H x W"])
@pytest.mark.parametrize("unit", ["basic", "bottleneck"])
@pytest.mark.parametrize("mode", SHORTCUTS)
def test_every_size_of_every_rank_is_valid(
    mode: str, unit: str, input: str, design: DesignOf
) -> None:
    """Main and shortcut agree for all extents: proved, as the input is free.

    But torch's AvgPool3d refuses what is smaller than its window, in ceil mode too.
    """
    found = design(block(f"{unit}(16, stride=2, shortcut={mode}) {unit}(16)", input))
    assert found.sizes().min_input == (2 if mode == "avg_projection" and "D" in input else 1)
    assert not found.diagnostics


RESULTS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "none": lambda x: 0 * _padded(x[:, :, ::2, ::2]),
    "when_same": lambda x: 0 * _padded(x[:, :, ::2, ::2]),
    "zero_pad": lambda x: _padded(x[:, :, ::2, ::2]),
    'zero_pad(zeros="split")': lambda x: _padded(x[:, :, ::2, ::2], 4, 4),
    "max_pool_pad": lambda x: _padded(_max_pooled(x)),
}


def _padded(x: torch.Tensor, before: int = 0, after: int = 8) -> torch.Tensor:
    import torch

    return torch.nn.functional.pad(x, (0, 0, 0, 0, before, after))


def _max_pooled(x: torch.Tensor) -> torch.Tensor:
    """Windows of 2x2; at the odd end what is left of one."""
    import torch

    return torch.nn.functional.max_pool2d(x, 2, ceil_mode=True)


@pytest.mark.parametrize("mode", RESULTS)
def test_what_a_shortcut_adds(mode: str) -> None:
    """Beside a main that is zero."""
    import torch

    main = "subsample(2) pad_channels(16) scale(0)"
    model = load(block(f"residual {{ {main} }} via {mode}"), seed=0)
    x = torch.randn(2, 8, 9, 9)
    assert torch.equal(model(x), RESULTS[mode](x))


@pytest.mark.parametrize("mode", sorted(set(SHORTCUTS) - {"none", "projection_always"}))
def test_where_the_shape_stays_the_input_is_added(mode: str) -> None:
    import torch

    model = load(block(f"residual {{ scale(0) }} via {mode}"), seed=0)
    x = torch.randn(2, 8, 9, 9)
    assert torch.equal(model(x), x)


# --- stems ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stem", "params", "output"),
    [
        ("imagenet_stem", 49 * 3 * 64 + 128, (64, 49, 65)),
        ("deep_stem", 27 * 32 + 9 * 32 * 32 + 9 * 32 * 64 + 64 + 64 + 128, (64, 49, 65)),
        ("cifar_stem", 27 * 16 + 32, (16, 193, 257)),
    ],
)
def test_stems(stem: str, params: int, output: tuple[int, ...], design: DesignOf) -> None:
    text = f"from std.stem import {stem}\n" + block(stem, "3 x 193 x 257")
    assert (design(text).params, design(text).output) == (params, output)


@pytest.mark.parametrize(
    ("module", "call"),
    [
        ("dense", "dense_block(-1, 4)"),
        ("dense", "transition(2.0)"),
        ("attention", "squeeze_excite(-1)"),
        ("attention", "squeeze_excite(multiple=-8)"),
        ("stem", "deep_stem([32, 32, 64, 64])"),
        ("highway", "highway_layers(8, -1)"),
    ],
)
def test_what_makes_no_sense_is_refused(module: str, call: str) -> None:
    name = call.partition("(")[0]
    report = check(f"from std.{module} import {name}\n" + block(call))
    assert not report.ok


@pytest.mark.parametrize(
    ("channels", "part", "left"), [(100, 0.57, 57), (50, 0.58, 29), (64, 0.5, 32)]
)
def test_a_transition_leaves_what_is_meant(channels: int, part: float, left: int) -> None:
    text = (
        f"from std.dense import transition\n{block(f'transition({part})', f'{channels} x 8 x 8')}"
    )
    assert design_of(text).output == (left, 4, 4)


# --- mains that start at zero ---------------------------------------------------------------------


def zoo(name: str) -> str:
    return (folder("specs") / f"{name}.res").read_text(encoding="utf-8")


def zeros(module: torch.nn.Module) -> list[str]:
    """The weights that start at 0 alone."""
    return [k for k, v in module.state_dict().items() if k.endswith("weight") and not v.any()]


@pytest.mark.parametrize(
    ("name", "unit"), [("resnet18", "basic"), ("resnext50_32x4d", "bottleneck")]
)
def test_zero_init_residual_is_torchvision_s(name: str, unit: str, torchvision: ModuleType) -> None:
    amended = f"\nnetwork zeros = {name} {{ set {unit}(zero_init_residual=true) }}\n"
    ours = load(zoo(name) + amended, net="zeros", seed=0)
    theirs = getattr(torchvision.models, name)(zero_init_residual=True)
    assert zeros(ours) == zeros(theirs) != []


def test_zero_init_residual_of_a_preact_unit_is_timm_s_zero_init_last(timm: ModuleType) -> None:
    amended = "\nnetwork zeros = resnetv2_18 { set preact_basic(zero_init_residual=true) }\n"
    ours = load(zoo("resnetv2") + amended, net="zeros", seed=0)
    try:
        theirs = timm.create_model("resnetv2_18", zero_init_last=True)
    except AttributeError:
        pytest.skip("this timm looks for a third convolution in a basic unit")
    assert zeros(ours) == [key for key in zeros(theirs) if not key.startswith("head")] != []


ORDERS = ["original", "bn_after_add", "relu_before_add", "relu_preact", "full_preact"]
UNITS = {
    **{f"preact_basic(8, order={order!r}": order for order in ORDERS},
    **{f"preact_bottleneck(2, order={order!r}": order for order in ORDERS},
    **{f"aggregated(8, expansion=1, cardinality=2, inner=8, form={form!r}": "" for form in "abc"},
    "basic(8": "",
    "bottleneck(2": "",
    "wide_basic(8": "",
}


@pytest.mark.parametrize(("call", "order"), list(UNITS.items()))
def test_a_unit_whose_main_starts_at_zero_gives_its_shortcut(call: str, order: str) -> None:
    import torch

    imports = {
        "preact": "from std.preact import preact_basic, preact_bottleneck\n",
        "aggrega": "from std.resnext import aggregated\n",
        "wide_ba": "from std.wide import wide_basic\n",
    }
    first = next((text for start, text in imports.items() if call.startswith(start)), "")
    step = call.replace("'", '"') + ", zero_init_residual=true)"
    module = load(f"{first}network n {{ input 8 x 5 x 5 {step} }}\n", seed=0)
    x = torch.randn(3, 8, 5, 5, generator=torch.Generator().manual_seed(0)).relu()
    # The norm behind the sum changes what comes in as well.
    wanted = torch.nn.BatchNorm2d(8)(x).relu() if order == "bn_after_add" else x
    assert torch.equal(module(x), wanted)
