"""The detail view: every operator of a network, in the parts that the table tells of.

Equal copies in a row are drawn once, in a frame that says how many there are.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from math import ceil

from resdsl.analysis.facts import Facts
from resdsl.design.expansion import Expansion
from resdsl.design.titles import title as titled
from resdsl.drawing.figures import unplaced
from resdsl.drawing.figures.detail_columns import (
    APART,
    BETWEEN,
    LEAD,
    Column,
    Part,
    columns_of,
    tall,
)
from resdsl.drawing.fragments.arrangement import pieces_of
from resdsl.drawing.fragments.exits import exits, put_end
from resdsl.drawing.fragments.fragments import Open, Rows
from resdsl.drawing.fragments.mixes import UnclearError
from resdsl.drawing.layout.canvas import Band, Canvas, Text
from resdsl.drawing.layout.fonts import room, text_width
from resdsl.drawing.layout.picture import Picture, Unplaced
from resdsl.drawing.refusal import TangledError, check_size
from resdsl.drawing.tables.numbers import costs
from resdsl.drawing.trees.flows import Flows
from resdsl.drawing.trees.series import Chain, Item, Leaf, Parallel, tree
from resdsl.drawing.trees.ways import Told, Way, loose, ways

# Around the figure; around the ends of a column, for lines.
_MARGIN, _BEND = 18.0, 12.0
# On each side of a network of no operators.
_EMPTY = 40.0
# From the shape that enters to the first part.
_LEAD = 20.0


def detail(known: Facts, *, title: bool = True) -> Picture:
    """Every operator of a network."""
    name = known.network.name
    # Blocks that call each other twice, forty deep, are told before they are written out.
    check_size(name, Expansion(copies=False, again=True).definition(known.network.root))
    flow, given = Flows(known, written=1).network()
    check_size(name, flow.size)

    parts: list[Part] = []

    def lay_out() -> Canvas:
        return _figure(known, columns_of(parts), title=title)

    try:
        for way in ways(flow, given) if given.outputs else [Way(flow, ())]:
            parts += _way_parts(known, way)
    except (TangledError, UnclearError):
        why = f"{name}: its lines cross or nest too deeply, so dot places it"
        view = known.view
        before, after = view.text(flow.entering), view.text(flow.leaving)
        flow, first = loose(flow, given)
        flows = [unplaced.Loose(flow, before, " ".join([*first, after]), titled(name))]
        return Unplaced(
            flow.size, lay_out, lambda theme: unplaced.dot(flows, name, theme), why, flow.reach
        )
    return Picture(flow.size, lay_out)


def _way_parts(known: Facts, way: Way) -> list[Part]:
    """Those of the trunk or of a head, which has its output's name where it is in no stage."""
    name = way.ends[0].name if way.ends and len(known.network.outputs) > 1 else ""
    parts = list(_parts(known, tree(way.flow), name, is_head=way.begins is not None))
    if not way.ends:
        return parts
    if not parts:
        parts = [Part("", "", "neutral", ())]
    parts[0] = replace(parts[0], begins=way.begins, tail=way.tail)
    ends = exits((one.name, one.shape) for one in way.ends)
    # What leaves the frame is told below it.
    parts[-1] = replace(parts[-1], ends=ends, shape="")
    return parts


def _parts(known: Facts, chain: Chain, name: str, *, is_head: bool) -> Iterator[Part]:
    """What stands on a way of the network, each with its stage; `name` is that of its end.

    What a long skip goes around is one piece: a frame of its own, named for the stages in it.
    """
    named = {section.path: section for section in known.sections if section.is_named}
    groups: list[tuple[list[str], list[Item]]] = []
    for item in chain.items:
        stages = list(dict.fromkeys(_stage(path, named) for path in _paths(item)))
        # Beside a stage, what stands between stages goes with what is outside of all.
        if groups and groups[-1][0] == stages and len(stages) == 1:
            groups[-1][1].append(item)
        else:
            groups.append((stages, [item]))
    looks = {path: f"stage{number}" for number, path in enumerate(named)}
    for i, (stages, items) in enumerate(groups):
        pieces = tuple(pieces_of(Chain(tuple(items))))
        inside = [path for path in stages if path]
        if len(stages) == 1 and inside:
            section = named[inside[0]]
            # A section that a label begins goes on with what has none.
            goes_on = section.kind == "label" and groups[i + 1 : i + 2] and not groups[i + 1][0][0]
            shape = "" if goes_on else known.view.text(section.output)
            yield Part(section.name, shape, looks[section.path], pieces)
        elif inside:
            names = dict.fromkeys(named[path].name for path in (inside[0], inside[-1]))
            yield Part(" … ".join(names), "", "neutral", pieces)
        else:
            last = name if name and i == len(groups) - 1 else ""
            yield Part(last if is_head else _unnamed(i, len(groups), last), "", "neutral", pieces)


def _stage(path: str, named: Container[str]) -> str:
    """The path of the stage that an operator is in; empty: of none."""
    return next((around for around in _around(path) if around in named), "")


def _unnamed(number: int, count: int, name: str) -> str:
    return "stem" if number == 0 else name or "head" if number == count - 1 else ""


def _around(path: str) -> Iterator[str]:
    """A path and those of what it is in, innermost first."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _paths(item: Item) -> Iterator[str]:
    """Those of the operators in it; of a sign alone, its own."""
    match item:
        case Leaf(node):
            yield node.name
        case _:
            columns = item.columns if isinstance(item.columns, tuple) else item.columns.values()
            inside = [path for column in columns for one in column.items for path in _paths(one)]
            signs = (item.sign,) if isinstance(item, Parallel) else item.signs.values()
            yield from inside or (sign.name for sign in signs)


def _figure(known: Facts, columns: Sequence[Column], *, title: bool) -> Canvas:
    canvas = Canvas(known.network.name)
    top = _MARGIN + _BEND + _LEAD
    heading = 0.0
    if title:
        heading = _heading(canvas, known, _MARGIN + 10)
        top += 40
    x, foot = _MARGIN, 0.0
    # What is open above; None behind an output.
    line: Open | None = Open("", ())
    for number, column in enumerate(columns):
        left = max((part.sides[0] for part in column), default=_EMPTY)
        right = max((part.sides[1] for part in column), default=_EMPTY)
        at, y = x + left, top
        over = top - _BEND
        if not number:
            entering = known.view.text(known.input)
            half = room(entering, 10) / 2
            at = max(at, _MARGIN + half)
            canvas.add(Text(at, over - 14, entering, 10))
            line = Open("", ((at, over - 6),))
        elif line is not None:
            line = line.to((line.points[-1][0], foot), (x - BETWEEN / 2, foot))
            line = line.to((x - BETWEEN / 2, over), (at, over))
        for part in column:
            if part.begins is not None:
                line = _begin(canvas, part.begins, part.tail, at, y)
                y += part.above
            assert line is not None
            _frame(canvas, part, x, y, left + right)
            line = Rows(0, 0, 0, part.pieces).draw(canvas, at, y + part.head, line)
            y += part.height
            if part.ends:
                put_end(canvas, part.ends, line, y, LEAD)
                line = None
            y += part.below + APART
        foot = y - APART + _BEND
        x += left + right + BETWEEN
    half = 0.0
    if line is not None:
        line.end(canvas, (at, foot + 8), "")
        output = known.view.text(known.output)
        half = room(output, 10) / 2
        at = max(at, half + 4)
        canvas.add(Text(at, foot + 18, output, 10))
    canvas.width = float(ceil(max(x - BETWEEN, heading, at + half) + _MARGIN))
    canvas.height = float(ceil(top + max(map(tall, columns)) + 2 * _MARGIN + _BEND))
    return canvas


def _begin(canvas: Canvas, told: Told, tail: str, x: float, y: float) -> Open:
    """What a head begins with, above its frame; the line that is open below."""
    canvas.add(Text(x, y + 4, told.name, 9))
    canvas.add(Text(x + 6, y + 17, told.shape, 9, "start"))
    return Open(tail, ((x, y + 10),))


def _frame(canvas: Canvas, part: Part, x: float, y: float, width: float) -> None:
    canvas.add(Band(x, y, width, part.height, part.look))
    look = "text" if part.look == "neutral" else part.look
    if part.words:
        canvas.add(Text(x + 12, y + 27, part.words, 9, "start"))
    if part.name:
        canvas.add(Text(x + 12, y + 14, part.name, 12, "start", look, True))
    if part.shape:
        canvas.add(Text(x + width - 12, y + 14, part.shape, 9, "end"))


def _heading(canvas: Canvas, known: Facts, y: float) -> float:
    """The network's name and numbers; where they end."""
    name = titled(known.network.name)
    canvas.add(Text(_MARGIN, y, name, 15, "start", "text", True))
    place = _MARGIN + text_width(name, 15, bold=True) * 1.25 + 16
    told = " · ".join(costs(known))
    canvas.add(Text(place, y + 1, told, 11, "start"))
    return place + room(told, 11)
