"""Figures of blocks: true to the operators' graph, and laid out so that nothing hides anything."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import resdsl
from resdsl.api import zoo
from resdsl.drawing.figures.block_paths import find
from resdsl.drawing.figures.blocks import blocks
from resdsl.drawing.figures.detail import detail
from resdsl.drawing.layout.canvas import Canvas, Text
from resdsl.drawing.layout.fitting import points
from resdsl.drawing.layout.picture import Unplaced
from resdsl.drawing.refusal import FigureError
from tests.drawing.faults import block_faults
from tests.drawing.geometry import problems
from tests.random_networks.strategy import write
from tests.zoo.families import every, some_families

GOLDEN = Path(__file__).parent.parent / "golden" / "figures"

# Of each figure: the networks, the block's path in all of them.
FIGURES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "basic": (("resnet34",), ("layer1.0",)),
    "bottleneck": (("resnet50",), ("layer1.1", "layer2.0")),
    "orders": (
        (
            "cifar_resnet110",
            "cifar_resnet110_bn_after_add",
            "cifar_resnet110_relu_before_add",
            "cifar_resnet110_relu_preact",
            "cifar_resnet110_full_preact",
        ),
        ("layer1.1",),
    ),
    "shortcuts": (
        (
            "cifar_resnet110",
            "cifar_resnet110_constant_scale",
            "cifar_resnet110_exclusive_gate",
            "cifar_resnet110_shortcut_gate",
            "cifar_resnet110_conv_shortcut",
            "cifar_resnet110_dropout",
        ),
        ("layer1.1",),
    ),
    "resnext": (
        ("resnext50_32x4d_a", "resnext50_32x4d_b", "resnext50_32x4d_c"),
        ("layer1.1",),
    ),
    "squeeze_excite": (("seresnet50",), ("layer1.1",)),
    "inverted_residual": (("mobilenet_v2",), ("features.3",)),
    "dense_layer": (("densenet121",), ("features.denseblock1.denselayer2",)),
    "dense_block": (("densenet121",), ("features.denseblock1",)),
    "repvgg": (("repvgg_b0",), ("layer1.1",)),
    "highway": (("highway19",), ("layer2.highway.0",)),
    "inception": (("googlenet",), ("inception3a",)),
    "inception_resnet": (("inception_resnet_v2",), ("repeat.0",)),
    "stage": (("resnet152",), ("layer3",)),
}


def figure(name: str, **options: object) -> Canvas:
    networks, paths = FIGURES[name]
    return blocks([resdsl.design(one).facts for one in networks], paths, **options).canvas  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FIGURES)
def test_layout(name: str, golden: Callable[[Path, str], None]) -> None:
    canvas = figure(name)
    assert problems(canvas) == []
    lines = [json.dumps(item, ensure_ascii=False) for item in canvas.to_json()["items"]]
    size = f"{canvas.width:g} x {canvas.height:g}"
    golden(GOLDEN / f"{name}.json", "\n".join([size, *lines]) + "\n")


# The files of networks whose lines cross in some block, or in the network itself, which dot places
# therefore.
TANGLED = frozenset(
    "dla dpn hgnet hrnet nasnet res2net resnest rir selecsls siamese sknet vovnet".split()
)
# Of these files, those whose lines do not: two parts, of which one goes on as it is; one module,
# called twice, is the whole of a twin.
STRAIGHT = frozenset({"res2net50_48w_2s", "siamese_resnet18"})


# Of those that are tangled these, small ones, run always: one of them as a whole, one in a block.
@pytest.mark.parametrize(
    "name", some_families((str(one.name) for one in resdsl.networks()), ["koch", "res2net"])
)
def test_blocks_are_true(name: str) -> None:
    design = resdsl.design(name)
    placed_by_dot: Counter[str] = Counter()
    assert list(block_faults(design.facts, design.graph("op"), placed_by_dot)) == []
    is_tangled = isinstance(detail(design.facts), Unplaced)
    is_tangled = is_tangled or placed_by_dot["blocks placed by dot"] > 0
    stem = zoo.entries()[name].path.stem
    assert is_tangled == (stem in TANGLED and name not in STRAIGHT)


@pytest.mark.parametrize("seeds", every(2, [range(40), range(1800, 1840)]))
def test_blocks_of_random_networks(seeds: range) -> None:
    """`.ci/campaigns/figures.py` looks at thousands."""
    found = []
    for seed in seeds:
        for design in resdsl.check(write(seed) + "\n").designs:
            faults = block_faults(design.facts, design.graph("op"), Counter())
            found += [f"{seed}: {one}" for one in faults]
            made = detail(design.facts)
            if not isinstance(made, Unplaced):
                found += [f"{seed}: {one}" for one in problems(made.canvas)]
    assert found == []


# --- what is asked for ----------------------------------------------------------------------------


def test_by_the_name_of_a_definition() -> None:
    known = resdsl.design("resnet50").facts
    assert find(known, "bottleneck").path == "layer1.0"
    assert find(known, "layer3.5").path == "layer3.5"
    assert find(known, "layer3").path == "layer3.0"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("layr1", "resnet50 has no block `layr1`; did you mean `layer4.1`"),
        ("layer1.7", "has no block `layer1.7`"),
        ("", "has no block ``"),
        ("layer1.0.downsample.0.0", "has no block"),
    ],
)
def test_what_is_not_there(name: str, told: str) -> None:
    with pytest.raises(FigureError, match=told):
        find(resdsl.design("resnet50").facts, name)


def test_a_shortcut_that_joins_main_is_drawn_with_its_block() -> None:
    known = resdsl.design("cifar_resnet110_exclusive_gate").facts
    with pytest.raises(FigureError, match="draw the block that it stands in"):
        blocks([known], ["layer1.0.downsample"])


def test_captions() -> None:
    known = resdsl.design("resnet50").facts
    texts = {
        text.text
        for text in blocks([known], ["layer1.0", "layer2.0"], ["first"]).canvas.items
        if hasattr(text, "anchor")
    }
    assert {"(a) first", "(b) bottleneck", "ResNet-50, layer1.0"} <= texts
    with pytest.raises(FigureError, match="2 captions for 1 panel"):
        blocks([known], ["layer1.0"], ["one", "two"])


@pytest.mark.parametrize("width", ["84mm", "3.3in", "17.4cm", "240pt"])
def test_width(width: str) -> None:
    """Panels stand in rows, so that letters stay readable."""
    known = resdsl.design("resnet50").facts
    picture = blocks([known], ["layer1.0", "layer1.1", "layer2.0"], width=points(width))
    text = picture.dot(width=points(width))
    corner = text.split('z [height=0.01 pos="')[1].split(",")[0]
    assert float(corner) == pytest.approx(points(width) - 0.36, abs=0.6)
    sizes = [float(part.split(" ")[0]) for part in text.split("fontsize=")[1:]]
    assert min(sizes) >= 6


def test_too_narrow() -> None:
    picture = blocks([resdsl.design("resnet50").facts], ["layer1.0"])
    with pytest.raises(FigureError, match=r"at 30mm its letters would be .* it needs \d+mm"):
        picture.dot(width=points("30mm"))


@pytest.mark.parametrize("width", ["84", "0mm", "-3mm", "1e3mm", "84 px", "mm", "9999999mm"])
def test_widths_that_are_none(width: str) -> None:
    with pytest.raises(FigureError, match="width"):
        points(width)


@pytest.mark.parametrize("depth", [50, 300])
def test_what_nests_deeply(depth: int) -> None:
    """Up to so many columns inside of each other are laid out by us."""
    kept = " ".join(f"keep k{i} conv(1, 8)" for i in range(depth))
    joined = " ".join(f"join here + k{i}" for i in reversed(range(depth)))
    text = f"block b {{ {kept} {joined} }} network n {{ input 8 x 8 x 8 b conv(1, 4) }}"
    known = resdsl.design(text).facts
    for made in (blocks([known], ["b"]), detail(known)):
        assert isinstance(made, Unplaced) == (depth > 60)
        assert made.dot().startswith("digraph")


@pytest.mark.parametrize(
    ("names", "paths", "captions"),
    [
        (["resnet50"], ["layer1.0"], []),
        (["resnet50"], ["layer1.0", "layer2.0"], ["bottleneck, layer1.0", "bottleneck, layer2.0"]),
        (["resnet50", "seresnet50"], ["layer1.0"], ["ResNet-50", "SE-ResNet-50"]),
        (
            ["resnet50", "resnet101"],
            ["layer1.0", "layer2.0"],
            [f"bottleneck, {n}, layer{i}.0" for i in (1, 2) for n in ("ResNet-50", "ResNet-101")],
        ),
    ],
)
def test_captions_tell_panels_apart(
    names: list[str], paths: list[str], captions: list[str]
) -> None:
    networks = [resdsl.design(name).facts for name in names]
    canvas = blocks(networks, paths, title=False).canvas
    bold = [text.text for text in canvas.of(Text) if text.bold]
    assert bold == [f"({letter}) {text}" for letter, text in zip("abcd", captions, strict=False)]
