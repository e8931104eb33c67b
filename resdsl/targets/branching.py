"""One class for all variants of a network: what they do not share stands below `if flag:`.

Each variant is written as a class of its own first. Statements that two of them have in common are
written once, others below a condition; so with any values of its flags the class does what that
variant does, in its order, and nothing else. A flag that other methods ask for is an attribute,
which is `Final`: TorchScript leaves out what it excludes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TypeAlias

from resdsl.language.names.reserved import MODULE_ATTRIBUTES
from resdsl.records import dataclass
from resdsl.targets import names
from resdsl.targets.class_names import NumberParameter, Parameter
from resdsl.targets.class_text import ClassText
from resdsl.targets.common_arguments import Signature, one_statement
from resdsl.targets.common_calls import unfolded
from resdsl.targets.initialisation import INITIALIZE, RESET
from resdsl.targets.method_text import MARGIN, Block, Statement, further_in, line
from resdsl.targets.nodes import INDENT, Call

CONSTRUCTOR = "__init__"
# The methods of a network, in their order.
_METHODS = (CONSTRUCTOR, INITIALIZE, RESET, "forward")

# What nn.Module has no operations for.
_CONTAINERS = frozenset({"nn.ModuleDict", "nn.ModuleList", "nn.Parameter"})

# The values of the flags, in their order.
Values: TypeAlias = tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """A truth value that the caller of the network chooses: as the constructor says it, and the
    attribute that holds it for other methods."""

    parameter: NumberParameter
    attribute: str


def branched(
    texts: Mapping[Values, ClassText],
    flags: Mapping[str, bool],
    order: Sequence[str],
    signature: Signature,
) -> ClassText:
    """The class that is each of these, by the values of its flags; by default, these values.

    `order`: that of the network's parameters. `signature`: of the classes that these call.
    """
    chosen = _flags(texts.values(), flags)
    own = texts[tuple(flags.values())]
    merging = {name: _Merging(name == CONSTRUCTOR, chosen, signature) for name in _METHODS}
    bodies = {name: merging[name].body(_bodies(texts, name)) for name in _METHODS}
    held = [flag for flag in chosen if any(flag in one.asked for one in merging.values())]
    sets = [line(f"self.{flag.attribute} = {flag.parameter.name}") for flag in held]
    opening, *rest = bodies[CONSTRUCTOR]
    typed = _typed(rest, texts.values())
    bodies[CONSTRUCTOR] = [opening, *sets, *typed]
    words = {"Final"} if held else set[str]()
    words |= {"Any"} if any(one.lead.endswith(": Any = ") for one in typed) else set[str]()
    # As their authors write them, the flags come last.
    parameters = [*_parameters(texts.values(), order), *(flag.parameter for flag in chosen)]
    known = {method.name: method for text in texts.values() for method in text.methods}
    methods = [replace(known[name], body=bodies[name]) for name in _METHODS if name in known]
    methods[0] = replace(methods[0], parameters=[parameter.text for parameter in parameters])
    declared = [f"{' ' * INDENT}{flag.attribute}: Final[bool]" for flag in held]
    return replace(
        own,
        head=[*own.head, *declared, ""] if declared else own.head,
        methods=methods,
        mentions=list(dict.fromkeys(one for text in texts.values() for one in text.mentions)),
        helpers=[one for text in texts.values() for one in text.helpers],
        called=words.union(*(text.called for text in texts.values())),
        parameters=parameters,
    )


def _flags(texts: Collection[ClassText], flags: Mapping[str, bool]) -> list[Flag]:
    """By names that nothing else in the class has."""
    local = set[str]().union(*(text.names for text in texts))
    attributes = MODULE_ATTRIBUTES.union(*(text.attributes for text in texts))
    made: list[Flag] = []
    for source, value in flags.items():
        name = names.variable(source, local)
        local.add(name)
        attribute = names.variable(source, attributes)
        attributes |= {attribute}
        made.append(Flag(NumberParameter(name, "bool", value, source), attribute))
    return made


def _parameters(texts: Iterable[ClassText], order: Sequence[str]) -> list[Parameter]:
    """Those of all, in this order."""
    found = {one.name: one for text in texts for one in text.parameters}

    def place(parameter: Parameter) -> int:
        source = parameter.source if isinstance(parameter, NumberParameter) else None
        return len(order) if source is None else order.index(source)

    return sorted(found.values(), key=place)


def _bodies(texts: Mapping[Values, ClassText], name: str) -> dict[Values, list[Block]]:
    """A method's statements by the values, none where a variant does not have it."""
    return {
        values: [block for one in text.methods if one.name == name for block in _blocks(one.body)]
        for values, text in texts.items()
    }


def _blocks(body: Iterable[Statement]) -> Iterator[Block]:
    block: list[Statement] = []
    for statement in body:
        is_head = statement.indent == MARGIN and not _goes_on(statement)
        if is_head and block:
            yield tuple(block)
            block = []
        block.append(statement)
    if block:
        yield tuple(block)


def _goes_on(statement: Statement) -> bool:
    """Whether it belongs to the `if` before it."""
    text = statement.lines()[0].lstrip()
    return text == "else:" or text.startswith("elif ")


class _Merging:
    """Makes one method of several. `asked`: the flags whose attributes it reads."""

    def __init__(self, is_constructor: bool, flags: Sequence[Flag], signature: Signature) -> None:
        self.is_constructor = is_constructor
        self.signature = signature
        self.flags = flags
        self.asked: list[Flag] = []

    def body(self, bodies: Mapping[Values, Sequence[Block]]) -> list[Statement]:
        return [one for block in self._merged(bodies, ()) for one in block]

    def _merged(self, bodies: Mapping[Values, Sequence[Block]], given: Values) -> Sequence[Block]:
        """For the first flags with these values."""
        if len(given) == len(self.flags):
            return bodies[given]
        on, off = (self._merged(bodies, (*given, value)) for value in (True, False))
        return list(self._branched(self.flags[len(given)], on, off))

    def _branched(self, flag: Flag, on: Sequence[Block], off: Sequence[Block]) -> Iterator[Block]:
        ones, others = [*map(_text, on)], [*map(_text, off)]
        matcher = SequenceMatcher(None, ones, others, autojunk=False)
        for _, start, end, other_start, other_end in matcher.get_opcodes():
            one, other = on[start:end], off[other_start:other_end]
            if ones[start:end] == others[other_start:other_end]:
                yield from one
            elif self.is_constructor:
                yield from self._constructed(flag, one, other)
            else:
                before, one, other, after = unfolded(one, other)
                yield from before
                yield from self._apart(flag, one, other)
                yield from after

    def _constructed(
        self, flag: Flag, on: Sequence[Block], off: Sequence[Block]
    ) -> Iterator[Block]:
        """Statements that choose an argument, if all of both can; else apart."""
        name = flag.parameter.name
        pairs = zip(on, off, strict=False)
        made = [one_statement(name, *pair, self.signature) for pair in pairs]
        chosen = [one for one in made if one is not None]
        if len(on) == len(off) == len(chosen):
            yield from ((one,) for one in chosen)
        else:
            yield from self._apart(flag, on, off)

    def _apart(self, flag: Flag, on: Sequence[Block], off: Sequence[Block]) -> Iterator[Block]:
        """Statements that only one of both has, or none."""
        if on and off and on[-1][-1].lead == "return ":
            yield self._below(flag, on)
            yield from off
        elif on and off:
            yield (*self._below(flag, on), *_otherwise(off))
        elif on or off:
            yield self._below(flag, on or off, is_on=bool(on))

    def _below(self, flag: Flag, blocks: Sequence[Block], *, is_on: bool = True) -> Block:
        if not self.is_constructor:
            self.asked.append(flag)
        said = flag.parameter.name if self.is_constructor else f"self.{flag.attribute}"
        return line(f"if {'' if is_on else 'not '}{said}:"), *_further_in(blocks)


def _text(block: Block) -> tuple[str, ...]:
    return tuple(row for statement in block for row in statement.lines())


def _further_in(blocks: Sequence[Block]) -> list[Statement]:
    return further_in(one for block in blocks for one in block)


def _otherwise(blocks: Sequence[Block]) -> list[Statement]:
    """`else:`, or `elif` where that is all."""
    first = blocks[0][0].lines()
    if len(blocks) == 1 and len(first) == 1 and first[0].lstrip().startswith("if "):
        return [line(f"el{first[0].lstrip()}"), *blocks[0][1:]]
    return [line("else:"), *_further_in(blocks)]


def _typed(body: Sequence[Statement], texts: Iterable[ClassText]) -> list[Statement]:
    """What may be one module or another is annotated where it is set first."""
    callees: dict[str, set[str]] = {}
    for text in texts:
        for statement in text.methods[0].body:
            if isinstance(statement.node, Call):
                callees.setdefault(statement.lead, set()).add(statement.node.callee)
    made: list[Statement] = []
    seen: set[str] = set()
    for one in body:
        known = callees.get(one.lead, set())
        if len(known) > 1 and one.lead.startswith("self.") and one.lead not in seen:
            seen.add(one.lead)
            kind = "nn.Module" if known.isdisjoint(_CONTAINERS) else "Any"
            one = replace(one, lead=f"{one.lead.removesuffix(' = ')}: {kind} = ")
        made.append(one)
    return made
