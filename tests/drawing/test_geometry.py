"""What is wrong with a figure is found."""

from __future__ import annotations

from resdsl.drawing.layout.canvas import Box, Canvas, Dot, Item, Line, Sign, Text
from tests.drawing.geometry import problems, run_over

ONE = Box(50, 30, 40, 20, "other", "one", node="one")
TWO = Box(50, 90, 40, 20, "other", "two", node="two")


def canvas(*items: Item) -> Canvas:
    return Canvas("figure", 100, 120, list(items))


def line(*points: tuple[float, float], tail: str = "one", head: str = "two") -> Line:
    return Line(points, tail=tail, head=head)


def test_nothing_is_wrong() -> None:
    good = canvas(ONE, TWO, line((50, 40), (50, 80)), Dot(50, 60), Text(70, 60, "56×56"))
    assert problems(good) == []
    assert run_over(good) == []


def test_lines_may_leave_boxes_at_their_middle() -> None:
    assert problems(canvas(ONE, TWO, line((50, 30), (50, 90)))) == []


def test_outside() -> None:
    assert problems(canvas(Box(90, 30, 40, 20, "other"))) == ["box `` leaves the canvas"]
    assert problems(canvas(Text(2, 30, "long"))) == ["text `long` leaves the canvas"]
    assert len(problems(canvas(ONE, TWO, line((50, 40), (-5, 60), (50, 80))))) == 1
    assert problems(canvas(Dot(99, 50))) == ["a dot at 99, 50 leaves the canvas"]


def test_overlaps() -> None:
    assert problems(canvas(ONE, Text(72, 30, "beside"))) == ["box `one` overlaps text `beside`"]
    assert problems(canvas(ONE, Sign(50, 44, 8, "+"))) == ["box `one` overlaps sign `+`"]
    assert problems(canvas(Text(50, 50, "one"), Text(60, 54, "two"))) == [
        "text `one` overlaps text `two`"
    ]


def test_touching_is_no_overlap() -> None:
    assert problems(canvas(ONE, Box(80, 30, 20, 20, "other"))) == []


def test_words_larger_than_their_box() -> None:
    long = Box(50, 30, 40, 20, "other", "3×3 conv, 1024")
    assert problems(canvas(long)) == ["`3×3 conv, 1024` is larger than its box"]


def test_lines_through_boxes_signs_and_words() -> None:
    between = Box(50, 60, 20, 10, "other", "x")
    through = line((50, 40), (50, 80))
    assert "passes box `x`" in "".join(problems(canvas(ONE, TWO, between, through)))
    assert "passes sign `+`" in "".join(problems(canvas(ONE, TWO, Sign(50, 60, 6, "+"), through)))
    assert "passes text `28×28`" in "".join(
        problems(canvas(ONE, TWO, Text(50, 60, "28×28"), through))
    )
    # Back through the box that it comes from.
    back = line((70, 30), (80, 30), (80, 35), (20, 35), (20, 90), (30, 90))
    assert "passes box `one`" in "".join(problems(canvas(ONE, TWO, back)))


def test_ends_that_are_not_there() -> None:
    found = problems(canvas(ONE, line((50, 40), (50, 80))))
    assert len(found) == 1
    assert "`two`, which is not there" in found[0]
    assert problems(canvas(ONE, Box(50, 90, 40, 20, "other", node="one"))) == [
        "two are called `one`"
    ]


def test_lines_over_lines() -> None:
    first, second = line((50, 40), (50, 80)), line((50, 60), (50, 70), (90, 70))
    assert len(run_over(canvas(ONE, TWO, first, second))) == 1
    crossing = line((20, 60), (80, 60), tail="", head="")
    assert run_over(canvas(ONE, TWO, first, crossing)) == []
