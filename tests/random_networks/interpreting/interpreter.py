"""An elaborated design, executed step by step with torch's functions: the emitted text's oracle.

It knows the operators by name alone and works out of place on a dict of tensors by state-dict key.
It works from the output backward: what that is not made of is not computed.
Nothing here comes from resdsl.targets or resdsl.analysis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import torch
from torch import Tensor

from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar, Use
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Residual,
    Run,
)
from resdsl.design.network import Network
from tests.random_networks.interpreting.ambiguity import unambiguous
from tests.random_networks.interpreting.joins import added, combined
from tests.random_networks.interpreting.nodes import Node, Value, Values, behind, made, one
from tests.random_networks.interpreting.operators import LAYERS, is_of_places, result
from tests.random_networks.interpreting.resizing import like
from tests.random_networks.interpreting.state import Own, State, path_of_copy


@dataclass(slots=True)
class Interpreter:
    network: Network
    state: State
    # Elements that convolution and linear layers gave, batch included.
    activations: int = 0
    # The keys that steps would read of which the output is not made.
    left: set[str] = field(default_factory=set, init=False)
    # Some of the other steps do not fit at this size, and were not looked at.
    unseen: bool = field(default=False, init=False)
    nodes: list[Node] = field(default_factory=list, init=False)
    # Of the definitions that are being looked at.
    bodies: list[Body] = field(default_factory=list, init=False)
    # By the path of a group: which nodes are of each of its calls.
    calls: dict[str, list[range]] = field(default_factory=dict, init=False)

    def run(self, x: Tensor) -> list[Value]:
        """Of each output, in the order in which the network gives them."""
        return self.results(x, self.network.root.outputs)

    def results(self, x: Tensor, refs: Sequence[int]) -> list[Value]:
        """Of some of the network's own values."""
        start = self._node((), lambda _: Value(x, 0))
        values = self._values(self.network.root, [start], "")
        outputs = [one(values[ref]) for ref in refs]
        self._make(outputs)
        self._look_at_the_rest()
        return [made(output) for output in outputs]

    def _make(self, outputs: list[Node]) -> None:
        wanted: set[int] = set()
        more = {node.number for node in outputs}
        while more:
            stack = [self.nodes[number] for number in more]
            while stack:
                node = stack.pop()
                if node.number not in wanted:
                    wanted.add(node.number)
                    stack += node.parts
            more = self._in_other_calls(wanted)
        for number in sorted(wanted):
            node = self.nodes[number]
            node.value = node.make([made(part) for part in node.parts])

    def _in_other_calls(self, wanted: set[int]) -> set[int]:
        """A group is one module: what is read of one of its calls is made by each."""
        found: set[int] = set()
        for ranges in self.calls.values():
            called = [one for one in ranges if not wanted.isdisjoint(one)]
            places = {number - one.start for one in called for number in one if number in wanted}
            found |= {one.start + place for one in called for place in places}
        return found - wanted

    def _look_at_the_rest(self) -> None:
        """What else would be read. Such steps need not fit, and change nothing."""
        before = set(self.state.used), dict(self.state.tensors), self.activations
        for node in self.nodes:
            if node.value is None and all(part.value is not None for part in node.parts):
                with suppress(RuntimeError, ValueError), torch.no_grad():
                    node.value = node.make([made(part) for part in node.parts])
        self.left = self.state.used - before[0]
        self.unseen = any(node.value is None for node in self.nodes)
        self.state.used, tensors, self.activations = before
        self.state.tensors.update(tensors)

    def _node(self, parts: tuple[Node, ...], make: Callable[[list[Value]], Value]) -> Node:
        self.nodes.append(Node(parts, make, len(self.nodes)))
        return self.nodes[-1]

    # --- structure ---

    def _definition(self, definition: Definition, inputs: list[Node], path: str) -> list[Node]:
        values = self._values(definition, inputs, path)
        found = [one(values[ref]) for ref in definition.outputs]
        if len(found) == 1:
            return found
        # A call of a block is whole: where one of its results is read, all are made.
        parts = tuple(found)
        return [self._node(parts, itemgetter(place)) for place in range(len(found))]

    def _values(self, definition: Definition, inputs: list[Node], path: str) -> Values:
        values: Values = dict(zip(definition.inputs, inputs, strict=True))
        self.bodies.append(definition.body)
        self._body(definition.body, values, path)
        self.bodies.pop()
        return values

    def _body(self, body: Body, values: Values, path: str) -> None:
        for step in body.steps:
            match step:
                case Apply():
                    self._apply(step, values, path)
                case Residual():
                    self._residual(step, values, path)
                case Fork():
                    for branch in step.branches:
                        if branch.replicated:
                            self._replicated(branch.apply, values, path)
                        else:
                            self._apply(branch.apply, values, path)
                    values[step.output] = self._expression(step.join, values)
                case Join():
                    values[step.output] = self._expression(step.join, values)
                case Keep():
                    pass

    def _apply(self, apply: Apply, values: Values, path: str) -> None:
        current, number = one(values[apply.input]), 0
        assert not apply.others or (not apply.repeated and len(apply.runs) == 1)
        for run in apply.runs:
            unambiguous(run, self.bodies[-1])
            before = values.get(run.input)
            for _ in range(run.count):
                values[run.input] = current
                key = path_of_copy(apply, path, number)
                current, *others = self._unit(run, apply, values, key)
                # Elsewhere than in a call by itself the first of several results counts.
                values.update(zip(apply.others, others, strict=bool(apply.others)))
                number += 1
            if before is not None:
                values[run.input] = before
            values[run.output] = current
        values[apply.output] = current

    def _replicated(self, apply: Apply, values: Values, path: str) -> None:
        """Copies side by side, all fed the same."""
        number = 0
        for run in apply.runs:
            copies: dict[int, Node] = {}
            for _ in range(run.count):
                copies[number] = self._unit(run, apply, values, f"{path}{apply.key}.{number}.")[0]
                number += 1
            # A branch without steps is what it was fed.
            if run.output != run.input:
                values[run.output] = copies

    def _unit(self, run: Run, apply: Apply, values: Values, path: str) -> list[Node]:
        unit, x = run.unit, one(values[run.input])
        # Of those the copy's own input is one, where it is given as a tensor too.
        tensors = [one(values[ref]) for ref in run.tensors]
        match unit:
            case Group(body):
                start = len(self.nodes)
                self._body(body, values, path)
                self.calls.setdefault(path, []).append(range(start, len(self.nodes)))
                return [one(values[body.output])]
            case Instance(definition):
                inputs = [x, *tensors]
                if definition.reads_main:
                    assert apply.main is not None
                    inputs.append(one(values[apply.main]))
                return self._definition(definition, inputs, path)
            case _:
                return [self._operation(unit, [x, *tensors], path)]

    def _residual(self, step: Residual, values: Values, path: str) -> None:
        self._body(step.main, values, path)
        if step.shortcut is not None:
            self._apply(step.shortcut, values, path)
        skip = one(values[step.skip.ref])
        if not step.adds:
            values[step.output] = skip
            return
        values[step.output] = self._node((one(values[step.main.output]), skip), added)

    # --- joins ---

    def _expression(self, expression: Expression, values: Values) -> Node:
        (found,) = self._operands(expression, values)
        assert isinstance(found, Node)
        return found

    def _operands(self, expression: Expression, values: Values) -> list[Node | float]:
        match expression:
            case Use(ref):
                return [one(values[ref])]
            case Scalar(value):
                return [value]
            case Copies(_, refs, place):
                found: list[Node | float] = []
                for ref, count in refs:
                    copies = values[ref]
                    if isinstance(copies, Node):
                        found += [copies] * count
                    elif place is not None:
                        found.append(copies[place])
                    else:
                        found += copies.values()
                        assert len(copies) == count
                return found
            case Combine(op, operands):
                flat = [v for operand in operands for v in self._operands(operand, values)]
                parts = tuple(operand for operand in flat if isinstance(operand, Node))

                def join(given: list[Value]) -> Value:
                    left = iter(given)
                    tensors = [next(left).tensor if isinstance(v, Node) else v for v in flat]
                    return behind(given, combined(op, tensors))

                return [self._node(parts, join)]

    # --- operators ---

    def _operation(self, op: Any, inputs: list[Node], path: str) -> Node:
        """Of a second tensor the extents alone count, and no layer lies on the way from it."""

        def make(given: list[Value]) -> Value:
            sizes = [value.tensor.shape[2:] for value in given[1:]]
            return self._operator(op, given[0], path, *sizes)

        return self._node(tuple(inputs), make)

    def _operator(self, op: Any, value: Value, path: str, *sizes: Sequence[int]) -> Value:
        if sizes:
            return Value(like(op, value.tensor, *sizes), value.depth, is_local=False)
        tensor = result(op, value.tensor, Own(self.state, path))
        is_local = value.is_local and is_of_places(op)
        if op.name in LAYERS:
            self.activations += tensor.numel()
            return Value(tensor, value.depth + 1, is_local)
        return Value(tensor, value.depth, is_local)
