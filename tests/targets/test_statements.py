"""Values that become variables, and the names that these get."""

from __future__ import annotations

from collections import Counter

import pytest

from resdsl.targets.nodes import Binary, Bracketed, Call, Generator, Node, Text, Variable
from resdsl.targets.statements import Pending, Statements


def statements(**left: int) -> Statements:
    """Values are numbered as given; the readings that are still to come of each."""
    return Statements(Counter(dict(enumerate(left.values()))), {1: "kept"})


def written(made: Statements) -> list[str]:
    return [row for statement in made.text for row in statement.lines()]


def test_a_value_that_is_read_again_gets_a_variable() -> None:
    made = Statements(Counter({0: 2, 1: 2}), {})
    made.enter(0, "x")
    made.pending[1] = Pending(Call("f", (Variable("x"),)), "x", frozenset({"x"}))
    assert made.take(1) == Variable("out")
    assert written(made) == ["        out = f(x)"]


def test_a_value_that_is_read_twice_again_gets_its_own_name() -> None:
    made = statements(x=0, value=3)
    made.pending[1] = Pending(Call("f", ()), "x", frozenset())
    assert made.take(1) == Variable("kept")
    assert written(made) == ["        kept = f()"]


def test_a_value_that_is_not_is_the_expression() -> None:
    made = statements(x=1, value=1)
    node = Call("f", ())
    made.pending[1] = Pending(node, "x", frozenset())
    assert made.take(1) is node
    assert written(made) == []


@pytest.mark.parametrize(
    ("left", "used", "name"),
    [(0, "", "x"), (1, "", "out"), (0, "x", "out"), (0, "x out", "result"), (1, "out", "result")],
)
def test_the_pipelines_variable_or_one_that_is_free(left: int, used: str, name: str) -> None:
    made = Statements(Counter({0: left, 1: 1}), {})
    made.enter(0, "x")
    made.pending[2] = Pending(Text("waits"), "x", frozenset(used.split()))
    assert made.target(1, "x") == name


@pytest.mark.parametrize(("left", "name"), [(0, "x"), (1, "kept")])
def test_what_is_read_once_has_its_own_name_where_the_pipeline_goes_on_beside_it(
    left: int, name: str
) -> None:
    made = statements(x=left, value=1)
    made.enter(0, "x")
    assert made.target(1, "x") == name


def test_a_fresh_name_is_never_that_of_an_input() -> None:
    made = statements(x=0)
    made.enter(0, "a")
    assert (made.is_free("a"), made.fresh("a"), made.fresh("b")) == (True, "a_", "b")


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (Call("sum", (Generator("", Text("b"), "b", Text("c"), ""),)),
         "torch.stack([b for b in c]).sum(0)"),
        (Call("sum", (Text("p"),)), "torch.stack(p).sum(0)"),
        (Binary(Call("sum", (Text("p"),)), "/", Text("3")), "torch.stack(p).mean(0)"),
        (Binary(Bracketed(Text("a + b")), "/", Text("2")), "(a + b) / 2"),
    ],
)  # fmt: skip
def test_what_a_type_checker_takes(node: Node, text: str) -> None:
    made = statements()
    made.say(node, "return ")
    assert written(made) == [f"        return {text}"]
    assert made.called == ({"torch"} if "torch" in text else set())


def test_a_long_operation_is_said_in_parts() -> None:
    made = statements()
    node: Node = Variable("a")
    for letter in "bcd":
        node = Binary(node, "+", Call("f", (Variable(letter * 20),)))
    short = made.shortened(node, {"a"}, 60)
    made.say(short, "x = ")
    assert written(made) == [
        f"        partial = a + f({'b' * 20}) + f({'c' * 20})",
        f"        x = partial + f({'d' * 20})",
    ]
