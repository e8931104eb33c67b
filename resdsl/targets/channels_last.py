"""Layers on the channels of each position: where they lie between one permute and another.

A group of nothing else is an nn.Sequential that permutes, with the keys of any other. In an
nn.Sequential with other modules an `identity` holds the number of each permute, as in torchvision's
ConvNeXt: `identity layernorm linear(384, at="positions") gelu linear(96, at="positions") identity`.
What stands between sees (N, *extents, C), and is torch's own module for that. Elsewhere each layer
permutes by itself.

This is more than fewer permutes: torch's GELU has other last bits for a map whose channels lie last
in memory alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl.design.model import Apply, Body, Run
from resdsl.ops import Op
from resdsl.ops.base import TO_CHANNELS_FIRST, TO_CHANNELS_LAST, Module
from resdsl.records import dataclass
from resdsl.targets.program import Modules
from resdsl.targets.wiring import Wiring


@dataclass(frozen=True, slots=True)
class _Placed:
    """An operator in a row of modules."""

    op: Op
    run: Run
    # The next one takes its result, and nobody else does.
    is_passed_on: bool

    @property
    def between(self) -> Module | None:
        """The module on a tensor whose channels are last."""
        return self.op.channels_last(self.run.shape)

    def place(self, modules: Modules) -> None:
        module = self.between
        assert module is not None
        modules.place(self.op, self.run.shape, module)


def place_channels_last(body: Body, wiring: Wiring, modules: Modules) -> None:
    """Chooses the modules of such runs in a body."""
    if _is_one_run(body, wiring):
        modules.channels_last.add(id(body))
        for one in _row(body, wiring):
            one.place(modules)
    if not body.numbered:
        return
    for first, *between, last in _runs(_rows(body, wiring)):
        modules.place(first.op, first.run.shape, TO_CHANNELS_LAST)
        for one in between:
            one.place(modules)
        modules.place(last.op, last.run.shape, TO_CHANNELS_FIRST)


def _is_one_run(body: Body, wiring: Wiring) -> bool:
    """Whether it is a group of nothing else, whose inner values nobody reads."""
    row = _row(body, wiring)
    return (
        body is not wiring.definition.body
        and len(row) == len(body.steps)
        and all(one.between is not None for one in row)
        and all(one.is_passed_on for one in row[:-1])
        and id(body) not in wiring.exports
        and any(one.op.is_weighted for one in row)
        and all(wiring.liveness.is_read(step) for step in body.steps if isinstance(step, Apply))
        # What is in containers has a class of its own.
        and not any("." in apply.key for apply in body.modules())
    )


def _row(body: Body, wiring: Wiring) -> list[_Placed]:
    """The operators that a body begins with."""
    return next(_rows(body, wiring))


def _rows(body: Body, wiring: Wiring) -> Iterator[list[_Placed]]:
    """Operators that follow each other."""
    row: list[_Placed] = []
    for step in body.steps:
        if not isinstance(step, Apply) or step.repeated or not isinstance(step.unit, Op):
            yield row
            row = []
            continue
        row.append(_Placed(step.unit, step.runs[0], step.output not in wiring.named))
    yield row


def _runs(rows: Iterator[list[_Placed]]) -> Iterator[Sequence[_Placed]]:
    """From an identity to the next, all between them able to work there, with a linear layer."""
    for row in rows:
        start: int | None = None
        for place, one in enumerate(row):
            if one.op.is_identity and one.run.shape.rank > 0:
                run = row[start : place + 1] if start is not None else []
                if any(between.op.is_weighted for between in run):
                    yield run
                    start = None
                else:
                    start = place
            elif one.between is None:
                start = None
            if not one.is_passed_on:
                start = None
