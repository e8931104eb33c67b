"""What a design looks like in JSON, `resdsl.design/2`: flat lists, numbered from 0.

`definitions` come each after those it uses, the network's own last; so do the `bodies` of a
definition (its own last: groups and the mains of residuals stand before). Values of a definition
are numbered, and every step says which it reads and which it makes. Whether all this fits together
is for `resdsl.exchange.json_reader` to say; here is what each part consists of, but for the values
(`value_forms.py`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from resdsl import limits
from resdsl.exchange.value_forms import (
    Exact,
    Int,
    Name,
    Number,
    TracedForm,
    Value,
    value_kind,
)
from resdsl.join_functions import Operation

Extent: TypeAlias = Annotated[int, Field(ge=1, le=limits.LARGEST_SIZE)]
Index: TypeAlias = Annotated[int, Field(ge=0, le=limits.STEPS)]
Count: TypeAlias = Annotated[int, Field(ge=0, le=limits.REPETITIONS)]
Axis: TypeAlias = Annotated[str, Field(pattern="^[A-Z]'?$")]
# A label may hold any printable character (`"0"` is one); the reader looks closer.
Label: TypeAlias = Annotated[str, Field(min_length=1, max_length=limits.NAME_LENGTH)]

# --- modules -------------------------------------------------------------------------------------


class OpForm(Exact):
    """An operator with all its arguments."""

    op: Name
    arguments: dict[str, Value]


class InstanceForm(Exact):
    """A use of a definition; the arguments have the origins that they have here."""

    definition: Index
    arguments: dict[str, Value]


class GroupForm(Exact):
    """A body of this definition as a module."""

    group: Index


def _unit(value: Any) -> str:
    names = value if isinstance(value, dict) else getattr(type(value), "model_fields", ())
    return next((name for name in ("definition", "group") if name in names), "op")


class RunForm(Exact):
    """`count` equal copies in a row, from value `input` to value `output`.

    `tensors` are what its tensor parameters are given; `input` among them is each copy's own.
    """

    unit: Annotated[
        Annotated[OpForm, Tag("op")]
        | Annotated[InstanceForm, Tag("definition")]
        | Annotated[GroupForm, Tag("group")],
        Discriminator(_unit),
    ]
    count: Annotated[
        Annotated[Annotated[Count, Field(ge=1)], Tag("int")] | Annotated[TracedForm, Tag("origin")],
        Discriminator(value_kind),
    ]
    input: Index
    output: Index
    # Of the second edition.
    tensors: tuple[Index, ...] = ()


class ModuleForm(Exact):
    """A module: its key in the state dict, the word and label written, and its copies.

    `held`: an operator whose one tensor, of this key, is that of the module around. `again`: the
    module that was called by this key before. `others` are its results behind the first.
    """

    key: Label
    word: Name
    label: Label | None
    repeated: bool
    stage: bool
    main: Index | None
    # Of the second edition.
    held: bool = False
    again: bool = False
    others: tuple[Index, ...] = ()
    input: Index
    output: Index
    runs: tuple[RunForm, ...]


# --- joins: a list as on a stack calculator, operands first ---------------------------------------


class UseForm(Exact):
    """A value, and the name by which it was read."""

    use: Index
    name: Label


class CopiesForm(Exact):
    """All copies of a replicated branch of the fork: (value, how many) in order; one of them by its
    `place`."""

    copies: Label
    refs: tuple[tuple[Index, Count], ...]
    # Of the second edition.
    place: Index | None = None


class ScalarForm(Exact):
    scalar: Number | TracedForm


class CombineForm(Exact):
    """Takes the last `operands` of the list together."""

    combine: Operation
    operands: Annotated[int, Field(ge=1, le=limits.LIST_LENGTH)]


def _term(value: Any) -> str:
    names = value if isinstance(value, dict) else getattr(type(value), "model_fields", ())
    return next((name for name in ("copies", "scalar", "combine") if name in names), "use")


Expression: TypeAlias = tuple[
    Annotated[
        Annotated[UseForm, Tag("use")]
        | Annotated[CopiesForm, Tag("copies")]
        | Annotated[ScalarForm, Tag("scalar")]
        | Annotated[CombineForm, Tag("combine")],
        Discriminator(_term),
    ],
    ...,
]

# --- steps ---------------------------------------------------------------------------------------


class ApplyForm(Exact):
    step: Literal["apply"]
    module: ModuleForm


class ResidualForm(Exact):
    """`main` is a body. The result is main's plus `skip`, or (`adds` false) `skip`."""

    step: Literal["residual"]
    input: Index
    output: Index
    main: Index
    shortcut: ModuleForm | None
    adds: bool
    skip: Index


class BranchForm(Exact):
    replicated: bool
    module: ModuleForm


class ForkForm(Exact):
    step: Literal["fork"]
    input: Index
    output: Index
    branches: tuple[BranchForm, ...]
    join: Expression


class JoinForm(Exact):
    step: Literal["join"]
    input: Index
    output: Index
    join: Expression


class KeepForm(Exact):
    """A name for a value."""

    step: Literal["keep"]
    name: Name
    ref: Index


class BodyForm(Exact):
    """Steps from value `input` to value `output`; `numbered` if its modules are 0, 1, 2…"""

    input: Index
    output: Index
    numbered: bool
    steps: tuple[
        Annotated[
            ApplyForm | ResidualForm | ForkForm | JoinForm | KeepForm, Field(discriminator="step")
        ],
        ...,
    ]


# --- definitions ---------------------------------------------------------------------------------


class OutputForm(Exact):
    """A result that a network or block has by name: one of its values."""

    name: Annotated[str, Field(min_length=1, max_length=limits.KEY_LENGTH)]
    ref: Index


class ParameterForm(Exact):
    """As its author wrote it; `default` where that is a literal."""

    name: Name
    type: Annotated[str, Field(max_length=1000)]
    default: Value
    doc: str


class DefinitionForm(Exact):
    """An elaborated block, shortcut or network.

    `inputs` are `in`, the tensor parameters, whose names are `tensors`, and `main` where it is
    read; `outputs` are the results of a block that has several, the first of which its body ends
    with.
    """

    name: Name
    kind: Literal["block", "shortcut", "network"]
    origin: str
    doc: str
    parameters: tuple[ParameterForm, ...]
    arguments: dict[str, Value]
    inputs: Annotated[tuple[Index, ...], Field(min_length=1, max_length=limits.LIST_LENGTH)]
    # Of the second edition.
    tensors: tuple[Name, ...] = ()
    outputs: tuple[OutputForm, ...] = ()
    bodies: Annotated[tuple[BodyForm, ...], Field(min_length=1)]

    @property
    def reads_main(self) -> bool:
        return len(self.inputs) > 1 + len(self.tensors)


class ConditionForm(Exact):
    """`h % modulus == residue` and `h >= least` of the extent along `axis`."""

    axis: Annotated[int, Field(ge=0, le=2)]
    modulus: Annotated[Int, Field(ge=1)]
    residue: Annotated[Int, Field(ge=0)]
    least: Int


class InputForm(Exact):
    """A null extent is free; conditions are what the network's `expect`s say of those."""

    channels: Extent
    names: Annotated[tuple[Axis, ...], Field(max_length=3)]
    extents: tuple[Extent | None, ...]
    conditions: tuple[ConditionForm, ...]


class VariantForm(Exact):
    """The network with other truth values for its parameters, all by name: another definition, with
    its own numbers for the outputs."""

    flags: Annotated[dict[Name, bool], Field(min_length=1)]
    definition: Index
    outputs: tuple[Index, ...]


class NetworkForm(Exact):
    """`outputs` are its results by name, the first of which its body ends with; without, that is
    the only one. `source` is the file it comes from, and begins the origins of definitions: a way
    from the folder of the first file, `std/…` of the library, `<text>`; free parameters may stay
    arguments of the module, and so may the truth values in which its `variants` differ. What the
    stage, label or kept tensor that is `frozen` is made of is not trained, and of those that are
    `checkpointed` backward computes the activations again; what is `fused` is for eval alone."""

    name: Name
    doc: str
    source: str
    free_parameters: tuple[Name, ...]
    input: InputForm
    outputs: tuple[OutputForm, ...] = ()
    # Of the second edition.
    variants: Annotated[tuple[VariantForm, ...], Field(max_length=2**limits.FLAGS - 1)] = ()
    frozen: Annotated[str, Field(max_length=1000)] = ""
    checkpointed: tuple[Annotated[str, Field(min_length=1, max_length=1000)], ...] = ()
    face: Literal["", "timm"] = ""
    fused: bool = False


class DesignForm(Exact):
    """The whole."""

    # Of the first edition, which has no `outputs`, the second can be read.
    form: Literal["resdsl.design/2", "resdsl.design/1"] = Field(alias="schema")
    network: NetworkForm
    definitions: Annotated[
        tuple[DefinitionForm, ...], Field(min_length=1, max_length=limits.DEFINITIONS)
    ]
