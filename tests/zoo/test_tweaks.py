"""ResNet-C, D, S, T, AA, RS and TS, and squeeze and excitation in them, counted anew.

Parameters, MACs and depth of every one of these networks, from its description below in plain
arithmetic: those that the truth lacks are proved by it, the others prove the arithmetic.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as but
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import resdsl
from resdsl import Design
from resdsl.api import zoo
from tests.zoo.families import every
from tests.zoo.truth import BY_HAND, entries_of

if TYPE_CHECKING:
    import torch
    from torch import nn

DesignOf = Callable[[str], Design]

# RegNet and RepVGG are of this group too; the truth has what is to be known of them.
GROUP = json.loads(
    (Path(__file__).parent.parent / "data" / "oracles" / "tweaks.json").read_text("utf-8")
)


@dataclass(frozen=True)
class Net:
    """What a network of these families is made of."""

    depths: tuple[int, ...] = (3, 4, 6, 3)
    basic: bool = False
    # Channels of the stem's convolutions: one of 7x7, or three of 3x3.
    stem: tuple[int, ...] = (64,)
    # A 3x3 convolution in place of the max-pool; or the stem's last one carries its stride.
    strided_pool: bool = False
    strided_stem: bool = False
    outs: tuple[int, ...] = (256, 512, 1024, 2048)
    groups: int = 1
    # Channels of a group where the result has 256.
    group_width: int = 64
    # Or of any group of a block; then the block has as many as fit.
    group_size: int = 0
    # The first 1x1 convolution of a bottleneck has this many times fewer channels than the second.
    reduce_first: int = 1
    # Window of the projections of stride 2.
    projection: int = 1
    # Which extents the convolutions see in a block of stride 2: the 3x3 one has the stride; the
    # 1x1 one before has it (v1); a pool behind the 3x3 one (AA).
    stride_at: str = "3x3"
    # Of the gates in every block; 0 has none. Their channels are a multiple of this.
    reduction: int = 0
    multiple: int = 1
    # Gates stand behind the 3x3 convolution, and not at the end of the block.
    gate_inside: bool = False
    # Channels of a convolution before the head; 0 has none.
    final: int = 0


class Count:
    """Parameters, MACs and depth of layers, one after the other."""

    def __init__(self) -> None:
        self.params = self.macs = self.depth = 0

    def conv(
        self, k: int, channels: int, to: int, extent: int, groups: int = 1, deep: bool = True
    ) -> None:
        """A convolution without a bias, and its norm."""
        weights = k * k * channels // groups * to
        self.params += weights + 2 * to
        self.macs += weights * extent**2
        self.depth += deep

    def dense(self, features: int, to: int) -> None:
        self.params += features * to + to
        self.macs += features * to
        self.depth += 1

    def gate(self, channels: int, net: Net) -> None:
        if net.reduction:
            multiples = channels / net.reduction / net.multiple
            fewer = net.multiple * max(1, int(multiples + 0.5))
            self.dense(channels, fewer)
            self.dense(fewer, channels)


def counted(net: Net) -> tuple[int, int, int]:
    """At 224x224."""
    count = Count()
    channels = 3
    for i, to in enumerate(net.stem):
        last = net.strided_stem and i == len(net.stem) - 1
        count.conv(7 if len(net.stem) == 1 else 3, channels, to, 56 if last else 112)
        channels = to
    if net.strided_pool:
        count.conv(3, channels, channels, 56)
    extent = 56
    for stage, (depth, out) in enumerate(zip(net.depths, net.outs, strict=True)):
        for i in range(depth):
            stride = 2 if stage and not i else 1
            before, extent = extent, extent // stride
            unit(count, net, channels, out, before, extent)
            if stride != 1 or channels != out:
                k = net.projection if stride != 1 else 1
                count.conv(k, channels, out, extent, deep=False)
            channels = out
    if net.final:
        count.conv(1, channels, net.final, extent)
        channels = net.final
    count.dense(channels, 1000)
    return count.params, count.macs, count.depth


def unit(count: Count, net: Net, channels: int, out: int, before: int, after: int) -> None:
    """What a block computes, but for its shortcut."""
    inside = before if net.stride_at == "pool" else after
    if net.basic:
        count.conv(3, channels, out, inside)
        count.conv(3, out, out, after)
        count.gate(out, net)
        return
    inner = out * net.group_width // 256 * net.groups
    groups = inner // net.group_size if net.group_size else net.groups
    first = inner // net.reduce_first
    count.conv(1, channels, first, after if net.stride_at == "1x1" else before)
    count.conv(3, first, inner, inside, groups)
    if net.gate_inside:
        count.gate(inner, net)
    count.conv(1, inner, out, after)
    if not net.gate_inside:
        count.gate(out, net)


R18 = Net((2, 2, 2, 2), basic=True, outs=(64, 128, 256, 512))
R34 = but(R18, depths=(3, 4, 6, 3))
R50 = Net()
R26, R101, R152, R200 = (
    Net(depths) for depths in ((2, 2, 2, 2), (3, 4, 23, 3), (3, 8, 36, 3), (3, 24, 36, 3))
)
R14 = Net((1, 1, 1, 1))
# The stems of C and D, of S, and of T: timm's has not the 48 channels that its documentation says.
DEEP, WIDE, TIERED = (32, 32, 64), (64, 64, 128), (24, 32, 64)
D, S, T = {"stem": DEEP}, {"stem": WIDE}, {"stem": TIERED}
SE = {"reduction": 16, "multiple": 8}
AA = {"stride_at": "pool"}
RS = {"stem": DEEP, "strided_pool": True, "reduction": 4}
X4, X8, X64 = ({"groups": n, "group_width": d} for n, d in ((32, 4), (32, 8), (64, 4)))
TS = {"stem": TIERED, "strided_stem": True, "outs": (256, 512, 1536, 1536)}
INSIDE = {**SE, "gate_inside": True}
SENET = {"stem": WIDE, "reduction": 16, "reduce_first": 2, "projection": 3}

NETS = {
    "resnet26": R26,
    "resnet50_gn": R50,
    "resnet_c": but(R50, **D),
    "resnet50c": but(R50, **D),
    "resnet101c": but(R101, **D),
    "resnet152c": but(R152, **D),
    "resnet50s": but(R50, **S),
    "resnet101s": but(R101, **S),
    "resnet152s": but(R152, **S),
    # An average pool before a 1x1 convolution costs what the stride of the convolution does.
    "resnet_d": but(R50, **D),
    "resnet18d": but(R18, **D),
    "resnet26d": but(R26, **D),
    "resnet34d": but(R34, **D),
    "resnet50d": but(R50, **D),
    "resnet101d": but(R101, **D),
    "resnet152d": but(R152, **D),
    "resnet200d": but(R200, **D),
    "resnet10t": but(R18, depths=(1, 1, 1, 1), **T),
    "resnet14t": but(R14, **T),
    "resnet26t": but(R26, **T),
    "resnet50t": but(R50, **T),
    "resnext50d_32x4d": but(R50, **D, **X4),
    "resnetaa34d": but(R34, **D, **AA),
    "resnetaa50": but(R50, **AA),
    "resnetaa50d": but(R50, **D, **AA),
    "resnetaa101d": but(R101, **D, **AA),
    "seresnetaa50d": but(R50, **D, **AA, **SE),
    "seresnextaa101d_32x8d": but(R101, **D, **AA, **SE, **X8),
    "seresnextaa201d_32x8d": but(R200, depths=(3, 24, 36, 4), **S, **AA, **SE, **X8),
    "seresnet18": but(R18, **SE),
    "seresnet34": but(R34, **SE),
    "seresnet50": but(R50, **SE),
    "seresnet101": but(R101, **SE),
    "seresnet152": but(R152, **SE),
    "seresnet50t": but(R50, **T, **SE),
    "seresnet152d": but(R152, **D, **SE),
    "seresnet200d": but(R200, **D, **SE),
    "seresnet269d": but(R200, depths=(3, 30, 48, 8), **D, **SE),
    "seresnext26d_32x4d": but(R26, **D, **SE, **X4),
    "seresnext26t_32x4d": but(R26, **T, **SE, **X4),
    "seresnext50_32x4d": but(R50, **SE, **X4),
    "seresnext101_32x4d": but(R101, **SE, **X4),
    "seresnext101_32x8d": but(R101, **SE, **X8),
    "seresnext101_64x4d": but(R101, **SE, **X64),
    "seresnext101d_32x8d": but(R101, **D, **SE, **X8),
    "legacy_seresnet": but(R50, reduction=16, stride_at="1x1"),
    "legacy_seresnet18": but(R18, reduction=16),
    "legacy_seresnet34": but(R34, reduction=16),
    "legacy_seresnet50": but(R50, reduction=16, stride_at="1x1"),
    "legacy_seresnet101": but(R101, reduction=16, stride_at="1x1"),
    "legacy_seresnet152": but(R152, reduction=16, stride_at="1x1"),
    "legacy_seresnext26_32x4d": but(R26, reduction=16, **X4),
    "legacy_seresnext50_32x4d": but(R50, reduction=16, **X4),
    "legacy_seresnext101_32x4d": but(R101, reduction=16, **X4),
    "legacy_senet154": but(R152, **SENET, **X64),
    "senet154": but(R152, **SENET, **X64),
    "resnetrs50": but(R50, **RS),
    "resnetrs101": but(R101, **RS),
    "resnetrs152": but(R152, **RS),
    "resnetrs200": but(R200, **RS),
    "resnetrs270": but(R200, depths=(4, 29, 53, 4), **RS),
    "resnetrs350": but(R200, depths=(4, 36, 72, 4), **RS),
    "resnetrs420": but(R200, depths=(4, 44, 87, 4), **RS),
    "resnet_ts": but(R26, depths=(2, 3, 3, 2), **TS, final=1280),
    "resnet32ts": but(R26, depths=(2, 3, 3, 2), **TS),
    "resnet33ts": but(R26, depths=(2, 3, 3, 2), **TS, final=1280),
    "seresnet33ts": but(R26, depths=(2, 3, 3, 2), **TS, **INSIDE, final=1280),
    "resnext26ts": but(R26, **T, group_size=32),
    "seresnext26ts": but(R26, **T, **INSIDE, group_size=32),
}


@pytest.mark.parametrize("name", NETS)
def test_counted(name: str, design: DesignOf) -> None:
    found = design(name)
    assert (found.params, found.macs, found.depth) == counted(NETS[name])


def test_what_no_library_gave_is_counted_here() -> None:
    assert set(GROUP["by_hand"]) <= set(NETS)
    assert set(GROUP["by_hand"]) <= BY_HAND
    assert not [name for name in GROUP["by_hand"] if entries_of(name)]


# --- timm -----------------------------------------------------------------------------------------

# The names of families are ours.
FAMILIES = {name for name in NETS if name in GROUP["aliases"]}
# Whose weights no other test takes.
UNTAKEN = [
    name
    for name in NETS
    if name not in GROUP["weights"] and name not in FAMILIES and not name.endswith("ts")
]


def keys(module: nn.Module) -> list[tuple[str, torch.Size]]:
    """In order, with one name for the gates."""
    gates = r"\.(tail\.se_module|se_module|tail|squeeze_excite|se)\."
    return [(re.sub(gates, ".gate.", key), t.shape) for key, t in module.state_dict().items()]


@pytest.mark.parametrize("name", every(3, UNTAKEN))
def test_keys_are_timm_s(name: str, skeleton: Callable[[str], nn.Module], timm: ModuleType) -> None:
    """But for the name of the gates, and with their shapes."""
    import torch

    with torch.device("meta"):
        theirs = timm.create_model(name)
    assert keys(skeleton(name)) == keys(theirs)


def test_every_network_of_the_group_is_timm_s(timm: ModuleType) -> None:
    assert {name for name in NETS if not timm.is_model(name)} == FAMILIES


@pytest.mark.parametrize("name", ["resnetaa34d", "resnetaa50"])
def test_timm_s_fail_where_we_say(name: str, design: DesignOf, timm: ModuleType) -> None:
    """Pools that round down meet shortcuts that round up: 200x200 does not run, 193x257 does."""
    import torch

    with torch.device("meta"):
        theirs = timm.create_model(name).eval()

    def runs(h: int, w: int) -> bool:
        try:
            theirs(torch.empty(1, 3, h, w, device="meta"))
        except RuntimeError:
            return False
        return True

    sizes = [(h, h) for h in (64, 96, 128, 160, 192, 200, 208, 216, 223, 225, 256)]
    sizes += [(193, 257), (193, 200)]
    wanted = {size: runs(*size) for size in sizes}
    assert {size: design(name).sizes().allows(size) for size in sizes} == wanted
    assert not wanted[200, 200]
    assert wanted[193, 257]


def test_the_mended_pools_take_every_size() -> None:
    """What the spec says of `ceil=true`: proved, as the input is free."""
    path = zoo.entries()["resnetaa50"].path
    blocks = path.read_text("utf-8").partition("## ResNet-50 with")[0]
    blocks = blocks[blocks.index("## A basic block") :]
    text = f"""{blocks}
network pooled {{
    input 3 x H x W
    averaged_basic(64, stride=2)
    averaged_bottleneck(64, stride=2)
    averaged_bottleneck(64, stride=2, shortcut=avg_projection)
}}
"""
    assert not resdsl.check(text).ok
    mended = text.replace(" pool(stride)", " avgpool(stride, ceil=true)")
    assert resdsl.check(mended.replace("  # allow W1002: as timm has it", "")).ok


# --- squeeze and excitation -----------------------------------------------------------------------

# Calls and channels, parameters counted by hand.
GATES = [
    ("squeeze_excite", 64, 64 * 4 + 4 + 4 * 64 + 64),
    ("squeeze_excite(bias=false)", 64, 64 * 4 + 4 * 64),
    ("squeeze_excite(reduction=4)", 64, 64 * 16 + 16 + 16 * 64 + 64),
    ("squeeze_excite(reduction=3)", 32, 32 * 10 + 10 + 10 * 32 + 32),
    # Nearest to 4 is 8, and not 0; nearest to 2 is 0, which will not do; nearest to 10 is 12.
    ("squeeze_excite(multiple=8)", 64, 64 * 8 + 8 + 8 * 64 + 64),
    ("squeeze_excite(multiple=8)", 32, 32 * 8 + 8 + 8 * 32 + 32),
    ("squeeze_excite(reduction=3, multiple=4)", 32, 32 * 12 + 12 + 12 * 32 + 32),
]


def gated(call: str, channels: int) -> str:
    head = "from std.attention import squeeze_excite\n"
    return f"{head}network n {{\n input {channels} x 9 x 9\n gates: {call}\n}}\n"


@pytest.mark.parametrize(("call", "channels", "params"), GATES)
def test_params_of_gates(call: str, channels: int, params: int, design: DesignOf) -> None:
    assert design(gated(call, channels)).params == params


def test_what_gates_do() -> None:
    """Hu et al. 2017, equations 2 to 4, with another activation and gate."""
    import torch
    from torch.nn.functional import elu, hardsigmoid

    model = resdsl.load(gated("squeeze_excite(4, activation=elu, gate=hardsigmoid)", 8), seed=0)
    x = torch.randn(2, 8, 9, 7)
    one, two = model.gates.fc1, model.gates.fc2
    inner = elu(x.mean((2, 3)) @ one.weight.flatten(1).T + one.bias)
    factors = hardsigmoid(inner @ two.weight.flatten(1).T + two.bias)
    assert torch.allclose(model(x), x * factors[:, :, None, None], atol=1e-6)
