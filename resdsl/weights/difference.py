"""Where a file and a design differ, as questions are asked about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from resdsl.records import dataclass
from resdsl.weights.fitting import Fit
from resdsl.weights.renaming import Renames
from resdsl.weights.tensors import Shape, Wanted, is_counter

# Components of a key that are looked at.
DEEP = 16


@dataclass(frozen=True, slots=True)
class Cause:
    text: str
    help: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What a design has, what a file has as it would be called here, and where they differ."""

    wanted: Wanted
    fit: Fit
    ours: dict[str, Shape]
    theirs: dict[str, Shape]
    # By their own keys, the tensors of a file that are nothing here.
    spare: dict[str, Shape]
    # What `rename` would have to say for all to fit, if that is all.
    renames: Renames

    @classmethod
    def of(
        cls, wanted: Wanted, fit: Fit, shapes: Mapping[str, Shape], renames: Renames
    ) -> Difference:
        ours = {key: shape for key, shape in wanted.shapes.items() if not is_counter(key)}
        theirs = {name: shapes[key] for name, key in fit.named.items() if not is_counter(name)}
        spare = {key: shapes[key] for key in fit.unknown}
        return cls(wanted, fit, ours, theirs, spare, renames)

    @property
    def missing(self) -> list[str]:
        missing = set(self.fit.missing)
        return [key for key in self.ours if key not in self.theirs and key in missing]

    @property
    def wrong(self) -> list[str]:
        return [key for key in self.fit.wrong if key in self.ours]

    @property
    def unknown(self) -> list[str]:
        return [key for key in self.theirs if key not in self.ours]

    @property
    def keys(self) -> list[str]:
        return [*self.missing, *self.unknown, *self.fit.wrong]


def as_list(names: Sequence[str]) -> str:
    """As it is written in Python."""
    return "[" + ", ".join(f'"{name}"' for name in names[:6]) + ("]" if len(names) < 7 else ", …]")


def listed(names: Sequence[str]) -> str:
    shown = [f"`{name}`" for name in names[:4]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
