"""MobileNets, DenseNets and Inception-ResNet-v2, counted by hand and against their libraries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import resdsl
from resdsl import Design
from tests.zoo.families import every
from tests.zoo.oracles import take, theirs
from tests.zoo.truth import WEIGHTS

if TYPE_CHECKING:
    import torch
    from torch import nn

DesignOf = Callable[[str], Design]

# --- counted by hand ------------------------------------------------------------------------------


@dataclass
class Count:
    """A map of `channels` and `extent`, and what it took to make it: plain arithmetic."""

    channels: int
    extent: int
    params: int = 0
    macs: int = 0

    def conv(
        self,
        k: int,
        channels: int,
        stride: int = 1,
        *,
        groups: int = 1,
        valid: bool = False,
        norm: bool = True,
        bias: bool = False,
    ) -> Count:
        """k is the number of elements of a window: 9 for 3x3, 7 for 1x7."""
        weights = k * self.channels * channels // groups
        side = {9: 3, 25: 5, 49: 7}.get(k, 1)
        self.extent = (
            (self.extent - side) // stride + 1 if valid else (self.extent - 1) // stride + 1
        )
        self.params += weights + 2 * channels * norm + channels * bias
        self.macs += weights * self.extent**2
        self.channels = channels
        return self

    def norm(self) -> Count:
        self.params += 2 * self.channels
        return self

    def linear(self, classes: int = 1000) -> tuple[int, int]:
        weights = self.channels * classes
        return self.params + weights + classes, self.macs + weights


def rounded(channels: float) -> int:
    """To the nearest multiple of 8, but not below 90 %."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


def mobilenet_v1(width: float = 1.0, head: int = 0) -> tuple[int, int]:
    net = Count(3, 224).conv(9, rounded(32 * width), 2)
    for channels, stride in [
        *[(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)],
        *[(512, 1)] * 5,
        *[(1024, 2), (1024, 1)],
    ]:
        net.conv(9, net.channels, stride, groups=net.channels)
        net.conv(1, rounded(channels * width))
    if head:
        net.conv(1, head)
    return net.linear()


def mobilenet_v2(width: float = 1.0) -> tuple[int, int]:
    net = Count(3, 224).conv(9, rounded(32 * width), 2)
    for expansion, channels, strides in [
        (1, 16, [1]),
        (6, 24, [2, 1]),
        (6, 32, [2, 1, 1]),
        (6, 64, [2, 1, 1, 1]),
        (6, 96, [1, 1, 1]),
        (6, 160, [2, 1, 1]),
        (6, 320, [1]),
    ]:
        for stride in strides:
            hidden = expansion * net.channels
            if expansion != 1:
                net.conv(1, hidden)
            net.conv(9, hidden, stride, groups=hidden)
            net.conv(1, rounded(channels * width))
    return net.conv(1, rounded(1280 * max(1, width))).linear()


def densenet(layers: list[int], growth: int = 32) -> tuple[int, int]:
    net = Count(3, 224).conv(49, 2 * growth, 2)
    net.extent //= 2
    for i, n in enumerate(layers):
        if i > 0:
            net.norm().conv(1, net.channels // 2, norm=False)
            net.extent //= 2
        for _ in range(n):
            known = net.channels
            net.norm().conv(1, 4 * growth).conv(9, growth, norm=False)
            net.channels += known
    return net.norm().linear()


def cifar_densenet(depth: int, growth: int) -> tuple[int, int]:
    """DenseNet-BC for 32x32: three blocks, and half of the convolutions of each are 1x1."""
    net = Count(3, 32).conv(9, 2 * growth, norm=False)
    for i in range(3):
        if i > 0:
            net.norm().conv(1, net.channels // 2, norm=False)
            net.extent //= 2
        for _ in range((depth - 4) // 6):
            known = net.channels
            net.norm().conv(1, 4 * growth).conv(9, growth, norm=False)
            net.channels += known
    return net.norm().linear(10)


def branches(net: Count, *chains: list[tuple[int, int]], stride: int = 1) -> Count:
    """Chains of (k, channels), the last of each with the stride, whose results are concatenated."""
    made = []
    for chain in chains:
        branch = Count(net.channels, net.extent)
        for i, (k, channels) in enumerate(chain):
            last = stride > 1 and i == len(chain) - 1
            branch.conv(k, channels, stride if last else 1, valid=last)
        made.append(branch)
    net.params += sum(branch.params for branch in made)
    net.macs += sum(branch.macs for branch in made)
    net.channels, net.extent = sum(branch.channels for branch in made), made[0].extent
    return net


def inception_resnet_v2() -> tuple[int, int]:
    net = Count(3, 299).conv(9, 32, 2, valid=True).conv(9, 32, valid=True).conv(9, 64)
    net.extent = (net.extent - 3) // 2 + 1
    net.conv(1, 80).conv(9, 192, valid=True)
    net.extent = (net.extent - 3) // 2 + 1
    branches(
        net, [(1, 96)], [(1, 48), (25, 64)], [(1, 64), (9, 96), (9, 96)], [(1, 64)]
    )  # mixed_5b
    assert (net.channels, net.extent) == (320, 35)
    for _ in range(10):
        branches(net, [(1, 32)], [(1, 32), (9, 32)], [(1, 32), (9, 48), (9, 64)])
        net.conv(1, 320, norm=False, bias=True)
    branches(net, [(9, 384)], [(1, 256), (9, 256), (9, 384)], stride=2)
    net.channels += 320  # of the max-pool
    assert (net.channels, net.extent) == (1088, 17)
    for _ in range(20):
        branches(net, [(1, 192)], [(1, 128), (7, 160), (7, 192)])
        net.conv(1, 1088, norm=False, bias=True)
    branches(
        net, [(1, 256), (9, 384)], [(1, 256), (9, 288)], [(1, 256), (9, 288), (9, 320)], stride=2
    )
    net.channels += 1088
    assert (net.channels, net.extent) == (2080, 8)
    for _ in range(10):
        branches(net, [(1, 192)], [(1, 192), (3, 224), (3, 256)])
        net.conv(1, 2080, norm=False, bias=True)
    return net.conv(1, 1536).linear()


BY_HAND = {
    "mobilenet_v1": mobilenet_v1(),
    "mobilenet_v1_125": mobilenet_v1(1.25),
    "mobilenet_v1_100h": mobilenet_v1(head=1024),
    "mobilenet_v2": mobilenet_v2(),
    "mobilenet_v2_075": mobilenet_v2(0.75),
    "mobilenet_v2_140": mobilenet_v2(1.4),
    "densenet121": densenet([6, 12, 24, 16]),
    "densenet161": densenet([6, 12, 36, 24], 48),
    "densenet169": densenet([6, 12, 32, 32]),
    "densenet201": densenet([6, 12, 48, 32]),
    "inception_resnet_v2": inception_resnet_v2(),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_counted_by_hand(name: str, design: DesignOf) -> None:
    assert (design(name).params, design(name).macs) == BY_HAND[name]


# --- counted in the libraries, where the truth has nothing ----------------------------------------

# By what makes the library's model; at the declared size and at an odd one.
COUNTED = {
    "mobilenet_v2_075": ("torchvision.models.mobilenet_v2", {"width_mult": 0.75}),
    "mobilenet_v2_140": ("torchvision.models.mobilenet_v2", {"width_mult": 1.4}),
    "densenet169": ("torchvision.models.densenet169", {}),
    "densenet201": ("torchvision.models.densenet201", {}),
    "inception_resnet_v2": ("timm.create_model:inception_resnet_v2", {}),
}


OF_LIBRARIES = [name for name in WEIGHTS if name.startswith(("mobilenet", "densenet"))]


def on_meta(function: str, options: dict[str, float]) -> nn.Module:
    """The library's model without numbers, so that it costs nothing."""
    import importlib

    import torch

    path, _, argument = function.partition(":")
    home, _, name = path.rpartition(".")
    with torch.device("meta"):
        make = getattr(importlib.import_module(home), name)
        model: nn.Module = make(*filter(None, [argument]), **options).eval()
    return model


@pytest.mark.parametrize("name", every(2, COUNTED))
def test_params_and_macs_are_the_library_s(
    name: str, design: DesignOf, torchvision: object, timm: object
) -> None:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    model = on_meta(*COUNTED[name])
    assert design(name).params == sum(p.numel() for p in model.parameters())
    for extents in (tuple(map(int, design(name).input[1:])), (193, 257)):
        with FlopCounterMode(display=False) as counter:
            model(torch.zeros(1, 3, *extents, device="meta"))
        assert design(name).at(*extents).macs * 2 == counter.get_total_flops()


@pytest.mark.parametrize("name", every(3, OF_LIBRARIES))
def test_keys_and_their_order_are_the_library_s(
    name: str,
    skeleton: Callable[[str], nn.Module],
    torchvision: object,
    timm: object,
) -> None:
    """But for timm's MobileNetV2, whose blocks have other names; there the order is the same."""
    oracle = WEIGHTS[name]
    ours = skeleton(name).state_dict()
    library = on_meta(oracle["theirs"], oracle.get("options", {})).state_dict()
    if name.startswith("mobilenet_v2") and "timm" in oracle["theirs"]:
        assert [t.shape for t in ours.values()] == [t.shape for t in library.values()]
    else:
        assert list(ours) == list(library)


def test_keys_of_inception_resnet_v2(skeleton: Callable[[str], nn.Module], timm: object) -> None:
    library = on_meta("timm.create_model:inception_resnet_v2", {})
    assert list(skeleton("inception_resnet_v2").state_dict()) == list(library.state_dict())


def test_smallest_image_of_inception_resnet_v2(design: DesignOf, timm: object) -> None:
    """Its windows without padding take 75 elements: so says timm's model, too."""
    import torch

    assert design("inception_resnet_v2").sizes().min_input == 75
    model = on_meta("timm.create_model:inception_resnet_v2", {})
    assert model(torch.zeros(1, 3, 75, 75, device="meta")).shape == (1, 1000)
    with pytest.raises(RuntimeError):
        model(torch.zeros(1, 3, 74, 75, device="meta"))


# --- weights that the oracles of the zoo do not take ----------------------------------------------

MORE = {
    "timm 1.0": ("timm.create_model:mobilenetv2_100", {"drop_rate": 0.2}, {}),
    "timm 0.5": ("timm.create_model:mobilenetv2_050", {}, {"width": 0.5}),
    "timm 0.75": ("timm.create_model:mobilenetv2_075", {}, {"width": 0.75}),
    # The first block is given as many channels as it makes: it adds, too.
    "torchvision 0.25": (
        "torchvision.models.mobilenet_v2",
        {"width_mult": 0.25},
        {"width": 0.25},
    ),
}


@pytest.mark.parametrize("which", MORE)
def test_more_weights_of_mobilenet_v2(which: str, torchvision: object, timm: object) -> None:
    import torch

    function, options, parameters = MORE[which]
    oracle = {"theirs": function, "options": options}
    model = theirs(oracle)
    ours = resdsl.load("mobilenet_v2", seed=0, **parameters)
    take(ours, model, oracle)
    x = torch.randn(2, 3, 45, 61, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(ours.eval()(x), model.eval()(x))
        if "drop_rate" in options:
            torch.manual_seed(2)
            mine = ours.train()(x)
            torch.manual_seed(2)
            assert torch.equal(mine, model.train()(x))


@pytest.mark.parametrize("name", ["mobilenet_v2", "densenet121"])
def test_weights_start_as_torchvision_s(name: str, torchvision: ModuleType) -> None:
    """Standard deviations of the larger tensors, and all constants."""
    import torch

    ours = resdsl.load(name, seed=0).state_dict()
    torch.manual_seed(0)
    library = getattr(torchvision.models, name)().state_dict()
    for key, tensor in library.items():
        if bool((tensor == tensor.flatten()[0]).all()):
            assert torch.equal(ours[key], tensor), key
        elif tensor.numel() > 4000:
            assert ours[key].std().item() == pytest.approx(tensor.std().item(), rel=0.1), key


def test_depthwise_weights_start_as_timm_s(timm: ModuleType) -> None:
    """timm counts the fan-out of one channel's filter, 9, and torch that of all channels."""
    import torch

    torch.manual_seed(0)
    library = timm.create_model("mobilenetv1_100").state_dict()
    ours = resdsl.load("mobilenet_v1_100", seed=0).state_dict()
    for key in ("blocks.4.1.conv_dw.weight", "blocks.4.1.conv_pw.weight", "conv_stem.weight"):
        assert ours[key].std().item() == pytest.approx(library[key].std().item(), rel=0.1), key
    assert ours["blocks.4.1.conv_dw.weight"].std().item() == pytest.approx((2 / 9) ** 0.5, rel=0.1)


# --- the papers' rules ----------------------------------------------------------------------------


def text(steps: str, input: str, imports: str = "") -> str:
    return f"{imports}\nnetwork n {{\n input {input}\n {steps}\n}}\n"


MOBILE = "from std.mobile import separable, inverted_residual"


def test_672_multiplications_for_2160(design: DesignOf) -> None:
    """Three channels, 4x4 elements, five filters: 27 * 16 * 5 against 27 * 16 + 3 * 16 * 5."""
    standard = design(text("conv(3, 5)", "3 x 4 x 4"))
    depthwise = design(text("depthwise(3)", "3 x 4 x 4"))
    pointwise = design(text("conv(1, 5)", "3 x 4 x 4"))
    both = design(text("separable(5)", "3 x 4 x 4", "from std.mobile import separable"))
    found = [net.macs for net in (standard, depthwise, pointwise, both)]
    assert found == [2160, 432, 240, 672]


@pytest.mark.parametrize(("k", "inputs", "filters"), [(3, 32, 64), (3, 512, 512), (5, 48, 96)])
def test_cost_of_a_separable_convolution(
    k: int, inputs: int, filters: int, design: DesignOf
) -> None:
    """1/N + 1/k² of a standard one (MobileNets, section 3.1), whatever channels it is given."""
    size = f"{inputs} x 28 x 28"
    separable = design(
        text(f"separable({filters}, k={k})", size, "from std.mobile import separable")
    )
    standard = design(text(f"conv({k}, {filters})", size))
    assert separable.macs * filters * k**2 == standard.macs * (k**2 + filters)


@pytest.mark.parametrize(
    ("width", "millions", "macs"),
    [(1, 4.2, 569), (0.75, 2.6, 325), (0.5, 1.3, 149), (0.25, 0.5, 41)],
)
def test_mobilenet_s_table_6(width: float, millions: float, macs: int) -> None:
    found = resdsl.design("mobilenet_v1", width=width)
    assert (found.params, found.macs) == mobilenet_v1(width)
    assert (round(found.params / 1e6, 1), round(found.macs / 1e6)) == (millions, macs)


def silenced(spec: str) -> nn.Module:
    """A network of one block whose last norm makes zeros of everything."""
    from torch import nn

    module = resdsl.load(spec, seed=0).eval()
    last = [m for m in module.modules() if isinstance(m, nn.BatchNorm2d)][-1]
    nn.init.zeros_(last.weight)
    return module


@pytest.mark.parametrize("expansion", [1, 2, 6])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("width", [8, 16])
def test_an_inverted_residual_adds_where_it_can(width: int, stride: int, expansion: int) -> None:
    """At stride 1 and between equal channels, and without an activation behind the sum."""
    import torch

    call = f"inverted_residual({width}, stride={stride}, expansion={expansion})"
    module = silenced(text(call, "8 x 9 x 9", "from std.mobile import inverted_residual"))
    x = torch.randn(2, 8, 9, 9, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found = module(x)
    if stride == 1 and width == 8:
        assert torch.equal(found, x)
        assert (found < 0).any()
    else:
        assert found.shape == (2, width, 9 // stride + stride - 1, 9 // stride + stride - 1)
        assert (found == 0).all()


def test_an_inverted_residual_ends_in_a_linear_convolution() -> None:
    """What is added is negative as often as positive; it would not be behind an activation."""
    import torch

    call = "inverted_residual(16, shortcut=none)"
    module = resdsl.load(
        text(call, "16 x 9 x 9", "from std.mobile import inverted_residual"), seed=0
    )
    with torch.no_grad():
        found = module(torch.randn(4, 16, 9, 9, generator=torch.Generator().manual_seed(1)))
    assert 0.4 < (found < 0).float().mean() < 0.6


def test_expansion_of_one_has_a_convolution_if_asked(design: DesignOf) -> None:
    imports = "from std.mobile import inverted_residual"
    for call, params in {
        "expansion=1": 9 * 8 + 2 * 8 + 8 * 8 + 2 * 8,
        "expansion=1, expand=true": 8 * 8 + 2 * 8 + 9 * 8 + 2 * 8 + 8 * 8 + 2 * 8,
        "expansion=3, k=5": 8 * 24 + 2 * 24 + 25 * 24 + 2 * 24 + 24 * 8 + 2 * 8,
    }.items():
        assert design(text(f"inverted_residual(8, {call})", "8 x 9 x 9", imports)).params == params


@pytest.mark.parametrize("input", ["8 x N", "8 x H x W", "8 x D x H x W"])
def test_mobile_blocks_take_every_size_of_every_rank(input: str, design: DesignOf) -> None:
    found = design(text("separable(16, stride=2) inverted_residual(16)", input, MOBILE))
    assert found.sizes().min_input == 1
    assert not found.diagnostics


CIFAR = """
from std.dense import dense_block, transition

network cifar_densenet(layers: int, growth: int) {
    input 3 x 32 x 32
    conv0: conv(3, 2 * growth)
    stage denseblock1: dense_block(layers, growth)
    stage transition1: transition
    stage denseblock2: dense_block(layers, growth)
    stage transition2: transition
    stage denseblock3: dense_block(layers, growth)
    norm5: norm
    relu: act
    global_avgpool
    flatten
    classifier: linear(10)

    expect depth == 6 * layers + 4
}
"""


@pytest.mark.parametrize(
    ("depth", "growth", "printed"), [(100, 12, 0.8), (250, 24, 15.3), (190, 40, 25.6)]
)
def test_densenet_s_table_2(depth: int, growth: int, printed: float) -> None:
    """Networks of std's `dense_block` with the paper's millions of parameters."""
    layers = (depth - 4) // 6
    found = resdsl.design(CIFAR, net="cifar_densenet", layers=layers, growth=growth)
    assert found.depth == depth
    assert (found.params, found.macs) == cifar_densenet(depth, growth)
    assert round(found.params / 1e6, 1) == printed


def test_a_dense_block_keeps_what_it_is_given() -> None:
    """The input's channels come first, untouched; every layer adds `growth` behind them."""
    import torch

    spec = text("dense_block(3, 4)", "8 x 9 x 9", "from std.dense import dense_block")
    module = resdsl.load(spec, seed=0).eval()
    x = torch.randn(2, 8, 9, 9, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found = module(x)
        first = module.dense_block.denselayer1(x)
    assert found.shape == (2, 8 + 3 * 4, 9, 9)
    assert torch.equal(found[:, :8], x)
    assert torch.equal(found[:, : 8 + 4], first)


@pytest.mark.parametrize(("compression", "left"), [(0.5, 10), (1, 21), (0.25, 5)])
def test_transition(compression: float, left: int, design: DesignOf) -> None:
    """θ of the channels are left, rounded down, and half the extent, rounded down."""
    imports = "from std.dense import transition"
    found = design(text(f"transition({compression})", "21 x 9 x 9", imports))
    assert found.output == (left, 4, 4)


def test_dropout_of_densenet() -> None:
    from torch import nn

    module = resdsl.load("densenet", seed=0, drop_rate=0.2, layers=[1, 2, 1, 1])
    assert [m.p for m in module.modules() if isinstance(m, nn.Dropout)] == [0.2] * 5


# (block, factor): the paper's modules scale their branches' result before the sum.
SCALED = {"a": 0.17, "b": 0.1, "c": 0.2}


def branches_of(unit: nn.Module, x: torch.Tensor) -> torch.Tensor:
    import torch

    found = [child(x) for name, child in unit.named_children() if name.startswith("branch")]
    result: torch.Tensor = unit.conv2d(torch.cat(found, 1))  # type: ignore[operator]
    return result


@pytest.mark.parametrize("letter", SCALED)
def test_inception_resnet_modules_add_a_scaled_result(letter: str) -> None:
    import torch

    name = f"inception_resnet_{letter}"
    spec = text(f"unit: {name}", "32 x 9 x 9", f"from std.inception_resnet import {name}")
    unit = resdsl.load(spec, seed=0).eval().unit
    x = torch.randn(2, 32, 9, 9, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        wanted = torch.relu(branches_of(unit, x) * SCALED[letter] + x)
        assert torch.equal(unit(x), wanted)
        assert not torch.equal(torch.relu(branches_of(unit, x) + x), wanted)


def test_the_last_module_has_no_activation_and_no_factor() -> None:
    import torch

    call = "unit: inception_resnet_c(factor=1.0, linear=true)"
    spec = text(call, "32 x 9 x 9", "from std.inception_resnet import inception_resnet_c")
    unit = resdsl.load(spec, seed=0).eval().unit
    x = torch.randn(2, 32, 9, 9, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert torch.equal(unit(x), branches_of(unit, x) + x)
        assert (unit(x) < 0).any()
