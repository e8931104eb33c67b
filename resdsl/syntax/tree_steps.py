"""Nodes of a .res text's tree: steps, and the units and labels in them."""

from __future__ import annotations

from typing import TypeAlias

from resdsl.source import Span
from resdsl.syntax.tree_expressions import (
    Argument,
    Broken,
    Call,
    Expr,
    Indices,
    Name,
    Number,
    node,
)


@node
class LabelName:
    """`layer`, `layer[i + 1]`, `conv[i][j]`, or the string label `"block1-0"` (`quoted`)."""

    name: str
    index: Expr | Indices | None
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
    index: Expr | Indices | None
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
class OutputStride:
    """`output_stride 16`: strides beyond it are not taken."""

    value: Number | Name
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


# What stands in the braces of an instantiation.
Amendment: TypeAlias = SetSlot | SetDefaults | Expect | Output | OutputStride

Step: TypeAlias = (
    Let
    | SetSlot
    | SetDefaults
    | Input
    | Expect
    | Output
    | OutputStride
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
