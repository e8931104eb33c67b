"""Which sizes a program of torch.export stands for.

The trace assumes things of the sizes that it was given (`H // 32 != 1`), and puts them down: the
module made of it begins with a function that raises at any other size. Here it is called for one
size after the other, with tensors that have no memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


class Guards:
    def __init__(self, program: torch.export.ExportedProgram) -> None:
        # Older versions of torch have no such function: there the bounds alone are known.
        self.function = getattr(program.module(), "_guards_fn", None)
        self.bounds = _bounds(program)

    def hold(self, shape: Sequence[int]) -> bool:
        """Whether the program is for an input of this shape, (N, C, *extents)."""
        from resdsl.targets.torch_import import torch

        if not all(low <= n <= high for n, (low, high) in zip(shape, self.bounds, strict=True)):
            return False
        if self.function is None:
            return True
        try:
            self.function(torch.empty(*shape, device="meta"))
        except AssertionError:
            return False
        return True


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
