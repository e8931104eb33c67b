"""What of an operator is torch's: its tensors and how they start, its module or expression."""

from __future__ import annotations

from typing import Any, Literal

from resdsl.records import dataclass


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
    """A class with a `forward` as text, and whether that names `torch` besides `nn`.

    `base`: the class of torch whose tensors and `reset_parameters` it inherits. `own`: the names of
    those that it has besides, which it starts itself. `uses`: the classes and functions that stand
    before it, as it names them.
    """

    name: str
    text: str
    names_torch: bool = False
    base: str | None = None
    own: tuple[str, ...] = ()
    uses: tuple[Helper, ...] = ()

    @property
    def with_used(self) -> tuple[Helper, ...]:
        """It, behind all that it uses."""
        return (*(one for used in self.uses for one in used.with_used), self)


@dataclass(frozen=True, slots=True)
class Module:
    """`nn.Conv2d(64, 64, 3, padding=1)`: the module that runs an operator.

    `helper` is the text of a class that the emitted file must define first, where torch has none.
    """

    callee: str
    arguments: tuple[Argument, ...] = ()
    helper: Helper | None = None

    @property
    def is_our_own(self) -> bool:
        """Whether its tensors are those of a class that torch does not have."""
        return self.helper is not None and self.helper.base is None

    @property
    def kind(self) -> str:
        """The class by which its tensors start: torch's own where a helper inherits from one."""
        return self.callee if self.helper is None else self.helper.base or self.callee


@dataclass(frozen=True, slots=True)
class Inline:
    """An expression on `x` that runs an operator without a module.

    `x` itself (`same`), `text(x, *further)` (`call`), `x[…]` (`index`), `text * x` (`product`) or
    `x + text` (`sum`).
    `{name}` in a text stands for one of the numbers in `values`, `{tensor}` for one that the module
    around holds, `{other}` for one that it is called with.
    """

    kind: Literal["same", "call", "index", "product", "sum"]
    text: str = ""
    further: tuple[str, ...] = ()
    values: tuple[tuple[str, Any], ...] = ()
