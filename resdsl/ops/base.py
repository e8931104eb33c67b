"""What an operator is: one frozen class with all its facets.

A subclass gives its fields (the parameters of the language, checked by it), how it changes a shape,
which positions of its input a result sees, what it costs, the torch call that runs it, and a label
for drawings. Everything else in the compiler asks these facets; nothing else knows an operator by
name. What an operator does to positions has no default here: `resdsl.ops.positions` has the kinds.
"""

from __future__ import annotations

import dataclasses
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self, TypeAlias

from resdsl.diagnostics import codes
from resdsl.diagnostics.codes import Code
from resdsl.extents import Shape, Size
from resdsl.ops.channels_last import (
    CHANNELS_LAST_SEQUENTIAL,
    TO_CHANNELS_FIRST,
    TO_CHANNELS_LAST,
)
from resdsl.ops.kernels import Kernel, Scaling
from resdsl.ops.needs import Needs, at_least, more_than_one, within
from resdsl.ops.parameters import REQUIRED, OpParameter, argument, parameters
from resdsl.ops.torch_calls import Argument, Helper, Init, InitCall, Inline, Module, Tensor
from resdsl.ops.window import Window
from resdsl.records import dataclass

# What operators are written with, and what others ask of them.
__all__ = [
    "CHANNELS_LAST_SEQUENTIAL",
    "REGISTRY",
    "REQUIRED",
    "TO_CHANNELS_FIRST",
    "TO_CHANNELS_LAST",
    "Argument",
    "Helper",
    "Init",
    "InitCall",
    "Inline",
    "Kernel",
    "Module",
    "Needs",
    "Op",
    "OpParameter",
    "Problem",
    "Role",
    "Scaling",
    "Statistics",
    "Tensor",
    "Window",
    "argument",
    "at_least",
    "held_operators",
    "more_than_one",
    "operator",
    "undivided",
    "unlike",
    "within",
    "wrong_rank",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an operator cannot be applied to a shape. The language adds where."""

    code: Code
    message: str
    label: str = ""
    help: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a norm takes each mean and variance of: a group of the channels, `groups` of them.

    Wu and He 2018 ("Group Normalization"), figure 2. `over_positions`: of all positions together,
    else at each by itself. `over_batch`: of all samples of a batch, in training.
    """

    groups: int
    over_positions: bool = True
    over_batch: bool = False


# What an operator is to those who tell of it.
Role: TypeAlias = Literal[
    "convolution",
    "linear",
    "norm",
    "activation",
    "identity",
    "pooling",
    "flatten",
    "scaling",
    "channel padding",
    "subsampling",
    "other",
]


@dataclass(frozen=True, slots=True)
class Op:
    """An operator with its arguments. Shapes are `(C, *extents)` of one sample.

    A subclass with parameters is a frozen slotted dataclass; one without inherits all it needs.
    """

    name: ClassVar[str]
    role: ClassVar[Role] = "other"
    # Of the role, as is asked most (see `operator`). Convolution and linear layers are weighted:
    # what depth, MACs and activations count.
    is_weighted: ClassVar[bool] = False
    # It has MACs: a weighted layer, or what multiplies by numbers that are not learned.
    multiplies: ClassVar[bool] = False
    is_norm: ClassVar[bool] = False
    is_activation: ClassVar[bool] = False
    # It hands on what it is given.
    is_identity: ClassVar[bool] = False
    # No element of the result is below 0.
    is_non_negative: ClassVar[bool] = False
    # False: the result does not depend on the number of channels, nothing has to know it.
    reads_channels: ClassVar[bool] = True
    # Spatial ranks accepted; 0 is a flat tensor.
    ranks: ClassVar[tuple[int, ...]] = (0, 1, 2, 3)
    # The result is between bounds, so that it weighs what it is multiplied with.
    is_gate: ClassVar[bool] = False
    # The result may share memory with the argument (a view, or the argument itself in eval mode).
    may_alias: ClassVar[bool] = False
    # Autograd keeps the result for the gradient, so nothing may overwrite it.
    keeps_result: ClassVar[bool] = False
    # The torch module takes `inplace=True`.
    has_inplace: ClassVar[bool] = False
    # The classes that its module may need, where torch has none.
    helpers: ClassVar[tuple[Helper, ...]] = ()

    @classmethod
    def parameters(cls) -> tuple[OpParameter, ...]:
        """The parameters in order."""
        kind: Any = cls  # a class is hashable, whatever mypy thinks of its instances
        return parameters(kind)

    def with_arguments(self, **arguments: Any) -> Self:
        """The same operator with other arguments."""
        return dataclasses.replace(self, **arguments)

    def within(self, rank: int) -> Op:
        """The operator as it stands in a definition whose `in` has so many dimensions."""
        return self

    # --- what it is ------------------------------------------------------------------------------

    @property
    def samples_zeroed(self) -> float:
        """Of how many samples, as a part of all, it makes nothing in training."""
        return 0.0

    @property
    def flattens(self) -> bool:
        """It makes a vector of a map."""
        return self.role == "flatten"

    @property
    def is_listed(self) -> bool:
        """Papers list it: norms and activations belong to the row before them."""
        return self.role not in ("norm", "activation", "identity", "flatten")

    @property
    def window(self) -> Window | None:
        """That of a convolution or a pool."""
        return None

    def added(self, rank: int) -> tuple[int, ...] | None:
        """Of what adds elements at the ends of dimensions and does nothing else, how many."""
        return None

    @property
    def constant_factor(self) -> float | None:
        """What it multiplies all elements by, if it does that alone."""
        return None

    def statistics(self, shape: Shape) -> Statistics | None:
        """What a norm takes mean and variance of."""
        return None

    # --- what it is in eval mode ------------------------------------------------------------------

    def kernel(self, shape: Shape) -> Kernel | None:
        """Of a layer that multiplies by a `weight` as it stands, and adds a `bias` if there is
        one: how it does."""
        return None

    @property
    def scaling(self) -> Scaling | None:
        """Of a norm that scales and shifts each channel by numbers which are known before."""
        return None

    def side_by_side(self, copies: int, shape: Shape, *, of_one: bool) -> Op | None:
        """So many of it, whose results are concatenated, as one operator.

        `of_one`: of one input, else each has channels of its own. None: no one operator is that.
        """
        return None

    # --- shapes and positions --------------------------------------------------------------------

    @abstractmethod
    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        """The result's shape; what must hold of the extents is added to `needs`."""

    def infer_beside(self, shape: Shape, others: Sequence[Shape], needs: Needs) -> Shape | Problem:
        """As `infer`, of an operator whose parameters may be given tensors of these shapes."""
        return self.infer(shape, needs)

    @abstractmethod
    def sampling(self, rank: int) -> tuple[tuple[int, int], ...] | None:
        """Per dimension, the step between results in input elements: (numerator, denominator).

        None: there is no such step, all positions are seen. So it is with `field` and `windows`.
        """

    @abstractmethod
    def field(self, rank: int) -> tuple[int, ...] | None:
        """Per dimension, the input elements that one result sees."""

    @abstractmethod
    def windows(self, rank: int) -> tuple[range, ...] | None:
        """Per dimension, the input elements that the first result sees, counted from it."""

    @property
    def idle(self) -> Op | None:
        """The operator with numbers that let it do nothing, in training too, if there are any."""
        return None

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        """The values for which alone the emitted text is right: a caller may choose no others.

        Those of arguments whose numbers the torch call does not mention, or that say whether the
        operator can be applied.
        """
        if not self.reads_channels:
            return ()
        return (shape.channels, *(getattr(self, p.name) for p in self.parameters()))

    @property
    def needs_channels(self) -> bool:
        """Whether it has to know how many channels come in."""
        return self.reads_channels

    # --- costs and the torch call ----------------------------------------------------------------

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        """The learnable tensors, in the order of torch's state dict."""
        return ()

    def buffers(self, shape: Shape) -> tuple[Tensor, ...]:
        """Running statistics and counters, in the order of torch's state dict."""
        return ()

    def macs(self, shape: Shape, inside: Sequence[int], outside: Sequence[int]) -> int:
        """Multiply-accumulates of one sample, from extents `inside` to extents `outside`."""
        return 0

    @abstractmethod
    def module(self, shape: Shape) -> Module:
        """The torch module."""

    def inline(self, shape: Shape) -> Inline | None:
        """The expression to write in a `forward` instead of a module, where that reads better."""
        return None

    def channels_last(self, shape: Shape) -> Module | None:
        """The torch module for a tensor (N, *extents, C), with the same keys.

        None: there is none, or there are no extents.
        """
        return None

    def held(self, shape: Shape) -> Inline | None:
        """The expression for an operator whose one tensor the module around holds (`param`):
        `{tensor}` in it stands for that. None where it is more than one learned tensor.
        """
        return None

    # --- words -----------------------------------------------------------------------------------

    def label(self, shape: Shape) -> str:
        """A few words for drawings: `3×3 conv, 64, /2`."""
        return self.name.replace("_", " ")

    def row(self, shape: Shape) -> str | None:
        """The row in a paper's bracketed list, `3×3, 64`; None if that is the label."""
        return None

    def plain_row(self, shape: Shape) -> str | None:
        """The row without what differs from block to block of a stage; None if that is the row."""
        return None

    @property
    def abbreviation(self) -> str | None:
        """What stands in rows where there is no room to spell it out."""
        return None


def held_operators() -> list[str]:
    """The names of those whose one tensor another module can hold."""
    return sorted(name for name, op in REGISTRY.items() if op.held is not Op.held)


def wrong_rank(name: str, rank: int, sizes: Mapping[str, object]) -> Problem | None:
    """A `Size` argument of the operator `name` must have one number per spatial dimension."""
    for size, value in sizes.items():
        if isinstance(value, Size) and len(value) != rank:
            return Problem(
                codes.RANK,
                f"`{name}` got {size} {value} for a tensor of {_dimensions(rank)}",
                f"{size} has {_dimensions(len(value))}",
                (f"write one number, or {rank} of them",),
            )
    return None


def undivided(name: str, channels: int, groups: int) -> Problem | None:
    """The channels of the operator `name` cannot be divided into so many groups."""
    if channels % groups == 0:
        return None
    return Problem(
        codes.CHANNELS,
        f"`{name}` cannot divide {int(channels)} channels into {int(groups)} groups",
        f"{int(channels)} is not a multiple of {int(groups)}",
    )


def unlike(name: str, shape: Shape, others: Sequence[Shape]) -> Problem | None:
    """A tensor whose extents the operator `name` gives its own has as many of them."""
    if not others:
        return Problem(codes.ARGUMENT, f"`{name}` is like another tensor, which is not given")
    if others[0].flat or others[0].rank != shape.rank:
        of = "a flat one" if others[0].flat else f"one of {_dimensions(others[0].rank)}"
        return Problem(
            codes.RANK,
            f"`{name}` makes a tensor of {_dimensions(shape.rank)} like {of}",
            "extents are taken one by one",
        )
    return None


def _dimensions(n: int) -> str:
    return "1 spatial dimension" if n == 1 else f"{n} spatial dimensions"


REGISTRY: dict[str, type[Op]] = {}


def operator(name: str) -> Callable[[type[Op]], type[Op]]:
    """Enters a class as the operator `name` of the language.

    Raises TypeError for one that leaves out what every operator must say. Python's own check comes
    with a metaclass, by which each `isinstance` takes five times as long.
    """

    def enter(cls: type[Op]) -> type[Op]:
        missing = [m for m in dir(cls) if getattr(getattr(cls, m), "__isabstractmethod__", False)]
        if missing:
            raise TypeError(f"the operator `{name}` does not say: {', '.join(missing)}")
        cls.name = name
        cls.is_weighted = cls.role in ("convolution", "linear")
        cls.multiplies = cls.multiplies or cls.is_weighted
        cls.is_norm = cls.role == "norm"
        cls.is_activation = cls.role == "activation"
        cls.is_identity = cls.role == "identity"
        REGISTRY[name] = cls
        return cls

    return enter
