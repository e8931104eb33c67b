"""The price of a spec grows with its text, not with its depth."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest

import resdsl
from resdsl.design.model import Definition
from resdsl.language.elaborate import library

MILLION = 1_000_000

# Basic and bottleneck; a block repeated in a group; and one repeated inside a repeated group.
STAGES = {
    "basic": "stage layer3 /2: basic(256) x {n}",
    "bottleneck": "stage layer3 /2: bottleneck(64) x {n}",
    "group": "stage layer3: {{ basic(256) conv(3, 256) norm act }} x {n}",
    "nested": "stage layer3: {{ basic(256) x 2 }} x {n}",
}


def spec(stage: str, n: int) -> str:
    return f"""network deep {{
    input 3 x 64 x 64
    conv1: conv(7, 256, stride=2)
    {STAGES[stage].format(n=n)}
    global_avgpool flatten fc: linear(10)
}}
"""


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Definition]]:
    """Every definition that is elaborated from now on, whether the design keeps it or not."""
    found: list[Definition] = []
    original: Callable[..., None] = Definition.__init__

    def count(self: Definition, *arguments: object, **named: object) -> None:
        original(self, *arguments, **named)
        found.append(self)

    monkeypatch.setattr(Definition, "__init__", count)
    yield found


@pytest.mark.parametrize("stage", STAGES)
def test_as_many_definitions_as_with_three(stage: str, made: list[Definition]) -> None:
    library.forget()
    resdsl.design(spec(stage, 3))
    few = len(made)
    library.forget()
    resdsl.design(spec(stage, MILLION))
    assert len(made) - few == few
    assert few > 0


@pytest.mark.parametrize("stage", STAGES)
def test_emitted_text_of_the_same_length(stage: str) -> None:
    """The same statements with other numbers, which may only break a line."""
    few, many = (resdsl.design(spec(stage, n)).source() for n in (3, MILLION))
    assert statements(few) == statements(many)
    assert abs(len(few.splitlines()) - len(many.splitlines())) <= 1


def statements(text: str) -> list[str]:
    """The kinds of all nodes of a Python text."""
    return [type(node).__name__ for node in ast.walk(ast.parse(text))]


@pytest.mark.parametrize("stage", STAGES)
def test_cost_is_exact(stage: str) -> None:
    """It is linear in n, with whole numbers: three points lie on a line."""
    costs = [resdsl.design(spec(stage, n)) for n in (3, 4, MILLION)]
    for read in (lambda d: d.params, lambda d: d.macs, lambda d: d.depth, lambda d: d.buffers):
        three, four, million = map(read, costs)
        assert million == three + (MILLION - 3) * (four - three)
