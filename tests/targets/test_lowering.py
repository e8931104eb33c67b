"""Bodies as instructions: what is a name for a value, what is called, what goes in and out."""

from __future__ import annotations

import pytest

from resdsl.targets.lowering import OPERATIONS
from resdsl.targets.program import Invoke
from tests.targets.instructions import classes, listing, named


def lowered(steps: str, definitions: str = "") -> list[str]:
    return listing(named(classes(steps, definitions), "Net").programs[0])


@pytest.mark.parametrize(
    ("steps", "instructions"),
    [
        ("conv(3, 4) relu", ["1 = conv(0)", "2 = relu(1)"]),
        ("conv(3, 4) x 3", ["1 = conv(0)"]),
        ("conv(3, 4) identity relu", ["1 = conv(0)", "2 = relu(1)"]),
        ("conv(3, 4) relu x 0 relu", ["1 = conv(0)", "2 = relu_1(1)"]),
        ("conv(3, 4) keep a relu join here + a", ["1 = conv(0)", "2 = relu(1)", "3 = (2 + 1)"]),
        ("relu join here * 0.5 + 1", ["1 = relu(0)", "2 = ((1 * <0.5>) + <1>)"]),
        ("relu keep a sigmoid join a tanh", ["1 = relu(0)", "2 = (sigmoid)", "3 = tanh(1)"]),
    ],
)
def test_steps(steps: str, instructions: list[str]) -> None:
    assert lowered(steps) == instructions


@pytest.mark.parametrize(
    ("residual", "instructions"),
    [
        ("residual { conv(3, 4) }", ["1 = conv(0)", "2 = 1 + 0"]),
        ("residual { }", ["1 = 0 + 0"]),
        ("residual { conv(3, 8) } via s: conv(1, 8)", ["1 = conv(0)", "2 = 1 + s(0)"]),
        ("residual { conv(3, 4) } via none", ["1 = conv(0)", "2 = 1"]),
        # A shortcut that gives the value of the whole.
        ("residual { conv(3, 4) } via twice", ["1 = conv(0)", "2 = shortcut(1)"]),
        # One that does nothing but choose what is added.
        ("residual { conv(3, 4) } via again", ["1 = conv(0)", "2 = 1 + 0"]),
        ("residual { relu keep a } via { join a conv(3, 4) }", ["1 = relu(0)", "2 = 1 + s(1)"]),
        (
            "residual { residual { conv(3, 4) } relu }",
            ["1 = conv(0)", "2 = 1 + 0", "3 = relu(2)", "4 = 3 + 0"],
        ),
        # What somebody else reads is made before the sum.
        (
            "residual { conv(3, 4) } via { relu keep b } join here + b",
            ["1 = conv(0)", "2 = s(0)", "3 = 1 + 2", "4 = (3 + 2)"],
        ),
        ("keep a residual { conv(3, 4) } join a", ["1 = (conv)"]),
        ("keep a residual { relu } via s: conv(1, 4) join a", ["1 = (relu)", "2 = (s)"]),
    ],
)
def test_residuals(residual: str, instructions: list[str]) -> None:
    definitions = "shortcut twice { join main * 2 } shortcut again { join in }"
    found = lowered(residual.replace("via {", "via s: {"), definitions)
    assert found == instructions


@pytest.mark.parametrize(
    ("fork", "instructions"),
    [
        ("fork { p: relu q: tanh } join p * q", ["1 = p(0)", "2 = q(0)", "3 = (1 * 2)"]),
        ("fork { p: relu q: identity } join p * q", ["1 = p(0)", "2 = (1 * 0)"]),
        ("fork { p: relu q: tanh } join p", ["1 = p(0)", "2 = (q)"]),
        ("fork { p: relu } join max(p, in, 0.5)", ["1 = p(0)", "2 = max(1, 0, <0.5>)"]),
        ("fork { p: conv(3, 4) x 3 } join concat(p)", ["1 = p*(0)", "2 = concat(p:1x3)"]),
        # Copies that differ stand for one value all the same.
        (
            "fork { p: { conv(3, 4) if index > 0 { relu } } x 3 } join mean(p)",
            ["1 = p*(0)", "2 = mean(p:1x3)"],
        ),
        ("fork { p: conv(3, 4) x 3 q: relu } join q", ["1 = (p)", "2 = q(0)"]),
    ],
)
def test_forks(fork: str, instructions: list[str]) -> None:
    assert lowered(fork) == instructions


@pytest.mark.parametrize(
    ("steps", "group", "around"),
    [
        # What is kept inside and read outside is given away too.
        (
            "g: { conv(3, 4) keep a relu } join here + a",
            (["1 = 0(0)", "2 = 1(1)"], (0,), (2, 1)),
            ["1, 2 = g(0)", "3 = (1 + 2)"],
        ),
        # What is read outside is an input, once.
        (
            "keep a relu g: { tanh join here + a }",
            (["2 = 0(0)", "3 = (2 + 1)"], (0, 1), (3,)),
            ["1 = relu(0)", "2 = g(1, 0)"],
        ),
        (
            "relu keep a g: { tanh join here + a }",
            (["1 = 0(0)", "2 = (1 + 0)"], (0,), (2,)),
            ["1 = relu(0)", "2 = g(1)"],
        ),
        # Copies in a row are fed each other's results: the same value comes in twice.
        (
            "relu keep a g: { tanh join here + a } x 3",
            (["2 = 0(0)", "3 = (2 + 1)"], (0, 1), (3,)),
            ["1 = relu(0)", "2 = g(1, 1)"],
        ),
        # A module's result is a value of its own, also where its body ends with an old one.
        (
            "relu keep a g: { tanh join a } tanh",
            (["1 = (0)"], (0,), (0,)),
            ["1 = relu(0)", "2 = g(1)", "3 = tanh(2)"],
        ),
    ],
)
def test_groups(
    steps: str, group: tuple[list[str], tuple[int, ...], tuple[int, ...]], around: list[str]
) -> None:
    found = classes(steps)
    inner = named(found, "G").programs[0]
    assert (listing(inner), inner.inputs, inner.outputs) == group
    assert listing(named(found, "Net").programs[0]) == around


def test_a_kept_tensor_leaves_through_all_groups_around() -> None:
    found = classes("g: { h: { conv(3, 4) keep a relu } relu } join here + a")
    assert listing(named(found, "G").programs[0]) == ["1, 2 = h(0)", "3 = relu(1)"]
    assert named(found, "G").programs[0].outputs == (3, 2)
    assert named(found, "GH").programs[0].outputs == (2, 1)


def test_copies_that_are_not_called_alike() -> None:
    """Nothing reads the first two; the third is called with `a` alone."""
    steps = "conv(3, 4) keep a g: { conv(3, 4) if index == 2 { join a } } x 4"
    assert lowered(steps) == ["1 = conv(0)", "2 = g(1) [2:3 1] [-1: x 1]"]


def test_a_chain_keeps_the_places_that_do_nothing() -> None:
    (chain,) = [made for made in classes("{ relu identity tanh } x 2").in_order if not made.name]
    assert listing(chain.programs[0]) == ["1 = 0(0)", "2 = 1(1)", "3 = 2(2)"]


def test_a_long_chain_is_cut() -> None:
    join = "relu keep a join here" + " + a" * (2 * OPERATIONS + 1)
    whole = "(" * OPERATIONS + "1" + " + 1)" * OPERATIONS
    again = "(" * OPERATIONS + "2" + " + 1)" * OPERATIONS
    assert lowered(join) == ["1 = relu(0)", f"2 = {whole}", f"3 = {again}", "4 = (3 + 1)"]


@pytest.mark.parametrize(
    ("steps", "names"),
    [
        ("relu keep a tanh join here + a", {1: "a"}),
        ("relu keep a keep b join here + b", {1: "a"}),
        ("fork { p: relu q: tanh } join p + q", {1: "p", 2: "q"}),
        ("relu join in + here", {}),
        ("g: { relu keep a tanh } join here + a", {2: "a"}),
        ("residual { relu } via { join main * 2 }", {1: "main"}),
    ],
)
def test_names_of_values(steps: str, names: dict[int, str]) -> None:
    assert named(classes(steps), "Net").programs[0].names == names


@pytest.mark.parametrize(
    ("steps", "is_chain"),
    [
        ("relu tanh", True),
        ("relu x 2 tanh", True),
        ("", True),
        ("relu keep a tanh join a sigmoid", False),  # not called
        ("relu join here * 2", False),
        ("residual { relu }", False),
        ("fork { p: relu x 2 } join sum(p)", False),
    ],
)
def test_chains(steps: str, is_chain: bool) -> None:
    found = classes("unit", f"block unit {{ {steps} }}")
    of_unit = [d for d in found.definitions if d.name == "unit"]
    assert found.programs.of_definition(of_unit[0]).is_chain == is_chain


def test_the_torch_module_of_an_operator_is_made_once() -> None:
    found = classes("conv(3, 4) conv(3, 4)", "")
    first, second = (
        step
        for step in found.of(found.network.root.body).programs[0].instructions
        if isinstance(step, Invoke)
    )
    assert first.op is not None
    made = found.programs.modules
    assert made.of(first.op, first.shape) is made.of(first.op, first.shape) is first.module
    assert first.module == second.module
