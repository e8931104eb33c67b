"""Modules in containers: an nn.ModuleList for numbers from 0, else an nn.ModuleDict."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from resdsl.design.keys import Path, are_numbers, members
from resdsl.targets import names
from resdsl.targets.nodes import Call, Generator, Items, Node, Pair, Text, flat, literal
from resdsl.targets.progressions import progressions

# How many equal calls in a row of others are worth a comprehension.
_LEAST = 3


class Containers:
    """The containers of one class, by the keys of its modules in the order of the text."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.rows = members(keys)
        # Those that are an nn.ModuleList.
        self.lists = {path for path, row in self.rows.items() if _is_list(row)}

    def attribute(self, key: str) -> str:
        """The expression for a module: `self.conv`, `self.convs[0]`."""
        root, *inside = key.split(".")
        if not inside:
            return names.attribute(key)
        if len(inside) > 1:
            # To a type checker a member is an nn.Module, which has no members of its own.
            return f"{names.attribute(root)}.get_submodule({literal('.'.join(inside))})"
        return (
            f"{names.attribute(root)}[{inside[0] if (root,) in self.lists else literal(*inside)}]"
        )

    def node(self, root: str, modules: Mapping[str, Node]) -> Node:
        """The container `root` with all in it, by the expressions for the modules of the class."""
        return self._node((root,), modules)

    def _node(self, path: Path, modules: Mapping[str, Node]) -> Node:
        found: list[tuple[str, Node]] = []
        for part in self.rows[path]:
            inner = (*path, part)
            node = self._node(inner, modules) if inner in self.rows else modules[".".join(inner)]
            found.append((part, node))
        if path not in self.lists:
            pairs = tuple(Pair(literal(part), node) for part, node in found)
            return Call("nn.ModuleDict", (Items("{", pairs, "}"),))
        items = list(_folded([node for _, node in found]))
        if len(items) == 1 and isinstance(items[0], Generator):
            return Call("nn.ModuleList", (items[0].within("", ""),))
        return Call("nn.ModuleList", (Items("[", tuple(items), "]"),))


def _is_list(row: Sequence[str]) -> bool:
    return are_numbers(row) and [int(part) for part in row] == list(range(len(row)))


def _folded(nodes: Sequence[Node]) -> Iterator[Node]:
    """Equal calls in a row, and those whose numbers grow evenly, as one."""
    items: list[Node] = []
    for _, row in groupby(nodes, flat):
        equal = list(row)
        is_worth = len(equal) >= _LEAST or len(equal) == len(nodes) > 1
        if is_worth:
            copies = Call("range", (Text(str(len(equal))),))
            items.append(Generator("*(", equal[0], "_", copies, ")"))
        else:
            items += equal
    said = " ".join(map(flat, items))
    variable = next(
        name for name in ("i", "j", "k", "index") if not re.search(rf"\b{name}\b", said)
    )
    return progressions(items, items, variable)
