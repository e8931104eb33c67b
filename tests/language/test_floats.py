"""Ints and floats: docs/language.md, "Ints and floats"."""

from __future__ import annotations

import pytest

import resdsl
from resdsl.language.values.values import equal, key, show
from tests.language.elaboration import attempt, codes, network, operators
from tests.language.test_expressions import value

# Where a parameter `width: float`, or a value of it, stands for `w`.
WIDTHS = ("1.0", "1", "2", "0.5", "1e0", "3 // 2")


def kind(expression: str, width: str = "1.0") -> str:
    """`int`, `float` or `bool`: what an expression over a `float` gives."""
    text = f"""
    block of(w: float, ws: list[float] = [1, 2]) {{ let v = {expression}  take(v) }}
    block take(v) {{ relu }}
    network n {{ input 3 x 8 x 8 of({width}) }}
    """
    found = network(text)
    (unit,) = (step.unit for step in found.root.body.modules())
    (inner,) = (step.unit for step in unit.definition.body.modules())  # type: ignore[union-attr]
    return type(inner.definition.arguments["v"]).__name__  # type: ignore[union-attr]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "expression",
    [
        "w",
        "64 * w",
        "w + 1",
        "1 - w",
        "w // 1",
        "w % 2",
        "1 / 2 / w",
        "w ** 2",
        "2 ** w",
        "-w",
        "abs(w)",
        "max(1, w)",
        "min(8, w)",
        "max([1, 100, w])",
        "sum([1, w])",
        "sum(ws)",
        "ws[0]",
        "ws[1] * 8",
        "where(w > 100, 1, w)",
        "[1, w][1]",
    ],
)
def test_what_is_computed_from_a_float_is_one(expression: str, width: str) -> None:
    assert kind(expression, width) == "float"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "expression",
    [
        "floor(w)",
        "ceil(w)",
        "round(w)",
        "divisible(64 * w)",
        "len(ws)",
        "where(w > 100, w, 1)",
        "floor(w) * 64",
        "2 ** round(w)",
        "1.0 * round(w)",
        "in.channels",
    ],
)
def test_what_makes_ints_of_floats(expression: str, width: str) -> None:
    assert kind(expression, width) == "int"


@pytest.mark.parametrize("expression", ["w == 1", "w < 2", "w > 0 and w != 7", "not w == 1"])
def test_comparisons_are_bools(expression: str) -> None:
    assert kind(expression) == "bool"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A literal with a whole value is an int, however it is spelled.
        ("64.0", 64),
        ("1e2", 100),
        ("4.1G", 4_100_000_000),
        ("26M", 26_000_000),
        ("0.0", 0),
        ("1.5", 1.5),
        ("1.0 * 64", 64),
        # Of literals: what each operator and function gives.
        ("4 / 2", 2.0),
        ("4 / 2 * 3", 6.0),
        ("4 / 2 + 1", 3.0),
        ("4 / 2 // 1", 2.0),
        ("5 / 2 % 1", 0.5),
        ("7 // 2", 3),
        ("7 % 2", 1),
        ("2 ** 3", 8),
        ("2 ** -1", 0.5),
        ("2 ** 0", 1),
        ("2 ** (4 / 2)", 4.0),
        ("(4 / 2) ** 0", 1.0),
        ("-(4 / 2)", -2.0),
        ("abs(-4 / 2)", 2.0),
        ("max(1, 1 / 2)", 1.0),
        ("max(1, 2)", 2),
        ("min(1, 3 / 2)", 1.0),
        ("min([2, 4 / 2])", 2.0),
        ("sum([1, 2 / 2])", 2.0),
        ("sum([1, 2])", 3),
        ("sum([])", 0),
        ("floor(4 / 2)", 2),
        ("ceil(4 / 2)", 2),
        ("round(4 / 2)", 2),
        ("round(5 / 2)", 2),
        ("round(7 / 2)", 4),
        ("divisible(64 / 2)", 32),
        ("len([1 / 1])", 1),
        ("where(1 < 2, 1, 0.5)", 1),
        ("[1, 2 / 2][1]", 1.0),
        # Comparisons are of values.
        ("2 == 4 / 2", True),
        ("2 != 4 / 2", False),
        ("1 < 3 / 2", True),
        ("[1, 2] == [2 / 2, 2]", True),
        ("[[1], 2] == [[2 / 2], 2]", True),
        ("[1, 2] == [1, 2.5]", False),
        ("[1] == [true]", False),
        ("[1] == [1, 1]", False),
        ("true == 1", ["E0301"]),
        # Ints are asked for.
        ("range(4 / 2)", ["E0302"]),
        ("size(3, 6 / 2)", ["E0302"]),
        ("divisible(64, by=8 / 1)", ["E0302"]),
        ("[1, 2][2 / 2]", ["E0301"]),
    ],
)
def test_literals_operators_and_functions(text: str, expected: object) -> None:
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


TAKES = "block takes(w: float) { conv(1, 8 * w) }\n"


@pytest.mark.parametrize(
    "text",
    [
        "network n { input 3 x 8 x 8 takes(1) }",
        "network n { input 3 x 8 x 8 takes(w=2.0) }",
        "network n(i: int = 1) { input 3 x 8 x 8 takes(i) }",
        "network n { input 3 x 8 x 8 let i = 1 takes(i) }",
        "network n { input 3 x 8 x 8 takes(index + 1) x 2 }",
        "network n { input 3 x 8 x 8 takes(in.channels) }",
        "network n { input 3 x 8 x 8 set takes(w=1) takes }",
        "network n { input 3 x 8 x 8 set norm = takes(1) norm }",
        "network n(b: block = takes(1)) { input 3 x 8 x 8 b }",
        "network n { input 3 x 8 x 8 stage s: takes(1) }",
        "network n(w: float = 1) { input 3 x 8 x 8 conv(1, 8 * w) }",
        "network n(w: float = 1.0) { input 3 x 8 x 8 conv(1, 8 * w) }",
        "network n(i: int = 1, w: float = i) { input 3 x 8 x 8 conv(1, 8 * w) }",
        "network n(ws: list[float] = [1]) { input 3 x 8 x 8 conv(1, ws[0]) }",
        "network f(w: float) { input 3 x 8 x 8 conv(1, 8 * w) } network n = f(1)",
        "network f(w: float) { input 3 x 8 x 8 conv(1, 8 * w) } network n = f(w=1.0) {}",
        "block late(i: int, w: float = i) { conv(1, 8 * w) } network n { input 3 x 8 x 8 late(1) }",
        "network n(w: float = 1) { input 3 x 8 x 8 let c = 8 * w conv(1, c) }",
        "network n(w: float = 1) { input 3 x 8 x 8 relu x w }",
        "network n(w: float = 1) { input 3 x 8 x 8 stage s /w: basic(8) }",
        "network n(w: float = 1) { input 3 x 8 x 8 stage s[w]: basic(8) }",
        "network n(w: float = 8) { input w x 8 x 8 relu }",
        "network n(w: float = 2) { input 3 x H x 8 relu expect H % w == 0 }",
        "network n(w: float = 1) { input 3 x 8 x 8 conv(w, 8) }",
        "network n(w: float = 1) { input 3 x 8 x 8 conv(3, 8, stride=w) }",
        "network n { input 3 x 8 x 8 conv(3, 8 + 0 * progress) }",
        "block stepped(stride: float) { conv(3, 8, stride=stride) }"
        "network n { input 3 x 8 x 8 stage s /2: stepped }",
    ],
)
def test_a_float_is_no_int_wherever_it_comes_from(text: str) -> None:
    _, sink = attempt(TAKES + text, "n")
    assert sink.errors == 1, sink.diagnostics
    message = next(d.message for d in sink.diagnostics if d.severity == "error")
    assert message.rsplit(" ", 1)[1].endswith(".0"), message


@pytest.mark.parametrize("given", ["1", "1.0", "2 / 2", "0.5", "2 ** 0"])
def test_what_the_command_line_gives(given: str) -> None:
    text = "network n(w: float = 0.25) { input 3 x 8 x 8 conv(1, 8 * w) }"
    _, sink = attempt(text, w=given)
    (found,) = sink.diagnostics
    shown = "4.0" if given == "0.5" else "8.0"
    assert found.message == f"`channels` of `conv` must be an int, not the float {shown}"


@pytest.mark.parametrize("given", [1, 1.0, 2])
def test_what_python_gives(given: float) -> None:
    text = "network n(w: float = 0.25, ws: list[float] = []) {\n input 3 x 8 x 8 scale(w) }"
    design = resdsl.design(text, w=given, ws=[given, 0.5])
    arguments = design.network.root.arguments
    assert type(arguments["w"]) is float
    assert [type(item) for item in arguments["ws"]] == [float, float]


def test_an_int_parameter_takes_no_whole_float() -> None:
    text = "network n(c: int = 8) { input 3 x 8 x 8 conv(1, c) }"
    assert codes(text, c="16.0") == []
    assert codes(text, c="32 / 2") == ["E0803"]


def test_operators_have_floats() -> None:
    """Every float argument that is a whole number, and every default."""
    from resdsl.ops import REGISTRY

    for name, cls in REGISTRY.items():
        for parameter in cls.parameters():
            if parameter.is_float:
                assert not isinstance(parameter.default, int), f"{name}: {parameter.name}"
    text = """network n {
        input 3 x 8 x 8
        set batchnorm(scale_init=0)
        dropout(0) norm scale(2) leaky_relu(1) local_response_norm(k=2, alpha=1, beta=1)
        conv(1, 8, bias=true, bias_init=1) layer_scale(1)
    }"""
    found = [op for _, op in operators(network(text).root.body)]
    for op in found:
        for parameter in op.parameters():
            given = getattr(op, parameter.name)
            if parameter.is_float:
                assert type(given) is float, f"{op.name}: {parameter.name}={given!r}"


def test_one_and_its_float_and_true_are_three() -> None:
    """What is elaborated once is told apart by its arguments."""
    assert len({key(1), key(1.0), key(True)}) == 3
    assert len({key((1,)), key((1.0,)), key((True,))}) == 3
    assert equal(1, 1.0)
    assert not equal(1, True)
    text = """
    block b(v) { if v == v { kind(v) } }
    block kind(v) { relu }
    network n { input 3 x 8 x 8 b(1) b(2 / 2) b(true) b(1) }
    """
    kinds = []
    for step in network(text).root.body.modules():
        kinds.append(type(step.unit.definition.arguments["v"]))  # type: ignore[union-attr]
    assert kinds == [int, float, bool, int]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (128.0, "128.0"),
        (0.0, "0.0"),
        (-2.0, "-2.0"),
        (0.5, "0.5"),
        (1e-5, "1e-05"),
        (1 / 3, "0.333333"),
        (0.1 + 0.2, "0.3"),
        (1234567.0, "1234567.0"),
        (64.00000001, "64.00000001"),
        (0.99999999, "0.99999999"),
        (12345678.9, "12345678.9"),
        (128, "128"),
    ],
)
def test_a_message_tells_a_float_from_an_int(number: float, text: str) -> None:
    assert show(number) == text
