"""Which names a piece of text mentions, binds and reads, and walks over trees in general."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Set
from functools import cache
from typing import Any

from resdsl.language.names.stems import numbered, stems
from resdsl.source import Source, Span
from resdsl.syntax import tree

# In an `expect`, of taps.
_FACT_FUNCTIONS = frozenset({"shape", "receptive_field", "total_stride"})


def nodes(root: Any) -> Iterator[Any]:
    """Every node below and including `root`, in no special order, without recursion."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            stack.extend(node)
        elif (names := _names(node)) is not None:
            yield node
            for name in names:
                stack.append(getattr(node, name))


def parents(root: Any) -> dict[int, Any]:
    """By the identity of every node below `root`, the node that it is a part of."""
    found: dict[int, Any] = {}
    for node in nodes(root):
        stack = [getattr(node, name) for name in _names(node) or ()]
        while stack:
            part = stack.pop()
            if isinstance(part, tuple):
                stack.extend(part)
            elif _names(part) is not None:
                found[id(part)] = node
    return found


def _names(node: Any) -> tuple[str, ...] | None:
    return _fields(type(node))  # type: ignore[arg-type]


@cache
def _fields(cls: type) -> tuple[str, ...] | None:
    """What a node of this class consists of; None for what is no node."""
    if not dataclasses.is_dataclass(cls) or issubclass(cls, Span | Source):
        return None
    return tuple(field.name for field in dataclasses.fields(cls) if field.name != "span")


def mentions(root: Any, names: Set[str]) -> bool:
    return any(isinstance(node, tree.Name) and node.id in names for node in nodes(root))


def tensors_mentioned(call: tree.Call) -> tuple[tree.Expr, ...]:
    """The parts of a call's arguments that may be tensors: of `a.channels` nothing is."""
    found: list[tree.Expr] = []
    stack = [argument.value for argument in call.arguments]
    while stack:
        match stack.pop():
            case tree.Binary(left=left, right=right):
                stack += [left, right]
            case tree.Unary(operand=operand):
                stack.append(operand)
            case tree.ListExpr(items=items):
                stack += items
            case tree.Call(arguments=arguments):
                stack += [argument.value for argument in arguments]
            case tree.Name() | tree.Index() as part:
                found.append(part)
            case _:
                pass
    return tuple(found)


def bound_names(definition: Iterable[Any]) -> tuple[set[str], set[str]]:
    """Of the nodes of a definition: the names that it binds, and those it binds with an index.

    A tensor called `s2` may be read as `s[2]`: it binds `s` as well.
    """
    plain: set[str] = set()
    indexed: set[str] = set()

    def tensor(name: str, index: object) -> None:
        if index is None:
            plain.update((name, *stems(name)))
        else:
            indexed.add(name)

    for node in definition:
        match node:
            case tree.Parameter() | tree.Let():
                plain.add(node.name.id)
            case tree.Keep(name, index):
                tensor(name.id, index)
            case tree.For():
                plain.update(name.id for name in node.names)
            case tree.Branch():
                tensor(node.label.name, node.label.index)
            case tree.Dim(value=tree.Name(id=name)) if len(name) == 1 and name.isupper():
                plain.add(name)
    return plain, indexed


def input_names(nodes: Iterable[Any]) -> set[str]:
    """The names in `input`s. What is wrong with one is told where the input is read."""
    return {
        node.value.id
        for node in nodes
        if isinstance(node, tree.Dim) and isinstance(node.value, tree.Name)
    }


def output_names(nodes: Iterable[Any]) -> set[str]:
    """The names in `output`s, each of which may be a value's, or a stage's or label's."""
    found: set[str] = set()

    def add(name: str, index: tree.Expr | tree.Indices | None) -> None:
        found.add(name)
        items = index.items if isinstance(index, tree.Indices) else (index,)
        numbers = [item.value for item in items if isinstance(item, tree.Number)]
        if len(numbers) == len(items):
            found.add(numbered(name, [int(number) for number in numbers]))

    for node in nodes:
        match node:
            case tree.OutputItem(label, (), None):
                add(label.name, label.index)
            case tree.OutputItem(value=tree.Name(id=name) | tree.String(value=name)):
                add(name, None)
            case tree.OutputItem(value=tree.Index() as element) if known := tree.indexed(element):
                add(known[0].id, known[1])
    return found


def read_names(root: object) -> Iterator[tuple[tree.Name, bool]]:
    """The names that are read (not bound, not fields or keywords), and whether in an `expect`."""
    stack: list[tuple[object, bool]] = [(root, False)]
    while stack:
        node, expecting = stack.pop()
        match node:
            case tuple():
                stack.extend((item, expecting) for item in node)
            case tree.Name():
                yield node, expecting
            case tree.Argument():
                stack.append((node.value, expecting))
            case tree.Field():
                stack.append((node.value, expecting))
            case tree.Call():
                yield node.callee, expecting
                # The names of taps are not values: `shape(layer4)`.
                if not (expecting and node.callee.id in _FACT_FUNCTIONS):
                    stack.append((node.arguments, expecting))
            case tree.Expect():
                stack.append((node.condition, True))
            case tree.Let():
                stack.append((node.value, expecting))
            case tree.SetSlot():
                stack.append((node.value, expecting))
            case tree.SetDefaults():
                stack += [(node.callee, expecting), (node.arguments, expecting)]
            case tree.Keep():
                stack.append((node.index, expecting))
            case tree.OutputItem():
                stack += [(node.label, expecting), (_computed(node.value), expecting)]
            case tree.For():
                stack += [(node.iterable, expecting), (node.body, expecting)]
            case tree.Parameter():
                stack.append((node.default, expecting))
            case tree.Import() | tree.Input() | tree.Type() | None | str() | int() | float():
                pass
            case tree.LabelName():
                stack.append((node.index, expecting))
            case tree.Block():
                stack += [(node.parameters, expecting), (node.body, expecting)]
            case tree.Network():
                stack += [
                    (node.parameters, False),
                    (node.body, False),
                    (node.family, False),
                    (node.amendments, False),
                ]
            case _:
                names = _fields(type(node)) or ()  # type: ignore[arg-type]
                stack.extend((getattr(node, name), expecting) for name in names)


def misread(fork: tree.Fork) -> set[str]:
    """The branches that are called `here` or `in` where the `join` reads that name."""
    labels = {branch.label.name for branch in fork.branches} & {"here", "in"}
    return labels and labels & {name.id for name, _ in read_names(fork.join)}


def _computed(value: tree.Expr | None) -> tree.Expr | tree.Indices | None:
    """What an output's expression reads: the name of a stage or label is none of a value."""
    match value:
        case tree.Name() | tree.String() | tree.Field():
            return None
        case tree.Index() as element if known := tree.indexed(element):
            return known[1]
        case _:
            return value
