"""Parameters of a network that blocks are given: those that survive, and those that decide."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import resdsl
from resdsl.targets.module import executed
from tests.arguments import assert_kept, spec

# Definitions, parameters, steps on a map of 3 x 32 x 32, and what stays an argument.
CASES = [
    # Widths through blocks: sound where nothing is compared but multiples of them.
    ("", "w: int = 16", "conv(3, w) norm act basic(w) x 2 basic(2*w) /2 x 2", "w"),
    ("", "w: int = 16", "conv(3, 64) norm act bottleneck(w) x 2", ""),
    ("", "w: int = 16", "conv(3, 64) norm act bottleneck(w)", ""),
    ("", "w: int = 16", "conv(3, 16) norm act basic(w) x 3", ""),
    # One copy stands for all that follow.
    ("block b(w: int) { c: conv(3, w) }", "w: int = 8", "conv(3, 16) b(2*w) x 3", ""),
    ("block b(w: int) { c: conv(3, 2*w) }", "w: int = 8", "conv(3, 2*w) b(w) x 3", "w"),
    ("block b(w: int) { c: conv(3, w) }",
     "w: int = 8",
     "conv(3, 16) for i in range(3) { b(w + i) }",
     "w"),
    # Numbers of several calls that are equal by chance.
    ("block b(w: int) { c: conv(3, w) d: conv(1, w) }",
     "w: int = 8",
     "conv(3, 16) b(8) b(w) b(8)",
     "w"),
    ("block b(w: int, v: int) { c: conv(3, w) d: conv(1, v) }",
     "w: int = 8",
     "conv(3, 16) b(8, 8) b(w, 16) b(16, w)",
     "w"),
    ("block b(w: int) { c: conv(3, w) d: conv(1, 8) }",
     "w: int = 8",
     "conv(3, 16) b(w) b(16)",
     "w"),
    ("block b(w: int, k: int) { c: conv(3, where(k == 1, w, 8)) d: conv(1, w) }",
     "w: int = 8",
     "b(w, 1) b(w, 2)",
     "w"),
    ("block b(w: int, l: list[int]) { c: conv(3, w) d: conv(1, len(l)) }",
     "w: int = 2",
     "b(w, [1, 2]) b(2 * w, [1, 2, 3, 4])",
     "w"),
    # A formula that a caller would have to find again, and cannot.
    ("block b(w: int, s: bool) { residual { c: conv(1, 3) } via { if s { "
     "conv(1, ((w + 1) * 2 + 1) * 2 + 1) conv(1, 3) } } }",
     "w: int = 1",
     "b(((w + 1) * 2 + 1) * 2 + 1, true) b(2, false)",
     ""),
    # Comparisons inside.
    ("block b(w: int) { c: conv(3, 2 * w) if w == 8 { relu } }", "w: int = 8", "b(w)", ""),
    ("block b(w: int) { c: conv(3, 2 * w) if w != 8 { relu } }", "w: int = 8", "b(w)", ""),
    ("block b(w: int) { c: conv(3, 2 * w) if 2 * w == 9 { relu } }", "w: int = 8", "b(w)", "w"),
    ("block b(w: int) { c: conv(3, where(in.channels == w, 5, w)) }",
     "w: int = 8",
     "conv(1, w) b(w) b(2*w)",
     "w"),
    ("block b(w: int) { c: conv(3, where(in.channels == w, 5, w)) }",
     "w: int = 8",
     "conv(1, 16) b(w) b(2*w)",
     ""),
    # A parameter that hides what comes in.
    ("block b(in_channels: int) { c: conv(3, in_channels) d: conv(1, in.channels) }",
     "w: int = 8",
     "conv(1, w) b(w) b(5)",
     ""),
    ("block b(in_channels: int) { c: conv(3, 4) if in.channels == 8 { relu } }",
     "w: int = 8",
     "conv(1, w) b(5)",
     ""),
    # Copies that are equal by chance.
    ("block b(w: int) { c: conv(3, w) }",
     "w: int = 16",
     "conv(3, 16) b(where(index == 1, w, 16)) x 3",
     ""),
    ("", "w: int = 16", "conv(3, 16) conv(3, where(index == 1, w, 16)) x 3", ""),
    ("", "w: int = 16", "conv(3, 16) { conv(3, w) } x 3", ""),
    # Joins.
    ("", "w: int = 16", "conv(3, w) fork { a: conv(1, w) b: conv(3, w) } join a + b", "w"),
    ("", "w: int = 16", "conv(3, w) fork { a: conv(1, w) b: conv(3, 16) } join a + b", ""),
    ("", "w: int = 16", "conv(3, w) fork { a: conv(1, w) b: conv(3, w) } join concat(a, b)", "w"),
    ("", "w: int = 1", "conv(3, 4) fork { a: conv(1, w) b: conv(3, 4) } join a * b", ""),
    # The library's blocks.
    ("from std.attention import squeeze_excite",
     "w: int = 32",
     "conv(3, w) basic(w, tail=squeeze_excite(reduction=4)) x 2",
     ""),
    ("from std.attention import squeeze_excite",
     "w: int = 32, r: int = 4",
     "conv(3, w) squeeze_excite(r) conv(1, 2*w) squeeze_excite(r)",
     ""),
    ("from std.dense import dense_block, transition",
     "g: int = 4",
     "conv(3, 2 * g) dense_block(3, g) transition dense_block(3, g)",
     ""),
    ("from std.mobile import inverted_residual",
     "w: int = 8",
     "conv(3, w) inverted_residual(w) inverted_residual(2*w, 2) x 1 inverted_residual(2*w) x 2",
     "w"),
    ("from std.wide import wide_basic",
     "k: int = 2, p: float = 0.3",
     "conv(3, 16) wide_basic(16 * k, dropout_rate=p) x 2 wide_basic(32 * k, dropout_rate=p) /2"
     " x 2",
     "p"),
    ("from std.preact import preact_basic",
     "w: int = 8",
     "conv(3, w) preact_basic(w) x 2 preact_basic(2 * w) /2 x 2",
     "w"),
    ("from std.inception import inception",
     "w: int = 8",
     "conv(3, w) inception(w, w, w, w, w, w) inception(w, w, 2*w, w, w, w)",
     "w"),
    ("from std.resnext import aggregated",
     "w: int = 64, c: int = 4",
     "conv(3, w) aggregated(w, cardinality=c, base_width=4) x 2",
     ""),
    ("", "w: int = 8, e: int = 4", "conv(3, w) bottleneck(w, expansion=e) x 2", ""),
    ("", "w: int = 16, b: int = 64", "conv(3, w) bottleneck(w, base_width=b) x 3", "w b"),
    ("", "w: int = 16, g: int = 2", "conv(3, w) bottleneck(w, cardinality=g) x 3", "w g"),
    # Rates: a step that is left out at 0 does nothing there, if it is all that is.
    ("", "r: float = 0.2", "conv(3, 16) basic(16, drop_rate=r) x 3", "r"),
    ("", "r: float = 0.0", "conv(3, 16) basic(16, drop_rate=r) x 3", ""),
    ("",
     "r: float = 0.2",
     "conv(3, 16) basic(16, drop_rate=r * progress) x 3 basic(32, drop_rate=r*progress) /2 x 3",
     "r"),
    ("", "r: float = 0.2", "conv(3, 16) basic(16, drop_rate=r - 0.1) x 2", "r"),
    ("", "r: float = 0.2", "conv(3, 16) basic(16, drop_rate=0.1 - 0.1 * r, scale_init=r) x 2", ""),
    ("block b(r: float) { conv(3, 4) if r != 0 { dropout(r) } relu conv(1, 4) }",
     "r: float = 0.2",
     "b(r) x 2",
     ""),
    ("block b(r: float) { c: conv(3, 4) if r != 0 { dropout(r) relu } d: conv(1, 4) }",
     "r: float = 0.2",
     "b(r) x 2",
     ""),
    ("block b(r: float) { c: conv(3, 4) if r != 0 { dropout(r) } else { relu } d: conv(1, 4) }",
     "r: float = 0.2",
     "b(r) x 2",
     ""),
    ("block b(r: float) { c: conv(3, 4) if r != 0 { dropout(r * r) } d: conv(1, 4) }",
     "r: float = 0.2",
     "b(r) x 2",
     ""),
    ("block b(r: float) { c: conv(3, 4) if r == 0.2 { dropout(r) } d: conv(1, 4) }",
     "r: float = 0.2",
     "b(r) x 2",
     ""),
    ('block b(r: float) { c: conv(3, 4) if r != 0 { "g.0": dropout(r) } "g.1": conv(1, 4) }',
     "r: float = 0.2",
     "b(r) x 2",
     "r"),
    ("", "r: float = 0.2", "conv(3, 16) if r != 0 { dropout(r) } conv(3, 4)", "r"),
    ("", "r: float = 0.2", "{ conv(3, 16) if r != 0 { dropout(r) } conv(3, 4) }", ""),
    ("", "r: float = 0.2", "conv(3, 16) if r > 0 { dropout(r) } conv(3, 4)", "r"),
    ("", "r: float = 0.2", "conv(3, 16) if r > 0 { relu } conv(3, 4)", ""),
    ("", "r: float = 0.2", "conv(3, 16) if r > 0.1 { dropout(r) } conv(3, 4)", ""),
    ("block b(r: float) { residual { c: conv(3, 16) if r > 0 { drop_path(r) } } }",
     "r: float = 0.2",
     "conv(3, 16) b(r * progress) x 2 b(r * progress) x 2",
     "r"),
    ("block b(w: int) { c: conv(3, w) if w > 0 { relu } d: conv(1, 4) }", "w: int = 8", "b(w)", ""),
    ("block b(w: int, v: int = 2 * w) { c: conv(3, w) d: conv(1, v) }",
     "w: int = 8",
     "b(w) b(3)",
     ""),
    ("block b(v: int = in.channels) { d: conv(1, v) }", "w: int = 8", "conv(1, w) b b(3)", ""),
    ("block b(w: int) { let a = w // 4 let c = a * 3 d: conv(1, c) e: depthwise(3) "
     "groupnorm(a) }",
     "w: int = 16",
     "b(w) b(8 * w)",
     "w"),
    ("block a(w: int) { conv(1, ((w + 1) * 2 + 1) * 2 + 1) relu } block b(w: int) { y: a(((w +"
     " 1) * 2 + 1) * 2 + 1) }",
     "w: int = 1",
     "b((w + 1) * 2) b(4)",
     ""),
    ("", "w: int = 4", "conv(3, w) global_avgpool flatten linear(2 * w) linear(10)", "w"),
    ("block b(w: int) { conv(1, w) prelu layer_scale param s: layer_shift param t: prelu }",
     "w: int = 4",
     "b(w) b(8) layer_scale(per=\"tensor\") param k: layer_scale(shape=\"map\") conv(1, 3)",
     "w"),
    ("block b(i: float) { conv(1, 4) layer_scale(i) param s: layer_shift(i) }",
     "i: float = 0.5",
     "b(i) b(2.0)",
     ""),
    ("", "w: int = 4", "conv(3, w) flatten linear(2 * w) linear(10)", ""),
    ("", "w: int = 4", "basic(w, shortcut=zero_pad) x 2 basic(2 * w, shortcut=zero_pad) /2", ""),
    ("", "w: int = 4", "conv(3, w) set norm = groupnorm(groups=2) basic(w) x 2", "w"),
    ("", "w: int = 4", "conv(3, w) pixel_shuffle(2) basic(w // 4)", ""),
    ("block r(w: int, n: int) { c: conv(3, w) if n != 0 { i: r(2 * w, n - 1) } }",
     "w: int = 4",
     "r(w, 3)",
     "w"),
    ("block p(w: int) { conv(1, w) } block q(u: block) { u conv(1, 3) }",
     "w: int = 4",
     "q(p(w)) q(p(4))",
     ""),
]  # fmt: skip


@pytest.mark.parametrize(("definitions", "parameters", "body", "kept"), CASES)
def test_arguments(definitions: str, parameters: str, body: str, kept: str) -> None:
    assert_kept(spec(definitions, parameters, body), kept)


@pytest.mark.parametrize(
    ("definitions", "parameters", "body", "values"),
    [
        ("", "w: int = 16, classes: int = 10",
         "conv(3, w) norm act basic(w) x 2 basic(2 * w) /2 x 2 global_avgpool flatten "
         "linear(classes)", {"w": 6, "classes": 3}),
        ("", "w: int = 16, r: float = 0.3",
         "conv(3, w) bottleneck(w, drop_rate=r * progress) x 3 "
         "bottleneck(2 * w, drop_rate=r * progress) /2 x 2", {"w": 4, "r": 0.1}),
        ("", "r: float = 0.3", "conv(3, 8) basic(8, drop_rate=r) x 2", {"r": 0.0}),
        ("", "w: int = 8, d: list[int] = [2, 3], n: int = 2",
         "conv(3, w) keep k { act conv(3, w) } x n basic(w) x d[0] join here + k act "
         "bottleneck(w) /2 x d[1]", {"w": 4, "d": (3, 1), "n": 1}),
        ("from std.mobile import inverted_residual", "w: int = 8",
         "conv(3, w) inverted_residual(w) inverted_residual(2 * w) /2 x 2", {"w": 5}),
    ],
)  # fmt: skip
def test_outputs(definitions: str, parameters: str, body: str, values: dict[str, Any]) -> None:
    """With other numbers the module has the keys, shapes and outputs of another compile."""
    text = spec(definitions, parameters, body)
    design = resdsl.design(text, net="n")
    assert {*values} == {*design.network.free_parameters}
    torch.manual_seed(0)
    ours = executed(design.source(), design.name).n(**values)  # type: ignore[attr-defined]
    theirs = resdsl.load(text, net="n", settings=values, seed=0)
    shapes = [(key, tensor.shape) for key, tensor in ours.state_dict().items()]
    assert shapes == [(key, tensor.shape) for key, tensor in theirs.state_dict().items()]
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(2, 3, 32, 32)
    for training in (False, True):
        results = []
        for module in (ours, theirs):
            torch.manual_seed(1)
            results.append(module.train(training)(x))
        assert torch.equal(*results)


def test_what_is_fixed_is_said() -> None:
    text = spec(
        "", "depth: int = 2, w: int = 8, unit: block = relu", "conv(3, w) if depth > 1 { unit }"
    )
    source = resdsl.design(text, net="n").source()
    said = " ".join(source.split())
    why = "another `depth` may build other modules; `unit` says what is built."
    assert f'"""Compiled for its `depth` and `unit`: {why} """' in said
    steps = "for n in depths { conv(3, here.channels + 8) x n }"
    text = spec("", "depths: list[int] = [2, 1]", steps)
    said = " ".join(resdsl.design(text, net="n").source().split())
    assert "Compiled for its `depths`: another `depths` may build other modules." in said
    free = spec("", "w: int = 8", "conv(3, w) basic(w) x 2")
    assert "Compiled for" not in resdsl.design(free, net="n").source()
