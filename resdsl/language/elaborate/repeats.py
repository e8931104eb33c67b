"""A warning of a count that was probably meant for all steps of its line (W1019).

`conv(3, 16) norm act x 2` repeats `act` alone: a count is of the unit before it, as a label and a
`stage` are of the unit behind them.
"""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.design.model import Apply, Step
from resdsl.diagnostics import codes
from resdsl.diagnostics.model import Sink
from resdsl.ops import Op
from resdsl.syntax import tree


def warn_of_count(steps: Sequence[tree.Step], at: int, made: Step | None, sink: Sink) -> None:
    """Tells of the count of `steps[at]`, if what it repeats is hardly meant alone.

    An activation or a norm is not. `made` is what the step has become.
    """
    last = steps[at]
    if not isinstance(last, tree.Apply) or last.count is None or not isinstance(made, Apply):
        return
    copies = sum(run.count for run in made.runs)
    first = _first_of_line(steps, at)
    if first == at or copies < 2 or not isinstance(last.unit, tree.Call):
        return
    begin = steps[first]
    assert isinstance(begin, tree.Apply | tree.Stage)
    is_idle = all(
        isinstance(run.unit, Op) and (run.unit.is_norm or run.unit.is_activation)
        for run in made.runs
    )
    if not is_idle:
        return
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
