"""Warnings of starts of tensors that are not there: a `bias_init` where nothing has a bias."""

from __future__ import annotations

import re

from resdsl.analysis.advisor import Advisor, Place
from resdsl.design.model import Apply, Definition
from resdsl.diagnostics import codes
from resdsl.language.elaborate.network import Elaborated
from resdsl.ops import Op
from resdsl.source import Span
from resdsl.syntax import tree

# The parameter of a start, that of its tensor, and the tensor.
_STARTS = (("bias_init", "bias", "bias"), ("scale_init", "affine", "scale"))


def start_of_nothing(advisor: Advisor, definition: Definition) -> None:
    """A bias or scale is given a start, and there is none."""
    for apply, run in advisor.runs(definition):
        op = run.unit
        for start, switch, tensor in _STARTS:
            if not isinstance(op, Op) or getattr(op, switch, True):
                continue
            default = next((p.default for p in op.parameters() if p.name == start), None)
            is_set = any(setting.parameter == start for setting in run.settings)
            # A `set` reaches those that have one as well; who writes both knows both.
            if getattr(op, start, default) == default or is_set or _says(apply, switch):
                continue
            advisor.tell(
                codes.NO_TENSOR,
                f"`{start}` does nothing here: this `{apply.word}` has no {tensor}",
                Place(definition, apply.span, run),
                f"no {tensor} that could start so",
                of=("norm", "act"),
                help=[f"`{switch}=true` gives it one"],
            )


def _says(apply: Apply, switch: str) -> bool:
    """Whether the text of a step says itself if the tensor is there."""
    return apply.span is not None and bool(re.search(rf"\b{switch}\s*=", apply.span.text))


def warn_of_idle_starts(advisor: Advisor, elaborated: Elaborated) -> None:
    """A `set` gives a start, and none of what it reaches has the tensor."""
    given = elaborated.elaborator.sets.giving
    sets = [one for one in given if isinstance(one, tree.SetDefaults) and _switches(one) == {False}]
    if not sets:
        return
    # By the text of a `set` and the start: the word of a step, and whether one has the tensor.
    found: dict[tuple[Span, str], tuple[str, bool]] = {}
    for definition in advisor.liveness.definitions:
        for apply, run in advisor.runs(definition):
            for start, switch, _ in _STARTS:
                if isinstance(run.unit, Op) and hasattr(run.unit, switch):
                    has = bool(getattr(run.unit, switch)) or _says(apply, switch)
                    for span in advisor.sets(definition, run, frozenset([start])):
                        _, before = found.get((span, start), ("", False))
                        found[span, start] = run.unit.name, before or has
    for step in sets:
        for start, switch, tensor in _STARTS:
            word, has = found.get((step.span, start), ("", True))
            if not has:
                advisor.sink.warning(
                    codes.NO_TENSOR,
                    f"`{start}` does nothing here: no `{word}` that this `set` reaches has a "
                    f"{tensor}",
                    step.span,
                    f"no {tensor} that could start so",
                    help=[f"`{switch}=true` gives them one"],
                )


def _switches(step: tree.SetDefaults) -> set[bool]:
    """Of the starts that a `set` gives, whether it says of the tensors that they are there."""
    names = {argument.name.id for argument in step.arguments if argument.name is not None}
    return {switch in names for start, switch, _ in _STARTS if start in names}
