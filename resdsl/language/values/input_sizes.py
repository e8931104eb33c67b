"""An input size as somebody outside gives it, in the place of the one that a network declares.

`3x256x256` is whole: channels, then an extent for each dimension. `256` and `256x320` are extents
alone, of each dimension or of all, and the declared channels stay. `1x103` in the place of an image
is whole too, and sets the number of dimensions. What could be either is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, SupportsIndex, TypeAlias

from resdsl import limits
from resdsl.design.network import InputSpec
from resdsl.diagnostics.codes import OVERRIDE
from resdsl.diagnostics.diagnostic import Sink
from resdsl.extents.shape import AXES
from resdsl.language.values.outside_values import Text, shown, understood
from resdsl.records import dataclass

# As Python gives one: `"3x256x256"`, 256, `(3, 256, 256)`, `(3, "H", "W")`, a tensor's shape.
InputSize: TypeAlias = str | SupportsIndex | Sequence[SupportsIndex | str]

# A first number up to this may be meant for channels: grey, RGB, and with transparency.
_FEW = 4

_NUMBER = re.compile(r"[1-9][0-9_]*")
_DIGITS = re.compile("[0-9]+")
_FREE = re.compile(r"[A-Z]")


class UnfitError(Exception):
    """A size does not fit a declared input; the text says why, `help` what would."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True)
class GivenSize:
    """Numbers, and letters for free extents. `said` is what was written, `is_text` on the command
    line."""

    parts: tuple[int | str, ...]
    said: str
    is_text: bool

    def instead_of(self, declared: InputSpec, *, keeps_rank: bool = False) -> InputSpec:
        """The input that is meant, where a network has declared one. Raises UnfitError."""
        parts, rank = self.parts, len(declared.extents)
        if len(parts) == rank + 1 or (not keeps_rank and self.sets_rank(declared)):
            channels, extents = parts[0], parts[1:]
        else:
            channels, extents = declared.channels, self._extents(declared)
        if not isinstance(channels, int):
            raise UnfitError(
                f"{self.said}: the channels of an input are never free",
                f"channels come first: {self._as((declared.channels, *extents))}",
            )
        letters = [extent for extent in extents if isinstance(extent, str)]
        axes = declared.names if len(extents) == rank else AXES[len(extents)]
        names = [f"{name}'" if name in letters else name for name in axes]
        pairs = zip(extents, names, strict=True)
        return InputSpec(
            channels,
            tuple(extent if isinstance(extent, str) else name for extent, name in pairs),
            tuple(None if isinstance(extent, str) else extent for extent in extents),
        )

    def sets_rank(self, declared: InputSpec) -> bool:
        """Whether it is whole, of another number of dimensions than is declared.

        One number is an extent; and where a batch stands in front, no dimension is meant by it.
        """
        count, rank, first = len(self.parts), len(declared.extents), self.parts[0]
        if count == rank:
            return count > 1 and isinstance(first, int) and first <= _FEW
        return 1 < count <= len(AXES) and count != rank + 1 and not self._has_batch(declared)

    def one_short(self, declared: InputSpec) -> tuple[str, str] | None:
        """`--input 3x256` where `3 x 224 x 224` is declared: a warning, and its help."""
        count = len(self.parts)
        if count != len(declared.extents) or self.parts[0] != declared.channels:
            return None
        return (
            f"{self.said}: {declared.channels} channel{'s' * (declared.channels > 1)} and "
            f"{_dimensions(count - 1)}, where {count} are declared",
            f"with all of them: {self._as((*self.parts, self.parts[-1]))}",
        )

    def _has_batch(self, declared: InputSpec) -> bool:
        count = len(self.parts)
        return count == len(declared.extents) + 2 and self.parts[1] == declared.channels

    def channels_last(self, declared: InputSpec) -> tuple[str, str] | None:
        """`--input 224x224x3`: a warning, and its help, where 3 channels are declared."""
        first, last, channels = self.parts[0], self.parts[-1], declared.channels
        if len(self.parts) < 3 or len(self.parts) != len(declared.extents) + 1:
            return None
        if last != channels or channels > _FEW:
            return None
        if any(isinstance(part, int) and part <= _FEW for part in self.parts[:-1]):
            return None
        return (
            f"{self.said}: the first number of an input is its channels: {first} of them here, "
            f"{channels} declared",
            f"channels come first: {self._as((channels, *self.parts[:-1]))}",
        )

    def _extents(self, declared: InputSpec) -> tuple[int | str, ...]:
        """Of parts that have no channels, one for each dimension."""
        parts, rank, first = self.parts, len(declared.extents), self.parts[0]
        if rank == 0 or len(parts) not in (1, rank):
            help = f"it is declared {self._shown(_sizes(declared))}"
            if self._has_batch(declared) or (not self.is_text and len(parts) == rank + 2):
                help += f", and without the batch this is {self._shown(parts[1:])}"
            raise UnfitError(
                f"{self.said}: has {_dimensions(len(parts) - 1)}, "
                f"but the network's input has {rank}",
                help,
            )
        if isinstance(first, str) and len(parts) < rank:
            raise UnfitError(
                f"{self.said}: a letter is the extent of one dimension",
                f"of all of them: {self._as(AXES[rank])}",
            )
        extents = parts if len(parts) == rank else parts * rank
        if isinstance(first, int) and (first <= _FEW or first == declared.channels):
            after = (*parts[1:], parts[-1]) if len(parts) > 1 else _sizes(declared)[1:]
            either = self._as((declared.channels, *extents)), self._as((first, *after))
            raise UnfitError(
                f"{self.said}: is {first} the channels, or an extent?",
                f"say {' or '.join(dict.fromkeys(either))}",
            )
        return extents

    def _as(self, parts: Sequence[int | str]) -> str:
        """How this side writes a size."""
        text = self._shown(parts)
        return f"`--input {text}`" if self.is_text else f"`input={text}`"

    def _shown(self, parts: Sequence[int | str]) -> str:
        if self.is_text:
            return "x".join(map(str, parts))
        return f"({', '.join(map(repr, parts))}{',' * (len(parts) == 1)})".replace("'", '"')


def input_size(raw: Any, sink: Sink) -> GivenSize | None:
    """A size as it was given: a text of the command line or of Python, an int, or several of them
    and of letters. None after an error, which is told to the sink."""
    is_text = type(raw) is Text
    known = raw.text if type(raw) is Text else understood(raw)
    said = f"input={shown(known, is_tuple=issubclass(type(raw), tuple))}"
    if is_text:
        said = f"--input {known}"
    if isinstance(known, str):
        parts: list[Any] = _split(known)
    else:
        parts = known if isinstance(known, list) else [known]
    read = [_part(part) for part in parts]
    letters = [part for part in read if isinstance(part, str)]
    numbers = [part for part in read if part is not None]
    help = "channels first: `--input 3x256x256`; or an extent for all dimensions: `--input 256`"
    if not is_text:
        help = "channels first: `input=(3, 256, 256)`; or an extent for all dimensions: `input=256`"
    if not read or len(numbers) < len(read) or len(set(letters)) < len(letters):
        sink.error(OVERRIDE, f"{said}: is not an input size", help=[help])
        return None
    if any(isinstance(part, int) and part > limits.LARGEST_SIZE for part in numbers):
        sink.error(OVERRIDE, f"{said}: a dimension is at most {limits.LARGEST_SIZE:,}")
        return None
    return GivenSize(tuple(numbers), said, is_text)


def whole_numbers(text: str) -> tuple[int, ...] | None:
    """Those of `224` and `256x320`; None for what has others, or letters."""
    parts = _split(text)
    if len(text) > limits.NUMBER_LENGTH or not all(map(_DIGITS.fullmatch, parts)):
        return None
    return tuple(map(int, parts))


def _split(text: str) -> list[str]:
    """The dimensions of a size that is written down."""
    return [part.strip() for part in re.split("[x×,]", text)]


def _part(part: Any) -> int | str | None:
    """A dimension: an int of at least 1, or the letter of a free extent."""
    if type(part) is int:
        return part if part > 0 else None
    if not isinstance(part, str):
        return None
    if _NUMBER.fullmatch(part) and len(part) <= limits.NUMBER_LENGTH:
        return int(part.replace("_", ""))
    return part if _FREE.fullmatch(part) else None


def _dimensions(count: int) -> str:
    return f"{count} spatial dimension{'s' * (count != 1)}"


def _sizes(declared: InputSpec) -> tuple[int | str, ...]:
    extents = zip(declared.extents, declared.names, strict=True)
    return declared.channels, *(name if n is None else n for n, name in extents)
