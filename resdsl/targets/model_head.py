"""Where the head of a network begins: behind its last map, to the linear layer that it ends with.

As timm divides its models, into `forward_features` and `forward_head`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from resdsl.design.model import Apply, Body, Group
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.records import dataclass
from resdsl.targets.program import Invoke, Program, Value


class NoHeadError(Exception):
    """Why a network is not divided like that."""


@dataclass(frozen=True, slots=True)
class Head:
    """`start` and `last`: the places of the instructions that begin and end it, `features` the
    value that the first is given, a `map` of this shape. `classifier`: the path of the last linear
    layer, in an nn.Sequential where it `is_inside` of one, which is given `hidden_size` numbers.
    `keys`: of its modules in the network's body."""

    start: int
    last: int
    features: Value
    map: Shape
    classifier: str
    hidden_size: int
    has_bias: bool
    is_inside: bool
    keys: frozenset[str]

    @property
    def num_features(self) -> int:
        return self.map.channels


@dataclass(frozen=True, slots=True)
class _Linear:
    width: int
    has_bias: bool


def head_of(program: Program, is_chain: Callable[[Body], bool]) -> Head:
    """That of a network. `is_chain`: whether a group is an nn.Sequential. Raises NoHeadError."""
    if len(program.outputs) != 1:
        raise NoHeadError("has several outputs")
    steps = [
        (place, step)
        for place, step in enumerate(program.instructions)
        if not isinstance(step, Invoke) or step.is_called
    ]
    if not steps or steps[-1][1].out != program.outputs[0]:
        raise NoHeadError("does not end with a linear layer")
    last, ending = steps[-1]
    found = _classifier(ending, is_chain) if isinstance(ending, Invoke) else None
    if found is None:
        raise NoHeadError("does not end with a linear layer")
    start = _start(program)
    if start is None:
        raise NoHeadError("has no map that all of its head, and nothing else, is made of")
    step = program.instructions[start]
    assert isinstance(step, Invoke)
    assert isinstance(ending, Invoke)
    path, linear = found
    keys = (one.apply.key for one in program.instructions[start:] if isinstance(one, Invoke))
    return Head(
        start,
        last,
        step.args[0],
        step.shape,
        path,
        linear.width,
        linear.has_bias,
        ending.op is None,
        frozenset(key.partition(".")[0] for key in keys),
    )


def divided(program: Program, head: Head) -> tuple[Program, Program]:
    """What makes the features, and what makes of them what the classifier is given."""
    steps = program.instructions
    before = replace(program, instructions=steps[: head.start], outputs=(head.features,))
    ending = steps[head.last]
    inner = replace(
        program,
        inputs=(head.features,),
        instructions=steps[head.start : head.last],
        outputs=ending.reads,
    )
    return before, inner


def _start(program: Program) -> int | None:
    """The last instruction that is given a map whose extents are the input's, if it and those
    behind it read nothing else that was made before."""
    found = None
    read: set[Value] = set()
    made: set[Value] = set()
    for place in reversed(range(len(program.instructions))):
        step = program.instructions[place]
        if isinstance(step, Invoke) and not step.is_called:
            continue
        read.update(step.reads)
        made.add(step.out)
        if isinstance(step, Invoke):
            made.update(step.exports)
            alone = read - made
            if len(alone) == 1 and step.args[:1] == tuple(alone) and _is_map(step):
                found = place
                break
    return found


def _is_map(step: Invoke) -> bool:
    shape = step.shape
    return not shape.flat and any(not extent.is_constant for extent in shape.extents)


def _classifier(step: Invoke, is_chain: Callable[[Body], bool]) -> tuple[str, _Linear] | None:
    apply = step.apply
    if step.op is not None:
        linear = _linear(apply)
        return None if linear is None else (apply.key, linear)
    if apply.repeated or not isinstance(apply.unit, Group) or not is_chain(apply.unit.body):
        return None
    body = apply.unit.body
    ending = [one for one in body.steps if isinstance(one, Apply)][-1]
    linear = _linear(ending) if ending.output == body.output else None
    return None if linear is None else (f"{apply.key}.{ending.key}", linear)


def _linear(apply: Apply) -> _Linear | None:
    """What torch's nn.Linear is of a layer, if it is one."""
    if apply.repeated or apply.is_again or not isinstance(apply.unit, Op):
        return None
    shape = apply.runs[0].shape
    module = apply.unit.module(shape) if apply.unit.role == "linear" else None
    if module is None or module.callee != "nn.Linear":
        return None
    return _Linear(shape.channels, len(apply.unit.tensors(shape)) > 1)
