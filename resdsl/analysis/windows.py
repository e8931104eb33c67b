"""Warnings of windows that `padding="auto"` gives another padding than they need.

It pads both sides alike, so that an even window at stride 1 makes a map one smaller; and a pool
that is meant to leave one value of each channel, as torch's without padding does, leaves a map.
"""

from __future__ import annotations

from functools import cached_property
from operator import lt

from resdsl.analysis.advisor import Advisor, Place
from resdsl.analysis.shapes import view
from resdsl.design.dataflow import operands, steps
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Ref,
    Residual,
    Run,
    Step,
)
from resdsl.design.walk import modules
from resdsl.diagnostics import codes
from resdsl.extents import Shape
from resdsl.extents.size import size_text
from resdsl.ops import Op
from resdsl.ops.base import Window

# What gives the window of a step, in an operator's call or that of a block of std.
_WINDOW = ("k", "five_k", "stride", "padding", "dilation")


def warn_of_windows(advisor: Advisor, definition: Definition) -> None:
    """Tells of the windows of a definition that "auto" pads as they are hardly meant."""
    pads = _Pads(advisor, definition)
    for apply, run in advisor.runs(definition):
        op, shape = run.unit, definition.shapes[run.input]
        if not isinstance(op, Op) or (window := op.window) is None or window.padding != "auto":
            continue
        if advisor.is_told(codes.ORDER, Place(definition, apply.span, run)):
            # It is no window.
            continue
        if window.is_pool and _is_meant_as_global(advisor, definition, apply, window, shape):
            _tell_wide(advisor, definition, apply, run, op, window)
            continue
        less = [_shrinks(*one) for one in zip(*window.geometry(shape.rank), strict=True)]
        if any(less) and any(map(lt, pads.around(run), less)):
            _tell_even(advisor, definition, apply, run, window, shape)


# --- even windows --------------------------------------------------------------------------------


class _Pads:
    """What is added to maps before and behind the steps of a definition."""

    def __init__(self, advisor: Advisor, definition: Definition) -> None:
        self.advisor = advisor
        self.definition = definition

    @cached_property
    def made(self) -> dict[Ref, Run]:
        return {run.output: run for _, run in self.advisor.runs(self.definition)}

    @cached_property
    def taken(self) -> dict[Ref, Run]:
        return {run.input: run for _, run in self.advisor.runs(self.definition)}

    def around(self, run: Run) -> tuple[int, ...]:
        """Per dimension, by pads next to a step: they add what is missing, or what is meant."""
        rank = run.shape.rank
        both = zip(self._before(run.input, rank), self._behind(run.output, rank), strict=True)
        return tuple(map(sum, both))

    def _before(self, ref: Ref, rank: int) -> tuple[int, ...]:
        seen: set[Ref] = set()
        while ref in self.made and ref not in seen:
            seen.add(ref)
            run = self.made[ref]
            match run.unit:
                case Op() as op if (added := op.added(rank)) is not None:
                    return added
                case Op() as op if _keeps_positions(op, rank):
                    ref = run.input
                case Instance(definition=inner):
                    return _Pads(self.advisor, inner)._before(inner.body.output, rank)
                case Group(body):
                    # One that is idle hands on what it is given.
                    ref = run.input if body.output == body.input else body.output
                case _:
                    break
        return (0,) * rank

    def _behind(self, ref: Ref, rank: int) -> tuple[int, ...]:
        while ref in self.taken:
            run = self.taken[ref]
            match run.unit:
                case Op() as op if (added := op.added(rank)) is not None:
                    return added
                case Op() as op if _keeps_positions(op, rank):
                    ref = run.output
                case _:
                    break
        return (0,) * rank


def _keeps_positions(op: Op, rank: int) -> bool:
    """Each result is of the element in its place."""
    return op.sampling(rank) == ((1, 1),) * rank and op.windows(rank) == (range(1),) * rank


def _shrinks(k: int, stride: int, _padding: int, dilation: int) -> bool:
    return bool(stride == 1 and dilation * (k - 1) % 2)


def _tell_even(
    advisor: Advisor,
    definition: Definition,
    apply: Apply,
    run: Run,
    window: Window,
    shape: Shape,
) -> None:
    windows = list(zip(*window.geometry(shape.rank), strict=True))
    before, after = _sides(advisor, definition, run)
    meant = f"`padding={size_text([p for _, _, p, _ in windows])}` says that this is meant"
    if apply.span is not None and apply.span.source.library:
        meant = "`# allow W1015` says that this is meant"
    help = [meant]
    if window.kind != "max pool":
        # Zeros would be the maximum of what is negative.
        more = size_text([int(_shrinks(*one)) for one in windows])
        help.insert(0, f"`pad(0, {more})` before it keeps the extents")
    advisor.tell(
        codes.EVEN_WINDOW,
        f'this `{apply.word}` makes its map one smaller: its window is even, and "auto" pads both '
        "sides alike",
        Place(definition, apply.span, run),
        f"{before} comes in, {after} goes out",
        of=_WINDOW,
        help=help,
    )


def _sides(advisor: Advisor, definition: Definition, run: Run) -> tuple[str, str]:
    """What comes in and what goes out, as messages have it."""
    text = view(advisor.network).text
    before, after = (text(definition.shapes[ref]) for ref in (run.input, run.output))
    return before.replace("×", "x"), after.replace("×", "x")


# --- pools as wide as their maps -----------------------------------------------------------------


def _is_meant_as_global(
    advisor: Advisor, definition: Definition, apply: Apply, window: Window, shape: Shape
) -> bool:
    known = view(advisor.network).at(shape)
    if known is None:
        return False
    k, _, padding, _ = window.geometry(shape.rank)
    sides = zip(k, padding, known[1:], strict=True)
    return all(n >= extent and p for n, p, extent in sides) and _ends_the_maps(
        advisor, definition, apply
    )


def _tell_wide(
    advisor: Advisor, definition: Definition, apply: Apply, run: Run, op: Op, window: Window
) -> None:
    before, after = _sides(advisor, definition, run)
    padding = size_text(window.geometry(definition.rank)[2])
    advisor.tell(
        codes.WIDE_POOL,
        f'this `{apply.word}` leaves a map, though its window is as wide as what comes in: "auto" '
        f"pads it by {padding}",
        Place(definition, apply.span, run),
        f"{before} comes in, {after} goes out",
        of=_WINDOW,
        help=[
            f"`global_{op.name}` makes one value of each channel, at every input size",
            f"`padding=0` makes one at this size; `padding={padding}` says that the map is meant",
        ],
    )


def _ends_the_maps(advisor: Advisor, definition: Definition, pool: Apply) -> bool:
    """Whether a vector, or the network's output, is made of a pool's result alone.

    What meets other maps, as in a spatial pyramid, is pooled so that it keeps their extents.
    """
    found = _Course(pool, advisor)
    found.body(definition.body)
    if found.meets:
        return False
    is_network = definition is advisor.network.root
    return found.flattened or (is_network and not found.made.isdisjoint(definition.outputs))


class _Course:
    """What is made of one module's result: `meets` something else, or is `flattened`."""

    def __init__(self, start: Apply, advisor: Advisor) -> None:
        self.start = start
        self.liveness = advisor.liveness
        self.made: set[Ref] = set()
        self.meets = False
        self.flattened = False

    def body(self, body: Body) -> None:
        for step in steps(body):
            for apply in modules(step):
                self._apply(apply)
            self._joined(step)

    def _apply(self, apply: Apply) -> None:
        if apply is self.start:
            self.made.add(apply.output)
            return
        for run in apply.runs:
            if isinstance(run.unit, Group):
                self.body(run.unit.body)
            elif run.input in self.made:
                if isinstance(run.unit, Op) and run.unit.flattens:
                    self.flattened = True
                elif not _sees_all(run):
                    self.made.add(run.output)

    def _joined(self, step: Step) -> None:
        if not isinstance(step, Residual | Fork | Join):
            return
        parts = set(operands(step))
        if self.liveness.is_read(step) and parts & self.made:
            self.meets = self.meets or not parts <= self.made
            self.made.add(step.output)


def _sees_all(run: Run) -> bool:
    """It is an operator without windows: a global pool."""
    return isinstance(run.unit, Op) and run.unit.windows(run.shape.rank) is None
