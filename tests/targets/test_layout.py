"""The printer against `ruff format`: what it prints, the formatter leaves as it is."""

from __future__ import annotations

import subprocess
import sys
from random import Random

import pytest

from resdsl.targets.initialisation import _if_isinstance
from resdsl.targets.nodes import (
    WIDTH,
    Binary,
    Bracketed,
    Call,
    Choice,
    Generator,
    Index,
    Items,
    Keyword,
    Node,
    Operation,
    Pair,
    Text,
    Variable,
    flat,
    globals_called,
    lines,
    literal,
    mapped,
    parts,
    signature,
    variables,
)
from resdsl.targets.prose import docstring


def tree(random: Random, depth: int) -> Node:
    """A random expression of the forms that emitted code has."""
    if depth == 0:
        return Text(random.choice(["x", "width", "64", "4 * width", "self.downsample", "(1, 2)"]))
    parts = [tree(random, depth - 1) for _ in range(random.randrange(1, 6))]
    match random.randrange(8):
        case 0 | 1 | 2:
            keywords = [Keyword(f"key{i}", part) for i, part in enumerate(parts[3:])]
            return Call(random.choice(["nn.Conv2d", "Bottleneck"]), (*parts[:3], *keywords))
        case 3:
            return Call("torch.cat", (Items("[", tuple(parts), "]"), Text("1")))
        case 4:
            copies = Call("range", (Text(str(random.randrange(2, 99))),))
            generator = Generator("*(", parts[0], "_", copies, ")")
            return Call("nn.Sequential", (*parts[:2], generator))
        case 5:
            return Call("sum", (Generator("", parts[0], "branch", Text("self.branches"), ""),))
        case 6:
            pairs = [Pair(literal(f"key-{i}"), part) for i, part in enumerate(parts)]
            return Call("OrderedDict", (Items("{", tuple(pairs), "}"),))
        case _:
            return Call("self.relu", (parts[0],))


def formatted(text: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_random_expressions() -> None:
    random = Random(0)
    statements: list[str] = []
    for n in range(400):
        lead = random.choice(["value = ", "return_value_with_a_long_name = ", ""])
        statements += lines(tree(random, n % 4), 0, lead)
    text = "\n".join(statements) + "\n"
    assert formatted(text) == text


def test_a_method_of_a_call() -> None:
    """Its own brackets are split first, as far as what is before them fits."""
    texts = []
    for n in range(10, 70):
        call, branches = Text("branch(features, x)"), Text(f"self.{'b' * n}")
        copies = Generator("[", call, "branch", branches, "]")
        mean = Index(Call("torch.stack", (copies,)), ".mean(0)")
        texts.append("\n".join(["def forward(self, x):", *lines(mean, 4, "partial = ")]))
    text = "\n\n\n".join(texts) + "\n"
    assert formatted(text) == text


def test_random_signatures() -> None:
    random = Random(1)
    text = ""
    for n in range(60):
        names = [f"parameter_{i}: int" for i in range(random.randrange(8))]
        long = "p" * random.randint(40, 70)
        names += random.choice(
            [[], [f"{long}: nn.Module | None = None"], [f"{long}: int | tuple[int, int] = 3"]]
        )
        text += (
            "\n".join(signature(f"function{n}", names, "nn.Sequential", 0))
            + "\n    return None\n\n\n"
        )
    text = text.rstrip() + "\n"
    assert formatted(text) == text


@pytest.mark.parametrize(
    "node",
    [
        Binary(Text("main"), "+", Bracketed(Binary(Text("x"), "*", Text("0.5")))),
        Index(Call("torch.stack", (Text("path"),)), ".sum(0)"),
    ],
    ids=flat,
)
def test_short_operations_stay_on_a_line(node: Node) -> None:
    assert list(lines(node, 8, "x = ")) == [f"        x = {flat(node)}"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (64, "64"),
        (1e-05, "1e-05"),
        (True, "True"),
        ((3, 5), "(3, 5)"),
        ((3,), "(3,)"),
        ("same", '"same"'),
        ('a "b"', "'a \"b\"'"),
    ],
)
def test_literals(value: object, text: str) -> None:
    assert literal(value) == text


def test_a_docstring_keeps_within_the_line_and_its_quotation_marks() -> None:
    text = list(docstring(f'Says """hi""" {"and more " * 20}"', 4))
    assert all(len(line) <= WIDTH for line in text)
    assert "".join(text).count('"""') == 2


@pytest.mark.parametrize(
    ("text", "summary", "details"),
    [
        ("One sentence.\nAnother.", "One sentence.", "Another."),
        ("A title\nIts sentence.", "A title", "Its sentence."),
        ("A sentence that goes\non. A second\none.\n\nMore.", "A sentence that goes on.",
         "A second one.\n\nMore."),
        ("No sentence ends\nhere, it goes on", "No sentence ends here, it goes on", ""),
        ("As Srivastava et\nal. 2015 and Fig. 3 of it\nhave it. More.",
         "As Srivastava et al. 2015 and Fig. 3 of it have it.", "More."),
        ("A title\n\nwith details", "A title", "with details"),
    ],
)  # fmt: skip
def test_a_docstrings_summary_is_a_whole_sentence(text: str, summary: str, details: str) -> None:
    lines = list(docstring(text, 0))
    if details:
        assert lines == [f'"""{summary}', "", *details.split("\n"), '"""']
    else:
        assert lines == [f'"""{summary}"""']


@pytest.mark.parametrize(
    ("node", "named", "called"),
    [
        (Variable("x"), "x", ""),
        (Call("nn.ReLU", (Variable("x"), Text("y"))), "x", "nn"),
        (Call("f", (Keyword("k", Call("torch.cat", (Variable("x"),))),)), "x", "f torch"),
        (Index(Call("torch.stack", (Variable("x"),)), ".sum(0)"), "x", "torch"),
        (Items("[", (Variable("x"), Call("g", ())), "]"), "x", "g"),
        (Items("{", (Pair('"k"', Variable("x")),), "}"), "x", ""),
        (Generator("", Call("f", (Variable("x"),)), "i", Call("g", (Variable("y"),)), ""), "x y",
         "f g"),
        (Binary(Variable("x"), "+", Bracketed(Call("self.f", (Variable("y"),)))), "x y", "self"),
        (Choice(Variable("x"), "self.f", Call("self.f", (Variable("y"),))), "x y", "self"),
    ],
)  # fmt: skip
def test_what_an_expression_names(node: Node, named: str, called: str) -> None:
    assert list(variables(node)) == named.split()
    assert list(globals_called(node)) == called.split()


def test_parts_in_the_order_of_reading() -> None:
    node = Binary(Call("f", (Text("a"), Keyword("k", Text("b")))), "+", Text("c"))
    assert [flat(part) for part in parts(node)] == [flat(node), "f(a, k=b)", "a", "k=b", "b", "c"]


def test_classes_that_are_asked_for_together() -> None:
    """`isinstance(module, A | B)`: on a line, the classes on one of their own, or one a line."""
    text = "def reset_parameters(self) -> None:\n"
    for n in range(1, 12):
        callees = [f"nn.Conv{i}d" for i in range(n)] + ["ChannelLayerNorm"]
        text += (
            "\n".join([*_if_isinstance("if", callees, 4).lines(), "        module.reset()"]) + "\n"
        )
    assert formatted(text) == text


def test_operations_over_numbers_break_before_their_signs() -> None:
    texts: list[str] = []
    for n in range(1, 50):
        operands = (f"width_{'x' * n}", f"- height_{'y' * n}", "+ 3 * depth")
        operation = Operation(" ".join(operands), operands)
        texts += lines(operation, 0, "value = ")
        keyword = Keyword("width", operation)
        texts += lines(Call("f", (operation, Text("64"), keyword)), 0, "value = ")
    text = "\n".join(texts) + "\n"
    assert formatted(text) == text


def test_leaves_replaced() -> None:
    loop = Generator("*(", Call("f", (Text("a"),)), "i", Call("range", (Text("a"),)), ")")
    items = Items("[", (Pair("k", Index(Text("a"), "[0]")), loop), "]")
    node = Binary(Bracketed(items), "+", Choice(Variable("a"), "o", Keyword("k", Text("b"))))
    assert mapped(node, lambda leaf: leaf) == node
    changed = mapped(node, lambda leaf: Text("c") if leaf == Text("a") else leaf)
    assert flat(changed) == "([k: c[0], *(f(c) for i in range(c))]) + a if o is None else k=b"


def test_a_comprehension_that_stands_far_in() -> None:
    """Its last line breaks like any other."""
    node = Generator("*(", Call("made", ()), "_", Call("range", (Text("2"),)), ")")
    rows = [row.strip() for row in lines(node, 74, tail=",")]
    assert rows == ["*(", "made()", "for _ in range(", "2", ")", "),"]
