"""What a name of the language means: an operator, or a definition of the library."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from textwrap import wrap

from resdsl.data import std
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.values.values import show
from resdsl.ops import REGISTRY, SLOTS, Op
from resdsl.ops.base import REQUIRED, OpParameter
from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.parser import parse

PRELUDE = "prelude"
WIDTH = 88


@dataclass(frozen=True, slots=True)
class Described:
    """A parameter: its type and default as they are written, and what is said of it."""

    name: str
    type: str
    default: str | None
    doc: str = ""

    @property
    def text(self) -> str:
        """`stride=1` in a call."""
        return self.name if self.default is None else f"{self.name}={self.default}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A name: what it is, the library's module that has it, what is said of it, and takes."""

    name: str
    kind: str
    module: str
    doc: str
    parameters: tuple[Described, ...]

    def __str__(self) -> str:
        return "\n".join(self._lines())

    @property
    def signature(self) -> str:
        """`conv(k, channels, stride=1, …)`."""
        return signature(self.name, self.parameters)

    def _lines(self) -> Iterator[str]:
        yield from wrap(f"{self.kind} {self.signature}", WIDTH, subsequent_indent="    ")
        yield ""
        yield self.doc
        if self.module == PRELUDE:
            yield "Known everywhere."
        elif self.module:
            yield f"from std.{self.module} import {self.name}."
        for one in self.parameters:
            yield ""
            made = f"{one.name}: {one.type}" + ("" if one.default is None else f" = {one.default}")
            yield from wrap(made, WIDTH, initial_indent="  ", subsequent_indent="      ")
            yield from wrap(one.doc, WIDTH, initial_indent="      ", subsequent_indent="      ")


def signature(name: str, parameters: Sequence[Described]) -> str:
    """`conv(k, channels, stride=1)`, and the bare name of what takes nothing."""
    return f"{name}({', '.join(one.text for one in parameters)})" if parameters else name


def find(name: str) -> Entry | None:
    """The entry of a name."""
    return entries().get(name)


@cache
def entries() -> dict[str, Entry]:
    """Operators first, then the library, file by file."""
    found = {name: _operator(name, cls) for name, cls in REGISTRY.items()}
    for slot, target in SLOTS.items():
        doc = f"A slot: `{target}`, unless `set {slot} = …` has bound it to something else."
        found[slot] = Entry(slot, "slot", "", doc, found[target].parameters)
    for path in sorted(std().glob("*.res"), key=lambda p: p.stem != PRELUDE):
        file = parse(Source(path.name, path.read_text(encoding="utf-8")), Sink())
        for item in file.items if file else ():
            if isinstance(item, tree.Block):
                found[item.name.id] = _definition(item, path.stem)
    return found


def _operator(name: str, cls: type[Op]) -> Entry:
    parameters = tuple(
        Described(
            p.name,
            _type(p),
            _default(p),
            f"{p.doc}{_bounds(p)}",
        )
        for p in cls.parameters()
    )
    return Entry(name, "operator", "", inspect.getdoc(cls) or "", parameters)


def _bounds(parameter: OpParameter) -> str:
    """The values that are allowed: ` At least 0, at most 1.`"""
    p = parameter
    limits = {"at least": p.least, "above": p.above, "at most": p.most, "below": p.below}
    text = ", ".join(f"{word} {value:g}" for word, value in limits.items() if value is not None)
    return f" {text[0].upper()}{text[1:]}." if text else ""


def _type(parameter: OpParameter) -> str:
    kind, *others = parameter.type.split("|")
    words = [show(choice) for choice in parameter.choices] if kind == "one_of" else [kind]
    if parameter.default is not None:
        words += [f'"{other}"' for other in others]
    return " or ".join(words)


def _default(parameter: OpParameter) -> str | None:
    """As a call would have it; without a value, the word for what there is then: `stride=k`."""
    if parameter.default is None:
        return parameter.type.partition("|")[2] or "none"
    return None if parameter.default is REQUIRED else show(parameter.default)


def _definition(node: tree.Block, module: str) -> Entry:
    return Entry(node.name.id, node.kind, module, node.doc, written(node.parameters))


def written(parameters: Iterable[tree.Parameter]) -> tuple[Described, ...]:
    """Parameters as the text has them."""
    return tuple(
        Described(
            p.name.id,
            p.type.span.text if p.type else "any",
            " ".join(p.default.span.text.split()) if p.default else None,
            " ".join(p.doc.split()),
        )
        for p in parameters
    )
