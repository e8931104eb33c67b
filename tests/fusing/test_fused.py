"""The fused form of a network computes the same in eval mode; what cannot be fused stays."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

import resdsl
from tests.fusing.agreement import NEAR, difference, fused_form
from tests.fusing.texts import written
from tests.zoo.families import full

GOLDENS = Path(__file__).parent.parent / "golden" / "emitted"
SMALL = {"cifar_resnet20", "repvgg_a0", "repghostnet_050", "mobilenet_v2_035"}
NETWORKS = [
    *sorted(SMALL),
    *"resnet18 resnet50 resnext50_32x4d_a resnext50_32x4d_b resnext50_32x4d mobileone_s1 "
    "densenet121 googlenet efficientnet_b0 regnet_x hrnet_w18_small inception_v3 dla46x_c "
    "shufflenet_v2_x0_5 resnet50_fpn attention56_shared".split(),
]
NORMED = """
network n {{
    input 8 x 9 x 9
    fork {{ a: {{ conv(3, 8) {norm} }} b: {{ conv(1, 8) {norm} }} }} join a + b
}}
"""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in SMALL else [full]) for name in NETWORKS]
)
def test_network(name: str) -> None:
    design = resdsl.design(name)
    fused = fused_form(design)
    assert fused is not None
    extents = next(
        size
        for side in (32, 64, 96, 128, 224)
        if design.sizes().allows(size := (side,) * len(design.network.input.extents))
    )
    assert difference(design, fused, 0, extents) <= NEAR


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[] if seed < 8 else [full]) for seed in range(500)]
)
def test_random_network(seed: int) -> None:
    from resdsl.targets import verify

    design = resdsl.design(written(seed))
    fused = fused_form(design)
    assert fused is not None
    verify(fused.network, fused.source())
    again = resdsl.design(fused.to_json())
    assert body(again) == body(fused)
    assert difference(design, fused, seed) <= NEAR


def body(design: resdsl.Design) -> str:
    return design.source().partition('"""\n\n')[2]


@pytest.mark.parametrize("form", ["a", "b"])
def test_forms_of_resnext_become_grouped(form: str) -> None:
    """To the key and shape as form (c) is, folded."""
    from resdsl.design.state import state

    made, wanted = (
        resdsl.design(f"resnext50_32x4d_{one}", fused=True).network for one in (form, "c")
    )
    assert [(one.key, one.tensor.shape) for one in state(made)] == [
        (one.key, one.tensor.shape) for one in state(wanted)
    ]


def test_a_norm_of_each_sample_on_each_branch_stays() -> None:
    with pytest.raises(resdsl.SpecError, match="2 × groupnorm: its mean and variance are those of"):
        resdsl.design(NORMED.format(norm="groupnorm(groups=2)"), fused=True)
    made = resdsl.design(NORMED.format(norm="norm"), fused=True)
    assert made.macs == 81 * 9 * 64


def test_what_others_read_stays() -> None:
    text = "network n { input 8 x 9 x 9 conv(3, 8) keep k norm join here + k conv(1, 4) norm }"
    made = resdsl.design(f"{text}\n", fused=True)
    assert made.fused is not None
    assert made.fused.text().split("\n") == [
        "1 norms are part of the layer before them",
        "1 × batchnorm: others read what the convolution gives, too",
    ]


def test_a_million_blocks_are_as_many_definitions_as_three() -> None:
    from resdsl.design.walk import definitions

    text = "network n {{ input 8 x 9 x 9 stage s: bottleneck(8) x {count} }}\n"
    made = [resdsl.design(text.format(count=count), fused=True) for count in (3, 1_000_000)]
    three, million = (len(list(definitions(one.network.root))) for one in made)
    assert three == million


def test_it_stays_in_eval(tmp_path: Path) -> None:
    import torch

    whole = resdsl.load("resnet18", seed=0)
    model = resdsl.load("resnet18", fused=True, weights=whole.state_dict())
    file = resdsl.save(model, tmp_path / "fused.safetensors")
    for one in (model, pickle.loads(pickle.dumps(model)), resdsl.load(file)):
        assert not one.training
        with pytest.raises(RuntimeError, match="no norms left to train"):
            one.train()
        one.eval()
        assert torch.equal(one.conv1.weight, model.conv1.weight)


def test_a_wrong_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a part in 10^8, before the module is used."""
    from resdsl.targets import fused_weights

    right = fused_weights._scaled
    monkeypatch.setattr(fused_weights, "_scaled", lambda w, s, k: right(w, s * (1 + 1e-8), k))
    with pytest.raises(AssertionError, match="the fused conv1 gives something else"):
        resdsl.load("cifar_resnet20", fused=True, seed=0)


@pytest.mark.parametrize(
    ("spec", "asked", "message"),
    [
        ("convnext_atto", {}, "has nothing to fuse"),
        ("resnet18", {"freeze": "layer2"}, "is frozen in part"),
    ],
)
def test_refused(spec: str, asked: dict[str, str], message: str) -> None:
    with pytest.raises(resdsl.SpecError, match=message):
        resdsl.load(spec, fused=True, **asked)


@pytest.mark.parametrize(
    ("name", "network"),
    [("resnet50_fused", "resnet50"), ("repvgg_a0_fused", "repvgg_a0")],
)
def test_golden(name: str, network: str, golden: Callable[[Path, str], None]) -> None:
    golden(GOLDENS / f"{name}.py", resdsl.design(network, fused=True).source())
