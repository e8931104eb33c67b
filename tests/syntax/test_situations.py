"""What is said about bad texts: the code, the place and the gist of each message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resdsl.diagnostics.diagnostic import Diagnostic, Sink
from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.parser import parse


def is_whole(file: tree.File | None) -> bool:
    return file is not None and file.is_whole


def only_error(text: str) -> Diagnostic:
    sink = Sink()
    assert not is_whole(parse(Source("test.res", text), sink))
    (found,) = sink.diagnostics
    return found


def all_text(found: Diagnostic) -> str:
    others = (label.text for label in found.others)
    return "\n".join([found.message, found.label, *found.help, *others])


# One step in a body: the step, the code, what is underlined, a piece of message, label or help.
IN_BODY = [
    # repetition
    ("basic(64) * 3", "E0101", "*", "write `x 3`"),
    ("basic(64) 3", "E0101", "3", "write `x 3`"),
    ("basic(64) X 3", "E0101", "X", "a small `x`"),
    ("basic(64) x3", "E0101", "x3", "`x 3`"),
    ("basic(64) x 2 x n", "E0101", "x", "one count"),
    ("basic(64) x", "E0101", "}", "expected a value"),
    ("input 3 x 8 x8", "E0101", "x8", "`x 8`"),
    # signs
    ("conv1 = conv(3, 64)", "E0101", "=", "followed by `:`"),
    ("conv(3, stride: 2)", "E0101", ":", "write `stride=…`"),
    ("let a == 3", "E0101", "==", "write `=`"),
    ("let a: int = 3", "E0101", ":", "write `let a = …`"),
    ("let a = .5", "E0101", ".", "write `0.5`"),
    ("expect params = 3", "E0101", "=", "write `==`"),
    ("if a = b { act }", "E0101", "=", "write `==`"),
    ("expect 1 < b < 3", "E0101", "<", "write `a < b and b < c`"),
    ("conv(3, 64) -> relu", "E0101", "->", "without an arrow"),
    ("conv(3, 64), relu", "E0101", ",", "not separated by commas"),
    ("conv(3, 64); relu", "E0101", ";", "nothing ends with `;`"),
    ("conv(3, 64) |> relu", "E0101", "|>", "not an operator"),
    ("conv(3, 64) + relu", "E0101", "conv(3, 64) + relu", "} join a2 + b2`"),
    ("// comment", "E0101", "//", "begins with `#`"),
    ("/* comment */", "E0101", "/*", "begins with `#`"),
    ("act-4: conv(3)", "E0101", "-", "write `act_4`"),
    ("input 3, 8, 8", "E0101", ",", "input 3 x 8 x 8"),
    ("input [3, 8, 8]", "E0101", ",", "input 3 x 8 x 8"),
    ("input 3 x 2.5", "E0101", "2.5", "whole extents"),
    ("input 3xHxW", "E0101", "3xHxW", "3 x H x W"),
    # brackets and commas
    ("conv(3 64)", "E0101", "64", "a comma is missing before `64`"),
    ("conv(3, 64 stride=2)", "E0101", "stride", "a comma is missing"),
    ("conv(3\nstride=2)", "E0101", "stride", "a comma is missing"),
    ("conv(3,, 64)", "E0101", ",", "expected a value or `)`"),
    ("conv(3, 64))", "E0101", ")", "closes nothing"),
    ("conv([3, 64)", "E0101", ")", "a `]` is missing"),
    ("conv(3, 64", "E0101", "}", "a `)` is missing"),
    ("conv(3, 64\nact", "E0101", "act", "a `)` is missing before `act`"),
    ("conv(3, 64,\nbn: act", "E0101", "bn", "a `)` is missing before `bn`"),
    ("conv(3, 64,\nstage a: act", "E0101", "stage", "a `)` is missing before `stage`"),
    # names
    ("class: conv(3, 64)", "E0105", "class", "a keyword of Python"),
    ("x: conv(3, 64)", "E0105", "x", "it repeats a unit"),
    ("act x: conv(3, 64)", "E0105", "x", "it repeats a unit"),
    ("if: conv(3, 64)", "E0105", "if", "reserved"),
    ("edition: act", "E0105", "edition", "reserved"),
    ("keep x", "E0105", "x", "it repeats a unit"),
    ("let keep = 3", "E0105", "keep", "a label, an argument or a field"),
    ("let naïve = 3", "E0101", "naïve", "ASCII"),
    ("let a = 12ab", "E0101", "12ab", "a name begins with"),
    ("let a = True", "E0105", "True", "write `true`"),
    ("return act", "E0105", "return", "`join`"),
    ("while a { }", "E0105", "while", "for i in range(3)"),
    # literals
    ("let a = 1__0", "E0101", "1__0", "between digits"),
    ("let a = 1_", "E0101", "1_", "between digits"),
    ("let a = 1e", "E0101", "1e", "digits are missing"),
    ("let a = 0x1F", "E0101", "0x1F", "decimal"),
    ("let a = 4.1B", "E0101", "4.1B", "`K`, `M` and `G`"),
    ("let a = 3x2.5", "E0101", "3x2.5", "whole numbers"),
    ("let a = 1e999", "E0104", "1e999", "within ±2**63"),
    ("let a = 'b'", "E0101", "'b'", "double quotes"),
    ("let a = “b”", "E0101", "“b”", "straight quotes"),
    ('let a = "b', "E0101", '"b', "never closed"),
    # expressions from elsewhere
    ("let a = b ? c : d", "E0101", "?", "where(condition, a, b)"),
    ("let a = 1 if b else 2", "E0101", "else", "where(condition, a, b)"),
    ("conv(1 if b else 2)", "E0101", "if", "where(condition, a, b)"),
    ("let a = [i for i in b]", "E0101", "for", "written out"),
    ("let a = b && c", "E0101", "&&", "`and`"),
    ("let a = !b", "E0101", "!", "`not`"),
    ("let a = b − c", "E0101", "−", "write `-`"),
    ("let a = b ≤ c", "E0101", "≤", "write `<=`"),
    ("let a = b^2", "E0101", "^", "2 ** i"),
    ("let a = b\u00a0+ c", "E0101", "\u00a0", "normal blank"),
    ("f()()", "E0101", "(", "a unit is not called"),
    # steps
    ("3", "E0101", "3", "expected a step or `}`, found `3`"),
    ("act() (act)", "E0101", "(", "a body stands in `{ }`"),
    ("in", "E0101", "in", "`join in`"),
    ("stage conv2 basic(64) x 3", "E0101", "basic", "needs a `:`"),
    ("stage conv2 /2 basic(64) x 3", "E0101", "basic", "needs a `:`"),
    ("stage basic(64) x 3", "E0101", "(", "needs a `:`"),
    ('"a" conv(3)', "E0101", '"a"', "needs a `:`"),
    ("a.b: conv(3)", "E0101", ".", "a label has no dot"),
    ("if a: act", "E0101", ":", "in braces"),
    ("for i in range(3): act", "E0101", ":", "in braces"),
    ("if a { } elif b { }", "E0105", "elif", "write `else if`"),
    ("else { act }", "E0101", "else", "no `if` before it"),
    ("via act", "E0101", "via", "no `residual"),
    ("residual act", "E0101", "act", "write `residual { act }`"),
    ("residual { act } via", "E0101", "via", "write `via projection`"),
    ("set norm groupnorm", "E0101", "groupnorm", "expected `=`"),
    ("set conv(3)", "E0101", "3", "by name only"),
    ("set conv()", "E0101", "()", "sets nothing"),
    ("fork { a: act b: act }", "E0101", "}", "needs a `join`"),
    ("fork { act } join a", "E0101", "act", "begins with a label"),
    ("fork { conv(3) } join a", "E0101", "conv", "begins with a label"),
    ("fork { { act } } join a", "E0101", "{", "begins with a label"),
    ("fork { a: act act } join a", "E0101", "act", "begins with a label"),
    ("fork { a: act 3: act } join a", "E0101", "3", "write `path3: …`"),
    ("fork { a: act() ) } join a", "E0101", ")", "closes nothing"),
    ("fork { a: act() : b } join a", "E0101", ":", "expected a branch or `}`"),
    ("fork { : act } join a", "E0101", ":", "expected a label"),
    ("let a = - :", "E0101", ":", "expected a value"),
    ("fork { } join a", "E0101", "}", "at least one branch"),
    ("block c(w: int) { act }", "E0101", "block", "inside a body"),
    ("block c { act }", "E0101", "block", "inside a body"),
    ("network c { act }", "E0101", "network", "inside a body"),
    ("from a import b", "E0101", "from", "inside a body"),
]

# A whole text.
FILES = [
    ("network n {", "E0101", "", "the text ends without its `}`"),
    ("network n", "E0101", "", "expected `=` or `{`, found the end of the text"),
    ("network {", "E0101", "{", "expected a name"),
    ("network n { } }", "E0101", "}", "closes nothing"),
    ("network my-net { }", "E0101", "-", "write `my_net`"),
    ("network 3d { }", "E0101", "3d", "a name begins with"),
    ("netwrok n { }", "E0101", "netwrok", "did you mean `network`?"),
    ("conv(3, 64)", "E0101", "conv", "in the braces of"),
    ("network n = r { conv(3) }", "E0101", "conv", "only `set`, `expect` and `output`"),
    ("network n { input 1 output 10 }", "E0101", "10", "`output logits: here` names"),
    ("network n { input 1 output }", "E0101", "}", "`output logits: here` names"),
    ("network n = { }", "E0101", "{", "expected a name"),
    ("import std", "E0101", "import", "from std.stem import NAME"),
    ("from std import a as b", "E0105", "as", "keeps its name"),
    ("block b { } edition 1", "E0101", "edition", "the first word"),
    ("edition one", "E0101", "one", "expected a number"),
    ("block set { }", "E0105", "set", "cannot be a name here"),
    ("block b(w int) { }", "E0101", "int", "`NAME: TYPE`"),
    ("block b(x: int) { }", "E0105", "x", "it repeats a unit"),
    ("block b(w: one_of()) { }", "E0101", ")", "expected a string"),
    ("block b(w: one_of(a)) { }", "E0101", "a", "expected a string"),
    ("let a = 3;", "E0101", ";", "nothing ends with `;`"),
    ("let a = 3,", "E0101", ",", "not separated by commas"),
    ("let a = 3 \0", "E0101", "\0", "U+0000"),
    ("# \u202e", "E0101", "\u202e", "U+202E"),
    ("let a = \ufeff3", "E0101", "\ufeff", "U+FEFF"),
    ("\ufefflet a = ?", "E0101", "?", "where"),
    ("let f = a => a + 1\nlet g = f(3)", "E0101", "=", "ReScript"),
    ("open Belt\nlet f = x => x", "E0101", "open", "ReScript"),
    ("@react.component\nlet make = 3", "E0101", "@react", "ReScript"),
]


@pytest.mark.parametrize(("step", "code", "span", "piece"), IN_BODY)
def test_in_body(step: str, code: str, span: str, piece: str) -> None:
    found = only_error(f"block b {{\n    norm\n    {step}\n}}\n")
    assert found.span is not None
    assert (found.code.id, found.span.text) == (code, span)
    assert piece in all_text(found)


@pytest.mark.parametrize(("text", "code", "span", "piece"), FILES)
def test_file(text: str, code: str, span: str, piece: str) -> None:
    found = only_error(text)
    assert found.span is not None
    assert (found.code.id, found.span.text) == (code, span)
    assert piece in all_text(found)


def test_reserved_names_are_all_reported() -> None:
    sink = Sink()
    assert not is_whole(parse(Source("test.res", "block b { class: act lambda: act ) }"), sink))
    assert [found.code.id for found in sink.diagnostics] == ["E0105", "E0105", "E0101"]


def test_what_stops_twice_at_one_place_comes_to_an_end() -> None:
    """A keyword of Python's behind a word that begins an import."""
    sink = Sink()
    assert not is_whole(parse(Source("test.res", "from\nas\nTrue\n"), sink))
    assert {found.code.id for found in sink.diagnostics} == {"E0105"}


def test_all_bad_numbers_are_reported() -> None:
    sink = Sink()
    assert not is_whole(parse(Source("test.res", "let a = 1e99 + 1e88"), sink))
    assert [found.code.id for found in sink.diagnostics] == ["E0104", "E0104"]


def test_end_of_text_is_after_the_last_token() -> None:
    text = "network n {\n    act\n\n# end\n"
    found = only_error(text)
    assert found.span is not None
    assert (found.span.line, found.span.column) == (2, 8)
    (opened,) = found.others
    assert (opened.span.start, opened.span.text) == (text.index("{"), "{")


def test_a_missing_closer_shows_its_opener() -> None:
    (opened,) = only_error("block b {\n  conv(3,\n  f(4)\n  act\n}").others
    assert (opened.span.text, opened.span.line) == ("(", 2)


WORDS = (
    "block network shortcut stage let set input expect keep join fork residual via if else for in "
    "from import not and or x a b norm conv true edition ( ) [ ] { } , : . = == + - * / // ** % "
    '3 3x3 0.5 1 "s" ; ? é # \n ## 1__0 class elif while def return lambda with as is None True '
    "pass assert expects stages self nn F := += -> ' && ~ $ @x ^"
).split(" ")


@given(
    st.sampled_from(["", "block b { ", "network n {\ninput 3 x 8 x 8\n"]),
    st.lists(st.sampled_from(WORDS), max_size=40),
    st.sampled_from([" ", "\n"]),
)
def test_any_words_give_a_tree_or_an_error(head: str, words: list[str], blank: str) -> None:
    sink, text = Sink(), head + blank.join(words)
    tree = parse(Source("test.res", text), sink)
    assert (tree is None or not tree.is_whole) == bool(sink.errors)


@given(st.text(max_size=60))
def test_any_text_gives_a_tree_or_an_error(text: str) -> None:
    sink = Sink()
    tree = parse(Source("test.res", text), sink)
    assert (tree is None or not tree.is_whole) == bool(sink.errors)


@pytest.mark.parametrize("run", ["x1", "x", "_", "1", "_x", "1.", "e+", "a", '"', "'"])
def test_what_begins_no_token_is_looked_at_in_the_time_of_its_length(run: str) -> None:
    """No expression tries all ways to take a long run apart: of 5,000 signs that would not end."""
    from resdsl.syntax import characters

    for begin in ("3", "0", "", "_"):
        sink = Sink()
        characters.report(Source("long.res", f"{begin}{run * 5000}é"), 0, sink)
        assert sink.errors == 1
