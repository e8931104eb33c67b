"""Small texts of tensors as values, several results and further calls that were once wrong."""

from __future__ import annotations

import pytest
import torch

import resdsl
from resdsl.targets import load
from tests.random_networks.checking.examination import examine
from tests.random_networks.checking.inputs import scramble
from tests.random_networks.checking.rounding import settled

TEXTS = {
    "a group that is called again in one that is called again makes its result each time": """
        network net {
            input 1 x 12 x 11
            b: { g: { a: conv(3, 1) keep r c: conv(3, 1) } join r reuse g d: conv(3, 1) }
            reuse b
        }""",
    "so it is where nothing reads the outer's first call": """
        network net {
            input 1 x 12 x 11
            b: { g: { a: conv(3, 1) keep r c: conv(3, 1) } join r reuse g } join in reuse b
        }""",
    "and where nothing reads any": """
        network net {
            input 1 x 12 x 11
            b: { g: { a: conv(3, 1) keep r c: conv(3, 1) } join r reuse g } join in conv(3, 1)
        }""",
    "what an empty group of a module hands on is not the module's": """
        network net { input 3 x 10 conv(1, 16) u: { join in { } conv(3, 16) } reuse u }""",
    "nor what no copy of a step does": """
        network net { input 3 x 10 conv(1, 16) u: { join in act x 0 conv(3, 16) } reuse u }""",
    "a tap in a group that is called again is the first call's": """
        network net {
            input 3 x 8 x 9
            g: { c: conv(3, 3) keep i d: conv(3, 3) } reuse g join here + i
            output g.i
        }""",
    "such a group reads a tensor of before": """
        network net {
            input 3 x 8 x 9
            a: conv(3, 3) keep k g: { c: conv(3, 3) join here + k } reuse g
            output g.c
        }""",
    "shortcuts of one block that are fed the current tensor once, and twice": """
        shortcut like(p: tensor) { upsample(like=p) }
        block b(out_channels, stride=1) {
            residual { conv(1, out_channels) } via where(stride == 1, like(in), projection)
        }
        network net { input 3 x 13 b(16) /2 x 4 }""",
    "a formula as a factor, a summand and a number of a join": """
        network net {
            input 4
            { scale(1 - progress / 2) param m: layer_shift(index)
              keep k relu join k * (1 - progress / 3) - (2 - progress / 3) * here - (1 - progress)
            } x 4
        }""",
    "a learned number for the whole of a vector whose length is told": """
        network net {
            input 3 x 1
            flatten layer_shift(per="tensor") param s: layer_scale(per="tensor")
        }""",
    "a vector that becomes a map, which the input is not": """
        network net { input 8 unflatten(3) conv(3x3x3, 8) }""",
    "the same of a vector that was another map": """
        network net { input 2 x 8 x 8 global_avgpool flatten unflatten(3) conv(3x3x3, 8) }""",
    "a vector whose length follows from the input, and one whose length is told": """
        network net { input 4 x 15 flatten i: { linear(60) relu } reuse i }""",
    "the same with a block": """
        block b { linear(60) relu }
        network net { input 4 x 15 flatten i: b reuse i }""",
    "what was current at a join is left out": """
        network net {
            input 4 x 7
            keep a conv(3, 4) join a + a stage left: relu
            output left
        }""",
    "layers at positions in a container": """
        network net {
            input 8 x 5
            { "weight.x": linear(4, at="positions") }
            { gelu "a.b": linear(4, at="positions") }
        }""",
    "a further call that is fed a parameter of as many channels": """
        block b(i: tensor) { param b: layer_scale(shape="map") join i reuse b conv(3, 22) }
        network net { input 4 x 16 b(i=here) x 3 }""",
    "the same of a group, and of copies in a row": """
        block b(i: tensor) { g: { conv(3, 4) norm } x 2 join i reuse g conv(3, in.channels) }
        network net { input 4 x 16 b(i=here) b(i=in) }""",
    "a list with a digit in its name": """
        block b(d5: list[tensor], maps: tensor) { join here + maps + sum(d5) }
        network net { input 4 x 9 b(maps=in, d5=[here]) }""",
    "an element of a list and a parameter of one name": """
        block b(d: list[tensor], d0: tensor) { conv(3, 4) join here - d0 + sum(d) }
        network net { input 4 x 9 conv(3, 4) keep k conv(3, 4) b(d=[k, here], d0=in) }""",
    "the channels of a tensor and a parameter of one name": """
        block b(p: tensor, p_channels: int) {
            conv(3, p_channels) join concat(here, p) conv(1, p.channels)
        }
        network net { input 4 x 9 conv(3, 5) keep k conv(3, 4) b(k, 7) b(here, 2) }""",
    "the channels of a tensor and another tensor of one name": """
        block b(p: tensor, p_channels: tensor) {
            join concat(here, p, p_channels) conv(1, p.channels) conv(1, p_channels.channels)
        }
        network net { input 4 x 9 conv(3, 5) keep k conv(3, 4) b(k, here) }""",
    "copies that are called again, fed what they read by name": """
        network net {
            input 3 x 8 x 9
            a: conv(3, 3) keep k g: { c: conv(3, 3) join here + k } x 2
            join k reuse g
        }""",
    "the same, the first call left out": """
        network net {
            input 3 x 8 x 9
            a: conv(3, 3) keep k g: { c: conv(3, 3) join here + k } x 2
            join k b: reuse g
            output b
        }""",
    "a group that is called again by a branch, fed what it reads by name": """
        network net {
            input 3 x 8 x 9
            a: conv(3, 3) keep k g: { c: conv(3, 3) join here + k } conv(1, 3)
            join k fork { b: reuse g c: relu } join b + c
        }""",
    "copies that were each given their own input, and are given another tensor": """
        block b(p: tensor) { join p conv(3, p.channels) }
        network net {
            input 3 x 8 x 9 conv(3, 3) keep k d: b(here) x 2 reuse d(k)
        }""",
    "the same, of a block that reads both": """
        block b(p: tensor) { conv(3, p.channels) join here - p }
        network net {
            input 3 x 8 x 9
            conv(3, 3) keep k d: b(here) x 2 join k reuse d(k) x 3 reuse d(here) x 2
        }""",
    "copies in a row as a branch that calls them again": """
        block b(p: tensor) { conv(3, p.channels) join here - p }
        network net {
            input 3 x 8 x 9
            conv(3, 3) keep k d: b(here) x 2
            join k fork { q: reuse d(k) r: reuse d(here) } join q * r
        }""",
    "a module of a main is called again, and only that is read": """
        block two(t: tensor) { c: conv(3, 3) output p: here, q: t }
        network net {
            input 3 x 8 x 9
            conv(3, 3) residual { c: two(here) keep w, v join w + v } via identity
            reuse c(in) keep y, z
            output y
        }""",
    "what is read of no call of a module is made by none": """
        network net {
            input 3 x 10
            m: { { layer_scale keep down conv(3, 1) } join down } relu
            reuse m relu
        }""",
    "a result of a call inside of a block is a result of the block": """
        block two(prev: tensor) { relu output a: here, b: prev }
        block three(width) {
            two(prev=here) keep one, other
            conv(3, width) output a: here, b: other, c: in
        }
        network net { input 3 x 9 three(8) relu }""",
    "a part asks for a size that the whole, which does not call it, does not": """
        network net {
            input 4 x H x W
            a: avgpool(3, padding=0) stage b: conv(3, 8, stride=2)
            let d = here c: conv(3, 8, stride=2) join d
            join in relu
        }""",
    # One class for both would take two results of what has one.
    "a block that is given twice and gives more results once": """
        block two(f: int) { output a: here, b: here }
        block one(f: int) { two(f) }
        block uses(unit: block) { residual { } via { } unit(4) }
        network net { input 3 x 6 x 8 uses(two) uses(one) }
    """,
}


def test_what_a_group_is_fed_in_a_whole_step_is_kept() -> None:
    """The second call reads nothing of the value that is current there, which is fed to it."""
    design = resdsl.design(
        """network net {
            input 4 x 9 let least = -here let kids = [here]
            residual { a: { join sum(kids) } join least reuse a }
        }""",
        features=["a"],
    )
    assert design.table() and len(design.source()) > 0


def test_a_shortcut_reads_main_as_an_argument() -> None:
    """By its name, in a list, and as what a `let` calls it."""
    for reads in ("two(prev=main)", "many([main, here])", "let m = main join here * m"):
        outcome = examine(f"""
            block two(prev: tensor) {{ conv(3, in.channels) join prev * here }}
            block many(maps: list[tensor]) {{ join sum(maps) conv(3, in.channels) }}
            shortcut of(width) {{ {reads} conv(3, out.channels) }}
            network net {{
                input 4 x 8 x 8
                relu residual {{ conv(3, 4) }} via of(4) conv(3, 5)
            }}""")
        assert outcome.networks == 1, outcome.codes
        assert not outcome.failures, outcome.failures[0]


@pytest.mark.parametrize("call", ["u() global_avgpool u()", "u: u() global_avgpool reuse u"])
def test_a_further_call_of_a_norm_is_of_one_element(call: str) -> None:
    text = "block u() { instancenorm } network net { input 4 x 22 CALL }"
    report = resdsl.check(text.replace("CALL", call))
    assert [found.code.id for found in report.diagnostics if found.severity == "error"] == ["E0502"]


@pytest.mark.parametrize("name", TEXTS)
def test_it_holds(name: str) -> None:
    for seed in range(4):
        outcome = examine(TEXTS[name], seed)
        assert outcome.networks == 1, outcome.codes
        assert not outcome.failures, outcome.failures[0]


def test_a_mistake_in_a_residual_of_which_a_part_is_an_output_is_told() -> None:
    """The residual is whole, though nothing reads its sum."""
    report = resdsl.check("""
        shortcut gated(p: tensor) { join main * here + p }
        network net {
            input 3 x 32 x 32
            conv(3, 8) keep s conv(3, 8, stride=2) keep r
            join s residual { conv(3, 8) keep inner act } via gated(r)
            output inner
        }""")
    assert [found.code.id for found in report.diagnostics if found.severity == "error"] == ["E0501"]


def test_two_parameters_of_one_name_are_told() -> None:
    report = resdsl.check("""
        block b(width: int, width: list[tensor] = []) { join concat(here, width) }
        network net { input 3 x 8 conv(3, 4) b(4) b(4, width=[here]) }""")
    assert not report.ok


def test_each_operand_of_a_long_sum_in_a_call_has_a_line() -> None:
    source = resdsl.design("""network net {
        input 4 x 9 conv(3, 4)
        fork { net: conv(1, 4) x 4 } join max(sum(net * softmax(net)), here)
    }""").source()
    rows = [line.strip() for line in source.splitlines()]
    at = rows.index("net[0] * weights[0]")
    assert rows[at + 1 : at + 4] == [f"+ net[{i}] * weights[{i}]" for i in (1, 2, 3)]


def test_a_mistake_in_a_module_that_is_called_again_is_told() -> None:
    """No output is made of the fork's result, but of a branch that is called again."""
    report = resdsl.check("""
        block b(maps: list[tensor]) { conv(3, in.channels) }
        network net {
            input 4
            fork { a: b([in]) b: { keep s relu } } join s
            join in reuse b
            output head: here
        }""")
    assert [found.code.id for found in report.diagnostics if found.severity == "error"] == ["E0503"]


CHAOS = """network net {
    input 8 x 4 conv(3, 8, weights="scaled") conv_norm_act(3, 8) x 160
}"""


@pytest.mark.parametrize("wrong", [None, 0, 80])
def test_rounding_excuses_the_norms_that_it_reaches_and_no_others(wrong: int | None) -> None:
    """The filters differ in the last bit, the output and what the last norms saw visibly."""
    design = resdsl.design(CHAOS)
    module = load(design.network, design.source(), seed=0)
    scramble(module, 0)
    module.double()
    norms = [part for part in module.modules() if isinstance(part, torch.nn.BatchNorm1d)]
    if wrong is not None:
        norms[wrong].momentum = 0.3
    found = list(settled(design, module, (4,), 0, training=True))
    assert bool(found) == (wrong is not None)


BROKEN = {
    "a join of what is not known, in what is called again": (
        "E0504",
        """
        network net {
            input 3 x 8
            g: { keep k conv(3, 4, groups=2) join max(here, here) join k }
            reuse g
        }""",
    ),
    "a row of copies that are given their own inputs, of other channels": (
        "E0501",
        """
        block b(p: tensor) { conv(1, 6) keep y join p conv(1, 6) join here + y }
        network net { input 4 x 8 t: b(p=in) x 2 conv(1, 4) reuse t(p=here) }""",
    ),
    "windows with gaps behind a step that is not read and not right": (
        "E0101",
        """
        network net {
            input 4 x 9
            conv(3, 20_ stride=2)
            residual { join in depthwise(1, stride=2) } via { conv(1, out.channels) join main }
            output y: here
        }""",
    ),
}


@pytest.mark.parametrize(("code", "text"), BROKEN.values(), ids=list(BROKEN))
def test_a_mistake_is_told_and_nothing_else(code: str, text: str) -> None:
    report = resdsl.check(text)
    assert [found.code.id for found in report.diagnostics if found.severity == "error"] == [code]
