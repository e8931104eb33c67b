"""The tree of a .res text: frozen nodes, each with its span.

`NAME`s that the language reads specially (`in`, `out`, `main`, `here`, `index`…) are plain `Name`s.
"""

from __future__ import annotations

from typing import Literal, TypeAlias, TypeVar, dataclass_transform

from resdsl.records import dataclass
from resdsl.source import Source, Span

T = TypeVar("T")


@dataclass_transform(frozen_default=True, eq_default=False)
def node(cls: type[T]) -> type[T]:
    """A frozen, slotted dataclass, equal only to itself.

    What nothing calls is not generated (`==`, `repr`): it was half of the time of this import, and
    it would recurse along a chain of thousands of terms.
    """
    return dataclass(frozen=True, slots=True, eq=False, repr=False)(cls)


# --- expressions ---------------------------------------------------------------------------------


@node
class Number:
    """`64`, `0.5`, `4.1G`: an int when its decimal value is integral."""

    value: int | float
    span: Span


@node
class SizeLiteral:
    """`3x3`, `3 x 224 x 224`."""

    dims: tuple[int, ...]
    span: Span


@node
class String:
    value: str
    span: Span


@node
class Bool:
    value: bool
    span: Span


@node
class Name:
    id: str
    span: Span


@node
class Unary:
    """`-a`, `not a`."""

    op: Literal["-", "not"]
    operand: Expr
    span: Span


@node
class Broken:
    """What could not be read, and was told: a step, a definition or an expression of no value."""

    span: Span


BinaryOp: TypeAlias = Literal[
    "or", "and", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "//", "%", "**"
]


@node
class Binary:
    op: BinaryOp
    left: Expr
    right: Expr
    span: Span


@node
class Argument:
    """`expr` or `name=expr`."""

    name: Name | None
    value: Expr
    span: Span


@node
class Call:
    """`name(args)`; as a unit also a bare `name`, with `parenthesised` False."""

    callee: Name
    arguments: tuple[Argument, ...]
    parenthesised: bool
    span: Span


@node
class Field:
    """`a.channels`."""

    value: Expr
    name: Name
    span: Span


@node
class Index:
    """`a[i]`."""

    value: Expr
    index: Expr
    span: Span


@node
class ListExpr:
    items: tuple[Expr, ...]
    span: Span


Expr: TypeAlias = (
    Number
    | SizeLiteral
    | String
    | Bool
    | Name
    | Unary
    | Binary
    | Call
    | Field
    | Index
    | ListExpr
    | Broken
)

# --- steps ---------------------------------------------------------------------------------------


@node
class LabelName:
    """`layer`, `layer[i + 1]`, or the string label `"block1-0"` (`quoted`)."""

    name: str
    index: Expr | None
    quoted: bool
    span: Span


@node
class Body:
    steps: tuple[Step, ...]
    span: Span


@node
class Residual:
    """`residual { main } via label: mode`; `mode` None means the identity."""

    main: Body
    label: LabelName | None
    mode: Call | Body | None
    span: Span


@node
class Branch:
    label: LabelName
    unit: Unit
    count: Expr | None
    span: Span


@node
class Fork:
    branches: tuple[Branch, ...]
    join: Expr
    span: Span


@node
class Reuse:
    """`reuse encoder`: the module of that label once more; its tensors are given anew."""

    label: LabelName
    arguments: tuple[Argument, ...]
    span: Span


Unit: TypeAlias = Call | Body | Residual | Fork | Reuse


@node
class Apply:
    """`[label:] unit [/stride] [x count]`."""

    label: LabelName | None
    unit: Unit
    count: Expr | None
    span: Span
    stride: Expr | None = None


@node
class Stage:
    """`stage label [/stride]: unit [x count]`."""

    label: LabelName
    stride: Expr | None
    unit: Unit
    count: Expr | None
    span: Span


@node
class Let:
    name: Name
    value: Expr
    span: Span


@node
class SetSlot:
    """`set norm = groupnorm(groups=32)`."""

    slot: Name
    value: Expr
    span: Span


@node
class SetDefaults:
    """`set conv(bias=true)`."""

    callee: Name
    arguments: tuple[Argument, ...]
    span: Span


@node
class Dim:
    """One dimension of an input: a number, or a name (a parameter or a free extent)."""

    value: int | Name
    span: Span


@node
class Input:
    """`input 3 x H x W`: channels first."""

    dims: tuple[Dim, ...]
    span: Span


@node
class Expect:
    condition: Expr
    span: Span


@node
class Keep:
    name: Name
    index: Expr | None
    span: Span


@node
class KeepAll:
    """`keep a, b`: all the results of a call."""

    items: tuple[Keep, ...]
    span: Span


@node
class Param:
    """`param gamma: layer_scale(1e-6)`: an operator whose one tensor is the body's own."""

    label: LabelName
    call: Call
    span: Span


@node
class OutputItem:
    """`layer2`, `features.relu` (`path` has what is behind the label) or `logits: here`."""

    label: LabelName
    path: tuple[Name, ...]
    value: Expr | None
    span: Span


@node
class Output:
    items: tuple[OutputItem, ...]
    span: Span


@node
class Join:
    value: Expr
    span: Span


@node
class If:
    condition: Expr
    body: Body
    orelse: Body | If | None
    span: Span


@node
class For:
    names: tuple[Name, ...]
    iterable: Expr
    body: Body
    span: Span


Step: TypeAlias = (
    Let
    | SetSlot
    | SetDefaults
    | Input
    | Expect
    | Output
    | Param
    | Stage
    | Keep
    | KeepAll
    | Join
    | If
    | For
    | Apply
    | Broken
)

# --- files ---------------------------------------------------------------------------------------


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
    amendments: tuple[SetSlot | SetDefaults | Expect | Output, ...]
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
