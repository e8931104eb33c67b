"""The JSON forms of what resdsl says, for other programs: versioned and strict.

A change that an old reader would trip over makes a new version; new optional fields do too, as
readers refuse what they do not know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, PlainSerializer

from resdsl.analysis.cost import Cost
from resdsl.analysis.stages import StageRow
from resdsl.api.designs import Design
from resdsl.api.reports import Report
from resdsl.diagnostics.diagnostic import Diagnostic
from resdsl.diagnostics.fixes import Fix
from resdsl.exchange.value_forms import Exact
from resdsl.source import Span
from resdsl.weights.report import WeightsReport


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
    """`rows` once for a layer, bracketed for a block; `count` in a row. `stride` (`/2`) is that of
    the first, where it alone has one; `called` the name of a module that begins here and is called
    again."""

    rows: tuple[str, ...]
    count: int = Field(ge=0)
    bracketed: bool
    stride: str = ""
    called: str = ""


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
                LayersForm(
                    rows=group.rows,
                    count=int(group.count),
                    bracketed=group.bracketed,
                    stride=group.stride,
                    called=group.called,
                )
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


def _as_text(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()


# Bytes in the name of a file that are no text reach us as halves of characters, which JSON has not.
Text: TypeAlias = Annotated[str, PlainSerializer(_as_text)]


class PlaceForm(Exact):
    """Code points from 0, `end` not included; lines and columns begin at 1."""

    file: Text
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    line: int = Field(ge=1)
    column: int = Field(ge=1)
    end_line: int = Field(ge=1)
    end_column: int = Field(ge=1)

    @classmethod
    def of(cls, span: Span | None) -> PlaceForm | None:
        if span is None:
            return None
        (line, column), (end_line, end_column) = map(span.source.position, (span.start, span.stop))
        return cls(
            file=span.source.name,
            start=span.start,
            end=span.stop,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
        )


class NoteForm(Exact):
    """A label at another place, or a link of the chain of instantiations."""

    text: Text
    place: PlaceForm | None


class EditForm(Exact):
    """`text` in the place of what is there."""

    place: PlaceForm | None
    text: Text


class FixForm(Exact):
    """What would mend a mistake; `check --fix` applies those that are `safe`."""

    title: Text
    safe: bool
    edits: tuple[EditForm, ...]

    @classmethod
    def of(cls, fix: Fix) -> FixForm:
        edits = tuple(EditForm(place=PlaceForm.of(e.span), text=e.text) for e in fix.edits)
        return cls(title=fix.title, safe=fix.is_safe, edits=edits)


class DiagnosticForm(Exact):
    """One mistake. `label` belongs under `place`, `labels` under others."""

    code: str
    severity: Literal["error", "warning"]
    message: Text
    place: PlaceForm | None
    label: Text
    labels: tuple[NoteForm, ...]
    chain: tuple[NoteForm, ...]
    help: tuple[Text, ...]
    fix: FixForm | None

    @classmethod
    def of(cls, found: Diagnostic) -> DiagnosticForm:
        return cls(
            code=found.code.id,
            severity=found.severity,
            message=found.message,
            place=PlaceForm.of(found.span),
            label=found.label,
            labels=tuple(
                NoteForm(text=label.text, place=PlaceForm.of(label.span)) for label in found.others
            ),
            chain=tuple(
                NoteForm(text=link.text, place=PlaceForm.of(link.span)) for link in found.chain
            ),
            help=found.help,
            fix=None if found.fix is None else FixForm.of(found.fix),
        )


class CheckedForm(Exact):
    """A network of a spec; its cost is null where it has errors."""

    spec: Text
    network: str
    ok: bool
    cost: CostForm | None
    sizes: str | None


class AdaptedForm(Exact):
    """A tensor whose input channels are others: `there` in the file, `here` in the network."""

    key: Text
    there: int = Field(ge=1)
    here: int = Field(ge=1)


class NewForm(Exact):
    """A tensor that starts as without weights, and why."""

    key: Text
    why: Text


class WeightsForm(Exact):
    """How weights fit, as `WeightsReport` says it."""

    matched: int = Field(ge=0)
    total: int = Field(ge=0)
    wrapped: tuple[Text, ...]
    prefix: Text
    dialect: str
    note: str
    renamed: int = Field(ge=0)
    adapted: tuple[AdaptedForm, ...]
    new: tuple[NewForm, ...]
    dropped: tuple[Text, ...]
    too: tuple[str, ...]

    @classmethod
    def of(cls, found: WeightsReport) -> WeightsForm:
        return cls(
            matched=found.matched,
            total=found.total,
            wrapped=found.wrapped,
            prefix=found.prefix,
            dialect=found.dialect,
            note=found.note,
            renamed=found.renamed,
            adapted=tuple(
                AdaptedForm(key=key, there=there, here=here) for key, there, here in found.adapted
            ),
            new=tuple(NewForm(key=key, why=why) for key, why in found.new),
            dropped=found.dropped,
            too=found.too,
        )


class CheckForm(Exact):
    """What `resdsl check --json` prints."""

    form: Literal["resdsl.check/1"] = Field(alias="schema")
    ok: bool
    networks: tuple[CheckedForm, ...]
    diagnostics: tuple[DiagnosticForm, ...]

    @classmethod
    def of(cls, reports: Sequence[tuple[str, Report]]) -> CheckForm:
        return cls(
            schema="resdsl.check/1",
            ok=all(report.ok for _, report in reports),
            networks=_networks(reports),
            diagnostics=_diagnostics(reports),
        )


class WeightsCheckForm(Exact):
    """What it prints with `--weights`, which are null where they do not fit."""

    form: Literal["resdsl.check/2"] = Field(alias="schema")
    ok: bool
    networks: tuple[CheckedForm, ...]
    weights: WeightsForm | None
    diagnostics: tuple[DiagnosticForm, ...]

    @classmethod
    def of(cls, reports: Sequence[tuple[str, Report]]) -> WeightsCheckForm:
        found = [report.weights for _, report in reports if report.weights is not None]
        return cls(
            schema="resdsl.check/2",
            ok=all(report.ok for _, report in reports),
            networks=_networks(reports),
            weights=WeightsForm.of(found[0]) if found else None,
            diagnostics=_diagnostics(reports),
        )


def _networks(reports: Sequence[tuple[str, Report]]) -> tuple[CheckedForm, ...]:
    networks: list[CheckedForm] = []
    for spec, report in reports:
        for design in report.designs:
            cost, sizes = CostForm.of(design.facts.cost), design.sizes().text()
            networks.append(
                CheckedForm(spec=spec, network=design.name, ok=True, cost=cost, sizes=sizes)
            )
        networks += [
            CheckedForm(spec=spec, network=name, ok=False, cost=None, sizes=None)
            for name in report.failed
        ]
    return tuple(networks)


def _diagnostics(reports: Sequence[tuple[str, Report]]) -> tuple[DiagnosticForm, ...]:
    return tuple(DiagnosticForm.of(found) for _, report in reports for found in report.diagnostics)


def _plain(value: int | None) -> int | None:
    return None if value is None else int(value)
