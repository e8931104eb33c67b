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
from resdsl.analysis.rows import Lister, op_row
from resdsl.analysis.shapes import fed, instance_inputs
from resdsl.analysis.shortcuts import Kind, Shortcut, shortcut_of
from resdsl.design.dataflow import all_made, read_by
from resdsl.design.join_expressions import Ref, Use, tensors
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
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
from resdsl.drawing.column.meetings import ARC, Meeting, NoSignsError, Operand, meetings
from resdsl.drawing.side_by_side.arc_words import around, has_arc, quiet, with_words
from resdsl.drawing.side_by_side.boxes import Boxes
from resdsl.drawing.side_by_side.gates import gates_in
from resdsl.drawing.side_by_side.given import Given
from resdsl.drawing.side_by_side.items import (
    Item,
    Leave,
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
from resdsl.drawing.side_by_side.line import Line
from resdsl.drawing.side_by_side.values import Keys, Tensor, Values, remade, values_in
from resdsl.drawing.trees.rows import spoken
from resdsl.extents import Shape

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
        self.line = Line()
        # Whether what is walked has been called before.
        self.is_again = False
        self.given = Given(known)
        self.boxes = Boxes(known, self.lister, self.line, self.given)

    def entered(
        self,
        body: Body,
        shapes: list[Shape],
        path: str,
        values: Values,
        also: Sequence[Ref] = (),
        name: str = "",
    ) -> list[Item]:
        """The items of a body, behind the point of what enters it, `also` by these numbers."""
        point = self.line.point(path)
        # Copies that read nothing else of around them have the value that the first is fed.
        before = values.at.get(body.input)
        known = Tensor(point.key, self.line.place, name)
        values.at |= dict.fromkeys([body.input, *also], known)
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
                found += self.boxes.gate(gate, shapes, path, values)
                left, step = len(gate.steps) - 1, gate.steps[-1]
            match step:
                case _ if gate is not None:
                    pass
                case Keep(name, ref):
                    # It has a point already, and more than one name at most; none is what a call
                    # gives that is not read.
                    if ref in values.at:
                        values.at[ref] = replace(values.at[ref], name=name)
                    continue
                case Apply():
                    found += self._apply(step, shapes, path, values)
                case Residual():
                    found += self._residual(step, shapes, path, values)
                case Fork() if self.liveness.calls(step):
                    found += self.boxes.fork(step, shapes, path, values)
                case Join() if self.liveness.is_read(step):
                    found += self._join(step, shapes, path, values)
                case _:
                    pass
            point = self.line.point(path)
            found.append(point)
            assert not isinstance(step, Keep)
            values.at[step.output] = Tensor(point.key, self.line.place)
            told = Leave(self.given.told((step.output,), values))
            # What a group ends with is told in it.
            found += [told] if told.told and told not in found else []
        # Outputs are told where they are made.
        is_told = body is self.known.network.root.body and bool(self.given.outputs)
        if self.liveness.is_result_read(body) and not is_told:
            found += self._led(body.output, path, values)
        return found

    def _reads_line(self, step: Apply | Residual | Fork | Join) -> bool:
        match step:
            case Apply() if not self.liveness.is_read(step):
                return False
            case Apply(repeated=False, runs=[Run(unit=Group())]):
                return False  # what is in it does
            case Apply() if _leads_itself(step):
                return False
            case Apply():
                return any(map(self.liveness.reads_input, step.runs))
            case _:
                return step.input in read_by(step, self.liveness)

    def _led(self, ref: Ref, path: str, values: Values) -> list[Item]:
        """Where another tensor goes on than the line brings, by `join kept`."""
        known = values.at.get(ref)
        if known is None or known.place == self.line.place:
            return []
        keys = Keys()
        operand = keys.operand(known)
        self.line.place += 1
        values.at[ref] = replace(known, place=self.line.place)
        # The graph has no operator for it.
        where = self.line.names.free(f"{path}from")
        return [Meet((Meeting(operands=(operand,)),), where, keys.of, is_broken=True)]

    # --- modules ----------------------------------------------------------------------------------

    def _apply(self, apply: Apply, shapes: list[Shape], path: str, values: Values) -> list[Item]:
        if not self.liveness.is_read(apply):
            return []
        found: list[Item] = []
        around = self.is_again
        self._call(is_again=around or self.liveness.is_again(apply))
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
                    self.line.place += 1  # what is kept before is here for the first copy alone
                copy = tuple(self._copy(apply, run, seen, here, values))
                index += count
                if count > 1 and any(not isinstance(item, Point) for item in copy):
                    found.append(Repeat(_with_row(copy, shapes[run.output], here), count, here))
                    self.line.place += 1
                else:
                    found += copy
        self._call(is_again=around)
        return found

    def _copy(
        self, apply: Apply, run: Run, shapes: list[Shape], path: str, values: Values
    ) -> Sequence[Item]:
        shape, unit = shapes[run.output], run.unit
        match unit:
            case Group(body) if apply.repeated:
                around, self.given.is_copied = self.given.is_copied, True
                found = self.entered(body, shapes, f"{path}.", values)
                self.given.is_copied = around
                return found
            case Group(body):
                return self.body(body, shapes, f"{path}.", values)
            case Instance(definition):
                if self.lister.is_large(unit) and not run.tensors and not apply.others:
                    text = self._called(spoken(definition))
                    return (self.line.row(text, shape, "layer", self._named(path)),)
                return self._instance(apply, run, definition, shapes, path, values)
        if not unit.is_listed:
            return ()
        entering = fed(run, shapes[run.input])
        sort: Sort = "layer" if unit.role == "convolution" else "plain"
        # How likely a path is dropped may differ from block to block: it says no more than that.
        text = DROPS if op_row(unit, entering).plain == DROPS else unit.label(entering)
        text = self._called(text) if any(True for _ in unit.tensors(entering)) else text
        return (self.line.row(text, shape, sort, self._named(path)),)

    def _instance(
        self,
        apply: Apply,
        run: Run,
        definition: Definition,
        shapes: list[Shape],
        path: str,
        values: Values,
    ) -> Sequence[Item]:
        """What is in a block, with what its tensor parameters are given."""
        inner = self.known.table.shapes(definition, instance_inputs(apply, run, shapes))
        inside, own = values_in(definition, run, values)
        for ref, other in zip(apply.others, definition.others, strict=False):
            inside.results.update((other, one) for one in self.given.own((ref,), values))
        handed_on = [[definition.input, *own]]
        handed_on += [[ref] for ref in definition.inputs[1:] if ref in inside.at]
        if _leads_itself(apply):
            fed_in = values.at[run.input]
            inside.at |= dict.fromkeys([definition.input, *own], fed_in)
            found = self.body(definition.body, inner, f"{path}.", inside)
        else:
            found = self.entered(definition.body, inner, f"{path}.", inside, own)
            # It stands on the line where it enters.
            told = self.given.told(handed_on.pop(0), inside)
            found[1:1] = [Leave(told)] if told else []
        for refs in handed_on:
            if told := self.given.told(refs, inside):
                found += [*self._led(refs[0], f"{path}.", inside), Leave(told)]
        found += self._led(definition.output, f"{path}.", inside)
        for ref, other in zip(apply.others, definition.others, strict=False):
            values.at[ref] = inside.at[other]
        return _unit(found)

    def _call(self, *, is_again: bool) -> None:
        self.is_again = self.boxes.pieces.flows.is_again = is_again

    def _called(self, text: str) -> str:
        return f"{text} again" if self.is_again else text

    def _named(self, path: str) -> str:
        """As the graph names it: a further call of a module has a number."""
        if self.is_again:
            self.line.names.reserve(path)  # the first may be in a box, which names no rows
        return self.line.names.free(path)

    # --- where tensors meet -----------------------------------------------------------------------

    def _residual(
        self, step: Residual, shapes: list[Shape], path: str, values: Values
    ) -> list[Item]:
        start, begin = self.line.place, self.line.point(path)
        before = remade(step.main, values)
        inner = [begin, *self.body(step.main, shapes, path, values)]
        if self._gives_around(step, values):
            values.at.update(before)
            return self.boxes.whole(step, start, shapes, path, values)
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
            return self.boxes.whole(step, start, shapes, path, values)
        if not met:
            return inner
        if shortcut.kind is Kind.OTHER:
            met = with_words(met, shortcut.label)
        where = self.line.sum(step, path)
        if isinstance(step.skip, Kept) and has_arc(met):
            shortcut = Shortcut(Kind.IDENTITY)
        meet = (
            Meet(met, where, keys.of, shortcut, begin.key)
            if has_arc(met)
            else Meet(met, where, keys.of, is_broken=not met[0].sign and not met[0].factor)
        )
        self.line.place += 1
        return list(_unit([*inner, meet]))

    def _gives_around(self, step: Residual, values: Values) -> bool:
        """Whether an output of the network is made on the way around main."""
        if step.shortcut is None:
            return False
        made = all_made(Body(step.input, step.shortcut.output, [step.shortcut]))
        return bool(self.given.told(set(made), values))

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
        where = self.line.names.free(f"{path}{'from' if isinstance(step.join, Use) else 'join'}")
        try:
            met = meetings(step.join, step.input, kept)
        except NoSignsError:
            return [self.boxes.joined(step, shapes, where, values)]
        self.line.place += 1
        if not has_arc(met) or arc is None:
            return [Meet(met, where, keys.of, is_broken=is_broken)]
        identity = Shortcut(Kind.IDENTITY)
        return [Meet(met, where, keys.of, identity, arc.key, is_broken)]

    def _is_here(self, ref: Ref, here: Ref, values: Values) -> bool:
        known = values.at.get(ref)
        return ref == here or (known is not None and known.place == self.line.place)


def _leads_itself(apply: Apply) -> bool:
    """A block of several tensors, which goes on from that which it reads first."""
    first = apply.runs[0] if apply.count == 1 else None
    return first is not None and isinstance(first.unit, Instance) and bool(first.around)


def _unit(items: Sequence[Item]) -> Sequence[Item]:
    busy = [item for item in items if not isinstance(item, Point)]
    return (Unit(tuple(items)),) if len(busy) > 1 else items


def _leads_with_signs(items: Sequence[Item]) -> bool:
    first = next((item for item in items if not isinstance(item, Point)), None)
    match first:
        case Repeat(inner) | Unit(inner):
            return _leads_with_signs(inner)
        case _:
            return isinstance(first, Meet | Leave)


def _with_row(items: tuple[Item, ...], shape: Shape, path: str) -> tuple[Item, ...]:
    """Signs alone have no bracket around them: what is repeated has a row."""
    return items if rows_in(items) else (_identity(shape, f"{path}.#identity"), *items)


def _identity(shape: Shape, path: str) -> Row:
    """No operator of the graph: its path is none of a module."""
    return Row("identity", shape, "plain", path, () if shape.flat else shape.extents)
