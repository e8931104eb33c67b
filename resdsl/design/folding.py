"""Batch norms folded into the convolutions before them: the same in eval, with fewer layers.

A batch norm in eval multiplies each channel by a number and adds another (Ioffe and Szegedy 2015,
algorithm 2), which the filters of the convolution before it and its bias can do. Its place is taken
by the identity, so that no key changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from resdsl.design import walk
from resdsl.design.dataflow import all_steps, operands
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Instance,
    Keep,
    Module,
    Ref,
    Residual,
    Run,
    Step,
    Unit,
)
from resdsl.design.network import Network
from resdsl.ops import REGISTRY, Op
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Fold:
    """A convolution and the norm that went into it, by their paths in the state dict."""

    convolution: str
    norm: str
    eps: float


def folded(network: Network) -> Network | None:
    """The network for eval; None where no norm can be folded. Its definitions are new where
    something in them changes, each once, whatever the number of its instances."""
    folding = Folding(network)
    root = folding.definitions[id(network.root)]
    if root is network.root:
        return None
    return replace(network, root=root, uncut=None, varied=None, fused=True)


class Folding:
    """Of all definitions below a network's root."""

    def __init__(self, network: Network) -> None:
        self.root = network.root
        # By the identity of the old one.
        self.definitions: dict[int, Definition] = {}
        self._bodies: dict[int, Body] = {}
        # By the identity of a body, the keys in it.
        self._folds: dict[int, list[Fold]] = {}
        self._units: dict[int, Op] = {}
        for definition in walk.definitions(network.root):
            self._pair(definition)
            body = self._body(definition.body)
            is_new = body is not definition.body
            self.definitions[id(definition)] = (
                replace(definition, body=body) if is_new else definition
            )

    def folds(self) -> Iterator[Fold]:
        """All of the expanded network."""
        return self._of(self.root.body, "")

    def _of(self, body: Body, prefix: str) -> Iterator[Fold]:
        for one in self._folds.get(id(body), ()):
            yield Fold(prefix + one.convolution, prefix + one.norm, one.eps)
        for apply in body.modules():
            if apply.held or apply.is_again:
                continue
            place = 0
            for run in apply.runs:
                for _ in range(run.count):
                    path = f"{prefix}{apply.key}." + (f"{place}." if apply.repeated else "")
                    place += 1
                    match run.unit:
                        case Instance(definition):
                            yield from self._of(definition.body, path)
                        case Group(inner):
                            yield from self._of(inner, path)

    # --- what belongs together -------------------------------------------------------------------

    def _pair(self, definition: Definition) -> None:
        """Notes the convolutions whose results a norm in the same body reads, and nothing else."""
        reads = Counter(_reads(definition))
        owners = [definition.body, *_groups(definition.body)]
        for body in owners:
            calls = list(walk.calls(body))
            again = {apply.key for apply in calls if apply.is_again}
            made = {apply.output: apply for apply in calls if _is_foldable(apply, again)}
            for norm in calls:
                convolution = made.get(norm.input)
                op = _operator(norm, again)
                eps = None if op is None else op.running_eps
                if convolution is None or eps is None or reads[norm.input] != 1:
                    continue
                layer = convolution.unit
                assert isinstance(layer, Op)
                biased = layer.biased
                assert biased is not None
                self._units[id(convolution)] = biased
                self._units[id(norm)] = REGISTRY["identity"]()
                fold = Fold(convolution.key, norm.key, float(eps))
                self._folds.setdefault(id(body), []).append(fold)

    # --- the definitions with that ---------------------------------------------------------------

    def _body(self, body: Body) -> Body:
        steps = [self._step(step) for step in body.steps]
        is_new = any(new is not old for new, old in zip(steps, body.steps, strict=True))
        self._bodies[id(body)] = made = replace(body, steps=steps) if is_new else body
        return made

    def _step(self, step: Step) -> Step:
        match step:
            case Apply():
                return self._apply(step)
            case Residual():
                main, skip = self._body(step.main), step.skip
                if isinstance(skip, Module):
                    apply = self._apply(skip.apply)
                    skip = skip if apply is skip.apply else Module(apply)
                is_same = main is step.main and skip is step.skip
                return step if is_same else replace(step, main=main, skip=skip)
            case Fork():
                applies = [self._apply(branch.apply) for branch in step.branches]
                pairs = list(zip(step.branches, applies, strict=True))
                if all(branch.apply is apply for branch, apply in pairs):
                    return step
                made = tuple(replace(branch, apply=apply) for branch, apply in pairs)
                return replace(step, branches=made)
            case _:
                return step

    def _apply(self, apply: Apply) -> Apply:
        runs = tuple(self._run(apply, run) for run in apply.runs)
        is_new = any(new is not old for new, old in zip(runs, apply.runs, strict=True))
        return replace(apply, runs=runs) if is_new else apply

    def _run(self, apply: Apply, run: Run) -> Run:
        unit = self._units.get(id(apply)) or self._unit(run.unit)
        return run if unit is run.unit else replace(run, unit=unit)

    def _unit(self, unit: Unit) -> Unit:
        match unit:
            case Instance():
                made = self.definitions[id(unit.definition)]
                return unit if made is unit.definition else replace(unit, definition=made)
            case Group():
                body = self._body(unit.body)
                first = None if unit.first is None else self._bodies[id(unit.first)]
                is_same = body is unit.body and first is unit.first
                return unit if is_same else replace(unit, body=body, first=first)
            case _:
                return unit


def _operator(apply: Apply, again: set[str]) -> Op | None:
    """That of a module which is called once, with one tensor."""
    if apply.repeated or apply.held or not apply.runs or apply.key in again:
        return None
    is_plain = isinstance(apply.unit, Op) and not apply.runs[0].tensors
    return apply.unit if is_plain and isinstance(apply.unit, Op) else None


def _is_foldable(apply: Apply, again: set[str]) -> bool:
    op = _operator(apply, again)
    return op is not None and op.biased is not None


def _groups(body: Body) -> Iterator[Body]:
    for placed in walk.groups(body):
        yield placed.body


def _reads(definition: Definition) -> Iterator[Ref]:
    """Every reading of a value of a definition: of its modules, sums and joins, of names, and as
    what a body ends with."""
    yield from definition.outputs
    for step in all_steps(definition.body):
        yield from operands(step)
        if isinstance(step, Keep):
            yield step.ref
        for apply in walk.modules(step):
            for run in apply.runs:
                yield from apply.fed(run)
                if isinstance(run.unit, Group):
                    yield run.unit.body.output
