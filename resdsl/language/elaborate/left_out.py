"""Steps that are left out where a number is 0, as `if rate != 0 { drop_path(rate) }` is.

At 0 the step would do nothing, so the module that has it computes what the one without it does:
another rate is no other network, and the rate may stay an argument of the emitted module.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from resdsl.design.model import Apply, Run, Step
from resdsl.language.values.comparisons import source_of
from resdsl.language.values.context import Frame
from resdsl.ops import Op


def note_idle(frame: Frame, place: int, steps: Sequence[Step]) -> None:
    """Where all that an `if` decides is a step that does nothing at 0, and the `if` asks for 0."""
    comparison = frame.comparisons[place]
    match steps:
        case [Apply(runs=(Run(unit=Op() as op),), repeated=False) as apply] if op.idle is not None:
            changed = [
                value
                for parameter in op.parameters()
                if (value := getattr(op, parameter.name)) != getattr(op.idle, parameter.name)
            ]
            if comparison.right == 0 and [source_of(v) for v in changed] == [comparison.left]:
                frame.comparisons[place] = replace(comparison, is_idle=True)
                frame.left_out[id(apply)] = changed[0]
        case _:
            pass
