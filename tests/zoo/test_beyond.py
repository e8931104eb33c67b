"""Networks beyond the papers' tables: other frameworks', of other dimensions, for other tasks.

What no library has is counted here layer by layer, and what the papers say of parameters, costs,
norms and drop rates is held against the networks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import resdsl
from resdsl import Design, SpecError
from resdsl.cli.run import run
from tests.zoo.families import every, full
from tests.zoo.norms import disturb
from tests.zoo.truth import BY_HAND, WEIGHTS, entries_of

if TYPE_CHECKING:
    import torch
    from torch import nn

DesignOf = Callable[[str], Design]
Layers = Iterator[tuple[int, int, int]]
"""Of each layer: its weights, its other parameters, and the elements of a channel it gives."""

ERRORS = Path(__file__).parent.parent / "golden" / "errors"

# --- counted by hand ------------------------------------------------------------------------------


def conv(window: int, given: int, width: int, elements: int, bias: bool = False) -> Layers:
    """A convolution; its norm has a factor and a bias for each channel."""
    yield window * given * width, width if bias else 2 * width, elements


def linear(given: int, classes: int) -> Layers:
    yield given * classes, classes, 1


def basics(
    window: int, given: int, width: int, n: int, elements: int, projected: bool = True
) -> Layers:
    """Basic blocks of a stage; its first one projects."""
    for i in range(n):
        yield from conv(window, width if i else given, width, elements)
        yield from conv(window, width, width, elements)
        if i == 0 and projected:
            yield from conv(1, given, width, elements)


def bottlenecks(window: int, given: int, width: int, n: int, before: int, elements: int) -> Layers:
    """Bottlenecks of a stage, whose first works on what was before."""
    for i in range(n):
        yield from conv(1, 4 * width if i else given, width, elements if i else before)
        yield from conv(window, width, width, elements)
        yield from conv(1, width, 4 * width, elements)
        if i == 0:
            yield from conv(1, given, 4 * width, elements)


def resnet(depths: list[int], rank: int, channels: int, extent: int, classes: int) -> Layers:
    """A bottleneck network of one of ResNet's depths, on 3**rank windows."""
    maps = [(extent // 2 ** (i + 1)) ** rank for i in range(5)]
    yield from conv(7**rank, channels, 64, maps[0])
    given, before = 64, maps[1]
    for i, n in enumerate(depths):
        yield from bottlenecks(3**rank, given, 64 * 2**i, n, before, maps[i + 1])
        given, before = 256 * 2**i, maps[i + 1]
    yield from linear(given, classes)


def resnet34_paddle() -> Layers:
    yield from conv(49, 3, 64, 112**2)
    for given, width, n, extent in (
        (64, 64, 3, 56),
        (64, 128, 4, 28),
        (128, 256, 6, 14),
        (256, 512, 3, 7),
    ):
        yield from basics(9, given, width, n, extent**2)
    yield from linear(512, 1000)


def tensorflow_resnet() -> Layers:
    yield from conv(9, 3, 16, 32**2)
    for given, width, extent in ((16, 16, 32), (16, 32, 16), (32, 64, 8)):
        yield from basics(9, given, width, 3, extent**2, projected=False)
    yield from linear(64, 10)


def audio_resnet() -> Layers:
    yield from conv(80, 1, 48, 32_000 // 4)
    yield from basics(3, 48, 48, 3, 2_000, projected=False)
    for given, width, n, extent in ((48, 96, 4, 500), (96, 192, 6, 125), (192, 384, 3, 31)):
        yield from basics(3, given, width, n, extent)
    yield from linear(384, 10)


VIDEO = [16 * 56**2, 8 * 28**2, 4 * 14**2, 2 * 7**2]


def r3d_18() -> Layers:
    yield from conv(3 * 49, 3, 64, VIDEO[0])
    yield from basics(27, 64, 64, 2, VIDEO[0], projected=False)
    for width, elements in zip((128, 256, 512), VIDEO[1:], strict=True):
        yield from basics(27, width // 2, width, 2, elements)
    yield from linear(512, 400)


def mc3_18() -> Layers:
    yield from conv(3 * 49, 3, 64, VIDEO[0])
    yield from basics(27, 64, 64, 2, VIDEO[0], projected=False)
    for width, extent in ((128, 28), (256, 14), (512, 7)):
        yield from basics(9, width // 2, width, 2, 16 * extent**2)
    yield from linear(512, 400)


def r2plus1d_18() -> Layers:
    yield from conv(49, 3, 45, VIDEO[0])
    yield from conv(3, 45, 64, VIDEO[0])
    given, frames = 64, 16
    for width, extent, after in ((64, 56, 16), (128, 28, 8), (256, 14, 4), (512, 7, 2)):
        for block in range(2):
            # As 3x3x3 from `given` to `width` channels has, rounded down.
            inner = 27 * given * width // (9 * given + 3 * width)
            # In space first, for all frames that come in.
            yield from conv(9, given, inner, frames * extent**2)
            yield from conv(3, inner, width, after * extent**2)
            yield from conv(9, width, inner, after * extent**2)
            yield from conv(3, inner, width, after * extent**2)
            if block == 0 and given != width:
                yield from conv(1, given, width, after * extent**2)
            given, frames = width, after
    yield from linear(512, 400)


def unet() -> Layers:
    """At 256 x 256."""
    widths = [3, 64, 128, 256, 512, 1024]
    for i, (given, width) in enumerate(pairwise(widths)):
        yield from conv(9, given, width, (256 >> i) ** 2)
        yield from conv(9, width, width, (256 >> i) ** 2)
    for i, width in reversed(list(enumerate(widths[1:-1]))):
        # Of a transposed convolution each element that comes in meets each weight.
        yield from conv(4, 2 * width, width, (256 >> (i + 1)) ** 2, bias=True)
        yield from conv(9, 2 * width, width, (256 >> i) ** 2)
        yield from conv(9, width, width, (256 >> i) ** 2)
    yield from conv(1, 64, 1, 256**2, bias=True)


COUNTED: dict[str, Callable[[], Layers]] = {
    "resnet200": lambda: resnet([3, 24, 36, 3], 2, 3, 224, 1000),
    "resnet34_paddle": resnet34_paddle,
    "tensorflow_resnet": tensorflow_resnet,
    "audio_resnet": audio_resnet,
    "r3d_18": r3d_18,
    "mc3_18": mc3_18,
    "r2plus1d_18": r2plus1d_18,
    "volume_resnet50": lambda: resnet([3, 4, 6, 3], 3, 1, 64, 2),
    "resnet50_groupnorm": lambda: resnet([3, 4, 6, 3], 2, 3, 224, 1000),
    "resnet50_multilabel": lambda: resnet([3, 4, 6, 3], 2, 3, 448, 80),
    "unet": unet,
}

# Where a network has no size of its own.
EXTENTS = {"unet": (256, 256)}


@pytest.mark.parametrize("name", COUNTED)
def test_counted_by_hand(name: str, design: DesignOf) -> None:
    layers = list(COUNTED[name]())
    found = design(name)
    if name in EXTENTS:
        found = found.at(*EXTENTS[name])
    assert found.params == sum(weights + others for weights, others, _ in layers)
    assert found.macs == sum(weights * elements for weights, _, elements in layers)
    assert found.facts.cost.convs + found.facts.cost.linears == len(layers)


def test_all_that_say_so_are_counted_here() -> None:
    """And the layers' count is right where the truth has it too."""
    assert set(COUNTED) <= BY_HAND
    layers = list(resnet([3, 4, 6, 3], 2, 3, 224, 1000))
    entry = entries_of("resnet50")[0]
    assert sum(weights + others for weights, others, _ in layers) == entry["params"]
    assert sum(weights * elements for weights, _, elements in layers) == entry["macs_224x224"]


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("r3d_18", "R3D_18_Weights"),
        ("mc3_18", "MC3_18_Weights"),
        ("r2plus1d_18", "R2Plus1D_18_Weights"),
    ],
)
def test_torchvision_s_own_figures(
    name: str, weights: str, design: DesignOf, torchvision: ModuleType
) -> None:
    """Those in the documentation of its weights: billions of MACs, which it calls operations."""
    meta = getattr(torchvision.models.video, weights).DEFAULT.meta
    macs = design(name).macs
    assert macs is not None
    assert (design(name).params, round(macs / 1e9, 3)) == (meta["num_params"], meta["_ops"])


# --- against modules that others wrote ------------------------------------------------------------


def same_outputs(ours: nn.Module, theirs: nn.Module, *sizes: tuple[int, ...]) -> None:
    import torch

    ours.load_state_dict(theirs.state_dict(), strict=True)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for size in sizes:
        x = torch.randn(2, *size, generator=torch.Generator().manual_seed(1))
        with torch.no_grad():
            assert torch.equal(ours.eval()(x), theirs.eval()(x)), size


@pytest.mark.parametrize("name", ["r3d_18", "mc3_18", "r2plus1d_18"])
def test_torchvision_s_video_networks_with_norms_that_do_something(
    name: str, torchvision: ModuleType
) -> None:
    """The oracles' leave norms of three dimensions as they begin."""
    theirs = getattr(torchvision.models.video, name)()
    disturb(theirs)
    same_outputs(resdsl.load(name, seed=0), theirs, (3, 3, 17, 31))


@full
def test_resnet200_is_timm_s(timm: ModuleType, design: DesignOf) -> None:
    """timm has no name for it, but its blocks and its class."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    kinds = timm.models.resnet
    with torch.device("meta"):
        whole = kinds.ResNet(kinds.Bottleneck, (3, 24, 36, 3))
        assert sum(p.numel() for p in whole.parameters()) == design("resnet200").params
        with FlopCounterMode(display=False) as counter:
            whole(torch.empty(1, 3, 224, 224))
    assert counter.get_total_flops() // 2 == design("resnet200").macs
    theirs = kinds.ResNet(kinds.Bottleneck, (3, 24, 36, 3))
    disturb(theirs)
    same_outputs(resdsl.load("resnet200", seed=0), theirs, (3, 33, 49))


def projected(model: nn.Module) -> nn.Module:
    """torchvision's network as PaddleClas has it."""
    from torch import nn

    first: Any = model.layer1[0]  # type: ignore[index,union-attr]
    first.downsample = nn.Sequential(nn.Conv2d(64, 64, 1, bias=False), nn.BatchNorm2d(64))
    return model


@pytest.mark.parametrize("depth", [18, 34])
def test_paddle_projects_in_the_first_stage(depth: int, torchvision: ModuleType) -> None:
    theirs = projected(getattr(torchvision.models, f"resnet{depth}")())
    disturb(theirs)
    same_outputs(resdsl.load(f"resnet{depth}_paddle", seed=0), theirs, (3, 64, 96), (3, 65, 97))


def test_mnist_projects_by_3x3(torchvision: ModuleType) -> None:
    """The tutorial's network, of torchvision's basic block."""
    from torch import nn

    def stage(given: int, width: int, stride: int) -> nn.Sequential:
        block = torchvision.models.resnet.BasicBlock
        change = None
        if given != width:
            convolution = nn.Conv2d(given, width, 3, stride, 1, bias=False)
            change = nn.Sequential(convolution, nn.BatchNorm2d(width))
        return nn.Sequential(block(given, width, stride, change), block(width, width))

    class Tutorial(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 16, 3, padding=1, bias=False)
            self.bn = nn.BatchNorm2d(16)
            self.layer1 = stage(16, 16, 1)
            self.layer2 = stage(16, 32, 2)
            self.layer3 = stage(32, 64, 2)
            self.fc = nn.Linear(64, 10)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.bn(self.conv(x)).relu()
            x = self.layer3(self.layer2(self.layer1(x)))
            x = nn.functional.avg_pool2d(x, 8)
            out: torch.Tensor = self.fc(x.flatten(1))
            return out

    theirs = Tutorial()
    disturb(theirs)
    same_outputs(resdsl.load("mnist_resnet", seed=0), theirs, (1, 32, 32), (1, 29, 33))


POOLS = "if stride != 1 { maxpool(stride, ceil=true) }"


def tensorflow_text(unit: str) -> str:
    return f"""
block unit(width: int, stride: size = 1) {{ {unit} }}
network n {{
    input 3 x 33 x 47
    conv: conv(3, 16)
    bn: norm
    relu: act
    stage group1:    unit(16) x 3
    stage group2 /2: unit(32) x 3
    stage group3 /2: unit(64) x 3
    avgpool: global_avgpool
    flatten
    fc: linear(10)
}}
"""


MAIN = "conv1: conv(3, width) bn1: norm act conv2: conv(3, width) bn2: norm"


def test_tensorflow_pools_before_or_in_both_branches() -> None:
    """With the library's `max_pool_pad`, which pools by itself, it is the same function."""
    theirs = resdsl.load("tensorflow_resnet", seed=0)
    disturb(theirs)
    text = tensorflow_text(f"residual {{ {POOLS} {MAIN} }} via max_pool_pad")
    same_outputs(resdsl.load(text), theirs, (3, 32, 32), (3, 33, 47))


def test_tensorflow_s_block() -> None:
    """A pool, the sum of two convolutions and zeros behind the pooled channels, and no more."""
    import torch
    from torch.nn import functional

    model = resdsl.load("tensorflow_resnet", seed=0)
    disturb(model)
    block: Any = model.eval().group2[0]  # type: ignore[index,union-attr]
    x = torch.randn(2, 16, 7, 8, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        found = block(x)
        pooled = functional.max_pool2d(x, 2, ceil_mode=True)
        main = block.bn2(block.conv2(block.bn1(block.conv1(pooled)).relu()))
        assert torch.equal(found[:, :16], main[:, :16] + pooled)
        assert torch.equal(found[:, 16:], main[:, 16:])
    assert found.min() < 0


def test_tensorflow_s_other_block_cannot_be_added() -> None:
    text = tensorflow_text(f"{POOLS} residual {{ {MAIN} }} via {{ conv(1, width, stride=2) }}")
    with pytest.raises(SpecError, match=r"main gives 16x33x47, the shortcut 16x17x24"):
        resdsl.design(text)
    report = resdsl.check(ERRORS / "tensorflow_projection.res")
    assert [one.code.id for one in report.diagnostics] == ["E0501"]


# --- sizes ----------------------------------------------------------------------------------------


def check(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    capsys.readouterr()
    status = run(["check", *arguments])
    found = capsys.readouterr()
    return status, found.out, found.err


def test_mnist_at_32(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = check("mnist_resnet", "--input", "1x32x32", capsys=capsys)
    assert (status, out.partition(",")[0]) == (0, "mnist_resnet: ok")


def test_mnist_at_28_is_refused_at_the_pool(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = check("mnist_resnet", "--input", "1x28x28", capsys=capsys)
    assert status == 1
    assert "`avgpool` needs a map of at least 8x8, but gets 7x7" in err
    assert "avg_pool: avgpool(8)" in err
    assert "H >= 29 and W >= 29" in err


def test_torch_refuses_mnist_where_the_check_does() -> None:
    """Wherever the pool does not leave one element."""
    import torch

    module = resdsl.load("mnist_resnet", seed=0).to("meta")
    sizes = resdsl.design("mnist_resnet").sizes()
    for extent in (*range(26, 34), 59, 60, 61, 62):
        x = torch.empty(2, 1, extent, 40, device="meta")
        if sizes.allows((extent, 40)):
            module(x)
        else:
            with pytest.raises(RuntimeError):
                module(x)


def test_unet_takes_multiples_of_16(design: DesignOf) -> None:
    import torch

    assert "H % 16 == 0 and W % 16 == 0" in design("unet").sizes().text()
    with pytest.raises(SpecError, match="H % 16 == 0"):
        design("unet").at(64, 72)
    module = resdsl.load("unet", seed=0).to("meta")
    assert module(torch.empty(1, 3, 64, 80, device="meta")).shape == (1, 1, 64, 80)
    with pytest.raises(RuntimeError):
        module(torch.empty(1, 3, 64, 72, device="meta"))


def test_unet_of_another_width() -> None:
    """A quarter of the channels has about a sixteenth of the weights, and the same sizes."""
    found = resdsl.design("unet", width=16, classes=5)
    assert found.at(32, 48).output == (5, 32, 48)
    assert 15.9 < resdsl.design("unet").params / found.params < 16.1
    assert found.sizes().text() == resdsl.design("unet").sizes().text()


def test_unet_s_decoder_is_given_the_encoder_s_maps() -> None:
    """First the map of the encoder, then what comes from below."""
    import torch

    model: Any = resdsl.load("unet", width=4, seed=0).eval()
    x = torch.randn(1, 3, 16, 32, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        wanted = model(x)
        levels = []
        for i in range(1, 5):
            x = getattr(model, f"down{i}")(x)
            levels.append(x)
            x = torch.nn.functional.max_pool2d(x, 2)
        x = model.bottom(x)
        for i in range(4, 0, -1):
            x = torch.cat([levels.pop(), getattr(model, f"expand{i}")(x)], 1)
            x = getattr(model, f"up{i}")(x)
        assert torch.equal(wanted, model.head(x))


# --- forward and backward -------------------------------------------------------------------------

# The video networks have more than two elements for each norm, whose result would else be +-1.
SMALL = {
    "audio_resnet": (1, 2048),
    "mc3_18": (3, 2, 32, 32),
    "mnist_resnet": (1, 32, 32),
    "r2plus1d_18": (3, 4, 32, 32),
    "r3d_18": (3, 4, 32, 32),
    "resnet18_paddle": (3, 32, 48),
    "resnet50_stochastic_depth": (3, 32, 48),
    "tensorflow_resnet": (3, 16, 16),
    "unet": (3, 16, 16),
    "volume_resnet50": (1, 33, 33, 33),
}


def gradients(model: nn.Module, loss: torch.Tensor) -> None:
    """Each parameter has one, and it says something."""
    loss.backward()
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None, key
        assert parameter.grad.isfinite().all(), key
        assert parameter.grad.any(), key


@pytest.mark.parametrize("name", every(2, SMALL))
def test_forward_and_backward(name: str) -> None:
    import torch

    torch.manual_seed(0)
    model = resdsl.load(name, seed=0)
    for module in model.modules():
        # What is dropped at random has no gradient at random.
        if type(module).__name__ == "DropPath":
            module.eval()
    gradients(model, model(torch.randn(2, *SMALL[name])).square().mean())


def test_several_labels_at_once() -> None:
    """Its output is logits, several above zero, which the loss takes as they are."""
    import torch

    torch.manual_seed(0)
    model = resdsl.load("resnet50_multilabel", seed=0)
    logits = model(torch.randn(2, 3, 32, 48))
    assert logits.shape == (2, 80)
    assert logits.min() < 0
    assert ((logits > 0).sum(1) > 1).all()
    target = torch.zeros(2, 80).index_fill(1, torch.tensor([3, 7]), 1)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, target)
    gradients(model, loss)


def test_group_norms_have_16_channels_a_group() -> None:
    """Throughout; a sample's result does not depend on the batch, nor on the mode."""
    import torch

    torch.manual_seed(0)
    model = resdsl.load("resnet50_groupnorm", seed=0)
    norms = [m for m in model.modules() if isinstance(m, torch.nn.GroupNorm)]
    assert len(norms) == 53
    assert {norm.num_channels // norm.num_groups for norm in norms} == {16}
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in model.modules())
    x = torch.randn(2, 3, 33, 49)
    with torch.no_grad():
        alone = model.eval()(x[:1])
    together = model.train()(x)
    torch.testing.assert_close(alone, together[:1], rtol=1e-4, atol=1e-4)
    gradients(model, together.square().mean())


# --- rules of the papers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "weights"), [("basic(256)", 1_179_648), ("bottleneck(64)", 69_632)]
)
def test_what_a_bottleneck_saves(unit: str, weights: int, design: DesignOf) -> None:
    """At 256 channels: two 3x3 convolutions, or one of 64 channels between two 1x1."""
    found = design(f"network n {{\n input 256 x 14 x 14\n {unit}\n}}\n")
    assert found.params_without_norm == weights
    assert found.macs == weights * 14 * 14


def test_every_pair_of_3x3_costs_the_same(skeleton: Callable[[str], nn.Module]) -> None:
    """A map a quarter as large has twice the channels: He et al. 2015, section 3.3."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    module = skeleton("resnet34").eval()
    with FlopCounterMode(display=False) as counter:
        module(torch.empty(1, 3, 224, 224, device="meta"))
    flops = counter.get_flop_counts()
    pairs = {
        key.partition(".")[2]: sum(of_operator.values()) // 2
        for key, of_operator in flops.items()
        if key.count(".") == 2 and key.split(".")[1].startswith("layer")
    }
    strided = {f"layer{i}.0" for i in (2, 3, 4)}
    assert len(pairs) == 16
    assert {cost for key, cost in pairs.items() if key not in strided} == {231_211_008}
    assert 231_211_008 not in {pairs[key] for key in strided}


def test_every_stage_of_resnet34_is_made_of_these_pairs(design: DesignOf) -> None:
    """Its first pair has half of one convolution, and a projection of a ninth of that."""
    pair = 231_211_008
    first = pair * 3 // 4 + pair // 36
    found = [row.cost.macs for row in design("resnet34").stages if row.name.startswith("layer")]
    assert found == [3 * pair, first + 3 * pair, first + 5 * pair, first + 2 * pair]


def test_the_running_variance_is_the_unbiased_one() -> None:
    """Ioffe and Szegedy 2015, 1502.03167, Algorithm 2. A batch is normalised by the biased one."""
    import torch

    model: Any = resdsl.load("network n {\n input 3 x 4 x 5\n bn: norm\n}\n").double()
    x = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    y = model.train()(x)
    n = 2 * 4 * 5
    mean = x.mean((0, 2, 3))
    spread = (x - mean.view(1, 3, 1, 1)).square().sum((0, 2, 3))
    torch.testing.assert_close(model.bn.running_mean, 0.1 * mean)
    torch.testing.assert_close(model.bn.running_var, 0.9 + 0.1 * spread / (n - 1))
    scale = (spread / n + 1e-5).sqrt().view(1, 3, 1, 1)
    torch.testing.assert_close(y, (x - mean.view(1, 3, 1, 1)) / scale)


def drop_rates(model: nn.Module) -> list[float]:
    """Of the blocks in their order; one that has no such step drops nothing."""
    rates = []
    for i in range(1, 5):
        for block in getattr(model, f"layer{i}"):
            found = [m.p for m in block.modules() if type(m).__name__ == "DropPath"]
            assert len(found) <= 1
            rates.append(found[0] if found else 0.0)
    return rates


@pytest.mark.parametrize("last", [0.2, 0.5])
def test_drop_rates_rise_linearly_from_0(last: float) -> None:
    model = resdsl.load("resnet50_stochastic_depth", drop_rate=last, device="meta")
    assert drop_rates(model) == pytest.approx([last * k / 15 for k in range(16)], abs=1e-12)


def test_without_a_drop_rate_there_is_no_step() -> None:
    found = resdsl.design("resnet50_stochastic_depth", drop_rate=0.0)
    assert "DropPath" not in found.source()
    assert "DropPath" in resdsl.design("resnet50_stochastic_depth").source()


def test_drop_rates_are_timm_s(timm: ModuleType) -> None:
    theirs = timm.create_model("resnet50", drop_path_rate=0.2)
    wanted = [
        getattr(block.drop_path, "drop_prob", 0.0) if block.drop_path is not None else 0.0
        for i in range(1, 5)
        for block in getattr(theirs, f"layer{i}")
    ]
    assert WEIGHTS["resnet50_stochastic_depth"]["options"]["drop_path_rate"] == 0.2
    found = drop_rates(resdsl.load("resnet50_stochastic_depth", device="meta"))
    assert found == pytest.approx(wanted, abs=1e-9)


def test_a_main_is_dropped_as_often_as_its_rate_says() -> None:
    """Of 4,000 samples, and what is kept is scaled so that the mean stays."""
    import torch

    text = "network n {\n input 4 x 3 x 3\n residual { conv(1, 4) drop_path(0.3) }\n}\n"
    model = resdsl.load(text, seed=0).train()
    torch.manual_seed(0)
    x = torch.randn(1, 4, 3, 3).expand(4000, -1, -1, -1)
    with torch.no_grad():
        main = model(x) - x
        whole = model.eval()(x)[0] - x[0]
    dropped = (main == 0).flatten(1).all(1)
    assert 0.27 < dropped.float().mean() < 0.33
    torch.testing.assert_close(main[~dropped][0], whole / 0.7, rtol=1e-4, atol=1e-5)
