"""What a result of an operator sees of the positions of its input: each by itself, all, a window.

An operator inherits from what it is; one that is none of these says its own `sampling`, `field` and
`windows`.
"""

from __future__ import annotations

from abc import abstractmethod

from resdsl.extents import Shape, spread
from resdsl.ops.base import Needs, Op, Problem, wrong_rank
from resdsl.ops.window import Window


class ElementWise(Op):
    """No result sees another position, and extents stay. The channels of a position may meet."""

    __slots__ = ()

    def infer(self, shape: Shape, needs: Needs) -> Shape | Problem:
        return shape

    def sampling(self, rank: int) -> tuple[tuple[int, int], ...]:
        return ((1, 1),) * rank

    def field(self, rank: int) -> tuple[int, ...]:
        return (1,) * rank

    def windows(self, rank: int) -> tuple[range, ...]:
        return (range(1),) * rank


class SeesAll(Op):
    """Results see all positions, or the whole input where there are none any more."""

    __slots__ = ()

    def sampling(self, rank: int) -> None:
        return None

    def field(self, rank: int) -> None:
        return None

    def windows(self, rank: int) -> None:
        return None


class Windowed(Op):
    """An operator whose results see the input through a window that steps over it."""

    __slots__ = ()

    @property
    @abstractmethod
    def window(self) -> Window: ...

    def sampling(self, rank: int) -> tuple[tuple[int, int], ...]:
        return tuple((int(s), 1) for s in spread(self.window.stride, rank))

    def field(self, rank: int) -> tuple[int, ...]:
        return self.window.effective(rank)

    def windows(self, rank: int) -> tuple[range, ...]:
        k, _, padding, dilation = self.window.geometry(rank)
        return tuple(
            range(-int(p), -int(p) + int(d) * int(n), int(d))
            for n, p, d in zip(k, padding, dilation, strict=True)
        )

    def wrong_rank(self, rank: int) -> Problem | None:
        """A size with a number for each of other dimensions."""
        window = self.window
        sizes = {name: getattr(window, name) for name in ("k", "stride", "padding", "dilation")}
        return wrong_rank(self.name, rank, sizes)
