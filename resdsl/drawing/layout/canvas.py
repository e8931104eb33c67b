"""A figure as laid out: what is drawn and where, in points, y downwards. No colours, no DOT.

A box stands for `count` operators of the network, a line for an edge of its graph: `tail` and
`head` name the nodes. What has no such name is ornament.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, TypeAlias

from resdsl.drawing.layout.fonts import text_width

Point: TypeAlias = tuple[float, float]
Anchor: TypeAlias = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; `y` is its middle."""

    x: float
    y: float
    text: str
    size: float = 10.0
    anchor: Anchor = "middle"
    look: str = "secondary"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """`x, y` is its middle. `node` names what it stands for, `tip` is what a reader is told there.

    `plain`: without rounded corners.
    """

    x: float
    y: float
    width: float
    height: float
    look: str
    text: str = ""
    size: float = 10.0
    bold: bool = False
    node: str = ""
    tip: str = ""
    count: int = 1
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Sign:
    """A circle with `+ - * |` (concatenation) or a short word in it."""

    x: float
    y: float
    radius: float
    sign: str
    node: str = ""
    tip: str = ""
    count: int = 1

    @property
    def letters(self) -> float:
        """The size at which a word is inside of the circle."""
        return min(self.radius, 1.65 * self.radius / text_width(self.sign, 1.0))


@dataclass(frozen=True, slots=True)
class Dot:
    """Where a line splits, or one of three that stand for what is left out."""

    x: float
    y: float
    radius: float = 1.9
    look: str = "line"


@dataclass(frozen=True, slots=True)
class Line:
    """Straight pieces with rounded corners. `dash` is solid, dashed or dotted."""

    points: tuple[Point, ...]
    arrow: bool = True
    look: str = "line"
    dash: Literal["solid", "dashed", "dotted"] = "solid"
    weight: float = 1.1
    radius: float = 7.0
    tail: str = ""
    head: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Band:
    """A ground behind all else; `line`: with an outline. Left, top, width, height."""

    left: float
    top: float
    width: float
    height: float
    look: str
    node: str = ""
    tip: str = ""
    dashed: bool = False


Item: TypeAlias = Text | Box | Sign | Dot | Line | Band


@dataclass(slots=True)
class Canvas:
    """All of a figure. Layout code adds to it; `fit` gives it its size at the end."""

    name: str = "figure"
    width: float = 0.0
    height: float = 0.0
    items: list[Item] = field(default_factory=list)

    def add(self, *items: Item) -> None:
        self.items.extend(items)

    def line(self, points: Sequence[Point], **known: Any) -> None:
        self.items.append(Line(_without_repeats(points), **known))

    def of(self, kind: type[Any]) -> list[Any]:
        return [item for item in self.items if isinstance(item, kind)]

    def take(self, other: Canvas, prefix: str) -> None:
        """Adds what is on another, its names behind a prefix."""
        for item in other.items:
            names = {
                key: f"{prefix}{name}"
                for key in ("node", "tail", "head")
                if (name := getattr(item, key, ""))
            }
            self.items.append(replace(item, **names))  # type: ignore[arg-type]

    def to_json(self) -> dict[str, Any]:
        """For tests: positions to a hundredth of a point."""
        return {
            "name": self.name,
            "size": [_short(self.width), _short(self.height)],
            "items": [
                {"is": type(item).__name__.lower()}
                | {key: _short(value) for key, value in asdict(item).items()}
                for item in self.items
            ],
        }


def _without_repeats(points: Sequence[Point]) -> tuple[Point, ...]:
    """Without points on the straight way between their neighbours."""
    kept: list[Point] = []
    for point in points:
        if kept and _near(kept[-1], point):
            continue
        if len(kept) > 1 and _is_between(kept[-2], kept[-1], point):
            kept[-1] = point
        else:
            kept.append(point)
    return tuple(kept)


def _near(one: Point, two: Point) -> bool:
    return abs(one[0] - two[0]) < 0.01 and abs(one[1] - two[1]) < 0.01


def _is_between(one: Point, middle: Point, two: Point) -> bool:
    """On one horizontal or vertical line, and not going back."""
    return any(
        abs(one[i] - middle[i]) < 0.01
        and abs(middle[i] - two[i]) < 0.01
        and (middle[1 - i] - one[1 - i]) * (two[1 - i] - middle[1 - i]) >= 0
        for i in (0, 1)
    )


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, list | tuple):
        return [_short(one) for one in value]
    return value
