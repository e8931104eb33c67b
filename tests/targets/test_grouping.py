"""Which elaborations share a class, what form it has, and how it is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

import resdsl
from tests.targets.instructions import classes, classes_of


def grouped(definitions: str, steps: str) -> list[str]:
    """`class B 2`: the form, the name and the members of each, but for the network's own."""
    return [
        " ".join(filter(None, [emitted.form, emitted.name, str(len(emitted.programs))]))
        for emitted in classes(steps, definitions).in_order
        if emitted.form != "network"
    ]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        # A numbered chain is a function; with a label or a sum it is a class.
        ("conv(3, 4) relu", ["function b 1"]),
        ("conv(3, 4)", ["function b 1"]),
        ("", ["function b 1"]),
        ("conv1: conv(3, 4) relu", ["class B 1"]),
        ("residual { conv(3, 4) }", ["class B 1"]),
        # Numbered modules that are no chain.
        ("conv(3, 4) join here * 2", ["list B 1"]),
        ("conv(3, 4) keep a relu join a", ["list B 1"]),
        # A numbered chain with tensors to look for: a class, so that it can be found.
        ('conv(3, 4, init="zeros") relu', ["sequence B 1"]),
        # Groups: a chain is written where it is used, others are named for where they are.
        ("g: { conv(3, 4) relu }", ["chain 1", "class B 1"]),
        ("g: { conv(3, 4) join here * 2 }", ["list BG 1", "class B 1"]),
        ("g: { h: { residual { relu } } tanh }", ["class BGH 1", "chain 1", "class B 1"]),
        ("{ residual { relu } } x 2", ["class BGroup 1", "function b 1"]),
        ("{ conv(3, 4) { residual { relu } } }",
         ["class BGroup 1", "chain 1", "function b 1"]),
    ],
)  # fmt: skip
def test_forms(body: str, found: list[str]) -> None:
    steps = "b conv(3, 4) conv(3, 4) conv(3, 4)"
    assert grouped(f"block b {{ {body} }}", steps) == found


@pytest.mark.parametrize(
    ("parameters", "body", "uses"),
    [
        ("w: int", "conv(3, w) relu", "b(4) b(8)"),
        ("k: size", "conv(k, 4) relu", "b(3) b(3x1)"),
        ("s: int", "c: conv(3, 4, stride=s, groups=s)", "b(1) b(2)"),
        ("n: int", "residual { c: conv(3, 4) x n }", "b(1) b(3)"),
        # A residual without its module, or with another.
        ("s: bool", "residual { relu } via { if s { tanh } }", "b(true) b(false)"),
        ("s: bool", "residual { relu } via { if s { tanh } else { elu } }", "b(true) b(false)"),
    ],
)
def test_alike(parameters: str, body: str, uses: str) -> None:
    """Numbers and shortcuts may differ: one class serves both."""
    own = grouped(f"block b({parameters}) {{ {body} }}", uses)[-1]
    assert own.split()[1:] in (["b", "2"], ["B", "2"])


@pytest.mark.parametrize(
    ("uses", "found"),
    [
        # With the shortcut or without, each chain is a class's own.
        ("b(8) b(8, true)", ["B 1", "BS 1"]),
        ("b(8) b(8, true) b(16) b(32, true)", ["B 2", "BS 1", "BSWithShortcut 1"]),
        ("b(8) b(4, true) b(4, true)", ["B 1", "BS 1", "BSWithShortcut 1"]),
    ],
)
def test_what_a_chain_holds(uses: str, found: list[str]) -> None:
    """A block whose chains are made of other modules is a class for each."""
    text = "block b(w: int, s: bool = false) "
    text += "{ residual { c: { if s { conv(1, w) tanh } conv(3, w) } } via when_same }"
    made = [one.split()[1:] for one in grouped(text, uses)]
    assert sorted(" ".join(one) for one in made if one[0].startswith("B")) == found


def test_chains_inside_of_chains() -> None:
    """What a chain is made of may be a block that is made in two ways."""
    text = """
    block inner(s: bool) { c: { if s { tanh } conv(3, 4) } join here * 2 }
    block outer(s: bool) { c: { conv(3, 4) inner(s) } join here * 2 }
    """
    made = [one.split()[1] for one in grouped(text, "outer(true) outer(false)")]
    assert [one for one in made if one.startswith(("Inner", "Outer"))] == [
        *("Inner", "InnerWithoutS", "Outer", "OuterWithoutS"),
    ]


@pytest.mark.parametrize(("uses", "found"), [("b(1) b(2) b(3)", 3), ("b(1) b(2) b(3) b(4)", 1)])
def test_many_chains_are_handed_in(uses: str, found: int) -> None:
    """More classes than a few are harder to read than calls."""
    text = "block b(n: int) { residual { c: { for i in range(n) { relu } } } }"
    assert sum(one.startswith("class") for one in grouped(text, uses)) == found


@pytest.mark.parametrize(
    ("parameters", "body", "uses", "found"),
    [
        # A bool or a name in an operator's arguments.
        ("b: bool", "conv(3, 4, bias=b)", "b(true) b(false)",
         ["function b 1", "function b_without_b 1"]),
        ("op: op", "conv(3, 4) op", "b(relu) b(tanh)", ["function b 1", "function b_tanh 1"]),
        # A step more.
        ("n: bool", "conv(3, 4) if n { norm }", "b(true) b(false)",
         ["function b 1", "function b_without_n 1"]),
        ("n: bool", "conv(3, 4) if n { norm }", "b(false) b(true)",
         ["function b 1", "function b_n 1"]),
        ("n: int", "conv(3, 4) if n > 0 { norm }", "b(0) b(1)",
         ["function b 1", "function b_with_batchnorm 1"]),
        ("n: int", "conv(3, 4) if n > 0 { norm }", "b(1) b(0)",
         ["function b 1", "function b_without_batchnorm 1"]),
        ("n: int", "conv(3, 4) if n > 0 { unit: norm } else { k: norm }", "b(1) b(0)",
         ["class B 1", "class BWithoutUnit 1"]),
        ("n: int", "residual { relu } for i in range(n) { residual { relu } }", "b(1) b(2)",
         ["class B 1", "class BB 1"]),
        # A third class of one text: the file says nothing of it.
        ("n: int", "residual { relu } for i in range(n) { residual { relu } }", "b(1) b(2) b(3)",
         ["class B 1", "class BB 1", "class BC 1"]),
        ("n: int", "conv(3, 4) for i in range(n) { conv(3, 4) }", "b(1) b(2) b(3)",
         ["function b 1", "function b_b 1", "function b_c 1"]),
        # A string that an author chose.
        ("p: string", 'conv(3, 4) if p == "x" { relu }', 'b("x") b("y")',
         ["function b 1", "function b_y 1"]),
        # What holds no step yet comes last, and has the long name.
        ("n: bool", "if n { conv(3, 4) }", "b(false) b(true)",
         ["function b 1", "function b_without_n 1"]),
        # Another key of the shortcut in one place; one key in two places.
        ("n: int", "if n > 0 { residual { relu } via s: tanh } "
         "else { residual { relu } via t: tanh }", "b(1) b(0)",
         ["class B 1", "class BWithoutS 1"]),
        ("n: bool", "if n { residual { relu } via s: tanh residual { relu } } "
         "else { residual { relu } residual { relu } via s: tanh }", "b(true) b(false)",
         ["class B 1", "class BWithoutN 1"]),
        # A place that is held for a key tells nothing.
        ("n: int", "conv(3, 4) if n > 0 { identity }", "b(1) b(0)",
         ["function b 1", "function b_b 1"]),
        # Nor does a parameter that has both values in one of the classes.
        ("a: bool, n: bool", "residual { relu } via s: { if a { } else { identity } } if n { elu }",
         "b(true, false) b(false, false) b(true, true)", ["chain 1", "class B 2", "class BN 1"]),
        # Main alone, and a sum with what came in.
        ("s: shortcut", "residual { relu } via s", "b(none) b(identity)",
         ["class B 1", "class BIdentity 1"]),
        # Also where what is added is main itself, or main what came in.
        ("s: bool", "residual { relu keep a } via { if s { join a } else { join main } }",
         "b(true) b(false)", ["class B 1", "class BWithoutS 1"]),
        ("s: shortcut", "conv(3, 4) residual { identity } via s", "b(none) b(identity)",
         ["class B 1", "class BIdentity 1"]),
        # Another start.
        ("z: string", "residual { c: conv(3, 4, init=z) }", 'b("he_fan_out") b("zeros")',
         ["class B 1", "class BZeros 1"]),
        ("z: string", "residual { { relu conv(3, 4, init=z) } }", 'b("he_fan_out") b("zeros")',
         ["chain 1", "class B 1", "chain 1", "class BZeros 1"]),
    ],
)  # fmt: skip
def test_unlike(parameters: str, body: str, uses: str, found: list[str]) -> None:
    steps = f"{uses} conv(3, 4) conv(3, 4) conv(3, 4)"
    assert grouped(f"block b({parameters}) {{ {body} }}", steps) == found


@pytest.mark.parametrize(
    ("definitions", "found"),
    [
        # One name in the emitted text, several in the spec: the file's before it, then letters.
        ("conv2 conv_2 Conv2", ["Conv2", "TextConv2", "Conv2B"]),
        # The emitted file's own names, and Python's.
        ("tensor", ["TextTensor"]),
        ("exception", ["TextException"]),
        ("net_", ["TextNet"]),
        ("basic_block", ["BasicBlock"]),
    ],
)
def test_names_of_classes(definitions: str, found: list[str]) -> None:
    names = definitions.split()
    blocks = " ".join(f"block {name} {{ residual {{ relu }} }}" for name in names)
    assert [one.split()[1] for one in grouped(blocks, definitions)] == found


@pytest.mark.parametrize(
    ("definitions", "found"),
    [
        ("unit", ["unit"]),
        ("Unit", ["unit"]),
        ("unit Unit UNIT", ["unit", "text_unit", "text_unit_b"]),
        ("net_", ["net_"]),
        ("torch", ["torch_"]),
        ("Net", ["text_net"]),
        ("print", ["print_"]),
    ],
)
def test_names_of_functions(definitions: str, found: list[str]) -> None:
    names = definitions.split()
    blocks = " ".join(f"block {name} {{ conv(3, 4) relu }}" for name in names)
    assert [one.split()[1] for one in grouped(blocks, definitions)] == found


def test_a_function_makes_way_for_a_parameter_of_the_network() -> None:
    text = "block classes { conv(3, 4) relu }"
    assert grouped(text, "classes") == ["function classes 1"]


def test_members_are_found_by_their_bodies() -> None:
    found = classes("b(4) b(8)", "block b(w: int) { conv(3, w) relu }")
    made = found.in_order[0]
    for position, definition in enumerate(d for d in found.definitions if d.name == "b"):
        assert found.of(definition.body) is made
        assert made.position(definition.body) == position


@pytest.mark.parametrize(
    ("steps", "is_list"),
    [
        ("u: conv(3, 4) x 2", False),
        ("fork { u: conv(3, 4) x 2 } join sum(u)", True),
        ("keep a u: { relu join here + a } x 2", True),
        ("u: { relu join here + in } x 2", True),
    ],
)
def test_lists_of_modules(steps: str, is_list: bool) -> None:
    found = classes(steps)
    (apply,) = found.network.root.body.modules()
    assert found.is_list(apply) == is_list


def test_what_the_caller_of_the_network_chooses() -> None:
    """Through the calls. The language keeps no parameter that a call is given; JSON may name it."""
    text = """
    block inner(width: int, k: int) { conv(k, width) relu }
    block outer(width: int, k: int) { inner(2 * width, k) join here * 2 }
    network net(classes: int = 6) { input 4 x 8 x 8 outer(classes, 3) inner(4, 1) }
    """
    network = replace(resdsl.design(text, net="net").network, free_parameters=("classes",))
    chosen = {made.name: set(made.chosen) for made in classes_of(network).in_order}
    # The channels that come in are the choice of whoever chose those that go out.
    assert chosen == {"inner": {"width", "in_channels"}, "Outer": {"width"}, "Net": {"classes"}}
