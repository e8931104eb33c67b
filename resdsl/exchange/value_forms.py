"""Values in the JSON of a design: numbers and where they come from, sizes, lists, names."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from resdsl import limits


class Exact(BaseModel):
    """Strict, frozen, and without fields that nobody declared."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


Int: TypeAlias = Annotated[int, Field(ge=-limits.LARGEST, le=limits.LARGEST)]
# As a text's numbers: what is larger may be infinite in torch's 32 bits.
Float: TypeAlias = Annotated[float, Field(ge=-limits.LARGEST, le=limits.LARGEST)]
# A name of the language: it becomes a Python name, spelled so that it hides nothing.
Name: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=64)]


class LetForm(Exact):
    """A value that a `let` gave a name."""

    let: Name
    be: Origin


class ElementForm(Exact):
    """One number of a list that is a parameter of the network."""

    element: Name
    place: Annotated[int, Field(ge=0, lt=limits.LIST_LENGTH)]


class OperationForm(Exact):
    """`left op right`."""

    op: Literal["+", "-", "*", "/", "//", "%", "**"]
    left: Origin
    right: Origin


class TracedForm(Exact):
    """A number and the expression it comes from, which has this value in the definition around."""

    value: Number
    origin: Origin


class SizeForm(Exact):
    """`3x5`: a number per spatial dimension."""

    size: tuple[Number | TracedForm, ...]


class ListForm(Exact):
    """`[3, 4, 6, 3]`."""

    list: tuple[Value, ...]


class CalleeForm(Exact):
    """An operator, block or shortcut as the value of a parameter."""

    callee: Name
    bound: dict[str, Value]


def value_kind(value: Any) -> str:
    """Which form a value has; what it is not is then told of that form alone."""
    if isinstance(value, dict):
        return next((key for key in _KEYS if key in value), "value")
    return _KINDS.get(type(value), "value")


_KEYS = ("element", "let", "op", "origin", "size", "list", "callee")
_KINDS: dict[type, str] = {
    bool: "bool",
    int: "int",
    float: "float",
    str: "string",
    type(None): "null",
    ElementForm: "element",
    LetForm: "let",
    OperationForm: "op",
    TracedForm: "origin",
    SizeForm: "size",
    ListForm: "list",
    CalleeForm: "callee",
}


Number: TypeAlias = Annotated[
    Annotated[Int, Tag("int")] | Annotated[Float, Tag("float")], Discriminator(value_kind)
]
# A string is the name of a parameter, `in_channels`, `out_channels` or `stride`.
Origin: TypeAlias = Annotated[
    Annotated[Name, Tag("string")]
    | Annotated[Int, Tag("int")]
    | Annotated[Float, Tag("float")]
    | Annotated[ElementForm, Tag("element")]
    | Annotated[LetForm, Tag("let")]
    | Annotated[OperationForm, Tag("op")],
    Discriminator(value_kind),
]
Value: TypeAlias = Annotated[
    Annotated[None, Tag("null")]
    | Annotated[bool, Tag("bool")]
    | Annotated[Int, Tag("int")]
    | Annotated[Float, Tag("float")]
    | Annotated[str, Tag("string")]
    | Annotated[ListForm, Tag("list")]
    | Annotated[TracedForm, Tag("origin")]
    | Annotated[SizeForm, Tag("size")]
    | Annotated[CalleeForm, Tag("callee")],
    Discriminator(value_kind),
]


for _model in (ElementForm, LetForm, OperationForm, TracedForm, SizeForm, ListForm, CalleeForm):
    _model.model_rebuild()
