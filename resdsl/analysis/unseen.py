"""A warning of whole networks: a part of the input is never looked at."""

from __future__ import annotations

from math import gcd

from resdsl.analysis import coverage
from resdsl.design import walk
from resdsl.design.dataflow import read_by
from resdsl.design.liveness import Liveness
from resdsl.design.model import Apply, Keep, Step
from resdsl.design.network import Network
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Sink
from resdsl.ops import Op


def warn_of_unseen(network: Network, liveness: Liveness, sink: Sink) -> None:
    """Tells of elements of the input that enter no window on the way to the output."""
    root, names = network.root, network.input.names
    rank = len(names)
    operators = (op for part in liveness.definitions for op in walk.operators(part.body))
    if not any(_has_gaps(op, rank) for op in operators):
        return
    at = coverage.Windows().values(root, (coverage.start(rank),))
    # What one output sees is seen.
    found = min((at[ref] for ref in root.outputs), key=lambda seen: sum(s.missing for s in seen))
    known = network.input.extents
    # A dimension of extent 1 has nothing to step over.
    first = next(
        (i for i, seen in enumerate(found) if seen.missing and (known[i] or seen.step) > 1), None
    )
    if first is None:
        return
    seen = found[first]
    lost = [
        step
        for step in root.body.steps
        if not isinstance(step, Keep)
        and liveness.counts(step)
        and at[step.output][first].missing
        # What it is fed and does not read may be missing itself, in a text with mistakes.
        and not any(at[ref][first].missing for ref in read_by(step, liveness))
    ]
    where = lost[-1].span if lost else network.span
    orders = [one.span for one in sink.diagnostics if one.code is codes.ORDER and one.span]
    if where is not None and any(where.holds(order) for order in orders):
        return  # that is why
    along = " and ".join(name for name, other in zip(names, found, strict=True) if other == seen)
    sink.warning(
        codes.UNSEEN,
        f"{seen.missing} of every {seen.step} elements of the input along {along} enter no window "
        "that leads to the output",
        where,
        "steps over them",
        help=[_help(lost[-1] if lost else None)],
    )


def _has_gaps(op: Op, rank: int) -> bool:
    """Whether its windows leave out elements of what it is fed."""
    if rank not in op.ranks:
        return False
    steps = op.sampling(rank)
    if steps is None or all(step[0] == 1 for step in steps):
        return False
    around = op.windows(rank)
    if around is None:
        return False
    return any(
        min(len(windows), step[0] // gcd(windows.step, step[0])) < step[0]
        for windows, step in zip(around, steps, strict=True)
    )


def _help(step: Step | None) -> str:
    """What would see all of them."""
    if isinstance(step, Apply) and step.runs and isinstance(op := step.unit, Op) and op.window:
        k, stride, _, dilation = op.window.geometry(step.runs[0].shape.rank)
        if any(s > 1 and d > 1 and n >= s for n, s, d in zip(k, stride, dilation, strict=True)):
            return "a dilated window that steps leaves gaps: without the dilation, or the stride"
    return "a stride wider than its window leaves gaps: a wider window, or a smaller stride"
