"""ResNeXt and Wide ResNet: counted by hand, and the wide block against its authors' structure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

import resdsl
from resdsl import Design, SpecError
from resdsl.api import zoo
from tests.zoo.truth import entries_of

if TYPE_CHECKING:
    import torch
    from torch import nn

DesignOf = Callable[[str], Design]


# --- counted by hand ------------------------------------------------------------------------------


@dataclass
class Count:
    """Weights and elements of norms, and multiply-accumulates, layer by layer."""

    weights: int = 0
    norms: int = 0
    macs: int = 0

    def conv(self, k: int, inputs: int, outputs: int, extent: int, groups: int = 1) -> None:
        weights = k * k * (inputs // groups) * outputs
        self.weights += weights
        self.macs += weights * extent * extent

    def norm(self, channels: int) -> None:
        self.norms += 2 * channels

    def linear(self, inputs: int, outputs: int) -> None:
        self.weights += inputs * outputs + outputs
        self.macs += inputs * outputs

    @property
    def totals(self) -> tuple[int, int, int]:
        return self.weights + self.norms, self.weights, self.macs


def resnext(
    depths: list[int], cardinality: int, base_width: int, *, cifar: bool = False, form: str = "c"
) -> Count:
    """A ResNeXt in one of the forms of its blocks."""
    count = Count()
    extent, channels = (32, 64) if cifar else (112, 64)
    count.conv(3 if cifar else 7, 3, channels, extent)
    count.norm(channels)
    if not cifar:
        extent //= 2
    for stage, blocks in enumerate(depths):
        width = 64 * 2**stage
        path = width * base_width // 64
        for block in range(blocks):
            after = extent // 2 if stage and not block else extent
            # In form (c) one path of all groups, in the others one for each.
            paths, groups = (1, cardinality) if form == "c" else (cardinality, 1)
            inner = path * groups
            for _ in range(paths):
                count.conv(1, channels, inner, extent)
                count.norm(inner)
                count.conv(3, inner, inner, after, groups)
                count.norm(inner)
                if form != "b":
                    count.conv(1, inner, 4 * width, after)
            if form == "b":
                count.conv(1, paths * inner, 4 * width, after)
            count.norm(4 * width)
            if not block:
                count.conv(1, channels, 4 * width, after)
                count.norm(4 * width)
            channels, extent = 4 * width, after
    count.linear(channels, 10 if cifar else 1000)
    return count


def wide_resnet(depth: int, widen: int) -> Count:
    """A WRN of depth 6n + 4, dropout or not."""
    blocks, rest = divmod(depth - 4, 6)
    assert not rest
    count = Count()
    extent, channels = 32, 16
    count.conv(3, 3, channels, extent)
    for stage in range(3):
        width = 16 * 2**stage * widen
        for block in range(blocks):
            if stage and not block:
                extent //= 2
            count.norm(channels)
            count.conv(3, channels, width, extent)
            count.norm(width)
            count.conv(3, width, width, extent)
            if channels != width:
                count.conv(1, channels, width, extent)
            channels = width
    count.norm(channels)
    count.linear(channels, 10)
    return count


DEPTHS = {50: [3, 4, 6, 3], 101: [3, 4, 23, 3]}
COUNTS = {
    **{
        f"resnext{depth}_{c}x{d}d": resnext(DEPTHS[depth], c, d)
        for depth, c, d in [
            *[(depth, c, d) for depth in DEPTHS for c, d in [(1, 64), (2, 40), (4, 24), (8, 14)]],
            *[(101, c, d) for c, d in [(32, 4), (2, 64), (64, 4), (32, 16), (32, 32)]],
        ]
    },
    "resnet101_1x100d": resnext(DEPTHS[101], 1, 100),
    **{f"resnext50_32x4d_{form}": resnext(DEPTHS[50], 32, 4, form=form) for form in "abc"},
    **{f"cifar_resnext29_{c}x64d": resnext([3, 3, 3], c, 64, cifar=True) for c in (8, 16)},
    "cifar_resnext29": resnext([3, 3, 3], 8, 64, cifar=True),
    **{
        f"wrn_{depth}_{k}": wide_resnet(depth, k)
        for depth, k in [
            *[(16, 4), (16, 8), (22, 8), (28, 10), (28, 12)],
            *[(40, 1), (40, 2), (40, 4), (40, 8)],
        ]
    },
    "wrn_28_10_dropout": wide_resnet(28, 10),
    "wrn_40_4_dropout": wide_resnet(40, 4),
    "wrn": wide_resnet(28, 10),
}
FILES = ["resnext", "resnext50_forms", "cifar_resnext", "wrn"]


@pytest.mark.parametrize("name", COUNTS)
def test_counted_by_hand(name: str, design: DesignOf) -> None:
    found = design(name)
    assert (found.params, found.params_without_norm, found.macs) == COUNTS[name].totals


def test_every_network_is_counted() -> None:
    found = {name for name, entry in zoo.entries().items() if entry.path.stem in FILES}
    assert found == set(COUNTS)


def test_the_count_is_that_of_the_truth() -> None:
    """The arithmetic above against the reference builders, without resdsl."""
    compared = 0
    for name, count in COUNTS.items():
        for entry in entries_of(name):
            macs = entry.get("macs", entry.get("macs_224x224"))
            assert count.totals == (entry["params"], entry["params_excl_bn"], macs), name
            compared += 1
    assert compared >= 20


# --- what the papers print ------------------------------------------------------------------------

TABLE_2 = [(1, 64, 64), (2, 40, 80), (4, 24, 96), (8, 14, 112), (32, 4, 128)]


@pytest.mark.parametrize(("cardinality", "base_width", "inner"), TABLE_2)
@pytest.mark.parametrize("form", ["a", "b", "c"])
def test_resnext_table_2(
    cardinality: int, base_width: int, inner: int, form: str, design: DesignOf
) -> None:
    """C * (256 * d + 3 * 3 * d * d + d * 256), about 70k, in the template of conv2."""
    call = f'aggregated(64, cardinality={cardinality}, base_width={base_width}, form="{form}")'
    found = design(
        "from std.resnext import aggregated\n\n"
        f"network template {{\n    input 256 x 56 x 56\n    {call}\n}}\n"
    )
    d = base_width
    assert found.params_without_norm == cardinality * (256 * d + 3 * 3 * d * d + d * 256)
    assert round(found.params_without_norm, -4) == 70_000
    assert found.params - found.params_without_norm == 2 * (inner + inner + 256)


@pytest.mark.parametrize("depth", [50, 101])
def test_resnext_table_3(depth: int, design: DesignOf) -> None:
    """The complexity of ResNet is kept to 4.4 %."""
    names = [f"resnext{depth}_{kind}" for kind in ("2x40d", "4x24d", "8x14d", "32x4d")]
    resnet = design(f"resnet{depth}").macs
    assert all(0 < design(name).macs / resnet - 1 < 0.044 for name in names)


def test_resnext_table_4(design: DesignOf) -> None:
    """Twice the complexity of ResNet-101, in three ways."""
    names = ["resnet101_1x100d", "resnext101_2x64d", "resnext101_64x4d"]
    assert [round(design(name).macs / design("resnet101").macs) for name in names] == [2, 2, 2]


def test_one_group_is_resnet(design: DesignOf) -> None:
    def text(name: str) -> str:
        source = design(name).source()
        return source[source.index("class Bottleneck") : source.index("class Res")]

    assert text("resnext50_1x64d") == text("resnet50")
    assert text("resnext50_2x40d") != text("resnet50")


@pytest.mark.parametrize("block", ["bottleneck", 'aggregated(form="a")', "aggregated"])
def test_a_group_s_width_is_rounded_down_first(block: str, design: DesignOf) -> None:
    """As in timm: 100 * 4 / 64 makes 6 channels in each of 8 groups, 48 and not 50 in all."""
    name, _, bound = block.partition("(")
    arguments = f"cardinality=8, base_width=4, expansion=1, {bound.removesuffix(')')}"
    found = design(
        "from std.resnext import aggregated\n\n"
        f"network rounded {{\n    input 100 x 9 x 9\n    {name}(100, {arguments})\n}}\n"
    )
    assert found.params_without_norm == 100 * 48 + 9 * 6 * 48 + 48 * 100


def test_paths_are_of_equal_width(design: DesignOf) -> None:
    with pytest.raises(SpecError, match="inner % cardinality == 0"):
        design(
            "from std.resnext import aggregated\n\n"
            "network unequal {\n    input 8 x 9 x 9\n    aggregated(8, cardinality=4, inner=6)\n}\n"
        )


def aggregated(form: str, *arguments: str) -> str:
    call = ", ".join(["8", "cardinality=4", "inner=8", f'form="{form}"', *arguments])
    return (
        "from std.resnext import aggregated\n\n"
        f"network one {{\n    input 16 x 9 x 9\n    block: aggregated({call})\n}}\n"
    )


@pytest.mark.parametrize(
    "argument",
    ["stride=2x1", "expansion=3", "shortcut=zero_pad", "shortcut=none", "tail=conv(1, 32)"],
)
def test_arguments_mean_the_same_in_every_form(argument: str, design: DesignOf) -> None:
    def costs(*arguments: str) -> tuple[object, ...]:
        found = design(aggregated(*arguments))
        return found.params, found.macs, found.output

    forms = [costs(form, argument) for form in "abc"]
    assert forms[0] == forms[1] == forms[2] != costs("c")


@pytest.mark.parametrize("form", ["a", "b", "c"])
def test_dilation_in_every_form(form: str) -> None:
    text = aggregated(form, "dilation=2")
    right, wrong = (
        text.replace("\n}", f"\n    expect receptive_field(block) == {extent}\n}}")
        for extent in ("5x5", "3x3")
    )
    assert resdsl.check(right).ok
    assert not resdsl.check(wrong).ok


def test_form_c_is_the_bottleneck(skeleton: Callable[[str], nn.Module]) -> None:
    found = [list(skeleton(f"resnext50_32x4d{form}").state_dict()) for form in ("", "_c", "_b")]
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("cifar_resnext29_8x64d", "34.4M"),
        ("wrn_40_1", "0.6M"),
        ("wrn_40_2", "2.2M"),
        ("wrn_40_4", "8.9M"),
        ("wrn_40_8", "35.7M"),
        ("wrn_28_10", "36.5M"),
        ("wrn_28_12", "52.5M"),
        ("wrn_22_8", "17.2M"),
        ("wrn_16_8", "11.0M"),
        ("wrn_16_4", "2.7M"),
    ],
)
def test_parameters_as_printed(name: str, printed: str, design: DesignOf) -> None:
    """In the papers' tables."""
    assert f"{design(name).params / 1e6:.1f}M" == printed


def test_16x64d_is_printed_without_norms(design: DesignOf) -> None:
    found = design("cifar_resnext29_16x64d")
    assert (found.params, found.params_without_norm) == (68_155_210, 68_054_730)
    assert f"{found.params_without_norm / 1e6:.1f}M" == "68.1M"


# --- the wide block -------------------------------------------------------------------------------


def reference(state: dict[str, torch.Tensor], x: torch.Tensor, *, train: bool) -> torch.Tensor:
    """szagoruyko's wide-resnet.lua, with weights by our keys. `train` uses the batch's statistics.

    Norm and ReLU stand before the fork where the width changes, and in main alone where it stays.
    """
    from torch.nn import functional as F  # noqa: N812

    def activated(x: torch.Tensor, key: str) -> torch.Tensor:
        mean, var = state[f"{key}.running_mean"].clone(), state[f"{key}.running_var"].clone()
        weight, bias = state[f"{key}.weight"], state[f"{key}.bias"]
        return F.relu(F.batch_norm(x, mean, var, weight, bias, train))

    def block(x: torch.Tensor, key: str, stride: int) -> torch.Tensor:
        first, second = state[f"{key}.conv1.weight"], state[f"{key}.conv2.weight"]
        before = activated(x, f"{key}.bn1")
        main = F.conv2d(before, first, stride=stride, padding=1)
        main = F.conv2d(activated(main, f"{key}.bn2"), second, padding=1)
        if first.shape[0] == first.shape[1]:
            return x + main
        return F.conv2d(before, state[f"{key}.downsample.0.weight"], stride=stride) + main

    x = F.conv2d(x, state["conv1.weight"], padding=1)
    for stage in (1, 2, 3):
        for index in range(sum(f"layer{stage}.{i}.conv1.weight" in state for i in range(9))):
            x = block(x, f"layer{stage}.{index}", 2 if stage > 1 and not index else 1)
    x = activated(x, "bn").mean((2, 3))
    return F.linear(x, state["fc.weight"], state["fc.bias"])


def lively(model: nn.Module) -> nn.Module:
    """In float64, with norms that are not the identity."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight.data, module.running_var):
                assert tensor is not None
                tensor.uniform_(0.5, 1.5)
            for tensor in (module.bias.data, module.running_mean):
                assert tensor is not None
                tensor.normal_(std=0.5)
    return model.double()


@pytest.mark.parametrize("train", [False, True])
@pytest.mark.parametrize("k", [1, 2])
@pytest.mark.parametrize("size", [(16, 16), (13, 18)])
def test_wrn_is_its_authors(size: tuple[int, int], k: int, train: bool) -> None:
    """Where k is 1, the first block keeps the width, and its identity is not activated."""
    import torch

    model = lively(resdsl.load("wrn", n=2, k=k, seed=0))
    state = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    assert ("layer1.0.downsample.0.weight" in state) == (k != 1)
    x = torch.randn(3, 3, *size, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        ours, theirs = model.train(train)(x), reference(state, x, train=train)
    assert (ours - theirs).abs().max() <= 1e-12 * theirs.abs().max()


# --- dropout --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "blocks"), [("wrn_28_10", 12), ("wrn_40_4", 18)])
def test_dropout_stands_in_every_block(
    name: str, blocks: int, skeleton: Callable[[str], nn.Module]
) -> None:
    from torch import nn

    def rates(name: str) -> Iterator[float]:
        for module in skeleton(name).modules():
            if isinstance(module, nn.Dropout):
                yield module.p

    assert list(rates(f"{name}_dropout")) == [0.3] * blocks
    assert list(rates(name)) == []
    assert list(skeleton(f"{name}_dropout").state_dict()) == list(skeleton(name).state_dict())


def test_dropout_is_for_training() -> None:
    """There it differs from run to run; in evaluation it is not there at all."""
    import torch

    model = lively(resdsl.load("wrn", n=1, k=2, dropout_rate=0.3, seed=0))
    without = lively(resdsl.load("wrn", n=1, k=2, seed=0))
    x = torch.randn(2, 3, 16, 16, dtype=torch.float64)
    with torch.no_grad():
        assert torch.equal(model.eval()(x), without.eval()(x))
        assert torch.equal(model(x), model(x))
        torch.manual_seed(1)
        first, second = (model.train()(x) for _ in range(2))
        assert not torch.equal(first, second)
        assert not torch.equal(first, without.train()(x))
        torch.manual_seed(1)
        assert torch.equal(first, model.train()(x))


def test_dropout_stands_between_the_convolutions() -> None:
    """At a rate of almost 1 nothing comes through main, and the shortcut alone is left."""
    import torch

    text = """from std.wide import wide_basic

network wide {
    input 4 x 9 x 9
    wide_basic(4, dropout_rate=0.999999)
}
"""
    model = resdsl.load(text, seed=0).train()
    torch.manual_seed(0)
    x = torch.randn(2, 4, 9, 9)
    with torch.no_grad():
        assert torch.equal(model(x), x)
        assert not torch.equal(model.eval()(x), x)
