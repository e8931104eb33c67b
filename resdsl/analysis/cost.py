"""What a network costs, in exact integers, and how many layers make it up.

Costs are summed once per (definition, input shapes) and multiplied over runs, so a stage of a
million blocks is counted as fast as one of three. MACs are multiply-accumulates of convolution and
linear layers: torch.utils.flop_counter.FlopCounterMode / 2, to the integer.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

from resdsl.analysis.shapes import ShapeTable, View, fed, instance_inputs
from resdsl.design.liveness import Liveness
from resdsl.design.model import Apply, Body, Definition, Fork, Group, Instance, Residual, Run, Step
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.ops.base import Tensor
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one sample. `macs` and `activations` are None where a free extent decides them; steps
    that nothing reads have none.

    `params` and `buffers` count elements; `activations` the output elements of convolution and
    linear layers; `convs`, `linears` and `norms` count layers.
    """

    params: int = 0
    params_without_norm: int = 0
    buffers: int = 0
    macs: int | None = 0
    activations: int | None = 0
    convs: int = 0
    linears: int = 0
    norms: int = 0

    @property
    def uncalled(self) -> Cost:
        """Of what stands there and is not called."""
        return self if self is FREE else replace(self, macs=0, activations=0)

    @property
    def again(self) -> Cost:
        """Of a further call of a module, which is there once."""
        return self if self is FREE else Cost(macs=self.macs, activations=self.activations)

    def __add__(self, other: Cost) -> Cost:
        if self is FREE or other is FREE:
            return other if self is FREE else self
        return Cost(
            self.params + other.params,
            self.params_without_norm + other.params_without_norm,
            self.buffers + other.buffers,
            None if self.macs is None or other.macs is None else self.macs + other.macs,
            None
            if self.activations is None or other.activations is None
            else self.activations + other.activations,
            self.convs + other.convs,
            self.linears + other.linears,
            self.norms + other.norms,
        )

    def times(self, n: int) -> Cost:
        """Of n copies."""
        if n == 1 or self is FREE:
            return self
        return Cost(
            self.params * n,
            self.params_without_norm * n,
            self.buffers * n,
            None if self.macs is None else self.macs * n,
            None if self.activations is None else self.activations * n,
            self.convs * n,
            self.linears * n,
            self.norms * n,
        )


FREE = Cost()


class Costs:
    """Counts definitions, bodies and runs at one input size."""

    def __init__(self, table: ShapeTable, view: View, liveness: Liveness) -> None:
        self.table = table
        self.view = view
        self.liveness = liveness
        self._known: dict[tuple[Definition, tuple[Shape, ...]], Cost] = {}

    def definition(self, definition: Definition, inputs: tuple[Shape, ...]) -> Cost:
        key = (definition, inputs)
        if key not in self._known:
            self._known[key] = self.body(definition.body, self.table.shapes(definition, inputs))
        return self._known[key]

    def body(self, body: Body, shapes: list[Shape]) -> Cost:
        total = FREE
        for step in body.steps:
            total += self.step(step, shapes)
        return total

    def step(self, step: Step, shapes: list[Shape]) -> Cost:
        match step:
            case Apply():
                return self.apply(step, shapes)
            case Residual():
                main = self.body(step.main, shapes)
                return main if step.shortcut is None else main + self.apply(step.shortcut, shapes)
            case Fork():
                total = FREE
                for branch in step.branches:
                    total += self.apply(branch.apply, shapes, branch.replicated)
                return total
            case _:
                return FREE

    def apply(self, apply: Apply, shapes: list[Shape], parallel: bool = False) -> Cost:
        total = FREE
        for run in apply.runs:
            total += self.run(apply, run, shapes, parallel)
        return total.again if apply.is_again else total

    def run(self, apply: Apply, run: Run, shapes: list[Shape], parallel: bool = False) -> Cost:
        """Of all copies of a run."""
        left = self.liveness.skipped(apply, run)
        if run.count == 1:
            cost = self.copy(apply, run, shapes)
            return cost.uncalled if left else cost
        total = FREE
        for n, seen in self.table.copies(apply, run, shapes, parallel):
            cost, skipped = self.copy(apply, run, seen), min(left, n)
            if skipped:
                total += cost.uncalled.times(skipped)
            if skipped < n:
                total += cost.times(n - skipped)
            left -= skipped
        return total

    def copy(self, apply: Apply, run: Run, shapes: list[Shape]) -> Cost:
        """Of one copy of a run that is called."""
        match run.unit:
            case Group(body):
                return self.body(body, shapes)
            case Instance(definition):
                return self.definition(definition, instance_inputs(apply, run, shapes))
            case op:
                return self._op(op, run, shapes[run.input], shapes[run.output])

    def _op(self, op: Op, run: Run, entering: Shape, leaving: Shape) -> Cost:
        shape = fed(run, entering)
        params, buffers = _elements(op.tensors(shape)), _elements(op.buffers(shape))
        if not params and not buffers and not op.is_norm and not op.multiplies:
            return FREE
        linear = op.role == "linear"
        macs, made = self._work(op, shape, entering, leaving) if op.multiplies else (0, 0)
        return Cost(
            params,
            0 if op.is_norm else params,
            buffers,
            macs,
            made if op.is_weighted else 0,
            convs=int(op.is_weighted and not linear),
            linears=int(linear),
            norms=int(op.is_norm),
        )

    def _work(
        self, op: Op, shape: Shape, entering: Shape, leaving: Shape
    ) -> tuple[int | None, int | None]:
        """MACs and output elements."""
        inside, outside = self.view.at(entering), self.view.at(leaving)
        if inside is None or outside is None:
            return None, None
        macs = op.macs(shape, inside[1:], outside[1:])
        return int(macs), prod(map(int, outside))


def _elements(tensors: tuple[Tensor, ...]) -> int:
    return sum([tensor.size for tensor in tensors]) if tensors else 0
