"""Where the head of a network begins: behind its last map, to the linear layer that it ends with.

As timm divides its models, into `forward_features` and `forward_head`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from resdsl.design.model import Apply, Body, Group
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.ops.base import Role
from resdsl.records import dataclass
from resdsl.targets.program import Instruction, Invoke, Program, Value


class NoHeadError(Exception):
    """Why a network is not divided like that."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """The last layer with weights, by its path: an nn.Linear, or a convolution of one element
    (`callee`), which is given `width` numbers. Where it `is_inside` of an nn.Sequential, so is the
    flatten `behind` a convolution."""

    path: str
    callee: str
    width: int
    has_bias: bool
    is_inside: bool

    @property
    def behind(self) -> bool:
        return self.callee != "nn.Linear"


@dataclass(frozen=True, slots=True)
class Head:
    """`start` and `last`: the places of the instructions that begin it and have the classifier,
    `features` the value that the first is given, a `map` of this shape. `keys`: of its modules in
    the network's body."""

    start: int
    last: int
    features: Value
    map: Shape
    classifier: Classifier
    keys: frozenset[str]


def head_of(program: Program, is_chain: Callable[[Body], bool]) -> Head:
    """That of a network. `is_chain`: whether a group is an nn.Sequential. Raises NoHeadError."""
    if len(program.outputs) != 1:
        raise NoHeadError("has several outputs")
    found = _classifier(program, is_chain)
    if found is None:
        raise NoHeadError(
            "does not end with a layer of classes, linear or a 1x1 convolution of a pooled map"
        )
    last, classifier = found
    start = _start(program)
    if start is None:
        raise NoHeadError("has no map that all of its head, and nothing else, is made of")
    step = program.instructions[start]
    assert isinstance(step, Invoke)
    keys = (one.apply.key for one in program.instructions[start:] if isinstance(one, Invoke))
    names = frozenset(key.partition(".")[0] for key in keys)
    return Head(start, last, step.args[0], step.shape, classifier, names)


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
    read: set[Value] = set()
    made: set[Value] = set()
    for place, step in reversed(_called(program)):
        read.update(step.reads)
        made.add(step.out)
        if isinstance(step, Invoke):
            made.update(step.exports)
            if read - made == {*step.args[:1]} and _is_map(step):
                return place
    return None


def _called(program: Program) -> list[tuple[int, Instruction]]:
    return [
        (place, step)
        for place, step in enumerate(program.instructions)
        if not isinstance(step, Invoke) or step.is_called
    ]


def _is_map(step: Invoke) -> bool:
    shape = step.shape
    return not shape.flat and any(not extent.is_constant for extent in shape.extents)


def _classifier(
    program: Program, is_chain: Callable[[Body], bool]
) -> tuple[int, Classifier] | None:
    """The last layer, and the place of the instruction that has it."""
    steps = _called(program)
    if not steps or steps[-1][1].out != program.outputs[0]:
        return None
    last, ending = steps[-1]
    if not isinstance(ending, Invoke):
        return None
    if ending.op is None:
        found = _inside(ending.apply, is_chain)
    elif ending.op.flattens and steps[1:]:
        last, before = steps[-2]
        if not isinstance(before, Invoke) or before.out != ending.args[0]:
            return None
        found = _layer(before.apply, before.apply.key, "convolution")
    else:
        found = _layer(ending.apply, ending.apply.key, "linear")
    return None if found is None else (last, found)


def _inside(apply: Apply, is_chain: Callable[[Body], bool]) -> Classifier | None:
    """That at the end of an nn.Sequential."""
    if apply.repeated or not isinstance(apply.unit, Group) or not is_chain(apply.unit.body):
        return None
    layers = [one for one in apply.unit.body.steps if isinstance(one, Apply)]
    role: Role = "linear"
    if not layers[-1].repeated and isinstance(layers[-1].unit, Op) and layers[-1].unit.flattens:
        layers.pop()
        role = "convolution"
    if not layers:
        return None
    return _layer(layers[-1], f"{apply.key}.{layers[-1].key}", role, is_inside=True)


def _layer(apply: Apply, path: str, role: Role, *, is_inside: bool = False) -> Classifier | None:
    """What the layer of that role is of torch's, if it is one of a vector."""
    if apply.repeated or apply.is_again or not isinstance(apply.unit, Op):
        return None
    op, shape = apply.unit, apply.runs[0].shape
    if op.role != role:
        return None
    callee = op.module(shape).callee
    weight, *more = op.tensors(shape)
    is_plain = callee in ("nn.Linear", "nn.Conv1d", "nn.Conv2d", "nn.Conv3d")
    size = (shape.channels, *(1 for _ in weight.shape[2:]))
    if not is_plain or weight.shape[1:] != size or not _is_one(shape):
        return None
    return Classifier(path, callee, shape.channels, bool(more), is_inside)


def _is_one(shape: Shape) -> bool:
    """Whether it has one element in each channel."""
    pooled = (extent.is_constant and extent.offset == 1 for extent in shape.extents)
    return shape.flat or all(pooled)
