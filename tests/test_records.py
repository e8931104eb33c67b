"""Fast dataclasses are equal, and hashed, as Python's own."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest

from resdsl import records


@pytest.mark.parametrize(
    ("frozen", "eq", "slots", "own"), list(itertools.product((False, True), repeat=4))
)
def test_as_a_dataclass(frozen: bool, eq: bool, slots: bool, own: bool) -> None:
    def made(dataclass: Any) -> Any:
        class Point:
            x: int
            y: tuple[int, ...] = ()

            if own:

                def __hash__(self) -> int:
                    return 7

        return dataclass(frozen=frozen, eq=eq, slots=slots)(Point)

    fast, plain = made(records.dataclass), made(dataclasses.dataclass)
    assert (fast(1) == fast(1)) == (plain(1) == plain(1))
    assert fast(1) != fast(2) and fast(1, (2,)).y == (2,)
    assert repr(fast(1)) == repr(plain(1)) and fast.__match_args__ == ("x", "y")
    assert hasattr(fast, "__slots__") == slots
    if fast.__hash__ is None or plain.__hash__ is None:
        assert fast.__hash__ is plain.__hash__
    else:
        assert (hash(fast(1)) == hash(fast(1))) == (hash(plain(1)) == hash(plain(1)))
    assert dataclasses.replace(fast(1), x=3).x == 3


def test_without_arguments() -> None:
    @records.dataclass
    class Point:
        x: int

    assert Point(1) == Point(1)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_what_is_compared(count: int) -> None:
    """Fields that are not compared, those that are the same though not equal, other classes."""

    def made(dataclass: Any) -> Any:
        fields: list[Any] = [(f"x{number}", float) for number in range(count)]
        names = {"note": dataclasses.field(default="", compare=False)}
        annotations: dict[str, Any] = {**dict(fields), "note": str}
        return dataclass(frozen=True)(type("Point", (), {"__annotations__": annotations, **names}))

    fast, plain = made(records.dataclass), made(dataclasses.dataclass)
    nan = float("nan")
    for one, other in itertools.product(([nan] * count, [1.0] * count, range(count)), repeat=2):
        assert (fast(*one) == fast(*other)) == (plain(*one) == plain(*other))
        assert (fast(*one) != fast(*other)) == (plain(*one) != plain(*other))
    values = [1.0] * count
    assert fast(*values, note="a") == fast(*values, note="b")
    assert hash(fast(*values, note="a")) == hash(fast(*values, note="b"))
    assert fast(*values) != plain(*values) and fast(*values) != values


def test_an_equality_of_its_own() -> None:
    @records.dataclass(frozen=True)
    class Point:
        x: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Point) and self.x % 2 == other.x % 2

        def __hash__(self) -> int:
            return self.x % 2

    assert Point(1) == Point(3) and len({Point(1), Point(3), Point(2)}) == 2
