"""How the emitted file initialises itself: a loop over kinds of modules, then the exceptions.

A kind of tensor (`nn.Conv2d.weight`) starts as most of its tensors do, in a loop over all modules
as torchvision writes it. Nothing is written for what torch does by itself. What starts otherwise,
as a gate's bias or the scale of a block's last norm, follows by class.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from resdsl.design.model import Body, Group, Instance
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.ops.base import Tensor
from resdsl.targets import names
from resdsl.targets.classes import Classes, Emitted
from resdsl.targets.layout import INDENT, Call, Node, Text, lines, literal
from resdsl.targets.walk import occurrences

# (torch class, tensor): `("nn.Conv2d", "weight")`.
Kind = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Start:
    """A tensor of an operator: its kind, and the torch call that starts it, or None."""

    kind: Kind
    call: str | None
    has_bias: bool


@dataclass(frozen=True, slots=True)
class Odd:
    """A tensor below a class that starts otherwise: the path to its module from there.

    A `*` in the path stands for all the copies of a repetition.
    """

    path: tuple[str, ...]
    start: Start


def starts(op: Op, shape: Shape) -> tuple[Start, ...]:
    module = op.module(shape)
    if module is None or module.helper is not None:
        # A class of our own starts its tensors itself.
        return ()
    tensors = op.tensors(shape)
    has_bias = any(tensor.name == "bias" for tensor in tensors)
    return tuple(
        Start((module.callee, tensor.name), _call(op, tensor), has_bias) for tensor in tensors
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
        biased: dict[str, set[bool]] = {}
        for definition in classes.definitions:
            for start in _all_starts(definition.body):
                counter = counts.setdefault(start.kind, Counter())
                counter[start.call] += times[id(definition)]
                biased.setdefault(start.kind[0], set()).add(start.has_bias)
        self.rules = {kind: _most(counter) for kind, counter in counts.items()}
        self.optional_bias = {callee for callee, has in biased.items() if False in has}
        for emitted in classes.in_order:
            if emitted.form != "chain":
                self.odd[id(emitted)] = list(self._exceptions(emitted))
                if self.odd[id(emitted)] and emitted.form == "function":
                    classes.give_class(emitted)

    def _exceptions(self, emitted: Emitted) -> Iterator[Odd]:
        """The tensors of a class, and of the chains in it, that do not follow the rules."""
        found: dict[Odd, None] = {}
        for program in emitted.programs:
            for path, own in self._below(program.body, ()):
                odd = [start for start in own if start.call != self.rules[start.kind]]
                again = [start for start in odd if start.call is None][:1]
                if again:
                    # Torch's own start is that of the whole module; the others come after it.
                    odd = [*again, *(start for start in own if start.call is not None)]
                found.update(dict.fromkeys(Odd(path, start) for start in odd))
        yield from found

    def _below(
        self, body: Body, path: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, ...], tuple[Start, ...]]]:
        for apply in body.modules():
            for run in apply.runs:
                here = (*path, apply.key, "*") if apply.repeated else (*path, apply.key)
                match run.unit:
                    case Op() as op:
                        yield here, starts(op, run.shape)
                    case Group(inner) if self.classes.of(inner).form == "chain":
                        yield from self._below(inner, here)
                    case _:
                        pass

    # --- text ------------------------------------------------------------------------------------

    def text(self) -> list[str]:
        """The method `reset_parameters`, or nothing where torch's own starts are right."""
        body = [*self._loop(), *self._owned()]
        if not body:
            return []
        return [f"{' ' * INDENT}def reset_parameters(self) -> None:", *body]

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
            made.append(f"{' ' * 12}{word} isinstance(module, {' | '.join(callees)}):")
            made += statements
            word = "elif"
        return made

    def _statement(self, callee: str, tensor: str, call: str) -> list[str]:
        made = list(lines(_parsed(call, f"module.{tensor}"), 16))
        may_be_none = tensor == "bias" and ("Conv" in callee or callee in self.optional_bias)
        if not may_be_none:
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
        for item in self.odd[id(emitted)]:
            made += self._exception(root, emitted, item, indent)
        return made

    def _exception(self, root: str, emitted: Emitted, item: Odd, indent: int) -> list[str]:
        made: list[str] = []
        where = root
        rest: list[str] = []
        for step in item.path:
            if step != "*":
                rest.append(step)
                continue
            copy = "inner" if where == "copy" else "copy"
            made.append(f"{' ' * indent}for {copy} in {_submodule(where, rest)}.children():")
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


def _submodule(where: str, rest: list[str]) -> str:
    return f"{where}.get_submodule({literal('.'.join(rest))})"


def _most(counter: Counter[str | None]) -> str | None:
    """The most frequent start; of equals, one that has a call, so that the loop does most."""
    return max(counter, key=lambda call: (counter[call], call is not None, call or ""))


def _all_starts(body: Body) -> Iterator[Start]:
    for apply in body.modules():
        for run in apply.runs:
            match run.unit:
                case Op() as op:
                    yield from starts(op, run.shape)
                case Group(inner):
                    yield from _all_starts(inner)
                case Instance():
                    pass


def _parsed(call: str, target: str) -> Node:
    """`nn.init.normal_({}, std=0.01)` on `target`, as a tree that can break over lines."""
    callee, _, rest = call.removesuffix(")").partition("(")
    arguments = [part.replace("{}", target) for part in rest.split(", ")]
    return Call(callee, tuple(Text(argument) for argument in arguments))
