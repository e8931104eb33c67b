"""The DOT text of overviews."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from resdsl.analysis.facts import facts
from resdsl.design.model import Network
from resdsl.drawing.overview import overview
from resdsl.drawing.render import find_renderer, render

Networks = Callable[..., Network]

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


@pytest.mark.parametrize("name", ["resnet50", "plain34", "resnet18_option_a", "resnext50_32x4d"])
def test_twice_the_same(network: Networks, name: str) -> None:
    assert overview(network(name)).dot == overview(network(name)).dot


def test_repeats_are_split_not_drawn_one_by_one(network: Networks) -> None:
    dot = overview(network("resnet152")).dot
    names = re.findall(r">(blocks? [\d–]+)<", dot)
    assert names == [
        "block 1", "blocks 2–3", "block 1", "blocks 2–8",
        "block 1", "blocks 2–36", "block 1", "blocks 2–3",
    ]  # fmt: skip
    assert "<B>×35</B>" in dot
    assert len(dot) == len(overview(network("resnet152")).dot) < 20_000


def test_solid_identities_dotted_projections(network: Networks) -> None:
    dot = overview(network("resnet50")).dot
    arcs = re.findall(r"(\w+):e -> (\w+):e \[(.*)\]", dot)
    assert [("dotted" in look, "label" in look) for _, _, look in arcs] == [
        (True, True),
        (False, False),
    ] * 4
    assert 'label="  1×1, 512, /2\\l"' in dot


def test_the_legend_lists_only_what_occurs(network: Networks) -> None:
    plain, option_a = overview(network("plain18")).dot, overview(network("resnet18_option_a")).dot
    assert "arc" not in plain
    assert "dotted arc: zero-padded shortcut" in option_a
    assert "projection" not in option_a
    assert "C: cardinality" in overview(network("resnext50_32x4d")).dot


def test_ids_are_module_paths_and_unique(network: Networks) -> None:
    dot = overview(network("resnet50")).dot
    ids = attribute(dot, "id")
    assert len(ids) == len(set(ids))
    assert {"conv1", "maxpool", "layer1.0", "layer1.1", "layer4.1.sum", "fc"} <= set(ids)


def test_tooltips_add_up_to_the_network(network: Networks) -> None:
    design = network("resnet50")
    dot = overview(design).dot
    nodes = [tip for tip in attribute(dot, "tooltip") if "parameters" in tip and ":" in tip]
    params = sum(int(re.findall(r"([\d,]+) parameters", tip)[0].replace(",", "")) for tip in nodes)
    macs = sum(int(re.findall(r"([\d,]+) MACs", tip)[0].replace(",", "")) for tip in nodes)
    cost = facts(design).cost
    assert (params, macs) == (cost.params, cost.macs)


def test_hostile_labels_are_text(network: Networks) -> None:
    dot = overview(network(HOSTILE)).dot
    # In attributes as it is, quoted, backslashes escaped; in HTML labels as entities.
    assert 'id="<b>"' in dot
    assert "a\\\\b&<1>.0" in attribute(dot, "id")
    assert "a\\b&amp;&lt;1&gt;" in dot
    renderer = find_renderer()
    assert renderer is not None, "the extra `test` has graphviz-pure"
    assert "a\\b&amp;&lt;1&gt;" in render(dot, "svg", renderer).decode()


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
    ],
)
@pytest.mark.parametrize("size", ["16", "16 x 16", "9 x 9 x 9", "H x W"])
def test_everything_is_drawn(network: Networks, body: str, size: str) -> None:
    assert overview(network(f"network n {{ input 8 x {size} {body} }}\n")).dot.startswith("digraph")


def test_numbers_at_another_size(network: Networks) -> None:
    assert "4.54 G MACs at 3×193×257" in overview(network("resnet50"), (193, 257)).dot
    assert "⌈H/32⌉" in overview(network("resnet50"), (None, None)).dot
