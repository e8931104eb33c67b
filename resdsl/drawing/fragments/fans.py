"""Columns side by side: branches, and the copies of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil

from resdsl.drawing.fragments.ends import begins_named
from resdsl.drawing.fragments.fragments import (
    BEND,
    GAP,
    RADIUS,
    Fragment,
    LaidOut,
    Open,
    put_sign,
    same_place,
)
from resdsl.drawing.layout.canvas import Box, Canvas, Dot, Text
from resdsl.drawing.layout.fonts import room
from resdsl.drawing.trees.flow import Node
from resdsl.drawing.trees.series import Chain, Item, Leaf, Mesh, Parallel, tree
from resdsl.records import dataclass

# Three dots and how many columns there are.
_LEFT_OUT = 60.0
# Between columns; a column that a value goes through as it is; the bar of a concatenation.
_BETWEEN, _BARE, _BAR = 15.0, 6.0, 20.0


@dataclass(slots=True)
class Fan(Fragment):
    """Columns side by side, aligned at the top, that meet in a sign or a bar."""

    columns: Sequence[Fragment]
    # Of each column, where its spine is, from the fan's own.
    spines: Sequence[float]
    sign: Node
    count: int
    is_bar: bool
    # The height of the columns.
    inner: float
    # Nothing leads to the columns: each begins with a tensor that has a name.
    is_named: bool = False
    # Between which columns some are left out: (from the spine, how many there are).
    dots: Sequence[tuple[float, int]] = ()

    def draw(self, canvas: Canvas, x: float, y: float, above: Open) -> Open:
        top, first = y + BEND / 2, y + (0.0 if self.is_named else BEND + GAP)
        foot = y + self.height
        inner = self.inner
        goal = foot - (_BAR if self.is_bar else 2 * RADIUS)
        ends: list[tuple[float, Open]] = []
        if not self.is_named:
            canvas.add(Dot(x, top))
            if not any(same_place(offset, 0) for offset in self.spines):
                canvas.line((*above.points, (x, top)), arrow=False)
        for column, offset in zip(self.columns, self.spines, strict=True):
            at = x + offset
            begun = above
            if not same_place(offset, 0):
                begun = Open(above.tail, ((x, top), (at, top)), above.count)
            ends.append((at, column.draw(canvas, at, first, begun)))
        for at, open_ in ends:
            if self.is_bar or same_place(at, x):
                open_.end(canvas, (at, goal), self.sign.name, count=self.count)
                continue
            side = RADIUS if at > x else -RADIUS
            middle = goal + RADIUS
            open_.to((at, middle)).end(canvas, (x + side, middle), self.sign.name, count=self.count)
        for offset, many in self.dots:
            _leave_out(canvas, x + offset, first + inner / 2, many)
        if not self.is_bar:
            return put_sign(canvas, x, goal + RADIUS, self.sign, self.count)
        middle = x + (self.right - self.left) / 2
        name, word = self.sign.name, _WORDS.get(self.sign.text, self.sign.text)
        bar = Box(middle, goal + _BAR / 2, self.left + self.right, _BAR, "bar", word, 10.5)
        canvas.add(replace(bar, node=name, tip=name, count=self.count))
        return Open(self.sign.name, ((x, foot),), self.count)


_WORDS = {"|": "concatenate", "max": "maximum"}


def _leave_out(canvas: Canvas, x: float, y: float, many: int) -> None:
    """Three dots for the columns that are not drawn, and how many there are in all."""
    canvas.add(*(Dot(x + shift, y - 8, 1.8, "text") for shift in (-7, 0, 7)))
    canvas.add(Text(x, y + 8, str(many), 12, look="text", bold=True))
    canvas.add(Text(x, y + 21, "paths", 10, look="text"))


def copies_of(column: Chain) -> Node | None:
    """The replicated branch that is all of a column."""
    match column.items:
        case (Leaf(node),) if node.kind == "copies":
            return node
    return None


def fan(item: Parallel, count: int, laid_out: LaidOut) -> Fragment:
    """Columns that are peers. Of many copies the first two and the last are drawn."""
    columns: list[Fragment] = []
    gaps: list[
        tuple[int, int]
    ] = []  # before which column some are left out, and how many there are
    for column in item.columns:
        node = copies_of(column)
        if node is None:
            columns.append(laid_out(column, 0.0, count))
            continue
        assert node.inner is not None
        inner = tree(node.inner)
        shown = node.drawn
        for copy in range(shown):
            is_last = copy == shown - 1
            stands_for = node.count - 2 if is_last and node.count > 3 else 1
            columns.append(laid_out(_renamed(inner, node, copy, is_last), 0.0, count * stands_for))
        if node.count > 3:
            gaps.append((len(columns) - 1, node.count))
    return _beside(columns, gaps, item, count)


def _renamed(chain: Chain, node: Node, copy: int, is_last: bool) -> Chain:
    """The tree of another copy: names of nodes are paths."""
    path = node.last if is_last else _next(node.name, copy)
    if path == node.name:
        return chain

    def of(inner: Node) -> Node:
        name, tip, owner, last = (
            text.replace(node.name, path, 1)
            for text in (inner.name, inner.tip, inner.owner, inner.last)
        )
        flow = inner.inner
        if flow is not None:
            flow = replace(flow, nodes=tuple(map(of, flow.nodes)))
        return replace(inner, name=name, tip=tip, owner=owner, last=last, inner=flow)

    return _mapped(chain, of)


def _next(path: str, copy: int) -> str:
    """The path of a copy behind the one at `path`: `paths.0` and 1 is `paths.1`."""
    before, _, number = path.rpartition(".")
    return f"{before}.{int(number) + copy}" if copy else path


def _mapped(chain: Chain, of: Callable[[Node], Node]) -> Chain:
    def item(one: Item) -> Item:
        match one:
            case Leaf(node):
                return Leaf(of(node))
            case Parallel(columns, sign):
                return Parallel(tuple(_mapped(c, of) for c in columns), of(sign))
            case Mesh(columns, signs):
                return Mesh(
                    {number: _mapped(c, of) for number, c in columns.items()},
                    {number: of(sign) for number, sign in signs.items()},
                )

    return Chain(tuple(map(item, chain.items)))


def _beside(
    columns: Sequence[Fragment], gaps: Sequence[tuple[int, int]], item: Parallel, count: int
) -> Fragment:
    at, spines, dots = 0.0, list[float](), list[tuple[float, int]]()
    left_out = dict(gaps)
    for number, column in enumerate(columns):
        if number in left_out:
            dots.append((at + 16, left_out[number]))
            at += 32 + _BETWEEN
        left, right = max(column.left, _BARE), max(column.right, _BARE)
        spines.append(at + left)
        at += left + right + _BETWEEN
    total = at - _BETWEEN
    # The middle one of an odd number hangs on the spine; else the middle two are as far from it.
    half = len(spines) // 2
    middle = spines[half] if len(spines) % 2 else (spines[half - 1] + spines[half]) / 2
    if gaps:
        middle = (spines[0] + spines[-1]) / 2
    is_bar = item.sign.text not in ("+", "*", "-")
    inner = max(*(column.height for column in columns), _LEFT_OUT if gaps else 0)
    is_named = begins_named(item.columns[0])
    height = inner + GAP + (_BAR if is_bar else BEND + 2 * RADIUS)
    height += 0.0 if is_named else BEND + GAP
    word = _WORDS.get(item.sign.text, item.sign.text)
    least = ceil(room(word, 10.5) / 2) if is_bar else 0
    return Fan(
        max(middle, least),
        max(total - middle, least),
        height,
        columns,
        [spine - middle for spine in spines],
        item.sign,
        count,
        is_bar,
        inner,
        is_named,
        [(place - middle, many) for place, many in dots],
    )
