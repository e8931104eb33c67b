"""Warnings of repetitions that were probably meant otherwise.

`conv(3, 16) norm act x 2` repeats `act` alone (W1019): a count is of the unit before it, as a label
and a `stage` are of the unit behind them. `basic(128, stride=2) x 2` strides in each copy (W1020).
"""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.design.model import Apply, Instance, Residual, Unit
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Sink
from resdsl.ops import Op
from resdsl.syntax import tree


def warn_of_count(steps: Sequence[tree.Step], at: int, made: Apply, sink: Sink) -> None:
    """Tells of the count of `steps[at]`, if what it repeats is hardly meant alone.

    An activation or a norm is not. `made` is what the step has become.
    """
    last = steps[at]
    if not isinstance(last, tree.Apply) or last.count is None:
        return
    copies = sum(run.count for run in made.runs)
    is_idle = all(
        isinstance(run.unit, Op) and (run.unit.is_norm or run.unit.is_activation)
        for run in made.runs
    )
    if not is_idle or copies < 2 or not isinstance(last.unit, tree.Call):
        return
    first = _first_of_line(steps, at)
    if first == at:
        return
    begin = steps[first]
    assert isinstance(begin, tree.Apply | tree.Stage)
    unit = last.unit.span.text
    sink.warning(
        codes.COUNT_OF_LAST,
        f"the count repeats `{unit}` alone, not the steps before it",
        last.span,
        f"`{unit}` {copies} times",
        help=[_in_braces(begin, last, last.count)],
    )


def _in_braces(first: tree.Apply | tree.Stage, last: tree.Apply, count: tree.Expr) -> str:
    if isinstance(first, tree.Stage) and first.stride is not None:
        return "make a block of these steps, with a parameter `stride`, and repeat that"
    text = last.span.source.text
    label = text[first.span.start : first.unit.span.start]
    inside = text[first.unit.span.start : last.unit.span.stop]
    written = f"{label}{{ {inside} }} x {count.span.text}"
    return f"braces make one unit of several steps: `{written}`"


def _first_of_line(steps: Sequence[tree.Step], at: int) -> int:
    """From where on the steps up to one stand on its line, with no count or braces among them."""
    while at:
        before = steps[at - 1]
        if not isinstance(before, tree.Apply | tree.Stage) or before.count is not None:
            break
        text = before.span.source.text
        between = text[before.span.start : steps[at].span.start]
        if not isinstance(before.unit, tree.Call) or "\n" in between:
            break
        at -= 1
        if isinstance(before, tree.Stage) or before.label is not None:
            break
    return at


def warn_of_stride(step: tree.Apply | tree.Stage, made: Apply, sink: Sink) -> None:
    """Tells of a stride at the call of a unit that is repeated, if more than one copy has it.

    In a stage, which has a place for the stride of its first copy, or of blocks with residuals:
    layers in a row may stride. `made` is what the step has become.
    """
    call = step.unit
    if not isinstance(call, tree.Call):
        return
    place = _place_of_stride(call, made.runs[0].unit) if made.runs else None
    copies = sum(run.count for run in made.runs if _stride(run.unit) != 1)
    is_stage = isinstance(step, tree.Stage)
    if place is None or copies < 2 or not (is_stage or _has_residual(made.runs[0].unit)):
        return
    argument = call.arguments[place]
    stride = argument.value.span.text
    if isinstance(step, tree.Stage):
        others = [one.span.text for one in call.arguments if one is not argument]
        unit = f"{call.callee.id}({', '.join(others)})" if others else call.callee.id
        assert step.count is not None
        right = f"stage {step.label.span.text} /{stride}: {unit} x {step.count.span.text}"
    else:
        right = f"stride=where(index == 0, {stride}, 1)"
    sink.warning(
        codes.STRIDE_OF_ALL,
        f"{copies:,} copies of `{call.callee.id}` have a stride of {stride} each",
        argument.span,
        "in every copy",
        help=[f"for the first alone write `{right}`"],
    )


def _stride(unit: Unit) -> object:
    arguments = unit.definition.arguments if isinstance(unit, Instance) else {}
    return getattr(unit, "stride", 1) if isinstance(unit, Op) else arguments.get("stride", 1)


def _place_of_stride(call: tree.Call, unit: Unit) -> int | None:
    """Where among its arguments a call gives the stride."""
    names: list[str] = []
    if isinstance(unit, Op):
        names = [parameter.name for parameter in unit.parameters()]
    elif isinstance(unit, Instance):
        names = [parameter.name for parameter in unit.definition.parameters]
    for place, argument in enumerate(call.arguments):
        name = argument.name.id if argument.name else names[place : place + 1]
        if name in ("stride", ["stride"]):
            return place
    return None


def _has_residual(unit: Unit) -> bool:
    steps = unit.definition.body.steps if isinstance(unit, Instance) else ()
    return any(isinstance(step, Residual) for step in steps)
