"""Overviews: what is drawn, where, and the DOT text of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import resdsl
from resdsl.analysis.facts import facts
from resdsl.design.network import Network
from resdsl.drawing.column.overview import overview
from resdsl.drawing.layout.canvas import Band, Canvas, Line, Sign, Text
from resdsl.drawing.layout.pinned import dot as dot_of
from resdsl.drawing.render import find_renderer, render
from tests.drawing.geometry import problems
from tests.random_networks.strategy import tree
from tests.random_networks.texts import render as render_text
from tests.zoo.families import every, some_families

Networks = Callable[..., Network]

GOLDEN = Path(__file__).parent.parent / "golden" / "overviews"

HOSTILE = r"""
network n {
    input 3 x H x W
    "<b>": conv(3, 8)
    keep k
    stage "a\b&<1>": basic(8) x 2
    "q\n": { residual { conv(3, 8) residual { conv(3, 8) } } act conv(1, 8) }
    fork { l: conv(1, 8) r: identity } join concat(l, r, here)
    join here * 2
}
"""


def attribute(dot: str, name: str) -> list[str]:
    """The values of a quoted or bare attribute."""
    found = re.findall(rf'\b{name}=(?:"((?:[^"\\]|\\.)*)"|([\w.]+))', dot)
    return [quoted or bare for quoted, bare in found]


def drawn(network: Network, extents: tuple[int | None, ...] | None = None) -> Canvas:
    return overview(facts(network, extents)).canvas


def dot(network: Network) -> str:
    return dot_of(drawn(network))


def texts(canvas: Canvas) -> list[str]:
    return [text.text for text in canvas.of(Text)]


def arcs(canvas: Canvas) -> list[Line]:
    return [line for line in canvas.of(Line) if line.head.endswith(".sum") and line.arrow]


def crossed(canvas: Canvas) -> Iterator[str]:
    """Lines that pass a block's box, and labels half in one. What stands in it is its own."""
    for band in canvas.of(Band):
        left, right = band.left + 0.5, band.left + band.width - 0.5
        top, bottom = band.top + 0.5, band.top + band.height - 0.5
        for line in canvas.of(Line):
            inside = [left < x < right and top < y < bottom for x, y in line.points]
            if any(inside) and line.head not in ("", band.node):
                is_own = all(
                    left - 1 < x < right + 1 and top - 1 < y < bottom + 1 for x, y in line.points
                )
                if not is_own:
                    yield f"a line to {line.head} in {band.node}"
            for (x0, y0), (x1, y1) in pairwise(line.points):
                if x0 == x1 and left < x0 < right and min(y0, y1) < top and max(y0, y1) > bottom:
                    yield f"a line to {line.head} through {band.node}"
                if y0 == y1 and top < y0 < bottom and min(x0, x1) < left and max(x0, x1) > right:
                    yield f"a line to {line.head} across {band.node}"
        for text in canvas.of(Text):
            over = max(top - text.y, text.y - bottom)
            if 0 < over < text.size / 2 - 1 and left < text.x < right:
                yield f"{text.text} at the edge of {band.node}"


def faults(canvas: Canvas) -> list[str]:
    return [*problems(canvas), *crossed(canvas)]


@pytest.mark.parametrize("name", some_families(str(one.name) for one in resdsl.networks()))
def test_overviews_of_the_zoo_can_be_read(name: str) -> None:
    """Nothing overlaps, all is on the page, which is less than three times as high as wide."""
    canvas = overview(resdsl.design(name).facts).canvas
    assert 1 / 3 < canvas.height / canvas.width < 3
    assert faults(canvas) == []


@pytest.mark.parametrize("name", ["resnet50", "unet", "seresnet50", "googlenet", "densenet121"])
def test_layouts(network: Networks, golden: Callable[[Path, str], None], name: str) -> None:
    canvas = drawn(network(name))
    lines = [json.dumps(item, ensure_ascii=False) for item in canvas.to_json()["items"]]
    size = f"{canvas.width:g} x {canvas.height:g}"
    golden(GOLDEN / f"{name}.json", "\n".join([size, *lines]) + "\n")


@pytest.mark.parametrize("name", ["resnet18", "unet"])
def test_dot(network: Networks, golden: Callable[[Path, str], None], name: str) -> None:
    golden(GOLDEN / f"{name}.dot", dot(network(name)))


@pytest.mark.parametrize("seeds", every(2, [range(30), range(1000, 1030)]))
def test_random_networks(seeds: range) -> None:
    for seed in seeds:
        for design in resdsl.check(render_text(tree(seed)) + "\n").designs:
            canvas = overview(design.facts).canvas
            assert faults(canvas) == [], f"{design.name} of seed {seed}"
            assert 1 / 3 < canvas.height / canvas.width < 3, f"{design.name} of seed {seed}"


@pytest.mark.parametrize("name", ["resnet50", "plain34", "resnet18_option_a", "resnext50_32x4d"])
def test_twice_the_same(network: Networks, name: str) -> None:
    assert dot(network(name)) == dot(network(name))


def test_repeats_are_split_not_drawn_one_by_one(network: Networks) -> None:
    canvas = drawn(network("resnet152"))
    names = [text for text in texts(canvas) if text.startswith("block")]
    assert names == [
        "block 1", "blocks 2–3", "block 1", "blocks 2–8",
        "block 1", "blocks 2–36", "block 1", "blocks 2–3",
    ]  # fmt: skip
    # In the box, and at the arc: one goes around each of them.
    assert texts(canvas).count("×35") == 2
    assert "×N at an arc: one around each block" in texts(canvas)


def test_the_only_block_of_a_stage_is_called_what_it_is(network: Networks) -> None:
    names = [
        text
        for text in texts(drawn(network("mobilenet_v2")))
        if text.startswith("block ") or text == "inverted residual"
    ]
    assert names[0] == names[-1] == "inverted residual"
    assert names[1:3] == ["block 1", "block 2"]


def test_pictures_count_what_tables_count(network: Networks) -> None:
    found = texts(drawn(network("densenet121")))
    assert [text for text in found if text[0] == "×" and text[1:].isdecimal()] == [
        "×6", "×12", "×24", "×16",
    ]  # fmt: skip


def test_solid_identities_dotted_projections(network: Networks) -> None:
    canvas = drawn(network("resnet50"))
    assert [line.dash for line in arcs(canvas)] == ["dotted", "solid"] * 4
    assert "1×1, 512, /2" in texts(canvas)
    assert len(canvas.of(Sign)) == 8


def test_the_legend_lists_only_what_occurs(network: Networks) -> None:
    plain, option_a = texts(drawn(network("plain18"))), texts(drawn(network("resnet18_option_a")))
    assert not any("shortcut" in text for text in plain)
    assert "zero-padded shortcut" in option_a and "projection shortcut" not in option_a
    assert "C: cardinality" in texts(drawn(network("resnext50_32x4d")))
    assert "concatenation" in texts(drawn(network("unet")))


def test_stages_have_colours_in_turn_and_what_is_around_them_none(network: Networks) -> None:
    bands = drawn(network("resnet18")).of(Band)
    looks = dict.fromkeys((band.look, band.node.split(".")[0]) for band in bands)
    assert [look for look, _ in looks] == [
        "neutral", "neutral", "stage0", "stage1", "stage2", "stage3", "neutral", "neutral",
    ]  # fmt: skip


def test_ids_are_module_paths_and_unique(network: Networks) -> None:
    ids = attribute(dot(network("resnet50")), "id")
    assert len(ids) == len(set(ids))
    assert {"conv1", "maxpool", "layer1.0", "layer1.1", "layer4.1.sum", "fc"} <= set(ids)


def test_tooltips_add_up_to_the_network(network: Networks) -> None:
    design = network("resnet50")
    tips = attribute(dot(design), "tooltip")
    nodes = [tip for tip in tips if "parameters" in tip and ":" in tip]
    params = sum(int(re.findall(r"([\d,]+) parameters", tip)[0].replace(",", "")) for tip in nodes)
    macs = sum(int(re.findall(r"([\d,]+) MACs", tip)[0].replace(",", "")) for tip in nodes)
    cost = facts(design).cost
    assert (params, macs) == (cost.params, cost.macs)


def test_branches_stand_side_by_side(network: Networks) -> None:
    """They are no lines of text, and the sign where they meet is below them."""
    canvas = drawn(network("googlenet"))
    band = next(band for band in canvas.of(Band) if band.node == "inception3a")
    inside = [text for text in canvas.of(Text) if 0 < text.y - band.top < band.height]
    rows = {text.text: text for text in inside}
    assert {"1×1, 64", "1×1, 96", "3×3, 128", "1×1, 16", "3×3, 32", "1×1, 32"} <= set(rows)
    assert rows["1×1, 64"].y == rows["1×1, 96"].y == rows["1×1, 16"].y
    assert not any("→" in text or ":" in text for text in rows)
    (sign,) = [sign for sign in canvas.of(Sign) if sign.node.startswith("inception3a.")]
    assert sign.sign == "|" and sign.y > rows["1×1, 32"].y


def test_a_gate_stands_beside_what_it_weighs(network: Networks) -> None:
    canvas = drawn(network("seresnet50"))
    sign = next(sign for sign in canvas.of(Sign) if sign.sign == "*" and sign.node)
    pool = next(text for text in canvas.of(Text) if text.text == "GAP")
    assert pool.x > sign.x
    assert not any("x · x" in text for text in texts(canvas))


def test_paths_that_are_left_out_are_counted(network: Networks) -> None:
    assert "32" in texts(drawn(network("resnext50_32x4d_a")))
    assert "paths" in texts(drawn(network("resnext50_32x4d_a")))


def test_kept_tensors_run_at_the_right_to_where_they_are_joined(network: Networks) -> None:
    canvas = drawn(network("unet"))
    signs = [sign for sign in canvas.of(Sign) if sign.node.startswith("join")]
    lines = [line for line in canvas.of(Line) if line.head in {sign.node for sign in signs}]
    lanes = {line.head: line.points for line in lines if len(line.points) == 4}
    assert [sign.sign for sign in signs] == ["|"] * 4 and len(lanes) == 4
    # The innermost is joined first and runs nearest to the spine.
    xs = [lanes[sign.node][1][0] for sign in signs]
    assert xs == sorted(xs)
    assert {"level1", "level2", "level3", "level4"} <= set(texts(canvas))
    assert not any("concat(" in text for text in texts(canvas))


KEPT = """
network n {
    input 3 x 32 x 32
    conv(3, 16) keep a
    conv(3, 16) keep b
    basic(16) x 3 keep c
    join here + a
    conv(3, 16) norm
    join concat(b, here, c)
    conv(1, 16)
    join 2 * here + a
    join 1 - here
    fork { l: conv(1, 16) r: { conv(1, 4) conv(3, 16) } } join l - r + a
    keep d
    %s
    join b
    conv(3, 16)
    join d - here
    global_avgpool flatten linear(10)
}
"""


@pytest.mark.parametrize("between", ["", "basic(16) norm act " * 40])
def test_expressions_are_signs_and_factors(network: Networks, between: str) -> None:
    """In one column or several: no line or label meets another."""
    canvas = drawn(network(KEPT % between))
    assert faults(canvas) == []
    signs = [sign.sign for sign in canvas.of(Sign) if sign.node.startswith("join")]
    assert signs == ["+", "|", "+", "+"]


def test_a_spine_goes_on_in_further_columns(network: Networks) -> None:
    stages = " ".join(f"stage s{i}: {{ basic(8) basic({8 + i % 3}) x 3 }}" for i in range(40))
    canvas = drawn(network(f"network n {{ input 8 x 16 x 16 {stages} }}"))
    assert faults(canvas) == []
    assert texts(canvas).count("stage") == 4
    assert 1 < canvas.height / canvas.width < 2.2


def test_a_thousand_skips(network: Networks) -> None:
    """Where lanes would fill the page, names stand at both ends."""
    steps = "".join(f"conv(3, 8) keep k{i}\n" for i in range(60))
    joins = "".join(f"conv(3, 8) join here + k{i}\n" for i in reversed(range(60)))
    canvas = drawn(network(f"network n {{ input 8 x 8 x 8\n{steps}{joins}}}\n"))
    assert faults(canvas) == []
    assert 1 / 3 < canvas.height / canvas.width < 3


def test_hostile_labels_are_text(network: Networks) -> None:
    text = dot(network(HOSTILE))
    assert 'id="<b>"' in text
    assert "a\\\\b&amp;<1>.0" in attribute(text, "id")
    # In labels that are bold as entities.
    assert "a&#92;&#92;b&amp;&lt;1&gt;" in text
    renderer = find_renderer()
    assert renderer is not None, "the extra `test` has graphviz-pure"
    assert "a\\b&amp;&lt;1&gt;" in render(text, "svg", renderer).decode()


@pytest.mark.parametrize(
    "body",
    [
        "identity",
        "flatten",
        "act x 3",
        "conv(3, 8, padding=0) x 4",
        "keep a join a",
        "residual { identity }",
        "residual { conv(3, 8) } via none",
        "stage s: { basic(8) basic(8) x 2 residual { conv(3, 8) } }",
        "stage s: conv(3, 8)",
        "stage s: basic(8)",
        "stage s: identity",
        "{ basic(8) x 2 conv(1, 8) } x 2",
        "global_avgpool flatten linear(4) softmax",
        "keep a conv(3, 8) join a",
        "conv(3, 8) join here + in",
        "fork { a: conv(3, 8) b: identity } join a * b",
    ],
)
@pytest.mark.parametrize("size", ["16", "16 x 16", "9 x 9 x 9", "H x W"])
def test_everything_is_drawn(network: Networks, body: str, size: str) -> None:
    canvas = drawn(network(f"network n {{ input 8 x {size} {body} }}\n"))
    assert faults(canvas) == []
    assert 1 / 3 < canvas.height / canvas.width < 3


def test_numbers_at_another_size(network: Networks) -> None:
    at = texts(drawn(network("resnet50"), (193, 257)))
    assert any("4.54 G MACs at 3×193×257" in text for text in at)
    assert any("⌈H/32⌉" in text for text in texts(drawn(network("resnet50"), (None, None))))


def test_without_a_title_and_a_legend(network: Networks) -> None:
    known = facts(network("resnet50"))
    words = texts(overview(known, title=False, legend=False).canvas)
    assert "ResNet-50" not in words and "identity shortcut" not in words and "image" in words


def test_what_signs_cannot_tell_is_told_in_words(network: Networks) -> None:
    """A product of two kept tensors meets nowhere on the spine; its lines end at its box."""
    text = "network n {{ input 8 x 8 x 8 conv(3, 8) keep k conv(3, 8) join {} conv(1, 8) }}"
    for join in ("here + k * k", "here * k + k * (1 - here)"):
        canvas = drawn(network(text.format(join)))
        assert not [sign for sign in canvas.of(Sign) if sign.sign in ("+", "*")], join
        assert any(line.head == "join.2" and len(line.points) == 4 for line in canvas.of(Line)), (
            join
        )
    for join in ("here + k", "0.5 * k + here", "(1 - k) * here"):
        signs = [sign for sign in drawn(network(text.format(join))).of(Sign) if sign.node]
        assert len(signs) == 1, join


@pytest.mark.parametrize("many", [3, 12, 20, 60, 95])
def test_many_tensors_in_one_join(network: Networks, many: int) -> None:
    """Those without a lane are listed in lines; how many are left out is said."""
    steps = "".join(f"conv(3, 8) keep a_long_name_{i}\n" for i in range(many))
    read = " + ".join(f"a_long_name_{i}" for i in range(many))
    canvas = drawn(network(f"network n {{ input 8 x 8 x 8\n{steps} join here + {read} }}\n"))
    assert faults(canvas) == []
    lines = [line for line in canvas.of(Line) if line.head.startswith("join")]
    assert sum(line.count for line in lines) == many + 1
