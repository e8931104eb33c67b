"""Windows that "auto" pads: which are told of, and that the help helps."""

from __future__ import annotations

import pytest

import resdsl


def told(steps: str, size: str = "3 x 13 x 13", before: str = "") -> list[str]:
    report = resdsl.check(f"{before}\nnetwork net {{ input {size} {steps} }}\n")
    assert report.ok, report
    return [one.code.id for one in report.diagnostics]


@pytest.mark.parametrize(
    "step",
    [
        "conv(2, 4)",
        "conv(4, 4)",
        "conv(1x2, 4)",
        "conv(4, 4, stride=1x2)",
        "conv(2, 4, dilation=3)",
        "depthwise(4)",
        "maxpool(2, stride=1)",
        "avgpool(4, stride=1)",
        "conv_norm_act(4, 8)",
    ],
)
def test_even_windows_at_stride_1(step: str) -> None:
    assert told(step) == ["W1015"]


@pytest.mark.parametrize(
    "step",
    [
        "conv(4, 4, padding=1)",
        "conv(4, 4, stride=2)",
        "conv(2, 4, dilation=2)",
        "conv(1x3, 4)",
        "maxpool(2)",
        "avgpool(2, stride=1, padding=0)",
        "pad(0, 1) conv(4, 4, padding=1)",
        "pad(0, 1) conv(4, 4)",
        "norm pad(0, 1) conv(4, 4, dilation=3)",
        "conv_transpose(4, 4)",
    ],
)
def test_other_windows_are_not_told_of(step: str) -> None:
    assert told(step) == []


@pytest.mark.parametrize(
    "step", ["conv(2, 4)", "conv(4x6, 4)", "conv(3x4, 4)", "avgpool(4, stride=1)"]
)
def test_the_pad_that_is_offered_keeps_the_extents(step: str) -> None:
    (found,) = resdsl.check(f"network net {{ input 3 x 13 x 14 {step} }}\n").diagnostics
    pad = found.help[0].split("`")[1]
    assert not resdsl.check(f"network net {{ input 3 x 13 x 14 {pad} {step} }}\n").diagnostics
    padding = resdsl.design(f"network net {{ input 3 x 13 x 14 {pad} {step} }}\n")
    assert padding.output is not None
    assert padding.output[1:] == (13, 14)


WIDE = "avgpool(13, stride=1)"


@pytest.mark.parametrize(
    "steps",
    [
        f"{WIDE} flatten linear(10)",
        f"conv(3, 8) {WIDE} conv(1, 10) flatten",
        "maxpool(15, stride=1) act dropout flatten linear(10)",
        f"head: {{ {WIDE} flatten linear(10) }}",
        f"conv(1, 10) {WIDE}",
        f"{WIDE} residual {{ conv(3, 3) }} flatten linear(10)",
        "avgpool(14, stride=1) flatten",
    ],
)
def test_pools_that_are_meant_to_be_global(steps: str) -> None:
    assert told(steps) == ["W1017"]


@pytest.mark.parametrize(
    "steps",
    [
        "avgpool(13) flatten linear(10)",
        "avgpool(13, stride=1, padding=0) flatten",
        "avgpool(13, stride=1, padding=6) flatten",
        "avgpool(3, stride=1) flatten linear(10)",
        # YOLO's spatial pyramids, and Inception at a small size.
        f"fork {{ a: identity b: maxpool(5, stride=1) c: {WIDE} }} join concat(a, b, c) flatten",
        f"keep a maxpool(13, stride=1) keep b {WIDE} join concat(a, b, here) flatten",
        f"fork {{ a: conv(1, 4) b: {{ {WIDE} conv(1, 4) }} }} join concat(a, b) flatten",
        f"residual {{ {WIDE} conv(1, 3) }} flatten",
        f"keep a {WIDE} join here - a flatten",
        "conv(13, 8) flatten",
    ],
)
def test_pools_that_keep_extents_for_others_are_not_told_of(steps: str) -> None:
    assert told(steps) == []


def test_a_block_is_judged_by_what_is_in_it() -> None:
    pooled = f"block pooled {{ {WIDE} }}\nblock head {{ {WIDE} flatten linear(10) }}\n"
    assert told("pooled flatten", before=pooled) == []
    assert told("head", before=pooled) == ["W1017"]


def test_a_free_input_has_no_width() -> None:
    assert told("avgpool(7, stride=1)", "3 x H x W") == []
