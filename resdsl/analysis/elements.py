"""What an overview shows of a network: layers, and blocks with their shortcut and repetition.

Groups and definitions that only put others in a row are opened; a unit that is repeated, or that
branches, is one block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from resdsl.analysis.cost import Costs
from resdsl.analysis.depth import Depths
from resdsl.analysis.element import Element, Mark, uncalled
from resdsl.analysis.flowing import Flowing
from resdsl.analysis.only_residual import is_folded, only_residual
from resdsl.analysis.places import Place, Places
from resdsl.analysis.plain import is_row
from resdsl.analysis.reach import Fields, start
from resdsl.analysis.rows import Lister, Row, again_rows, again_text, op_row, same
from resdsl.analysis.shapes import ShapeTable, fed
from resdsl.analysis.shortcuts import Shortcut, shortcut_of
from resdsl.design.dataflow import Counted, all_made, outer, read_around, read_by
from resdsl.design.model import Apply, Body, Fork, Group, Instance, Join, Keep, Ref, Residual, Run
from resdsl.design.network import Network
from resdsl.extents import Shape
from resdsl.ops import Op


def spoken_name(apply: Apply) -> str:
    """The author's label, else the key; in a numbered body the word that stands there."""
    return apply.label or (apply.word if apply.key.isdigit() else apply.key)


class Elements:
    """Lines up the elements and marks of a network's body; once they are, `places` are known."""

    def __init__(self, network: Network, table: ShapeTable, costs: Costs) -> None:
        self.network = network
        self.table = table
        self.costs = costs
        self.depths = Depths()
        # By Ref, the depths in the definition whose steps are being lined up.
        self.at = self.depths.values(network.root, (0,))
        self.fields = Fields()
        self.reach = self.fields.values(network.root, (start(len(network.input.names)),))
        self.liveness = costs.liveness
        self.flowing = Flowing(self.liveness)
        self.lister = Lister(network.root, table, self.liveness)
        self.places = Places(network)
        # By Ref of the definition whose steps are being lined up, the element behind which it is.
        self.behind: dict[Ref, int] = {}
        # The elements from which more goes on than the next.
        self.left: set[int] = set()

    def lined_up(self, body: Body, shapes: list[Shape]) -> list[Element | Mark]:
        """Those of the network's body, with what is left for further steps known."""
        items = list(self.body(body, shapes))
        return [
            replace(item, is_left=True)
            if isinstance(item, Element) and item.first in self.left
            else item
            for item in items
        ]

    def body(
        self, body: Body, shapes: list[Shape], path: str = "", network: bool = True
    ) -> Iterator[Element | Mark]:
        """`network`: stages and kept tensors of this body divide the network."""
        # Results of a call that gives several, which its label tells better than their names.
        several: dict[Ref, str] = {}
        for step in body.steps:
            before = self.places.number
            if isinstance(step, Apply) and step.others:
                if step.label is not None:
                    several |= dict.fromkeys((step.output, *step.others), step.key)
                if network:
                    yield Mark(step.key, "call", path + step.key, step.input, True, step)
            match step:
                case Apply(stage=True) if network:
                    yield Mark(step.key, "stage", path + step.key, step.input, True, step)
                    yield from self._step(step, shapes, path, network)
                    yield Mark(step.key, "stage", path + step.key, step.output)
                case Keep() if network:
                    name = several.get(step.ref, step.name)
                    yield Mark(name, "keep", path + name, step.ref)
                case Keep():
                    pass
                case Join() if not self.liveness.is_read(step):
                    pass
                case _:
                    yield from self._step(step, shapes, path, network)
            if isinstance(step, Keep):
                continue
            if network:
                self.places.note(step, before)
                yield from self._outputs(step.output)
            else:
                is_new = self.places.number > before
                number = self.places.number if is_new else self.behind.get(step.input, before)
                for ref in all_made(Body(step.input, step.output, [step])):
                    self.behind.setdefault(ref, number)

    def _outputs(self, ref: Ref) -> Iterator[Mark]:
        for name in self.places.given.get(ref, ()):
            yield Mark(name, "output", "", ref, ends=self.places.is_end(ref))

    def _numbered(
        self, element: Element, reads: Ref | None, network: bool, beside: tuple[Ref, ...] = ()
    ) -> Element:
        """As the next, which reads a value, and others `beside` it."""
        is_apart = False
        last = self.places.number
        for ref in (*beside, *(() if reads is None else (reads,))):
            self._leave(ref, network)
        if network:
            self.places.lead(reads, beside)
        elif reads is not None:
            is_apart = all(self.behind.get(ref, last) != last for ref in (reads, *beside))
        self.places.number += 1
        number = self.places.number
        is_led = number in self.places.led
        return replace(element, is_led=is_led, is_apart=is_apart, first=number, last=number)

    def _leave(self, ref: Ref, network: bool) -> None:
        """Notes where a value is made that is read further down."""
        last = self.places.number
        number = (
            self.places.at.get(ref, Place(last)).number if network else self.behind.get(ref, last)
        )
        if number != last:
            self.left.add(number)

    def _step(
        self, step: Counted, shapes: list[Shape], path: str, network: bool
    ) -> Iterator[Element | Mark]:
        if not isinstance(step, Apply):
            for ref in read_around(step):
                self._leave(ref, network)
        match step:
            case Apply():
                found = self._apply(step, shapes, path, network)
                if self.lister.is_called_again(step):
                    found = _called(found, step.key)
            case Residual():
                made = self._residual(step, shapes, path)
                found = iter((self._numbered(made, self._entering(step), network),))
            case Fork() | Join():
                made = self._branching(step, shapes, path)
                found = iter((self._numbered(made, self._entering(step), network),))
        is_called = self.liveness.counts(step)
        if isinstance(step, Residual | Fork):
            is_called = self.liveness.calls(step)
        yield from found if is_called else map(uncalled, found)

    def _entering(self, step: Counted) -> Ref | None:
        """What a step is fed, if it reads that."""
        if not self.liveness.counts(step):
            return None
        return step.input if step.input in read_by(step, self.flowing) else None

    def _apply(
        self, apply: Apply, shapes: list[Shape], path: str, network: bool
    ) -> Iterator[Element | Mark]:
        index = 0
        self._fill(apply)
        reads = self._entering(apply)
        blocks = (run for run in apply.runs if isinstance(run.unit, Instance))
        flowing = (self.flowing.into(apply, run) for run in blocks)
        own = {run.input for run in apply.runs}  # of which all but the first's are made here
        beside = tuple(dict.fromkeys(ref for refs in flowing for ref in refs if ref not in own))
        if self.liveness.is_again(apply):
            yield self._numbered(self._again(apply, shapes, path), reads, network, beside)
            return
        if apply.is_again:
            # Its parameters stand where the module does, by a call that nothing reads.
            once = replace(apply, is_again=False)
            for found in self._apply(once, shapes, path, network):
                yield replace(found, cost=found.cost.again) if isinstance(found, Element) else found
            return
        for run in apply.runs:
            here = f"{path}{apply.key}.{index}" if apply.repeated else path + apply.key
            opened = self.table.inside(apply, run, shapes)
            if opened is None:
                yield self._numbered(self._layer(apply, run, shapes, here), reads, network)
                reads = None
            elif not (apply.repeated or run.tensors) and self._is_lineup(run, *opened):
                if isinstance(run.unit, Group):
                    inside = self.body(*opened, f"{here}.", network)
                else:
                    self.places.lead(reads if network else None)
                    inside = self._opened(apply, run, *opened, f"{here}.", network)
                yield from inside if apply.label is None else _begun(inside, here)
                if isinstance(run.unit, Group):
                    self._end(apply, run, run.unit.body, network)
            else:
                block = self._block(apply, run, shapes, here, *opened)
                made = self._numbered(block, reads, network, beside)
                # Of copies that begin elsewhere only the last is called.
                is_skipped = self.liveness.skipped(apply, run) == run.count > 0
                yield uncalled(made) if is_skipped and self.liveness.is_read(apply) else made
                reads = None
            index += run.count

    def _end(self, apply: Apply, run: Run, body: Body, network: bool) -> None:
        """What a group makes is what its body ends with, which may be another than its last."""
        names = (body.output, run.output, apply.output)
        if network and body.output in self.places.at:
            self.places.open(dict.fromkeys(names, self.places.at[body.output]))
        elif body.output in self.behind:
            self.behind.update(dict.fromkeys(names, self.behind[body.output]))

    def _fill(self, apply: Apply) -> None:
        """A call that is there for its weights, as another of its module counts, is on no path."""
        if apply.input not in self.at:
            entry = next(iter(self.at))
            for ref in (apply.input, *all_made(Body(apply.input, apply.output, [apply]))):
                self.at.setdefault(ref, self.at[entry])
                self.reach.setdefault(ref, self.reach[entry])

    def _opened(
        self, apply: Apply, run: Run, body: Body, shapes: list[Shape], path: str, network: bool
    ) -> Iterator[Element | Mark]:
        """The steps of a definition, whose values have numbers of their own."""
        assert isinstance(run.unit, Instance)
        definition, outside = run.unit.definition, (self.at, self.reach)
        feeding = apply.fed(run)
        depths, reaches = (tuple(at[ref] for ref in feeding) for at in outside)
        self.at = self.depths.values(definition, depths)  # type: ignore[arg-type]
        self.reach = self.fields.values(definition, reaches)  # type: ignore[arg-type]
        around, entry = self.behind, self.places.number
        self.behind = {definition.input: around.get(run.input, entry)}
        if network:
            self.behind = {definition.input: self.places.at.get(run.input, Place(entry)).number}
        yield from self.body(body, shapes, path, network=False)
        self.at, self.reach = outside
        inside, self.behind = self.behind, around
        if apply.others:
            pairs = zip((apply.output, *apply.others), definition.outputs, strict=True)
            outputs = {ref: inside[other] for ref, other in pairs}
            self.left.update(number for number in outputs.values() if number < self.places.number)
            if network:
                self.places.open({ref: Place(number) for ref, number in outputs.items()})
            else:
                self.behind.update(outputs)

    def _again(self, apply: Apply, shapes: list[Shape], path: str) -> Element:
        """A module that stands further above, as one word."""
        rows = again_rows(apply)
        reads_more = any(
            run.around or (isinstance(run.unit, Group) and outer(run.unit.body))
            for run in apply.runs
        )
        return Element(
            path + apply.key,
            spoken_name(apply),
            shapes[apply.output],
            self.at[apply.output],
            self.reach[apply.output],
            self.costs.apply(apply, shapes),
            rows,
            again_text(apply),
            quiet=not rows,
            labelled=apply.label is not None,
            is_single=bool(reads_more) or self.places.holds_output(apply),
            again=path + apply.key,
        )

    def _is_lineup(self, run: Run, body: Body, shapes: list[Shape]) -> bool:
        """Its steps can be shown one by one: a row, or a group of several blocks."""
        if self.lister.is_large(run.unit):
            return False
        if isinstance(run.unit, Group):
            busy = [step for step in body.steps if not is_folded(step, shapes, self.lister)]
            return is_row(body) or len(busy) > 1
        return is_row(body)

    def _layer(self, apply: Apply, run: Run, shapes: list[Shape], path: str) -> Element:
        op = run.unit
        assert isinstance(op, Op)
        shape = fed(run, shapes[run.input])
        return Element(
            path,
            spoken_name(apply),
            shapes[run.output],
            self.at[run.output],
            self.reach[run.output],
            self.costs.run(apply, run, shapes),
            (op_row(op, shape),) if op.is_listed else (),
            op.label(shape),
            run.count,
            repeated=apply.repeated,
            quiet=not op.is_listed,
            labelled=apply.label is not None,
        )

    def _block(
        self, apply: Apply, run: Run, shapes: list[Shape], path: str, body: Body, inner: list[Shape]
    ) -> Element:
        rows, shortcut = self._content(body, inner)
        kind = run.unit.definition.name if isinstance(run.unit, Instance) else ""
        return Element(
            path,
            spoken_name(apply),
            shapes[run.output],
            self.at[run.output],
            self.reach[run.output],
            self.costs.run(apply, run, shapes),
            rows,
            "",
            run.count,
            kind,
            shortcut,
            is_block=True,
            repeated=apply.repeated,
            labelled=apply.label is not None and not apply.stage,
            is_single=bool(run.around or apply.others)
            or (
                isinstance(run.unit, Group)
                and (bool(outer(run.unit.body)) or self.places.holds_output(apply))
            ),
        )

    def _content(self, body: Body, shapes: list[Shape]) -> tuple[tuple[Row, ...], Shortcut | None]:
        """The rows of a block's main path and its arc, where one residual is all that is in it."""
        only = only_residual(body, shapes, "", self.lister)
        if only is None:
            return self.lister.body(body, shapes), None
        rows = self.lister.body(only.step.main, only.shapes)
        return rows, self._shortcut(only.step, only.shapes)

    def _shortcut(self, step: Residual, shapes: list[Shape]) -> Shortcut | None:
        """None where only what is made in main is read, and nothing is added to it."""
        return shortcut_of(step, shapes, self.lister) if self.liveness.is_read(step) else None

    def _residual(self, step: Residual, shapes: list[Shape], path: str) -> Element:
        first = next(step.main.modules(), None)
        return Element(
            path + (first.key if first else "residual"),
            "residual",
            shapes[step.output],
            self.at[step.output],
            self.reach[step.output],
            self.costs.step(step, shapes),
            self.lister.body(step.main, shapes),
            shortcut=self._shortcut(step, shapes),
            is_block=True,
            is_single=bool(read_around(step)) or self.places.holds_output(step),
        )

    def _branching(self, step: Fork | Join, shapes: list[Shape], path: str) -> Element:
        name = step.branches[0].apply.key if isinstance(step, Fork) else "join"
        rows = self.lister.step(step, shapes)
        element = Element(
            path + name,
            "fork" if isinstance(step, Fork) else "join",
            shapes[step.output],
            self.at[step.output],
            self.reach[step.output],
            self.costs.step(step, shapes),
            rows or (same("join"),),
            is_block=True,
            is_single=bool(read_around(step)) or self.places.holds_output(step),
        )
        if isinstance(step, Join):
            return replace(element, is_block=False, text=rows[0].text, is_single=True)
        return element


def _begun(items: Iterator[Element | Mark], path: str) -> Iterator[Element | Mark]:
    """Lined up from a labelled module: its first element says so."""
    is_first = True
    for item in items:
        if is_first and isinstance(item, Element):
            item, is_first = replace(item, begun=(path, *item.begun)), False
        yield item


def _called(items: Iterator[Element | Mark], key: str) -> Iterator[Element | Mark]:
    """Of a module that further calls go by the name of."""
    for item in items:
        yield replace(item, called=key) if isinstance(item, Element) else item
