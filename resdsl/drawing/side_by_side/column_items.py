"""A network as a column of rows: what `beside` draws of it.

A row is a weighted layer, a pool, or what changes extents; norms and activations belong to the row
before them. What branches otherwise than by a residual is a small picture in a box.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl.analysis.elements import is_plain
from resdsl.analysis.facts import Facts
from resdsl.analysis.only_residual import OnlyResidual
from resdsl.analysis.rows import Lister
from resdsl.analysis.shapes import fed
from resdsl.analysis.shortcuts import Kind, Shortcut, shortcut_of
from resdsl.design.join_expressions import Use
from resdsl.design.model import (
    Apply,
    Body,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Kept,
    Ref,
    Residual,
    Run,
    Step,
)
from resdsl.drawing.column.around import foot
from resdsl.drawing.column.block_content import SMALL, Piece
from resdsl.drawing.column.block_pieces import Pieces, listed
from resdsl.drawing.column.meetings import ARC, Meeting, NoSignsError, Operand, meetings
from resdsl.drawing.side_by_side.items import (
    Around,
    Item,
    Mark,
    Meet,
    Repeat,
    Row,
    Sort,
    rows_in,
)
from resdsl.drawing.trees.rows import is_row, spoken
from resdsl.extents import Shape
from resdsl.records import dataclass

# A picture that is higher is told in rows, or by those of the body that it is of.
_TALLEST = 420.0


def items_of(known: Facts) -> tuple[Item, ...]:
    """The rows of a network, in order, and the marks of values that are read again."""
    first = _Walk(known, frozenset())
    first.network()
    return _Walk(known, frozenset(first.read)).network()


@dataclass(frozen=True, slots=True)
class _Value:
    """A value that has a name: the number of its mark."""

    number: int
    name: str


class _Walk:
    """`wanted` are the numbers of the marks that are read; `read` those that were, so far."""

    def __init__(self, known: Facts, wanted: frozenset[int]) -> None:
        self.known = known
        self.wanted = wanted
        self.read: set[int] = set()
        self.marks = 0
        self.lister = Lister(known.network.root, known.table, known.liveness)
        self.pieces = Pieces(known)

    def network(self) -> tuple[Item, ...]:
        return self._body(self.known.network.root.body, self.known.shapes, "", {}, "input")

    def _body(
        self, body: Body, shapes: list[Shape], path: str, at: dict[Ref, _Value], name: str
    ) -> tuple[Item, ...]:
        """Its input is called `name`, unless that has one."""
        found: list[Item] = []
        if body.input not in at:
            found += self._mark(body.input, name, at)
        return (*found, *self._items(body, shapes, path, at))

    def _mark(self, ref: Ref, name: str, at: dict[Ref, _Value]) -> list[Item]:
        at[ref] = _Value(self.marks, name)
        self.marks += 1
        return [Mark(at[ref].number)] if at[ref].number in self.wanted else []

    def _items(
        self,
        body: Body,
        shapes: list[Shape],
        path: str,
        at: dict[Ref, _Value],
        kept: dict[Ref, int] | None = None,
    ) -> list[Item]:
        """`kept` is filled with where, among the items, tensors are kept."""
        found: list[Item] = []
        kept = {} if kept is None else kept
        for step in body.steps:
            match step:
                case Keep():
                    kept[step.ref] = len(found)
                    found += self._mark(step.ref, step.name, at)
                case Apply():
                    found += self._apply(step, shapes, path, at)
                case Residual():
                    is_here = kept.get(_kept(step)) == len(found)
                    found += self._residual(step, shapes, path, at, is_kept_here=is_here)
                case Fork() if self.known.liveness.is_read(step):
                    found += [self._picture(step, shapes, path)]
                case Join() if self.known.liveness.is_read(step):
                    found += self._join(step, shapes, path, at)
                case _:
                    pass
        return found

    def _apply(
        self, apply: Apply, shapes: list[Shape], path: str, at: dict[Ref, _Value]
    ) -> Iterator[Item]:
        liveness = self.known.liveness
        if not liveness.is_read(apply):
            return
        index = 0
        for run in apply.runs:
            left = liveness.skipped(apply, run)
            for count, seen in self.known.table.copies(apply, run, shapes):
                skipped = min(left, count)
                left, index, count = left - skipped, index + skipped, count - skipped
                if not count:
                    continue
                here = f"{path}{apply.key}.{index}" if apply.repeated else path + apply.key
                copy = tuple(self._copy(apply, run, seen, here, at))
                index += count
                if count > 1 and copy:
                    yield Repeat(copy, count, here)
                else:
                    yield from copy

    def _copy(
        self, apply: Apply, run: Run, shapes: list[Shape], path: str, at: dict[Ref, _Value]
    ) -> Sequence[Item]:
        shape, unit = shapes[run.output], run.unit
        opened = self.known.table.inside(apply, run, shapes)
        if opened is not None:
            if isinstance(unit, Instance) and self.lister.is_large(unit):
                return (self._row(spoken(unit.definition), shape, "layer", path),)
            body, inner = opened
            picture = self._branching(body, inner, path, shape)
            if picture is not None:
                return (picture,)
            inside = at if isinstance(unit, Group) else {}
            return self._body(body, inner, f"{path}.", inside, "in")
        assert not isinstance(unit, Group | Instance)
        if not is_row(unit, shapes[run.input].rank):
            return ()
        sort: Sort = "layer" if unit.role == "convolution" else "plain"
        return (self._row(unit.label(fed(run, shapes[run.input])), shape, sort, path),)

    def _row(self, text: str, shape: Shape, sort: Sort, path: str) -> Row:
        return Row(text, shape, sort, path, () if shape.flat else shape.extents)

    # --- what branches ----------------------------------------------------------------------------

    def _branching(self, body: Body, shapes: list[Shape], path: str, shape: Shape) -> Row | None:
        """A unit whose own steps branch, but by no residual: a gate, a dense layer, Inception's."""
        if not any(isinstance(step, Fork | Join) for step in body.steps) or _has_residual(body):
            return None
        piece = self._piece(body, shapes, f"{path}.")
        if piece is None:
            return None
        texts = [row.text for row in self.lister.body(body, shapes)]
        return self._boxed(piece, texts, shape, path, f"{path}.")

    def _picture(
        self, step: Fork | Residual, shapes: list[Shape], path: str, *, is_figure: bool = False
    ) -> Row:
        """A step alone in a box; what no picture shows, in its rows."""
        alone = Body(step.input, step.output, [step])
        texts = [row.text for row in self.lister.step(step, shapes)]
        piece = self._piece(alone, shapes, path, is_figure=is_figure) or listed(texts)
        if isinstance(step, Fork):
            word = step.branches[0].apply.key
        else:
            first = next(step.main.modules(), None)
            word = first.key if first else "residual"
        return self._boxed(
            piece, texts, shapes[step.output], self.pieces.flows.free(f"{path}{word} box"), path
        )

    def _piece(
        self, body: Body, shapes: list[Shape], path: str, *, is_figure: bool = False
    ) -> Piece | None:
        """A picture that is not too high."""
        flows = self.pieces.flows
        names = dict(flows.names)
        piece = self.pieces.branching(body, shapes, path, SMALL, is_figure=is_figure)
        if piece is not None and piece.height <= _TALLEST:
            return piece
        # What is drawn instead has the names that it took.
        flows.names = names
        return None

    def _boxed(self, piece: Piece, texts: Sequence[str], shape: Shape, path: str, base: str) -> Row:
        extents = () if shape.flat else shape.extents
        return Row("\n".join(texts), shape, "layer", path, extents, piece, base, base)

    # --- where tensors meet -----------------------------------------------------------------------

    def _residual(
        self,
        step: Residual,
        shapes: list[Shape],
        path: str,
        at: dict[Ref, _Value],
        *,
        is_kept_here: bool,
    ) -> list[Item]:
        kept: dict[Ref, int] = {}
        flows = self.pieces.flows
        before = dict(flows.names), set(self.read), dict(at)
        inner = self._items(step.main, shapes, path, at, kept)
        if step.is_main_alone or not self.known.liveness.is_read(step):
            return inner
        key = step.shortcut.key if step.shortcut is not None else ""
        owner = flows.free(f"{path}sum" if step.adds else f"{path}{key}.join")
        try:
            start, found = self._foot(step, shapes, at, kept, is_kept_here=is_kept_here)
            has_arc = any(one.source == ARC for met in found for one in met.operands)
            if has_arc and not _begins_with_row(inner[start:]):
                raise NoSignsError
            meets = tuple(self._meets(found, owner))
        except NoSignsError:
            # It is drawn otherwise, with no marks in it.
            flows.names, self.read, known = before
            at.clear()
            at.update(known)
            # Of a main of norms alone a figure of weights would show nothing.
            return [self._picture(step, shapes, path, is_figure=rows_in(inner) > 0)]
        if not has_arc:
            return [*inner, *meets]
        shortcut = shortcut_of(step, shapes, self.lister)
        if isinstance(step.skip, Kept) or shortcut is None:
            shortcut = Shortcut(Kind.IDENTITY)
        return [Around(tuple(inner), shortcut, start, meets)]

    def _foot(
        self,
        step: Residual,
        shapes: list[Shape],
        at: dict[Ref, _Value],
        kept: dict[Ref, int],
        *,
        is_kept_here: bool,
    ) -> tuple[int, tuple[Meeting, ...]]:
        """Before which item of main what goes around it begins, and how they meet."""
        if isinstance(step.skip, Kept) and step.adds and (is_kept_here or step.skip.ref in kept):
            start = 0 if is_kept_here else kept[step.skip.ref]
            return start, (Meeting("+", operands=(Operand(ARC),)),)

        def outside(ref: Ref) -> Operand:
            return Operand(*self._known(ref, at))

        only = OnlyResidual(step, shapes, path="", is_apart=False)
        return 0, foot(only, self.lister, outside)

    def _join(
        self, step: Join, shapes: list[Shape], path: str, at: dict[Ref, _Value]
    ) -> list[Item]:
        owner = self.pieces.flows.free(f"{path}join")

        def kept(use: Use) -> Operand:
            return Operand(*self._known(use.ref, at))

        try:
            found = meetings(step.join, step.input, kept)
            return list(self._meets(found, owner))
        except NoSignsError:
            texts = [row.text for row in self.lister.step(step, shapes)]
            return [self._boxed(listed(texts), texts, shapes[step.output], owner, path)]

    def _known(self, ref: Ref, at: dict[Ref, _Value]) -> tuple[int, str]:
        found = at.get(ref)
        if found is None:
            raise NoSignsError
        self.read.add(found.number)
        return found.number, found.name

    def _meets(self, found: Sequence[Meeting], owner: str) -> Iterator[Meet]:
        """One line into each sign."""
        number = 0
        for met in found:
            if len(met.operands) > 1 and met.sign not in _CHAINED:
                raise NoSignsError
            for part in _split(met):
                number += 1
                yield Meet(part, owner if number == 1 else f"{owner}..{number}")


# Of three, these are the same as of two and then one.
_CHAINED = frozenset({"+", "*", "|", "max", "min"})


def _split(met: Meeting) -> Iterator[Meeting]:
    if len(met.operands) < 2:
        yield met
        return
    for operand in met.operands:
        yield Meeting(met.sign, operands=(operand,), order=met.order)


def _begins_with_row(items: Sequence[Item]) -> bool:
    """What goes around it begins above a row, and not above a sign."""
    for item in items:
        match item:
            case Mark():
                continue
            case Row():
                return True
            case Meet():
                return False
            case Repeat(inner) | Around(inner):
                return _begins_with_row(inner)
    return False


def _has_residual(body: Body) -> bool:
    return any(_is_residual(step) for step in body.steps)


def _is_residual(step: Step) -> bool:
    match step:
        case Residual():
            return True
        case Apply():
            units = [run.unit for run in step.runs]
        case Fork():
            units = [run.unit for branch in step.branches for run in branch.apply.runs]
        case _:
            return False
    for unit in units:
        inner = unit.body if isinstance(unit, Group) else None
        inner = unit.definition.body if isinstance(unit, Instance) else inner
        if inner is not None and not is_plain(inner) and _has_residual(inner):
            return True
    return False


def _kept(step: Residual) -> Ref:
    return step.skip.ref if isinstance(step.skip, Kept) else -1
