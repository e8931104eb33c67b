"""`forward` of a class: variables, nesting, sums in place, loops, what is returned."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from resdsl.design.join_expressions import Combine, Expression, Scalar
from resdsl.ops.base import Inline
from resdsl.targets.calling import Attribute
from resdsl.targets.forward import NOTHING, Forward
from resdsl.targets.nodes import Text
from resdsl.targets.program import Assemble, Invoke, Sum
from tests.targets.instructions import classes


def forward(
    steps: str,
    definitions: str = "",
    *,
    name: str = "Net",
    overwrites: Collection[str] = (),
    templates: dict[str, Inline] | None = None,
) -> list[str]:
    """What the class `name` does, every module by its key.

    `overwrites`: the numbers of the sums that add in place; `templates` by the key of a module.
    """
    found = classes(steps, definitions)
    programs = next(made for made in found.in_order if made.name == name).programs
    attributes: dict[int, Attribute | Inline] = {}
    scalars: dict[int, Text] = {}
    for program in programs:
        for index, step in enumerate(program.instructions):
            match step:
                case Invoke(apply=apply):
                    made = Attribute(f"self.{apply.key}", step.op is None and found.is_list(apply))
                    attributes[index] = (templates or {}).get(apply.key, made)
                case Sum(shortcut=shortcut) if shortcut is not None:
                    attributes[index] = Attribute(f"self.{shortcut.key}")
                case Assemble(expression=expression):
                    scalars |= {id(s): Text(str(s.value)) for s in _scalars(expression)}
                case _:
                    pass
    sums = [i for i, s in enumerate(programs[0].instructions) if isinstance(s, Sum)]
    overwritten = {sums[int(number)] for number in overwrites}
    text = Forward(programs, attributes, overwritten, scalars).write()
    rows = [row for statement in text for row in statement.lines()]
    return [row.removeprefix(" " * 8) for row in rows]


def _scalars(expression: Expression) -> list[Scalar]:
    match expression:
        case Scalar():
            return [expression]
        case Combine(_, operands):
            return [scalar for operand in operands for scalar in _scalars(operand)]
        case _:
            return []


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ("", ["return x"]),
        ("a: conv(3, 4)", ["return self.a(x)"]),
        # A new statement at each layer with weights and behind each block.
        ("a: conv(3, 4) b: norm c: relu", ["return self.c(self.b(self.a(x)))"]),
        ("a: conv(3, 4) b: relu c: conv(3, 4) d: relu",
         ["x = self.b(self.a(x))", "return self.d(self.c(x))"]),
        ("a: { conv(3, 4) } b: relu", ["x = self.a(x)", "return self.b(x)"]),
        # Or where a line would be full.
        (f"a: conv(3, 4) {'b' * 60}: relu",
         ["x = self.a(x)", f"return self.{'b' * 60}(x)"]),
        # Not called.
        ("keep a b: relu join a c: tanh", ["return self.c(x)"]),
        # The input stays while it is still to be read.
        ("a: { relu } b: { tanh } join here + in",
         ["out = self.a(x)", "return self.b(out) + x"]),
    ],
)  # fmt: skip
def test_a_pipeline(steps: str, text: list[str]) -> None:
    assert forward(steps) == text


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ("a: relu keep t b: tanh join here + t",
         ["t = self.a(x)", "return self.b(t) + t"]),
        # A name that nobody asks for again is the pipeline's.
        ("a: relu keep t b: { tanh }", ["x = self.a(x)", "return self.b(x)"]),
        ("a: relu keep lambda_ b: tanh join lambda_ * here",
         ["lambda_ = self.a(x)", "return lambda_ * self.b(lambda_)"]),
        # One that hides nothing, and one that is free.
        ("a: relu keep print b: tanh join here + print",
         ["print_ = self.a(x)", "return self.b(print_) + print_"]),
        ("a: relu keep self_ b: tanh join here + self_ c: relu",
         ["self_ = self.a(x)", "return self.c(self.b(self_) + self_)"]),
        ("fork { p: conv(3, 4) q: relu } join p * q", ["return self.p(x) * self.q(x)"]),
        # Read twice: a variable of the branch's name.
        ("fork { p: conv(3, 4) q: relu } join p * q + p",
         ["p = self.p(x)", "return p * self.q(x) + p"]),
    ],
)  # fmt: skip
def test_kept_names(steps: str, text: list[str]) -> None:
    assert forward(steps) == text


def test_items_of_a_list_are_called_by_their_places() -> None:
    """Where nobody named them, and `x` is not just the next tensor."""
    definitions = """
        block added(other: tensor) { join here + other }
        block both(maps: list[tensor]) {
            let made = []
            for i in range(2) {
                join maps[i]
                "branches."[i]: { conv(3, 4) norm }
                let made = made + [here]
            }
            for i in range(2) { join made[i] f[i]: added(made[1 - i]) output m[i]: here }
        }
    """
    steps = "conv(3, 4) keep a norm both([a, here])"
    text = forward(steps, definitions, name="Both")
    assert text[:2] == [
        "branches0 = self.branches.0(maps0)",
        "branches1 = self.branches.1(maps1)",
    ]


@pytest.mark.parametrize(
    ("steps", "overwrites", "text"),
    [
        ("residual { a: conv(3, 4) }", "", ["main = self.a(x)", "return main + x"]),
        # What is returned at once is a sum; else it may be added in place.
        ("residual { a: conv(3, 4) }", "0", ["main = self.a(x)", "return main + x"]),
        ("residual { a: conv(3, 4) } b: relu", "0",
         ["main = self.a(x)", "main += x", "return self.b(main)"]),
        ("residual { a: conv(3, 4) } b: relu", "",
         ["main = self.a(x)", "return self.b(main + x)"]),
        ("residual { a: conv(3, 4) } via s: conv(1, 4) b: relu", "0",
         ["main = self.a(x)", "main += self.s(x)", "return self.b(main)"]),
        ("residual { a: conv(3, 4) } via none b: relu", "", ["return self.b(self.a(x))"]),
        ("residual { }", "", ["return x + x"]),
        ("residual { residual { a: conv(3, 4) } b: conv(3, 4) }", "01",
         ["inner_main = self.a(x)", "inner_main += x", "main = self.b(inner_main)",
          "return main + x"]),
    ],
)  # fmt: skip
def test_sums(steps: str, overwrites: str, text: list[str]) -> None:
    assert forward(steps, overwrites=overwrites) == text


@pytest.mark.parametrize(
    ("overwrites", "text"),
    [
        ("0", "main += x if self.s is None else self.s(x)"),
        ("", "main = main + (x if self.s is None else self.s(x))"),
    ],
)
def test_a_shortcut_that_not_all_members_have(overwrites: str, text: str) -> None:
    block = "block b(s: bool) { residual { a: conv(3, 4) } via s: { if s { tanh } } c: { relu } }"
    found = forward("b(true) b(false)", block, name="B", overwrites=overwrites)
    assert found == ["main = self.a(x)", text, "return self.c(main)"]


def test_a_choice_that_is_too_long_for_a_line() -> None:
    label = "s" * 40
    block = f"block b(s: bool) {{ residual {{ a: relu }} via {label}: {{ if s {{ c: tanh }} }} }}"
    assert forward("b(true) b(false)", block, name="B") == [
        "main = self.a(x)",
        "skip = x",
        f"if self.{label} is not None:",
        f"    skip = self.{label}(x)",
        "return main + skip",
    ]


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        # Copies in a row that read another value.
        ("a: relu keep t g: { tanh join here + t } x 3",
         ["t = self.a(x)", "x = t", "for block in self.g:", "    x = block(x, t)", "return x"]),
        ("keep t a: relu g: { tanh join here + t } x 3",
         ["out = self.a(x)", "for block in self.g:", "    out = block(out, x)", "return out"]),
        ("a: relu keep block g: { tanh join here + block } x 3",
         ["block = self.a(x)", "x = block", "for block_ in self.g:",
          "    x = block_(x, block)", "return x"]),
        ("keep t a: relu g: { tanh join here + t } x 3 keep block b: tanh join here + block",
         ["out = self.a(x)", "block = out", "for block_ in self.g:",
          "    block = block_(block, x)", "return self.b(block) + block"]),
        # Only some are called, or with other values.
        ("a: relu keep t g: { tanh if index == 2 { join t } } x 4",
         ["x = self.a(x)", "out = self.g[2](x)", "return self.g[-1](out, x)"]),
        # Copies side by side.
        ("fork { p: relu x 3 } join concat(p)",
         ["return torch.cat([branch(x) for branch in self.p], 1)"]),
        ("fork { p: relu x 3 } join sum(p)",
         ["return torch.stack([branch(x) for branch in self.p]).sum(0)"]),
        ("fork { p: relu x 3 } join mean(p)",
         ["return torch.stack([branch(x) for branch in self.p]).mean(0)"]),
        ("fork { p: relu x 3 q: tanh } join concat(q, p)",
         ["return torch.cat([self.q(x), *(branch(x) for branch in self.p)], 1)"]),
        # Twice: run through as a list.
        ("fork { p: relu x 3 } join concat(p, p)",
         ["p = [branch(x) for branch in self.p]", "return torch.cat([*p, *p], 1)"]),
    ],
)  # fmt: skip
def test_copies(steps: str, text: list[str]) -> None:
    assert forward(steps) == text


def test_a_choice_overwrites_nothing_that_it_reads() -> None:
    label = "s" * 40
    shortcut = f"via {label}: {{ if s {{ tanh join here + skip }} }}"
    main = "keep skip b: conv(3, 4) residual { a: relu }"
    found = forward(
        "b(true) b(false)", f"block b(s: bool) {{ c: relu {main} {shortcut} }}", name="B"
    )
    assert found[-4:] == [
        "skip_ = x",
        f"if self.{label} is not None:",
        f"    skip_ = self.{label}(x, skip)",
        "return main + skip_",
    ]


def test_several_results() -> None:
    steps = "g: { a: conv(3, 4) keep t b: { relu } } join here + t"
    assert forward(steps, name="G") == ["t = self.a(x)", "x = self.b(t)", "return x, t"]
    assert forward(steps) == ["x, t = self.g(x)", "return x + t"]


def test_a_further_input_that_is_called_as_the_first() -> None:
    found = forward("keep x_ a: relu g: { b: tanh join here + x_ }", name="G")
    assert found == ["return self.b(x) + x_"]


@pytest.mark.parametrize(
    ("join", "text"),
    [
        ("here - (t - in)", "self.a(t) - (t - x)"),
        ("(here - t) - in", "self.a(t) - t - x"),
        ("(here + t) * in", "(self.a(t) + t) * x"),
        ("here * t + in", "self.a(t) * t + x"),
        ("t + t * 0.5 + 1", "t + t * 0.5 + 1"),
        ("max(here, t, 0.5)", "torch.clamp(torch.maximum(self.a(t), t), min=0.5)"),
        ("concat(here, t)", "torch.cat([self.a(t), t], 1)"),
        ("concat(here, here + t)", "torch.cat([x, x + t], 1)"),
    ],
)
def test_joins(join: str, text: str) -> None:
    assert forward(f"t: relu keep t a: tanh join {join}")[-1] == f"return {text}"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (NOTHING, "return self.c(self.a(x))"),
        (Inline("call", "torch.flatten", ("1",)), "return self.c(torch.flatten(self.a(x), 1))"),
        (Inline("index", "[:, :4]"), "return self.c(self.a(x)[:, :4])"),
        (Inline("times", "0.5"), "return self.c(0.5 * self.a(x))"),
    ],
)
def test_operators_without_a_module(template: Inline, text: str) -> None:
    assert forward("a: conv(3, 4) b: relu c: tanh", templates={"b": template}) == [text]
