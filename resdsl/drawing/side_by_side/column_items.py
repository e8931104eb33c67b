"""From the design of a network to the items of its column.

Norms and activations belong to the row before them. How tensors meet is told by signs; what signs
on one line cannot tell, and what branches, is a small figure in the box of a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from resdsl.analysis.facts import Facts
from resdsl.analysis.folding import DROPS
from resdsl.analysis.only_residual import OnlyResidual
from resdsl.analysis.rows import Lister, listed, op_row
from resdsl.analysis.shapes import fed, instance_inputs
from resdsl.analysis.shortcuts import Kind, Shortcut, shortcut_of
from resdsl.design.dataflow import all_steps, outer
from resdsl.design.join_expressions import Ref, Use, tensors
from resdsl.design.model import (
    Apply,
    Body,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Kept,
    Residual,
    Run,
)
from resdsl.drawing.column.around import foot
from resdsl.drawing.column.block_content import SMALL
from resdsl.drawing.column.block_pieces import Pieces
from resdsl.drawing.column.block_pieces import listed as listed_rows
from resdsl.drawing.column.branch_pieces import unnamed
from resdsl.drawing.column.meetings import ARC, Meeting, NoSignsError, Operand, meetings
from resdsl.drawing.side_by_side.arc_words import NOTHING, around, has_arc, quiet, with_words
from resdsl.drawing.side_by_side.gates import gates_in
from resdsl.drawing.side_by_side.items import (
    Item,
    Meet,
    Point,
    Repeat,
    Row,
    Sort,
    Unit,
    all_keys,
    rows_in,
    without_points,
)
from resdsl.drawing.side_by_side.values import Keys, Tensor, Values, remade
from resdsl.drawing.trees.rows import spoken
from resdsl.extents import Shape

# The place of what is kept inside of a box.
_APART = -1


# Kinds of shortcuts whose arcs say what is done on them; of others the legend tells.
TOLD = frozenset({Kind.SCALED, Kind.GATED, Kind.OTHER})


def items_of(known: Facts, told: frozenset[Kind] = TOLD) -> tuple[Item, ...]:
    """Those of a network, in order."""
    walk = _Walk(known, told)
    root = known.network.root
    values = Values(root, {})
    items = walk.entered(root.body, known.shapes, "", values, name="input")
    if not rows_in(items) or _leads_with_signs(items):
        # Signs stand below a row.
        items.insert(1, _identity(known.shapes[root.input], "#identity"))
    return without_points(items, frozenset(all_keys(items)))


class _Walk:
    def __init__(self, known: Facts, told: frozenset[Kind]) -> None:
        self.known = known
        self.told = told
        self.liveness = known.liveness
        self.lister = Lister(known.network.root, known.table, known.liveness)
        self.pieces = Pieces(known)
        self._names: dict[str, int] = {}
        self._points = 0
        self.place = 0

    def entered(
        self, body: Body, shapes: list[Shape], path: str, values: Values, name: str = ""
    ) -> list[Item]:
        """The items of a body, behind the point of what enters it."""
        point = self._point(path)
        # Copies that read nothing else of around them have the value that the first is fed.
        before = values.at.get(body.input)
        values.at[body.input] = Tensor(point.key, self.place, name)
        items = [point, *self.body(body, shapes, path, values)]
        if before is not None:
            values.at[body.input] = before
        return items

    def body(self, body: Body, shapes: list[Shape], path: str, values: Values) -> list[Item]:
        found: list[Item] = []
        gates = gates_in(body, shapes, self.liveness.is_read)
        left = 0
        for number, step in enumerate(body.steps):
            if left:
                left -= 1
                continue
            gate = gates.get(number)
            if not isinstance(step, Keep) and self._reads_line(step):
                found += self._led(step.input, path, values)
            if gate is not None:
                found += self._gate(gate, shapes, path, values)
                left, step = len(gate.steps) - 1, gate.steps[-1]
            match step:
                case _ if gate is not None:
                    pass
                case Keep(name, ref):
                    # It has a point already, and more than one name at most.
                    values.at[ref] = replace(values.at[ref], name=name)
                    continue
                case Apply():
                    found += self._apply(step, shapes, path, values)
                case Residual():
                    found += self._residual(step, shapes, path, values)
                case Fork() if self.liveness.is_read(step):
                    found += self._fork(step, shapes, path, values)
                case Join() if self.liveness.is_read(step):
                    found += self._join(step, shapes, path, values)
                case _:
                    pass
            point = self._point(path)
            found.append(point)
            assert not isinstance(step, Keep)
            values.at[step.output] = Tensor(point.key, self.place)
        if self.liveness.is_result_read(body):
            found += self._led(body.output, path, values)
        return found

    def _reads_line(self, step: Apply | Residual | Fork | Join) -> bool:
        match step:
            case Apply() if not self.liveness.is_read(step):
                return False
            case Apply(repeated=False, runs=[Run(unit=Group())]):
                return False  # what is in it does
            case Apply():
                return any(map(self.liveness.reads_input, step.runs))
            case _:
                return step.input in outer(
                    Body(NOTHING, step.output, [step]), self.liveness.is_read
                )

    def _led(self, ref: Ref, path: str, values: Values) -> list[Item]:
        """Where another tensor goes on than the line brings, by `join kept`."""
        known = values.at.get(ref)
        if known is None or known.place == self.place:
            return []
        keys = Keys()
        operand = keys.operand(known)
        self.place += 1
        values.at[ref] = replace(known, place=self.place)
        # The graph has no operator for it.
        return [
            Meet(
                (Meeting(operands=(operand,)),), self._free(f"{path}from"), keys.of, is_broken=True
            )
        ]

    # --- modules ----------------------------------------------------------------------------------

    def _apply(self, apply: Apply, shapes: list[Shape], path: str, values: Values) -> list[Item]:
        if not self.liveness.is_read(apply):
            return []
        found: list[Item] = []
        index = 0
        for run in apply.runs:
            left = self.liveness.skipped(apply, run)
            for count, seen in self.known.table.copies(apply, run, shapes):
                skipped = min(left, count)
                left, index, count = left - skipped, index + skipped, count - skipped
                if not count:
                    continue
                here = f"{path}{apply.key}.{index}" if apply.repeated else path + apply.key
                if count > 1:
                    self.place += 1  # what is kept before is here for the first copy alone
                copy = tuple(self._copy(apply, run, seen, here, values))
                index += count
                if count > 1 and any(not isinstance(item, Point) for item in copy):
                    found.append(Repeat(_with_row(copy, shapes[run.output], here), count, here))
                    self.place += 1
                else:
                    found += copy
        return found

    def _copy(
        self, apply: Apply, run: Run, shapes: list[Shape], path: str, values: Values
    ) -> Sequence[Item]:
        shape, unit = shapes[run.output], run.unit
        match unit:
            case Group(body) if apply.repeated:
                return self.entered(body, shapes, f"{path}.", values)
            case Group(body):
                return self.body(body, shapes, f"{path}.", values)
            case Instance(definition):
                if self.lister.is_large(unit):
                    return (self._row(spoken(definition), shape, "layer", path),)
                inputs = instance_inputs(apply, run, shapes)
                inner = self.known.table.shapes(definition, inputs)
                inside = Values(definition, {})
                return _unit(self.entered(definition.body, inner, f"{path}.", inside))
        if not unit.is_listed:
            return ()
        entering = fed(run, shapes[run.input])
        sort: Sort = "layer" if unit.role == "convolution" else "plain"
        # How likely a path is dropped may differ from block to block: it says no more than that.
        text = DROPS if op_row(unit, entering).plain == DROPS else unit.label(entering)
        return (self._row(text, shape, sort, path),)

    def _row(self, text: str, shape: Shape, sort: Sort, path: str) -> Row:
        self.place += 1
        return Row(text, shape, sort, path, () if shape.flat else shape.extents)

    # --- where tensors meet -----------------------------------------------------------------------

    def _residual(
        self, step: Residual, shapes: list[Shape], path: str, values: Values
    ) -> list[Item]:
        start, begin = self.place, self._point(path)
        before = remade(step.main, values)
        inner = [begin, *self.body(step.main, shapes, path, values)]
        shortcut = shortcut_of(step, shapes, self.lister)
        if shortcut is None or not self.liveness.is_read(step):
            return inner
        keys = Keys()

        def outside(ref: Ref) -> Operand:
            known = values.at.get(ref)
            # Norms and activations before main's first row belong to what enters it.
            if known is None or known.place == start:
                return Operand(ARC, words=(before_skip,) if before_skip else ())
            return keys.operand(known)

        only = OnlyResidual(step, shapes, path, is_apart=False)
        # As of the projections of pre-activation blocks.
        skips = [ref for ref in around(step) if ref in values.at and values.at[ref].place == start]
        before_skip = ", ".join(quiet(step.main, skips[0], shapes)) if skips else ""
        is_told = shortcut.kind in self.told or bool(before_skip)
        try:
            met = foot(only, self.lister, outside, is_open=True, is_told=is_told)
        except NoSignsError:
            values.at.update(before)
            return self._whole(step, start, shapes, path, values)
        if not met:
            return inner
        if shortcut.kind is Kind.OTHER:
            met = with_words(met, shortcut.label)
        where = self._sum(step, path)
        if isinstance(step.skip, Kept) and has_arc(met):
            shortcut = Shortcut(Kind.IDENTITY)
        meet = (
            Meet(met, where, keys.of, shortcut, begin.key)
            if has_arc(met)
            else Meet(met, where, keys.of, is_broken=not met[0].sign and not met[0].factor)
        )
        self.place += 1
        return list(_unit([*inner, meet]))

    def _whole(
        self, step: Residual, start: int, shapes: list[Shape], path: str, values: Values
    ) -> list[Item]:
        """A residual that signs on one line cannot tell: a small figure, or its rows.

        `start` is the place before it.
        """
        return self._branching(step, start, shapes, path, self._sum(step, path), values)

    def _fork(self, step: Fork, shapes: list[Shape], path: str, values: Values) -> list[Item]:
        return self._branching(step, self.place, shapes, path, self._free(f"{path}join"), values)

    def _branching(
        self,
        step: Residual | Fork,
        start: int,
        shapes: list[Shape],
        path: str,
        where: str,
        values: Values,
    ) -> list[Item]:
        texts = [row.text for row in self.lister.step(step, shapes)]
        alone = Body(step.input, step.output, [step])
        is_figure = isinstance(step, Residual)
        piece = self.pieces.alone(alone, shapes, path, texts, SMALL, is_figure=is_figure)
        read = outer(Body(NOTHING, step.output, [step]), self.liveness.is_read)
        row = self._boxed(texts, shapes[step.output], where, step.input, read, values, start)
        return self._closed(replace(row, piece=unnamed(piece)), alone, start, path, values)

    def _gate(self, gate: Body, shapes: list[Shape], path: str, values: Values) -> list[Item]:
        """What weighs a tensor by what is made of it at another size: it stands beside the line."""
        texts = [row.text for row in self.lister.body(gate, shapes)]
        piece = self.pieces.alone(gate, shapes, path, texts, SMALL, is_figure=False)
        read = (gate.input, *outer(gate, self.liveness.is_read))
        where, start = self._free(f"{path}join"), self.place
        row = self._boxed(texts, shapes[gate.output], where, gate.input, read, values, start)
        return self._closed(replace(row, piece=unnamed(piece)), gate, start, path, values)

    def _closed(self, row: Row, inside: Body, start: int, path: str, values: Values) -> list[Item]:
        """With the point from which the lines of all run that is kept inside of a box."""
        point = self._point(path)
        for step in all_steps(inside):
            if isinstance(step, Keep):
                known = values.at.get(step.ref)
                if known is None or known.place > start:
                    values.at[step.ref] = Tensor(point.key, _APART, step.name)
        return [row, point]

    def _boxed(
        self,
        texts: Sequence[str],
        shape: Shape,
        where: str,
        here: Ref,
        read: Sequence[Ref],
        values: Values,
        start: int,
    ) -> Row:
        """A box that says what it does to all that it reads; `start` is the place before it."""
        keys = Keys()
        known = {ref: values.at[ref] for ref in read if ref in values.at and ref != here}
        far = {ref: one for ref, one in known.items() if one.place != start}
        is_broken = here not in read and len(far) == len(known) and bool(known)
        entering = tuple(dict.fromkeys(keys.operand(one) for one in far.values()))
        row = self._row(listed(texts), shape, "layer", where)
        return replace(row, entering=entering, keys=keys.of, is_broken=is_broken)

    def _join(self, step: Join, shapes: list[Shape], path: str, values: Values) -> list[Item]:
        uses = list(tensors(step.join))
        if isinstance(step.join, Use) and self._is_here(step.join.ref, step.input, values):
            return []
        keys = Keys()
        is_block = values.definition is not self.known.network.root
        fed_in = [use for use in uses if use.name == "in" and is_block and use.ref != step.input]
        arc = values.at.get(fed_in[0].ref) if len(fed_in) == 1 else None

        def kept(use: Use) -> Operand:
            if arc is not None and use is fed_in[0]:
                return Operand(ARC)
            known = values.at[use.ref]
            name = known.name or ("" if use.name == "here" else use.name)
            return keys.operand(replace(known, name=name))

        is_broken = all(use.ref != step.input for use in uses)
        # The graph has no operator for another tensor's going on.
        where = self._free(f"{path}{'from' if isinstance(step.join, Use) else 'join'}")
        try:
            met = meetings(step.join, step.input, kept)
        except NoSignsError:
            texts = [row.text for row in self.lister.step(step, shapes)]
            read = [use.ref for use in uses]
            row = self._boxed(
                texts, shapes[step.output], where, step.input, read, values, self.place
            )
            return [replace(row, piece=listed_rows(texts, SMALL), sort="plain")]
        self.place += 1
        if not has_arc(met) or arc is None:
            return [Meet(met, where, keys.of, is_broken=is_broken)]
        identity = Shortcut(Kind.IDENTITY)
        return [Meet(met, where, keys.of, identity, arc.key, is_broken)]

    def _is_here(self, ref: Ref, here: Ref, values: Values) -> bool:
        known = values.at.get(ref)
        return ref == here or (known is not None and known.place == self.place)

    # --- names ------------------------------------------------------------------------------------

    def _point(self, path: str) -> Point:
        self._points += 1
        return Point(f"{path}#{self._points}")

    def _sum(self, step: Residual, path: str) -> str:
        """What main and shortcut make: what the shortcut does, where it reads main."""
        if step.adds or step.shortcut is None:
            return self._free(f"{path}{'sum' if step.adds else 'from'}")
        return self._free(f"{path}{step.shortcut.key}.join")

    def _free(self, word: str) -> str:
        """As the graph names it: later ones of a word get a number."""
        number = self._names.get(word, -1) + 1
        self._names[word] = number
        return f"{word}_{number}" if number else word


def _unit(items: Sequence[Item]) -> Sequence[Item]:
    busy = [item for item in items if not isinstance(item, Point)]
    return (Unit(tuple(items)),) if len(busy) > 1 else items


def _leads_with_signs(items: Sequence[Item]) -> bool:
    first = next((item for item in items if not isinstance(item, Point)), None)
    match first:
        case Repeat(inner) | Unit(inner):
            return _leads_with_signs(inner)
        case _:
            return isinstance(first, Meet)


def _with_row(items: tuple[Item, ...], shape: Shape, path: str) -> tuple[Item, ...]:
    """Signs alone have no bracket around them: what is repeated has a row."""
    return items if rows_in(items) else (_identity(shape, f"{path}.#identity"), *items)


def _identity(shape: Shape, path: str) -> Row:
    """No operator of the graph: its path is none of a module."""
    return Row("identity", shape, "plain", path, () if shape.flat else shape.extents)
