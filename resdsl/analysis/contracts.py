"""Contracts: what a network's `expect`s say, against what analysis finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from resdsl.analysis.facts import Facts
from resdsl.analysis.two_meanings import is_taken, tell_two_meanings
from resdsl.design.model import Ref
from resdsl.design.taps import Taps, taps
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.suggest import did_you_mean
from resdsl.extents import Size
from resdsl.language.elaborate.network import Elaborated
from resdsl.language.elaborate.size_conditions import comparisons, speaks_of
from resdsl.language.evaluate.session import Halt
from resdsl.language.values.context import Context
from resdsl.language.values.values import UNKNOWN, Unknown, show
from resdsl.source import Span
from resdsl.syntax import tree

if TYPE_CHECKING:
    from resdsl.analysis.reach import Reaches
    from resdsl.analysis.stages import StageRow

_NUMBERS: dict[str, Callable[[Facts], int | None]] = {
    "params": lambda known: known.cost.params,
    "params_without_norm": lambda known: known.cost.params_without_norm,
    "buffers": lambda known: known.cost.buffers,
    "macs": lambda known: known.cost.macs,
    "activations": lambda known: known.cost.activations,
    "depth": lambda known: known.depth,
    "min_input": lambda known: known.sizes.min_input,
}
# Names and stages that a message lists.
_SHOWN = 20
# What the rows of the stage table can tell of a broken contract.
_BY_STAGE: dict[str, Callable[[StageRow], int | None]] = {
    "params_without_norm": lambda row: row.cost.params_without_norm,
    "params": lambda row: row.cost.params,
    "macs": lambda row: row.cost.macs,
    "activations": lambda row: row.cost.activations,
    "depth": lambda row: row.depth,
}


def verify(elaborated: Elaborated, known: Facts, sink: Sink) -> int | None:
    """Reports every contract that does not hold to the sink; how many there are.

    None if there are some that are not checked: with `--set` or `--input` the network is another.
    """
    if elaborated.overridden:
        return None if any(_stated(elaborated)) else 0
    reader = _Reader(known, elaborated, sink)
    try:
        return _verified(elaborated, reader)
    except Halt:
        return None


def _verified(elaborated: Elaborated, reader: _Reader) -> int:
    count = 0
    for expect, context in elaborated.contracts:
        inside = Context(
            context.frame,
            context.module,
            context.scope,
            context.environment,
            current=context.current,
            facts=reader,
            network=True,
        )
        for comparison in comparisons(expect.condition):
            # A condition on a free extent is no contract: joins were proved for it.
            if speaks_of(comparison, context) is None:
                reader.verify(comparison, inside)
            count += 1
    return count


def _channels_first(left: Any, right: Any) -> list[str]:
    """Where `28x28` is compared with `512x28x28`."""
    if not (isinstance(left, Size) and isinstance(right, Size)):
        return []
    short, long = sorted((left, right), key=len)
    if tuple(long[1:]) != tuple(short):
        return []
    return [f"a shape begins with its channels: {long}"]


def _stated(elaborated: Elaborated) -> Iterator[tree.Expr]:
    """What is no condition on a free extent."""
    for expect, context in elaborated.contracts:
        for comparison in comparisons(expect.condition):
            if speaks_of(comparison, context) is None:
                yield comparison


class _Reader:
    """The names that an `expect` of a network may read."""

    def __init__(self, known: Facts, elaborated: Elaborated, sink: Sink) -> None:
        self.known = known
        self.elaborated = elaborated
        self.sink = sink
        # The names of which it was told that they have two meanings.
        self.told: set[str] = set()
        self.node: tree.Expr | None = None

    # --- what the expressions of the language ask ---

    def knows(self, name: str) -> bool:
        return name in _NUMBERS or name == "output"

    def value(self, node: tree.Name, context: Context) -> Any:
        name, files = node.id, self.elaborated.elaborator.session.files
        if is_taken(name, context, files):
            if name not in self.told:
                tell_two_meanings(node, context, files, self.sink)
            self.told.add(name)
            return UNKNOWN
        value = self._output() if name == "output" else _NUMBERS[name](self.known)
        return self._free(name) if value is None else value

    def is_function(self, name: str) -> bool:
        return name in ("shape", "receptive_field", "total_stride")

    def call(self, node: tree.Call, context: Context) -> Any:
        ref = self._tap(node, context)
        if ref is None:
            return UNKNOWN
        if node.callee.id == "shape":
            size = self.known.view.at(self.known.shapes[ref])
            return self._free(node.span.text) if size is None else size
        reaches = self.known.reach.get(ref)
        return self._reach(node, reaches)

    def _output(self) -> Any:
        if len(self.known.outputs) > 1:
            first = next(iter(self.known.outputs))
            text = "" if self.node is None else self.node.span.text
            said = re.sub(r"\boutput\b", f"shape({first})", text)
            self._error(
                codes.NOT_A_CONTRACT,
                f"the network has {len(self.known.outputs)} outputs",
                "which one?",
                f"write `{said}`, or name another of them",
            )
            return UNKNOWN
        size = self.known.view.at(self.known.output)
        # A vector is its number of features.
        return size[0] if size is not None and len(size) == 1 else size

    def _free(self, what: str) -> Any:
        stride = f"`{what.replace('shape', 'total_stride', 1)}` needs no extents"
        self._error(
            codes.NOT_A_CONTRACT,
            f"`{what}` depends on the free extents of the input",
            "not a number",
            "write numbers in `input` to state a contract on it",
            *([stride] if what.startswith("shape(") else []),
        )
        return UNKNOWN

    def _reach(self, node: tree.Call, reaches: Reaches | None) -> Any:
        field = node.callee.id == "receptive_field"
        values = [reach.field if field else reach.stride for reach in reaches or ()]
        if not values or any(value is None or value.denominator != 1 for value in values):
            self._error(
                codes.NOT_A_CONTRACT,
                f"`{node.span.text}` is no number: a global pool or an upsampling lies on the way",
                "no number",
            )
            return UNKNOWN
        numbers = [int(value) for value in values if value is not None]
        return numbers[0] if len(set(numbers)) == 1 else Size(numbers)

    @cached_property
    def _taps(self) -> Taps:
        network = self.elaborated.network
        outputs = zip(network.outputs, network.root.outputs, strict=False)
        return taps(network.root.body) | {name: [(name, ref)] for name, ref in outputs}

    def _tap(self, node: tree.Call, context: Context) -> Ref | None:
        known = self._taps
        name = self._tap_name(node, context)
        if name is None:
            return None
        found = known.get(name, [])
        if len(found) == 1:
            return found[0][1]
        if len(found) > 1:
            self._error(
                codes.UNKNOWN_NAME,
                f"`{name}` fits {len(found)} tensors",
                "which one?",
                _apart(name, [qualified for qualified, _ in found]),
                span=node.arguments[0].value.span,
            )
            return None
        help = did_you_mean(name, known) if self.sink.helps else None
        listed = _listed((f"`{tap}`" for tap in known), len(known))
        if not listed:
            listed = "none: a step has a name where a label, `stage` or `keep` gives it one"
        self._error(
            codes.UNKNOWN_NAME,
            f"the network has no stage, label or kept tensor `{name}`",
            "unknown tensor",
            help or f"it has {listed}",
            span=node.arguments[0].value.span,
        )
        return None

    def _tap_name(self, node: tree.Call, context: Context) -> str | None:
        argument = node.arguments[0].value if len(node.arguments) == 1 else None
        match argument:
            case tree.Name(id=name) | tree.String(value=name):
                return name
            case tree.Field(value=tree.Name(id=group), name=tree.Name(id=name)):
                return f"{group}.{name}"
            case tree.Index(value=tree.Name(id=name), index=index):
                value = self.elaborated.elaborator.expressions.value(index, context)
                return None if isinstance(value, Unknown) else f"{name}{value}"
        self._error(
            codes.ARGUMENT,
            f"`{node.callee.id}` takes the name of one stage or tensor",
            "not a name",
        )
        return None

    # --- verdicts ---

    def verify(self, node: tree.Expr, context: Context) -> None:
        self.node = node
        evaluate = self.elaborated.elaborator.expressions
        if not isinstance(node, tree.Binary) or node.op not in ("==", "!=", "<", "<=", ">", ">="):
            self._error(codes.NOT_A_CONTRACT, "a contract is a comparison", "not a comparison")
            return
        if evaluate.condition(node, context) is False:
            self._broken(node, context)

    def _broken(self, node: tree.Binary, context: Context) -> None:
        evaluate = self.elaborated.elaborator.expressions
        shown, text = [], []
        sides = [evaluate.value(side, context) for side in (node.left, node.right)]
        for side, found in zip((node.left, node.right), sides, strict=True):
            value = _grouped(found)
            text.append(value)
            if not isinstance(side, tree.Number | tree.SizeLiteral):
                shown.append(f"{side.span.text} is {value}")
        self.sink.error(
            codes.CONTRACT,
            f"`{self.elaborated.network.name}` does not keep its contract {node.span.text}: "
            + (", ".join(shown) or f"{text[0]} and {text[1]}"),
            node.span,
            shown[0] if shown else "this is false",
            help=[*_channels_first(*sides), *self._made_of(node)] if self.sink.helps else (),
        )

    def _made_of(self, node: tree.Expr) -> list[str]:
        """The stages that make up a cost."""
        rows = self.known.stages.rows
        for name, read in _BY_STAGE.items():
            if name in node.span.text:
                parts = (f"{row.name} {_grouped(read(row))}" for row in rows)
                return [f"{name} by stage: {_listed(parts, len(rows))}"]
        return []

    def _error(
        self, code: codes.Code, message: str, label: str, *help: str, span: Span | None = None
    ) -> None:
        if span is None and self.node is not None:
            span = self.node.span
        self.sink.error(code, message, span, label, help=help)


def _apart(name: str, found: Sequence[str]) -> str:
    """What sets apart the tensors that a name fits."""
    if set(found) == {name}:
        apart = f"`keep {name}[i]` in a loop, or another name, sets them apart"
        return f"each is kept as `{name}`: {apart}"
    return f"they are {_listed((f'`{one}`' for one in found), len(found))}"


def _listed(parts: Iterator[str], count: int) -> str:
    """The first of so many parts of a sentence."""
    shown = list(islice(parts, _SHOWN))
    return ", ".join(shown) + (f" and {count - _SHOWN} more" if count > _SHOWN else "")


def _grouped(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return show(value) if not isinstance(value, str) else value
