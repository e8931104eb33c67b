"""What random networks have found, each in its smallest text."""

from __future__ import annotations

import pytest

import resdsl
from tests.language.elaboration import body_codes
from tests.random_networks.checking.examination import examine


@pytest.mark.parametrize(
    "steps",
    [
        # What a repeated group reads from outside is not each copy's own input.
        "input 3 x 8 conv(3, 4) keep a { conv(3, 4) join a + here } x 3",
        "input 3 x 8 x 8 { conv(3, 3) join in + here } x 4",
        "input 3 x 8 { join max(in, here) - 2 } x 2",
        "input 3 x 8 keep s0 { relu join s[0] * 2 + here } x 3",
        "input 3 x 8 stage a: residual { conv(3, 3) join here * in } x 3",
        "input 3 x 8 { conv(1, 4 + index) join in norm } x 3",
        "input 3 x 8 keep a { { relu join a + here } x 2 conv(1, 3) } x 3",
        # A group that ends with a tensor from outside has a value of its own.
        "input 8 x 5 { conv(3, 1) { join in } } x 2",
        "input 1 x 5 { { join in } conv(3, 8) } x 3",
        "input 3 x 5 conv(3, 4) keep a fork { p: { join in } q: { relu join a norm } x 2 } "
        "join concat(p, q)",
        # A main of nothing is the copy's input, also where a shortcut reads it as `main`.
        "input 1 x 4 { residual { } via { fork { k: projection_always } join main } } x 3",
        # So has a shortcut in place; its own layers are not on the way.
        "input 3 x 20 residual { conv(1, 3) } via { conv(5, 1) join main }",
        "input 3 x 6 residual { conv(3, 8) } via { maxpool(1) join main } conv(1, 2)",
        # The copies of a group that read different tensors are called alike.
        "input 12 { if index == 1 { join concat(in, here) } } x 3",
        "input 7 { if index < 1 { join in } } x 2",
        "input 8 { if index == 0 { } else { join max(in, here) } } x 4 dropout",
        "input 9 fork { p: { } x 12 q: { join max(in, here) } } join -q",
        # How weights start where copies differ; a label is no pattern.
        'input 8 x 11 { if index % 2 == 1 { conv(1, 3, init="zeros") } } x 2',
        'input 8 x 11 { if index == 1 { conv(1, 11, init="xavier") conv(1, 8) } } x 3',
        'input 8 x 9 { if index < 2 { conv(3, 8, init="zeros") } else { conv(3, 8) } } x 4',
        'input 8 x 8 "*": conv(3, 1) conv(3, 3, init="normal") global_avgpool',
        "input 9 batchnorm(scale_init=0.5) batchnorm(affine=false)",
        # An operator that does nothing hands on the memory of another one's result.
        "input 8 x 8 conv(3, 1) residual { act pad_channels(1) } global_avgpool",
        "input 1 residual { pad_channels(1) } silu",
        # A norm of our own starts again as torch's do.
        "input 1 x 1 layernorm() layernorm(scale_init=2)",
        # What a residual adds may be a tensor that was kept, in main as well.
        "input 9 residual { relu keep p silu } via { join p }",
        "input 9 keep a relu residual { silu } via { join a }",
        "input 9 { residual { } via { join in } } x 2",
        "input 9 residual { residual { } via { join main join in } } x 2",
        "input 9 keep a relu residual { silu } via { join main join a }",
        "input 9 { relu residual { silu } via { join in } } x 2",
        # The input is a vector.
        "input 784 linear(100) relu linear(10)",
    ],
)
def test_network(steps: str) -> None:
    outcome = examine(f"network net {{ {steps} }}")
    assert outcome.failures == []
    assert outcome.networks == 1


CELL = "block cell(n) { residual { batchnorm(scale_init=0.5) conv(3, n) } via { %s } } "


@pytest.mark.parametrize(
    "text",
    [
        # Of two residuals one has a shortcut here, and the other there, under one key.
        "block b(n) { residual { residual { conv(3, 8) } via projection conv(3, 2 * n) } via "
        "projection } network net { input 7 x 7 conv(3, 8) b(8) x 2 }",
        # A vector of the input's length, and then one of a number of features.
        "network net { input 3 x 2 flatten norm x 2 }",
        # A shortcut of identities that lead from `main`, not from its input.
        "shortcut sc { join main identity } network net { input 4 residual { relu } via sc }",
        # A number of the class has the name of a module in it.
        "block b(n) { residual { residual: conv(3, n) } via when_same } "
        "network net { input 4 x 8 b(8) x 3 }",
        # Some instances of a class have no shortcut, or one that starts otherwise.
        CELL % "if in.channels != n { conv(1, n) norm }"
        + "network net { input 4 x 12 cell(8) x 4 }",
        "block b(n) { pad_channels(2 * in.channels) conv(3, n) pad_channels(2 * n) } "
        "network net { input 4 x 13 b(8) b(20) }",
        CELL % "if n == 5 { conv(1, n) norm } else if n > 5 { conv(1, n) batchnorm(scale_init=2) }"
        + "network net { input 4 x 12 cell(4) cell(5) cell(6) x 3 }",
        # Parameters with the names that the channels have which come in, or that main has.
        "block b(c: int, in_channels: int = 1) { residual { conv(5, c) } via { conv(3, in.channels"
        ") conv(in_channels, out.channels) } } network net(n: int = 8) { input 3 x 8 conv(1, n) "
        "b(n) b(n, in_channels=3) }",
        "shortcut sc(out_channels: int = 5) { conv(1, out_channels) conv(1, out.channels) } "
        "network net(n: int = 8) { input 3 x 8 residual { conv(3, n) } via sc "
        "residual { conv(3, 2 * n) } via sc(out_channels=7) }",
        # The first member of a class has nothing of what a group of the others builds.
        "block u(stride: int = 1) { depthwise(3, multiplier=2) residual { if stride == 1 { "
        "conv_norm_act(1, 4) conv(5, 2 * in.channels) } } x 3 } "
        "network net { input 16 x 21 u(stride=2) u x 4 }",
        "block a(f: bool) { conv(3, in.channels) residual { if f { b(false) b(false) conv(1, in."
        "channels) } } x 2 } block b(f: bool) { conv(1, in.channels) residual { if f { c(true) } } "
        "x 2 } block c(f: bool) { conv(5, in.channels) norm } network net { input 3 x 8 a(false) "
        "b(true) conv(1, 5) a(true) b(true) }",
        # Two copies of one text, of which one has more before what starts otherwise.
        "network net { input 8 x 9 x 10 stage s: { a: residual { X: { if index == 1 { conv(5, 4) "
        'conv(3, 48) } { conv(3, 4, init="zeros") conv(3, 8) } x 3 } conv(5, 8) } } x 2 }',
        # A name that two `let`s give, the second by way of the first.
        "block u(n: int) { let a = n // 2 let b = a * 3 let a = b + 1 conv(1, a) conv(1, a) "
        "conv(1, b) conv(1, b) } network net { input 3 x 8 u(6) u(8) }",
    ],
)
def test_block(text: str) -> None:
    outcome = examine(text)
    assert outcome.failures == []
    assert outcome.networks == 1


# A numbered chain, which becomes a function of its block's name.
UNIT = "block b(w: int, k: int = 1) { conv(k, w) norm } "


@pytest.mark.parametrize(
    "text",
    [
        # A module that the copies are handed is called as the function that makes another.
        UNIT + "network n { input 16 x 8 x 8 residual { b(4) x 2 b(12) } via projection x 2 }",
        "network n { input 16 x 8 x 8 residual { conv_norm_act(1, 4) x 2 conv_norm_act(3, 12) } "
        "via projection x 2 }",
        # A parameter, a `let` and a parameter of a shortcut are called as a block is.
        UNIT + "block u(b: int, m: block) { residual { conv(1, b) m(b) } via projection } "
        "network n { input 16 x 8 x 8 u(8, b) u(12, b) }",
        UNIT + "block u(n: int, m: block) { let b = n * 2 + 1 conv(1, b) conv(3, b) m(n) "
        "conv(1, b) } network n { input 16 x 8 x 8 u(8, b) u(12, b) }",
        UNIT + "shortcut s(b: int, m: block) { m(out.channels, b) m(out.channels) } network n { "
        "input 16 x 8 residual { conv(3, 8) } via s(3, b) residual { conv(3, 9) } via s(1, b) }",
        # So is a parameter of the network, which keeps its name.
        UNIT + "block u(m: block) { m(3) m(4) } network f(m: block, b: int = 8) { input 4 x 8 x 8 "
        "m conv(1, b) } network n = f(u(b))",
        # The variable of a comprehension is called as a function, a parameter, a `let` is.
        "block i { conv(1, in.channels + 4) } network n { input 4 x 8 x 8 i x 5 }",
        "block l(k: int) { keep a conv(k, 4) join concat(a, here) } block d(i: int) { conv(1, 8) "
        "l(i) x 5 conv(1, 16) } network n { input 16 x 8 x 8 d(1) d(3) }",
        "block l(k: int) { keep a conv(k, 4) join concat(a, here) } block d(n: int) { let i = 2 * "
        "n - 1 conv(i, 8) l(i) x 5 conv(1, 16) } network n { input 16 x 8 x 8 d(1) d(2) }",
        # A number of a class is called as what nn.Module has, or as a shared activation.
        "block u(training: float, type: float) { residual { conv(3, in.channels) norm } "
        "join here * training - type } network n { input 4 x 8 u(0.5, 2.0) u(0.7, 3.0) }",
        "block u(activation: float) { residual { relu: conv(3, in.channels) relu norm relu } "
        "join here * activation } network n { input 4 x 8 u(0.5) u(0.7) }",
        # A numbered body that is no chain has numbers too.
        "block u(f: float) { conv(3, in.channels) join in * f } network n { input 4 x 8 u(0.5) "
        "u(0.7) x 2 }",
        # A class is called as one of Python's.
        "block exception { residual { relu } } network n { input 4 x 8 exception x 2 }",
        # Letters that Python reads as others, and parameters that differ in case only.
        'network n { input 3 x 8 x 8 "\ufb01": conv(3, 4) "fi": conv(3, 5) "\u00b5": relu '
        '"\u017felf": conv(1, 2) "\U0001d431": { conv(1, 3) norm } }',
        "network k(N: int = 8, n: int = 4) { input 3 x 8 x 8 conv(3, N) conv(3, n) }",
        # Parameters that are longer than a line.
        f"block b(w: int) {{ residual {{ conv(3, w) }} via {'a' * 60}: projection }} "
        "network n { input 3 x 8 x 8 b(4) c: b(4) }",
        f"network n({'b' * 64}: float = 0.1234) {{ input 3 x 8 x 8 dropout({'b' * 64}) }}",
        f"block b({'c' * 62}: size = 3) {{ conv({'c' * 62}, 4) }} "
        "network n { input 3 x 8 x 8 b d: b(1x3) }",
    ],
)
def test_names_that_meet(text: str) -> None:
    outcome = examine(text)
    assert outcome.failures == []
    assert outcome.networks == 1


def test_a_network_keeps_the_names_of_its_parameters() -> None:
    """Callers of the emitted module write them; a function makes way."""
    design = resdsl.design(
        UNIT + "network n(b: int = 8) { input 4 x 8 x 8 u conv(1, b) } block u { b(3) b(4) }\n"
    )
    assert "def n(b: int = 8) -> N:" in design.source()


def test_padding_what_depends_on_the_input_size() -> None:
    """Nothing would hold such a network to the size that its numbers are for."""
    assert body_codes("flatten pad_channels(400)", input="3 x 9") == ["E0505"]


def test_a_dimension_that_differs_behind_one_that_sometimes_does() -> None:
    """Along H both give 1 at this size, along W 1 and 2."""
    steps = "avgpool(3) stage two /2: bottleneck(1, shortcut=identity)"
    assert body_codes(steps, input="4 x 5 x 6") == ["E0501"]


def test_modules_called_like_numbered_ones() -> None:
    """A block `conv_1` and the second `conv` are two modules."""
    text = (
        "block conv_1 { conv(1, 3) relu } "
        "network net { input 3 x 8 conv(3, 3) conv_1 conv(3, 3) conv_1 }"
    )
    outcome = examine(text)
    assert outcome.failures == []
    assert outcome.networks == 1


@pytest.mark.parametrize(
    "label", ["__class__", "__init__", "__call__", "__foo__", "___needs_generation_tag_patch"]
)
def test_labels_that_python_has_taken(label: str) -> None:
    assert body_codes(f"{label}: relu") == ["E0205"]


@pytest.mark.parametrize("label", ["_", "__a", "a__", "_0"])
def test_labels_with_underscores(label: str) -> None:
    assert body_codes(f"{label}: relu") == []


@pytest.mark.parametrize(
    "text",
    [
        """
        block unit(width: int, stride: size = 1, n: int = 0) { act x n }
        network net { input 4 unit(16, stride=2) unit(12, n=1) }""",
        """
        network net {
            input 3 x H
            {
                let before = here.channels
                residual { { norm x 0 conv(1, before) } conv(1, 12) } via projection
            } x 4
        }""",
    ],
)
def test_steps_without_copies(text: str) -> None:
    outcome = examine(text)
    assert outcome.failures == []
    assert outcome.networks == 1


def test_channels_of_a_block_that_is_met_at_two_sizes() -> None:
    """What it calls names them by another parameter than it does."""
    outcome = examine(
        """
        block inner(channels: int) { conv(3, channels) }
        block unit(width: int) { inner(width) inner(width) }
        network net(middle: int = 8) {
            input 8 x 7 x 12
            unit(8)
            maxpool(2)
            unit(middle)
            conv(1, 24)
        }"""
    )
    assert outcome.failures == []
    assert outcome.networks == 1
