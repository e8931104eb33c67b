"""Names of libraries that the tests do not have, as their own code gives them.

detectron2: modeling/backbone/resnet.py, with FrozenBatchNorm2d, which has no counters. mmpretrain:
models/backbones/resnet.py, seresnet.py, models/utils/se_layer.py, models/heads/linear_head.py.
torchvision before 0.4: models/densenet.py, whose names had dots.
"""

from __future__ import annotations

import random
import re

import pytest

import resdsl
from resdsl.weights.dialects import DIALECTS
from resdsl.weights.matching import Plan, plan
from resdsl.weights.refusal import WeightsError
from resdsl.weights.tensors import Found, Shape, wanted
from resdsl.weights.wishes import Wishes
from tests.weights.files import shapes

Shapes = dict[str, Shape]


def translated(found: Shapes, *rules: tuple[str, str]) -> Shapes:
    """By other rules than those of the dialects: from ours to theirs."""
    made = {}
    for key, shape in found.items():
        for pattern, replacement in rules:
            key = re.sub(pattern, replacement, key)
        made[key] = shape
    assert len(made) == len(found)
    return made


def planned(spec: str, tensors: Shapes, **parameters: int) -> Plan:
    keys = list(tensors)
    random.Random(0).shuffle(keys)
    design = wanted(resdsl.design(spec, **parameters).network, parameters)
    return plan(design, {key: Found(tensors[key], "F32") for key in keys}, Wishes(), name="it")


def places(made: Plan) -> dict[str, str]:
    return {ours: theirs for ours, theirs in made.takes.items() if "num_batches" not in ours}


DETECTRON = (
    (r"\.downsample\.0\.", ".shortcut."),
    (r"\.downsample\.1\.", ".shortcut.norm."),
    (r"^layer1\.", "res2."),
    (r"^layer2\.", "res3."),
    (r"^layer3\.", "res4."),
    (r"^layer4\.", "res5."),
    (r"(^|\.)bn(\d)\.", r"\1conv\2.norm."),
    (r"^conv1\.", "stem.conv1."),
    (r"^fc\.", "linear."),
)


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnet50_v1", "resnext50_32x4d"])
@pytest.mark.parametrize("prefix", ["", "backbone.bottom_up."])
def test_detectron2(name: str, prefix: str) -> None:
    ours = {key: shape for key, shape in shapes(name).items() if "num_batches" not in key}
    theirs = {prefix + key: s for key, s in translated(ours, *DETECTRON).items()}
    assert f"{prefix}res2.0.shortcut.norm.weight" in theirs or name == "resnet18"
    made = planned(name, theirs)
    assert places(made) == dict(zip(ours, theirs, strict=True))
    assert made.report.dialect == "detectron2"
    assert made.report.matched == len(ours)


def test_detectron2_without_a_head() -> None:
    ours = {k: s for k, s in shapes("resnet50").items() if "num_batches" not in k and "fc" not in k}
    theirs = translated(ours, *DETECTRON)
    made = planned("resnet50", theirs, classes=10)
    assert made.report.new == (
        ("fc.weight", "the file has none"),
        ("fc.bias", "the file has none"),
    )
    with pytest.raises(WeightsError, match="`fc` is not there, as in a backbone"):
        planned("resnet50", theirs)


def test_resnet_of_mmpretrain() -> None:
    ours = shapes("resnet50")
    theirs = {f"head.{k}" if k.startswith("fc") else f"backbone.{k}": s for k, s in ours.items()}
    made = planned("resnet50", theirs)
    assert made.takes == dict(zip(ours, theirs, strict=True))
    assert made.report.dialect == "mmpretrain"


def test_seresnet_of_mmpretrain() -> None:
    ours = shapes("seresnet50")
    theirs = translated(
        ours,
        (r"\.tail\.fc(\d)\.", r".se_layer.conv\1.conv."),
        (r"^fc", "head.fc"),
        (r"^(?!head)", "backbone."),
    )
    assert "backbone.layer1.0.se_layer.conv1.conv.weight" in theirs
    assert planned("seresnet50", theirs).takes == dict(zip(ours, theirs, strict=True))


STEM = (
    (r"^conv1\.0\.", "stem.0.conv."),
    (r"^conv1\.1\.", "stem.0.bn."),
    (r"^conv1\.3\.", "stem.1.conv."),
    (r"^conv1\.4\.", "stem.1.bn."),
    (r"^conv1\.6\.", "stem.2.conv."),
    (r"^bn1\.", "stem.2.bn."),
    (r"^fc", "head.fc"),
    (r"^(?!head)", "backbone."),
)


@pytest.mark.parametrize("name", ["resnet50c", "resnet101d"])
def test_deep_stems_of_mmpretrain(name: str) -> None:
    """The first projection has no pool before it there, and an identity in its place here."""
    ours = shapes(name)
    rules = [*STEM]
    if name.endswith("d"):
        rules += [
            (r"layer1\.0\.downsample\.1\.", "layer1.0.downsample.0."),
            (r"layer1\.0\.downsample\.2\.", "layer1.0.downsample.1."),
        ]
    theirs = translated(ours, *rules)
    assert planned(name, theirs).takes == dict(zip(ours, theirs, strict=True))


@pytest.mark.parametrize("name", ["densenet121", "densenet161"])
def test_old_densenets(name: str) -> None:
    ours = shapes(name)
    theirs = translated(ours, (r"(denselayer\d+\.(?:norm|conv))([12])\.", r"\1.\2."))
    assert "features.denseblock1.denselayer1.norm.1.weight" in theirs
    made = planned(name, theirs)
    assert made.takes == dict(zip(ours, theirs, strict=True))
    assert made.report.dialect == "torchvision before 0.4"


def test_files_of_the_zoo_that_are_there() -> None:
    from resdsl.weights.zoo_shapes import is_of_zoo

    assert all(is_of_zoo(stem) for one in DIALECTS for stem in one.zoo)


def test_a_spec_of_one_s_own_takes_every_dialect() -> None:
    """What it computes, nobody but its author knows."""
    made = resdsl.design("legacy_seresnet50")
    own = resdsl.design("seresnet50").to_json().replace('"seresnet.res"', '"mine.res"')
    assert made.network.source == "legacy_seresnet.res"
    theirs = translated(shapes("seresnet50"), (r"\.tail\.", ".se_module."))
    assert planned(own, theirs).report.dialect == "timm legacy"
    with pytest.raises(WeightsError, match="a sibling of equal shapes"):
        planned("seresnet50", theirs)
