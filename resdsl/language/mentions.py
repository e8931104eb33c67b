"""Which names a piece of text mentions, and walks over trees in general."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Set
from functools import cache
from typing import Any

from resdsl.source import Source, Span
from resdsl.syntax import tree


def nodes(root: Any) -> Iterator[Any]:
    """Every node below and including `root`, in no special order, without recursion."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            stack.extend(node)
        elif (names := _fields(type(node))) is not None:  # type: ignore[arg-type]
            yield node
            for name in names:
                stack.append(getattr(node, name))


@cache
def _fields(cls: type) -> tuple[str, ...] | None:
    """What a node of this class consists of; None for what is no node."""
    if not dataclasses.is_dataclass(cls) or issubclass(cls, Span | Source):
        return None
    return tuple(field.name for field in dataclasses.fields(cls) if field.name != "span")


def mentions(root: Any, names: Set[str]) -> bool:
    return any(isinstance(node, tree.Name) and node.id in names for node in nodes(root))
