"""Warnings that the papers teach: networks that run, and are not what their author means.

Each rule is one function over a definition. A definition is looked at once, however often it is
used. A comment on its line silences a warning: `# allow W1003`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from resdsl.analysis.unseen import warn_of_unseen
from resdsl.design import walk
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Network,
    Residual,
    Run,
    Step,
    Unit,
    Use,
    uses,
)
from resdsl.diagnostics import codes
from resdsl.diagnostics.fixes import Fix, replacement
from resdsl.diagnostics.model import Label, Sink
from resdsl.extents import Shape
from resdsl.language import library
from resdsl.ops import Op
from resdsl.ops.base import torch_sizes
from resdsl.ops.convolution import Conv, Convolution, Depthwise
from resdsl.ops.normalisation import BatchNorm, GroupNorm
from resdsl.source import Span

Rule = Callable[["_Advisor", Definition], None]

# Operators of a definition that are looked at: blocks can nest to any number.
_ENOUGH = 100
_RULES: list[Rule] = []


def advise(network: Network, sink: Sink) -> None:
    """Tells what is probably not meant, of every definition of a network."""
    advisor = _Advisor(sink)
    for definition in walk.definitions(network.root):
        if library.is_silent(definition):
            continue
        reports = sink.reports
        for rule in _RULES:
            rule(advisor, definition)
        if sink.reports == reports:
            library.be_silent(definition)
    warn_of_unseen(network, sink)


def _rule(function: Rule) -> Rule:
    _RULES.append(function)
    return function


class _Advisor:
    """What the rules ask of a design."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self._weighted: dict[int, bool] = {}
        # By definition, the first operators of its expansion: each is walked once.
        self._first_ops: dict[int, tuple[Op, ...]] = {}
        self._bodies: dict[int, list[Body]] = {}
        self._runs: dict[int, list[tuple[Apply, Run]]] = {}

    def bodies(self, definition: Definition) -> list[Body]:
        """A definition's body, those of its groups and the mains of its residuals."""
        if id(definition) not in self._bodies:
            self._bodies[id(definition)] = list(_bodies(definition.body))
        return self._bodies[id(definition)]

    def residuals(self, definition: Definition) -> Iterator[Residual]:
        for body in self.bodies(definition):
            yield from (step for step in body.steps if isinstance(step, Residual))

    def runs(self, definition: Definition) -> list[tuple[Apply, Run]]:
        """The modules of all these bodies and their copies, each once."""
        if id(definition) not in self._runs:
            self._runs[id(definition)] = [
                (apply, run)
                for body in self.bodies(definition)
                for step in body.steps
                for apply in walk.modules(step)
                for run in apply.runs
            ]
        return self._runs[id(definition)]

    def has_tensors(self, body: Body) -> bool:
        """Whether something in a body is learned."""
        if id(body) not in self._weighted:
            self._weighted[id(body)] = any(
                self._learns(run.unit, run.shape) for apply in body.modules() for run in apply.runs
            )
        return self._weighted[id(body)]

    def _learns(self, unit: Unit, shape: Shape) -> bool:
        match unit:
            case Op():
                return bool(unit.tensors(shape))
            case Instance(definition):
                return self.has_tensors(definition.body)
            case Group(body):
                return self.has_tensors(body)

    def operators(self, unit: Unit) -> tuple[Op, ...]:
        """The first operators that a unit consists of, in order."""
        match unit:
            case Op():
                return (unit,)
            case Instance(definition):
                if id(definition) not in self._first_ops:
                    self._first_ops[id(definition)] = self._of_body(definition.body)
                return self._first_ops[id(definition)]
            case Group(body):
                return self._of_body(body)

    def _of_body(self, body: Body) -> tuple[Op, ...]:
        units = (run.unit for apply in body.modules() for run in apply.runs)
        return tuple(islice((op for unit in units for op in self.operators(unit)), _ENOUGH))


def _bodies(body: Body) -> Iterator[Body]:
    yield body
    for step in body.steps:
        if isinstance(step, Residual):
            yield from _bodies(step.main)
        for apply in walk.modules(step):
            for inner in walk.bodies(apply):
                yield from _bodies(inner)


def _first(body: Body) -> Op | None:
    """The operator that a body's input enters, if it is one."""
    for step in body.steps:
        match step:
            case Keep():
                continue
            case Apply() if step.runs:
                return _edge(step, _first)
        return None
    return None


def _last(body: Body) -> Op | None:
    """The operator that makes a body's result, if it is one."""
    step = body.steps[-1] if body.steps else None
    return _edge(step, _last) if isinstance(step, Apply) and step.runs else None


def _edge(apply: Apply, inside: Callable[[Body], Op | None]) -> Op | None:
    unit = apply.runs[-1 if inside is _last else 0].unit
    match unit:
        case Op():
            return unit
        case Instance(definition):
            return inside(definition.body)
        case Group(body):
            return inside(body)


# --- the rules -----------------------------------------------------------------------------------


@_rule
def _bias_before_norm(advisor: _Advisor, definition: Definition) -> None:
    """A batch norm subtracts the mean, and whatever was added to it."""
    for body in advisor.bodies(definition):
        read = Counter(ref for step in body.steps for ref in _read(step))
        for one, two in zip(body.steps, body.steps[1:], strict=False):
            if not (isinstance(one, Apply) and isinstance(two, Apply) and one.runs and two.runs):
                continue
            op, norm = one.runs[-1].unit, two.runs[0].unit
            biased = isinstance(op, Conv | Depthwise) and op.bias is not False
            alone = read[one.output] == 1 and one.output != body.output
            if biased and isinstance(norm, BatchNorm) and alone:
                advisor.sink.warning(
                    codes.USELESS_BIAS,
                    f"the bias of this `{one.word}` does nothing: the batch norm behind it "
                    "subtracts it with the mean",
                    one.span,
                    "has a bias",
                    others=[Label(two.span, "subtracts the mean")] if two.span else (),
                    help=["leave the bias out"],
                    fix=_without_bias(one),
                )


def _without_bias(apply: Apply) -> Fix | None:
    text = "" if apply.span is None or "#" in apply.span.text else apply.span.text
    found = re.search(r",\s*bias\s*=\s*true\b|\bbias\s*=\s*true\s*,\s*", text)
    if not found or apply.span is None:
        return None
    start = apply.span.start
    bias = Span(apply.span.source, start + found.start(), start + found.end())
    # The block may also be used where no batch norm follows.
    return replacement(bias, "", is_safe=False)


def _read(step: Step) -> Iterator[int]:
    yield from (apply.input for apply in walk.modules(step))
    match step:
        case Residual():
            yield step.input
        case Fork() | Join():
            yield from uses(step.join)


@_rule
def _main_without_sign(advisor: _Advisor, definition: Definition) -> None:
    """He et al. 2016, section 4.1: such a sum can only grow, from unit to unit."""
    for residual in advisor.residuals(definition):
        last = _last(residual.main)
        if last is not None and last.is_non_negative and residual.adds:
            span = residual.main.steps[-1].span
            advisor.sink.warning(
                codes.ONLY_GROWS,
                f"main ends with `{last.name}`, so this residual can only add: it never subtracts",
                span or residual.span,
                "never negative",
                help=["put the activation behind the sum, or before the layers"],
            )


@_rule
def _main_without_weights(advisor: _Advisor, definition: Definition) -> None:
    for residual in advisor.residuals(definition):
        if residual.adds and not advisor.has_tensors(residual.main):
            advisor.sink.warning(
                codes.NOTHING_LEARNED,
                "the main of this residual has nothing to learn",
                residual.span,
                "no layer with weights",
            )


@_rule
def _projection_of_raw_input(advisor: _Advisor, definition: Definition) -> None:
    """He et al. 2016, section 3: where units begin with norm and activation, a projection is fed
    what these make, and is not normalised itself."""
    for residual in advisor.residuals(definition):
        first, shortcut = _first(residual.main), residual.shortcut
        if first is None or shortcut is None or not (first.is_norm or first.is_activation):
            continue
        ops = [op for run in shortcut.runs for op in advisor.operators(run.unit)]
        at = next((i for i, op in enumerate(ops) if isinstance(op, Convolution)), None)
        if at is None:
            continue
        normed = any(op.is_norm for op in ops[at:])
        raw = _reads_its_input(shortcut) and not any(
            op.is_norm or op.is_activation for op in ops[:at]
        )
        if normed or raw:
            what = "normalises its result" if normed else "reads the raw input"
            advisor.sink.warning(
                codes.RAW_PROJECTION,
                f"main is pre-activated, but the projection {what}",
                shortcut.span,
                what,
                help=["`keep pre` behind norm and activation, `via { join pre conv(1, …) }`"],
            )


def _reads_its_input(shortcut: Apply) -> bool:
    """Whether an operator or join of it does: it may begin with `join pre`, a tensor of main's."""
    match shortcut.runs[0].unit:
        case Instance(definition):
            body = definition.body
        case Group(body):
            pass
        case _:
            return True
    return _enters(body, body.input)


def _enters(body: Body, ref: int) -> bool:
    """Whether an operator, a block or a join in a body and its groups reads a value."""
    for step in body.steps:
        # `join a` makes nothing.
        is_join = isinstance(step, Fork | Join) and not isinstance(step.join, Use)
        if is_join and ref in uses(step.join):  # type: ignore[union-attr]
            return True
        if isinstance(step, Residual) and (_enters(step.main, ref) or step.skip == ref):
            return True
        for apply in walk.modules(step):
            groups = list(walk.bodies(apply))
            if any(_enters(group, ref) for group in groups):
                return True
            if apply.input == ref and not groups and apply.runs:
                return True
    return False


@_rule
def _norm_of_one_value(advisor: _Advisor, definition: Definition) -> None:
    """Behind a global pool each sample has one value a channel: its variance is the batch's."""
    for apply, run in advisor.runs(definition):
        op, shape = run.unit, definition.shapes[run.input]
        if not isinstance(op, BatchNorm | GroupNorm):
            continue
        is_one = all(e.is_constant and e.offset == 1 for e in shape.extents)
        if isinstance(op, GroupNorm):
            count = shape.features if shape.flat else shape.channels
            if is_one and count == op.groups:
                advisor.sink.warning(
                    codes.ONE_VALUE,
                    f"each group of this `{apply.word}` has one value: the result is always its "
                    "bias, and torch refuses a batch of one",
                    apply.span,
                    f"{int(op.groups)} values come in, {int(op.groups)} groups",
                    help=["fewer groups"],
                )
        elif shape.rank and is_one:
            advisor.sink.warning(
                codes.ONE_VALUE,
                f"this `{apply.word}` sees one value of each channel and sample: torch refuses to "
                "train it with a batch of one",
                apply.span,
                "a map of one element comes in",
                help=["`layernorm` or `groupnorm` do not depend on the batch"],
            )


@_rule
def _window_in_padding(advisor: _Advisor, definition: Definition) -> None:
    """With a padding as wide as the window the first results are those of zeros."""
    for apply, run in advisor.runs(definition):
        op, rank = run.unit, definition.shapes[run.input].rank
        if not isinstance(op, Convolution) or op.padding in ("auto", 0):  # type: ignore[attr-defined]
            continue
        windows, (_, _, paddings, _) = op.field(rank), op.geometry(rank)
        if any(p >= k for k, p in zip(windows, paddings, strict=True)):
            auto = torch_sizes(replace(op, padding="auto").geometry(rank)[2])  # type: ignore[call-arg]
            text = "x".join(map(str, auto)) if isinstance(auto, tuple) else str(auto)
            advisor.sink.warning(
                codes.IN_PADDING,
                f"the first windows of this `{apply.word}` lie in the padding alone",
                apply.span,
                "the padding is as wide as the window",
                help=[f'`padding="auto"` is {text} here'],
            )
