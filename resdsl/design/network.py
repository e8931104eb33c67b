"""A whole network: its definition, what is fed to it, and what it is with other truth values."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from resdsl.design.model import Definition
from resdsl.extents.conditions import Condition
from resdsl.records import dataclass
from resdsl.source import Span


@dataclass(frozen=True, slots=True)
class InputSpec:
    """The input of a network: channels, and per dimension a name and the declared extent or None.

    The declared extents are the size at which costs and contracts are reported.
    """

    channels: int
    names: tuple[str, ...]
    extents: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """What a network is with other truth values for its parameters: `flags` has them by name."""

    flags: Mapping[str, bool]
    root: Definition


@dataclass(frozen=True, slots=True)
class Varied:
    """The variants of a network, and the free parameters of all of them, itself included."""

    variants: tuple[Variant, ...]
    free_parameters: tuple[str, ...]


@dataclass(slots=True, eq=False)
class Network:
    """An elaborated network.

    `free_parameters` are the network's parameters that stand in the body only where numbers of
    modules stand (`classes`): a compiled module may keep them as arguments. Where its input is
    free, joins may agree only under the `conditions` that its `expect`s declare.
    `outputs` are the names of the results that its text or its user asked for, in the order of the
    root's; without names the last tensor is the only one. `uncut` is the root with what they are
    not made of, which weights of the whole network have too.
    `varied` makes the variants when they are asked for: every other combination of the truth values
    of parameters with which the network has the same input and outputs.
    `frozen`: the stage, label or kept tensor up to which nothing is trained; "" where all is.
    `checkpointed`: those that backward computes again, whose activations are not kept.
    `fused`: it is another network in fewer layers (`resdsl.fusing`), for eval alone.
    `face`: "timm" where its module has the methods that timm asks for.
    """

    name: str
    doc: str
    root: Definition
    input: InputSpec
    source: str
    free_parameters: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    span: Span | None = None
    outputs: tuple[str, ...] = ()
    uncut: Definition | None = None
    varied: Callable[[], Varied] | None = None
    frozen: str = ""
    checkpointed: tuple[str, ...] = ()
    face: str = ""
    fused: bool = False

    @property
    def variants(self) -> tuple[Variant, ...]:
        return self.varied().variants if self.varied else ()

    @property
    def shared_parameters(self) -> tuple[str, ...]:
        """The numbers that a module keeps as arguments."""
        return self.varied().free_parameters if self.varied else self.free_parameters

    @property
    def roots(self) -> tuple[Definition, ...]:
        """Its own definition, and those of its variants."""
        return self.root, *(variant.root for variant in self.variants)

    @property
    def flags(self) -> dict[str, bool]:
        """The parameters in which its variants differ, as the network itself has them."""
        names = self.variants[0].flags if self.variants else ()
        return {name: self.root.arguments[name] for name in names}
