"""Which sizes a program of torch.export stands for.

The trace assumes things of the sizes that it was given (`H // 32 != 1`), and writes them down: the
module made of it raises at any other size. Here they are asked, size by size.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


class _Tensor:
    """As much of one as the texts ask for."""

    def __init__(self, shape: Sequence[int]) -> None:
        self.shape = shape

    def size(self) -> Sequence[int]:
        return self.shape


class Guards:
    def __init__(self, program: torch.export.ExportedProgram) -> None:
        self.name = program.graph_signature.user_inputs[0]
        # Older versions of torch do not write them down: there the bounds alone are known.
        texts = dict.fromkeys(getattr(program, "_guards_code", ()))
        # torch's own words of its own graph, which it evaluates itself: nothing of a spec is there.
        self.codes: list[CodeType] = [compile(text, "<guard>", "eval") for text in texts]
        self.bounds = _bounds(program)

    def hold(self, shape: Sequence[int]) -> bool:
        """Whether the program is for an input of this shape, (N, C, *extents)."""
        if not all(low <= n <= high for n, (low, high) in zip(shape, self.bounds, strict=True)):
            return False
        known = {"L": {self.name: _Tensor(shape)}, "max": max, "min": min, "__builtins__": {}}
        return all(eval(code, known) for code in self.codes)


def _bounds(program: torch.export.ExportedProgram) -> list[tuple[float, float]]:
    """By dimension of the input, from where to where."""
    found: list[tuple[float, float]] = []
    for extent in _shape(program):
        if str(extent).isdigit():
            found.append((int(extent), int(extent)))
            continue
        span = program.range_constraints[extent.node.expr]
        found.append((float(span.lower), float(span.upper)))
    return found


def symbols(program: torch.export.ExportedProgram) -> list[str | None]:
    """By dimension of the input, torch's name where it is free."""
    return [None if str(extent).isdigit() else str(extent) for extent in _shape(program)]


def _shape(program: torch.export.ExportedProgram) -> Sequence[Any]:
    """Of the input: numbers, also such as torch found out, and symbols."""
    name = program.graph_signature.user_inputs[0]
    node = next(node for node in program.graph.nodes if node.name == name)
    shape: Sequence[Any] = node.meta["val"].shape
    return shape
