"""The parameters and buffers that a design says it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl import Design
from resdsl.design.state import state
from tests.random_networks.checking.failures import Failure
from tests.random_networks.interpreting.state_shapes import elements, tensors


def said_state(design: Design) -> Iterator[Failure]:
    entries = list(state(design.network))
    said = {entry.key: tuple(map(int, entry.tensor.shape)) for entry in entries}
    wanted = tensors(design.network)
    if list(said.items()) != list(wanted.items()):
        yield Failure("design: state", difference(wanted, said))
    buffers = sum(entry.tensor.size for entry in entries if entry.is_buffer)
    if design.params != elements(wanted) - buffers or design.buffers != buffers:
        counts = (design.params, design.buffers, elements(wanted), buffers)
        yield Failure("design: params", f"params {counts[0]}, buffers {counts[1]}: {counts[2:]}")


def difference(wanted: dict[str, Any], made: dict[str, Any]) -> str:
    """The first entry that is another one."""
    for (key, shape), (other, size) in zip(wanted.items(), made.items(), strict=False):
        if (key, shape) != (other, size):
            return f"wanted {key} {shape}, got {other} {size}"
    missing, extra = list(wanted)[len(made) :], list(made)[len(wanted) :]
    return f"missing {missing[:3]}, too many {extra[:3]}"
