"""The rows of the table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from resdsl.analysis.facts import Facts

Known = Callable[..., Facts]


def rows(found: Facts) -> list[tuple[str, str, str, str]]:
    return [(row.name, row.kind, row.output, row.layers) for row in found.stages.rows]


def test_resnet50_is_the_papers_table(known: Known) -> None:
    assert rows(known("resnet50")) == [
        ("conv1", "stem", "64×112×112", "7×7, 64, /2"),
        ("maxpool", "stem", "64×56×56", "3×3 max pool, /2"),
        ("layer1", "stage", "256×56×56", "[1×1, 64; 3×3, 64; 1×1, 256] × 3"),
        ("layer2", "stage", "512×28×28", "[1×1, 128; 3×3, 128; 1×1, 512] × 4"),
        ("layer3", "stage", "1024×14×14", "[1×1, 256; 3×3, 256; 1×1, 1024] × 6"),
        ("layer4", "stage", "2048×7×7", "[1×1, 512; 3×3, 512; 1×1, 2048] × 3"),
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
    assert [row.text for row in first.rows] == ["3, 8", "3, 8"]
    assert [row.text for row in others.rows] == ["3, 8", "3, 8", "drop path 0.25–0.5"]
    assert (first.count, others.count) == (1, 2)


@pytest.mark.parametrize(
    ("body", "layers"),
    [
        ("conv(3, 8) x 3", "3, 8 × 3"),
        ("conv(3, 8, padding=0) x 3", "3, 8 × 3"),
        ("act norm", "ReLU, BN"),
        ("{ conv(3, 8) residual { conv(3, 8) } } x 2", "[3, 8; [3, 8] + x] × 2"),
        (
            "fork { l: conv(1, 8) r: { maxpool(3, stride=1) conv(1, 8) } } join concat(l, r)",
            "[concatenation: l: 1, 8; r: 3 max pool → 1, 8]",
        ),
        ("conv(3, 8) keep a act join a * 2 - here", "3, 8; ReLU; a · 2 − x"),
        ("fork { p: { conv(1, 2) conv(1, 8) } x 4 } join sum(p)", "[sum: 4 × 1, 2 → 1, 8]"),
        ("dropout(0.1) upsample_nothing: identity x 0", "dropout 0.1"),
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
