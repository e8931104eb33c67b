"""Sums of products of columns: highways and gated shortcuts. A factor that two terms share stands
between their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from resdsl.drawing.fragments.ends import begins_named
from resdsl.drawing.fragments.fragments import (
    BEND,
    GAP,
    LANE,
    PILL,
    RADIUS,
    Fragment,
    LaidOut,
    Open,
    pill,
    put_sign,
    same_place,
)
from resdsl.drawing.layout.canvas import Canvas, Dot
from resdsl.drawing.trees.flow import Node
from resdsl.drawing.trees.series import Mesh
from resdsl.records import dataclass


class UnclearError(Exception):
    """A mesh that is no sum of products of columns."""


@dataclass(slots=True)
class Mix(Fragment):
    """A sum of products over columns: a factor that two share stands between their own."""

    columns: dict[int, Fragment]
    bare: frozenset[int]
    at: dict[int, float]
    products: Sequence[Product]
    sum: Node
    count: int
    # Nothing leads to the columns: each begins with a tensor that has a name.
    is_named: bool

    def draw(self, canvas: Canvas, x: float, y: float, above: Open) -> Open:
        top, first = y + BEND / 2, y + BEND + GAP
        inner = max(column.height for column in self.columns.values())
        row = first + inner + GAP + RADIUS
        last = y + self.height - RADIUS
        if not self.is_named:
            canvas.add(Dot(x, top))
        open_: dict[int, Open] = {}
        for number, column in self.columns.items():
            at = x + self.at[number]
            is_spine = same_place(at, x)
            begun = (
                above
                if is_spine or self.is_named
                else Open(above.tail, ((x, top), (at, top)), above.count)
            )
            if number in self.bare:
                open_[number] = begun
                continue
            start = first if is_spine or self.is_named else first + (inner - column.height) / 2
            open_[number] = column.draw(canvas, at, start, begun)
        meeting: list[tuple[float, Open]] = []
        for number in self._shared():
            at = x + self.at[number]
            canvas.add(Dot(at, row))
            canvas.line((*open_[number].points, (at, row)), arrow=False)
            open_[number] = Open(open_[number].tail, ((at, row),), open_[number].count)
        for product in self.products:
            at = x + self.at[product.own]
            if product.sign is None:
                meeting.append((at, self._told(canvas, open_[product.own], at, row, product)))
                continue
            mine = self._told(canvas, open_[product.own], at, row - RADIUS, product)
            mine.end(canvas, (at, row - RADIUS), product.sign.name, count=self.count)
            for factor in product.factors:
                self._bring(canvas, x, at, row, factor, open_, product.sign)
            meeting.append((at, put_sign(canvas, at, row, product.sign, self.count)))
        for at, line in meeting:
            if same_place(at, x):
                line.end(canvas, (x, last - RADIUS), self.sum.name, count=self.count)
            else:
                line.to((at, last)).end(canvas, (x + RADIUS, last), self.sum.name, count=self.count)
        return put_sign(canvas, x, last, self.sum, self.count)

    def _shared(self) -> Iterable[int]:
        """The columns whose value goes to both sides."""
        used: dict[int, int] = {}
        for product in self.products:
            for factor in product.factors:
                used[factor.column] = used.get(factor.column, 0) + 1
        return [number for number, times in used.items() if times > 1]

    def _told(self, canvas: Canvas, line: Open, x: float, y: float, product: Product) -> Open:
        """The factors on the line of a product's own column."""
        for words in product.pills:
            line = pill(canvas, x, y - GAP - PILL / 2, words, line, self.count, is_upright=True)
        return line

    def _bring(
        self,
        canvas: Canvas,
        x: float,
        to: float,
        row: float,
        factor: Factor,
        open_: dict[int, Open],
        sign: Node,
    ) -> None:
        """From the foot of a factor's column along the row into the sign."""
        at = x + self.at[factor.column]
        side = RADIUS if at > to else -RADIUS
        line = open_[factor.column].to((at, row))
        for words in factor.pills:
            line = pill(canvas, (at + to) / 2, row, words, line, self.count, is_upright=False)
        line.end(canvas, (to + side, row), sign.name, count=self.count)


@dataclass(frozen=True, slots=True)
class Factor:
    """A column whose value is a factor, and what is written on its line (`1 −`)."""

    column: int
    pills: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """A term of the sum: the column that it hangs on, what multiplies it, the sign (or none)."""

    own: int
    pills: tuple[Node, ...]
    factors: tuple[Factor, ...] = ()
    sign: Node | None = None


def mix(item: Mesh, width: float, count: int, laid_out: LaidOut) -> Fragment:
    """Raises UnclearError for what is no sum of products of columns."""
    *_, total = item.signs.values()
    if total.text != "+" or total.kind != "sign":
        raise UnclearError
    products = _products(item, total)
    order = _order(products)
    if set(order) != set(item.columns):
        raise UnclearError
    columns = {n: laid_out(item.columns[n], width if n == order[0] else 0.0, count) for n in order}
    bare = frozenset(n for n in order if not item.columns[n].items)
    at: dict[int, float] = {}
    place = 0.0
    for number in order:
        column = columns[number]
        if at:
            place += column.left + LANE + (14 if len(at) > 1 else 0)
        at[number] = place
        place += max(column.right, 2)
    inner = max(column.height for column in columns.values())
    inner += GAP + PILL if any(product.pills for product in products) else 0
    height = BEND + GAP + inner + GAP + 2 * RADIUS + GAP + 2 * RADIUS
    right = max(at[n] + max(columns[n].right, RADIUS) for n in order)
    left = max(columns[order[0]].left, RADIUS)
    is_named = any(map(begins_named, item.columns.values()))
    return Mix(left, right, height, columns, bare, at, products, total, count, is_named)


def _products(item: Mesh, total: Node) -> list[Product]:
    used: dict[int, int] = {}
    terms: list[tuple[Node | None, tuple[Node, ...], list[Factor]]] = []
    for source in total.inputs:
        above, pills = _past_pills(item, source)
        sign = item.signs.get(above)
        factors = [Factor(*_past_pills(item, n)) for n in sign.inputs] if sign else []
        if sign is not None and (sign.text != "*" or pills):
            raise UnclearError
        terms.append((sign, pills, factors or [Factor(above, ())]))
        for factor in terms[-1][2]:
            if factor.column in item.signs:
                raise UnclearError
            used[factor.column] = used.get(factor.column, 0) + 1
    products = []
    for sign, pills, factors in terms:
        own = next((f for f in factors if used[f.column] == 1 and not f.pills), factors[0])
        others = tuple(factor for factor in factors if factor is not own)
        products.append(Product(own.column, pills + own.pills, others, sign))
    return products


def _past_pills(item: Mesh, number: int) -> tuple[int, tuple[Node, ...]]:
    """What stands before the factors in words on a line, and these, in the order of the flow."""
    pills: list[Node] = []
    while number in item.signs and item.signs[number].kind == "factor":
        pills.insert(0, item.signs[number])
        (number,) = item.signs[number].inputs
    return number, tuple(pills)


def _order(products: Sequence[Product]) -> list[int]:
    """The columns from left to right: a term, what it shares, the other terms."""
    first, *others = [product.own for product in products]
    shared = [factor.column for product in products for factor in product.factors]
    order = dict.fromkeys([first, *shared, *others])
    if len(order) != len({first, *shared}) + len(others) or {first, *others} & set(shared):
        raise UnclearError  # a column that has its own line to the sum is no factor of another
    return list(order)
