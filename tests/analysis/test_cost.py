"""Costs are exact, add up, and do not take longer where a stage is longer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from resdsl.analysis.cost import Cost
from resdsl.analysis.facts import Facts, facts

Known = Callable[..., Facts]

SE = """
block squeeze_excite(reduction: int = 16) {
    fork {
        map: identity
        gate: {
            global_avgpool
            conv(1, in.channels // reduction, bias=true) relu
            conv(1, in.channels, bias=true) sigmoid
        }
    } join map * gate
}
network se_resnet50 {
    input 3 x 224 x 224
    conv1: conv(7, 64, stride=2) bn1: norm act maxpool(3, stride=2)
    stage layer1:    bottleneck(64, tail=squeeze_excite)  x 3
    stage layer2 /2: bottleneck(128, tail=squeeze_excite) x 4
    stage layer3 /2: bottleneck(256, tail=squeeze_excite) x 6
    stage layer4 /2: bottleneck(512, tail=squeeze_excite) x 3
    global_avgpool flatten fc: linear(1000)
}
"""


def test_resnet50(known: Known) -> None:
    # torchvision 0.28 and FlopCounterMode of torch 2.13; buffers and activations by hand.
    cost = known("resnet50").cost
    assert cost == Cost(
        params=25_557_032,
        params_without_norm=25_503_912,
        buffers=53_120 + 53,
        macs=4_089_184_256,
        activations=11_114_984,
        convs=53,
        linears=1,
        norms=53,
    )


def test_at_another_size(known: Known) -> None:
    cost = facts(known("resnet50").network, (193, 257)).cost
    assert (cost.params, cost.macs) == (25_557_032, 4_543_302_848)


def test_gates_count_in_depth(known: Known) -> None:
    found = known(SE)
    assert (found.cost.params, found.cost.convs, found.depth) == (28_088_024, 85, 82)


def test_what_a_free_extent_decides_is_unknown(known: Known) -> None:
    found = known("network n { input 3 x H x W conv(3, 8) global_avgpool flatten linear(2) }\n")
    assert (found.cost.macs, found.cost.activations) == (None, None)
    assert found.cost.params == 3 * 8 * 9 + 8 * 2 + 2


def test_a_free_extent_decides_nothing_behind_a_global_pool(known: Known) -> None:
    found = known("network n { input 3 x H x W global_avgpool conv(1, 8) flatten linear(2) }\n")
    assert found.cost.macs == 3 * 8 + 8 * 2


@pytest.mark.parametrize("spec", ["resnet18", "resnext50_32x4d", "plain34", SE])
def test_rows_make_up_the_network(known: Known, spec: str) -> None:
    found = known(spec)
    total = Cost()
    for row in found.stages.rows:
        total += row.cost
    assert total == found.cost
    assert sum(row.depth for row in found.stages.rows) == found.depth


def test_replicated_branches_stand_side_by_side(known: Known) -> None:
    found = known(
        "network n { input 4 x 8 x 8 fork { p: { conv(1, 2) conv(3, 4) } x 32 } join sum(p) }\n"
    )
    assert (found.depth, found.cost.convs) == (2, 64)
    assert found.cost.params == 32 * (4 * 2 + 2 * 4 * 9)


def test_shapes_that_do_not_repeat(known: Known) -> None:
    # 10, 8, 6, 4: each copy sees another map.
    found = known("network n { input 1 x 10 conv(3, 1, padding=0) x 4 }\n")
    assert found.cost.macs == 3 * (8 + 6 + 4 + 2)


def test_a_million_blocks_are_counted_like_three(known: Known) -> None:
    text = """network n {{
        input 3 x 32 x 32 conv(3, 16)
        stage s: basic(16) x {n}
        global_avgpool flatten linear(10)
    }}
    """
    three, million = known(text.format(n=3)), known(text.format(n=1_000_000))
    block = 2 * (16 * 16 * 9 + 32)
    assert million.cost.params - three.cost.params == (1_000_000 - 3) * block
    assert million.depth == 2_000_002
    assert len(million.costs._known) == len(three.costs._known)
