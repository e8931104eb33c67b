"""What an operator is: one frozen class with all its facets.

A subclass gives its fields (the parameters of the language, checked by it), how it changes a shape,
what it costs, the torch call that runs it, and a label for drawings. Everything else in the
compiler asks these facets; nothing else knows an operator by name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TypeAlias

from resdsl.diagnostics import codes
from resdsl.diagnostics.codes import Code
from resdsl.extents import Extent, Shape, Size, spread

REQUIRED: Any = dataclasses.MISSING


def argument(
    type: str,
    default: Any = REQUIRED,
    *,
    doc: str,
    least: float | None = None,
    above: float | None = None,
    below: float | None = None,
    most: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """A parameter of an operator: its type in the language, its meaning, the values it allows."""
    metadata = {
        "type": type,
        "least": least,
        "above": above,
        "below": below,
        "most": most,
        "choices": choices,
        "doc": doc,
    }
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class OpParameter:
    """One parameter as the language sees it. `type` is `int float bool string size`, `|auto`…"""

    name: str
    type: str
    default: Any
    least: float | None
    above: float | None
    below: float | None
    most: float | None
    choices: tuple[str, ...]
    doc: str

    @property
    def is_float(self) -> bool:
        """Its numbers are floats."""
        return self.type.partition("|")[0] == "float"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an operator cannot be applied to a shape. The language adds where."""

    code: Code
    message: str
    label: str = ""
    help: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """An operator runs only where `extent` (of its input, in `dimension`) is at least `least`."""

    extent: Extent
    dimension: int
    least: int
    reason: str


@dataclass(frozen=True, slots=True)
class MoreThanOne:
    """An operator runs only where a map of `extents` (of its input) has more than one element."""

    extents: tuple[Extent, ...]


Needs: TypeAlias = list[Need | MoreThanOne]


@dataclass(frozen=True, slots=True)
class InitCall:
    """`function(tensor, *arguments)`: `nn.init.normal_(…, std=0.01)`."""

    function: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Init:
    """How a tensor starts: a distribution, and the torch call (None: torch's own default).

    `kind` is `normal` (std), `uniform` (±bound), `trunc_normal` (std, cut at ±2 std) or `constant`.
    """

    kind: str
    value: float
    call: InitCall | None = None


@dataclass(frozen=True, slots=True)
class Tensor:
    """A parameter or buffer: its name in the state dict, torch shape and start."""

    name: str
    shape: tuple[int, ...]
    init: Init

    @property
    def size(self) -> int:
        total = 1
        for n in self.shape:
            total *= int(n)
        return total


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a torch call. Left out where its value equals `default`."""

    name: str
    value: Any
    # `...`: it has none. (dataclasses.MISSING would make `default` itself a required field.)
    default: Any = ...
    keyword: bool = False


@dataclass(frozen=True, slots=True)
class Helper:
    """A class with a `forward` as text, and whether that names `torch` besides `nn`."""

    name: str
    text: str
    names_torch: bool = False


@dataclass(frozen=True, slots=True)
class Module:
    """`nn.Conv2d(64, 64, 3, padding=1)`: the module that runs an operator.

    `helper` is the text of a class that the emitted file must define first, where torch has none.
    """

    callee: str
    arguments: tuple[Argument, ...] = ()
    helper: Helper | None = None


@dataclass(frozen=True, slots=True)
class Inline:
    """An expression on `x` that runs an operator without a module.

    `x` itself (`same`), `text(x, *further)` (`call`), `x[…]` (`index`) or `text * x` (`product`).
    `{name}` in a text stands for one of the numbers in `values`.
    """

    kind: Literal["same", "call", "index", "product"]
    text: str = ""
    further: tuple[str, ...] = ()
    values: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Op:
    """An operator with its arguments. Shapes are `(C, *extents)` of one sample.

    A subclass with parameters is a frozen slotted dataclass; one without inherits all it needs.
    """

    name: ClassVar[str]
    # The paper's word in drawings and tables, where it is not the name.
    is_norm: ClassVar[bool] = False
    is_activation: ClassVar[bool] = False
    # No element of the result is below 0.
    is_non_negative: ClassVar[bool] = False
    # Convolution and linear layers: what depth, MACs and activations count.
    is_weighted: ClassVar[bool] = False
    # False: the result does not depend on the number of channels, nothing has to know it.
    reads_channels: ClassVar[bool] = True
    # Spatial ranks accepted; 0 is a flat tensor.
    ranks: ClassVar[tuple[int, ...]] = (0, 1, 2, 3)
    # The result may share memory with the argument (a view, or the argument itself in eval mode).
    may_alias: ClassVar[bool] = False
    # Autograd keeps the result for the gradient, so nothing may overwrite it.
    keeps_result: ClassVar[bool] = False
    # Autograd keeps the argument: overwriting the *argument* later is wrong.
    keeps_argument: ClassVar[bool] = True
    # The torch module takes `inplace=True`.
    has_inplace: ClassVar[bool] = False
    # A path through a global or adaptive pool has no sampling step.
    is_global: ClassVar[bool] = False

    @classmethod
    def parameters(cls) -> tuple[OpParameter, ...]:
        """The parameters in order."""
        return _parameters(cls)

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        """The result's shape; what must hold of the extents is added to `needs`."""
        return shape

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        """The values for which alone the emitted text is right: a caller may choose no others.

        Those of arguments whose numbers the torch call does not mention, or that say whether the
        operator can be applied.
        """
        if not self.reads_channels:
            return ()
        return (shape.channels, *(getattr(self, p.name) for p in self.parameters()))

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        """The learnable tensors, in the order of torch's state dict."""
        return ()

    def buffers(self, shape: Shape) -> tuple[Tensor, ...]:
        """Running statistics and counters, in the order of torch's state dict."""
        return ()

    def macs(self, shape: Shape, inside: Sequence[int], outside: Sequence[int]) -> int:
        """Multiply-accumulates of one sample, from extents `inside` to extents `outside`."""
        return 0

    def sampling(self, rank: int) -> tuple[tuple[int, int], ...]:
        """Per dimension, the step between results in input elements: (numerator, denominator)."""
        return ((1, 1),) * rank

    def field(self, rank: int) -> tuple[int, ...]:
        """Per dimension, the input elements that one result sees."""
        return (1,) * rank

    def windows(self, rank: int) -> tuple[range, ...]:
        """Per dimension, the input elements that the first result sees, counted from it."""
        return (range(1),) * rank

    def module(self, shape: Shape) -> Module | None:
        """The torch module; None for the identity."""
        raise AssertionError(f"{self.name} has no torch module")

    def inline(self, shape: Shape) -> Inline | None:
        """The expression to write in a `forward` instead of a module, where that reads better."""
        return None

    def label(self, shape: Shape) -> str:
        """A few words for drawings: `3×3 conv, 64, /2`."""
        return self.name.replace("_", " ")

    def row(self, shape: Shape) -> str | None:
        """The row in a paper's bracketed list, `3×3, 64`; None if papers leave it out."""
        return None


_CACHE: dict[type[Op], tuple[OpParameter, ...]] = {}


def _parameters(cls: type[Op]) -> tuple[OpParameter, ...]:
    if cls not in _CACHE:
        _CACHE[cls] = tuple(
            OpParameter(
                f.name,
                f.metadata["type"],
                f.default,
                f.metadata["least"],
                f.metadata["above"],
                f.metadata["below"],
                f.metadata["most"],
                f.metadata["choices"],
                f.metadata["doc"],
            )
            for f in dataclasses.fields(cls)
        )
    return _CACHE[cls]


def dims(value: int | Size, rank: int) -> tuple[int, ...]:
    return spread(value, rank)


def window_elements(
    k: Sequence[int], padding: Sequence[int], dilation: Sequence[int]
) -> tuple[range, ...]:
    """Per dimension, the input elements in the first window, of which padding is before 0."""
    return tuple(
        range(-int(p), -int(p) + int(d) * int(n), int(d))
        for n, p, d in zip(k, padding, dilation, strict=True)
    )


def times(value: int | Size) -> str:
    """A size for people: `3×3`; an int stays a single number."""
    return "×".join(str(int(n)) for n in value) if isinstance(value, Size) else str(int(value))


def square(value: int | Size, rank: int) -> str:
    """A window for people: `3×3` in two dimensions, `3` in one."""
    return "×".join(str(int(n)) for n in spread(value, rank))


def step(value: int | Size) -> str:
    """`, /2` for a stride that is not 1."""
    if isinstance(value, Size):
        return "" if all(n == 1 for n in value) else f", /{times(value)}"
    return "" if value == 1 else f", /{int(value)}"


def torch_size(value: int | Size) -> Any:
    """A size as torch takes it: one number where all dimensions agree."""
    if isinstance(value, Size):
        return value[0] if len(set(value)) == 1 else tuple(value)
    return value


def torch_sizes(values: Sequence[int]) -> Any:
    """Per-dimension numbers as torch takes them."""
    return values[0] if len(set(values)) == 1 else tuple(values)


def wrong_rank(op: Op, rank: int, sizes: dict[str, int | Size]) -> Problem | None:
    """A `Size` argument must have one number per spatial dimension."""
    for name, value in sizes.items():
        if isinstance(value, Size) and len(value) != rank:
            return Problem(
                codes.RANK,
                f"`{op.name}` got {name} {value} for a tensor of {_dimensions(rank)}",
                f"{name} has {_dimensions(len(value))}",
                (f"write one number, or {rank} of them",),
            )
    return None


def _dimensions(n: int) -> str:
    return "1 spatial dimension" if n == 1 else f"{n} spatial dimensions"


REGISTRY: dict[str, type[Op]] = {}


def operator(name: str) -> Callable[[type[Op]], type[Op]]:
    """Enters a class as the operator `name` of the language."""

    def enter(cls: type[Op]) -> type[Op]:
        cls.name = name
        REGISTRY[name] = cls
        return cls

    return enter
