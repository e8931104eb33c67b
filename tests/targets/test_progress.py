"""What rises from copy to copy of a network: how it is said, and that it is the same to the bit."""

from __future__ import annotations

import re

import pytest
from torch import nn

import resdsl
from resdsl.design import walk
from resdsl.ops.regularisation import DropPath
from resdsl.provenance import Bound, Leaf, Operation, operation
from resdsl.targets.module import executed
from resdsl.targets.progress import place, placeless

READ = operation("/", 3, 15)
RATE = operation("*", Leaf("rate"), READ)


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        (READ, (3, 15)),
        (RATE, (3, 15)),
        (Bound("r", RATE), (3, 15)),
        (operation("+", RATE, READ), (3, 15)),
        # Of two copies, of none.
        (operation("+", RATE, operation("/", 4, 15)), None),
        (operation("/", Leaf("rate"), 15), None),
        (operation("/", 3.0, 15), None),
        (Leaf("rate"), None),
        (0.5, None),
        (None, None),
    ],
)
def test_places(tree: Operation, found: tuple[int, int] | None) -> None:
    assert place(tree) == found


def test_what_is_the_same_for_every_copy() -> None:
    other = Bound("r", operation("*", Leaf("rate"), operation("/", 9, 15)))
    assert placeless(Bound("r", RATE)) == placeless(other) != placeless(RATE)


def said(steps: str, parameters: str = "p: float = 0.3") -> list[str]:
    """The calls that say a rate, of blocks with one step."""
    text = f"""
        block b(rate: float = 0.0) {{
            residual {{ c: conv(1, 4) if rate != 0 {{ drop_path(rate) }} }}
        }}
        network net({parameters}) {{ input 4 x 8 x 8 {steps} }}
    """
    source = resdsl.design(text).source()
    called = source[source.index("class Net(") :]
    return re.findall(r"\bB\(.*\) for i in range\([\d, ]*\)|\bB\(.*\)$", called, re.M)


@pytest.mark.parametrize(
    ("steps", "calls"),
    [
        ("b(0.5 * progress) x 3", ["B(0.5 * (i / 2)) for i in range(3)"]),
        ("b(progress * 0.5) x 3", ["B((i / 2) * 0.5) for i in range(3)"]),
        ("b(0.5 - 0.5 * progress) x 3", ["B(0.5 - 0.5 * (i / 2)) for i in range(3)"]),
        ("b(0.5 * progress) x 2 conv(1, 4) b(0.5 * progress) x 3",
         ["B(0.5 * (i / 4)) for i in range(2)", "B(0.5 * (i / 4)) for i in range(2, 5)"]),
        # Alone: the first has nothing of it, the last all.
        ("b(0.5 * progress) b(0.5 * progress) b(0.5 * progress)",
         ["B()", "B(0.5 * (1 / 2))", "B(0.5)"]),
        # One call alone.
        ("b(0.5 * progress)", ["B()"]),
    ],
)  # fmt: skip
def test_how_it_is_said(steps: str, calls: list[str]) -> None:
    assert said(steps) == calls


RATES = [0.1, 0.2, 0.3, 0.7, 1 / 3]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    "formula", ["{} * progress", "progress * {}", "1 - (1 - {}) * progress * 0.9",
                "{} * (1 - progress)", "({} + progress) / 7"]
)  # fmt: skip
def test_rates_are_the_design_s_to_the_bit(rate: float, formula: str) -> None:
    text = f"""
        block b(rate: float = 0.0) {{ residual {{ c: conv(1, 4) drop_path(rate * 0.99) }} }}
        network net {{
            input 4 x 8 x 8
            b({formula.format(rate)}) x 7
            conv(1, 4)
            b({formula.format(rate)}) x 6
        }}
    """
    design = resdsl.design(text)
    ours = [
        float(op.p)
        for used in walk.instances(design.network.root.body)
        for op in walk.operators(used.definition.body)
        if isinstance(op, DropPath)
    ]
    module = resdsl.load(text, device="meta")
    built = [
        module_.p  # type: ignore[union-attr]
        for module_ in module.modules()
        if type(module_).__name__ == "DropPath"
    ]
    assert ours == built
    assert len(built) == 13
    assert "/ 12)" in design.source()


def test_a_design_read_from_json_says_the_same() -> None:
    design = resdsl.design("resnet50_stochastic_depth")
    assert resdsl.design(design.to_json()).source() == design.source()


def test_of_a_parameter_that_the_caller_chooses() -> None:
    steps = "{ c: conv(1, 4) k: drop_path(p * progress) } x 3"
    text = f"network net(p: float = 0.3) {{ input 4 x 8 x 8 {steps} }}"
    source = resdsl.design(text).source()
    assert "def net(p: float = 0.3)" in source
    assert "DropPath(p * (1 / 2))" in source
    assert isinstance(resdsl.load(text, device="meta"), nn.Module)


def test_a_rate_at_which_nothing_is_left_is_refused() -> None:
    text = "network n(r: float = 0.5) { input 3 x 8 x 8 conv(3, 8) drop_path(r) }"
    module = executed(resdsl.design(text).source(), "n")
    for rate in (1.0, -0.25, 5.0):
        with pytest.raises(ValueError, match="at least 0 and less than 1"):
            module.n(r=rate)
