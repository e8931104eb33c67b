"""The one residual that a block is, where nothing that papers list stands around it."""

from __future__ import annotations

from resdsl.analysis.rows import Lister
from resdsl.design.model import Apply, Body, Instance, Keep, Residual, Step
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
            opened = lister.table.inside(only, only.runs[0], shapes)
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
