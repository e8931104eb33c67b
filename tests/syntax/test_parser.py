"""What the parser makes of good texts: a test for each rule of the language's sections 2 and 3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from resdsl import limits
from resdsl.diagnostics.diagnostic import Sink
from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.parser import parse

LISTINGS = Path(__file__).parent / "listings.res"


def is_whole(file: tree.File | None) -> bool:
    return file is not None and file.is_whole


def file(text: str) -> tree.File:
    sink = Sink()
    found = parse(Source("test.res", text), sink)
    assert sink.diagnostics == []
    assert found is not None
    return found


def codes(text: str) -> list[str]:
    sink = Sink()
    assert not is_whole(parse(Source("test.res", text), sink))
    return [found.code.id for found in sink.diagnostics]


def block(text: str) -> tree.Block:
    (item,) = file(text).items
    assert isinstance(item, tree.Block)
    return item


def network(text: str) -> tree.Network:
    (item,) = file(text).items
    assert isinstance(item, tree.Network)
    return item


def steps(text: str) -> tuple[tree.Step, ...]:
    return block(f"block b {{ {text} }}").body.steps


def step(text: str) -> Any:
    (only,) = steps(text)
    return only


def expr(text: str) -> tree.Expr:
    value: tree.Expr = step(f"let a = {text}").value
    assert value.span.text.strip("()") in text
    return value


def shown(node: tree.Expr | None) -> str:
    """The expression with every bracket written."""
    match node:
        case tree.Number(value):
            return repr(value)
        case tree.Bool(value):
            return repr(value).lower()
        case tree.SizeLiteral(dims):
            return "x".join(map(str, dims))
        case tree.String(value):
            return f'"{value}"'
        case tree.Name(id):
            return id
        case tree.Unary(op, operand):
            return f"({op} {shown(operand)})"
        case tree.Binary(op, left, right):
            return f"({shown(left)} {op} {shown(right)})"
        case tree.Call(callee, arguments, parenthesised):
            given = (
                f"{a.name.id}={shown(a.value)}" if a.name else shown(a.value) for a in arguments
            )
            return f"{callee.id}({', '.join(given)})" if parenthesised else callee.id
        case tree.Field(value, name):
            return f"{shown(value)}.{name.id}"
        case tree.Index(value, index):
            return f"{shown(value)}[{shown(index)}]"
        case tree.ListExpr(items):
            return f"[{', '.join(map(shown, items))}]"
    raise AssertionError(node)


# --- text ----------------------------------------------------------------------------------------


def test_listings() -> None:
    found = file(LISTINGS.read_text(encoding="utf-8"))
    names = [item.name.id for item in found.items if not isinstance(item, tree.Import)]
    assert names == [
        "resnet50", "bottleneck", "projection", "exclusive_gate", "preact_unit", "squeeze_excite",
        "paths", "resnet", "resnext50_32x4d", "resnet50_gn",
    ]  # fmt: skip


def test_empty_text() -> None:
    found = file("")
    assert (found.edition, found.items, found.doc) == (None, (), "")
    assert file("\n# nothing\n").items == ()


def test_byte_order_mark_keeps_positions() -> None:
    item = block("\ufeffblock b { }")
    assert (item.span.start, item.span.text) == (1, "block b { }")


def test_line_ends_and_tabs_only_separate() -> None:
    text = "block b(w: int) {\n    conv(3,\n        w) act # end\n    keep a\n}\n"
    crlf = block(text.replace("\n", "\r\n").replace("    ", "\t"))
    assert [s.span.line for s in crlf.body.steps] == [2, 3, 4]
    one_line = block("block b(w:int){conv(3,w)act keep a}")
    assert [type(s) for s in one_line.body.steps] == [type(s) for s in crlf.body.steps]


def test_edition() -> None:
    edition = file("# first\nedition 1\nblock b { }").edition
    assert edition is not None
    assert edition.value == 1
    assert file("block b { }").edition is None


@pytest.mark.parametrize(
    "text", ["edition 3", "edition 0", "edition 1.5", "edition 3 new { syntax"]
)
def test_other_editions(text: str) -> None:
    sink = Sink()
    assert not is_whole(parse(Source("test.res", text), sink))
    (found,) = sink.diagnostics
    assert found.code.id == "E0103"
    assert "edition 1" in found.label


def test_docs() -> None:
    found = file(
        "# a licence\n## Of the file,\n## two lines.\n\n## Not this.\n\n"
        "##   Of the block.\n##\n## End.\nblock b(\n    ## Of w.\n    w: int, v: int,\n"
        "    # plain\n    u: int,\n) { }\n\n## Of n.\nnetwork n { }\n### a rule\nlet a = 3\n"
    )
    assert found.doc == "Of the file,\ntwo lines."
    b, n, _ = found.items
    assert isinstance(b, tree.Block)
    assert isinstance(n, tree.Network)
    assert b.doc == "  Of the block.\n\nEnd."
    assert [p.doc for p in b.parameters] == ["Of w.", "", ""]
    assert n.doc == "Of n."


@pytest.mark.parametrize(
    ("text", "of_file", "of_item"),
    [
        ("## a\nblock b { }", "", "a"),
        ("## a\n\nblock b { }", "a", ""),
        ("## a\n\n## b\nblock b { }", "a", "b"),
        ("## a\n# c\nblock b { }", "", ""),
        ("## a\n## b\n### c\nblock b { }", "", ""),
        ("\ufeff## a\r\n\r\n## b\r\nblock b { }", "a", "b"),
        ("block b { }\n## a\n\n", "", ""),
        ("let a = 3 ## not\nblock b { }", "", ""),
    ],
)
def test_doc_runs(text: str, of_file: str, of_item: str) -> None:
    found = file(text)
    item = found.items[-1]
    assert isinstance(item, tree.Block)
    assert (found.doc, item.doc) == (of_file, of_item)


def test_second_definition_of_a_line_has_no_doc() -> None:
    first, second = file("## a\nblock b { } block c { }").items
    assert isinstance(first, tree.Block)
    assert isinstance(second, tree.Block)
    assert (first.doc, second.doc) == ("a", "")


# --- literals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("64", 64), ("25_557_032", 25557032), ("0.5", 0.5), ("1e-5", 1e-5), ("4.1G", 4_100_000_000),
        ("26M", 26_000_000), ("3K", 3000), ("2.0", 2), ("1e3", 1000), ("0", 0), ("0.0", 0),
        ("00", 0), ("1.5K", 1500), ("0.0001K", 0.1), ("1E+2", 100), ("0e999999999", 0),
        ("9223372036854775808", 2**63), ("9007199254740993", 2**53 + 1), ("0.1", 0.1),
        ("1.0000000000000000000000000000001", 1.0), ("9223372036854775.807K", 2**63 - 1),
    ],
)  # fmt: skip
def test_numbers(text: str, value: float) -> None:
    found = expr(text)
    assert isinstance(found, tree.Number)
    assert found.value == value
    assert type(found.value) is type(value)


@pytest.mark.parametrize(
    "text",
    ["9223372036854775809", "1e19", "1e400", "1e999999999999", "9.3e18", "1e-400", "9" * 100_000],
)
def test_numbers_out_of_range(text: str) -> None:
    assert codes(f"let a = {text}") == ["E0104"]
    assert codes(f"block b {{ input 3 x {text} x H }}") == ["E0104"]


@pytest.mark.parametrize(
    ("text", "dims"),
    [
        ("3x3", (3, 3)), ("3 x 224 x 224", (3, 224, 224)), ("3×3", (3, 3)), ("3 × 5x 7", (3, 5, 7)),
        ("1_0x2", (10, 2)), ("0x0", (0, 0)), ("2048x7x7", (2048, 7, 7)), ("3\tx\t4", (3, 4)),
    ],
)  # fmt: skip
def test_sizes(text: str, dims: tuple[int, ...]) -> None:
    found = expr(text)
    assert isinstance(found, tree.SizeLiteral)
    assert found.dims == dims
    assert found.span.text == text


def test_size_or_count() -> None:
    assert shown(step("bottleneck(256) x 36").count) == "36"
    assert shown(step("unit x 2 + 1").count) == "(2 + 1)"
    assert shown(step("unit x depths[0] ** 2").count) == "(depths[0] ** 2)"
    assert shown(step("unit × 3").count) == "3"
    counted, labelled = steps("unit x 2 x1: act")
    assert isinstance(counted, tree.Apply)
    assert isinstance(labelled, tree.Apply)
    assert shown(counted.count) == "2"
    assert labelled.label is not None
    assert labelled.label.name == "x1"


def test_names_that_begin_with_x() -> None:
    assert len(steps("keep x1\nx2: act\njoin x1 + x2\nx3(4)\nx4\nx5 x 3")) == 6


def test_a_size_stays_on_its_line() -> None:
    assert codes("let a = 3 x\n4") == ["E0101"]
    assert codes("let a = 3\nx 4") == ["E0101"]


def test_strings_and_booleans() -> None:
    assert shown(expr('"a # b\\ {é}"')) == '"a # b\\ {é}"'
    assert shown(expr("[true, false]")) == "[true, false]"


# --- expressions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a or b and not c == d", "(a or (b and (not (c == d))))"),
        ("not a == b", "(not (a == b))"),
        ("a + b - c", "((a + b) - c)"),
        ("a - (b - c)", "(a - (b - c))"),
        ("a * b / c // d % e", "((((a * b) / c) // d) % e)"),
        ("a + b * c < d + 1", "((a + (b * c)) < (d + 1))"),
        ("-a ** b", "(- (a ** b))"),
        ("a ** -b ** c", "(a ** (- (b ** c)))"),
        ("a ** b ** c", "(a ** (b ** c))"),
        ("(a ** b) ** c", "((a ** b) ** c)"),
        ("- -a * b", "((- (- a)) * b)"),
        ("a - -1", "(a - (- 1))"),
        ("a.b.c[1][2].d", "a.b.c[1][2].d"),
        ("in.channels % groups == 0", "((in.channels % groups) == 0)"),
        ("f(a, b=2, g(c=[1, 2,],),)", "f(a, b=2, g(c=[1, 2]))"),
        ("f()", "f()"),
        ("[]", "[]"),
        ("[[1, 16], [6, 24]]", "[[1, 16], [6, 24]]"),
        ("3x3 == 2048 x 7", "(3x3 == 2048x7)"),
        (
            "a != b or a <= b or a >= b or a > b",
            "((((a != b) or (a <= b)) or (a >= b)) or (a > b))",
        ),
        ("main * gate + kept * (1 - gate)", "((main * gate) + (kept * (1 - gate)))"),
        ('where(stride_at == "conv1", stride, 1)', 'where((stride_at == "conv1"), stride, 1)'),
        ("(a < b) < c", "((a < b) < c)"),
    ],
)
def test_expressions(text: str, expected: str) -> None:
    assert shown(expr(text)) == expected


def test_brackets_belong_to_the_span_of_what_they_are_in() -> None:
    found = expr("(a + b) * c - d")
    assert isinstance(found, tree.Binary)
    assert found.left.span.text == "(a + b) * c"
    assert isinstance(found.left, tree.Binary)
    assert found.left.left.span.text == "a + b"


# --- steps ---------------------------------------------------------------------------------------


def test_apply() -> None:
    found = step("layer[i + 1]: bottleneck(64, stride=2) x 3")
    assert (found.label.name, shown(found.label.index), found.label.quoted) == (
        "layer", "(i + 1)", False,
    )  # fmt: skip
    assert (shown(found.unit), shown(found.count)) == ("bottleneck(64, stride=2)", "3")
    assert found.span.text == "layer[i + 1]: bottleneck(64, stride=2) x 3"
    quoted = step('"block1-0": act').label
    assert (quoted.name, quoted.index, quoted.quoted) == ("block1-0", None, True)
    bare = step("act")
    assert (bare.label, bare.count, bare.unit.parenthesised) == (None, None, False)
    assert step("act()").unit.parenthesised
    group = step("{ conv(3, 64) norm act } x 2")
    assert [shown(s.unit) for s in group.unit.steps] == ["conv(3, 64)", "norm", "act"]


def test_let_keep_join_expect() -> None:
    let, keep, indexed, join, expect = steps(
        "let a = 3 keep b keep c[i] join b + c[2] expect a == 3"
    )
    assert isinstance(let, tree.Let)
    assert isinstance(keep, tree.Keep)
    assert isinstance(indexed, tree.Keep)
    assert isinstance(join, tree.Join)
    assert isinstance(expect, tree.Expect)
    assert (let.name.id, shown(let.value)) == ("a", "3")
    assert (keep.name.id, keep.index) == ("b", None)
    assert (indexed.name.id, shown(indexed.index)) == ("c", "i")
    assert shown(join.value) == "(b + c[2])"
    assert shown(expect.condition) == "(a == 3)"


def test_set() -> None:
    slot, defaults = steps("set norm = groupnorm(groups=32) set conv(bias=true, init=a,)")
    assert isinstance(slot, tree.SetSlot)
    assert isinstance(defaults, tree.SetDefaults)
    assert (slot.slot.id, shown(slot.value)) == ("norm", "groupnorm(groups=32)")
    assert defaults.callee.id == "conv"
    assert [a.name.id for a in defaults.arguments if a.name] == ["bias", "init"]


@pytest.mark.parametrize(
    ("text", "dims"),
    [
        ("3 x 224 x 224", [3, 224, 224]),
        ("3 x H x W", [3, "H", "W"]),
        ("3 x 224 x W", [3, 224, "W"]),
        ("c x 4K", ["c", 4000]),
        ("3x8 x H × 2x2", [3, 8, "H", 2, 2]),
        ("3x8 x H x 16 x 4", [3, 8, "H", 16, 4]),
        ("3", [3]),
    ],
)
def test_input(text: str, dims: list[int | str]) -> None:
    found = step(f"input {text}")
    values = [d.value.id if isinstance(d.value, tree.Name) else d.value for d in found.dims]
    assert values == dims
    assert [d.span.text for d in found.dims] == text.replace("x", " ").replace("×", " ").split()


def test_stage() -> None:
    found = step("stage conv4_x /2: bottleneck(256) x 36")
    assert (found.label.name, shown(found.stride)) == ("conv4_x", "2")
    assert (shown(found.unit), shown(found.count)) == ("bottleneck(256)", "36")
    found = step("stage layer[i + 1] /where(i == 0, 1, 2): unit")
    assert shown(found.stride) == "where((i == 0), 1, 2)"
    assert shown(found.label.index) == "(i + 1)"
    assert step('stage "a-b": unit').label.quoted


def test_if() -> None:
    found = step("if a { act } else if b { } else { norm norm }")
    assert shown(found.condition) == "a"
    assert found.span.text.endswith("norm norm }")
    assert shown(found.orelse.condition) == "b"
    assert found.orelse.span.text == "if b { } else { norm norm }"
    assert len(found.orelse.orelse.steps) == 2
    assert step("if a { }").orelse is None


def test_for() -> None:
    found = step("for t, c in [[1, 16], [6, 24]] { conv(t, c) }")
    assert [name.id for name in found.names] == ["t", "c"]
    assert shown(found.iterable) == "[[1, 16], [6, 24]]"
    assert len(found.body.steps) == 1


def test_residual() -> None:
    assert step("residual { act }").unit.mode is None
    called = step("residual { act } via downsample: shortcut").unit
    assert (called.label.name, shown(called.mode)) == ("downsample", "shortcut")
    assert (
        shown(step("residual { act } via projection(bias=true)").unit.mode)
        == "projection(bias=true)"
    )
    body = step("a: residual { act } via { join main } x 3")
    assert isinstance(body.unit.mode, tree.Body)
    assert (body.unit.label, shown(body.count)) == (None, "3")


def test_fork() -> None:
    found = step(
        'fork { path: { act } x 32 "a-b": identity c[1]: residual { } } join sum(path)'
    ).unit
    assert [b.label.name for b in found.branches] == ["path", "a-b", "c"]
    assert shown(found.branches[0].count) == "32"
    assert shown(found.join) == "sum(path)"
    outer, join = steps("fork { a: act } join a join b")
    assert isinstance(outer, tree.Apply)
    assert isinstance(join, tree.Join)


# --- files ---------------------------------------------------------------------------------------


def test_imports() -> None:
    module, path = file('from std.preact import a, b\nfrom "blocks/se.res" import c,').items
    assert isinstance(module, tree.Import)
    assert isinstance(path, tree.Import)
    assert (module.module, module.path, module.origin.text) == (
        ("std", "preact"),
        None,
        "std.preact",
    )
    assert [name.id for name in module.names] == ["a", "b"]
    assert (path.module, path.path) == ((), "blocks/se.res")
    assert path.origin.text == '"blocks/se.res"'


def test_parameters_and_types() -> None:
    found = block(
        'block b(a, b: int, c = 3, d: list[list[int]] = [], e: one_of("x", "y",) = "x",'
        " shortcut: shortcut = projection, f: block,) { }"
    ).parameters
    assert [p.name.id for p in found] == ["a", "b", "c", "d", "e", "shortcut", "f"]
    types = [p.type for p in found]
    assert types[0] is None
    assert types[1] is not None
    assert types[1].name == "int"
    assert types[3] is not None
    assert types[3].item is not None
    assert types[3].item.item is not None
    assert types[3].item.item.name == "int"
    assert types[4] is not None
    assert (types[4].name, types[4].choices) == ("one_of", ("x", "y"))
    assert shown(found[5].default) == "projection"
    assert found[1].default is None
    assert block("shortcut s() { }").parameters == ()
    assert block("shortcut s { }").kind == "shortcut"


def test_networks() -> None:
    plain = network("network n(classes: int = 10) { input 3x8x8 }")
    assert plain.body is not None
    assert (len(plain.parameters), plain.family) == (1, None)
    family = network(
        "network n = resnet(bottleneck(width=2), [3, 4]) { set norm = a expect b == 1 }"
    )
    assert (family.body, shown(family.family)) == (None, "resnet(bottleneck(width=2), [3, 4])")
    assert [type(a) for a in family.amendments] == [tree.SetSlot, tree.Expect]
    bare = network("network n = resnet").family
    assert bare is not None
    assert not bare.parenthesised
    (let,) = file("let a = 3").items
    assert isinstance(let, tree.Let)


# --- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize("terms", [500, limits.EXPRESSION_TERMS])
def test_long_chains(terms: int) -> None:
    value = step("join " + " + ".join(["a"] * terms)).value
    for _ in range(terms - 1):
        value = value.left
    assert isinstance(value, tree.Name)


def test_deep_but_allowed() -> None:
    depth = limits.EXPRESSION_DEPTH
    expr("(" * depth + "3" + ")" * depth)
    expr("f(" * depth + "3" + ")" * depth)
    step("{" * (limits.NESTING_DEPTH - 1) + "}" * (limits.NESTING_DEPTH - 1))
    deepest = "{ a: residual " * 29 + "{ let a = " + "f(1+" * 50 + "3" + ")" * 50 + "}" + "}" * 29
    step(deepest)


@pytest.mark.parametrize(
    "text",
    [
        "let a = " + "(" * 10_000,
        "let a = " + "(" * 10_000 + "3" + ")" * 10_000,
        "let a = " + "[" * 10_000 + "]" * 10_000,
        "let a = " + "f(" * 101 + "3" + ")" * 101,
        "block b " + "{" * 10_000,
        "block b " + "{" * 10_000 + "}" * 10_000,
        "block b { " + "if a { } else " * 10_000 + "{ } }",
        "block b { " + "a: residual { " * 10_000,
        "block b(a: " + "list[" * 10_000,
        "let a = " + "-" * 10_000 + "3",
        "let a = " + "not " * 10_000 + "b",
        "let a = " + "2 ** " * 10_000 + "3",
        "let a = b" + ".c" * 10_000,
        "let a = b" + "[1]" * 10_000,
        "let a = " + "1 + " * limits.EXPRESSION_TERMS + "1",
        "let a = " + "b" * (limits.NAME_LENGTH + 1),
        "#" * (limits.FILE_BYTES + 1),
    ],
    ids=lambda text: text[:24],
)
def test_limits(text: str) -> None:
    assert codes(text) == ["E0701"]


def test_longest_name() -> None:
    file(f"let {'b' * limits.NAME_LENGTH} = 1")
