"""What an element of an overview shows of the design, and what of before it that reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from resdsl.analysis.only_residual import OnlyResidual
from resdsl.design.dataflow import outer
from resdsl.design.join_expressions import Ref
from resdsl.design.liveness import Liveness
from resdsl.design.model import Apply, Body, Fork, Group, Instance, Residual, Run
from resdsl.extents import Shape
from resdsl.records import dataclass

# The number of no value.
_NOTHING = -1


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


def reads(source: Source, liveness: Liveness) -> tuple[Ref, tuple[Ref, ...]]:
    """The current tensor before a block, and all of before it that the block reads."""
    match source.of:
        case Apply() as apply:
            assert source.run is not None
            return source.run.input, _run_reads(apply, source.run, liveness)
        case step:
            apart = Body(_NOTHING, step.output, [step])
            return step.input, outer(apart, liveness)


def reads_again(apply: Apply, liveness: Liveness) -> tuple[Ref, ...]:
    """What a further call of a module reads, all copies of it together."""
    made = {run.output for run in apply.runs}
    found = dict.fromkeys(ref for run in apply.runs for ref in _run_reads(apply, run, liveness))
    return tuple(ref for ref in found if ref not in made)


def _run_reads(apply: Apply, run: Run, liveness: Liveness) -> tuple[Ref, ...]:
    """What a copy of a unit reads of all that it is fed and that stands around it."""
    match run.unit:
        case Group(body):
            inside = outer(Body(_NOTHING, body.output, body.steps), liveness)
            return tuple(run.input if ref == body.input else ref for ref in inside)
        case Instance(definition):
            fed = zip(apply.fed(run), liveness.reads(definition), strict=True)
            return tuple(dict.fromkeys(ref for ref, is_read in fed if is_read))
        case _:
            return (run.input,)
