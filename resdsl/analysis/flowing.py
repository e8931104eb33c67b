"""What flows into a module: what its result is made of, but not what gives it extents alone.

`upsample(like=a)` reads how far `a` extends, and no element of it.
"""

from __future__ import annotations

from resdsl.design.dataflow import Counted, all_read
from resdsl.design.liveness import Liveness
from resdsl.design.model import Apply, Body, Group, Instance, Ref, Run


class Flowing:
    """In all definitions of a network; a `Counting` of `design/dataflow`."""

    def __init__(self, liveness: Liveness) -> None:
        self.liveness = liveness
        # By the identity of a body, what flows into it of all that stands around it. Groups nest:
        # asked anew at each level it would double.
        self._into: dict[int, tuple[Ref, ...]] = {}

    def is_read(self, step: Counted, /) -> bool:
        return self.liveness.is_read(step)

    def takes(self, apply: Apply) -> tuple[Ref, ...]:
        """Of all copies together, what the first is fed and what stands around them."""
        fed = {run.input: apply.input for run in apply.runs}
        found = (ref for run in apply.runs for ref in self.into(apply, run))
        return tuple(dict.fromkeys(fed.get(ref, ref) for ref in found))

    def into(self, apply: Apply, run: Run) -> tuple[Ref, ...]:
        """Into one copy of a unit, of what it is fed and what stands around it."""
        match run.unit:
            case Group(body):
                inside = self._body(body)
                return tuple(run.input if ref == body.input else ref for ref in inside)
            case Instance(definition):
                # What it hands on as a result of its own comes in, too.
                handed_on = definition.outputs if apply.others else ()
                entering = {*self._body(definition.body), *handed_on}
                pairs = zip(apply.fed(run), definition.inputs, strict=True)
                return tuple(dict.fromkeys(ref for ref, inner in pairs if inner in entering))
            case _:
                return (run.input,)

    def _body(self, body: Body) -> tuple[Ref, ...]:
        if id(body) not in self._into:
            self._into[id(body)] = all_read(body, self)
        return self._into[id(body)]
