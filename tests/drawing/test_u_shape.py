"""The U of a U-Net, as laid out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

import resdsl
from resdsl.drawing.layout.canvas import Box, Canvas, Line, Sign, Text
from resdsl.drawing.u.u_shape import u_shape
from tests.drawing.geometry import problems, run_over

FIGURES = Path(__file__).parent.parent / "golden" / "figures"

# Sums, blocks in a row, an upsampling with a convolution behind it.
RESIDUAL = """
block unit(w: int) { residual { conv(3, w) norm act conv(3, w) norm } act }
network residual_unet(w: int = 32) {
    input 1 x 128 x 128
    stem: conv(3, w) norm act
    stage enc1: { unit(w) x 2 keep a }
    down1: conv(3, 2 * w, stride=2) norm act
    stage enc2: { unit(2 * w) x 3 keep b }
    down2: conv(3, 4 * w, stride=2) norm act
    bottom: unit(4 * w) x 3
    up2: upsample(2)
    conv(1, 2 * w)
    join here + b
    dec2: unit(2 * w)
    up1: upsample(2)
    conv(1, w)
    join a + here
    dec1: unit(w) x 2
    head: conv(1, 2, bias=true)
}
"""

VOLUME = """
network volume {
    input 1 x 64 x 128 x 128
    conv(3, 8) norm act
    keep a
    maxpool(2)
    conv(3, 16) norm act
    keep b
    maxpool(2)
    conv(3, 32) norm act
    conv_transpose(2, 16, stride=2)
    join concat(b, here)
    conv(3, 16) norm act
    conv_transpose(2, 8, stride=2)
    join concat(a, here)
    conv(3, 8) norm act
    conv(1, 3)
}
"""

# The signal itself is kept; a map is not the last of its level.
SIGNAL = """
network signal {
    input 2 x L
    expect L % 16 == 0
    keep raw
    conv(9, 16, stride=4) act
    keep a
    conv(5, 32) act
    conv(5, 32, stride=4) act
    conv_transpose(4, 16, stride=4) act
    join SUM
    conv(3, 16) act
    conv_transpose(4, 8, stride=4) act
    join concat(raw, here)
    conv(1, 1)
}
"""

# A signal and gates: what comes from below weighs what was kept.
GATED = """
block unit(w: int) { residual { conv(3, w) norm act conv(3, w) norm } act }
network gated {
    input 2 x 4096
    conv(9, 16) norm act
    unit(16) x 2
    keep a
    conv(5, 32, stride=4) norm act
    unit(32) x 3
    keep b
    conv(5, 64, stride=4) norm act
    unit(64) x 12
    conv_transpose(4, 32, stride=4) sigmoid
    join b * here
    unit(32)
    conv_transpose(4, 16, stride=4) sigmoid
    join a * here
    unit(16)
    conv(1, 1)
}
"""

# Concatenations in both orders.
ORDERS = """
network orders {
    input 3 x H x W
    expect H % 8 == 0 and W % 8 == 0
    conv(3, 16) norm act
    keep a
    maxpool(2)
    conv(3, 32) norm act
    keep b
    maxpool(2)
    conv(3, 64) norm act
    keep c
    maxpool(2)
    conv(3, 128) norm act
    conv_transpose(2, 64, stride=2)
    join concat(here, c)
    conv(3, 64) norm act
    conv_transpose(2, 32, stride=2)
    join concat(b, here)
    conv(3, 32) norm act
    conv_transpose(2, 16, stride=2)
    join concat(here, 0.5 * a)
    conv(3, 16) norm act
    conv(1, 3)
}
"""

# Six levels: a sum, differences, a maximum, products; a norm behind a keep, and behind a join.
SIGNS = """
network signs {
    input 8 x H x W
    expect H % 32 == 0 and W % 32 == 0
    conv(3, 8) norm act
    keep a maxpool(2)
    conv(3, 8) norm act
    keep b maxpool(2)
    conv(3, 8) act
    keep c maxpool(2)
    conv(3, 8) norm act conv(3, 8)
    keep d norm act maxpool(2)
    keep e
    conv(3, 8) norm act
    maxpool(2)
    conv(3, 8) norm act
    conv_transpose(2, 8, stride=2)
    join here + 0.5 * e
    act
    conv_transpose(2, 8, stride=2)
    join d - here
    conv(3, 8) norm act
    conv_transpose(2, 8, stride=2)
    join max(here, c)
    norm act
    conv(3, 8) norm act
    conv_transpose(2, 8, stride=2)
    join 0.25 * (2 * here - 0.5 * b)
    conv(3, 8) norm act
    conv_transpose(2, 8, stride=2)
    join here * (1 - a)
    conv(1, 3)
}
"""

SPECS = {
    "unet": "unet",
    "residual": RESIDUAL,
    "volume": VOLUME,
    "signal": SIGNAL.replace("SUM", "concat(a, here)"),
    "signal_sum": SIGNAL.replace("SUM", "here + a"),
    "gated": GATED,
    "orders": ORDERS,
    "signs": SIGNS,
}


def drawn(spec: str) -> Canvas:
    picture = u_shape(resdsl.design(spec).facts)
    assert picture is not None
    return picture.canvas


def texts(canvas: Canvas) -> list[str]:
    return [text.text for text in canvas.of(Text)]


@pytest.mark.parametrize("name", SPECS)
def test_goldens(name: str, golden: Callable[[Path, str], None]) -> None:
    items = drawn(SPECS[name]).to_json()
    lines = ",\n".join(json.dumps(item, ensure_ascii=False) for item in items.pop("items"))
    text = f"{json.dumps(items, ensure_ascii=False)}\n[{lines}]\n"
    golden(FIGURES / f"u_{name}.json", text)


@pytest.mark.parametrize("name", SPECS)
def test_nothing_overlaps(name: str) -> None:
    canvas = drawn(SPECS[name])
    assert problems(canvas) == []
    assert run_over(canvas) == []


@pytest.mark.parametrize("levels", range(2, 8))
@pytest.mark.parametrize("convolutions", [0, 1, 3])
@pytest.mark.parametrize("join", ["concat(k{}, here)", "here + k{}"])
def test_of_any_depth(levels: int, convolutions: int, join: str) -> None:
    row = "conv(3, 8) norm act\n" * convolutions
    down = "".join(f"{row} keep k{n} maxpool(2)\n" for n in range(levels))
    up = "".join(
        f"conv_transpose(2, 8, stride=2) join {join.format(n)}\n{row}"
        for n in reversed(range(levels))
    )
    size = 2**levels
    expect = f"expect H % {size} == 0 and W % {size} == 0"
    canvas = drawn(f"network n {{ input 8 x H x W {expect}\n{down}{row}{up} conv(1, 2) }}")
    assert problems(canvas) == []
    assert run_over(canvas) == []
    copied = [box for box in canvas.of(Box) if box.look == "copy"]
    assert len(copied) + len(canvas.of(Sign)) == levels


def test_maps_stand_under_what_they_are_pooled_from() -> None:
    boxes = {box.node: box for box in drawn("unet").of(Box)}
    for level in range(1, 5):
        above, below = boxes[f"down{level}.conv2"], boxes[f"pool{level}"]
        assert above.x == below.x
        assert above.y + above.height / 2 < below.y - below.height / 2


def test_a_concatenation_is_two_bars_that_touch() -> None:
    canvas = drawn("unet")
    boxes = {box.node: box for box in canvas.of(Box)}
    for level in range(1, 5):
        made, copied = boxes[f"expand{level}"], boxes[f"expand{level}.kept"]
        assert copied.x + copied.width / 2 == made.x - made.width / 2
        assert (copied.y, copied.height) == (made.y, made.height)
        assert copied.look == "copy"
    assert {"64+64", "512+512"} <= set(texts(canvas))


def test_sums_have_a_sign() -> None:
    signs = [sign for sign in drawn(RESIDUAL).of(Sign) if sign.node]
    assert [sign.sign for sign in signs] == ["+", "+"]


def test_bars_grow_with_extents_and_channels() -> None:
    boxes = {box.node: box for box in drawn("unet").of(Box)}
    names = ["down1.conv2", "down2.conv2", "down3.conv2", "down4.conv2", "bottom.conv2"]
    heights = [boxes[name].height for name in names]
    widths = [boxes[name].width for name in names]
    assert heights == sorted(heights, reverse=True)
    assert widths == sorted(widths)
    # By logarithm: each level is as much lower as it is half as large.
    assert len({one - two for one, two in pairwise(heights)}) == 1


def test_every_layer_has_a_bar() -> None:
    graph = resdsl.design("unet").graph("op")
    kinds = ("conv", "conv_transpose", "maxpool")
    there = [node for node, known in graph.nodes(data=True) if known.get("op") in kinds]
    maps = [box.node for box in drawn("unet").of(Box) if box.look == "map"]
    assert maps == there


def test_the_legend_has_what_occurs() -> None:
    assert texts(drawn("unet"))[-5:] == [
        "3×3 conv, BN, ReLU",
        "2×2 max pool, /2",
        "2×2 transposed conv, 2× up",
        "keep and concatenate",
        "1×1 conv",
    ]
    residual = texts(drawn(RESIDUAL))
    assert {"unit", "2× upsampling, then 1×1 conv", "keep and add"} <= set(residual)
    assert {"b ×2", "b ×3"} <= set(residual)
    assert "keep and multiply" in texts(drawn(GATED))
    assert {"keep", "sum", "product"} <= set(texts(drawn(SIGNS)))


def test_one_colour_has_one_meaning() -> None:
    """In print, where colours are few, a letter tells arrows of one kind apart."""
    canvas = drawn(RESIDUAL)
    looks = {line.head: line.look for line in canvas.of(Line)}
    assert looks["stem"] != looks["enc1.0.0"] == looks["bottom.0"]
    assert texts(canvas)[-8:] == [
        "a", "3×3 conv, BN, ReLU", "b", "unit", "3×3 conv, /2, BN, ReLU",
        "2× upsampling, then 1×1 conv", "keep and add", "1×1 conv",
    ]  # fmt: skip
    # More kinds than colours.
    signs = drawn(SIGNS)
    assert [text for text in texts(signs)[-22:] if len(text) == 1] == list("abcdefgh")


def test_the_title_says_what_a_columns_does() -> None:
    assert texts(drawn(RESIDUAL))[:2] == [
        "residual_unet",
        "1.36 M parameters · 3.55 G MACs at 1×128×128",
    ]
    assert texts(drawn("unet"))[1] == "31.04 M parameters · input 3×H×W"


@pytest.mark.parametrize("name", SPECS)
def test_arrows_end_at_bars_and_signs(name: str) -> None:
    canvas = drawn(SPECS[name])
    areas = {b.node: (b.x, b.y, b.width / 2, b.height / 2) for b in canvas.of(Box)}
    areas |= {s.node: (s.x, s.y, s.radius, s.radius) for s in canvas.of(Sign)}
    heads = [line for line in canvas.of(Line) if line.head]
    assert len(heads) > 8
    for line in heads:
        x, y, wide, high = areas[line.head]
        to_x, to_y = line.points[-1]
        assert max(abs(to_x - x) - wide, abs(to_y - y) - high) < 3, line


def test_copied_maps_stand_in_the_order_of_the_operands() -> None:
    boxes = {box.node: box for box in drawn(ORDERS).of(Box)}
    for node, is_first in (("conv_transpose", 0), ("conv_transpose_1", 1), ("conv_transpose_2", 0)):
        made, copied = boxes[node], boxes[f"{node}.kept"]
        left, right = (copied, made) if is_first else (made, copied)
        assert left.x + left.width / 2 == right.x - right.width / 2


def test_what_is_done_to_operands_stands_at_their_lines() -> None:
    words = [t for t in drawn(SIGNS).of(Text) if re.fullmatch("× −?[0-9.]+|−|1 −", t.text)]
    assert [text.text for text in words] == ["× 0.5", "−", "× 2", "× −0.5", "× 0.25", "1 −"]


def test_arrows_are_coloured_by_what_they_do() -> None:
    looks = [line.look for line in drawn("unet").of(Line) if line.head]
    assert {look: looks.count(look) for look in looks} == {
        "apply": 18, "down": 4, "up": 4, "keep": 4, "pointwise": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["resnet50", "densenet121", "googlenet", "cifar_preresnet110", "lenet5"]
)
def test_other_networks_are_no_u(name: str) -> None:
    assert u_shape(resdsl.design(name).facts) is None


NOT_NESTED = {
    "one level": "keep a maxpool(2) conv_transpose(2, 8, stride=2) join concat(a, here)",
    "in one order": """
        keep a conv(3, 8) keep b conv(3, 8) join here + a conv(3, 8) join here + b
    """,
    "on one level": """
        keep a conv(3, 8) keep b maxpool(2) conv_transpose(2, 8, stride=2)
        join here + b conv(3, 8) join here + a
    """,
    "without a way down": "keep a conv(3, 8) keep b conv(3, 8) join here + b join here + a",
    "joined to several": """
        keep a conv(3, 8) keep b maxpool(2) conv_transpose(2, 8, stride=2) join here + b
        conv(3, 8) conv(3, 8) join here + a + b
    """,
    "several words on a line": """
        keep a maxpool(2) conv(3, 8) keep b maxpool(2) conv_transpose(2, 8, stride=2) join here + b
        conv_transpose(2, 8, stride=2) join here + (1 - 0.5 * a)
    """,
    "without what comes from below": """
        keep a maxpool(2) conv(3, 8) keep b maxpool(2) conv_transpose(2, 8, stride=2) join here + b
        conv_transpose(2, 8, stride=2) join a * 2
    """,
    "a number on a concatenation": """
        keep a maxpool(2) conv(3, 8) keep b maxpool(2) conv_transpose(2, 8, stride=2) join here + b
        conv_transpose(2, 8, stride=2) join 2 * concat(a, here)
    """,
    "kept on its way": """
        keep a maxpool(2) conv(3, 8) keep b maxpool(2) conv_transpose(2, 8, stride=2) keep c
        join here + b conv_transpose(2, 8, stride=2) join here + a maxpool(2) join here + c
    """,
    "joined to itself": """
        keep a maxpool(2) conv(3, 8) keep b join here + b conv_transpose(2, 8, stride=2)
        join here + a
    """,
    "read in a gate": """
        keep a maxpool(2) conv(3, 8) keep b maxpool(2) conv_transpose(2, 8, stride=2) join here + b
        conv_transpose(2, 8, stride=2) fork { up: identity g: { join here + a conv(1, 1) sigmoid } }
        join concat(a * g, up)
    """,
    "read in what is repeated": """
        keep a maxpool(2) conv(3, 8) keep b maxpool(2) conv_transpose(2, 8, stride=2) join here + b
        conv_transpose(2, 8, stride=2) join here + a { conv(3, 8) join here + a } x 2
    """,
    "read by a shortcut": """
        keep a maxpool(2) conv(3, 8) keep b maxpool(2) conv_transpose(2, 8, stride=2) join here + b
        conv_transpose(2, 8, stride=2) join here + a residual { conv(3, 8) } via { join a }
    """,
    "two at once": """
        keep a conv(3, 8) keep b maxpool(2) conv_transpose(2, 8, stride=2) join here + b + a
    """,
}


@pytest.mark.parametrize("name", NOT_NESTED)
def test_what_is_not_nested_is_no_u(name: str) -> None:
    spec = f"""
    network n {{ input 8 x H x W  expect H % 4 == 0 and W % 4 == 0 {NOT_NESTED[name]} conv(1, 2) }}
    """
    assert u_shape(resdsl.design(spec).facts) is None


@pytest.mark.parametrize("join", ["concat(a, here)", "concat(here, a)", "here + a"])
def test_no_arrow_passes_the_word_of_a_u_that_ends_where_it_joins(join: str) -> None:
    canvas = drawn(f"""
    network n {{
        input 8 x 64 x 64
        keep a maxpool(2) conv(3, 8)
        keep b maxpool(2) conv_transpose(2, 8, stride=2) join concat(b, here)
        conv_transpose(2, 8, stride=2) join {join}
    }}
    """)
    assert "output" in texts(canvas)
    assert problems(canvas) == []
