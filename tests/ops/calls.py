"""Calls of every operator, with arguments that reach every part of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from resdsl.ops import REGISTRY

# Arguments that reach every part of an operator; what is not here is called without any.
CALLS = {
    "conv": [
        "3, 6",
        "1, 6, stride=2",
        "4, 6, stride=4",
        "3, 8, dilation=2, groups=4, bias=true",
        "3, 6, padding=0",
        '3, 6, bias=true, weights="standardized"',
        '1, 6, groups=2, weights="scaled", gamma=1.5, gain_init=0.5, eps=0.001',
        '3, 6, padding="same"',
        '3, 6, stride=2, padding="same"',
        '2, 8, dilation=3, groups=4, bias=true, padding="same"',
        '2, 6, stride=3, padding="same", weights="standardized"',
        '5, 6, stride=2, padding="same", weights="scaled", gain_init=0.5',
    ],
    "depthwise": [
        "3",
        "3, stride=2, multiplier=2, bias=true",
        "3, dilation=2",
        '3, weights="scaled"',
        '3, stride=2, padding="same"',
    ],
    "attention_pool": ["", 'bias=false, init="torch"'],
    "channel_conv": ["3", "5, bias=true"],
    "blur_pool": ["", "5, 1", '3, 1, mode="replicate"', '4, padding=1, mode="constant"'],
    "softmax": ["", 'over="positions"'],
    "global_response_norm": ["", "eps=0.001"],
    "filter_response_norm": [""],
    "evonorm": ["4", "groups=2, eps=0.001"],
    "linear": [
        "5",
        "5, bias=false",
        '5, at="positions"',
        '16, at="positions", bias=false, init="he_fan_in"',
    ],
    "maxpool": [
        "2",
        "3, stride=2",
        "2, ceil=true",
        "3, stride=1, padding=1, dilation=2",
        '3, stride=1, padding="same"',
        '3, stride=2, padding="same"',
        '3, stride=1, padding="same", dilation=2',
    ],
    "avgpool": [
        "2",
        "3, stride=2",
        "2, ceil=true",
        "3, 2, padding=1, count_include_pad=false",
        '3, 1, padding="same"',
        '3, 2, padding="same"',
        '2, padding="same", count_include_pad=false',
    ],
    "adaptive_avgpool": ["3"],
    "adaptive_maxpool": ["3"],
    "batchnorm": ["", "affine=false", "eps=0.001, momentum=0.01, scale_init=0"],
    "groupnorm": ["4", "groups=2, affine=false"],
    "instancenorm": ["", "eps=0.001, affine=true, scale_init=0.5"],
    "layernorm": ["", "eps=0.001, affine=false, scale_init=0.5", "scale_init=0.5"],
    "local_response_norm": ["", "3, alpha=0.1, beta=0.5, k=2"],
    "channel_shuffle": ["4"],
    "pad": ["1, 2", "0, 1"],
    "crop": ["1, 2", "0, 1", "1, 0", "0, 0"],
    "upsample": ["2", '3, mode="linear"', "1", "size=13", 'size=4, mode="linear"'],
    "pixel_shuffle": ["2"],
    "conv_transpose": [
        "2, 6, stride=2",
        "3, 6, stride=2, padding=1, output_padding=1, bias=true",
        "3, 8, stride=3, groups=4, dilation=2",
        "3, 8, stride=4, dilation=2",
        "2, 8, stride=2, dilation=4",
    ],
    "leaky_relu": ["", "slope=0.2"],
    "dropout": ["", "0.2"],
    "drop_path": ["0.5"],
    "subsample": ["2", "1"],
    "pad_channels": ["11", '11, where="split"', "8"],
    "slice_channels": ["2, 5", "0, 8", "3"],
    "unflatten": ["2"],
    "scale": ["0.5"],
    "layer_scale": [
        "",
        "init=0.1",
        '0.1, shape="map"',
        '1, per="tensor"',
        '0.5, per="tensor", shape="map"',
    ],
    "layer_shift": [
        "",
        "init=0.1",
        '0.1, shape="map"',
        '1, per="tensor"',
        '0.5, per="tensor", shape="map"',
    ],
}
# Arguments with a number for each dimension.
SIZED = {
    "conv": [
        "3x5, 6, stride=1x2",
        "1x3, 6, stride=2x1, dilation=1x2, padding=0x2",
        '4x3, 6, stride=1x2, dilation=2x1, padding="same"',
    ],
    "depthwise": ["5x3, stride=2x1"],
    "maxpool": ["2x3", "3x3, stride=2x1, padding=1x0", '2x3, stride=1x2, padding="same"'],
    "avgpool": ["3x2, stride=1x2", '2x3, stride=1x2, padding="same"'],
    "adaptive_avgpool": ["2x3"],
    "adaptive_maxpool": ["1x4"],
    "subsample": ["2x3"],
    "blur_pool": ["3, 1x2"],
    "pad": ["1x0, 0x2"],
    "crop": ["1x0, 0x2"],
    "upsample": ["1x3", '2x1, "linear"', "size=5x12"],
    "conv_transpose": ["3x2, 6, stride=1x2, padding=1x0, output_padding=0x1"],
}
INPUTS = {0: "8", 1: "8 x 11", 2: "8 x 11 x 10", 3: "8 x 7 x 6 x 9"}


def calls() -> Iterator[Any]:
    for name, op in REGISTRY.items():
        for rank in op.ranks:
            for arguments in CALLS.get(name, [""]):
                if name == "linear" and rank and "positions" not in arguments:
                    continue
                if name == "softmax" and not rank and "positions" in arguments:
                    continue
                yield pytest.param(rank, f"{name}({arguments})", id=f"{name}({arguments})-{rank}d")
        for arguments in SIZED.get(name, []):
            yield pytest.param(2, f"{name}({arguments})", id=f"{name}({arguments})")
