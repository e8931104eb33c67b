"""What two constructors of two variants have in common.

An author gives the flag where only a truth value differs (`bias=flag`), and writes a choice where
an argument does: `Unit(64, se=Gate(64) if gated else None)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from resdsl.targets.method_text import Block, Statement
from resdsl.targets.nodes import (
    WIDTH,
    Call,
    Choice,
    Conditional,
    Generator,
    Items,
    Keyword,
    Node,
    Pair,
    Text,
    cells,
    flat,
    parts,
)

# The parameters of a class of the file, each with its default as it is written, or None; None for a
# class that is not the file's.
Signature: TypeAlias = Callable[[Call], Mapping[str, str | None] | None]

# What is no operand of a choice, would be read otherwise there, or is long.
_INDIVISIBLE = (Choice, Conditional, Generator, Items, Keyword, Pair)

# Choices in one statement: with more two statements read better.
_MOST = 2


def one_statement(name: str, on: Block, off: Block, signature: Signature) -> Statement | None:
    """The statement that is each of two by the flag `name`; None where an `if` reads better."""
    (one, *more), (other, *others) = on, off
    if more or others or one.lead != other.lead:
        return None
    node = _Choosing(name, signature).node(one.node, other.node)
    if node is None:
        return None
    made = replace(one, node=node)
    choices = sum(isinstance(part, Conditional) for part in parts(node))
    is_short = all(cells(row) <= WIDTH for row in made.lines())
    return made if is_short and choices <= _MOST else None


class _Choosing:
    def __init__(self, name: str, signature: Signature) -> None:
        self.name = name
        self.signature = signature

    def node(self, on: Node, off: Node) -> Node | None:
        """What both are but for some of what they hold."""
        if flat(on) == flat(off):
            return on
        match on, off:
            case Call(), Call() if on.callee == off.callee:
                return self._call(on, off)
            case Generator(), Generator() if on.variable == off.variable:
                made = self._all([on.element, on.iterable], [off.element, off.iterable])
                return replace(on, element=made[0], iterable=made[1]) if made else None
            case Items(items=ones), Items(items=others):
                made = self._all(ones, others)
                return replace(on, items=tuple(made)) if made else None
            case _:
                return None

    def _all(self, ones: Sequence[Node], others: Sequence[Node]) -> list[Node] | None:
        if len(ones) != len(others):
            return None
        made = [self._value(*pair) for pair in zip(ones, others, strict=True)]
        known = [one for one in made if one is not None]
        return known if len(known) == len(made) else None

    def _value(self, on: Node, off: Node) -> Node | None:
        """One value of both, or a choice, in which there is no other."""
        if isinstance(on, Keyword) and isinstance(off, Keyword) and on.name == off.name:
            value = self._value(on.value, off.value)
            return value and replace(on, value=value)
        if isinstance(on, Pair) and isinstance(off, Pair) and on.key == off.key:
            value = self._value(on.value, off.value)
            return value and replace(on, value=value)
        made = self.node(on, off)
        if made is not None:
            return made
        if flat(on) == "True" and flat(off) == "False":
            return Text(self.name)
        if flat(on) == "False" and flat(off) == "True":
            return Text(f"not {self.name}")
        if isinstance(on, _INDIVISIBLE) or isinstance(off, _INDIVISIBLE):
            return None
        return Conditional(on, self.name, off)

    def _call(self, on: Call, off: Call) -> Node | None:
        """By the parameters of what is called, where it is the file's, or as it is written."""
        known = self.signature(on) or _parameters(on, off)
        ones, others = _by_name(on, known), _by_name(off, known)
        arguments: list[Node] = []
        by_keyword = self.signature(on) is None
        places = sum(not isinstance(argument, Keyword) for argument in on.arguments)
        for place, (name, default) in enumerate(known.items()):
            if name not in ones and name not in others:
                by_keyword = True
                continue
            absent = None if default is None else Text(default)
            one, other = ones.get(name, absent), others.get(name, absent)
            value = None if one is None or other is None else self._value(one, other)
            if value is None:
                return None
            is_named = by_keyword and place >= places
            arguments.append(Keyword(name, value) if is_named else value)
        return replace(on, arguments=tuple(arguments))


def _parameters(on: Call, off: Call) -> dict[str, str | None]:
    """Of a class of torch, by what is written: the positional ones have their places for names."""
    rows = sorted((on.arguments, off.arguments), key=len, reverse=True)
    places = max(sum(not isinstance(one, Keyword) for one in row) for row in rows)
    found: dict[str, str | None] = {str(place): None for place in range(places)}
    for one in (one for row in rows for one in row if isinstance(one, Keyword)):
        # What has one truth value where it is written has the other where it is left out.
        opposite = {"True": "False", "False": "True"}.get(flat(one.value))
        found[one.name] = None if one.name == "inplace" else opposite
    return found


def _by_name(call: Call, known: Mapping[str, str | None]) -> dict[str, Node]:
    names = list(known)
    return {
        one.name if isinstance(one, Keyword) else names[place]: (
            one.value if isinstance(one, Keyword) else one
        )
        for place, one in enumerate(call.arguments)
    }
