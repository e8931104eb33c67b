"""Diagnostics as text."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from textwrap import dedent
from unicodedata import category, east_asian_width

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Diagnostic, Frame, Label
from resdsl.diagnostics.exception import SpecError
from resdsl.diagnostics.text import render, render_all, summary
from resdsl.source import Source, Span

RESNET = Source(
    "resnet.res",
    """\
network resnet {
    input 3 x 224 x 224
    conv1: conv(7, 64, stride=2)
    residual {
        conv1: conv(3, 64)
        norm
        act
        conv2: conv(3, 128)
        norm
    }
    botleneck(64) x 3
}
""",
)
PRELUDE = Source("specs/std/prelude.res", "block basic(width: int) {\n    conv(3, width)\n}\n")


def at(text: str, source: Source = RESNET) -> Span:
    """The span of the only place where `text` is."""
    assert source.text.count(text) == 1
    start = source.text.index(text)
    return Span(source, start, start + len(text))


def error(span: Span | None, label: str = "", *others: Label, message: str = "m") -> Diagnostic:
    return Diagnostic(codes.MISMATCH, "error", message, span, label, others)


def lines(diagnostic: Diagnostic, width: int | None = None) -> str:
    """What stands below the `-->` line."""
    return "\n".join(render(diagnostic, width=width).split("\n")[2:])


def block(text: str) -> str:
    return dedent(text).strip("\n")


# --- one file ------------------------------------------------------------------------------------


def test_everything_at_once() -> None:
    diagnostic = Diagnostic(
        codes.MISMATCH,
        "error",
        "the two sides of this residual have 128 and 64 channels",
        at("conv2: conv(3, 128)"),
        "128x112x112 comes from here",
        (Label(at("conv1: conv(7, 64, stride=2)"), "64x112x112 enters the residual here"),),
        (Frame("resnet(classes=10)", None),),
        ("add `via projection`",),
    )
    assert render(diagnostic) == block(
        """
        error[E0501]: the two sides of this residual have 128 and 64 channels
         --> resnet.res:8:9
          |
        3 |     conv1: conv(7, 64, stride=2)
          |     ---------------------------- 64x112x112 enters the residual here
        ...
        8 |         conv2: conv(3, 128)
          |         ^^^^^^^^^^^^^^^^^^^ 128x112x112 comes from here
          |
          = in resnet(classes=10)
          = help: add `via projection`
        """
    )


def test_the_gutter_is_as_wide_as_the_largest_number() -> None:
    assert render(error(at("botleneck"), "here", Label(at("act"), "there"))) == block(
        """
        error[E0501]: m
          --> resnet.res:11:5
           |
         7 |         act
           |         --- there
        ...
        11 |     botleneck(64) x 3
           |     ^^^^^^^^^ here
        """
    )


def test_a_warning_without_a_label() -> None:
    assert render(Diagnostic(codes.UNUSED_SET, "warning", "unused", at("act"))) == block(
        """
        warning[W1001]: unused
         --> resnet.res:7:9
          |
        7 |         act
          |         ^^^
        """
    )


def test_labels_in_one_line_hang_from_the_right() -> None:
    source = Source("a", "f(a, bb, ccc)")
    diagnostic = error(
        at("bb", source),
        "second",
        Label(at("a", source), "first"),
        Label(at("ccc", source), "third"),
    )
    assert lines(diagnostic) == block(
        """
          |
        1 | f(a, bb, ccc)
          |   -  ^^  --- third
          |   |  |
          |   |  second
          |   first
        """
    )


def test_spans_in_spans() -> None:
    source = Source("a", "f(a, bb, ccc)")
    diagnostic = error(at("bb", source), "inner", Label(at("f(a, bb, ccc)", source), "outer"))
    assert lines(diagnostic) == block(
        """
          |
        1 | f(a, bb, ccc)
          | -----^^------ outer
          |      |
          |      inner
        """
    )


def test_two_labels_for_one_place() -> None:
    source = Source("a", "f(a)")
    assert lines(error(at("a", source), "one", Label(at("a", source), "two"))) == block(
        """
          |
        1 | f(a)
          |   ^ one
          |   |
          |   two
        """
    )


def test_a_label_of_several_lines() -> None:
    source = Source("a", "f(a)")
    assert lines(error(at("a", source), "one\ntwo")) == block(
        """
          |
        1 | f(a)
          |   ^
          |   |
          |   one
          |   two
        """
    )


def test_a_primary_place_covered_by_others_is_still_seen() -> None:
    source = Source("a", "f(ab)")
    others = [Label(at("a", source), ""), Label(at("b", source), "")]
    assert lines(error(at("ab", source), "x", *others)) == "  |\n1 | f(ab)\n  |   ^^ x"


def test_the_one_line_between_two_is_shown() -> None:
    assert lines(error(at("conv1: conv(3, 64)"), "x", Label(at("act"), "y"))) == block(
        """
          |
        5 |         conv1: conv(3, 64)
          |         ^^^^^^^^^^^^^^^^^^ x
        6 |         norm
        7 |         act
          |         --- y
        """
    )


# --- several lines -------------------------------------------------------------------------------


def test_a_long_span_is_shown_at_both_ends() -> None:
    residual = RESNET.text[RESNET.text.index("residual") : RESNET.text.index("}") + 1]
    assert lines(error(at(residual), "this residual")) == block(
        """
           |
         4 | /     residual {
        ...  |
        10 | |     }
           | |_____^ this residual
        """
    )


def test_a_short_span_is_shown_whole_and_its_last_line_end_is_not_part_of_it() -> None:
    source = Source("a", "f {\n    a\n}\n")
    assert lines(error(Span(source, 0, len(source.text)), "all")) == block(
        """
          |
        1 | / f {
        2 | |     a
        3 | | }
          | |_^ all
        """
    )


def test_a_span_that_begins_within_a_line() -> None:
    source = Source("a", "let a = [\n    1,\n]")
    assert lines(error(at("[\n    1,\n]", source), "list")) == block(
        """
          |
        1 |   let a = [
          |  _________^
        2 | |     1,
        3 | | ]
          | |_^ list
        """
    )


def test_spans_of_several_lines_in_each_other() -> None:
    source = Source("a", "f {\n    g {\n        a\n    }\n}\n")
    diagnostic = error(
        at("g {\n        a\n    }", source),
        "inner",
        Label(at(source.text.strip(), source), "outer"),
        Label(at("a", source), "a"),
    )
    assert lines(diagnostic) == block(
        """
          |
        1 | /   f {
        2 | | /     g {
        3 | | |         a
          | | |         - a
        4 | | |     }
          | | |_____^ inner
        5 | |   }
          | |___- outer
        """
    )


# --- several files -------------------------------------------------------------------------------


def test_labels_in_another_file() -> None:
    diagnostic = error(
        at("botleneck"), "called here", Label(at("conv(3, width)", PRELUDE), "made here")
    )
    assert render(diagnostic) == block(
        """
        error[E0501]: m
          --> resnet.res:11:5
           |
        11 |     botleneck(64) x 3
           |     ^^^^^^^^^ called here
           |
          ::: specs/std/prelude.res:2:5
           |
         2 |     conv(3, width)
           |     -------------- made here
        """
    )


def test_only_a_secondary_place() -> None:
    assert render(error(None, "", Label(at("act"), "here"))) == block(
        """
        error[E0501]: m
         --> resnet.res:7:9
          |
        7 |         act
          |         --- here
        """
    )


def test_no_place_is_one_line_and_help() -> None:
    diagnostic = Diagnostic(codes.NO_NETWORK, "error", "no network in a.res", help=("write one",))
    assert render(replace(diagnostic, help=())) == "error[E0801]: no network in a.res"
    assert render(diagnostic) == "error[E0801]: no network in a.res\n  = help: write one"


# --- the chain -----------------------------------------------------------------------------------


def test_the_chain_runs_outwards() -> None:
    chain = (
        Frame("projection", at("conv(3, width)", PRELUDE)),
        Frame("bottleneck(512, stride=2)", at("botleneck")),
        Frame("network resnet", None),
    )
    assert render(replace(error(None), chain=chain)) == block(
        """
        error[E0501]: m
          = in projection, called at specs/std/prelude.res:2:5
          = in bottleneck(512, stride=2), called at resnet.res:11:5
          = in network resnet
        """
    )


@pytest.mark.parametrize("depth", [6, 7, 8, 100])
def test_a_long_chain_is_elided_in_the_middle(depth: int) -> None:
    chain = tuple(Frame(f"b{i}", None) for i in range(depth))
    shown = render(replace(error(None), chain=chain)).split("\n")[1:]
    if depth <= 7:  # nothing is gained by leaving out one
        assert shown == [f"  = in b{i}" for i in range(depth)]
        return
    assert shown == [
        *(f"  = in b{i}" for i in range(4)),
        f"  = … {depth - 6} more …",
        *(f"  = in b{i}" for i in range(depth - 2, depth)),
    ]


def test_help_of_several_lines() -> None:
    assert render(replace(error(None), help=("one\ntwo", "three"))) == block(
        """
        error[E0501]: m
          = help: one
                  two
          = help: three
        """
    )


# --- difficult text ------------------------------------------------------------------------------


def test_tabs() -> None:
    source = Source("a", "\tconv(\t3, 64)")
    assert lines(error(at("3", source), "x")) == "  |\n1 |     conv(   3, 64)\n  |             ^ x"


def test_a_tab_is_underlined_whole() -> None:
    assert lines(error(at("\t", Source("a", "ab\tc")))) == "  |\n1 | ab  c\n  |   ^^"


def test_wide_characters_take_two_cells() -> None:
    source = Source("a", "# 残差 → x")
    assert lines(error(at("x", source))) == "  |\n1 | # 残差 → x\n  |          ^"
    assert lines(error(at("差", source))) == "  |\n1 | # 残差 → x\n  |     ^^"


def test_combining_characters_take_none() -> None:
    source = Source("a", "e\u0301te\u0301 x")
    assert lines(error(at("x", source))) == "  |\n1 | e\u0301te\u0301 x\n  |     ^"


def test_crlf() -> None:
    source = Source("a", "one\r\ntwo\r\nthree\r\n")
    assert lines(error(at("two", source), "x")) == "  |\n2 | two\n  | ^^^ x"
    assert lines(error(at("two\r\nthree\r\n", source), "x")) == block(
        """
          |
        2 | / two
        3 | | three
          | |_____^ x
        """
    )
    assert lines(error(at("e\r\n", Source("a", "one\r\n")))) == "  |\n1 | one\n  |   ^"


@pytest.mark.parametrize(
    ("text", "place", "shown"),
    [
        ("", "1:1", "1 |\n  | ^ x"),
        ("abc", "1:4", "1 | abc\n  |    ^ x"),
        ("abc\n", "2:1", "2 |\n  | ^ x"),
        ("abc\r\n\r\n", "3:1", "3 |\n  | ^ x"),
    ],
)
def test_the_end_of_the_text(text: str, place: str, shown: str) -> None:
    source = Source("a", text)
    end = Span(source, len(text), len(text))
    assert render(error(end, "x")) == f"error[E0501]: m\n --> a:{place}\n  |\n{shown}"


def test_an_empty_span_gets_one_caret() -> None:
    assert lines(error(Span(RESNET, 8, 8))) == "  |\n1 | network resnet {\n  |         ^"


def test_long_lines_are_cut_around_the_span() -> None:
    source = Source("a", "a " * 500 + "TARGET" + " b" * 500)
    assert lines(error(at("TARGET", source), "x"), width=40) == block(
        """
          |
        1 | …a a a a a a a TARGET b b b b b b b…
          |                ^^^^^^ x
        """
    )


def test_a_long_line_cut_at_one_end() -> None:
    source = Source("a", "FIRST" + " a" * 500 + " LAST")
    assert lines(error(at("FIRST", source)), width=24) == block(
        """
          |
        1 | FIRST a a a a a a a…
          | ^^^^^
        """
    )
    assert lines(error(at("LAST", source)), width=24) == block(
        """
          |
        1 | … a a a a a a a LAST
          |                 ^^^^
        """
    )


def test_a_span_longer_than_the_terminal() -> None:
    source = Source("a", "x = " + "y" * 100)
    shown = lines(error(at("y" * 100, source)), width=30).split("\n")
    assert shown[1].startswith("1 | …yyy")
    assert shown[1].endswith("y…")
    assert max(map(len, shown)) <= 30


def test_control_characters_are_spelled_out() -> None:
    source = Source("a\x1b.res", "a\x1b[31m \x00\u202e\ufeffb\rc")
    diagnostic = error(at("b", source), "\x07label", message="bad \x1b[2J name")
    diagnostic = replace(diagnostic, chain=(Frame("f(\x9b)", None),), help=("\x08h\tx",))
    assert render(diagnostic) == block(
        r"""
        error[E0501]: bad \x1b[2J name
         --> a\x1b.res:1:11
          |
        1 | a\x1b[31m \x00\u202e\ufeffb\rc
          |                           ^ \x07label
          |
          = in f(\x9b)
          = help: \x08h\tx
        """
    )


# --- all of them ---------------------------------------------------------------------------------


def test_files_keep_their_order_and_places_are_sorted() -> None:
    found = [
        error(at("botleneck"), message="2"),
        error(at("width: int", PRELUDE), message="4"),
        error(at("conv1: conv(7"), message="1"),
        error(None, message="0"),
        error(at("conv(3, width)", PRELUDE), message="5"),
        error(at("botleneck"), message="3"),
    ]
    shown = render_all(found).split("\n\n")
    assert [one.split("\n")[0][-1] for one in shown] == list("012345")


def test_render_all_of_nothing() -> None:
    assert render_all([]) == ""


def test_the_summary_counts() -> None:
    warning = Diagnostic(codes.UNUSED_SET, "warning", "w")
    assert summary([]) == "no errors"
    assert summary([error(None)]) == "1 error"
    assert summary([warning, warning]) == "2 warnings"
    assert summary([error(None), warning, error(None)]) == "2 errors, 1 warning"


def test_a_spec_error_shows_them_all() -> None:
    assert str(SpecError([error(None, message="one"), error(None, message="two")])) == (
        "\nerror[E0501]: one\n\nerror[E0501]: two"
    )


# --- colour --------------------------------------------------------------------------------------


def test_colour() -> None:
    source = Source("a", "f(a)")
    shown = render(replace(error(at("a", source), "x"), help=("h",)), colour=True)
    assert shown.split("\n") == [
        "\x1b[1;31merror[E0501]\x1b[0m\x1b[1m: m\x1b[0m",
        "\x1b[1;34m --> \x1b[0ma:1:3",
        "\x1b[1;34m  |\x1b[0m",
        "\x1b[1;34m1 | \x1b[0mf(a)",
        "\x1b[1;34m  | \x1b[0m  \x1b[1;31m^\x1b[0m \x1b[1;31mx\x1b[0m",
        "\x1b[1;34m  |\x1b[0m",
        "\x1b[1;34m  = \x1b[0m\x1b[1mhelp: \x1b[0mh",
    ]


def test_rendering_imports_nothing_heavy() -> None:
    code = """
import sys
import resdsl.diagnostics.suggest, resdsl.diagnostics.text
print(*{"rich", "torch", "networkx", "pydantic", "click", "lark", "difflib"} & set(sys.modules))
"""
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.strip() == ""


# --- properties ----------------------------------------------------------------------------------

ANY_TEXT = st.text(st.sampled_from("ab {\n\r\t\x1b\u0301\u202e残→\u2028"), max_size=60) | st.text(
    max_size=60
)


def cells(text: str) -> int:
    wide = sum(
        east_asian_width(char) in "WF" and category(char) not in ("Mn", "Me") for char in text
    )
    return len(text) + wide - sum(category(char) in ("Mn", "Me") for char in text)


@st.composite
def diagnostics(draw: st.DrawFn) -> Diagnostic:
    source = Source("a", draw(ANY_TEXT))
    places = st.integers(0, len(source.text))

    def span() -> Span:
        start, stop = sorted((draw(places), draw(places)))
        return Span(source, start, stop)

    others = [
        Label(span(), draw(st.sampled_from(["", "l"]))) for _ in range(draw(st.integers(0, 4)))
    ]
    return error(span(), "p", *others)


@given(diagnostics(), st.sampled_from([None, 1, 30]))
def test_any_span_of_any_text_is_shown(diagnostic: Diagnostic, width: int | None) -> None:
    plain = render(diagnostic, width=width)
    assert all(
        category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in plain if char != "\n"
    )
    assert all(line == line.rstrip() for line in plain.split("\n") if "| " not in line)
    assert "^" in plain
    coloured = render(diagnostic, width=width, colour=True)
    assert coloured.count("\n") == plain.count("\n")


@given(ANY_TEXT.filter(lambda text: "\n" not in text), st.text("ab残é", max_size=200))
def test_the_caret_stands_under_what_it_means(before: str, after: str) -> None:
    source = Source("a", f"{before}ZQ{after}")
    start = len(before)
    for width in (30, 200):
        shown = lines(error(Span(source, start, start + 2)), width=width).split("\n")
        code, under = shown[1], shown[2]
        assert cells(code[: code.rindex("ZQ")]) == under.index("^")
        assert under.count("^") == 2


def test_of_very_many_the_first_are_shown_and_the_rest_is_counted() -> None:
    """Errors first: one behind a thousand warnings is the one that matters."""
    source = Source("a", "x\n" * 300)
    told = [
        Diagnostic(codes.UNREAD, "warning", f"warning {n}", Span(source, 2 * n, 2 * n + 1))
        for n in range(298)
    ]
    told.append(error(Span(source, 598, 599)))
    shown = render_all(told)
    assert shown.count("warning[") == 199
    assert shown.count("error[") == 1
    assert shown.endswith("… and 99 more, which `check --json` has")
    assert summary(told) == "1 error, 298 warnings"
