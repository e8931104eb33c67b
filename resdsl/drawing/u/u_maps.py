"""The maps of a network that may be a U, and where kept ones are joined.

Walked are the network's own body and its groups; a block in it is written out if it is a row, and
else is one step from map to map.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from typing import Literal, TypeAlias

from resdsl.analysis.facts import Facts
from resdsl.analysis.plain import is_plain
from resdsl.analysis.rows import Lister, Row, listed
from resdsl.analysis.shapes import fed, instance_inputs
from resdsl.design.dataflow import outer, read_around
from resdsl.design.model import Apply, Body, Fork, Group, Instance, Join, Keep, Ref, Residual, Run
from resdsl.drawing.trees.rows import block_name
from resdsl.drawing.u.u_joins import Kept, NotNestedError, kept_of
from resdsl.extents import Shape
from resdsl.ops import Op
from resdsl.records import dataclass

# Of what is told by its rows, in a legend.
_LONGEST = 100
# What a step does to a map, by which its arrow has its colour.
Does: TypeAlias = Literal["enter", "apply", "pointwise", "down", "up"]


@dataclass(slots=True)
class Map:
    """What a step makes; `text` says what the step is, `count` of them in a row.

    `outputs` are those of the network that it is. A head `begins` with another map than the one
    before it.
    """

    does: Does
    texts: tuple[str, ...]
    channels: int
    level: str
    # The logarithm (to 2) of its extents, in the mean.
    size: float
    path: str
    tip: str
    count: int = 1
    kept: Kept | None = None
    outputs: tuple[str, ...] = ()
    begins: int | None = None


def maps_of(known: Facts) -> list[Map]:
    """In order, first what enters. Raises NotNestedError."""
    walk = _Walk(known)
    walk.body(known.network.root.body, known.shapes, "")
    walk.flush()
    if walk.given:
        # It is made inside of what is one step here.
        raise NotNestedError
    return walk.maps


class _Walk:
    def __init__(self, known: Facts) -> None:
        self.known = known
        self.lister = Lister(known.network.root, known.table, known.liveness)
        shapes, root = known.shapes, known.network.root
        self.maps: list[Map] = []
        self.named: dict[Ref, int] = {root.input: 0}
        # Maps with a name; norms and activations that no step told yet, their shape and path.
        self.kept: set[int] = set()
        self.waiting: list[tuple[str, Shape, str]] = []
        # By Ref, the outputs that were not met yet.
        self.given: dict[Ref, list[str]] = {}
        # What the next map begins with, where that is not the last.
        self.begins: int | None = None
        for name, ref in zip(known.network.outputs, root.outputs, strict=False):
            self.given.setdefault(ref, []).append(name)
        self._add("enter", (), shapes[root.input], "input")
        self._give(root.input)

    def body(self, body: Body, shapes: list[Shape], path: str) -> None:
        """`path` of a group or of the network: their values are of one numbering."""
        for step in body.steps:
            if not isinstance(step, Keep):
                self._begin(step, shapes)
            match step:
                case Keep(_, ref):
                    self._keep(ref)
                case Apply():
                    self._apply(step, shapes, path)
                case _ if not self.known.liveness.is_read(step):
                    pass
                case Residual():
                    self._no_kept(read_around(step, self.known.liveness))
                    first = next(step.main.modules(), None)
                    here = path + (first.key if first else "residual")
                    text = _told(self.lister.step(step, shapes))
                    self._step(text, shapes[step.input], shapes[step.output], here)
                case Fork():
                    self._no_kept(read_around(step, self.known.liveness))
                    here = path + step.branches[0].apply.key
                    text = _told(self.lister.step(step, shapes))
                    self._step(text, shapes[step.input], shapes[step.output], here)
                case Join():
                    self._join(step, shapes)
            # Values of blocks have numbers of their own.
            if not isinstance(step, Keep) and shapes is self.known.shapes:
                self._give(step.output)

    def _begin(self, step: Apply | Residual | Fork | Join, shapes: list[Shape]) -> None:
        """Notes where a step goes on from, if that is a map with a name and not the last."""
        is_group = isinstance(step, Apply) and not step.repeated and isinstance(step.unit, Group)
        if is_group or shapes is not self.known.shapes:
            return
        at = self.named.get(step.input)
        if at is None or at == len(self.maps) - 1:
            return
        self.flush()
        if at != len(self.maps) - 1:
            self.begins = at

    def _give(self, ref: Ref) -> None:
        """An output is a map that has a name: what is done to it behind makes another."""
        if ref in self.given:
            self._keep(ref)
            self.maps[-1].outputs += tuple(self.given.pop(ref))

    def _apply(self, apply: Apply, shapes: list[Shape], path: str) -> None:
        if not self.known.liveness.is_read(apply):
            return
        blocks = (run for run in apply.runs if isinstance(run.unit, Instance))
        if apply.is_again or apply.others or any(run.around for run in blocks):
            # A bar has one map behind it, and a module its own place.
            raise NotNestedError
        index = 0
        for run in apply.runs:
            for count, seen in self.known.table.copies(apply, run, shapes):
                here = f"{path}{apply.key}.{index}" if apply.repeated else path + apply.key
                index += count
                self._copies(apply, run, count, seen, here)

    def _copies(self, apply: Apply, run: Run, count: int, shapes: list[Shape], path: str) -> None:
        match run.unit:
            case Group(body) if count == 1:
                self.body(body, shapes, f"{path}.")
            case Instance(definition) if count == 1 and is_plain(definition.body):
                inner = self.known.table.shapes(definition, instance_inputs(apply, run, shapes))
                # What is kept in there has numbers of its own.
                named, self.named = self.named, {}
                self.body(definition.body, inner, f"{path}.")
                self.named = named
            case Op() as op if not _is_row(op, shapes[run.input].rank):
                self._quiet(op, run, shapes, path)
            case Op() as op:
                self._operator(op, run, count, shapes, path)
            case Instance(definition):
                text = block_name(definition.name)
                self._step(text, shapes[run.input], shapes[run.output], path, count)
            case Group(body):
                self._no_kept(outer(body, self.known.liveness))
                text = _told(self.lister.run(apply, run, shapes))
                self._step(text, shapes[run.input], shapes[run.output], path, count)

    def _quiet(self, op: Op, run: Run, shapes: list[Shape], path: str) -> None:
        """A norm or activation is told with the step before it, or else with the one behind it."""
        if op.is_identity:
            return
        shape, after = shapes[run.input], shapes[run.output]
        text = ", ".join([op.label(fed(run, shape))] * run.count)
        if shape != after:
            self._step(text, shape, after, path)
            return
        last = self.maps[-1]
        is_open = last.does != "enter" and last.kept is None and last.count == 1
        if is_open and not self._is_kept() and not self.waiting:
            *before, step = last.texts
            last.texts = (*before, f"{step}, {text}")
        else:
            self.waiting.append((text, shape, path))

    def flush(self) -> None:
        """What waits for a step, and gets none, makes a map of its own."""
        if self.waiting:
            text = ", ".join(text for text, _, _ in self.waiting)
            _, shape, path = self.waiting[0]
            self.waiting.clear()
            self._add("apply", (text,), shape, path)

    def _operator(self, op: Op, run: Run, count: int, shapes: list[Shape], path: str) -> None:
        shape, after = shapes[run.input], shapes[run.output]
        text = _words(op, fed(run, shape), after)
        does: Does | None = None
        if op.role == "convolution" and shape.extents == after.extents:
            field = op.field(shape.rank)
            does = "pointwise" if field and set(field) == {1} else "apply"
        self._step(text, shape, after, path, count, does)

    def _step(
        self,
        text: str,
        before: Shape,
        after: Shape,
        path: str,
        count: int = 1,
        does: Does | None = None,
    ) -> None:
        if count > 1:
            self.flush()
        text = ", ".join([*(before for before, _, _ in self.waiting), text])
        self.waiting.clear()
        if does is None:
            change = self._size(after) - self._size(before)
            does = "down" if change < -0.01 else "up" if change > 0.01 else "apply"
        self._add(does, (text,), after, path, count)

    def _add(
        self, does: Does, texts: tuple[str, ...], shape: Shape, path: str, count: int = 1
    ) -> None:
        told = f"{path}: {self.known.view.text(shape)}"
        level, size = self._level(shape), self._size(shape)
        channels = int(shape.features or shape.channels) if shape.flat else int(shape.channels)
        made = Map(does, texts, channels, level, size, path, told, count, begins=self.begins)
        self.begins = None
        self.maps.append(made)

    def _level(self, shape: Shape) -> str:
        if shape.flat:
            return "1"
        text = self.known.view.text(shape.with_channels(1))
        return text.partition("×")[2] or text

    def _size(self, shape: Shape) -> float:
        """The mean of the extents' logarithms; in terms of the input's where that is free."""
        if shape.flat:
            return 0.0
        numbers = self.known.view.at(shape)
        if numbers is not None:
            return sum(log2(max(int(n), 1)) for n in numbers[1:]) / shape.rank
        shares = [extent.growth for extent in shape.extents]
        # As if the input were large.
        return 10 + sum(log2(rise / over) for rise, over in shares) / shape.rank

    # --- where kept maps come in ------------------------------------------------------------------

    def _join(self, step: Join, shapes: list[Shape]) -> None:
        self.flush()
        if self.begins is not None:
            raise NotNestedError
        last, after = self.maps[-1], shapes[step.output]
        # Its bar stands for what is joined: it cannot be what was kept before as well.
        if last.does in ("enter", "down") or last.kept is not None or self._is_kept():
            raise NotNestedError
        last.kept = kept_of(step, self.named, int(after.channels) - last.channels)
        if not last.kept.is_copied:
            last.channels = int(after.channels)
            last.tip = f"{last.path}: {self.known.view.text(after)}"

    def _keep(self, ref: Ref) -> None:
        self.flush()
        self.named[ref] = len(self.maps) - 1
        self.kept.add(len(self.maps) - 1)

    def _is_kept(self) -> bool:
        """A name was given to the last map: what is done to it now makes another."""
        return len(self.maps) - 1 in self.kept

    def _no_kept(self, read: tuple[Ref, ...]) -> None:
        """Inside of what is drawn as one step no kept map is read, whose line would be missing."""
        if read:
            raise NotNestedError


def _told(rows: Sequence[Row]) -> str:
    """What has no name is told by its rows: what differs is another kind of arrow."""
    text = listed(row.text for row in rows)
    if len(text) > _LONGEST:
        raise NotNestedError
    return text


def _words(op: Op, shape: Shape, after: Shape) -> str:
    """An operator without the number of its channels, which stands above its map."""
    own = {str(int(after.channels)), ""}
    return ", ".join(word for word in op.label(shape).split(", ") if word not in own)


def _is_row(op: Op, rank: int) -> bool:
    """It has weights or changes extents; the rest belongs to the row before it."""
    if op.is_weighted or op.role == "pooling":
        return True
    if op.is_norm or op.is_activation or op.flattens or op.role == "scaling":
        return False
    if op.added(rank) is not None:
        return False
    sampling = op.sampling(rank)
    return sampling is not None and any(step != (1, 1) for step in sampling)
