"""`keep a, b`: the results of a call that gives several."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.design.model import Apply, Definition, Instance, Keep, Ref, Step
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.language.names.symbols import Module, Symbol
from resdsl.ops import REGISTRY, SLOTS
from resdsl.syntax import tree


def several_results(step: Step | None, current: Ref) -> tuple[Ref, ...] | None:
    """What a call gives whose first result is `current`; None where there is no such call."""
    if isinstance(step, Apply) and step.output == current and step.runs and not step.repeated:
        return (step.output, *step.others)
    return None


def tell_results(
    sink: Sink,
    node: tree.KeepAll,
    steps: Sequence[Step],
    refs: tuple[Ref, ...] | None,
    module: Module,
) -> None:
    """Of a `keep` with other names than the last of the `steps` before it has results."""
    step = steps[-1] if steps else None
    if refs is None or not isinstance(step, Apply):
        message = "`keep` names the results of a call, directly behind it"
        if isinstance(step, Apply) and step.repeated:
            message = "`keep` names the results of one call, and a repetition gives one tensor"
    else:
        gives = "one tensor" if len(refs) == 1 else f"{len(refs)} tensors"
        names = ", ".join(f"`{name}`" for name in _results(step))
        message = f"`{step.label or step.word}` gives {gives}" + (f": {names}" if names else "")
    others, help = _instead(node, steps, module)
    label = f"{len(node.items)} names"
    sink.error(codes.ARGUMENT, message, node.span, label, others=others, help=[help])


def _instead(node: tree.KeepAll, steps: Sequence[Step], module: Module) -> tuple[list[Label], str]:
    """What to write, and the place that says so."""
    text, count = node.span.text, len(node.items)
    if any(_is_step(item.name.id, module) for item in node.items):
        return [], "steps take no commas: `keep a norm`"
    step = steps[-1] if steps else None
    if isinstance(step, Apply) and step.runs and isinstance(step.runs[0].unit, Instance):
        called = step.runs[0].unit.definition
        if step.repeated and len(called.results) > 1:
            if len(called.results) != count:
                text = f"keep {', '.join(called.results)}"
            loop = f"for i in range({step.count}) {{ {step.word}(…) {text} }}"
            return [], f"a loop names those of each: `{loop}`"
        return _of_definition(node, called, module)
    kept = {one.ref for one in steps if isinstance(one, Keep)}
    for one in reversed([one for one in steps if isinstance(one, Apply)]):
        is_kept = kept.issuperset(one.others)
        if len(one.others) + 1 == count and not is_kept and one.span is not None:
            help = f"`{text}` stands directly behind the call that gives them"
            return [Label(one.span, f"gives {count} tensors")], help
    return [], _one(node)


def _of_definition(
    node: tree.KeepAll, called: Definition, module: Module
) -> tuple[list[Label], str]:
    """Of a call that gives another number: what its `output` would say."""
    home, original = module.imports.get(called.name, (module, called.name))
    found = home.names.get(original)
    if home.library or not isinstance(found, Symbol) or found.origin != called.origin:
        return [], _one(node)
    names = [item.name.id for item in node.items]
    place = [Label(found.node.name.span, "defined here")]
    if len(called.results) > len(names):
        return place, f"a `keep` names all of them: `keep {', '.join(called.results)}`"
    first = called.results or (f"{names[0]}: here",)
    outputs = ", ".join([*first, *(f"{name}: …" for name in names[len(first) :])])
    return place, f"`output {outputs}` in it gives {len(names)}"


def _one(node: tree.KeepAll) -> str:
    return f"`keep {node.items[0].name.id}` names one tensor"


def _results(step: Apply) -> tuple[str, ...]:
    return step.unit.definition.results if isinstance(step.unit, Instance) else ()


def _is_step(name: str, module: Module) -> bool:
    """`keep a, norm`"""
    return name in REGISTRY or name in SLOTS or name in module.names or name in module.imports


def tell_same_name(sink: Sink, name: str, first: tree.Keep, again: tree.Keep) -> None:
    """Of `keep p, p`, which would lose a result."""
    others = [Label(first.span, "the first one")]
    message = f"two results are called `{name}`"
    sink.error(codes.DUPLICATE_NAME, message, again.span, "the same name again", others=others)
