"""What stands on the way past the residuals: "Identity Mappings in Deep Residual Networks"."""

from __future__ import annotations

import pytest

import resdsl
from resdsl.drawing.tables.shortcut_path import ShortcutPath

UNIT = """
block unit {{
    residual {{ conv(3, in.channels) norm }} via {{ {shortcut} }}
    {after}
}}
network n {{
    input 8 x 16 x 16
    stage one: unit x 3
    stage two: unit x 2
}}
"""


def paths(shortcut: str = "identity", after: str = "") -> ShortcutPath:
    return resdsl.design(UNIT.format(shortcut=shortcut, after=after)).shortcut_path()


@pytest.mark.parametrize(
    ("shortcut", "after", "text"),
    [
        ("identity", "", "the identity"),
        ("identity", "relu", "3 × relu"),
        ("identity", "norm act", "3 × norm, 3 × relu"),
        ("scale(0.5)", "", "scaled by 0.5^3 = 0.125"),
        ("scale(0.5) scale(2)", "", "scaled by 0.5^3 · 2^3 = 1"),
        ("conv(1, 8)", "", "3 × 1×1 conv"),
        ("dropout(0.5)", "relu", "3 × dropout, 3 × relu"),
        ("join here * 0.25 + main", "", "scaled by 0.25^3 = 0.0156"),
        ("keep skip conv(1, 8) sigmoid keep g join main * g + skip * (1 - g)", "", "3 × gate"),
        ("keep skip conv(1, 8) sigmoid keep g join main + skip * (1 - g)", "", "3 × gate"),
        ("join main - here", "", "scaled by (-1)^3 = -1"),
        ("join max(main, here)", "", "3 × max"),
        ("maxpool(3, stride=1)", "", "3 × 3×3 maxpool"),
    ],
)
def test_ways(shortcut: str, after: str, text: str) -> None:
    found = paths(shortcut, after)
    assert found.stages[0].way.text().replace("batchnorm", "norm") == text
    assert [stage.units for stage in found.stages] == [3, 2]
    assert found.whole.sums == (0 if "max(" in shortcut else 5)


def test_of_a_plain_network_everything_stands_on_the_way() -> None:
    found = paths("join main", "relu")
    assert dict(found.stages[0].way.steps) == {"3×3 conv": 3, "batchnorm": 3, "relu": 3}


def test_the_first_unit_is_told_apart() -> None:
    found = resdsl.design("resnet50").shortcut_path()
    for stage in found.stages:
        assert stage.later is not None
        assert dict(stage.way.steps)["1×1 conv"] == 1
        assert dict(stage.later.steps) == {"relu": stage.units - 1}
    assert dict(found.whole.steps) == {"1×1 conv": 4, "batchnorm": 4, "relu": 16}


def test_factors_multiply() -> None:
    text = UNIT.format(shortcut="scale(0.5)", after="").replace("x 3", "x 52")
    found = resdsl.design(text).shortcut_path()
    assert found.whole.scaling == 0.5**54
    assert "0.5^54 = 5.55e-17" in str(found)


def test_a_million_units_cost_what_three_do() -> None:
    text = UNIT.format(shortcut="identity", after="relu").replace("x 3", "x 1_000_000")
    found = resdsl.design(text).shortcut_path()
    assert dict(found.whole.steps) == {"relu": 1_000_002}


def test_copies_that_differ_and_groups() -> None:
    text = """
network n {
    input 8 x 16 x 16
    stage one: { residual { conv(3, 8) } via { scale(1 - 0.5 * index) } relu } x 2
    stage two: basic(16, stride=2, shortcut=zero_pad)
}
"""
    found = resdsl.design(text).shortcut_path()
    assert found.stages[0].way.factors == ((1.0, 1), (0.5, 1))
    assert dict(found.whole.steps) == {"relu": 3, "subsample": 1, "pad channels": 1}
    assert found.stages[1].later is None


def test_no_residual() -> None:
    found = resdsl.design("network n {\n input 8 x 8 x 8 conv(3, 8)\n}\n").shortcut_path()
    assert str(found) == "n has no residual"


@pytest.mark.parametrize(
    ("body", "whole"),
    [
        ("residual { conv(3, 8) } via none", "3×3 conv, 3 × relu"),
        ("r: residual { conv(3, 8) } via none", "3 × relu, 3×3 conv"),
        ("residual { conv(3, 8) } via { conv(1, 8) dropout(0.1) }", "3 × relu, 1×1 conv, dropout"),
        ("residual { conv(3, 8) } via { scale(0.5) }", "3 × relu, scaled by 0.5"),
        ("fork { a: identity b: conv(1, 8) } join a * b", "3 × relu, gate"),
        ("keep q conv(3, 8) join q * 2 + here", "3 × relu, scaled by 2"),
    ],
)
def test_what_stands_between_the_stages(body: str, whole: str) -> None:
    text = f"""network n {{
        input 8 x 16 x 16
        stage one: basic(8) x 2
        {body}
        stage two: basic(8)
    }}
    """
    found = resdsl.design(text).shortcut_path().whole.text()
    assert sorted(found.split(", ")) == sorted(whole.split(", "))


def test_residuals_of_the_network_itself() -> None:
    text = """network n {
        input 8 x 16 x 16
        residual { conv(3, 8) norm } via scale(0.5)
        residual { conv(3, 8) norm } via none
    }
    """
    found = resdsl.design(text).shortcut_path()
    assert [stage.way.text() for stage in found.stages] == ["scaled by 0.5"]
    text = text.replace("via none", "via scale(0.5)")
    assert resdsl.design(text).shortcut_path().whole.text() == "scaled by 0.5^2 = 0.25"


@pytest.mark.parametrize(
    ("order", "between"),
    [
        ("original", {"relu": 17}),
        ("bn_after_add", {"batchnorm": 17, "relu": 17}),
        ("relu_before_add", {}),
        ("relu_preact", {}),
        ("full_preact", {}),
    ],
)
def test_the_orders_of_the_paper(order: str, between: dict[str, int]) -> None:
    """Fig. 4: (a) is interrupted by an activation a unit, (b) by a norm as well, (c) to (e) are
    clean between the units that change the shape."""
    found = resdsl.design(f"cifar_resnet110_{order}").shortcut_path()
    assert [stage.units for stage in found.stages] == [18, 18, 18]
    for stage in found.stages:
        assert stage.later is not None
        assert dict(stage.later.steps) == between


def test_the_studies_of_the_paper() -> None:
    """Section 3: 0.5**54, gates, a 1x1 convolution or a dropout in every unit."""
    whole = {
        name: resdsl.design(f"cifar_resnet110_{name}").shortcut_path().whole
        for name in ("constant_scale", "exclusive_gate", "conv_shortcut", "dropout")
    }
    assert whole["constant_scale"].scaling == 0.5**54
    assert dict(whole["exclusive_gate"].steps)["gate"] == 54
    assert dict(whole["conv_shortcut"].steps)["1×1 conv"] == 54
    assert dict(whole["dropout"].steps)["dropout"] == 54


def test_a_stage_of_no_units() -> None:
    text = "network n {\ninput 4 x 8\nstage a: basic(4) x 0\nstage b: basic(4)\n}\n"
    assert [stage.name for stage in resdsl.design(text).shortcut_path().path.stages] == ["b"]
