"""Where the values of a design stand in a column."""

from __future__ import annotations

from dataclasses import field, replace

from resdsl.design.dataflow import all_steps
from resdsl.design.join_expressions import Ref
from resdsl.design.model import Body, Definition, Keep, Run
from resdsl.drawing.column.meetings import Operand
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Tensor:
    """`place` counts what stands on the line before it: what is at one place is one line."""

    key: str
    place: int
    name: str = ""


@dataclass(slots=True)
class Values:
    """By Ref of one definition, where it stands; `results`: of a block's further results, which
    values of the network they are."""

    definition: Definition
    at: dict[Ref, Tensor]
    results: dict[Ref, Ref] = field(default_factory=dict)


class Keys:
    """The keys of the points that one item reads."""

    def __init__(self) -> None:
        self.of: tuple[str, ...] = ()

    def operand(self, tensor: Tensor) -> Operand:
        if tensor.key not in self.of:
            self.of = (*self.of, tensor.key)
        return Operand(self.of.index(tensor.key), tensor.name)


def remade(body: Body, values: Values) -> dict[Ref, Tensor]:
    """What of before is handed on in a body, as an empty group does, where it stands now."""
    made = (step.output for step in all_steps(body) if not isinstance(step, Keep))
    return {ref: values.at[ref] for ref in made if ref in values.at}


def values_in(definition: Definition, run: Run, around: Values) -> tuple[Values, list[Ref]]:
    """What tensor parameters are given, and those that are given what is fed in."""
    inside, own = Values(definition, {}), list[Ref]()
    parameters = zip(definition.inputs[1:], run.tensors, definition.tensors, strict=False)
    for ref, given, name in parameters:
        if given == run.input:
            own.append(ref)
        elif given in around.at:
            known = around.at[given]
            inside.at[ref] = replace(known, name=known.name or name)
    return inside, own
