"""Operators that move elements: flatten, subsample, channels padded, sliced and shuffled."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from resdsl.diagnostics import codes
from resdsl.extents import Shape, Size, collapsed, constant, spread
from resdsl.ops.base import (
    Argument,
    Helper,
    Inline,
    Module,
    Needs,
    Op,
    Problem,
    Role,
    argument,
    operator,
    undivided,
    wrong_rank,
)
from resdsl.ops.positions import ElementWise, SeesAll
from resdsl.ops.sizes import times
from resdsl.records import dataclass


@operator("flatten")
class Flatten(SeesAll):
    """(C, *extents) to one vector of features: torch.flatten(x, 1)."""

    __slots__ = ()

    role: ClassVar[Role] = "flatten"
    reads_channels: ClassVar[bool] = False
    may_alias: ClassVar[bool] = True

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        flat = replace(shape, flat=True)
        features = flat.features
        # A constant map keeps the number; `1 * channels` keeps its origin too.
        if features is not None and not shape.flat:
            return Shape(shape.channels if features == shape.channels else features, (), flat=True)
        return flat

    def module(self, shape: Shape) -> Module:
        return Module("nn.Flatten")

    def inline(self, shape: Shape) -> Inline:
        return Inline("call", "torch.flatten", ("1",))


@operator("unflatten")
@dataclass(frozen=True, slots=True)
class Unflatten(SeesAll):
    """A vector to a map of one element, `x[:, :, None, None]`: torch.nn.Unflatten."""

    ranks: ClassVar[tuple[int, ...]] = (0,)
    may_alias: ClassVar[bool] = True

    rank: int | None = argument(
        "int|in",
        None,
        least=1,
        most=3,
        doc="The dimensions of the map; without a number those that `in` has.",
    )

    @property
    def is_listed(self) -> bool:
        return False

    def within(self, rank: int) -> Unflatten:
        return self if self.rank is not None or rank == 0 else self.with_arguments(rank=rank)

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        if self.rank is None:
            return Problem(
                codes.ARGUMENT,
                "`unflatten` needs a `rank` where `in` is flat",
                "it makes a map of as many dimensions as `in` has",
                ("`unflatten(2)` makes a map of two dimensions",),
            )
        assert shape.features is not None  # what reads channels is given their number
        return Shape(shape.features, (constant(1),) * int(self.rank))

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return (self.rank,)

    def module(self, shape: Shape) -> Module:
        size = (-1, *(1,) * int(self.rank or 0))
        return Module("nn.Unflatten", (Argument("dim", 1), Argument("unflattened_size", size)))

    def inline(self, shape: Shape) -> Inline:
        return Inline("index", f"[:, :{', None' * int(self.rank or 0)}]")


def _subsample(rank: int) -> Helper:
    return Helper(
        "Subsample",
        f'''
class Subsample(nn.Module):
    """Every stride-th element of each spatial dimension."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, {", ".join([":: self.stride"] * rank)}]
''',
    )


# By rank: a network has one wherever it has maps.
SUBSAMPLE = {rank: _subsample(rank) for rank in (1, 2, 3)}

SUBSAMPLE_SIZES = Helper(
    "SubsampleSizes",
    '''
class SubsampleSizes(nn.Module):
    """Every stride-th element, with a stride per spatial dimension."""

    def __init__(self, stride: tuple[int, ...]) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        for dim, stride in enumerate(self.stride):
            x = x.movedim(2 + dim, 0)[::stride].movedim(0, 2 + dim)
        return x
''',
)


@operator("subsample")
@dataclass(frozen=True, slots=True)
class Subsample(Op):
    """`x[::s]` in every spatial dimension, from the first element."""

    role: ClassVar[Role] = "subsampling"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    reads_channels: ClassVar[bool] = False
    may_alias: ClassVar[bool] = True
    helpers: ClassVar[tuple[Helper, ...]] = (*SUBSAMPLE.values(), SUBSAMPLE_SIZES)

    stride: int | Size = argument(
        "size", least=1, doc="Of so many elements one stays, in each dimension."
    )

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        problem = wrong_rank(self.name, shape.rank, {"stride": self.stride})
        if problem:
            return problem
        steps = zip(shape.extents, spread(self.stride, shape.rank), strict=True)
        return shape.with_extents([extent.mapped(int(s) - 1, int(s)) for extent, s in steps])

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        # At 1 there is no such step in the text.
        return (self.stride,) if self.stride == 1 else ()

    def sampling(self, rank: int) -> tuple[tuple[int, int], ...]:
        return tuple((int(s), 1) for s in spread(self.stride, rank))

    def field(self, rank: int) -> tuple[int, ...]:
        return (1,) * rank

    def windows(self, rank: int) -> tuple[range, ...]:
        return (range(1),) * rank

    def module(self, shape: Shape) -> Module:
        size = collapsed(self.stride)
        if isinstance(size, tuple):
            return Module("SubsampleSizes", (Argument("stride", size),), SUBSAMPLE_SIZES)
        return Module("Subsample", (Argument("stride", size),), SUBSAMPLE[shape.rank])

    def inline(self, shape: Shape) -> Inline | None:
        steps = spread(self.stride, shape.rank)
        if all(s == 1 for s in steps):
            return Inline("same")
        size = collapsed(self.stride)
        if isinstance(size, tuple):
            text = ", ".join(f"::{int(s)}" for s in size)
            return Inline("index", f"[:, :, {text}]")
        text = ", ".join(["::{stride}"] * shape.rank)
        return Inline("index", f"[:, :, {text}]", values=(("stride", size),))

    def label(self, shape: Shape) -> str:
        return f"subsample {self.abbreviation}"

    @property
    def abbreviation(self) -> str:
        return f"/{times(self.stride)}"


PAD_CHANNELS = Helper(
    "PadChannels",
    '''
class PadChannels(nn.Module):
    """Zero channels before and after those of the input."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.before = before
        self.after = after

    def forward(self, x: Tensor) -> Tensor:
        padding = [0] * (2 * (x.ndim - 2)) + [self.before, self.after]
        return nn.functional.pad(x, padding)
''',
)


@operator("pad_channels")
@dataclass(frozen=True, slots=True)
class PadChannels(ElementWise):
    """Zero channels up to `to`: after the input's (`"end"`), or half before them (`"split"`)."""

    role: ClassVar[Role] = "channel padding"
    helpers: ClassVar[tuple[Helper, ...]] = (PAD_CHANNELS,)
    # With enough channels it does nothing.
    may_alias: ClassVar[bool] = True

    to: int = argument("int", least=1, doc="The channels that come out.")
    where: str = argument(
        "one_of",
        "end",
        choices=("end", "split"),
        doc="Behind the channels of the input, or half before them and half behind.",
    )

    def missing(self, shape: Shape) -> tuple[int, int]:
        extra = self.to - shape.channels
        if self.where == "end":
            return 0, extra
        before = extra // 2
        return before, extra - before

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        if self.to < shape.channels:
            return Problem(
                codes.CHANNELS,
                f"`pad_channels` cannot pad {int(shape.channels)} channels to {int(self.to)}",
                "there are more already",
                ("`slice_channels(0, n)` drops channels",),
            )
        return shape.with_channels(self.to)

    def module(self, shape: Shape) -> Module:
        before, after = self.missing(shape)
        arguments = (Argument("before", before), Argument("after", after))
        return Module("PadChannels", arguments, PAD_CHANNELS)

    def inline(self, shape: Shape) -> Inline:
        before, after = self.missing(shape)
        if int(before) == 0 and int(after) == 0:
            return Inline("same")
        values = (("before", before), ("after", after))
        zeros = "0, 0, " * shape.rank
        return Inline("call", "nn.functional.pad", (f"({zeros}{{before}}, {{after}})",), values)

    def label(self, shape: Shape) -> str:
        return f"zero channels to {int(self.to)}"

    @property
    def abbreviation(self) -> str:
        return "zero pad"


SLICE_CHANNELS = Helper(
    "SliceChannels",
    '''
class SliceChannels(nn.Module):
    """The channels from start to stop."""

    def __init__(self, start: int, stop: int) -> None:
        super().__init__()
        self.start = start
        self.stop = stop

    def forward(self, x: Tensor) -> Tensor:
        return x[:, self.start : self.stop]
''',
)


@operator("slice_channels")
@dataclass(frozen=True, slots=True)
class SliceChannels(ElementWise):
    """The channels from `start` to before `stop`, or to the last."""

    may_alias: ClassVar[bool] = True
    helpers: ClassVar[tuple[Helper, ...]] = (SLICE_CHANNELS,)

    start: int = argument("int", least=0, doc="The first channel that stays, counted from 0.")
    stop: int | None = argument(
        "int|end", None, least=1, doc="The first behind it that does not; without one all stay."
    )

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        stop = self._stop(shape)
        if not self.start < stop <= shape.channels:
            return Problem(
                codes.CHANNELS,
                f"`slice_channels` cannot take channels {int(self.start)} to {int(stop)} of "
                f"{int(shape.channels)}",
                f"0 <= start < stop <= {int(shape.channels)} is needed",
            )
        return shape.with_channels(stop if self.start == 0 else stop - self.start)

    def _stop(self, shape: Shape) -> int:
        return shape.channels if self.stop is None else self.stop

    def module(self, shape: Shape) -> Module:
        # The end needs no number, but a class that serves both takes one for each.
        arguments = (Argument("start", self.start), Argument("stop", self._stop(shape)))
        return Module("SliceChannels", arguments, SLICE_CHANNELS)

    def inline(self, shape: Shape) -> Inline:
        if self.stop is None:
            return Inline("index", "[:, {start}:]", values=(("start", self.start),))
        values = (("start", self.start), ("stop", self.stop))
        return Inline("index", "[:, {start}:{stop}]", values=values)

    def label(self, shape: Shape) -> str:
        return f"channels {int(self.start)}:{int(self._stop(shape))}"


@operator("channel_shuffle")
@dataclass(frozen=True, slots=True)
class ChannelShuffle(ElementWise):
    """torch.nn.ChannelShuffle: channels of each group in turn (Zhang et al. 2017, Fig. 1)."""

    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    may_alias: ClassVar[bool] = True

    groups: int = argument(
        "int", least=1, doc="How many groups the channels are dealt from; it divides them."
    )

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        return undivided(self.name, shape.channels, self.groups) or shape

    def module(self, shape: Shape) -> Module:
        return Module("nn.ChannelShuffle", (Argument("groups", self.groups),))

    def label(self, shape: Shape) -> str:
        return f"shuffle of {int(self.groups)} groups"
