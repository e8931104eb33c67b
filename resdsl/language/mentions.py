"""Which names a piece of text mentions, and walks over trees in general."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Set
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
        elif dataclasses.is_dataclass(node) and not isinstance(node, Span | Source):
            yield node
            stack.extend(getattr(node, f.name) for f in dataclasses.fields(node))


def mentions(root: Any, names: Set[str]) -> bool:
    return any(isinstance(node, tree.Name) and node.id in names for node in nodes(root))
