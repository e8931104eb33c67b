"""`keep a, b`: the results of a call that gives several."""

from __future__ import annotations

from resdsl.design.model import Apply, Instance, Ref, Step
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.syntax import tree


def several_results(step: Step | None, current: Ref) -> tuple[Ref, ...] | None:
    """What a call gives whose first result is `current`; None where there is no such call."""
    if isinstance(step, Apply) and step.output == current and step.runs and not step.repeated:
        return (step.output, *step.others)
    return None


def tell_results(
    sink: Sink, node: tree.KeepAll, step: Step | None, refs: tuple[Ref, ...] | None
) -> None:
    """Of a `keep` with other names than the call before it has results."""
    count = len(node.items)
    steps_take_none = "steps take no commas: `keep a norm`"
    if refs is None or not isinstance(step, Apply):
        why = "the results of a call, directly behind it"
        if isinstance(step, Apply) and step.repeated:
            why = "the results of one call, and a repetition gives one tensor"
        message = f"`keep` names {why}"
        sink.error(codes.ARGUMENT, message, node.span, f"{count} names", help=[steps_take_none])
        return
    word = step.label or step.word
    gives = "one tensor" if len(refs) == 1 else f"{len(refs)} tensors"
    names = ""
    if isinstance(step.unit, Instance) and step.unit.definition.results:
        names = ": " + ", ".join(f"`{name}`" for name in step.unit.definition.results)
    help = [] if len(refs) > 1 else [steps_take_none]
    message = f"`{word}` gives {gives}{names}"
    sink.error(codes.ARGUMENT, message, node.span, f"{count} names", help=help)


def tell_same_name(sink: Sink, name: str, first: tree.Keep, again: tree.Keep) -> None:
    """Of `keep p, p`, which would lose a result."""
    others = [Label(first.span, "the first one")]
    message = f"two results are called `{name}`"
    sink.error(codes.DUPLICATE_NAME, message, again.span, "the same name again", others=others)
