"""Expressions for numbers: short, and right for every member of a class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from resdsl.provenance import Leaf, as_float, combine, origin, plain, power, traced
from resdsl.targets.formulas import Surroundings

Expression = Callable[..., Any]


def raised(base: int, exponent: int) -> Any:
    """`base ** exponent` as the language has it."""
    return combine("**", base, exponent, power(plain(base), plain(exponent)))


def text(members: list[dict[str, int]], expression: Expression) -> str:
    """How `expression` over the arguments of these members is written."""
    first = members[0]
    free = [name for name in first if len({member[name] for member in members}) > 1]
    made = expression(**{name: traced(value, Leaf(name)) for name, value in first.items()})
    source = origin(made)
    assert source is not None
    surroundings = Surroundings(members, free, (), {name: name for name in free}, {})
    term = surroundings.term(source)
    assert term.values == tuple(expression(**member) for member in members)
    for member, value in zip(members, term.values, strict=True):
        assert eval(term.text, {}, dict(member)) == value
    return term.text


WIDTHS = [{"width": 64, "k": 4, "groups": 1}, {"width": 128, "k": 4, "groups": 1}]


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (lambda width, k, groups: width * k, "4 * width"),
        (lambda width, k, groups: width * 64 // 64 * groups, "width"),
        (lambda width, k, groups: width * 128 // 64, "2 * width"),
        (lambda width, k, groups: width * k // 64 * 32, "2 * width"),
        (lambda width, k, groups: width * k // 64, "width // 16"),
        (lambda width, k, groups: width * 3 // 2, "3 * width // 2"),
        (lambda width, k, groups: width + 0 * k, "width"),
        (lambda width, k, groups: width - k, "width - 4"),
        (lambda width, k, groups: (width + k) * 2, "2 * (width + 4)"),
        (lambda width, k, groups: k - (width - 1), "4 - (width - 1)"),
        (lambda width, k, groups: width * width // width, "width"),
        # A remainder: not a product.
        (lambda width, k, groups: width // 5 * 5, "5 * (width // 5)"),
        (lambda width, k, groups: (width + 1) // 2, "(width + 1) // 2"),
        (lambda width, k, groups: width % 3 + 1, "width % 3 + 1"),
        (lambda width, k, groups: width / 3, "width / 3"),
        (lambda width, k, groups: k / (width * 2), "4 / (2 * width)"),
        (lambda width, k, groups: as_float(width), "float(width)"),
        (lambda width, k, groups: as_float(width * k), "float(4 * width)"),
        (lambda width, k, groups: as_float(width) * 2, "float(width) * 2"),
        (lambda width, k, groups: as_float(k) * width, "4.0 * width"),
        (lambda width, k, groups: raised(width, k), "width**4"),
        (lambda width, k, groups: raised(2, width // 16), "2 ** (width // 16)"),
        (lambda width, k, groups: raised(width + 1, 2), "(width + 1) ** 2"),
        (lambda width, k, groups: raised(-2, width // 64), "(-2) ** (width // 64)"),
        (lambda width, k, groups: raised(2, width // 64) * 3 - 1, "3 * 2 ** (width // 64) - 1"),
        (lambda width, k, groups: raised(raised(width, 2), k), "(width**2) ** 4"),
    ],
)
def test_simplified(expression: Expression, written: str) -> None:
    assert text(WIDTHS, expression) == written


def test_two_free_arguments() -> None:
    members = [{"a": 16, "b": 3}, {"a": 32, "b": 5}]
    assert text(members, lambda a, b: a + 4 * b) == "a + 4 * b"
    assert text(members, lambda a, b: a * b // a) == "b"
    assert text(members, lambda a, b: a - (a + b)) == "a - (a + b)"
    assert text(members, lambda a, b: (a - 8) + 4 + (b - (a - 8))) == "b + 4"
    assert text(members, lambda a, b: a + b - (a - b)) == "2 * b"
    assert text(members, lambda a, b: a * b - 8 + 3) == "a * b - 5"
    assert text(members, lambda a, b: 8 - a + b - 8) == "b - a"


def test_what_is_the_same_whatever_it_is_made_of() -> None:
    width = traced(16, Leaf("width"))
    rest = width - 8
    assert (rest + 4 - rest, origin(rest + 4 - rest)) == (4, None)
    assert origin(rest - rest) is None


@pytest.mark.parametrize(
    ("expression", "operands"),
    [
        (lambda width, k, groups: width, ["width"]),
        (lambda width, k, groups: width + k - (width - 1) * 2,
         ["width", "+ 4", "- 2 * (width - 1)"]),
        (lambda width, k, groups: width - (k - width), ["width", "- (4 - width)"]),
        (lambda width, k, groups: width + (k + width % 3), ["width", "+ 4", "+ width % 3"]),
        (lambda width, k, groups: (width + k) * width * 3 // 5,
         ["3", "* (width + 4)", "* width", "// 5"]),
        (lambda width, k, groups: width * k % 5 // 3, ["(4 * width % 5)", "// 3"]),
        (lambda width, k, groups: (width + 1) // 3 // 5, ["((width + 1) // 3)", "// 5"]),
        (lambda width, k, groups: as_float(width * k), ["float(4 * width)"]),
        (lambda width, k, groups: raised(2, width // 64), ["2", "** (width // 64)"]),
        (lambda width, k, groups: raised(width, k) * 2 + 1, ["2 * width**4", "+ 1"]),
    ],
)  # fmt: skip
def test_where_a_number_too_long_for_a_line_breaks(
    expression: Expression, operands: list[str]
) -> None:
    members = WIDTHS
    source = origin(expression(**{n: traced(v, Leaf(n)) for n, v in members[0].items()}))
    assert source is not None
    term = Surroundings(members, ["width"], (), {"width": "width"}, {}).term(source)
    assert list(term.operands) == operands
    assert " ".join(operands).replace(" ** ", "**") == term.text.replace(" ** ", "**")
