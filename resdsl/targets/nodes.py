"""Python expressions as trees, and their text with exactly the line breaks of `ruff format`.

Only the forms that emitted code uses. A line holds 88 columns. What does not fit breaks at its
outermost brackets: first all of the content on a line of its own, then one item a line. The rules
follow Black's "right hand split" (https://black.readthedocs.io, "The Black code style").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeGuard
from unicodedata import category, east_asian_width

from resdsl.records import dataclass

WIDTH = 88
INDENT = 4


@dataclass(frozen=True, slots=True)
class Text:
    """A name, a literal: what is never broken."""

    text: str


@dataclass(frozen=True, slots=True)
class Variable(Text):
    """A variable of the method."""


@dataclass(frozen=True, slots=True)
class Operation(Text):
    """`a + b - c` over numbers, which breaks before its signs: `a`, `+ b`, `- c`."""

    operands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Types(Text):
    """`A | B`, also behind `name: ` and before a default, which breaks between types."""


@dataclass(frozen=True, slots=True)
class Call:
    callee: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Keyword:
    """`name=value` in a call."""

    name: str
    value: Node


@dataclass(frozen=True, slots=True)
class Index:
    """`value[index]` and other short trailers."""

    value: Node
    trailer: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list, or with `Pair`s a dictionary: one item a line where it does not fit on one."""

    opening: str
    items: tuple[Node, ...]
    closing: str


@dataclass(frozen=True, slots=True)
class Pair:
    """`key: value` in a dictionary."""

    key: str
    value: Node


@dataclass(frozen=True, slots=True)
class Generator:
    """`(element for variable in iterable)` between `opening` and `closing`, both empty as the only
    argument."""

    opening: str
    element: Node
    variable: str
    iterable: Node
    closing: str

    @property
    def clause(self) -> str:
        return f"for {self.variable} in {flat(self.iterable)}"

    def within(self, opening: str, closing: str) -> Generator:
        return replace(self, opening=opening, closing=closing)


@dataclass(frozen=True, slots=True)
class Bracketed:
    """`(value)`."""

    value: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """`left op right`."""

    left: Node
    op: str
    right: Node


@dataclass(frozen=True, slots=True)
class Choice:
    """`left if optional is None else right`."""

    left: Node
    optional: str
    right: Node


@dataclass(frozen=True, slots=True)
class Conditional:
    """`left if flag else right`, which is never broken."""

    left: Node
    flag: str
    right: Node


Node: TypeAlias = (
    Text
    | Call
    | Keyword
    | Index
    | Items
    | Pair
    | Generator
    | Bracketed
    | Binary
    | Choice
    | Conditional
)


def parts(node: Node) -> Iterator[Node]:
    """A node and all in it, each before what it holds."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        match node:
            case Call(arguments=held) | Items(items=held):
                stack += reversed(held)
            case Keyword(value=value) | Index(value=value) | Pair(value=value) | Bracketed(value):
                stack.append(value)
            case Generator(element=element, iterable=iterable):
                stack += (iterable, element)
            case Binary() | Choice() | Conditional():
                stack += (node.right, node.left)
            case _:
                pass


def mapped(node: Node, change: Callable[[Text], Text]) -> Node:
    """The tree with its leaves replaced."""
    match node:
        case Text():
            return change(node)
        case Call(arguments=held):
            return replace(node, arguments=tuple(mapped(one, change) for one in held))
        case Items(items=held):
            return replace(node, items=tuple(mapped(one, change) for one in held))
        case Keyword(value=value) | Index(value=value) | Pair(value=value) | Bracketed(value):
            return replace(node, value=mapped(value, change))
        case Generator(element=element, iterable=iterable):
            inner, copies = mapped(element, change), mapped(iterable, change)
            return replace(node, element=inner, iterable=copies)
        case Binary() | Choice() | Conditional():
            left, right = mapped(node.left, change), mapped(node.right, change)
            return replace(node, left=left, right=right)


def variables(node: Node) -> Iterator[str]:
    yield from (part.text for part in parts(node) if isinstance(part, Variable))


def globals_called(node: Node) -> Iterator[str]:
    """What an expression calls, up to the first dot: `torch`, `nn`, `OrderedDict`."""
    yield from (part.callee.split(".")[0] for part in parts(node) if isinstance(part, Call))


def flat(node: Node) -> str:
    """The text on one line."""
    match node:
        case Text(text):
            return text
        case Call(callee, arguments):
            return f"{callee}({', '.join(map(flat, arguments))})"
        case Keyword(name, value):
            return f"{name}={flat(value)}"
        case Index(value, trailer):
            return flat(value) + trailer
        case Items(opening, items, closing):
            return opening + ", ".join(map(flat, items)) + closing
        case Pair(key, value):
            return f"{key}: {flat(value)}"
        case Generator(opening, element, _, _, closing):
            return f"{opening}{flat(element)} {node.clause}{closing}"
        case Bracketed(value):
            return f"({flat(value)})"
        case Binary(left, op, right):
            return f"{flat(left)} {op} {flat(right)}"
        case Choice(left, optional, right):
            return f"{flat(left)} if {optional} is None else {flat(right)}"
        case Conditional(left, flag, right):
            return f"{flat(left)} if {flag} else {flat(right)}"


def cells(text: str) -> int:
    """The columns of a text, as `ruff format` counts them: a wide character takes two."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def lines(node: Node, indent: int, lead: str = "", tail: str = "") -> Iterator[str]:
    """The lines of `lead node tail`, which starts at column `indent`."""
    margin = " " * indent
    whole = f"{margin}{lead}{flat(node)}{tail}"
    if cells(whole) <= WIDTH:
        yield whole
        return
    inner = indent + INDENT
    match node:
        case Call(callee, arguments) if arguments:
            yield f"{margin}{lead}{callee}("
            yield from _arguments(arguments, inner)
            yield f"{margin}){tail}"
        case Keyword(name, value):
            yield from lines(value, indent, f"{lead}{name}=", tail)
        case Pair(key, value):
            yield from lines(value, indent, f"{lead}{key}: ", tail)
        case Index(value, trailer):
            # The last brackets are the first to be split.
            opening, closing = "[]" if trailer.startswith("[") else "()"
            method, bracket, rest = trailer.partition(opening)
            head = f"{margin}{lead}{flat(value)}{method}{bracket}"
            if bracket and cells(head) <= WIDTH:
                yield head
                yield " " * inner + rest.removesuffix(closing)
                yield f"{margin}{closing}{tail}"
            else:
                yield from lines(value, indent, lead, trailer + tail)
        case Items(opening, items, closing) if items:
            yield f"{margin}{lead}{opening}"
            for item in items:
                yield from lines(item, inner, tail=",")
            # Of a tuple of one the comma is said with the item.
            yield f"{margin}{closing.removeprefix(',')}{tail}"
        case Generator(opening=opening, closing=closing) if opening:
            yield f"{margin}{lead}{opening}"
            yield from _comprehension(node, inner)
            yield f"{margin}{closing}{tail}"
        case Binary() if not lead.endswith("("):
            yield f"{margin}{lead}("
            content = " " * inner + flat(node)
            if cells(content) <= WIDTH:
                yield content
            else:
                yield from _in_rows(node, inner)
            yield f"{margin}){tail}"
        case Bracketed(value):
            yield f"{margin}{lead}("
            content = " " * inner + flat(value)
            if cells(content) <= WIDTH:
                yield content
            elif isinstance(value, Binary):
                yield from _in_rows(value, inner)
            else:
                yield from lines(value, inner)
            yield f"{margin}){tail}"
        case Types(text):
            first, *others = text.split(" | ")
            yield f"{margin}{lead}{first}{'' if others else tail}"
            for number, other in enumerate(others, 1):
                yield f"{margin}| {other}{tail if number == len(others) else ''}"
        case Operation(operands=(first, *middle, last)) if not lead or lead[-1] == "=":
            # In the brackets of a call it needs none.
            yield f"{margin}{lead}{first}"
            yield from (margin + operand for operand in middle)
            yield f"{margin}{last}{tail}"
        case Operation(text, operands) if not lead.endswith("("):
            yield f"{margin}{lead}("
            together = inner + cells(text) <= WIDTH
            yield from (" " * inner + part for part in ([text] if together else operands))
            yield f"{margin}){tail}"
        case Text(text) if lead.endswith(" = ") and inner + cells(text) <= WIDTH:
            yield f"{margin}{lead}("
            yield " " * inner + text
            yield f"{margin}){tail}"
        case _:
            yield whole


def _in_rows(node: Binary, indent: int) -> Iterator[str]:
    """A line for each operand of what binds alike."""
    alike = next((ops for ops in (("+", "-"), ("*", "/")) if node.op in ops), (node.op,))
    rest: list[tuple[str, Node]] = []
    first: Node = node
    while isinstance(first, Binary) and first.op in alike:
        rest.append((first.op, first.right))
        first = first.left
    yield from lines(first, indent)
    for op, operand in reversed(rest):
        yield from lines(operand, indent, f"{op} ")


def _arguments(arguments: Sequence[Node], indent: int) -> Iterator[str]:
    """What stands between the brackets of a call that does not fit on a line."""
    together = " " * indent + ", ".join(map(flat, arguments))
    if cells(together) <= WIDTH:
        # A single parameter on a line of its own has a comma.
        is_parameter = len(arguments) == 1 and isinstance(arguments[0], Types)
        yield f"{together}," if is_parameter else together
    elif _is_bare(arguments):
        # A generator that is the only argument takes no comma.
        yield from _comprehension(arguments[0], indent)
    else:
        for argument in arguments:
            yield from lines(argument, indent, tail=",")


def _is_bare(arguments: Sequence[Node]) -> TypeGuard[tuple[Generator]]:
    """A generator alone, without brackets of its own."""
    return len(arguments) == 1 and isinstance(arguments[0], Generator) and not arguments[0].opening


def _comprehension(node: Generator, indent: int) -> Iterator[str]:
    together = f"{' ' * indent}{flat(node.element)} {node.clause}"
    if cells(together) <= WIDTH:
        yield together
    else:
        yield from lines(node.element, indent)
        yield from lines(node.iterable, indent, f"for {node.variable} in ")


def signature(name: str, parameters: Sequence[str], returns: str, indent: int) -> Iterator[str]:
    """`def name(parameters) -> returns:`."""
    return lines(Call(f"def {name}", tuple(map(Types, parameters))), indent, tail=f" -> {returns}:")


def literal(value: object) -> str:
    """A number, string, boolean or tuple of them as Python text, in `ruff format`'s spelling."""
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, int):
        return repr(int(value))
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, tuple):
        items = [literal(item) for item in value]
        return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    if isinstance(value, str):
        quoted = repr(value)
        if quoted.startswith("'") and '"' not in value and "\\'" not in quoted:
            return f'"{quoted[1:-1]}"'
        return quoted
    raise TypeError(f"no literal for {value!r}")
