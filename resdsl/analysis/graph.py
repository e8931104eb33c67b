"""A design as a `networkx.DiGraph`, for what graphs are good for: paths, isomorphism, export.

Nodes are named by module paths, as in the state dict; a sum or join by its place. Each has `kind`
(input, op, block, stage, join or output), `label`, `shape` (`(C, *extents)`, None where a free
extent decides it), `output` (the shape for people), `params` and `macs`; an `op` node also `op`.
The node of the network's result is `output`; of several each is `output.NAME`, its name the label.
`again` says of operators, blocks and joins that their module has been called before. What nothing
reads is not in it. An edge is `like` where an operator takes a tensor's extents alone:
`upsample(like=a)`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from resdsl.analysis.facts import Facts
from resdsl.analysis.join_words import expression_text
from resdsl.analysis.sections import section_of
from resdsl.analysis.shapes import fed, instance_inputs, root_shapes
from resdsl.analysis.stages import StageRow
from resdsl.design.dataflow import operands
from resdsl.design.join_expressions import Use
from resdsl.design.model import Apply, Body, Fork, Group, Instance, Join, Keep, Ref, Residual, Run
from resdsl.extents import Shape

if TYPE_CHECKING:
    import networkx

Level: TypeAlias = Literal["op", "block", "stage"]
LEVELS: tuple[Level, ...] = ("op", "block", "stage")
# Of each value, the nodes that make it: several for the copies of a branch.
At: TypeAlias = defaultdict[Ref, tuple[str, ...]]


def stage_graph(known: Facts, rows: Sequence[StageRow]) -> networkx.DiGraph:
    """One node a row of the stage table, each behind the one before it, or behind what it begins
    with: a head."""
    import networkx

    graph = networkx.DiGraph(name=known.network.name)
    before, names = _input(graph, known), _Names(graph)
    sections, places, led = known.sections, known.elements.places.at, known.elements.places.led
    # By the number of a section, its node; what is not read has that of the one before it.
    nodes: dict[int | None, str] = {None: before}
    for number, (section, row) in enumerate(zip(sections, rows, strict=True)):
        if section.is_read:
            name = names.free(row.path or row.name)
            graph.add_node(
                name,
                kind="stage",
                label=row.name,
                shape=row.shape,
                output=row.output,
                params=int(row.cost.params),
                macs=_number(row.cost.macs),
            )
            first = section.elements[0] if section.elements else None
            if first is not None and first.is_led:
                before = nodes[section_of(sections, places[led[first.first]].number)]
            graph.add_edge(before, name, like=False)
            before = name
        nodes[number] = before
    outputs = known.network.root.outputs
    at = [nodes[section_of(sections, places[ref].number)] for ref in outputs]
    _outputs(graph, known, [(node,) for node in at])
    return graph


def operator_graph(known: Facts, *, blocks: bool) -> networkx.DiGraph:
    """One node an operator, or (`blocks`) one a module of the network's own body."""
    import networkx

    graph = networkx.DiGraph(name=known.network.name)
    walk = _Walk(known, graph, blocks)
    root = known.network.root
    # What does not count is made by no node.
    at: At = defaultdict(tuple, {root.input: (_input(graph, known),)})
    walk.body(root.body, known.table.shapes(root, root_shapes(known.network)), at, "")
    _outputs(graph, known, [at[ref] for ref in root.outputs])
    return graph


def _input(graph: networkx.DiGraph, known: Facts) -> str:
    shape = known.view.at(known.input)
    text = known.view.text(known.input)
    graph.add_node(
        "input", kind="input", label="input", shape=_plain(shape), output=text, params=0, macs=0
    )
    return "input"


def _outputs(graph: networkx.DiGraph, known: Facts, nodes: Sequence[Sequence[str]]) -> None:
    """`nodes` are those that make each."""
    names = _Names(graph)
    is_alone = len(known.outputs) == 1
    named = zip(known.network.outputs or ("",), known.outputs.values(), nodes, strict=True)
    for word, shape, before in named:
        name = names.free("output" if is_alone else f"output.{word}")
        graph.add_node(
            name,
            kind="output",
            label=word or "output",
            shape=_plain(known.view.at(shape)),
            output=known.view.text(shape),
            params=0,
            macs=0,
        )
        graph.add_edges_from(((node, name) for node in before), like=False)


class _Walk:
    """Follows the values of a network through its copies."""

    def __init__(self, known: Facts, graph: networkx.DiGraph, blocks: bool) -> None:
        self.known = known
        self.liveness = known.liveness
        self.graph = graph
        self.blocks = blocks
        self.names = _Names(graph)
        # Whether what is walked has been called before: its parameters are those of the first call.
        self.is_again = False

    def body(self, body: Body, shapes: list[Shape], at: At, path: str) -> None:
        for step in body.steps:
            match step:
                case Apply():
                    self._apply(step, shapes, at, path)
                case Residual():
                    self._residual(step, shapes, at, path)
                case Fork():
                    for branch in step.branches:
                        self._apply(branch.apply, shapes, at, path, branch.replicated)
                    self._join(step, shapes, at, path)
                case Join():
                    self._join(step, shapes, at, path)
                case Keep():
                    pass

    def _residual(self, step: Residual, shapes: list[Shape], at: At, path: str) -> None:
        entering = at[step.input]
        self.body(step.main, shapes, at, path)
        at[step.input] = entering
        if step.shortcut is not None:
            self._apply(step.shortcut, shapes, at, path)
        if not self.liveness.is_read(step):
            return
        if not step.adds:
            at[step.output] = at[step.skip.ref]
            return
        before = [node for ref in operands(step) for node in at[ref]]
        at[step.output] = (self._meeting("sum", "+", shapes[step.output], before, path),)

    def _join(self, step: Fork | Join, shapes: list[Shape], at: At, path: str) -> None:
        if not self.liveness.is_read(step):
            return
        if isinstance(step.join, Use):
            at[step.output] = at[step.join.ref]
            return
        before = [node for ref in operands(step) for node in at[ref]]
        label = expression_text(step.join)
        at[step.output] = (self._meeting("join", label, shapes[step.output], before, path),)

    def _meeting(
        self, word: str, label: str, shape: Shape, before: Sequence[str], path: str
    ) -> str:
        name = self._node(path + word, "join", label, shape, 0, 0)
        self.graph.add_edges_from(((node, name) for node in before), like=False)
        return name

    def _apply(
        self, apply: Apply, shapes: list[Shape], at: At, path: str, parallel: bool = False
    ) -> None:
        if not self.liveness.is_read(apply):
            return
        at[apply.output] = at[apply.input]
        around, self.is_again = self.is_again, self.is_again or self.liveness.is_again(apply)
        index = 0
        for run in apply.runs:
            entering = at[run.input]
            current = entering
            made: list[str] = []
            left = self.liveness.skipped(apply, run)
            for count, seen in self.known.table.copies(apply, run, shapes, parallel):
                for _ in range(count):
                    here = f"{path}{apply.key}.{index}" if apply.repeated else path + apply.key
                    index += 1
                    if left:
                        left -= 1
                        continue
                    result = self._copy(apply, run, seen, at, current, here)
                    current = entering if parallel else result
                    made += result
            at[run.input] = entering
            at[run.output] = tuple(made) if parallel else current
        self.is_again = around

    def _copy(
        self,
        apply: Apply,
        run: Run,
        shapes: list[Shape],
        at: At,
        current: tuple[str, ...],
        path: str,
    ) -> tuple[str, ...]:
        at[run.input] = current
        unit = run.unit
        if isinstance(unit, Group):
            self.body(unit.body, shapes, at, f"{path}.")
            return at[unit.body.output]
        if isinstance(unit, Instance) and not self.blocks:
            definition = unit.definition
            feeding = (current, *(at[ref] for ref in apply.fed(run)[1:]))
            inner: At = defaultdict(tuple, zip(definition.inputs, feeding, strict=True))
            entering = instance_inputs(apply, run, shapes)
            self.body(
                definition.body, self.known.table.shapes(definition, entering), inner, f"{path}."
            )
            for ref, other in zip(apply.others, definition.others, strict=False):
                at[ref] = inner[other]
            return inner[definition.output]
        cost = self.known.costs.copy(apply, run, shapes)
        cost = cost.again if self.is_again else cost
        if isinstance(unit, Instance):
            kind, label, extra = "block", unit.definition.name, {}
        else:
            kind, label = "op", unit.label(fed(run, shapes[run.input]))
            extra = {"op": unit.name}
        name = self._node(
            path, kind, label, shapes[run.output], int(cost.params), _number(cost.macs), **extra
        )
        at.update(dict.fromkeys(apply.others, (name,)))
        feeding = (current, *(at[ref] for ref in apply.fed(run)[1:]))
        if isinstance(unit, Instance):
            pairs = zip(feeding, self.liveness.reads(unit.definition), strict=True)
            feeding = tuple(nodes for nodes, is_read in pairs if is_read)
        else:
            like = ((node, name) for nodes in feeding[1:] for node in nodes)
            self.graph.add_edges_from(like, like=True)
            feeding = (current,)
        self.graph.add_edges_from(((n, name) for nodes in feeding for n in nodes), like=False)
        return (name,)

    def _node(
        self,
        name: str,
        kind: str,
        label: str,
        shape: Shape,
        params: int,
        macs: int | None,
        **extra: Any,
    ) -> str:
        name = self.names.free(name)
        view = self.known.view
        known = {"shape": _plain(view.at(shape)), "output": view.text(shape)}
        extra["again"] = self.is_again
        self.graph.add_node(
            name, kind=kind, label=label, params=params, macs=macs, **known, **extra
        )
        return name


class _Names:
    """Names of nodes. Joins of one body share a word; later ones get a number."""

    def __init__(self, graph: networkx.DiGraph) -> None:
        self.graph = graph
        # By word, the number that was given last.
        self._last: dict[str, int] = {}

    def free(self, word: str) -> str:
        name, number = word, self._last.get(word, 0)
        while name in self.graph:
            number += 1
            name = f"{word}_{number}"
        self._last[word] = number
        return name


def _plain(shape: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if shape is None else tuple(int(n) for n in shape)


def _number(value: int | None) -> int | None:
    return None if value is None else int(value)
