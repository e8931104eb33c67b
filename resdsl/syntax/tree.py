"""The tree of a .res text: frozen nodes, each with its span.

Nodes of files are here, and the names of all others: everybody says `tree.Call`, whatever the file
that a node stands in.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from resdsl.source import Source, Span

# isort: off
# (It would write a statement for each name.)
from resdsl.syntax.tree_expressions import (
    Argument as Argument,
    Binary as Binary,
    BinaryOp as BinaryOp,
    Bool as Bool,
    Broken as Broken,
    Call as Call,
    Expr as Expr,
    Field as Field,
    Index as Index,
    Indices as Indices,
    ListExpr as ListExpr,
    Name as Name,
    Number as Number,
    SizeLiteral as SizeLiteral,
    String as String,
    Unary as Unary,
    index_of as index_of,
    indexed as indexed,
    node,
)
from resdsl.syntax.tree_steps import (
    Amendment as Amendment,
    Apply as Apply,
    Body as Body,
    Branch as Branch,
    Dim as Dim,
    Expect as Expect,
    For as For,
    Fork as Fork,
    If as If,
    Input as Input,
    Join as Join,
    Keep as Keep,
    KeepAll as KeepAll,
    LabelName as LabelName,
    Let as Let,
    Output as Output,
    OutputItem as OutputItem,
    OutputStride as OutputStride,
    Param as Param,
    Residual as Residual,
    Reuse as Reuse,
    SetDefaults as SetDefaults,
    SetSlot as SetSlot,
    Stage as Stage,
    Step as Step,
    Unit as Unit,
)
# isort: on


@node
class Type:
    """`int`, `list[int]` (`item`), `one_of("a", "b")` (`choices`)."""

    name: str
    item: Type | None
    choices: tuple[str, ...]
    span: Span


@node
class Parameter:
    name: Name
    type: Type | None
    default: Expr | None
    doc: str
    span: Span


@node
class Block:
    kind: Literal["block", "shortcut"]
    name: Name
    parameters: tuple[Parameter, ...]
    body: Body
    doc: str
    span: Span


@node
class Network:
    """`network n(params) { … }`: `body`; `network n = family(args) { set… expect… }`: `family`."""

    name: Name
    parameters: tuple[Parameter, ...]
    body: Body | None
    family: Call | None
    amendments: tuple[Amendment, ...]
    doc: str
    span: Span


@node
class Import:
    """`from std.stem import a, b` (`module`) or `from "blocks/se.res" import a` (`path`)."""

    module: tuple[str, ...]
    path: str | None
    origin: Span
    names: tuple[Name, ...]
    span: Span


Item: TypeAlias = Import | Block | Network | Let


@node
class File:
    """`lost`: words of what is broken. Any of them may have been given a meaning there."""

    source: Source
    edition: Number | None
    items: tuple[Item, ...]
    doc: str
    is_whole: bool = True
    lost: frozenset[str] = frozenset()

    @property
    def is_first_edition(self) -> bool:
        """It says so: one that says nothing is of the newest."""
        return self.edition is not None and self.edition.value == 1
