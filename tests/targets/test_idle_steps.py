"""Steps that do nothing for some members of a class: where they are put, how a class says it."""

from __future__ import annotations

import pytest
import torch

import resdsl
from resdsl.targets.program import Invoke
from tests.targets.instructions import classes, named

TAIL = "block tail { residual { conv(1, 4) sigmoid } }"


def members(body: str, parameters: str, uses: str) -> list[tuple[str, int]]:
    """The classes of the block `b`, each with its members."""
    found = classes(uses, f"{TAIL}\nblock b({parameters}) {{ {body} }}")
    firsts = [(made, made.programs[0]) for made in found.in_order]
    return [
        (made.name, len(made.programs))
        for made, first in firsts
        if first.definition.name == "b" and first.body is first.definition.body
    ]


@pytest.mark.parametrize(
    ("body", "parameters", "uses"),
    [
        # An operator that a number makes idle, and a module that is not there.
        ("c: conv(3, 4) if p != 0 { drop_path(p) }", "p: float", "b(0) b(0.5)"),
        ("c: conv(3, 4) if p != 0 { dropout(p) }", "p: float", "b(0) b(0.5)"),
        ("c: conv(3, 4) if t { tail }", "t: bool", "b(true) b(false)"),
        ("c: conv(3, 4) if t { g: { residual { relu } } }", "t: bool", "b(true) b(false)"),
        # The fullest one may come last, and each lack another step.
        ("c: conv(3, 4) if n > 0 { tail } if n > 1 { drop_path(0.1 * n) }", "n: int",
         "b(0) b(1) b(2)"),
        ("if n != 1 { s: tail } c: conv(3, 4) if n != 2 { t: tail }", "n: int", "b(1) b(2) b(0)"),
        # Before a sum, a join and a kept value that are the same but for it.
        ("residual { c: conv(3, 4) if t { tail } }", "t: bool", "b(true) b(false)"),
        ("c: conv(3, 4) keep k if t { tail } join here * 2 + k", "t: bool", "b(true) b(false)"),
        ("keep k c: conv(3, 4) if t { tail } keep m join m + k", "t: bool", "b(true) b(false)"),
        # Beside a shortcut that some have.
        ("residual { c: conv(3, 4) if t { tail } } via { if t { conv(1, 4) } }", "t: bool",
         "b(true) b(false)"),
    ],
)  # fmt: skip
def test_one_class(body: str, parameters: str, uses: str) -> None:
    assert members(body, parameters, uses) == [("B", len(uses.split(")")) - 1)]


@pytest.mark.parametrize(
    ("body", "parameters", "uses"),
    [
        # An operator has no number with which it does nothing.
        ("c: conv(3, 4) if t { norm }", "t: bool", "b(true) b(false)"),
        ("c: conv(3, 4) if t { relu }", "t: bool", "b(true) b(false)"),
        # Numbered modules would have other numbers.
        ("conv(3, 4) if t { drop_path(0.1) } join here * 2", "t: bool", "b(true) b(false)"),
        # A container has no place for what is not there, nor a list.
        ('c: conv(3, 4) if t { "d.0": tail }', "t: bool", "b(true) b(false)"),
        ("c: conv(3, 4) if t { tail x 2 }", "t: bool", "b(true) b(false)"),
        # Neither has all: it would be a class of holes.
        ("c: conv(3, 4) if t { s: tail } else { t: tail }", "t: bool", "b(true) b(false)"),
        ("c: conv(3, 4) if t { s: tail t: tail u: tail }", "t: bool", "b(true) b(false)"),
        # The module is elsewhere, or what comes behind reads another value.
        ("if t { tail c: conv(3, 4) } else { c: conv(3, 4) tail }", "t: bool",
         "b(true) b(false)"),
        ("c: conv(3, 4) if t { tail } keep k d: conv(1, 4) "
         "if t { join here + k } else { join k - here }", "t: bool", "b(true) b(false)"),
    ],
)  # fmt: skip
def test_two_classes(body: str, parameters: str, uses: str) -> None:
    assert len(members(body, parameters, uses)) == 2


def test_what_is_looked_for_must_be_there() -> None:
    """A constructor goes into the group to start what is in it."""
    body = 'c: conv(3, 4) if t { g: { k: conv(1, 4, init="zeros") l: tail } }'
    assert len(members(body, "t: bool", "b(true) b(false)")) == 2
    assert len(members(body.replace(', init="zeros"', ""), "t: bool", "b(true) b(false)")) == 1


def test_the_values_are_those_of_the_fullest() -> None:
    body = "c: conv(3, 4) if t { tail } if p != 0 { drop_path(p) }"
    found = classes("b(true, 0.5) b(false, 0)", f"{TAIL}\nblock b(t: bool, p: float) {{ {body} }}")
    full, other = named(found, "B").programs
    steps = [step for step in other.instructions if isinstance(step, Invoke)]
    assert [step.out for step in steps] == [step.out for step in full.instructions]
    assert [step.is_absent for step in steps] == [False, True, False]
    assert steps[2].op is not None
    assert steps[2].op.p == 0.0  # type: ignore[attr-defined]
    assert other.outputs == full.outputs


FORWARDS = [
    # In the variable that it has, or another where that is read further on.
    ("c: conv(3, 4) if t { tail } d: conv(1, 4)",
     ["x = self.c(x)", "if self.tail is not None:", "    x = self.tail(x)", "return self.d(x)"]),
    ("c: conv(3, 4) keep k if t { tail } join here * 2 + k",
     ["k = self.c(x)", "x = k if self.tail is None else self.tail(k)", "return x * 2 + k"]),
    ("if t { tail } c: conv(3, 4)",
     ["if self.tail is not None:", "    x = self.tail(x)", "return self.c(x)"]),
    ("residual { if t { tail } c: conv(3, 4) }",
     ["main = x if self.tail is None else self.tail(x)", "main = self.c(main)",
      "return main + x"]),
    ("c: conv(3, 4) if t { tail }",
     ["x = self.c(x)", "if self.tail is not None:", "    x = self.tail(x)", "return x"]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "says"), FORWARDS)
def test_forward(body: str, says: list[str]) -> None:
    design = resdsl.design(
        f"{TAIL}\nblock b(t: bool) {{ {body} }}\n"
        "network net { input 4 x 8 x 8 b(true) b(false) conv(1, 4) }"
    )
    text = design.source()
    own = text[text.index("class B(") :].partition("\n\n\n")[0]
    lines = [line[8:] for line in own[own.index("def forward") :].splitlines()[1:]]
    assert lines == says


def test_the_result_is_the_argument_where_the_module_is_not_there() -> None:
    """So nothing may be written over it that others read."""
    text = f"""
        {TAIL}
        block b(t: bool) {{ keep a if t {{ tail }} relu keep b c: conv(1, 4) join here + a * b }}
        network net {{ input 4 x 8 x 8 conv(1, 4) b(true) b(false) conv(1, 4) }}
    """
    module = resdsl.load(text, seed=0)
    x = torch.randn(2, 4, 8, 8, requires_grad=True)
    module(x).sum().backward()
    assert "inplace" not in resdsl.design(text).source()


def test_stochastic_depth_is_one_class_at_every_rate() -> None:
    text = resdsl.design("resnet50_stochastic_depth").source()
    assert text.count("class Bottleneck") == 1
