"""Several mistakes in one text: each is told once, and nothing that only follows from one."""

from __future__ import annotations

import pytest

import resdsl
from resdsl.diagnostics.diagnostic import Sink
from resdsl.source import Source
from resdsl.syntax.parser import parse
from resdsl.syntax.recovery import MOST


def told(text: str) -> list[tuple[str, str]]:
    """Code and underlined text of each error, in the order of the text."""
    found = [d for d in resdsl.check(f"{text}\n").diagnostics if d.severity == "error"]
    places = sorted((d.span.start, d.code.id, d.span.text) for d in found if d.span is not None)
    assert len(places) == len(found)
    return [(code, text) for _, code, text in places]


def body(*steps: str) -> str:
    lines = "".join(f"    {step}\n" for step in steps)
    return f"network net {{\n    input 3 x 32 x 32\n{lines}}}"


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        # The rest of a line is lost with the step, the next line is read.
        (body("conv 3", "bn"), [("E0101", "3"), ("E0201", "bn")]),
        (body("conv(3 64) x 2", "bn"), [("E0101", "64"), ("E0201", "bn")]),
        (body("conv(3, 64", "norm", "bn"), [("E0101", "norm"), ("E0201", "bn")]),
        (body("conv(3,", "    64 64,", "    2)", "bn"), [("E0101", "64"), ("E0201", "bn")]),
        # What was no whole step is not taken for one.
        (body("conv1 = conv(3, 8)", "bn"), [("E0101", "="), ("E0201", "bn")]),
        (body("{ conv(3, 8) ) }", "bn"), [("E0101", ")"), ("E0201", "bn")]),
        # Names that a broken step may have bound are not unknown.
        (body("let a = = 3", "conv(3, a)", "bn"), [("E0101", "="), ("E0201", "bn")]),
        (body("keep 3a", "join a"), [("E0101", "3a")]),
        # Shapes behind a broken step are unknown, and so is what follows from them.
        (body("conv(3 + )", "residual { conv(3, 7) }"), [("E0101", ")")]),
        # Where a comma alone is missing they are not.
        (body("conv(3 8)", "residual { conv(3, 7) }"), [("E0101", "8"), ("E0501", "residual")]),
        # Where a bracket alone is missing it is put in, and nothing is lost.
        (
            body("conv(3, 8", "residual { conv(3, 7) }"),
            [("E0101", "residual"), ("E0501", "residual")],
        ),
        ("block a { norm }\n" + body("fork { a: act; b: act } join a + b"), [("E0101", ";")]),
        (body("fork { a: act b: { act } join a + b", "bn"), [("E0101", "join"), ("E0201", "bn")]),
        (
            body("residual {", "    conv(3, 3)", "via projection", "bn"),
            [("E0101", "via"), ("E0201", "bn")],
        ),
        ("block b(n: int {\n    bn\n}\n", [("E0101", "{"), ("E0201", "bn")]),
        # Braces.
        (
            body("residual {", "conv(3, 3)") + "\nnetwork b { }",
            [("E0101", "network"), ("E0402", "b")],
        ),
        (body("norm }", "bn"), [("E0101", "}"), ("E0201", "bn")]),
        (body("residual { norm }} via projection", "bn"), [("E0101", "}"), ("E0201", "bn")]),
        ("block b(n: int, 3) { bn }\n" + body("b(3)", "bn"), [("E0101", "3"), ("E0201", "bn")]),
        ("block b(n: int {\n    norm\n}\n" + body("b(3)"), [("E0101", "{")]),
        (body("fork { a: act, b: act } join a + b", "bn"), [("E0101", ","), ("E0201", "bn")]),
        (body("fork { a: act b: act }"), [("E0101", "}")]),
        (body("fork { a: act b: act } a + b", "bn"), [("E0101", "a"), ("E0201", "bn")]),
        (body("from std.stem import cifar_stem", "bn"), [("E0101", "from"), ("E0201", "bn")]),
        (
            body("residual conv(3, 3) norm } via projection", "bn"),
            [("E0101", "conv"), ("E0201", "bn")],
        ),
        (
            body("for i in range(3):", "    conv(3, 8)", "}", "bn"),
            [("E0101", ":"), ("E0201", "bn")],
        ),
        ("block b(n: int)\n    conv(3, n)\n    bn\n}", [("E0101", "conv"), ("E0201", "bn")]),
        (
            body("if 1 < 2 conv(3, 8) norm ) }", "bn"),
            [("E0101", "conv"), ("E0101", ")"), ("E0201", "bn")],
        ),
        # Characters.
        (
            body("conv(3, 8) ; norm ; act", "bn"),
            [("E0101", ";"), ("E0101", ";"), ("E0201", "bn")],
        ),
        (body('"conv: act', "bn"), [("E0101", '"conv: act'), ("E0201", "bn")]),
        # Rules beyond the grammar.
        (body("if 1 < 2 < 3 { act }", "norm x3"), [("E0101", "<"), ("E0101", "x3")]),
        (body("conv(3, 1e40)", "set conv(3)"), [("E0104", "1e40"), ("E0101", "3")]),
        (
            "network n {\n    input (3, 8, 8)\n    bn\n}",
            [("E0101", "input (3, 8, 8)"), ("E0201", "bn")],
        ),
        # A name that could not be imported is told where it is imported.
        ("from std.stem import stm\n" + body("stm(3)", "bn"), [("E0203", "stm"), ("E0201", "bn")]),
        ("from std.stm import a\n" + body("a(3)", "bn"), [("E0203", "std.stm"), ("E0201", "bn")]),
    ],
)
def test_each_mistake_once(text: str, errors: list[tuple[str, str]]) -> None:
    assert told(text) == errors


def test_a_text_that_is_all_wrong_is_left_alone() -> None:
    sink = Sink()
    parse(Source("test.res", body(*["conv 3"] * 100)), sink)
    assert sink.errors == MOST


def test_a_network_beside_a_mistake_is_not_taken_for_right() -> None:
    report = resdsl.check("block b {\n    conv 3\n}\n" + body("norm") + "\n")
    assert (report.ok, report.designs, report.failed) == (False, (), ("net",))
    with pytest.raises(resdsl.SpecError):
        resdsl.design("block b {\n    conv 3\n}\n" + body("norm") + "\n")
