"""The one residual that a block is, where nothing that papers list stands around it."""

from __future__ import annotations

from resdsl.analysis.rows import Lister
from resdsl.analysis.shapes import instance_inputs
from resdsl.design.model import Apply, Body, Group, Instance, Keep, Residual, Run, Step
from resdsl.extents import Shape
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class OnlyResidual:
    """`shapes` by Ref of its definition, `path` of the body that it stands in.

    `is_apart`: it stands in a definition of its own, in which nothing around the block is known.
    """

    step: Residual
    shapes: list[Shape]
    path: str
    is_apart: bool


def only_residual(
    body: Body, shapes: list[Shape], path: str, lister: Lister, is_apart: bool = False
) -> OnlyResidual | None:
    """Of a block's body; `path` is the body's, with the dot behind it."""
    busy = [step for step in body.steps if not is_folded(step, shapes, lister)]
    match busy:
        case [Residual() as only]:
            return OnlyResidual(only, shapes, path, is_apart)
        case [Apply() as only] if only.count == 1:
            opened = opened_unit(only, only.runs[0], shapes, lister)
            here = f"{path}{only.key}.0." if only.repeated else f"{path}{only.key}."
            apart = is_apart or isinstance(only.runs[0].unit, Instance)
            return opened and only_residual(*opened, here, lister, apart)
        case _:
            return None


def is_folded(step: Step, shapes: list[Shape], lister: Lister) -> bool:
    """No row tells of it: it belongs to the row before."""
    match step:
        case Keep():
            return True
        case Apply():
            return not lister.apply(step, shapes)
        case _:
            return False


def opened_unit(
    apply: Apply, run: Run, shapes: list[Shape], lister: Lister
) -> tuple[Body, list[Shape]] | None:
    """What stands in a copy of a group or definition, and the shapes by Ref in there."""
    match run.unit:
        case Group(body):
            return body, shapes
        case Instance(definition):
            inputs = instance_inputs(apply, run, shapes)
            return definition.body, lister.table.shapes(definition, inputs)
        case _:
            return None
