"""What a fork, a join or the sum of a residual is made of, as rows of operators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal, TypeAlias

from resdsl.design.again import called_again
from resdsl.design.join_expressions import Combine, Copies, Expression, Use
from resdsl.design.model import (
    Apply,
    Definition,
    Fork,
    Join,
    Keep,
    Module,
    Ref,
    Residual,
    Step,
)
from resdsl.fusing.links import Link, links
from resdsl.fusing.places import Scope, aliases, mentions
from resdsl.fusing.plan import Plan
from resdsl.records import dataclass

Combining: TypeAlias = Literal["sum", "concat"]


@dataclass(frozen=True, slots=True)
class Term:
    """One tensor that is combined: `links` make it of the value `input`, or it is that."""

    links: tuple[Link, ...]
    input: Ref


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a step combines, each term of one input. `steps` are those that make nothing else,
    and `keys` their modules."""

    how: Combining
    terms: tuple[Term, ...]
    steps: tuple[Step, ...]
    keys: frozenset[str]
    gone: frozenset[Ref]


class Reader:
    """Finds terms in one definition, as it stands."""

    def __init__(self, definition: Definition, plan: Plan) -> None:
        self.plan = plan
        self.shapes = definition.shapes
        self.again = called_again(definition.body)
        self.mentioned: Counter[Ref] = mentions(definition)
        self.aliases = aliases(definition)

    def terms(self, step: Step, scope: Scope) -> Terms | None:
        """None where a step combines something else, or others read what it combines."""
        if scope.owner.numbered or not isinstance(step, Residual | Fork | Join):
            return None
        combined = _combined(step)
        if combined is None:
            return None
        how, operands = combined
        makers = {apply.output: apply for apply in self._makers(step, scope)}
        makers |= {run.output: apply for apply in makers.values() for run in apply.runs}
        made: list[Term] = []
        used: dict[int, Apply] = {}
        gone: set[Ref] = set()
        for ref in operands:
            apply = makers.get(ref)
            if apply is None:
                made.append(Term((), self._value(ref)))
                continue
            if self.mentioned[ref] != 1:
                return None
            found = list(self._of(apply, ref, scope))
            if not found:
                return None
            made += found
            used[id(apply)] = apply
            gone.add(ref)
        if not made or len({term.input for term in made}) > 1:
            return None
        if any(self.shapes[ref].extents != self.shapes[step.output].extents for ref in operands):
            return None
        if not _are_all(step, used):
            return None
        keys = frozenset(apply.key for apply in used.values())
        steps = tuple(one for one in scope.body.steps if id(one) in used)
        return Terms(how, tuple(made), steps, keys, frozenset(gone))

    def _value(self, ref: Ref) -> Ref:
        return self.aliases.get(ref, ref)

    def _makers(self, step: Residual | Fork | Join, scope: Scope) -> Iterator[Apply]:
        """Modules that would be called no more if the step were another."""
        match step:
            case Fork():
                found = [branch.apply for branch in step.branches]
            case Residual(skip=skip):
                found = [one for one in step.main.steps if isinstance(one, Apply)]
                found += [skip.apply] if isinstance(skip, Module) else []
            case Join():
                found = [one for one in scope.body.steps if isinstance(one, Apply)]
        for apply in found:
            is_plain = not (apply.held or apply.is_again or apply.stage or apply.others)
            if is_plain and apply.runs and id(apply) not in self.again:
                yield apply

    def _of(self, apply: Apply, ref: Ref, scope: Scope) -> Iterator[Term]:
        """The terms that one module makes: a replicated branch one for each copy."""
        place = 0
        for run in apply.runs:
            for _ in range(run.count):
                if not apply.repeated or run.output == ref:
                    number = place if apply.repeated else None
                    row = links(apply, run, number, scope.prefix, self.plan)
                    if row is None:
                        return
                    yield Term(tuple(row), self._value(apply.input))
                place += 1


def _combined(step: Residual | Fork | Join) -> tuple[Combining, list[Ref]] | None:
    """How a step combines which values; of a replicated branch those of its runs."""
    if isinstance(step, Residual):
        return ("sum", [step.main.output, step.skip.ref]) if step.adds else None
    how: Combining = "concat"
    if isinstance(step.join, Combine):
        how = "concat" if step.join.op == "concat" else "sum"
    wanted = ("concat",) if how == "concat" else ("+", "sum")
    found: list[Ref] = []
    stack: list[Expression] = [step.join]
    while stack:
        match stack.pop():
            case Use(ref):
                found.append(ref)
            case Copies(_, refs, None):
                found += [ref for ref, _ in refs]
            case Combine(op, operands) if op in wanted:
                stack += reversed(operands)
            case _:
                return None
    is_one = len(set(found)) == len(found) and isinstance(step.join, Combine)
    return (how, found) if is_one else None


def _are_all(step: Residual | Fork | Join, used: dict[int, Apply]) -> bool:
    """Whether nothing else stands in a step that is to be replaced."""
    match step:
        case Fork():
            return all(id(branch.apply) in used for branch in step.branches)
        case Residual():
            main = [one for one in step.main.steps if not isinstance(one, Keep)]
            is_used = step.shortcut is None or id(step.shortcut) in used
            return is_used and all(id(one) in used for one in main)
        case Join():
            return True
