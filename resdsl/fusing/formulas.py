"""Where the numbers of a fused layer come from: a formula over tensors of the network as it was.

A formula stands for a linear layer with a bias. Paths are keys of modules, from the definition or
the copy of a group in which the fused layer stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from resdsl.ops.base import Kernel, Scaling
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer as it was."""

    path: str
    kernel: Kernel
    has_bias: bool


@dataclass(frozen=True, slots=True)
class Unchanged:
    """What hands on its input: a convolution by ones, channel by channel."""

    kernel: Kernel


@dataclass(frozen=True, slots=True)
class Scaled:
    """A layer, and the norm behind it."""

    part: Formula
    path: str
    scaling: Scaling

    @property
    def kernel(self) -> Kernel:
        return self.part.kernel


@dataclass(frozen=True, slots=True)
class Added:
    """Layers of one input, whose results are added, in the window of the largest."""

    parts: tuple[Formula, ...]
    kernel: Kernel


@dataclass(frozen=True, slots=True)
class Stacked:
    """Layers whose results are concatenated; `of_one` input, else each has channels of its own."""

    parts: tuple[Formula, ...]
    kernel: Kernel
    of_one: bool


@dataclass(frozen=True, slots=True)
class Gathered:
    """Layers that each have channels of their own, and whose results are added."""

    parts: tuple[Formula, ...]
    kernel: Kernel


Formula: TypeAlias = Layer | Unchanged | Scaled | Added | Stacked | Gathered


def below(formula: Formula, prefix: str) -> Formula:
    """The same formula, seen from where its paths begin with `prefix`."""
    match formula:
        case Layer(path):
            return replace(formula, path=prefix + path)
        case Scaled(part, path):
            return replace(formula, part=below(part, prefix), path=prefix + path)
        case Unchanged():
            return formula
        case _:
            return replace(formula, parts=tuple(below(part, prefix) for part in formula.parts))


def layers(formula: Formula) -> list[str]:
    """The paths of what a formula is made of."""
    match formula:
        case Layer(path):
            return [path]
        case Scaled(part, path):
            return [*layers(part), path]
        case Unchanged():
            return []
        case _:
            return [path for part in formula.parts for path in layers(part)]
