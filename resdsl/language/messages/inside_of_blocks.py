"""What to write for a tensor that lies inside of a call, where a name of it is asked for."""

from __future__ import annotations

from resdsl.design.model import Apply, Body, Definition, Instance


def inside(body: Body, name: str) -> str:
    """How `up2.gate` gets a name out here; `up2` has one."""
    beginning, _, rest = name.partition(".")
    step = next(
        (one for one in body.steps if isinstance(one, Apply) and one.key == beginning), None
    )
    unit = step.runs[0].unit if step is not None and step.runs else None
    if step is None or not isinstance(unit, Instance):
        return f"what is inside of `{beginning}` has no name out here: `keep` it behind the step"
    if step.repeated and rest.isdecimal():
        return "copies have no names: a `for` instead of the repetition gives them names"
    called = unit.definition
    if _is_of_library(called):
        return f"`{beginning}` is `{called.name}`, of the library: what is inside of it has no name"
    behind = "behind the call"
    if step.repeated:
        behind = "behind each call, in a `for` instead of the repetition"
    label = rest.rpartition(".")[2] if step.repeated else rest
    named = f": `output {label}: …`" if label.isidentifier() else ""
    return f"give `{called.name}` an `output` for it{named}, and `keep` that {behind}"


def _is_of_library(definition: Definition) -> bool:
    return any(span.source.library for _, span in definition.makers if span is not None)
