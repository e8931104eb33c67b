"""The fused form of a network computes the same in eval: of the zoo, and random ones."""

from __future__ import annotations

import pytest

import resdsl
from tests.fusing.agreement import NEAR, difference, fused_form
from tests.fusing.texts import written
from tests.random_networks.strategy import tree
from tests.random_networks.texts import render
from tests.zoo.families import full

SMALL = {"cifar_resnet20", "mobilenet_v2_035", "repghostnet_050", "repvgg_a0"}
NETWORKS = sorted(
    {
        *SMALL,
        *"""attention56_shared audio_resnet cspresnet50 densenet121 dla34 dla46x_c efficientnet_b0
        fcn_resnet50 ghostnet_100 googlenet hrnet_w18_small inception_v3 mobilenet_v2
        mobilenet_v3_small mobileone_s1 regnet_x regnet_y_400mf res2net50_26w_4s resnet18 resnet50
        resnet50_fpn resnext50_32x4d resnext50_32x4d_a resnext50_32x4d_b shufflenet_v2_x0_5
        skresnet18 vgg11_bn vovnet39a""".split(),
    }
)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in SMALL else [full]) for name in NETWORKS]
)
def test_of_the_zoo(name: str) -> None:
    design = resdsl.design(name)
    fused = fused_form(design)
    assert fused is not None
    rank = len(design.network.input.extents)
    sides = (4096,) if rank == 1 else (32, 64, 96, 128, 224)
    extents = next(size for side in sides if design.sizes().allows(size := (side,) * rank))
    error = difference(design, fused, 0, extents)
    assert error is not None
    assert error <= NEAR


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[] if seed < 8 else [full]) for seed in range(500)]
)
def test_of_parts_that_are_one_layer(seed: int) -> None:
    design = resdsl.design(written(seed))
    fused = fused_form(design)
    assert fused is not None
    error = agreed(design, fused, seed)
    assert error is not None
    assert error <= NEAR


@pytest.mark.parametrize(
    "seeds",
    [range(12), *(pytest.param(range(n, n + 100), marks=full) for n in range(100, 900, 100))],
)
def test_of_any_parts(seeds: range) -> None:
    made = 0
    for seed in seeds:
        report = resdsl.check(render(tree(seed)) + "\n")
        for design in report.designs if report.ok else ():
            fused = fused_form(design)
            error = None if fused is None else agreed(design, fused, seed)
            made += error is not None
            assert error is None or error <= NEAR, (seed, design.name)
    assert made >= len(seeds) // 4


def agreed(design: resdsl.Design, fused: resdsl.Design, seed: int) -> float | None:
    """How far it is off; what is compiled, and what JSON has, is the design."""
    from resdsl.targets import verify

    verify(fused.network, fused.source())
    assert body(resdsl.design(fused.to_json())) == body(fused)
    return difference(design, fused, seed)


def body(design: resdsl.Design) -> str:
    return design.source().partition('"""\n\n')[2]
