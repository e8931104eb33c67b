"""What an overview shows of a network: layers, and blocks with their shortcut and repetition.

Groups and definitions that only put others in a row are opened; a unit that is repeated, or that
branches, is one block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from resdsl.analysis.cost import Cost, Costs
from resdsl.analysis.depth import Depths
from resdsl.analysis.only_residual import is_folded, only_residual
from resdsl.analysis.places import Places
from resdsl.analysis.reach import Fields, Reaches, start
from resdsl.analysis.rows import Lister, Row, marked, op_row, same, unread
from resdsl.analysis.shapes import ShapeTable, fed
from resdsl.analysis.shortcuts import Shortcut, shortcut_of
from resdsl.design.dataflow import Counted, outer, read_around
from resdsl.design.model import (
    Apply,
    Body,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Network,
    Ref,
    Residual,
    Run,
    Step,
)
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Element:
    """A node of the overview.

    A layer has its label as `text`, a block its `rows`. `quiet`: nothing but norms and activations.
    `name` is the author's label, `path` the module path of the first of `count` equal copies.
    `depth` counts the weighted layers on the longest path to its result, `reach` says what that
    sees of the input.
    `kind` names the definition of a block. `label`: the author gave the module a name. One that is
    not read is not called. Elements are numbered as they stand; those that are folded into one are
    `first` to `last`.
    """

    path: str
    name: str
    output: Shape
    depth: int
    reach: Reaches
    cost: Cost
    rows: tuple[Row, ...]
    text: str = ""
    count: int = 1
    kind: str = ""
    shortcut: Shortcut | None = None
    is_block: bool = False
    repeated: bool = False
    quiet: bool = False
    labelled: bool = False
    is_read: bool = True
    # It reads what was kept before, or joins: no neighbour does the same.
    is_single: bool = False
    # It goes on from another value than the one that is made before it.
    is_led: bool = False
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """A name that divides the network: a stage begins or ends, a tensor is kept or given here.

    Its kind is stage, keep or output. `ends`: no step reads what is given.
    """

    name: str
    kind: str
    path: str
    ref: Ref
    opens: bool = False
    step: Step | None = None
    ends: bool = False


def _uncalled(item: Element | Mark) -> Element | Mark:
    if isinstance(item, Mark):
        return item
    return replace(
        item,
        cost=item.cost.uncalled,
        rows=unread(item.rows),
        text=marked(item.text) if item.text else "",
        is_read=False,
    )


def is_plain(body: Body) -> bool:
    """Nothing in it branches."""
    return not any(_branches(step) for step in body.steps)


def _branches(step: Step) -> bool:
    match step:
        case Residual() | Fork() | Join():
            return True
        case Apply():
            return any(not is_plain(body) for body in _bodies(step))
        case _:
            return False


def _bodies(apply: Apply) -> Iterator[Body]:
    for run in apply.runs:
        match run.unit:
            case Group(body):
                yield body
            case Instance(definition):
                yield definition.body
            case _:
                pass


def is_row(body: Body) -> bool:
    """Its own steps do not branch, so they can be shown one by one."""
    return not any(isinstance(step, (Residual, Fork, Join)) for step in body.steps)


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
        self.lister = Lister(network.root, table, self.liveness)
        self.places = Places(network)

    def body(
        self, body: Body, shapes: list[Shape], path: str = "", network: bool = True
    ) -> Iterator[Element | Mark]:
        """`network`: stages and kept tensors of this body divide the network."""
        for step in body.steps:
            before = self.places.number
            match step:
                case Apply(stage=True) if network:
                    yield Mark(step.key, "stage", path + step.key, step.input, True, step)
                    yield from self._step(step, shapes, path, network)
                    yield Mark(step.key, "stage", path + step.key, step.output)
                case Keep() if network:
                    yield Mark(step.name, "keep", path + step.name, step.ref)
                case Keep():
                    pass
                case Join() if not self.liveness.is_read(step):
                    pass
                case _:
                    yield from self._step(step, shapes, path, network)
            if network and not isinstance(step, Keep):
                self.places.note(step, before)
                yield from self._outputs(step.output)

    def _outputs(self, ref: Ref) -> Iterator[Mark]:
        for name in self.places.given.get(ref, ()):
            yield Mark(name, "output", "", ref, ends=self.places.is_end(ref))

    def _numbered(self, element: Element, reads: Ref | None) -> Element:
        """As the next, which reads a value of the network's own."""
        self.places.lead(reads)
        self.places.number += 1
        number = self.places.number
        return replace(element, is_led=number in self.places.led, first=number, last=number)

    def _step(
        self, step: Counted, shapes: list[Shape], path: str, network: bool
    ) -> Iterator[Element | Mark]:
        match step:
            case Apply():
                found = self._apply(step, shapes, path, network)
            case Residual():
                reads = self._entering(step, network)
                found = iter((self._numbered(self._residual(step, shapes, path), reads),))
            case Fork() | Join():
                reads = self._entering(step, network)
                found = iter((self._numbered(self._branching(step, shapes, path), reads),))
        is_called = self.liveness.counts(step)
        if isinstance(step, Residual | Fork):
            is_called = self.liveness.calls(step)
        yield from found if is_called else map(_uncalled, found)

    def _entering(self, step: Counted, network: bool) -> Ref | None:
        """What a step of the network's own is fed, if it reads that."""
        if not network or not self.liveness.counts(step):
            return None
        # The number of no value: what is fed is one of around.
        apart = Body(-1, step.output, [step])
        return step.input if step.input in outer(apart, self.liveness.is_read) else None

    def _apply(
        self, apply: Apply, shapes: list[Shape], path: str, network: bool
    ) -> Iterator[Element | Mark]:
        index = 0
        reads = self._entering(apply, network)
        for run in apply.runs:
            here = f"{path}{apply.key}.{index}" if apply.repeated else path + apply.key
            opened = self.table.inside(apply, run, shapes)
            if opened is None:
                yield self._numbered(self._layer(apply, run, shapes, here), reads)
                reads = None
            elif not apply.repeated and self._is_lineup(run, *opened):
                inner = network and isinstance(run.unit, Group)
                outside = self.at, self.reach
                if isinstance(run.unit, Instance):
                    self.places.lead(reads)
                    feeding = apply.fed(run)
                    depths, reaches = (tuple(at[ref] for ref in feeding) for at in outside)
                    self.at = self.depths.values(run.unit.definition, depths)  # type: ignore[arg-type]
                    self.reach = self.fields.values(run.unit.definition, reaches)  # type: ignore[arg-type]
                yield from self.body(*opened, f"{here}.", inner)
                self.at, self.reach = outside
            else:
                block = self._block(apply, run, shapes, here, *opened)
                made = self._numbered(block, reads)
                # Of copies that begin elsewhere only the last is called.
                is_skipped = self.liveness.skipped(apply, run) == run.count > 0
                yield _uncalled(made) if is_skipped and self.liveness.is_read(apply) else made
                reads = None
            index += run.count

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
            is_single=isinstance(run.unit, Group)
            and (bool(outer(run.unit.body)) or self.places.holds_output(apply)),
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
