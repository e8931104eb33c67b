"""Operators that make maps larger: upsample, pixel shuffle, transposed convolution."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, gcd, prod
from typing import Any, ClassVar, Literal

from resdsl.diagnostics import codes
from resdsl.extents import Shape, Size, collapsed, constant, spread
from resdsl.ops import initial, meanings
from resdsl.ops.base import (
    Argument,
    Helper,
    Inline,
    Kernel,
    Module,
    Needs,
    Op,
    Problem,
    Role,
    Tensor,
    argument,
    at_least,
    operator,
    unlike,
    wrong_rank,
)
from resdsl.ops.kernels import plain_sizes
from resdsl.ops.sizes import extents, kernel, spacing, upscaled
from resdsl.ops.window import Window
from resdsl.records import dataclass

_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


UPSAMPLE_LIKE = Helper(
    "UpsampleLike",
    '''
class UpsampleLike(nn.Module):
    """A map with the extents of another."""

    def __init__(self, mode: str = "nearest") -> None:
        super().__init__()
        self.mode = mode

    def forward(self, x: Tensor, other: Tensor) -> Tensor:
        return nn.functional.interpolate(x, other.shape[2:], mode=self.mode)
''',
)


@operator("upsample")
@dataclass(frozen=True, slots=True)
class Upsample(Op):
    """torch.nn.Upsample by a whole factor, to a size or to the extents of another tensor.

    One of `scale`, `size` and `like` is given; with the latter two extents may also shrink.
    `"linear"` is torch's linear, bilinear or trilinear by the number of dimensions, with
    `align_corners=False`.
    """

    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    reads_channels: ClassVar[bool] = False
    may_alias: ClassVar[bool] = True
    helpers: ClassVar[tuple[Helper, ...]] = (UPSAMPLE_LIKE,)

    scale: int | Size | None = argument(
        "size", None, least=1, doc="What each extent is multiplied by."
    )
    mode: str = argument(
        "one_of",
        "nearest",
        choices=("nearest", "linear"),
        doc="Whether elements are repeated, or what lies between them is interpolated.",
    )
    size: int | Size | None = argument("size", None, least=1, doc="The extents that come out.")
    like: bool | None = argument("tensor", None, doc="The tensor whose extents come out.")

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        return self.infer_beside(shape, (), needs)

    def infer_beside(self, shape: Shape, others: Sequence[Shape], needs: Needs) -> Shape | Problem:
        given = {"scale": self.scale, "size": self.size}
        problem = self._not_one() or wrong_rank(self.name, shape.rank, given)
        if self.like:
            problem = problem or unlike(self.name, shape, others)
        if problem:
            return problem
        if self.scale is None:
            needs.append(
                at_least(shape.extents, (1,) * shape.rank, "it needs at least one element")
            )
        if self.like:
            return shape.with_extents(others[0].extents)
        if self.size is not None:
            return shape.with_extents([constant(int(n)) for n in spread(self.size, shape.rank)])
        factors = zip(shape.extents, self._factors(shape.rank), strict=True)
        return shape.with_extents([extent.scaled(int(factor)) for extent, factor in factors])

    def _not_one(self) -> Problem | None:
        given = [one for one in (self.scale, self.size, self.like) if one is not None]
        if len(given) == 1:
            return None
        return Problem(
            codes.ARGUMENT,
            "`upsample` takes a `scale`, a `size` or a tensor to be `like`"
            + (", and here has none" if not given else ", and one of them alone"),
            "exactly one of them says what comes out",
            (
                "`upsample(2)` doubles the extents, `upsample(size=56)` makes them 56, "
                "`upsample(like=a)` those of `a`",
            ),
        )

    def _factors(self, rank: int) -> tuple[int, ...]:
        assert self.scale is not None
        return spread(self.scale, rank)

    def sampling(self, rank: int) -> tuple[tuple[int, int], ...] | None:
        """None to a size: the step is another at each size of the input."""
        if self.scale is None:
            return None
        return tuple((1, int(factor)) for factor in self._factors(rank))

    def field(self, rank: int) -> tuple[int, ...] | None:
        if self.scale is None:
            return None
        linear = self.mode == "linear"
        return tuple(2 if linear and factor > 1 else 1 for factor in self._factors(rank))

    def windows(self, rank: int) -> tuple[range, ...] | None:
        return None if self.scale is None else (range(1),) * rank

    @property
    def _given(self) -> Argument:
        if self.size is not None:
            return Argument("size", collapsed(self.size), keyword=True)
        assert self.scale is not None
        return Argument("scale_factor", collapsed(self.scale), keyword=True)

    def _torch_mode(self, rank: int) -> str:
        return _LINEAR[rank] if self.mode == "linear" else "nearest"

    def module(self, shape: Shape) -> Module:
        mode = Argument("mode", self._torch_mode(shape.rank), "nearest", keyword=True)
        if self.like:
            return Module(UPSAMPLE_LIKE.name, (mode,), UPSAMPLE_LIKE)
        return Module("nn.Upsample", (self._given, mode))

    def inline(self, shape: Shape) -> Inline | None:
        if not self.like:
            return None
        mode = self._torch_mode(shape.rank)
        further = ("{other}.shape[2:]",) + ((f'mode="{mode}"',) if mode != "nearest" else ())
        return Inline("call", "nn.functional.interpolate", further)

    def label(self, shape: Shape) -> str:
        if self.like:
            return "upsampling"
        if self.size is not None:
            return f"upsampling to {extents(self.size, shape.rank)}"
        assert self.scale is not None
        return f"{upscaled(self.scale)} upsampling"


@operator("pixel_shuffle")
@dataclass(frozen=True, slots=True)
class PixelShuffle(Op):
    """torch.nn.PixelShuffle: `scale * scale` channels become a square (Shi et al. 2016)."""

    ranks: ClassVar[tuple[int, ...]] = (2,)
    may_alias: ClassVar[bool] = True

    scale: int = argument(
        "int",
        least=1,
        doc="What each extent is multiplied by; the channels are divided by its square.",
    )

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        square = self.scale * self.scale
        if shape.channels % square:
            return Problem(
                codes.CHANNELS,
                f"`pixel_shuffle({int(self.scale)})` cannot make squares of "
                f"{int(shape.channels)} channels",
                f"{int(shape.channels)} is not a multiple of {int(square)}",
            )
        extents = [extent.scaled(int(self.scale)) for extent in shape.extents]
        return shape.with_channels(shape.channels // square).with_extents(extents)

    def sampling(self, rank: int) -> tuple[tuple[int, int], ...]:
        return ((1, int(self.scale)),) * rank

    def field(self, rank: int) -> tuple[int, ...]:
        return (1,) * rank

    def windows(self, rank: int) -> tuple[range, ...]:
        return (range(1),) * rank

    def module(self, shape: Shape) -> Module:
        return Module("nn.PixelShuffle", (Argument("upscale_factor", self.scale),))

    def label(self, shape: Shape) -> str:
        return f"{upscaled(self.scale)} pixel shuffle"


def _seen(k: int, stride: int, dilation: int) -> int:
    """Of a transposed convolution, the elements from the first to the last that a result sees.

    Result o is made of element i by weight j where o + padding = i * stride + j * dilation. So of
    the weights every stride / g-th counts, g the common divisor of both, and each lies dilation / g
    elements before the next.
    """
    common = gcd(stride, dilation)
    return (ceil(k * common / stride) - 1) * (dilation // common) + 1


@operator("conv_transpose")
@dataclass(frozen=True, slots=True)
class ConvTranspose(Op):
    """torch.nn.ConvTranspose1d, ConvTranspose2d, ConvTranspose3d."""

    role: ClassVar[Role] = "convolution"
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)

    k: int | Size = argument("size", least=1, doc=meanings.WINDOW)
    channels: int = argument("int", least=1, doc=meanings.CHANNELS)
    stride: int | Size = argument(
        "size", 1, least=1, doc="A stride of s multiplies the extents by s."
    )
    padding: int | Size = argument(
        "size", 0, least=0, doc="Taken from the map that comes out, on both sides."
    )
    output_padding: int | Size = argument(
        "size",
        0,
        least=0,
        doc="Added to the map that comes out, behind each dimension; below the stride or dilation.",
    )
    dilation: int | Size = argument("size", 1, least=1, doc=meanings.DILATION)
    groups: int = argument("int", 1, least=1, doc=meanings.GROUPS)
    bias: bool = argument("bool", False, doc=meanings.BIAS)
    init: str = argument("one_of", "he_fan_out", choices=initial.CHOICES, doc=meanings.INIT)
    bias_init: float | Literal["torch"] = argument("float|torch", 0.0, doc=meanings.BIAS_INIT)

    @property
    def window(self) -> Window:
        return Window("transposed convolution", self.k, self.stride, self.padding, self.dilation)

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        names = ("k", "stride", "padding", "output_padding", "dilation")
        sizes = {name: getattr(self, name) for name in names}
        problem = wrong_rank(self.name, shape.rank, sizes) or self._groups_problem(shape)
        if problem:
            return problem
        extents, leasts = [], []
        numbers = (spread(size, shape.rank) for size in sizes.values())
        for extent, k, stride, padding, more, dilation in zip(shape.extents, *numbers, strict=True):
            if more >= max(stride, dilation):
                return Problem(
                    codes.VALUE,
                    f"`conv_transpose` got output_padding {int(more)}, which torch takes only "
                    f"below its stride or its dilation",
                    f"the stride is {int(stride)}, the dilation {int(dilation)}",
                )
            # (h - 1) * s - 2 * p + d * (k - 1) + more + 1
            add = int(dilation * (k - 1) + more + 1 - 2 * padding - stride)
            leasts.append(ceil((1 - add) / int(stride)))
            extents.append(extent.scaled(int(stride), add))
        needs.append(at_least(shape.extents, leasts, "its padding leaves nothing"))
        return shape.with_channels(self.channels).with_extents(extents)

    def _groups_problem(self, shape: Shape) -> Problem | None:
        for channels, what in ((shape.channels, "input"), (self.channels, "output")):
            if channels % self.groups:
                return Problem(
                    codes.CHANNELS,
                    f"`conv_transpose` cannot divide {int(channels)} {what} channels into "
                    f"{int(self.groups)} groups",
                    f"{int(channels)} is not a multiple of {int(self.groups)}",
                )
        return None

    def weight_shape(self, shape: Shape) -> tuple[int, ...]:
        return (shape.channels, self.channels // self.groups, *spread(self.k, shape.rank))

    def tensors(self, shape: Shape) -> tuple[Tensor, ...]:
        size = self.weight_shape(shape)
        weight = Tensor("weight", size, initial.weight(self.init, size))
        if not self.bias:
            return (weight,)
        return weight, Tensor("bias", (self.channels,), initial.bias(self.bias_init, size))

    def deciding(self, shape: Shape) -> tuple[Any, ...]:
        return (self.bias_init,)

    def kernel(self, shape: Shape) -> Kernel:
        rank = shape.rank
        return Kernel(
            int(shape.channels),
            int(self.channels),
            int(self.groups),
            plain_sizes(spread(self.k, rank)),
            plain_sizes(spread(self.stride, rank)),
            plain_sizes(spread(self.padding, rank)),
            plain_sizes(spread(self.dilation, rank)),
            plain_sizes(spread(self.output_padding, rank)),
            is_transposed=True,
        )

    def macs(self, shape: Shape, inside: Sequence[int], outside: Sequence[int]) -> int:
        return prod(int(n) for n in self.weight_shape(shape)) * prod(inside)

    def sampling(self, rank: int) -> tuple[tuple[int, int], ...]:
        return tuple((1, int(stride)) for stride in spread(self.stride, rank))

    def field(self, rank: int) -> tuple[int, ...]:
        numbers = zip(
            spread(self.k, rank),
            spread(self.stride, rank),
            spread(self.dilation, rank),
            strict=True,
        )
        return tuple(_seen(int(k), int(s), int(d)) for k, s, d in numbers)

    def windows(self, rank: int) -> tuple[range, ...]:
        """At stride 1: beyond that the results lie between the elements."""
        parts = zip(
            spread(self.k, rank),
            spread(self.padding, rank),
            spread(self.dilation, rank),
            strict=True,
        )
        return tuple(range(int(p), int(p) - int(d) * int(k), -int(d)) for k, p, d in parts)

    def module(self, shape: Shape) -> Module:
        return Module(
            f"nn.ConvTranspose{shape.rank}d",
            (
                Argument("in_channels", shape.channels),
                Argument("out_channels", self.channels),
                Argument("kernel_size", collapsed(self.k)),
                Argument("stride", collapsed(self.stride), 1),
                Argument("padding", collapsed(self.padding), 0, keyword=True),
                Argument("output_padding", collapsed(self.output_padding), 0, keyword=True),
                Argument("groups", self.groups, 1, keyword=True),
                Argument("bias", self.bias, True, keyword=True),
                Argument("dilation", collapsed(self.dilation), 1, keyword=True),
            ),
        )

    def label(self, shape: Shape) -> str:
        return f"{kernel(self.k, shape.rank)} transposed conv, {self._numbers()}"

    def row(self, shape: Shape) -> str:
        return f"{kernel(self.k, shape.rank)} transposed, {self._numbers()}"

    def _numbers(self) -> str:
        by = "" if self.stride == 1 else f", {upscaled(self.stride)} up"
        groups = f", C={int(self.groups)}" if self.groups != 1 else ""
        return f"{int(self.channels)}{by}{spacing(self.dilation)}{groups}"
