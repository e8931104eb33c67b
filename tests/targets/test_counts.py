"""Counts and lists of a network that stay arguments of its module, and those that decide."""

from __future__ import annotations

import pytest

from tests.arguments import assert_kept, spec

GATED = "block gated(p: tensor) { conv(3, in.channels) join here + p }"

# Definitions, parameters, steps on a map of 3 x 32 x 32, and what stays an argument.
CASES = [
    ("", "n: int = 3", "conv(3, 8) basic(8) x n", "n"),
    ("", "n: int = 3", "conv(3, 8) basic(16) /2 x n", "n"),
    ("", "n: int = 1", "conv(3, 8) basic(8) x n", "n"),
    # The second copy is not known.
    ("", "n: int = 1", "conv(3, 8) basic(16) /2 x n", ""),
    ("", "n: int = 0", "conv(3, 8) basic(8) x n", ""),
    ("", "n: int = 2", "conv(3, 8) { conv(3, 8) norm act } x n", "n"),
    ("", "n: int = 2, m: int = 3", "conv(3, 8) { basic(8) x m act } x n", "n m"),
    ("", "n: int = 2", "conv(3, 8) x n", "n"),
    ("block b(n: int) { a: conv(3, 8, bias=true, bias_init=\"torch\") x n }", "n: int = 2",
     "conv(3, 8) b(n) conv(1, 8, bias=true) conv(1, 8, bias=true)", "n"),
    ("", "n: int = 5", "conv(3, 8) act x n - 1 basic(8) x (n - 1) // 2", "n"),
    ("", "n: int = 3", "conv(3, 4 * n) basic(4 * n) x n", "n"),
    ("", "n: int = 3, w: int = 8", "conv(3, w) basic(w) x n basic(2 * w) /2 x n + 1", "n w"),
    ("", "n: int = 3", "conv(3, 8) basic(8 * count) x n", ""),
    ("", "n: int = 3", "conv(3, 8) conv(3, 8 * count) x n", "n"),
    ("", "n: int = 1", "conv(3, 8) basic(16) /2 x n + 1 + 2 + 3 + 4 + 5 + 6 + 7", "n"),
    ("", "n: int = 3", "basic(16) x n + 1 - 1 + 1 - 1 + 1 - 1 + 1 - 1 basic(16) x n", "n"),
    # Too deep a formula.
    ("", "n: int = 1", "conv(3, 8) basic(16) /2 x n + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9", ""),
    ("", "n: int = 3", "basic(16) x n * 2 // 2 * 2 // 2 * 2 // 2 * 2 // 2 * 2 // 2", ""),
    # Copies that are alike by chance.
    ("", "w: int = 8", "conv(3, 8) conv(3, w + 0 * index) x 2", ""),
    ("", "w: list[int] = [8, 8]", "conv(3, 8) conv(3, w[index]) x 2", ""),
    ("", "c: int = 3072, n: int = 2", "flatten linear(c) x n", "n"),
    ("", "c: int = 3, n: int = 2", "global_avgpool flatten linear(c) x n linear(c) x 2", "n"),
    # Through blocks.
    ("block b(n: int) { basic(8) x n act }", "n: int = 3", "conv(3, 8) b(n)", "n"),
    ("block b(n: int) { basic(8) x n act }", "n: int = 3", "conv(3, 8) b(n) b(3) b(2)", "n"),
    ("block b(n: int) { basic(8) x n act }", "n: int = 3, m: int = 3",
     "conv(3, 8) b(n) b(m)", "n m"),
    ("block b(n: int) { basic(8) x n act }", "n: int = 2", "conv(3, 8) b(n) b(2 * n + 1)", "n"),
    ("block b(n: int) { if n > 2 { basic(8) } conv(1, 8) x n }", "n: int = 3", "b(n)", ""),
    # Copies that differ, or are not fed each other's results alone.
    ("", "n: int = 3", "conv(3, where(index == 0, 8, 16)) x n", ""),
    ("", "n: int = 3", "conv(3, 8) basic(8, drop_rate=0.1 * progress) x n", ""),
    ("", "n: int = 3", "conv(3, here.channels + 4) x n", ""),
    ("", "n: int = 3", "conv(3, 8) keep k { conv(3, 8) join here + k } x n", ""),
    ("", "n: int = 3", "conv(3, 8) keep k { conv(3, 8) keep i act join here + i } x n", "n"),
    (GATED, "n: int = 3", "conv(3, 8) keep k gated(k) x n", ""),
    (GATED, "n: int = 3", "conv(3, 8) gated(here) x n", ""),
    ("", "n: int = 3", "conv(3, 8) fork { a: conv(1, 8) x n } join sum(a)", ""),
    ("", "n: int = 3", "conv(3, 8) a: basic(8) x n reuse a", ""),
    ("", "n: int = 3", "conv(3, 8) a: basic(8) reuse a x n", ""),
    ("", "n: int = 3", "conv(3, 8) residual { conv(3, 8) x n } via { conv(1, 8) x n }", "n"),
    # What it is compared with.
    ("", "n: int = 3", "conv(3, 8) basic(8) x n if n > 2 { act }", ""),
    ("", "n: int = 3", "conv(3, 8) basic(8) x n for i in range(n) { act }", ""),
    ("", "n: int = 3", "conv(3, 8) basic(8) x max(n, 2)", ""),
    # Lists.
    ("", "d: list[int] = [2, 3]", "conv(3, 8) basic(8) x d[0] basic(16) /2 x d[1]", "d"),
    ("", "d: list[int] = [2, 1]", "conv(3, 8) basic(8) x d[0] basic(16) /2 x d[1]", ""),
    ("", "d: list[int] = [2, 3]", "conv(3, 8) for n in d { basic(8) x n }", "d"),
    ("", "d: list[int] = [2, 3]", "conv(3, 8) for i in range(len(d)) { basic(8) x d[i] }", "d"),
    ("", "w: list[int] = [8, 16]", "for n in w { conv(3, n) }", "w"),
    ("", "w: list[int] = [8, 16]", "conv(3, w[0]) basic(w[0]) x 2 conv(3, w[1] + w[0])", "w"),
    ("", "w: list[int] = [8, 16]", "conv(3, w[0]) basic(w[1])", ""),
    ("", "w: list[int] = [8, 16]", "conv(3, w[0]) conv(3, sum(w))", ""),
    ("", "w: list[int] = [8, 16]", "let v = w + [4] for n in v { conv(3, n) }", "w"),
    # As arguments of a group that is a class.
    ("", "w: list[int] = [8, 16]", "g: residual { conv(3, w[1]) } via projection_always", "w"),
    ("", "d: list[int] = [3, 2]",
     "g: { keep k a: { conv(3, 3) } x d[1] { relu } x d[0] join here + k }", "d"),
    ("", "r: list[float] = [0.5, 0.25]", "dropout(r[0]) conv(3, 8) dropout(r[1])", "r"),
    ("", "w: list[int] = [8, 16]", "conv(3, w[0]) if w == [8, 16] { act }", ""),
    ("block b(w: list[int]) { for n in w { conv(3, n) } }", "w: list[int] = [8, 16]", "b(w)", ""),
    ("block b(w: int) { c: conv(3, w) }", "w: list[int] = [8, 16]", "b(w[0]) b(w[1])", "w"),
    ("", "w: list[list[int]] = [[8], [16]]", "conv(3, w[0][0]) conv(3, w[1][0])", ""),
]  # fmt: skip


@pytest.mark.parametrize(("definitions", "parameters", "body", "kept"), CASES)
def test_arguments(definitions: str, parameters: str, body: str, kept: str) -> None:
    assert_kept(spec(definitions, parameters, body), kept)
