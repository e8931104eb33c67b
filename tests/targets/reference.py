"""What a design means, computed step by step: every operator a module of its own, nothing in place.

It shares nothing with the emitted text but the operators' torch calls, and is what that text is
compared with.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from resdsl.design.model import (
    Apply,
    Body,
    Combine,
    Copies,
    Definition,
    Expression,
    Fork,
    Group,
    Instance,
    Join,
    Network,
    Ref,
    Residual,
    Run,
    Scalar,
    Use,
)
from resdsl.extents import Shape
from resdsl.ops import Op

Values = dict[Ref | str, Any]


class Reference:
    """`network` with the tensors of `state` (by key), in training mode or not."""

    def __init__(self, network: Network, state: dict[str, Tensor], *, training: bool) -> None:
        self.network = network
        self.state = state
        self.training = training

    def __call__(self, x: Tensor) -> Tensor:
        return self.definition(self.network.root, [x], "")

    def definition(self, definition: Definition, inputs: list[Tensor], prefix: str) -> Tensor:
        values: Values = dict(zip(definition.inputs, inputs, strict=True))
        self.body(definition.body, values, prefix)
        return values[definition.output]

    def body(self, body: Body, values: Values, prefix: str) -> None:
        for step in body.steps:
            match step:
                case Apply():
                    self.apply(step, values, prefix)
                case Residual():
                    self.body(step.main, values, prefix)
                    main = values[step.main.output]
                    if step.shortcut is not None:
                        self.apply(step.shortcut, values, prefix)
                        skip = values[step.shortcut.output]
                        values[step.output] = main + skip if step.adds else skip
                    else:
                        values[step.output] = main + values[step.input] if step.adds else main
                case Fork():
                    for branch in step.branches:
                        values.pop(f".{branch.label}", None)
                        self.apply(branch.apply, values, prefix, parallel=branch.replicated)
                    values[step.output] = self.expression(step.join, values)
                case Join():
                    values[step.output] = self.expression(step.join, values)

    def apply(self, apply: Apply, values: Values, prefix: str, *, parallel: bool = False) -> None:
        current = values[apply.input]
        position = 0
        for run in apply.runs:
            copies = []
            for _ in range(run.count):
                key = f"{apply.key}.{position}" if apply.repeated else apply.key
                fed = values[apply.input] if parallel else current
                current = self.unit(apply, run, fed, values, f"{prefix}{key}.")
                copies.append(current)
                position += 1
            if parallel:
                # A label with a dot in front is no Ref.
                values.setdefault(f".{apply.label}", []).extend(copies)
            else:
                values[run.output] = current
        if not parallel:
            values[apply.output] = current

    def unit(self, apply: Apply, run: Run, x: Tensor, values: Values, prefix: str) -> Tensor:
        match run.unit:
            case Op() as op:
                return self.operator(op, run.shape, x, prefix)
            case Instance(definition):
                inputs = [x, values[apply.main]] if definition.reads_main else [x]
                return self.definition(definition, inputs, prefix)
            case Group(body):
                # What a copy keeps is not visible outside of it.
                own = dict(values) if apply.repeated else values
                own[body.input] = x
                self.body(body, own, prefix)
                made = own[body.output]
                assert isinstance(made, Tensor)
                return made

    def operator(self, op: Op, shape: Shape, x: Tensor, prefix: str) -> Tensor:
        module = built(op, shape).train(self.training)
        own = {name: self.state[prefix + name] for name in module.state_dict()}
        made = torch.func.functional_call(module, own, (x,))
        assert isinstance(made, Tensor)
        return made

    def expression(self, expression: Expression, values: Values) -> Any:
        match expression:
            case Use(ref):
                return values[ref]
            case Scalar(value):
                return float(value)
            case Copies(branch):
                return values[f".{branch}"]
            case Combine(op, operands):
                return combined(op, [self.expression(operand, values) for operand in operands])


def combined(op: str, operands: list[Any]) -> Any:
    flat = [x for item in operands for x in (item if isinstance(item, list) else [item])]
    match op:
        case "concat":
            return torch.cat(flat, 1)
        case "sum" | "mean":
            total = flat[0]
            for x in flat[1:]:
                total = total + x
            return total if op == "sum" else total / len(flat)
    made = flat[0]
    for x in flat[1:]:
        match op:
            case "+":
                made = made + x
            case "-":
                made = made - x
            case "*":
                made = made * x
            case "max":
                one, other = (v if isinstance(v, Tensor) else torch.tensor(v) for v in (made, x))
                made = torch.maximum(one, other)
    return made


def built(op: Op, shape: Shape) -> nn.Module:
    """The operator as a module, from the torch call that it names."""
    module = op.module(shape)
    if module is None:
        return nn.Identity()
    namespace: dict[str, Any] = {"nn": nn, "torch": torch, "Tensor": Tensor}
    if module.helper is not None:
        exec(module.helper, namespace)
        kind = namespace[module.callee]
    else:
        kind = getattr(nn, module.callee.removeprefix("nn."))
    arguments = {argument.name: plain(argument.value) for argument in module.arguments}
    # On the meta device no weights are drawn from the global generator.
    with torch.device("meta"):
        made = kind(**arguments)
    assert isinstance(made, nn.Module)
    return made


def plain(value: Any) -> Any:
    if isinstance(value, bool | str):
        return value
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    return int(value) if isinstance(value, int) else float(value)
