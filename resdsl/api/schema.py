"""The JSON forms of what resdsl says, for other programs: versioned and strict.

A change that an old reader would trip over makes a new version; new optional fields do too, as
readers refuse what they do not know.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from resdsl.analysis.cost import Cost
from resdsl.analysis.stages import StageRow
from resdsl.api.designs import Design


class Exact(BaseModel):
    """Strict, frozen, and without fields that nobody declared."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class CostForm(Exact):
    """Of one sample; `macs` and `activations` are null where a free extent decides them.

    `params` and `buffers` count elements, `macs` multiply-accumulates and `activations` output
    elements of convolution and linear layers; `convs`, `linears` and `norms` count layers.
    """

    params: int = Field(ge=0)
    params_without_norm: int = Field(ge=0)
    buffers: int = Field(ge=0)
    macs: int | None = Field(ge=0)
    activations: int | None = Field(ge=0)
    convs: int = Field(ge=0)
    linears: int = Field(ge=0)
    norms: int = Field(ge=0)

    @classmethod
    def of(cls, cost: Cost) -> CostForm:
        # By way of `int`: numbers of a design may remember where they came from.
        numbers = {name: _plain(getattr(cost, name)) for name in cls.model_fields}
        return cls.model_validate(numbers)


class LayersForm(Exact):
    """`rows` once for a layer, bracketed for a block; `count` in a row."""

    rows: tuple[str, ...]
    count: int = Field(ge=0)
    bracketed: bool


class RowForm(Exact):
    """One row of the table. `shape` is (C, *extents), null where an extent is free; `path` the
    module's name in the state dict, empty where the row is no single module; `share` the part of
    the network's MACs (of its parameters where these are not known)."""

    name: str
    kind: str
    path: str
    output: str
    shape: tuple[int, ...] | None
    layers: tuple[LayersForm, ...]
    depth: int = Field(ge=0)
    cost: CostForm
    share: float = Field(ge=0, le=1)

    @classmethod
    def of(cls, row: StageRow) -> RowForm:
        return cls(
            name=row.name,
            kind=row.kind,
            path=row.path,
            output=row.output,
            shape=row.shape,
            layers=tuple(
                LayersForm(rows=group.rows, count=int(group.count), bracketed=group.bracketed)
                for group in row.groups
            ),
            depth=int(row.depth),
            cost=CostForm.of(row.cost),
            share=row.share,
        )


class NetworkTable(Exact):
    """What `resdsl show --json` prints."""

    form: Literal["resdsl.table/1"] = Field(alias="schema")
    network: str
    doc: str
    input: tuple[int | str, ...]
    output: tuple[int, ...] | None
    depth: int = Field(ge=0)
    cost: CostForm
    rows: tuple[RowForm, ...]

    @classmethod
    def of(cls, design: Design) -> NetworkTable:
        return cls(
            schema="resdsl.table/1",
            network=design.name,
            doc=design.doc,
            input=design.input,
            output=design.output,
            depth=int(design.depth),
            cost=CostForm.of(design.facts.cost),
            rows=tuple(RowForm.of(row) for row in design.stages),
        )


def _plain(value: int | None) -> int | None:
    return None if value is None else int(value)
