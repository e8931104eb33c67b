"""What signs on one line cannot tell, and what branches: a small figure in a box, or its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from resdsl.analysis.facts import Facts
from resdsl.analysis.rows import Lister, listed
from resdsl.design.dataflow import all_made, all_steps, outer, read_by
from resdsl.design.join_expressions import Ref, tensors
from resdsl.design.model import Body, Fork, Join, Keep, Residual
from resdsl.drawing.column.block_content import SMALL
from resdsl.drawing.column.block_pieces import Pieces
from resdsl.drawing.column.block_pieces import listed as listed_rows
from resdsl.drawing.column.branch_pieces import unnamed
from resdsl.drawing.side_by_side.given import Given
from resdsl.drawing.side_by_side.items import Item, Row
from resdsl.drawing.side_by_side.line import Line
from resdsl.drawing.side_by_side.values import Keys, Tensor, Values
from resdsl.extents import Shape

# The place of what is kept inside of a box.
_APART = -1


class Boxes:
    """Those of one network's column."""

    def __init__(self, known: Facts, lister: Lister, line: Line, given: Given) -> None:
        self.given = given
        self.lister = lister
        self.line = line
        self.pieces = Pieces(known)
        self.liveness = known.liveness

    def whole(
        self, step: Residual, start: int, shapes: list[Shape], path: str, values: Values
    ) -> list[Item]:
        """A residual that signs on one line cannot tell: a small figure, or its rows.

        `start` is the place before it.
        """
        where = (
            self.line.sum(step, path)
            if self.liveness.is_read(step)
            else self.line.names.free(f"{path}#sum")
        )
        return self._branching(step, start, shapes, path, where, values)

    def fork(self, step: Fork, shapes: list[Shape], path: str, values: Values) -> list[Item]:
        # One of which only what is in its branches is read has no operator of its own.
        where = self.line.names.free(f"{path}{'join' if self.liveness.is_read(step) else '#fork'}")
        return self._branching(step, self.line.place, shapes, path, where, values)

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
        read = read_by(step, self.liveness)
        row = self._boxed(texts, shapes[step.output], where, step.input, read, values, start)
        return self._closed(replace(row, piece=unnamed(piece)), alone, start, path, values)

    def gate(self, gate: Body, shapes: list[Shape], path: str, values: Values) -> list[Item]:
        """What weighs a tensor by what is made of it at another size: it stands beside the line."""
        texts = [row.text for row in self.lister.body(gate, shapes)]
        piece = self.pieces.alone(gate, shapes, path, texts, SMALL, is_figure=False)
        read = (gate.input, *outer(gate, self.liveness))
        where, start = self.line.names.free(f"{path}join"), self.line.place
        row = self._boxed(texts, shapes[gate.output], where, gate.input, read, values, start)
        return self._closed(replace(row, piece=unnamed(piece)), gate, start, path, values)

    def _closed(self, row: Row, inside: Body, start: int, path: str, values: Values) -> list[Item]:
        """With the point from which the lines of all run that is kept inside of a box."""
        point = self.line.point(path)
        for step in all_steps(inside):
            if isinstance(step, Keep):
                known = values.at.get(step.ref)
                if known is None or known.place > start:
                    values.at[step.ref] = Tensor(point.key, _APART, step.name)
        made = set(all_made(inside)) - {inside.output}
        return [replace(row, inner=self.given.told(made, values)), point]

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
        row = self.line.row(listed(texts), shape, "layer", where)
        return replace(row, entering=entering, keys=keys.of, is_broken=is_broken)

    def joined(self, step: Join, shapes: list[Shape], where: str, values: Values) -> Row:
        """A join in words."""
        texts = [row.text for row in self.lister.step(step, shapes)]
        read = [use.ref for use in tensors(step.join)]
        row = self._boxed(
            texts, shapes[step.output], where, step.input, read, values, self.line.place
        )
        return replace(row, piece=listed_rows(texts, SMALL), sort="plain")
