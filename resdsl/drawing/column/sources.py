"""What an element of an overview shows of the design, and what of before it that reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from resdsl.analysis.flowing import Flowing
from resdsl.analysis.only_residual import OnlyResidual
from resdsl.design.dataflow import read_by
from resdsl.design.join_expressions import Ref
from resdsl.design.model import Apply, Fork, Instance, Residual, Run
from resdsl.extents import Shape
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Called:
    """Of a block of several tensors."""

    inputs: Mapping[str, str]
    results: Mapping[str, str]


def called(apply: Apply, run: Run, names: Callable[[Ref], str]) -> Called | None:
    """`names` are those of values around it. None of a block that takes and gives one tensor."""
    unit = run.unit
    if not isinstance(unit, Instance) or not (run.tensors or apply.others):
        return None
    definition, results = unit.definition, (apply.output, *apply.others)
    given = zip(("in", *definition.tensors), run.given, strict=False)
    made = zip(definition.results, results, strict=False)
    return Called(
        {name: names(ref) or name for name, ref in given},
        {name: names(ref) or name for name, ref in made},
    )


@dataclass(frozen=True, slots=True)
class Source:
    """Where a block is from: a copy of a unit, or a residual or fork of a body.

    `main`: the residual whose main is shown, as signs below it tell how it goes on; `whole`: the
    one that is shown with all that goes around it. `called`: what the author calls its inputs and
    results around it, by the names that they have in it.
    """

    of: Apply | Residual | Fork
    run: Run | None
    shapes: list[Shape]
    path: str
    main: OnlyResidual | None = None
    whole: OnlyResidual | None = None
    called: Called | None = None


def reads(source: Source, flowing: Flowing) -> tuple[Ref, tuple[Ref, ...]]:
    """The current tensor before a block, and all of before it that flows into the block."""
    match source.of:
        case Apply() as apply:
            assert source.run is not None
            return source.run.input, flowing.into(apply, source.run)
        case step:
            return step.input, read_by(step, flowing)


def reads_again(apply: Apply, flowing: Flowing) -> tuple[Ref, ...]:
    """What flows into a further call of a module, all copies of it together."""
    made = {run.output for run in apply.runs}
    found = dict.fromkeys(ref for run in apply.runs for ref in flowing.into(apply, run))
    return tuple(ref for ref in found if ref not in made)
