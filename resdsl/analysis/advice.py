"""Warnings that the papers teach: networks that run, and are not what their author means.

Each rule is one function over a definition. A definition is looked at once, however often it is
used. A comment on its line silences a warning: `# allow W1003`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from resdsl.analysis.advisor import Advisor, Place
from resdsl.analysis.bare_drops import warn_of_bare_drops
from resdsl.analysis.idle_starts import start_of_nothing, warn_of_idle_starts
from resdsl.analysis.unread import warn_of_unread
from resdsl.analysis.unseen import warn_of_unseen
from resdsl.analysis.windows import warn_of_windows
from resdsl.design import dataflow, walk
from resdsl.design.join_expressions import Use, uses
from resdsl.design.liveness import Liveness
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Residual,
    Run,
    Step,
    Unit,
)
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.diagnostics.fixes import Fix, replacement
from resdsl.extents.size import size_text
from resdsl.language.elaborate import library
from resdsl.language.elaborate.network import Elaborated
from resdsl.ops import Op
from resdsl.source import Span

Rule = Callable[[Advisor, Definition], None]


def advise(elaborated: Elaborated, liveness: Liveness, sink: Sink) -> None:
    """Tells what is probably not meant, of every definition of a network."""
    network = elaborated.network
    advisor = Advisor(network, liveness, sink, elaborated.elaborator.instances.calls_of)
    for definition in liveness.definitions:
        if library.is_silent(definition):
            continue
        reports = sink.reports
        for rule in _RULES:
            rule(advisor, definition)
        if sink.reports == reports:
            library.be_silent(definition)
    warn_of_idle_starts(advisor, elaborated)
    warn_of_bare_drops(advisor)
    advisor.finish()
    warn_of_unseen(network, liveness, sink)


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


def _bias_before_norm(advisor: Advisor, definition: Definition) -> None:
    """A batch norm subtracts the mean, and whatever was added to it."""
    for body in advisor.bodies(definition):
        read = Counter(ref for step in body.steps for ref in _read(advisor, step))
        for one, two in zip(body.steps, body.steps[1:], strict=False):
            if not (isinstance(one, Apply) and isinstance(two, Apply) and one.runs and two.runs):
                continue
            alone = read[one.output] == 1 and one.output != body.output
            alone = alone and advisor.liveness.is_read(two)
            if alone and _is_over_batch(two.runs[0]) and _is_convolution_with_bias(one.runs[-1]):
                advisor.tell(
                    codes.USELESS_BIAS,
                    f"the bias of this `{one.word}` does nothing: the batch norm behind it "
                    "subtracts it with the mean",
                    Place(definition, one.span, one.runs[-1]),
                    "has a bias",
                    of=("bias",),
                    at_set=(
                        "this `set` gives a bias to convolutions before a batch norm, which "
                        "subtracts it with the mean",
                        "gives the bias",
                    ),
                    others=[Label(two.span, "subtracts the mean")] if two.span else (),
                    help=["leave the bias out"],
                    fix=_without_bias(one),
                )


def _is_over_batch(run: Run) -> bool:
    statistics = run.unit.statistics(run.shape) if isinstance(run.unit, Op) else None
    return statistics is not None and statistics.over_batch


def _is_convolution(unit: Unit) -> bool:
    if not isinstance(unit, Op) or unit.window is None:
        return False
    return unit.window.kind == "convolution"


def _is_convolution_with_bias(run: Run) -> bool:
    if not isinstance(run.unit, Op) or not _is_convolution(run.unit):
        return False
    return any(tensor.name == "bias" for tensor in run.unit.tensors(run.shape))


def _without_bias(apply: Apply) -> Fix | None:
    text = "" if apply.span is None or "#" in apply.span.text else apply.span.text
    found = re.search(r",\s*bias\s*=\s*true\b|\bbias\s*=\s*true\s*,\s*", text)
    if not found or apply.span is None:
        return None
    start = apply.span.start
    bias = Span(apply.span.source, start + found.start(), start + found.end())
    # The block may also be used where no batch norm follows.
    return replacement(bias, "", is_safe=False)


def _read(advisor: Advisor, step: Step) -> Iterator[int]:
    is_read = advisor.liveness.is_read
    yield from (apply.input for apply in walk.modules(step) if is_read(apply))
    match step:
        case Residual():
            yield step.input
        case Fork() | Join() if is_read(step):
            yield from uses(step.join)


def _main_without_sign(advisor: Advisor, definition: Definition) -> None:
    """He et al. 2016, section 4.1: such a sum can only grow, from unit to unit."""
    for residual in advisor.residuals(definition):
        last = _last(residual.main)
        if last is not None and last.is_non_negative and residual.adds:
            span = residual.main.steps[-1].span
            advisor.tell(
                codes.ONLY_GROWS,
                f"main ends with `{last.name}`, so this residual can only add: it never subtracts",
                Place(definition, span or residual.span),
                "never negative",
                help=["put the activation behind the sum, or before the layers"],
            )


def _main_without_weights(advisor: Advisor, definition: Definition) -> None:
    for residual in advisor.residuals(definition):
        if residual.adds and not advisor.has_tensors(residual.main):
            advisor.tell(
                codes.NOTHING_LEARNED,
                "the main of this residual has nothing to learn",
                Place(definition, residual.span),
                "no layer with weights",
            )


def _projection_of_raw_input(advisor: Advisor, definition: Definition) -> None:
    """He et al. 2016, section 3: where units begin with norm and activation, a projection is fed
    what these make, and is not normalised itself."""
    for residual in advisor.residuals(definition):
        first, shortcut = _first(residual.main), residual.shortcut
        if first is None or shortcut is None or not (first.is_norm or first.is_activation):
            continue
        ops = [op for run in shortcut.runs for op in advisor.operators(run.unit)]
        at = next((i for i, op in enumerate(ops) if _is_convolution(op)), None)
        if at is None:
            continue
        normed = any(op.is_norm for op in ops[at:])
        raw = _reads_its_input(shortcut) and not any(
            op.is_norm or op.is_activation for op in ops[:at]
        )
        if normed or raw:
            what = "normalises its result" if normed else "reads the raw input"
            advisor.tell(
                codes.RAW_PROJECTION,
                f"main is pre-activated, but the projection {what}",
                Place(definition, shortcut.span),
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
    for step in dataflow.steps(body):
        # `join a` makes nothing.
        is_alias = isinstance(step, Fork | Join) and isinstance(step.join, Use)
        if not is_alias and ref in dataflow.operands(step):
            return True
        for apply in walk.modules(step):
            groups = list(walk.bodies(apply))
            if any(_enters(group, ref) for group in groups):
                return True
            if apply.input == ref and not groups and apply.runs:
                return True
    return False


def _norm_of_one_value(advisor: Advisor, definition: Definition) -> None:
    """Behind a global pool each sample has one value a channel: its variance is the batch's."""
    for apply, run in advisor.runs(definition):
        shape = definition.shapes[run.input]
        statistics = run.unit.statistics(shape) if isinstance(run.unit, Op) else None
        if statistics is None or not statistics.over_positions:
            continue
        if shape.features != statistics.groups:
            continue
        if not statistics.over_batch:
            advisor.tell(
                codes.ONE_VALUE,
                f"each group of this `{apply.word}` has one value: the result is always its "
                "bias, and torch refuses a batch of one",
                Place(definition, apply.span),
                f"{int(statistics.groups)} values come in, {int(statistics.groups)} groups",
                help=["fewer groups"],
            )
        elif shape.rank:
            advisor.tell(
                codes.ONE_VALUE,
                f"this `{apply.word}` sees one value of each channel and sample: torch refuses to "
                "train it with a batch of one",
                Place(definition, apply.span),
                "a map of one element comes in",
                help=["`layernorm` or `groupnorm` do not depend on the batch"],
            )


def _window_in_padding(advisor: Advisor, definition: Definition) -> None:
    """With a padding as wide as the window the first results are those of zeros."""
    for apply, run in advisor.runs(definition):
        rank = definition.shapes[run.input].rank
        window = run.unit.window if isinstance(run.unit, Op) else None
        if window is None or window.kind != "convolution" or window.padding in ("auto", "same", 0):
            continue
        _, _, paddings, _ = window.geometry(rank)
        if any(p >= n for n, p in zip(window.effective(rank), paddings, strict=True)):
            auto = size_text(replace(window, padding="auto").geometry(rank)[2])
            advisor.tell(
                codes.IN_PADDING,
                f"the first windows of this `{apply.word}` lie in the padding alone",
                Place(definition, apply.span, run),
                "the padding is as wide as the window",
                of=("padding",),
                at_set=(
                    "with the padding of this `set`, the first windows of some convolutions lie in "
                    "the padding alone",
                    "gives the padding",
                ),
                help=[f'`padding="auto"` is {auto} here'],
            )


_RULES: tuple[Rule, ...] = (
    warn_of_unread,
    _bias_before_norm,
    _main_without_sign,
    _main_without_weights,
    _projection_of_raw_input,
    _norm_of_one_value,
    _window_in_padding,
    warn_of_windows,
    start_of_nothing,
)
