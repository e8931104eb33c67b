"""Parameters and buffers by their keys.

Keys follow docs/language.md: the path of `Apply.key`s, with a number for each copy of `unit x n`; a
module that is called again has the key of its first call.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor

from resdsl.design.model import Apply

# Between the key of a tensor that a body holds itself and its operator's name for it.
_HELD = "\0"


@dataclass(slots=True)
class State:
    """The tensors of a network. Running statistics are replaced, not changed."""

    tensors: dict[str, Tensor]
    training: bool = False
    # The keys of those that were read.
    used: set[str] = field(default_factory=set, init=False)


@dataclass(frozen=True, slots=True)
class Own:
    """The tensors of one operator, by its own names for them."""

    state: State
    path: str

    def __getitem__(self, name: str) -> Tensor:
        key = of_held(self.path + name)
        self.state.used.add(key)
        return self.state.tensors[key]

    def __setitem__(self, name: str, tensor: Tensor) -> None:
        self.state.tensors[self.path + name] = tensor

    def columns(self, rank: int, *names: str) -> list[Tensor]:
        """Tensors with a number for each channel, as they meet a map."""
        return [self[name].reshape(1, -1, *(1,) * rank) for name in names]


def path_of_copy(apply: Apply, path: str, number: int) -> str:
    """What stands before the names of the tensors of a copy."""
    if apply.held:
        return f"{path}{apply.key}{_HELD}"
    return f"{path}{apply.key}." + (f"{number}." if apply.repeated else "")


def of_held(key: str) -> str:
    """A tensor that a body holds itself goes by the body's name for it."""
    return key.partition(_HELD)[0]
