"""A definition with some of its steps replaced, and some of its values called otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace

from resdsl.design.dataflow import operands
from resdsl.design.join_expressions import renamed
from resdsl.design.model import (
    Apply,
    Body,
    Branch,
    Definition,
    Fork,
    Group,
    Input,
    Instance,
    Join,
    Keep,
    Module,
    Ref,
    Residual,
    Run,
    Skip,
    Step,
)
from resdsl.records import dataclass


@dataclass(slots=True, eq=False)
class Edit:
    """`steps`, `modules` and `definitions` stand for others, by identity; values of `names` are
    called otherwise, and those of `gone` are not made any more."""

    steps: dict[int, Sequence[Step]] = field(default_factory=dict)
    modules: dict[int, Apply] = field(default_factory=dict)
    definitions: dict[int, Definition] = field(default_factory=dict)
    names: dict[Ref, Ref] = field(default_factory=dict)
    gone: set[Ref] = field(default_factory=set)
    # How many norms or joins are gone by it; of a group in all copies.
    count: int = 0
    # What became of the bodies of groups, by identity.
    _bodies: dict[int, Body] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.steps or self.modules or self.definitions)

    def put(
        self,
        step: Step,
        made: Sequence[Step],
        others: Iterable[Step],
        gone: Iterable[Ref],
        times: int,
    ) -> None:
        """Puts steps into the place of one, and takes away others, which made what is `gone`.

        It is called so many `times`.
        """
        self.count += times
        self.steps[id(step)] = made
        self.steps |= {id(one): () for one in others}
        self.gone.update(gone)

    def definition(self, definition: Definition) -> Definition:
        others = tuple(map(self.ref, definition.others))
        return replace(definition, body=self.body(definition.body), others=others)

    def ref(self, ref: Ref) -> Ref:
        # Rows of norms are folded one by one: no name leads to another that changes.
        return self.names.get(ref, ref)

    def body(self, body: Body) -> Body:
        steps = [
            made
            for step in body.steps
            for one in self.steps.get(id(step), (step,))
            if (made := self._step(one)) is not None
        ]
        return replace(body, input=self.ref(body.input), output=self.ref(body.output), steps=steps)

    def _step(self, step: Step) -> Step | None:
        match step:
            case Apply():
                return self._apply(step)
            case Keep(ref=ref):
                return None if ref in self.gone else replace(step, ref=self.ref(ref))
            case Join():
                # Where it stands is of no account.
                start = operands(step)[0] if step.input in self.gone else step.input
                return replace(
                    step,
                    input=self.ref(start),
                    output=self.ref(step.output),
                    join=renamed(step.join, self.ref),
                )
            case Fork():
                return replace(
                    step,
                    input=self.ref(step.input),
                    output=self.ref(step.output),
                    branches=tuple(map(self._branch, step.branches)),
                    join=renamed(step.join, self.ref),
                )
            case Residual():
                return replace(
                    step,
                    input=self.ref(step.input),
                    output=self.ref(step.output),
                    main=self.body(step.main),
                    skip=self._skip(step.skip),
                )

    def _skip(self, skip: Skip) -> Skip:
        if isinstance(skip, Module):
            return Module(self._apply(skip.apply))
        ref = self.ref(skip.ref)
        return Input(ref) if isinstance(skip, Input) else replace(skip, ref=ref)

    def _branch(self, branch: Branch) -> Branch:
        return replace(branch, apply=self._apply(branch.apply))

    def _apply(self, apply: Apply) -> Apply:
        apply = self.modules.get(id(apply), apply)
        return replace(
            apply,
            runs=tuple(map(self._run, apply.runs)),
            input=self.ref(apply.input),
            output=self.ref(apply.output),
            main=None if apply.main is None else self.ref(apply.main),
            others=tuple(map(self.ref, apply.others)),
        )

    def _run(self, run: Run) -> Run:
        unit = run.unit
        match unit:
            case Group(body, first):
                unit = Group(self.body(body), None if first is None else self._bodies[id(first)])
                self._bodies[id(body)] = unit.body
            case Instance(definition):
                made = self.definitions.get(id(definition), definition)
                unit = replace(unit, definition=made)
        return replace(
            run,
            unit=unit,
            input=self.ref(run.input),
            output=self.ref(run.output),
            tensors=tuple(map(self.ref, run.tensors)),
        )
