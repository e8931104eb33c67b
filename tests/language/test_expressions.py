"""Expressions and values: section 4, "Values"."""

from __future__ import annotations

import pytest

from resdsl.diagnostics.diagnostic import Sink
from resdsl.extents import Size
from resdsl.language.spec import open_spec
from resdsl.language.values.values import UNKNOWN
from resdsl.source import Source
from tests.language.elaboration import codes, errors


def value(text: str) -> object:
    """The value of an expression, as a file's `let`."""
    sink = Sink()
    source = f"network n {{ input 3 x 8 x 8 relu }} let value = {text}"
    spec = open_spec(Source("spec.res", source), None, sink)
    assert spec is not None, sink.diagnostics
    found = spec.elaborate("n", sink)
    assert found is not None
    item = spec.module.names["value"]
    result = found.elaborator.expressions.constant(spec.module, item)  # type: ignore[arg-type]
    return [d.code.id for d in sink.diagnostics] if result is UNKNOWN else result


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("2 ** 3 ** 2", 512),
        ("-2 ** 2", -4),
        ("7 / 2", 3.5),
        ("7 // 2", 3),
        ("-7 // 2", -4),
        ("-7 % 3", 2),
        ("4.1G", 4_100_000_000),
        ("3K", 3000),
        ("0.5", 0.5),
        ("1e-5", 1e-5),
        ("not 1 == 2", True),
        ("1 < 2 and 2 < 1", False),
        ("false and 1 / 0 == 1", False),
        ("true or 1 / 0 == 1", True),
        ("where(true, 1, 1 / 0)", 1),
        ("[1, 2, 3][1]", 2),
        ("[1, 2, 3][-1]", 3),
        ("[1] + [2]", (1, 2)),
        ("len([1, 2])", 2),
        ("len(3x4)", 2),
        ("3x4[1]", 4),
        ("3x4 == size(3, 4)", True),
        ("3x3 == 3", True),
        ("3x4 == 3", False),
        ("range(3)", (0, 1, 2)),
        ("range(1, 7, 3)", (1, 4)),
        ("sum(range(4))", 6),
        ("min(3, 1, 2)", 1),
        ("max([3, 1])", 3),
        ("abs(-3)", 3),
        ("floor(2.7)", 2),
        ("ceil(2.1)", 3),
        ("round(2.5)", 2),
        ("divisible(32 * 1.4)", 48),
        ("divisible(18)", 24),
        ("divisible(33, by=16)", 32),
        ('"a" == "b"', False),
        ("[1, 2] == [1, 2]", True),
        ("1 == 1.0", True),
        ("basic == identity", False),
        ("projection != identity", True),
        ("basic == basic", True),
        ("bottleneck == bottleneck(cardinality=32)", False),
        ("[1, 2, 3][-1]", 3),
        ("3 x 4", Size((3, 4))),
        (" + ".join(["1"] * 5000), 5000),
    ],
)
def test_value(text: str, expected: object) -> None:
    assert value(text) == expected
    assert type(value(text)) is type(expected)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 / 0", "E0304"),
        ("1 % 0", "E0304"),
        ("0 ** -1", "E0304"),
        ("(-1) ** 0.5", "E0304"),
        ("2 ** 64", "E0104"),
        ("9_000_000_000_000_000_000 + 9_000_000_000_000_000_000", "E0104"),
        ("1.5 ** 10000", "E0104"),
        ("10 ** 10 ** 10 ** 10", "E0104"),
        ('1 + "a"', "E0301"),
        ("true + 1", "E0301"),
        ("true == 1", "E0301"),
        ("basic == 1", "E0301"),
        ("1 and true", "E0301"),
        ("not 3", "E0301"),
        ("-true", "E0301"),
        ("[1][2]", "E0303"),
        ("[1][true]", "E0301"),
        ("3[0]", "E0301"),
        ("range(10 ** 9)", "E0302"),
        ("range(0, 1, 0)", "E0302"),
        ("min()", "E0302"),
        ("len(3)", "E0302"),
        ("sum(1, 2)", "E0302"),
        ("gone + 1", "E0201"),
        ("in.channels", "E0401"),
        ("index", "E0401"),
        ("basic(wdth=3)", "E0302"),
    ],
)
def test_no_value(text: str, code: str) -> None:
    assert value(text) == [code]


def test_ints_go_where_floats_and_sizes_are_asked_for_never_the_reverse() -> None:
    text = "block b(f: float, s: size) {{ relu }} network n {{ input 3 x 8 x 8 b({}) }}"
    assert errors(text.format("1, 2")) == []
    assert errors(text.format("1.5, 2x3")) == []
    text = "block b(i: int) {{ relu }} network n {{ input 3 x 8 x 8 b({}) }}"
    assert errors(text.format("1.5")) == ["E0301"]
    assert errors(text.format("1x1")) == ["E0301"]
    assert errors(text.format("true")) == ["E0301"]


@pytest.mark.parametrize(
    ("kind", "accepted"),
    [("op", ["relu"]), ("block", ["relu", "basic"]), ("shortcut", ["relu", "basic", "projection"])],
)
def test_callable_types(kind: str, accepted: list[str]) -> None:
    text = f"block b(u: {kind}) {{{{ relu }}}} network n {{{{ input 3 x 8 x 8 b({{}}) }}}}"
    for argument in ("relu", "basic", "projection"):
        assert errors(text.format(argument)) == ([] if argument in accepted else ["E0301"])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("conv(3, 4, k=3)", "E0302"),
        ("conv(3)", "E0302"),
        ("conv(0, 4)", "E0301"),
        ("conv(3, -4)", "E0301"),
        ("conv(3, 4, padding=-1)", "E0301"),
        ('conv(3, 4, padding="sane")', "E0301"),
        ("dropout(1.5)", "E0301"),
        ("drop_path(1)", "E0301"),
        ("maxpool(3, padding=2)", "E0303"),
        ("maxpool(3, dilation=3, stride=1)", "E0303"),
        ("conv(3x3x3, 4)", "E0503"),
        ("pad_channels(2)", "E0504"),
        ("slice_channels(2, 9)", "E0504"),
        ("groupnorm(groups=2)", "E0504"),
    ],
)
def test_operators_check_their_arguments(arguments: str, code: str) -> None:
    assert codes(f"network n {{ input 3 x 8 x 8 {arguments} }}") == [code]
