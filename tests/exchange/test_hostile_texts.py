"""A design in a file is not trusted: no text in it becomes code of the module that is executed."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

import resdsl
from tests.zoo.families import every

SPEC = """
## A gate.
block gate(p: tensor, width: int, act2: op = relu) {
    param s: layer_scale
    "convs.0": conv(1, width) "convs.1": conv(1, width, bias=true, bias_init="torch") act2
    join here + p keep inner act keep last
    output last, inner
}
## A network.
network net(width: int = 4, depths: list[int] = [2, 2], rate: float = 0.5,
    deep: bool = false) {
    input 3 x H x W
    if deep { conv(3, width) norm }
    expect H % 4 == 0
    conv(3, width) keep first
    stage one: basic(width, drop_rate=rate) x depths[0]
    fork { left: conv(1, width)  right: { conv(3, width) } x depths[1] }
    join concat(left, sum(right))
    "odd-1": conv(1, width)
    gate(first, width=width) keep a, b
    join a + b
    output mid: here
    reuse one
    output last: here
}
"""

HOSTILE = [
    'a"""; HOSTILE(); """',
    "a'''; HOSTILE(); '''",
    'a"; HOSTILE(); "',
    "a'; HOSTILE(); '",
    "a\nHOSTILE()",
    "a\rHOSTILE()",
    "a}; HOSTILE(); {",
    "a): HOSTILE(); (",
    "a # HOSTILE()",
    "{HOSTILE()}",
    "a\\",
    "HOSTILE()",
    "HOSTILE",
]


@cache
def _written() -> str:
    return resdsl.design(SPEC).to_json()


def _texts(item: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all texts, a last None where it is the key itself."""
    if isinstance(item, dict):
        for key, value in item.items():
            yield (*path, key, None)
            yield from _texts(value, (*path, key))
    elif isinstance(item, list):
        for place, value in enumerate(item):
            yield from _texts(value, (*path, place))
    elif isinstance(item, str):
        yield path


def _changed(path: tuple[Any, ...], text: str) -> str:
    content = json.loads(_written())
    *around, last = path
    if last is None:
        *around, key = around
    at = content
    for step in around:
        at = at[step]
    if last is None:
        at[text] = at.pop(key)
    else:
        at[last] = text
    return json.dumps(content) + "\n"


def _places() -> list[tuple[Any, ...]]:
    """One of each kind of place: of two items of a list the same is read."""
    found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for path in _texts(json.loads(_written())):
        kind = tuple(step for step in path if not isinstance(step, int))
        found.setdefault(kind, path)
    return list(found.values())


@pytest.mark.parametrize("text", every(2, HOSTILE))
def test_no_text_is_code(text: str) -> None:
    accepted = 0
    for path in _places():
        report = resdsl.check(_changed(path, text))
        for design in report.designs:
            accepted += 1
            source = design.source()
            said = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
            # As the name of a variable or an attribute alone.
            assert text == "HOSTILE" or "HOSTILE" not in said, (path, source[:200])
    assert accepted
