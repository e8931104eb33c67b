"""The rows of the table."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

import resdsl
from resdsl.analysis.facts import Facts
from tests.zoo.families import some_families

Known = Callable[..., Facts]

# A sum after a bracket, or of a row with a tensor, is what papers write: `[…] + early`, `+ early`.
EXPRESSION = re.compile(r" · |\w\(|\d − |\bx\b|\w [+−] ")


def rows(found: Facts) -> list[tuple[str, str, str, str]]:
    return [(row.name, row.kind, row.output, row.layers) for row in found.stages.rows]


def test_resnet50_is_the_papers_table(known: Known) -> None:
    assert rows(known("resnet50")) == [
        ("conv1", "stem", "64×112×112", "7×7, 64, /2"),
        ("maxpool", "stem", "64×56×56", "3×3 max pool, /2"),
        ("layer1", "stage", "256×56×56", "[1×1, 64; 3×3, 64; 1×1, 256] × 3"),
        ("layer2", "stage", "512×28×28", "[1×1, 128; 3×3, 128; 1×1, 512] × 4, /2"),
        ("layer3", "stage", "1024×14×14", "[1×1, 256; 3×3, 256; 1×1, 1024] × 6, /2"),
        ("layer4", "stage", "2048×7×7", "[1×1, 512; 3×3, 512; 1×1, 2048] × 3, /2"),
        ("avgpool", "head", "2048", "global average pool"),
        ("head", "head", "1000", "fc, 1000"),
    ]


def test_shares_sum_to_one(known: Known) -> None:
    assert sum(row.share for row in known("resnet50").stages.rows) == pytest.approx(1)


def test_numbers_of_a_shape(known: Known) -> None:
    free = known("network n { input 3 x H x W stage s: basic(8) x 2 }\n").stages.rows
    assert [(row.output, row.shape) for row in free] == [("8×H×W", None)]
    fixed = known("network n { input 3 x 9 x 9 stage s /2: basic(8) x 2 }\n").stages.rows
    assert [(row.output, row.shape) for row in fixed] == [("8×5×5", (8, 5, 5))]


def test_kept_tensors_divide(known: Known) -> None:
    found = known(
        """network n {
            input 3 x 32 x 32
            features: { conv(3, 8) act keep one maxpool(2) conv(3, 16) act keep two maxpool(2) }
            flatten linear(10)
        }
        """
    )
    assert [(name, kind, layers) for name, kind, _, layers in rows(found)] == [
        ("one", "keep", "3×3, 8"),
        ("two", "keep", "2×2 max pool, /2; 3×3, 16"),
        ("maxpool", "head", "2×2 max pool, /2"),
        ("head", "head", "fc, 10"),
    ]


def test_labels_divide_where_nothing_else_does(known: Known) -> None:
    found = known(
        "network n { input 3 x 9 c1: conv(3, 8) b1: norm act c2: conv(3, 8) global_avgpool }\n"
    )
    assert [(row[0], row[1]) for row in rows(found)] == [("c1", "label"), ("c2", "label")]


def test_stages_in_groups(known: Known) -> None:
    found = known(
        "network n { input 3 x 9 body: { conv(3, 8) stage s: basic(8) x 2 } conv(3, 4) }\n"
    )
    assert [row[0] for row in rows(found)] == ["body", "s", "head"]
    assert found.stages.rows[1].path == "body.s"


def test_a_deep_stem_is_one_row(known: Known) -> None:
    found = known(
        """network n {
            input 3 x 64 x 64
            conv1: { conv(3, 8, stride=2) norm act conv(3, 8) norm act conv(3, 16) }
            bn1: norm act maxpool(3, stride=2)
            stage s: basic(16) x 2
        }
        """
    )
    assert rows(found)[:2] == [
        ("conv1", "stem", "16×32×32", "3×3, 8, /2; 3×3, 8; 3×3, 16"),
        ("maxpool", "stem", "16×16×16", "3×3 max pool, /2"),
    ]


def test_stochastic_depth_does_not_part_blocks(known: Known) -> None:
    found = known("network n { input 8 x 9 stage s: basic(8, drop_rate=progress * 0.5) x 3 }\n")
    first, others = found.sections[0].elements
    # At a rate of 0 there is no such step.
    assert [row.text for row in first.rows] == ["k=3, 8", "k=3, 8"]
    assert [row.text for row in others.rows] == ["k=3, 8", "k=3, 8", "drop path 0.25–0.5"]
    assert (first.count, others.count) == (1, 2)


@pytest.mark.parametrize(
    ("body", "layers"),
    [
        ("conv(3, 8) x 3", "k=3, 8 × 3"),
        ("conv(3, 8, padding=0) x 3", "k=3, 8 × 3"),
        ("act norm", "ReLU, BN"),
        ("{ conv(3, 8) residual { conv(3, 8) } } x 2", "[k=3, 8; [k=3, 8] + identity] × 2"),
        (
            "{ keep a conv(3, 8) residual { conv(3, 8) } via { join a } } x 2",
            "[k=3, 8; [k=3, 8] + a] × 2",
        ),
        (
            "fork { l: conv(1, 8) r: { maxpool(3, stride=1) conv(1, 8) } } join concat(l, r)",
            "[concatenation: l: k=1, 8; r: k=3 max pool → k=1, 8]",
        ),
        (
            "conv(3, 8) keep a act join a * 2 - here",
            "k=3, 8; ReLU; difference of a scaled by 2 and here",
        ),
        ("fork { p: { conv(1, 2) conv(1, 8) } x 4 } join sum(p)", "[sum: 4 × k=1, 2 → k=1, 8]"),
        ("dropout(0.1) upsample_nothing: identity x 0", "dropout 0.1"),
        ("upsample(2) conv_transpose(2, 8, stride=2)", "2× upsampling; k=2 transposed, 8, 2× up"),
        ("conv(3, 8, stride=2) x 2 conv(3, 8)", "k=3, 8, /2 × 2; k=3, 8"),
    ],
)
def test_every_step_is_in_a_row(known: Known, body: str, layers: str) -> None:
    found = known(f"network n {{ input 8 x 32 {body} }}\n")
    assert "; ".join(row[3] for row in rows(found)) == layers


def test_depth_of_rows_inside_of_blocks(known: Known) -> None:
    """A stem that is a call is shown layer by layer, and its values are not the network's."""
    found = known(
        """
        from std.stem import deep_stem
        network n {
            input 3 x 96 x 96
            stem: deep_stem
            stage layer1: basic(64) x 2
            global_avgpool flatten
            fc: linear(10)
        }
        """
    )
    depths = {row.name: row.depth for row in found.stages.rows}
    assert depths["layer1"] == 4
    assert depths["head"] == 1
    assert sum(depths.values()) == 8


SQUEEZED = "gate: GAP → 1×1, 2 → 1×1, 8"
SQUEEZE = "global_avgpool conv(1, 2) act conv(1, 8) sigmoid"


@pytest.mark.parametrize(
    "body",
    [
        f"{{ {SQUEEZE} join in * here }}",
        f"{{ {SQUEEZE} join here * in }}",
        f"keep a {SQUEEZE} join a * here",
        f"fork {{ gate: {{ {SQUEEZE} }} }} join here * gate",
        f"fork {{ a: identity gate: {{ {SQUEEZE} }} }} join gate * a",
    ],
)
def test_squeeze_and_excitation_however_it_is_written(known: Known, body: str) -> None:
    found = known(
        f"block b {{ {body} }}\nblock c {{ conv(3, 8) b }}\n"
        "network n { input 8 x 16 x 16 stage s: c x 2 }\n"
    )
    assert rows(found)[0][3] == f"[3×3, 8; {SQUEEZED}] × 2"


def test_a_count_hides_no_stride(known: Known) -> None:
    """That of the first block stands behind the number; any other parts the blocks."""
    text = """
    block b(stride: int = 1) {
        residual { conv(3, 8, stride=stride) norm act conv(3, 8) } via projection
    }
    block c(stride: int = 1) {
        residual { conv(3, 8, stride=stride) conv(3, 8, stride=stride) } via projection
    }
    network n {
        input 8 x 64 x 64
        stage first: { b(2) b x 2 }
        stage second: { b b(2) b }
        stage all: { b(2) b(2) }
        stage twice: { c(2) c }
    }
    """
    assert [row[3] for row in rows(known(text))] == [
        "[3×3, 8; 3×3, 8] × 3, /2",
        "[3×3, 8; 3×3, 8]; [3×3, 8; 3×3, 8] × 2, /2",
        "[3×3, 8, /2; 3×3, 8] × 2",
        "[3×3, 8, /2; 3×3, 8, /2]; [3×3, 8; 3×3, 8]",
    ]


def test_equal_neighbours_are_one_whatever_their_names_and_channels(known: Known) -> None:
    """DenseNet's layers differ in what comes in; tables and pictures count the same."""
    found = known("densenet121")
    counts = {
        section.name: [element.count for element in section.elements if element.is_block]
        for section in found.sections
    }
    assert [counts[f"denseblock{i}"] for i in (1, 2, 3, 4)] == [[6], [12], [24], [16]]
    by_name = {row[0]: row[3] for row in rows(found)}
    assert by_name["denseblock2"] == "[1×1, 128; 3×3, 32; concat in and here] × 12"


def test_a_call_with_several_results_has_a_row_of_its_own(known: Known) -> None:
    block = "block two { conv(3, 8) keep one conv(3, 8) output one: one, two: here }\n"
    body = "conv(3, 8) both: two keep a, b conv(1, 8) join here + a + b fc: conv(1, 4)"
    found = known(f"{block}network n {{ input 3 x 8 x 8 {body} }}\n")
    assert [(row[0], row[3]) for row in rows(found)] == [
        ("conv", "3×3, 8"),
        ("both", "3×3, 8; 3×3, 8"),
        ("head", "1×1, 8; + a and b; 1×1, 4"),
    ]


def test_labels_divide_by_unit_and_by_group(known: Known) -> None:
    body = (
        "trunk: { conv1: conv(3, 8) layer1: basic(8) x 2 layer2: basic(16) /2 x 3 } "
        "head: { conv(3, 16) conv(1, 4) } upsample(2)"
    )
    found = known(f"network n {{ input 3 x 8 x 8 {body} output out: here }}\n")
    assert [(row[0], row[3]) for row in rows(found)] == [
        ("conv1", "3×3, 8"),
        ("layer1", "[3×3, 8; 3×3, 8] × 2"),
        ("layer2", "[3×3, 16; 3×3, 16] × 3, /2"),
        ("out", "3×3, 16; 1×1, 4; 2× upsampling"),
    ]
    found = known(f"network n {{ input 3 x 8 x 8 {body} }}\n")
    assert rows(found)[-1][0] == "head"


def test_a_row_has_the_label_of_the_group_or_block_that_it_begins_with(known: Known) -> None:
    """However its layers are written."""
    block = "block unit(width: int) { conv(3, width) norm act }\n"
    stem, mid = "stem: unit(8)", "mid: { conv(3, 16) norm act }"
    last = "last: unit(8) maxpool(2) fc: { conv(1, 4) norm }"
    text = f"{block}network n {{ input 3 x 8 x 8 %s }}\n"
    staged = known(text % f"{stem} stage a: basic(8) {mid} stage b: basic(8) {last}")
    assert [row[0] for row in rows(staged)] == ["stem", "a", "mid", "b", "head"]
    found = known(text % f"{stem} {mid} c: conv(3, 4) {last}")
    assert [row[:2] for row in rows(found)] == [
        ("stem", "label"),
        ("mid", "label"),
        ("c", "label"),
        ("last", "label"),
        ("fc", "label"),
    ]


def test_a_row_of_a_part_of_a_group_has_not_its_label(known: Known) -> None:
    """With `features` it would be another tensor."""
    found = known(
        "network n { input 3 x 8 x 8 stem: { conv(3, 8) norm act maxpool(2) } stage a: basic(8) }\n"
    )
    assert [row[0] for row in rows(found)] == ["conv", "maxpool", "a"]
    body = "trunk: { one: { conv(3, 8) norm } two: { conv(3, 8) norm } } fc: conv(1, 4)"
    found = known(f"network n {{ input 3 x 8 x 8 {body} }}\n")
    assert [row[0] for row in rows(found)] == ["one", "two", "fc"]


@pytest.mark.parametrize("begin", ["front", "crop(1, 0)", "pad(1, 1)"])
def test_a_stem_that_begins_with_what_costs_nothing_is_one(known: Known, begin: str) -> None:
    block = "block front { crop(1, 0) pad(0, 1) }"
    stem = f"stem: {{ {begin} conv1: conv(3, 8) }}"
    found = known(f"{block} network n {{ input 3 x 8 x 8 {stem} stage a: basic(8) }}\n")
    assert [row[0] for row in rows(found)] == ["stem", "a"]


def test_the_first_call_of_a_module_that_is_called_again_has_its_name(known: Known) -> None:
    text = """
    block encoder { conv(3, 8) norm act s: basic(8) x 2 }
    block cell { one: conv(1, 8) reuse one }
    network n {
        input 6 x 8 x 8
        slice_channels(0, 3)
        enc: encoder keep a
        join in
        slice_channels(3)
        reuse enc keep b
        join a + b
        conv(3, 8) k: conv(3, 8) reuse k conv(3, 8)
        cell
        residual { m: conv(3, 8) reuse m }
        stage f: basic(8) reuse f
    }
    """
    assert [(row[0], row[3]) for row in rows(known(text))] == [
        ("a", "channels 0:3; enc: 3×3, 8; [3×3, 8; 3×3, 8] × 2"),
        ("b", "channels 3:6; enc again"),
        (
            "join",
            "+ a; 3×3, 8; k: 3×3, 8; k again; 3×3, 8; one: 1×1, 8; one again; [m: 3×3, 8; m again]",
        ),
        ("f", "[3×3, 8; 3×3, 8]"),
        ("head", "f again"),
    ]


def test_a_name_that_is_kept_again_names_the_last_row(known: Known) -> None:
    """It is what the name is of behind them; those of one module before have its label, or say
    what it is."""
    block = "block unit { conv(3, 8) norm act }\n"
    body = "for i in range(2) { b[i]: basic(8) keep h } c: unit keep h conv(3, 8) keep h"
    several = "d: conv(3, 8) e: conv(3, 8) keep h conv(3, 4)"
    found = known(f"{block}network n {{ input 8 x 8 x 8 {body} {several} keep h }}\n")
    assert [row[0] for row in rows(found)] == ["b0", "b1", "c", "conv", "h", "h"]


@pytest.mark.parametrize("name", some_families(one.name for one in resdsl.networks()))
def test_no_row_of_the_zoo_has_an_expression(name: str) -> None:
    """`·`, calls, `1 −`, or a tensor that goes by `x`."""
    found = resdsl.design(name).facts
    texts = [text for row in found.stages.rows for group in row.groups for text in group.rows]
    for section in found.sections:
        for element in section.elements:
            texts += [element.text, *(row.text for row in element.rows)]
            texts += [element.shortcut.label] if element.shortcut else []
    assert not [text for text in texts if EXPRESSION.search(text)]


def test_expressions_are_found() -> None:
    for text in ("x · x", "concat(level4, x)", "main · gate", "1 − gate", "[3×3, 8] + x", "a + b"):
        assert EXPRESSION.search(text), text
