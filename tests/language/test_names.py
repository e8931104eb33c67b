"""Names of modules: section 4, "Names (state-dict keys)"."""

from __future__ import annotations

import pytest

from resdsl.language.names.reserved import CONTAINER_ATTRIBUTES, MODULE_ATTRIBUTES
from tests.language.elaboration import body, body_codes, codes, modules, network


@pytest.mark.parametrize(
    ("steps", "names"),
    [
        # A network goes by words, and counts what has the same.
        ("conv(3, 4) norm act conv(3, 4) norm", ["conv", "norm", "act", "conv_1", "norm_1"]),
        # Stepping over labels.
        ("conv(3, 4) conv_1: norm conv(3, 4)", ["conv", "conv_1", "conv_2"]),
        # Slots under `set` keep the word written.
        ("set norm = groupnorm(groups=1) norm", ["norm"]),
        # A group without a label numbers its modules.
        ("{ conv(3, 4) norm }", ["group.0", "group.1"]),
        ("a: { conv(3, 4) norm }", ["a.0", "a.1"]),
        # A label, residual or fork inside makes it go by words.
        ("{ conv(3, 4) bn: norm }", ["group.conv", "group.bn"]),
        ("{ conv(3, 3) residual { conv(3, 3) } }", ["group.conv", "group.conv_1"]),
        ("{ relu fork { a: relu } join a }", ["group.relu", "group.a"]),
        # One in braces of its own does not count for the body around.
        ("{ conv(3, 3) { bn: norm } }", ["group.0", "group.1.bn"]),
        ("{ conv(3, 3) a: residual { conv(3, 3) } }", ["group.conv", "group.a.conv"]),
        (
            "{ conv(3, 3) residual { conv(3, 3) } x 2 }",
            ["group.0", "group.1.0.conv", "group.1.1.conv"],
        ),
        # Repetitions are containers, for one copy too; x 0 takes its number.
        ("conv(3, 4) x 1", ["conv.0"]),
        ("{ conv(3, 4) x 0 norm }", ["group.1"]),
        ("a: { norm act } x 2", ["a.0.0", "a.0.1", "a.1.0", "a.1.1"]),
        # Modules of mains come before the shortcut's.
        (
            "residual { conv(3, 3) } via conv(1, 3) residual { norm } via conv(1, 3)",
            ["conv", "shortcut", "norm", "shortcut_1"],
        ),
        ("residual { conv(3, 3) } via down: { conv(1, 3) norm }", ["conv", "down.0", "down.1"]),
        # Empty shortcuts make no module.
        ("residual { conv(3, 3) } via projection", ["conv"]),
        ("residual { conv(3, 3) } via none", ["conv"]),
        # Branches go by their labels, copies by numbers.
        (
            "fork { a: relu b: { conv(1, 3) norm } x 2 } join a + sum(b)",
            ["a", "b.0.0", "b.0.1", "b.1.0", "b.1.1"],
        ),
        # Branches of two forks share a label where at most one has tensors, in whatever order.
        (
            "fork { a: relu p: relu } join a + p fork { b: relu p: relu } join b + p",
            ["a", "p", "b", "p_1"],
        ),
        (
            "fork { p: { relu dropout } x 2 } join sum(p) fork { p: conv(1, 3) } join p",
            ["p_1.0.0", "p_1.0.1", "p_1.1.0", "p_1.1.1", "p"],
        ),
        ("fork { p: relu } join p p: conv(1, 3) p_1: relu", ["p_2", "p", "p_1"]),
        (
            "for i in range(2) { fork { a[i]: conv(1, 3) p: relu } join a[i] + p }",
            ["a0", "p", "a1", "p_1"],
        ),
        # Indexed and string labels.
        ('for i in range(2) { c[i + 1]: relu } "block1-0": norm', ["c1", "c2", "block1-0"]),
        ('for i in range(2) { "c-"[i]: relu }', ["c-0", "c-1"]),
        # With dots, in the order of keys.
        ('"c.0": relu norm for i in range(1, 3) { "c."[i]: relu }', ["c.0", "c.1", "c.2", "norm"]),
        ('"norm.0": relu norm', ["norm.0", "norm_1"]),
        # Tensors of the body come first, and it is not numbered.
        ("{ relu param a: prelu norm }", ["group.a", "group.relu", "group.norm"]),
        # `keep join let set expect if for` have no names.
        ("keep a let n = 3 if n == 3 { conv(n, 3) } join a + here norm", ["conv", "norm"]),
        # identity and act have.
        ("{ identity act conv(1, 3) }", ["group.0", "group.1", "group.2"]),
    ],
)
def test_rule(steps: str, names: list[str]) -> None:
    assert modules(body(steps)) == names


def test_blocks_have_bodies_of_their_own() -> None:
    found = network(
        "block unit { conv(3, 4) norm } network net { input 3 x 8 x 8 a: unit unit x 2 }"
    )
    assert modules(found) == ["a.0", "a.1", "unit.0.0", "unit.0.1", "unit.1.0", "unit.1.1"]


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ("a: relu a: relu", "E0202"),
        ("residual { a: relu } via a: conv(1, 3)", "E0202"),
        ("fork { a: relu a: relu } join a", "E0202"),
        ("fork { a: relu } join a a: relu a: relu", "E0202"),
        ("fork { a: norm } join a fork { a: norm } join a", "E0202"),
        ("forward: relu", "E0205"),
        ("half: relu", "E0205"),
        ('"": relu', "E0205"),
        # Parts of a label with dots.
        ('"a..b": relu', "E0205"),
        ('"a.": relu', "E0205"),
        ('".a": relu', "E0205"),
        ('"a.forward": relu', "E0205"),
        ('"a.keys": relu', "E0205"),
        ('"a.class": relu', "E0205"),
        ('"a.0": relu "a.0": relu', "E0202"),
        ('"a.0": relu a: relu', "E0202"),
        ('a: relu "a.0": relu', "E0202"),
        ('"a.b": relu "a.b.c": relu', "E0202"),
        ('fork { a: relu b: conv(1, 3) } join a + b "a.0": relu', "E0202"),
        # Tensors of the body.
        ('param "a.b": prelu', "E0205"),
        ("param a: prelu a: relu", "E0202"),
        ("param a: batchnorm", "E0401"),
        ("param a: conv(1, 3)", "E0401"),
        ("param a: relu", "E0401"),
        ("param a: basic(3)", "E0401"),
        ("class: relu", "E0105"),
        ("a[-1]: relu", "E0301"),
    ],
)
def test_refused(steps: str, code: str) -> None:
    assert code in body_codes(steps)


def test_reserved_names_are_those_of_torch() -> None:
    from torch import nn

    attributes = {
        name
        for module in (nn.Module(), nn.Sequential(), nn.ModuleList())
        for name in dir(module)
        if not name.startswith("__")
    }
    assert attributes <= MODULE_ATTRIBUTES
    named = {name for name in dir(nn.ModuleDict()) if not name.startswith("__")}
    assert named - attributes == CONTAINER_ATTRIBUTES


def test_all_mistakes_of_a_step_and_of_a_block_that_nothing_reaches() -> None:
    text = """
        block b(width: int) {
            conv(3, wdth, strde=2)
            conv(3, "16", groups=2.5, k=3)
        }
        network n { input 3 x 32 x 32 b(widht=3, q=4) maxpool(3, stride=0, ceil=1) }
    """
    assert sorted(codes(text)) == ["E0201", *["E0301"] * 4, *["E0302"] * 4]


def test_a_name_of_its_own_is_no_operator() -> None:
    """What a call calls is a parameter here: its arguments are for elaboration to look at."""
    blocks = "block b(conv_: block) { conv_(odd=3) } block relu6_(odd: int) { conv(1, odd) }"
    assert codes(f"{blocks} network n {{ input 3 x 8 relu6_(odd=3) }}") == []


def test_a_tensor_whose_name_ends_in_a_number() -> None:
    """It is read with an index, too (language.md, section 4); another number is another name."""
    assert codes("network n { input 3 x 8 keep s0 relu join s[0] + here }") == []
    fork = "fork { p1: relu p2: silu } join p[1] + p[2]"
    assert codes(f"block unused {{ {fork} }} network n {{ input 3 x 8 {fork} }}") == []
    assert codes("block unused { keep s0 join s1 } network n { input 3 x 8 relu }") == ["E0201"]
