"""Files that are not of the network, and what is said of each: none is taken in silence.

`tests/golden/weights/NAME.txt` has the text, read and approved by a person. Shapes alone decide, so
files are made of the zoo's own, and of other libraries' names for them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import resdsl
from resdsl.weights.tensors import Shape
from tests.weights.files import shapes, write

GOLDEN = Path(__file__).parent.parent / "golden" / "weights"

Shapes = dict[str, Shape]
Case = tuple[str, dict[str, Any], Callable[[], Shapes]]


def of(spec: str, *changes: Callable[[Shapes], Shapes], **parameters: Any) -> Callable[[], Shapes]:
    def made() -> Shapes:
        found = shapes(spec, **parameters)
        for change in changes:
            found = change(found)
        return found

    return made


def under(*prefixes: str) -> Callable[[Shapes], Shapes]:
    return lambda found: {before + key: s for before in prefixes for key, s in found.items()}


def renamed(pattern: str, replacement: str) -> Callable[[Shapes], Shapes]:
    return lambda found: {re.sub(pattern, replacement, key): s for key, s in found.items()}


def without(pattern: str) -> Callable[[Shapes], Shapes]:
    return lambda found: {key: s for key, s in found.items() if not re.search(pattern, key)}


def having(**more: Shape) -> Callable[[Shapes], Shapes]:
    return lambda found: {**found, **{key.replace("__", "."): s for key, s in more.items()}}


def legacy(found: Shapes) -> Shapes:
    return renamed(r"\.tail\.", ".se_module.")(found)


PARAMETRIZED = "layer1.0.conv1.parametrizations.weight.original0"


# Blocks of equal shapes, whose names alone tell them apart.
SR = """
    block unit(width: int) { residual { conv1: conv(3, width) relu conv2: conv(3, width) } }
    network sr { input 3 x 16 x 16 head: conv(3, 16) stage body: unit(16) x 4 tail: conv(3, 3) }
"""


def numbered_from_one(found: Shapes) -> Shapes:
    def later(key: re.Match[str]) -> str:
        return f"body.{int(key[1]) + 1}."

    return {re.sub(r"^body\.(\d+)\.", later, key): s for key, s in found.items()}


def pruned(found: Shapes) -> Shapes:
    made = renamed(r"^layer2.0.conv1.weight$", "layer2.0.conv1.weight_orig")(found)
    return {**made, "layer2.0.conv1.weight_mask": (128, 64, 3, 3)}


def in_64_groups(found: Shapes) -> Shapes:
    return {key: (128, 2, 3, 3) if s == (128, 4, 3, 3) else s for key, s in found.items()}


CASES: dict[str, Case] = {
    "depth_50_into_101": ("resnet101", {}, of("resnet50")),
    "depth_101_into_50": ("resnet50", {}, of("resnet101")),
    "depth_and_prefix": ("resnet50", {}, of("resnet152", under("module."))),
    "depth_of_densenet": ("densenet121", {}, of("densenet169")),
    "depth_of_cifar": ("cifar_resnet56", {}, of("cifar_resnet20")),
    "block_18_into_50": ("resnet50", {}, of("resnet18")),
    "block_50_into_34": ("resnet34", {}, of("resnet50")),
    "block_with_gates": ("resnet50", {}, of("seresnet50", renamed(r"\.tail\.", ".se."))),
    "block_without_gates": ("seresnet50", {}, of("resnet50")),
    "block_preactivated": ("resnet50", {}, of("preresnet50")),
    "stem_and_shortcuts": ("resnet50", {}, of("resnet50d")),
    "stem_of_three": ("resnet50", {}, of("resnet50c")),
    "stem_of_one": ("resnet50s", {}, of("resnet50")),
    "stem_of_other_width": ("resnet50c", {}, of("resnet50s")),
    "option_a_for_b": ("resnet18", {}, of("resnet18_option_a")),
    "option_b_for_a": ("resnet18_option_a", {}, of("resnet18")),
    "option_c_for_b": ("resnet34", {}, of("resnet34_option_c")),
    "head_of_10_classes": ("resnet18", {}, of("resnet18", classes=10)),
    "head_missing": ("resnet18", {}, of("resnet18", without("^fc"), under("backbone."))),
    "head_of_another_name": ("resnet18", {}, of("resnet18", renamed("^fc", "classifier"))),
    "head_of_other_features": (
        "resnet18",
        {"classes": 10},
        of("resnet18", having(fc__weight=(10, 2048))),
    ),
    "head_without_bias": ("resnet18", {}, of("resnet18", without("^fc.bias"))),
    "head_inside_another": ("resnet18", {}, of("resnet18", renamed("^fc", "fc.1"))),
    "head_of_a_fixed_number": (
        "network seven { input 3 x 8 x 8\n conv(3, 8)\n global_avgpool\n flatten\n linear(7) }",
        {},
        lambda: {"conv.weight": (8, 3, 3, 3), "linear.weight": (9, 8), "linear.bias": (9,)},
    ),
    "weight_norm": (
        "resnet18",
        {},
        of("resnet18", renamed("^fc.weight", "fc.weight_v"), having(fc__weight_g=(1000, 1))),
    ),
    "parametrization": (
        "resnet18",
        {},
        of("resnet18", renamed(r"^layer1.0.conv1.weight", PARAMETRIZED)),
    ),
    "pruned": ("resnet18", {}, of("resnet18", pruned)),
    "no_statistics": ("resnet18", {}, of("resnet18", without("running|tracked"))),
    "one_stage_under_a_prefix": ("resnet18", {}, of("resnet18", renamed("^layer4", "x.layer4"))),
    "one_stage_of_another_name": ("resnet18", {}, of("resnet18", renamed("^layer4", "res5"))),
    "two_names_and_a_prefix": (
        "resnet18",
        {},
        of("resnet18", renamed("^layer3", "res4"), renamed("downsample", "shortcut"), under("m.")),
    ),
    "names_of_all": (
        "lenet5",
        {},
        of("lenet5", renamed("^(?=.)", "net."), renamed("c1", "conv1"), renamed("f6", "fc1")),
    ),
    "names_of_a_sequential": (
        "resnet18",
        {},
        of("resnet18", renamed("^conv1", "0"), renamed("^bn1", "1"), renamed("^fc", "9")),
    ),
    "norms_that_could_be_either": (
        "resnet18",
        {},
        of("resnet18", renamed(r"\.bn1", ".norm_inner"), renamed(r"\.bn2", ".norm_out")),
    ),
    "norms_with_their_numbers": (
        "resnet50",
        {},
        of("resnet50", renamed(r"(layer.*)\.bn(\d)", r"\1.norm\2")),
    ),
    "blocks_from_one": (SR, {}, of(SR, numbered_from_one)),
    "convolutions_from_zero": (
        SR,
        {},
        of(SR, renamed("conv1", "conv0"), renamed("conv2", "conv1")),
    ),
    "head_behind_a_dropout": (
        "resnet18",
        {"classes": 10},
        of("resnet18", renamed("^fc", "fc.1"), classes=10),
    ),
    "head_behind_a_dropout_unasked": (
        "resnet18",
        {},
        of("resnet18", renamed("^fc", "fc.1"), classes=10),
    ),
    "head_beside_a_backbone": (
        "resnet18",
        {"classes": 4},
        of("resnet18", under("backbone."), renamed(r"^backbone\.fc", "head"), classes=4),
    ),
    "head_beside_a_backbone_unasked": (
        "resnet18",
        {},
        of("resnet18", under("backbone."), renamed(r"^backbone\.fc", "head"), classes=4),
    ),
    "auxiliary_heads": (
        "googlenet",
        {},
        of("googlenet", having(aux1__fc__weight=(1000, 1024), aux2__fc__weight=(1000, 1024))),
    ),
    "a_queue_beside": (
        "resnet18",
        {},
        of("resnet18", under("encoder_q."), having(queue=(128, 65536), queue_ptr=(1,))),
    ),
    "two_copies": ("resnet18", {}, of("resnet18", under("encoder_q.", "encoder_k."))),
    "two_channels": ("resnet18", {}, of("resnet18", input=(2, 224, 224))),
    "wider": ("resnet50", {}, of("wide_resnet50_2")),
    "other_groups": ("resnext50_32x4d", {}, of("resnext50_32x4d", in_64_groups)),
    "group_norms": ("resnet50", {}, of("resnet50_gn")),
    "batch_norms": ("resnet50_gn", {}, of("resnet50")),
    "no_norms": ("vgg16_bn", {}, of("vgg16")),
    "legacy_senet154": (
        "senet154",
        {},
        of("legacy_senet154", renamed("squeeze_excite", "se_module")),
    ),
    "sibling_by_name": ("seresnet50", {}, of("seresnet50", legacy)),
    "detection": (
        "resnet50",
        {},
        of("resnet50", under("backbone.body."), having(rpn__head__conv__weight=(256, 256, 3, 3))),
    ),
    "half_of_it": ("resnet18", {}, of("resnet18", without("^layer[34]"))),
    "another_network": ("resnet18", {}, of("mobilenet_v2")),
    "names_of_nobody": ("resnet18", {}, lambda: {"vit.blocks.0.attn.qkv.weight": (576, 192)}),
    "nothing": ("resnet18", {}, dict),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_refused(
    name: str,
    golden: Callable[[Path, str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    spec, parameters, made = CASES[name]
    file = write(Path("x.safetensors"), made())
    report = resdsl.check(spec, weights=file, **parameters)
    assert not report.ok
    assert report.weights is None
    golden(GOLDEN / f"{name}.txt", f"{report}\n")


RENAMED = re.compile(r"rename=(\{.*\})(?: with classes=(\d+))? takes it")


@pytest.mark.parametrize("name", CASES)
def test_what_is_to_be_renamed_is_taken(name: str, tmp_path: Path) -> None:
    spec, parameters, made = CASES[name]
    found = RENAMED.search((GOLDEN / f"{name}.txt").read_text())
    if found is None:
        return
    file = write(tmp_path / "x.safetensors", made())
    wish = ast.literal_eval(found[1])
    classes = {"classes": int(found[2])} if found[2] else {}
    assert resdsl.check(spec, weights=file, rename=wish, **(parameters | classes)).ok


def test_they_are_many() -> None:
    assert len(CASES) >= 30
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(CASES)


# What is accepted, but said.
REPORTED = {
    "resnet50_v1": "resnet50",
    "resnet50": "resnet50_v1",
    "cifar_resnet110_relu_before_add": "cifar_resnet110_original",
}


def test_quantised(tmp_path: Path) -> None:
    file = write(tmp_path / "x.safetensors", shapes("resnet18"), dtype="I16")
    (found,) = resdsl.check("resnet18", weights=file).diagnostics
    assert "it is quantised: `conv1.weight` is of I16" in found.message


@pytest.mark.parametrize("name", REPORTED)
def test_siblings_of_equal_shapes_are_named(name: str, tmp_path: Path) -> None:
    file = write(tmp_path / "x.safetensors", shapes(REPORTED[name]))
    report = resdsl.check(name, weights=file)
    if report.ok:
        assert report.weights is not None
        assert REPORTED[name] in report.weights.too
        assert "same network" not in str(report.weights)
