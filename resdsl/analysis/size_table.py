"""One design at several input sizes: what it gives, does and holds at each."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.analysis.cost import Cost
from resdsl.analysis.facts import Facts
from resdsl.analysis.reach import Reaches
from resdsl.analysis.sections import Section
from resdsl.analysis.shapes import View
from resdsl.records import dataclass

# Bytes of an element.
DTYPES = {"fp64": 8, "fp32": 4, "tf32": 4, "fp16": 2, "bf16": 2, "int8": 1}


@dataclass(frozen=True, slots=True)
class SizeRow:
    """A row of the stage table: its output at each size, and what it sees of the input.

    `stride` is the step between its elements in elements of the input, `field` the receptive field
    (Araujo et al. 2019); None where it is no single module of the network, or behind a global pool.
    """

    name: str
    outputs: tuple[str, ...]
    stride: str | None
    field: str | None


@dataclass(frozen=True, slots=True)
class SizeTable:
    """`memory` is in bytes: parameters and buffers, and for each sample of a batch the outputs of
    convolution and linear layers, as much as `activations` counts. `outputs` are shapes by the name
    of the output, which is empty where it is the only one."""

    name: str
    inputs: tuple[str, ...]
    rows: tuple[SizeRow, ...]
    outputs: dict[str, tuple[str, ...]]
    macs: tuple[int, ...]
    activations: tuple[int, ...]
    memory: tuple[int, ...]
    dtype: str
    batch: int


def size_table(known: Facts, at: Sequence[Facts], batch: int, dtype: str) -> SizeTable:
    """The table of a network, and of what is known of it at each size."""
    views = [one.view for one in at]
    costs = [one.cost for one in at]
    return SizeTable(
        known.network.name,
        tuple(one.view.text(one.input) for one in at),
        tuple(_row(section, views) for section in known.sections),
        _outputs(known, views),
        tuple(cost.macs or 0 for cost in costs),
        tuple(cost.activations or 0 for cost in costs),
        tuple(_memory(cost, batch, DTYPES[dtype]) for cost in costs),
        dtype,
        batch,
    )


def _outputs(known: Facts, views: Sequence[View]) -> dict[str, tuple[str, ...]]:
    shapes = known.outputs if len(known.outputs) > 1 else {"": known.output}
    return {name: tuple(view.text(shape) for view in views) for name, shape in shapes.items()}


def _memory(cost: Cost, batch: int, size: int) -> int:
    return size * (cost.params + cost.buffers + batch * (cost.activations or 0))


def _row(section: Section, views: Sequence[View]) -> SizeRow:
    return SizeRow(
        section.name,
        tuple(view.text(section.output) for view in views),
        _shown(section.reach, "stride"),
        _shown(section.reach, "field"),
    )


def _shown(reaches: Reaches, what: str) -> str | None:
    """`32`, or `4×2` where the dimensions differ; None behind a global pool."""
    values = [getattr(reach, what) for reach in reaches]
    if not values or any(value is None for value in values):
        return None
    texts = [str(value) for value in values]
    return texts[0] if len(set(texts)) == 1 else "×".join(texts)
