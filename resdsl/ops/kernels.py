"""What a layer computes in eval mode, where that is linear: what equal forms are made of."""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Kernel:
    """How a convolution or linear layer uses its weight, of shape (C', C / groups, *window).

    Per dimension a window, stride, padding and dilation; none of a linear layer, which has groups
    of 1. The weight of a transposed convolution is (C, C' / groups, *window). `is_fixed`: the
    padding does not depend on the extents.
    """

    inside: int
    outside: int
    groups: int = 1
    window: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    padding: tuple[int, ...] = ()
    dilation: tuple[int, ...] = ()
    output_padding: tuple[int, ...] = ()
    is_transposed: bool = False
    is_fixed: bool = True

    @classmethod
    def identity(cls, channels: int, rank: int) -> Kernel:
        """That of what hands on its input: a window of 1, channel by channel."""
        ones, zeros = (1,) * rank, (0,) * rank
        return cls(channels, channels, channels if rank else 1, ones, ones, zeros, ones)

    def places(self, other: Kernel) -> tuple[tuple[int, ...], ...] | None:
        """Per dimension, where each element of another window stands in this one.

        None where a convolution by this window, with numbers for zero elsewhere, could not be the
        other: strides differ, elements fall between these or beside them, or its groups are
        divided by none of these.
        """
        is_alike = (self.inside, self.outside, self.stride) == (
            other.inside,
            other.outside,
            other.stride,
        )
        plain = self.is_fixed and other.is_fixed and not (self.is_transposed or other.is_transposed)
        if not (is_alike and plain) or other.groups % self.groups:
            return None
        found = []
        for axis, (k, p, d) in enumerate(
            zip(self.window, self.padding, self.dilation, strict=True)
        ):
            here = {j * d - p: j for j in range(k)}
            start, step = -other.padding[axis], other.dilation[axis]
            row = [here.get(start + j * step) for j in range(other.window[axis])]
            if None in row:
                return None
            found.append(tuple(j for j in row if j is not None))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Scaling:
    """A norm that, in eval mode, scales and shifts each channel by numbers of its own.

    With `running_mean`, `running_var`, and `weight` and `bias` where it `is_affine`.
    """

    eps: float
    is_affine: bool


def plain_sizes(sizes: Iterable[int]) -> tuple[int, ...]:
    """Without their origins."""
    return tuple(map(int, sizes))
