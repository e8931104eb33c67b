"""Activation orders, shortcut studies and highway layers: std.preact, std.highway, their nets."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import networkx
import pytest

from resdsl import Design, load

if TYPE_CHECKING:
    from torch import Tensor, nn

DesignOf = Callable[[str], Design]

ORDERS = ["original", "bn_after_add", "relu_before_add", "relu_preact", "full_preact"]
STUDIES = [
    "constant_scale",
    "exclusive_gate",
    "shortcut_gate",
    "conv_shortcut",
    "dropout_shortcut",
]


def text(call: str, input: str = "8 x 9 x 9") -> str:
    """A network of one step."""
    return (
        f"from std.preact import preact_basic, preact_bottleneck, {', '.join(STUDIES)}\n"
        "from std.preact import preact_avg_projection\n"
        "from std.highway import highway, highway_layers\n"
        f"network n {{\n input {input}\n step: {call}\n}}\n"
    )


def image(channels: int = 8, size: int = 9) -> Tensor:
    import torch

    return torch.randn(2, channels, size, size, generator=torch.Generator().manual_seed(1))


def step(call: str) -> nn.Module:
    """The module of a step, in evaluation, its norms not the identity."""
    import torch

    model = load(text(call), seed=0)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            assert module.running_mean is not None and module.running_var is not None
            for tensor in (module.weight, module.running_var):
                torch.nn.init.uniform_(tensor, 0.5, 1.5)
            for tensor in (module.bias, module.running_mean):
                torch.nn.init.normal_(tensor)
    found = model.eval().get_submodule("step")
    assert isinstance(found, torch.nn.Module)
    return found


# --- counted by hand ------------------------------------------------------------------------------


def resnetv2(stages: list[int], stem: tuple[int, int, int] | None = None) -> tuple[int, int]:
    """(params, MACs) of a pre-activation network of bottlenecks for ImageNet.

    `stem` has the channels of three 3x3 convolutions; without, there is one of 7x7. Which of two
    norms of 64 channels it has, behind the convolution (fb) or in the first unit (timm), is one.
    """
    convolutions = [(7, 3, 64, 112)]
    norms = []
    if stem is not None:
        convolutions = [(3, i, o, 112) for i, o in zip((3, *stem), stem, strict=False)]
        norms += stem[:2]
    entering, extent = 64, 56
    for stage, units in enumerate(stages):
        width = 64 * 2**stage
        leaving = 4 * width
        for unit in range(units):
            norms += [entering, width, width]
            convolutions.append((1, entering, width, extent))
            if unit == 0:
                extent = extent if stage == 0 else extent // 2
                convolutions.append((1, entering, leaving, extent))
            convolutions += [(3, width, width, extent), (1, width, leaving, extent)]
            entering = leaving
    norms.append(entering)
    weights = sum(k * k * i * o for k, i, o, _ in convolutions)
    macs = sum(k * k * i * o * extent**2 for k, i, o, extent in convolutions)
    return weights + 2 * sum(norms) + entering * 1000 + 1000, macs + entering * 1000


def cifar_bottlenecks(n: int, normed: bool) -> tuple[int, int]:
    """(params, MACs) of 9n + 2 layers for CIFAR, the stride on the first 1x1 convolution.

    Norms are of what enters a unit and behind the last (pre-activation), or of what leaves it and
    behind the stem: as many channels. With `normed` the projections have norms as well.
    """
    weights, norms, macs = 27 * 16, 16, 27 * 16 * 32**2
    entering = 16
    for width, extent in ((16, 32), (32, 16), (64, 8)):
        for unit in range(n):
            found = entering * width + 9 * width**2 + width * 4 * width
            if unit == 0:
                found += entering * 4 * width
                norms += 4 * width if normed else 0
            weights += found
            macs += found * extent**2
            norms += width + width + 4 * width
            entering = 4 * width
    return weights + 2 * norms + 256 * 10 + 10, macs + 256 * 10


def cifar_basics(gated: bool = False, projected: bool = False) -> tuple[int, int]:
    """(params, MACs) of ResNet-110 with option A, in any order.

    With a 1x1 convolution more at every unit: of a gate, with biases, or with a norm. Norms of what
    enters a unit, and behind the last, are as many as of what leaves it.
    """
    weights, others, macs = 27 * 16, 2 * 16, 27 * 16 * 32**2
    entering = 16
    for width, extent in ((16, 32), (32, 16), (64, 8)):
        for _ in range(18):
            found = 9 * entering * width + 9 * width**2
            others += 4 * width
            if gated or projected:
                found += entering * width
                others += width if gated else 2 * width
            weights += found
            macs += found * extent**2
            entering = width
    return weights + others + 64 * 10 + 10, macs + 64 * 10


def highway(stages: list[tuple[int, int, int]]) -> tuple[int, int]:
    """(params, MACs) of layers of a width at an extent, the first of them plain, and a head."""
    params = macs = 0
    entering = 3
    for width, layers, extent in stages:
        for layer in range(layers):
            convolutions = 1 if layer == 0 else 2
            params += convolutions * (9 * entering * width + width)
            macs += convolutions * 9 * entering * width * extent**2
            entering = width
    head = entering * entering
    return params + head + entering + 10 * entering + 10, macs + head * 64 + 10 * entering


BY_HAND = {
    "preresnet101": resnetv2([3, 4, 23, 3]),
    "preresnet200": resnetv2([3, 24, 36, 3]),
    "resnetv2_101": resnetv2([3, 4, 23, 3]),
    "resnetv2_50d": resnetv2([3, 4, 6, 3], (32, 32, 64)),
    "resnetv2_50d_gn": resnetv2([3, 4, 6, 3], (32, 32, 64)),
    "cifar_preresnet1001": cifar_bottlenecks(111, normed=False),
    "cifar_resnet110_bn_after_add": cifar_basics(),
    "cifar_resnet110_relu_before_add": cifar_basics(),
    "cifar_resnet110_relu_preact": cifar_basics(),
    "cifar_resnet164_original": cifar_bottlenecks(18, normed=True),
    "cifar_resnet164_bn_after_add": cifar_bottlenecks(18, normed=True),
    "cifar_resnet164_relu_before_add": cifar_bottlenecks(18, normed=True),
    "cifar_resnet164_relu_preact": cifar_bottlenecks(18, normed=False),
    "cifar_resnet110_constant_scale": cifar_basics(),
    "cifar_resnet110_scaled_shortcut": cifar_basics(),
    "cifar_resnet110_shortcut_gate": cifar_basics(gated=True),
    "cifar_resnet110_shortcut_gate_0": cifar_basics(gated=True),
    "cifar_resnet110_conv_shortcut": cifar_basics(projected=True),
    "cifar_resnet110_dropout": cifar_basics(),
    "highway19": highway([(32, 3, 32), (48, 2, 32), (80, 6, 16), (128, 6, 8)]),
    "highway32": highway([(32, 10, 32), (48, 10, 16), (64, 10, 8)]),
}


@pytest.mark.parametrize(("name", "wanted"), BY_HAND.items())
def test_counted_by_hand(name: str, wanted: tuple[int, int], design: DesignOf) -> None:
    assert (design(name).params, design(name).macs) == wanted


def test_the_list_is_complete() -> None:
    """What has no other oracle is counted here: the group's `by_hand`."""
    path = Path(__file__).parent.parent / "data" / "oracles" / "preact.json"
    assert sorted(json.loads(path.read_text("utf-8"))["by_hand"]) == sorted(BY_HAND)


@pytest.mark.parametrize(("name", "printed"), [("highway19", "2.3"), ("highway32", "1.25")])
def test_highway_networks_have_the_paper_s_size(name: str, printed: str, design: DesignOf) -> None:
    digits = len(printed.partition(".")[2])
    assert f"{design(name).params / 1e6:.{digits}f}" == printed


def test_resnet_1001_has_the_paper_s_size_without_norms(design: DesignOf) -> None:
    found = design("cifar_preresnet1001")
    assert f"{found.params_without_norm / 1e6:.1f}" == "10.2" != f"{found.params / 1e6:.1f}"


# --- orders ---------------------------------------------------------------------------------------

# Fig. 4, from left to right: (w)eights, (n)orms, (r)ectifiers of a basic unit; `+` is the sum.
LETTERS = {
    "original": "wnrwn+r",
    "bn_after_add": "wnrw+nr",
    "relu_before_add": "wnrwnr+",
    "relu_preact": "rwnrwn+",
    "full_preact": "nrwnrw+",
}
SHAPES = {"same": "8", "changed": "16, stride=2"}


def expected(order: str, unit: nn.Module, x: Tensor, preact: str = "by_shape") -> Tensor:
    """What a unit gives, by its letters; a bottleneck repeats the first of its two layers."""
    import torch

    letters = LETTERS[order]
    if hasattr(unit, "conv3"):
        start = letters.index("wnr") if letters[0] == "w" else 0
        letters = letters[:start] + letters[start : start + 3] + letters[start:]
    layers = {
        "w": iter([unit.get_submodule(n) for n in ("conv1", "conv2", "conv3") if hasattr(unit, n)]),
        "n": iter([unit.get_submodule(n) for n in ("norm1", "norm2", "norm3") if hasattr(unit, n)]),
    }
    downsample = getattr(unit, "downsample", None)
    first = letters.index("w")
    shared = preact == "both" or (preact == "by_shape" and downsample is not None)
    skip, main = x, x
    for place, letter in enumerate(letters):
        if place == first and (shared or first == 0):
            skip = main
        if letter == "+":
            main = main + (skip if downsample is None else downsample(skip))
        elif place < first and preact == "none":
            continue
        else:
            main = torch.relu(main) if letter == "r" else next(layers[letter])(main)
    assert not [left for rest in layers.values() for left in rest]
    return main


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("block", ["preact_basic", "preact_bottleneck"])
@pytest.mark.parametrize("order", ORDERS)
def test_orders(order: str, block: str, shape: str) -> None:
    """Figure 4: the unit's own layers, in its order; projections are fed what is activated."""
    import torch

    expansion = ", expansion=1" if block == "preact_bottleneck" else ""
    unit = step(f'{block}({SHAPES[shape]}{expansion}, order="{order}")')
    assert hasattr(unit, "downsample") is (shape == "changed")
    with torch.no_grad():
        assert torch.equal(unit(image()), expected(order, unit, image()))


@pytest.mark.parametrize("preact", ["both", "main", "none"])
@pytest.mark.parametrize("order", ["relu_preact", "full_preact"])
def test_which_paths_the_first_activation_feeds(order: str, preact: str) -> None:
    """Those of fb.resnet.torch: both_preact also where the shape stays."""
    import torch

    for shape in SHAPES.values():
        unit = step(f'preact_basic({shape}, order="{order}", preact="{preact}")')
        with torch.no_grad():
            assert torch.equal(unit(image()), expected(order, unit, image(), preact))


def test_stems_of_preactivation(design: DesignOf) -> None:
    """Norm before the max-pool (fb.resnet.torch), or behind it, in the first unit (timm)."""
    operators = {
        name: [data["op"] for _, data in design(name).graph().nodes(data=True) if "op" in data]
        for name in ("preresnet18", "resnetv2_18", "cifar_preresnet164")
    }
    assert operators["preresnet18"][:5] == ["conv", "batchnorm", "relu", "maxpool", "conv"]
    assert operators["resnetv2_18"][:5] == ["conv", "maxpool", "batchnorm", "relu", "conv"]
    assert operators["cifar_preresnet164"][:4] == ["conv", "batchnorm", "relu", "conv"]


def between_sums(design: Design) -> Iterator[tuple[str, ...]]:
    """The operators on the shortest way from each sum to the next: the main line."""
    graph = design.graph()
    sums = [node for node in graph if str(node).endswith(".sum")]
    for one, other in pairwise(sums):
        way = networkx.shortest_path(graph, one, other)
        yield tuple(graph.nodes[node]["op"] for node in way[1:-1])


@pytest.mark.parametrize(
    ("order", "identity", "changing"),
    [
        ("original", ["relu"], ["relu"]),
        ("bn_after_add", ["batchnorm", "relu"], ["batchnorm", "relu"]),
        ("relu_before_add", [], []),
        ("relu_preact", [], ["relu"]),
        ("full_preact", [], ["batchnorm", "relu"]),
    ],
)
def test_the_main_line(
    order: str, identity: list[str], changing: list[str], design: DesignOf
) -> None:
    """(e) is clean between units that change the shape; (a) and (b) are interrupted at each."""
    found = list(between_sums(design(f"cifar_resnet110_{order}")))
    wanted = [tuple(identity)] * 53
    # Units 18 and 36 change the shape, by option A.
    wanted[17] = wanted[35] = (*changing, "subsample", "pad_channels")
    assert found == wanted


# Pairs of networks that are one, written in two ways; two units a stage where they have an `n`.
TWINS: list[tuple[str, dict[str, int], str, dict[str, int]]] = [
    ("cifar_resnet110_original", {"n": 2}, "cifar_resnet", {"n": 2}),
    ("cifar_resnet110_full_preact", {"n": 2}, "cifar_preresnet_option_a", {"n": 2}),
    ("cifar_resnet164_full_preact", {"n": 2}, "cifar_preresnet", {"n": 2}),
    ("cifar_resnet110_conv_shortcut", {}, "cifar_resnet110_option_c", {}),
    ("cifar_resnet110_zero_shortcut", {}, "cifar_plain110", {}),
]


@pytest.mark.parametrize(("one", "few", "other", "fewer"), TWINS)
def test_twins(one: str, few: dict[str, int], other: str, fewer: dict[str, int]) -> None:
    """With the same weights, the same outputs."""
    import torch

    first = load(one, net=one, seed=0, **few).eval()
    second = load(other, net=other, seed=1, **fewer).eval()
    state = dict(zip(second.state_dict(), first.state_dict().values(), strict=True))
    second.load_state_dict(state, strict=True)
    with torch.no_grad():
        assert torch.equal(first(image(3, 17)), second(image(3, 17)))


# --- shortcuts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mode", STUDIES)
@pytest.mark.parametrize("unit", ["basic", "preact_basic", "bottleneck"])
def test_studies_train(mode: str, unit: str, shape: str) -> None:
    """A step of training reaches every parameter, at odd sizes too."""
    import torch

    expansion = ", expansion=1" if unit == "bottleneck" else ""
    model = load(text(f"{unit}({SHAPES[shape]}{expansion}, shortcut={mode})"), seed=0)
    output = model.train()(image())
    assert output.shape == ((2, 8, 9, 9) if shape == "same" else (2, 16, 5, 5))
    output.square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("block", ["preact_basic", "preact_bottleneck"])
def test_orders_train(order: str, block: str) -> None:
    import torch

    model = load(text(f'{block}(16, stride=2, order="{order}")'), seed=0)
    model.train()(image()).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and torch.isfinite(parameter.grad).all(), name


# Of main's result m and what option A makes of the input, k, where all gates are g.
VALUES: dict[str, Callable[[Tensor, Tensor, float], Tensor]] = {
    "constant_scale": lambda m, k, g: m * 0.5 + k * 0.5,
    "constant_scale(0.25, 2)": lambda m, k, g: m * 2 + k * 0.25,
    "exclusive_gate": lambda m, k, g: m * g + k * (1 - g),
    "shortcut_gate": lambda m, k, g: m + k * (1 - g),
    "dropout_shortcut": lambda m, k, g: m + k,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("mode", VALUES)
def test_values_of_studies(mode: str, shape: str) -> None:
    """With gates whose weights are 0, and so are all sigmoid(-6), and no dropout."""
    import torch

    change = "scale(1)" if shape == "same" else "subsample(2) pad_channels(16)"
    model = load(text(f"{{ residual {{ {change} scale(3) }} via {mode} }}"), seed=0).eval()
    for parameter in model.parameters():
        if parameter.ndim > 1:
            torch.nn.init.zeros_(parameter)
    x = image()
    kept = x if shape == "same" else torch.cat([x, 0 * x], 1)[:, :, ::2, ::2]
    wanted = VALUES[mode](3 * kept, kept, 1 / (1 + math.exp(6)))
    with torch.no_grad():
        assert torch.allclose(model(x), wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "bias", "gates"),
    [
        ("cifar_resnet110_exclusive_gate", -6.0, 54),
        ("cifar_resnet110_exclusive_gate_7", -7.0, 54),
        ("cifar_resnet110_exclusive_gate_0", 0.0, 54),
        ("cifar_resnet110_shortcut_gate", -6.0, 54),
        ("cifar_resnet110_shortcut_gate_0", 0.0, 54),
        ("highway19", -2.0, 13),
        ("highway32", -2.0, 27),
    ],
)
def test_gates_start_at_their_bias(name: str, bias: float, gates: int) -> None:
    """What a gate makes of zeros is sigmoid(b)."""
    import torch

    found = [m for path, m in load(name, seed=0).named_modules() if path.endswith("gate")]
    assert len(found) == gates
    wanted = 1 / (1 + math.exp(-bias))
    for gate in found:
        convolution = gate.get_submodule("0")
        assert isinstance(convolution, torch.nn.Conv2d)
        output = gate(torch.zeros(1, convolution.in_channels, 3, 3))
        assert torch.allclose(output, torch.tensor(wanted), rtol=1e-6)


def test_dropout_drops_shortcuts() -> None:
    """In training half of them, and twice what is left."""
    import torch

    model = load(text("{ residual { scale(0) } via dropout_shortcut }"), seed=0).train()
    torch.manual_seed(0)
    found = model(torch.ones(1, 8, 64, 64))
    assert sorted(found.unique().tolist()) == [0, 2]
    assert abs(found.mean().item() - 1) < 0.05


def test_54_scalings_of_one_half() -> None:
    """Section 2, equation 8: what the first unit is fed reaches the last sum times 0.5^54."""
    import torch

    model = load("cifar_resnet110_constant_scale", seed=0).eval()
    for name, parameter in model.named_parameters():
        if name.endswith("bn2.weight"):
            torch.nn.init.zeros_(parameter)
    seen: dict[str, Tensor] = {}
    for name in ("layer1.0", "layer3"):
        model.get_submodule(name).register_forward_hook(
            lambda _module, fed, output, name=name: seen.update({f"{name}<": fed[0], name: output})
        )
    with torch.no_grad():
        model(image(3, 32))
    # In powers of two, and so to the bit.
    entering = seen["layer1.0<"][:, :, ::4, ::4] * 0.5**54
    assert entering.max() > 0
    assert torch.equal(seen["layer3"][:, :16], entering)
    assert not seen["layer3"][:, 16:].any()


# --- what identity shortcuts give -----------------------------------------------------------------


def test_the_gradient_of_identity_shortcuts() -> None:
    """Section 2, equation 5: dx_L/dx_l = I + d(sum of F)/dx_l, for linear mains."""
    import torch
    from torch.autograd.functional import jacobian

    lines = "network n { input 4 x 5 x 5 unit: residual { conv: conv(3, 4) } x 8 }\n"
    model = load(lines, seed=0).double()
    units = [model.get_submodule(f"unit.{i}") for i in range(8)]
    mains = [unit.get_submodule("conv") for unit in units]
    size = 4 * 5 * 5
    x = torch.randn(1, 4, 5, 5, dtype=torch.float64)
    identity = torch.eye(size, dtype=torch.float64)
    matrices = [jacobian(main, x).reshape(size, size) for main in mains]
    for first in (0, 3, 7):

        def line(x: Tensor, first: int = first) -> Tensor:
            for unit in units[first:]:
                x = unit(x)
            return x

        def sum_of_mains(x: Tensor, first: int = first) -> Tensor:
            total = torch.zeros_like(x)
            for main in mains[first:]:
                total = total + main(x + total)
            return total

        found = jacobian(line, x).reshape(size, size)
        scale = found.abs().max()
        wanted = identity + jacobian(sum_of_mains, x).reshape(size, size)
        product = identity
        for matrix in matrices[first:]:
            product = (identity + matrix) @ product
        assert (found - wanted).abs().max() <= 1e-12 * scale
        assert (found - product).abs().max() <= 1e-12 * scale


def test_a_unit_whose_last_norm_starts_at_zero_is_its_activation() -> None:
    import torch

    for unit in ("basic(8)", "bottleneck(2)", 'preact_basic(8, order="original")'):
        model = load(text(f"{{ set batchnorm(scale_init=0) {unit} }}"), seed=0).train()
        assert torch.equal(model(image()), torch.relu(image())), unit


# --- highway --------------------------------------------------------------------------------------


def test_a_highway_layer() -> None:
    """H(x) * T(x) + x * (1 - T(x)), which is near x at the start."""
    import torch

    layer = step("highway")
    with torch.no_grad():
        plain = torch.relu(layer.get_submodule("plain.0")(image()))
        gate = torch.sigmoid(layer.get_submodule("gate.0")(image()))
        assert torch.equal(layer(image()), plain * gate + image() * (1 - gate))


@pytest.mark.parametrize("input", ["8 x 9", "8 x 5 x 7", "8 x 3 x 4 x 5"])
def test_highway_layers_of_every_rank(input: str, design: DesignOf) -> None:
    found = design(text("highway_layers(4, 3, bias=-3)", input))
    window = 3 ** input.count("x")
    assert found.params == window * 8 * 4 + 4 + 2 * 2 * (window * 4 * 4 + 4)
    assert found.output[0] == 4
