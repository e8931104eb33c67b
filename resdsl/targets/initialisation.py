"""How the emitted file initialises itself: a loop over kinds of modules, then the exceptions.

A kind of tensor (`nn.Conv2d.weight`) starts as most of its tensors do, in a loop over all modules
as torchvision writes it. Nothing is written there for what torch's constructors do by themselves.
What starts otherwise, as a gate's bias or the scale of a block's last norm, follows by class.

`reset_parameters` starts everything, as after `to_empty`, where no constructor runs: what torch's
modules start, then the same. It is a method of its own where there is such a module, so that the
constructor does not draw twice, and equal seeds of torch's generator give torchvision's weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from resdsl.design.model import Body, Group, Instance, Run
from resdsl.design.walk import occurrences
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.ops.base import Tensor
from resdsl.targets import names
from resdsl.targets.classes import Classes, Emitted
from resdsl.targets.layout import INDENT, WIDTH, Call, Node, Text, cells, lines, literal

# (torch class, tensor): `("nn.Conv2d", "weight")`.
Kind = tuple[str, str]

# torchvision's name for such a method.
INITIALIZE = "_initialize_weights"


@dataclass(frozen=True, slots=True)
class Start:
    """A tensor of an operator: its kind, and the torch call that starts it, or None."""

    kind: Kind
    call: str | None


@dataclass(frozen=True, slots=True)
class Method:
    """A method of the network without parameters: its name, whether the constructor calls it."""

    name: str
    is_called: bool
    body: list[str]

    def text(self) -> list[str]:
        return [f"{' ' * INDENT}def {self.name}(self) -> None:", *self.body]


@dataclass(frozen=True, slots=True)
class Several:
    """A step of a path: some copies of a repetition, from `first` to before `end`, or all."""

    first: int
    end: int | None


class UnlikeStartsError(Exception):
    """Modules at one place of a class, handed in by its callers, start in different ways.

    `kinds`: by the identity of a member's body, how those below it start. Not all are equal.
    """

    def __init__(self, kinds: Mapping[int, Hashable]) -> None:
        super().__init__(kinds)
        self.kinds = kinds


Path: TypeAlias = tuple[str | Several, ...]


@dataclass(frozen=True, slots=True)
class Odd:
    """A tensor below a class that starts otherwise, and the path to its module from there.

    `optional`: some instances of the class do not have the first module of the path.
    """

    path: Path
    start: Start
    optional: bool


def starts(op: Op, shape: Shape) -> tuple[Start, ...]:
    module = op.module(shape)
    if module is None or (module.helper is not None and not op.is_norm):
        # A class of our own starts its tensors itself; a norm's scale is a matter of the network.
        return ()
    return tuple(
        Start((module.callee, tensor.name), _call(op, tensor)) for tensor in op.tensors(shape)
    )


def _call(op: Op, tensor: Tensor) -> str | None:
    """The call, None where torch does the same by itself: norms start at 1."""
    is_default = op.is_norm and tensor.name == "weight" and tensor.init.value == 1
    return None if is_default else tensor.init.call


class Initialisation:
    """The rules of one network."""

    def __init__(self, classes: Classes) -> None:
        self.classes = classes
        times = occurrences(classes.network, classes.definitions)
        counts: dict[Kind, Counter[str | None]] = {}
        self.odd: dict[int, list[Odd]] = {}
        # By torch class: the tensors that each operator of it has.
        tensors: dict[str, set[frozenset[str]]] = {}
        # The classes of the text with tensors that only their own `reset_parameters` starts.
        by_themselves: set[str] = set()
        for definition in classes.definitions:
            for callee, own, are_all in _operators(definition.body):
                tensors.setdefault(callee, set()).add(frozenset(start.kind[1] for start in own))
                if not are_all:
                    by_themselves.add(callee)
                for start in own:
                    counter = counts.setdefault(start.kind, Counter())
                    counter[start.call] += times[id(definition)]
        self.rules = {kind: _most(counter) for kind, counter in counts.items()}
        by_themselves |= {callee for (callee, _), call in self.rules.items() if call is None}
        self.by_themselves = [callee for callee in tensors if callee in by_themselves]
        self.optional = {
            (callee, tensor)
            for callee, tensor in self.rules
            if any(tensor not in own for own in tensors[callee])
        }
        for emitted in classes.in_order:
            if emitted.form != "chain":
                self.odd[id(emitted)] = list(self._exceptions(emitted))
                if self.odd[id(emitted)] and emitted.form == "function":
                    classes.give_class(emitted)

    def _exceptions(self, emitted: Emitted) -> Iterator[Odd]:
        """The tensors of a class, and of the chains in it, that do not follow the rules."""
        found: dict[tuple[Path, tuple[Start, ...]], int] = {}
        keys: Counter[str] = Counter()
        below = {id(p.body): tuple(self._below(p.body)) for p in emitted.programs}
        for program in emitted.programs:
            keys.update(apply.key for apply in program.body.modules())
            for place in below[id(program.body)]:
                found[place] = found.get(place, 0) + 1
        for (path, odd), times in found.items():
            key = path[0]
            assert isinstance(key, str)
            if times != keys[key]:
                raise UnlikeStartsError(below)
            optional = times != len(emitted.programs)
            yield from (Odd(path, start, optional) for start in odd)

    def _below(self, body: Body) -> Iterator[tuple[Path, tuple[Start, ...]]]:
        """The paths to the operators that start otherwise, with what there is to do for each."""
        for apply in body.modules():
            if not apply.repeated:
                for run in apply.runs:
                    for path, odd in self._in_unit(run):
                        yield (apply.key, *path), odd
                continue
            # By what happens where in a copy: the copies to which it happens.
            places: dict[tuple[Path, tuple[Start, ...]], list[tuple[int, int]]] = {}
            first = 0
            for run in apply.runs:
                for place in self._in_unit(run):
                    spans = places.setdefault(place, [])
                    if spans and spans[-1][1] == first:
                        spans[-1] = (spans[-1][0], first + run.count)
                    else:
                        spans.append((first, first + run.count))
                first += run.count
            for (path, odd), spans in places.items():
                for span in spans:
                    yield (apply.key, _copies(*span, first), *path), odd

    def _in_unit(self, run: Run) -> Iterator[tuple[Path, tuple[Start, ...]]]:
        match run.unit:
            case Op() as op:
                if odd := self._odd(starts(op, run.shape)):
                    yield (), odd
            case Group(inner) if self.classes.of(inner).form == "chain":
                yield from self._below(inner)
            case _:
                pass

    def _odd(self, own: Sequence[Start]) -> tuple[Start, ...]:
        """What is to be done to one operator after the loop over all."""
        odd = [start for start in own if start.call != self.rules[start.kind]]
        again = [start for start in odd if start.call is None][:1]
        if again:
            # Torch's own start is that of the whole module; the others come after it.
            odd = [*again, *(start for start in own if start.call is not None)]
        return tuple(odd)

    # --- text ------------------------------------------------------------------------------------

    def methods(self) -> list[Method]:
        """The method that the constructor calls, if any, and `reset_parameters`; they may be one.

        None for a network without tensors.
        """
        declared = [*self._loop(), *self._owned()]
        if not self.by_themselves:
            return [Method("reset_parameters", True, declared)] if declared else []
        indent = 2 * INDENT
        again = [
            f'{" " * indent}"""Starts all parameters and buffers again, as after `to_empty`."""',
            f"{' ' * indent}for module in self.modules():",
            *_if_isinstance("if", self.by_themselves, indent + INDENT),
            f"{' ' * (indent + 2 * INDENT)}module.reset_parameters()",
        ]
        if not declared:
            return [Method("reset_parameters", False, again)]
        again.append(f"{' ' * indent}self.{INITIALIZE}()")
        return [Method(INITIALIZE, True, declared), Method("reset_parameters", False, again)]

    def _loop(self) -> list[str]:
        bodies: dict[tuple[str, ...], list[str]] = {}
        for callee in dict.fromkeys(callee for callee, _ in self.rules):
            text: list[str] = []
            for (other, tensor), call in self.rules.items():
                if other == callee and call is not None:
                    text += self._statement(callee, tensor, call)
            if text:
                bodies.setdefault(tuple(text), []).append(callee)
        if not bodies:
            return []
        made = [f"{' ' * 8}for module in self.modules():"]
        word = "if"
        for statements, callees in bodies.items():
            made += _if_isinstance(word, callees, 12)
            made += statements
            word = "elif"
        return made

    def _statement(self, callee: str, tensor: str, call: str) -> list[str]:
        made = list(lines(_parsed(call, f"module.{tensor}"), 16))
        # torch types a convolution's bias as `Tensor | None`.
        is_typed_so = tensor == "bias" and "Conv" in callee
        if not is_typed_so and (callee, tensor) not in self.optional:
            return made
        return [
            f"{' ' * 16}if module.{tensor} is not None:",
            *lines(_parsed(call, f"module.{tensor}"), 20),
        ]

    def _owned(self) -> list[str]:
        made: list[str] = []
        word = "if"
        for emitted in self.classes.in_order:
            if not self.odd.get(id(emitted)):
                continue
            if emitted.form == "network":
                made += self._within("self", emitted, 8)
                continue
            if word == "if":
                made.append(f"{' ' * 8}for module in self.modules():")
            made.append(f"{' ' * 12}{word} isinstance(module, {emitted.name}):")
            made += self._within("module", emitted, 16)
            word = "elif"
        return made

    def _within(self, root: str, emitted: Emitted, indent: int) -> list[str]:
        made: list[str] = []
        for key, items in groupby(
            self.odd[id(emitted)], lambda item: item.optional and item.path[0]
        ):
            margin = indent
            if isinstance(key, str):
                made.append(f"{' ' * indent}if {root}.{key} is not None:")
                margin += INDENT
            for item in items:
                made += self._exception(root, emitted, item, margin)
        return made

    def _exception(self, root: str, emitted: Emitted, item: Odd, indent: int) -> list[str]:
        made: list[str] = []
        where = root
        rest: list[str] = []
        for step in item.path:
            if isinstance(step, str):
                rest.append(step)
                continue
            copy = "inner" if where == "copy" else "copy"
            copies = f"{_submodule(where, rest)}.children()"
            if step.end is not None:
                copies = f"list({copies})[{step.first}:{step.end}]"
            made.append(f"{' ' * indent}for {copy} in {copies}:")
            indent += INDENT
            where, rest = copy, []
        margin = " " * indent
        callee, tensor = item.start.kind
        has_attributes = emitted.form in ("class", "network")
        is_attribute = where == root and has_attributes and len(rest) == 1
        module = f"{where}.{rest[0]}" if is_attribute and names.is_attribute(rest[0]) else None
        if item.start.call is not None:
            # torch types a convolution's bias as `Tensor | None`.
            if module is not None and not (tensor == "bias" and "Conv" in callee):
                target = f"{module}.{tensor}"
            else:
                target = f"{where}.get_parameter({literal('.'.join([*rest, tensor]))})"
            made += lines(_parsed(item.start.call, target), indent)
        elif module is not None:
            made.append(f"{margin}{module}.reset_parameters()")
        else:
            made.append(f"{margin}layer = {_submodule(where, rest) if rest else where}")
            made.append(f"{margin}if isinstance(layer, {callee}):")
            made.append(f"{margin}{' ' * INDENT}layer.reset_parameters()")
        return made


def _optional(item: Odd) -> str | None:
    """The attribute that some instances have as None."""
    key = item.path[0]
    return key if item.optional and isinstance(key, str) else None


def _submodule(where: str, rest: list[str]) -> str:
    return f"{where}.get_submodule({literal('.'.join(rest))})"


def _most(counter: Counter[str | None]) -> str | None:
    """The most frequent start; of equals, one that has a call, so that the loop does most."""
    return max(counter, key=lambda call: (counter[call], call is not None, call or ""))


def _copies(first: int, end: int, count: int) -> str | Several:
    """Some of `count` copies: one by its key."""
    if end - first == 1 and count > 1:
        return str(first)
    return Several(first, None if (first, end) == (0, count) else end)


def _operators(body: Body) -> Iterator[tuple[str, tuple[Start, ...], bool]]:
    """The torch class of each operator with tensors, how they start, and whether these are all."""
    for apply in body.modules():
        for run in apply.runs:
            match run.unit:
                case Op() as op:
                    module = op.module(run.shape)
                    if module is not None:
                        own = starts(op, run.shape)
                        tensors = (*op.tensors(run.shape), *op.buffers(run.shape))
                        yield module.callee, own, len(own) == len(tensors)
                case Group(inner):
                    yield from _operators(inner)
                case Instance():
                    pass


def _if_isinstance(word: str, callees: Sequence[str], indent: int) -> Iterator[str]:
    """`if isinstance(module, nn.Conv2d | nn.Linear):`."""
    margin, inner = " " * indent, " " * (indent + INDENT)
    arguments = f"module, {' | '.join(callees)}"
    if cells(whole := f"{margin}{word} isinstance({arguments}):") <= WIDTH:
        yield whole
        return
    yield f"{margin}{word} isinstance("
    if cells(together := inner + arguments) <= WIDTH:
        yield together
    else:
        yield f"{inner}module,"
        first, *others = callees
        for text in [first, *(f"| {callee}" for callee in others[:-1])]:
            yield inner + text
        yield f"{inner}| {others[-1]},"
    yield f"{margin}):"


def _parsed(call: str, target: str) -> Node:
    """`nn.init.normal_({}, std=0.01)` on `target`, as a tree that can break over lines."""
    callee, _, rest = call.removesuffix(")").partition("(")
    arguments = [part.replace("{}", target) for part in rest.split(", ")]
    return Call(callee, tuple(Text(argument) for argument in arguments))
