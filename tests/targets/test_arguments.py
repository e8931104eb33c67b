"""The arguments of an emitted module: any number that fits makes what another compile would."""

from __future__ import annotations

from typing import Any

import pytest

import resdsl
from tests.arguments import unlike

# Parameters, steps on a map of 3 x 32 x 32, and what stays an argument.
CASES = [
    ("c: int = 10", "global_avgpool flatten linear(c)", "c"),
    ("c: int = 10", "conv(3, 8) global_avgpool flatten linear(4 * c) relu linear(c)", "c"),
    ("c: int = 10", "global_avgpool flatten { linear(c + index) } x 3", "c"),
    ("w: int = 16", "conv(3, w) norm act conv(3, 2 * w, groups=w)", "w"),
    ("w: int = 16, g: int = 8", "conv(3, w) groupnorm(g)", "w g"),
    ("w: int = 16", "let half = w // 2 conv(3, half) depthwise(3)", "w"),
    ("m: int = 2", "conv(3, 4) depthwise(3, multiplier=m)", "m"),
    ("k: int = 3", "conv(k, 8) conv(k, 8, padding=0)", "k"),
    ("k: int = 1", "conv(k, 8) depthwise(k)", "k"),
    ("k: int = 3", "conv(k, 4, stride=2, padding=1)", "k"),
    ("d: int = 1", "conv(3, 8, dilation=d)", "d"),
    ("s: int = 4", "subsample(s) upsample(s) conv_transpose(2, 8, stride=s)", "s"),
    ("p: float = 0.5", "dropout(1 - p) drop_path(p / 2) scale(-p) leaky_relu(p * p)", "p"),
    ("p: float = 0.5", "conv(1, 8) { drop_path(p * progress) } x 3", "p"),
    ("p: float = 0.0", "conv(1, 8) dropout(p) drop_path(p) scale(p)", "p"),
    ("e: float = 0.1", "conv(3, 8) batchnorm(eps=e, momentum=e) layernorm(eps=e)", "e"),
    ("n: float = 1", "conv(1, 8) local_response_norm(5, k=n)", "n"),
    # Rounding: what is a product for one number is none for another.
    ("c: int = 12", "global_avgpool flatten linear(3 * (c // 2))", "c"),
    ("c: int = 12", "global_avgpool flatten linear(3 * c // 2)", "c"),
    ("c: int = 12", "let a = c // 4 global_avgpool flatten linear(a * 4)", "c"),
    ("c: int = 12, d: int = 5", "global_avgpool flatten linear(c * d // d + c % 5)", "c d"),
    ("c: int = 3", "global_avgpool flatten linear((c + 1) ** 2 + 2 ** c)", "c"),
    # Whether windows overlap decides the padding.
    ("s: int = 2", "conv(3, 8, stride=s)", ""),
    ("k: int = 4", "conv(k, 8, stride=4)", ""),
    ("s: int = 1", "conv(1, 8, stride=s) subsample(s)", ""),
    # Features and joins are of these extents.
    ("w: int = 16, c: int = 10", "conv(3, w) flatten linear(c)", "c"),
    ("k: int = 3", "conv(k, 8) flatten linear(3)", ""),
    ("s: int = 2", "subsample(s) flatten linear(3)", ""),
    ("s: int = 2", "conv_transpose(2, 8, stride=s) flatten linear(2)", ""),
    ("k: int = 3", "conv(1, 3) residual { conv(k, 3) }", ""),
    ("s: int = 2", "fork { a: conv(3, 8, stride=s) b: maxpool(2) } join concat(a, b)", ""),
    ("w: int = 8", "keep a conv(3, w) join concat(a, here)", "w"),
    ("w: int = 8", "conv(3, w) prelu", "w"),
    # What the calls of torch do not say.
    ("e: float = 0.5", "conv(3, 8) batchnorm(eps=e, scale_init=e)", ""),
    ("e: float = 0.5", "conv(3, 8, bias=true, bias_init=e) dropout(e)", ""),
    ("c: int = 2", "global_avgpool flatten linear(c, bias_init=c)", ""),
    ("m: int = 1", "conv(3, 4 * m) depthwise(3, multiplier=m)", ""),
    ("s: int = 2", "conv(3, 4 * s) pad(s, s)", ""),
    ("w: int = 6", "conv(3, w) conv(size(w, 3), 8)", ""),
    ("f: float = 0.5", "keep a scale(f) join f * a + here", "f"),
    # A default that follows another parameter would be a number in the text.
    ("c: int = 10, d: int = 2 * c", "global_avgpool flatten linear(c) linear(d)", "d"),
    # Decided as the text is written.
    ("n: int = 2", "conv(3, 8) x n if n == 2 { act }", ""),
    ("w: int = 8", "conv(3, w) if w > 4 { act }", ""),
    ("w: int = 8", "conv(3, max(w, 4))", ""),
    ("w: int = 8", "basic(w)", ""),
    ("w: int = 8", "set groupnorm(groups=w) conv(3, w) groupnorm", ""),
    ("b: bool = true", "conv(3, 8, bias=b)", ""),
    ("s: size = 3x3", "conv(s, 8)", ""),
    ("w: list[int] = [8, 16]", "conv(3, w[0]) conv(3, max(w))", ""),
]


@pytest.mark.parametrize(("parameters", "body", "kept"), CASES)
def test_arguments(parameters: str, body: str, kept: str) -> None:
    text = f"network n({parameters}) {{\n input 3 x 32 x 32 {body}\n}}\n"

    def again(values: dict[str, Any]) -> resdsl.Design:
        return resdsl.design(text, settings=values)

    design = again({})
    assert design.network.free_parameters == tuple(kept.split())
    assert [*unlike(design, again)] == []


def test_what_comes_in_decides_where_a_parameter_hides_it() -> None:
    """Channels that a block hands on, though a parameter of it is called `in_channels`."""
    text = """
    block unit(tail = basic, in_channels = relu) { }
    network net(classes = 8) { input 16 x 21 { unit conv(3, classes) } x 2 }
    """

    def again(values: dict[str, Any]) -> resdsl.Design:
        return resdsl.design(text, settings=values)

    assert not list(unlike(resdsl.design(text), again))
