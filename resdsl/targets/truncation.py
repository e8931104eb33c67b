"""A network with its repetitions cut short, for a quick check of a deep one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from resdsl.design.model import (
    Apply,
    Body,
    Branch,
    Definition,
    Fork,
    Group,
    Instance,
    Module,
    Residual,
    Run,
    Step,
)
from resdsl.design.network import Network, Varied

# The first two and the last of equal copies.
COPIES = 3


def truncated(network: Network) -> Network:
    """At most three of the equal copies in a row. Replicated branches, whose number shapes follow
    from, keep all of theirs."""
    short = _Truncation()
    variants = tuple(
        replace(variant, root=short.definition(variant.root)) for variant in network.variants
    )
    varied = Varied(variants, network.shared_parameters)
    return replace(network, root=short.definition(network.root), varied=lambda: varied)


class _Truncation:
    def __init__(self) -> None:
        self._known: dict[int, Definition] = {}

    def definition(self, definition: Definition) -> Definition:
        """Each definition once. They lie at most `limits.INSTANCE_DEPTH` deep in each other."""
        if id(definition) not in self._known:
            self._known[id(definition)] = replace(definition, body=self.body(definition.body))
        return self._known[id(definition)]

    def body(self, body: Body) -> Body:
        return replace(body, steps=[self.step(step) for step in body.steps])

    def step(self, step: Step) -> Step:
        match step:
            case Apply():
                return self.apply(step, _few)
            case Residual(skip=Module(apply)):
                skip = Module(self.apply(apply, _few))
                return replace(step, main=self.body(step.main), skip=skip)
            case Residual():
                return replace(step, main=self.body(step.main))
            case Fork():
                branches = tuple(self.branch(branch) for branch in step.branches)
                return replace(step, branches=branches)
            case _:
                return step

    def branch(self, branch: Branch) -> Branch:
        return replace(branch, apply=self.apply(branch.apply, _all if branch.replicated else _few))

    def apply(self, apply: Apply, count: Callable[[int], int]) -> Apply:
        return replace(apply, runs=tuple(self.run(run, count) for run in apply.runs))

    def run(self, run: Run, count: Callable[[int], int]) -> Run:
        unit = run.unit
        match unit:
            case Instance(definition):
                unit = replace(unit, definition=self.definition(definition))
            case Group(body):
                unit = Group(self.body(body))
        return replace(run, unit=unit, count=count(run.count), source=None)


def _few(count: int) -> int:
    return min(count, COPIES)


def _all(count: int) -> int:
    return count
