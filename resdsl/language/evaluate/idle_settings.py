"""Warnings of `set`s and arguments that do nothing: nothing uses them, or they hold already."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.fixes import removal
from resdsl.language.evaluate.arguments import Given
from resdsl.language.messages.argument_help import parameter_names
from resdsl.language.names.mentions import nodes
from resdsl.language.names.symbols import Symbol
from resdsl.language.values.context import Context
from resdsl.language.values.scope import Environment
from resdsl.language.values.values import key, show
from resdsl.ops import REGISTRY
from resdsl.records import dataclass
from resdsl.syntax import tree


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a `set conv(…)` gives to which operator or definition, and what of it holds anyway."""

    target: str | Symbol
    names: frozenset[str]
    unchanged: tuple[str, ...]


def defaults(
    step: tree.SetDefaults,
    target: str | Symbol,
    given: Mapping[str, Given],
    environment: Environment,
) -> Defaults:
    """`environment` is that before the `set`. A value that is computed may be another elsewhere."""
    literal = {
        argument.name.id: argument.value.value
        for argument in step.arguments
        if argument.name is not None
        and isinstance(argument.value, tree.Number | tree.String | tree.Bool)
    }
    same = [
        name
        for name in given
        if name in literal
        and environment.default(target, name) is None
        and _same(literal[name], _default(target, name))
    ]
    return Defaults(target, frozenset(given), tuple(same))


def warn_of_idle_settings(
    reached: Iterable[tuple[tree.SetSlot | tree.SetDefaults, Context]],
    giving: Mapping[tree.Step, Defaults],
    used: Container[int],
    sink: Sink,
) -> None:
    """Tells of the `set`s that do nothing here, nor in a branch that is not taken.

    `reached`: those that were, and where they stand. `giving`: what those for calls give. `used`:
    the identities of those that gave something.
    """
    for step, context in reached:
        if context.module.library:
            continue
        gives = giving.get(step)
        if id(step) in used:
            # Beside others, a value may be written for completeness.
            if gives is not None and len(gives.unchanged) == len(gives.names) > 0:
                _unchanged(step, gives, sink)
            continue
        name = (step.slot if isinstance(step, tree.SetSlot) else step.callee).id
        behind = _behind(step, context.module.file)
        if _may_use(behind, name, gives):
            continue
        label = f"no `{name}` is called after it and inside its braces"
        if gives is not None and any(_calls(behind, name)):
            arguments = " and ".join(f"`{argument}`" for argument in sorted(gives.names))
            label = f"each `{name}` after it and inside its braces has {arguments} of its own"
        sink.warning(
            codes.UNUSED_SET,
            f"nothing uses this `set {name}`",
            step.span,
            label,
            # Another network, or another value of a parameter, may use it.
            fix=removal(step.span, is_safe=False),
        )


def _unchanged(step: tree.Step, gives: Defaults, sink: Sink) -> None:
    owner = gives.target if isinstance(gives.target, str) else gives.target.name
    values = [f"`{name}` is {show(_default(gives.target, name))}" for name in gives.unchanged]
    sink.warning(
        codes.UNCHANGED,
        f"this `set` changes nothing: in `{owner}`, {' and '.join(values)} by default",
        step.span,
        "holds without it",
        help=[doc for name in gives.unchanged if (doc := _doc(gives.target, name))],
        fix=removal(step.span, is_safe=False),
    )


def warn_of_idle_argument(node: tree.Call, target: str | Symbol, sink: Sink) -> None:
    """`basic(64, scale_init=0)`: a zero that is so by default, where another parameter is meant.

    The library's description of the one names the other.
    """
    if isinstance(target, str) or not target.module.library:
        return
    written = {argument.name.id for argument in node.arguments if argument.name is not None}
    others = {parameter.name.id for parameter in target.node.parameters} - written
    for argument in node.arguments:
        match argument:
            case tree.Argument(tree.Name(id=name), tree.Number(0)) if _same(
                0, _default(target, name)
            ):
                doc = _doc(target, name)
                if any(f"`{other}`" in doc for other in others - {name}):
                    sink.warning(
                        codes.UNCHANGED,
                        f"this argument changes nothing: in `{target.name}`, `{name}` is 0 by "
                        "default",
                        argument.span,
                        "holds without it",
                        help=[doc],
                    )


def _doc(target: str | Symbol, name: str) -> str:
    """What the library says of a parameter, which may be taken for another."""
    if isinstance(target, Symbol) and target.module.library:
        for parameter in target.node.parameters:
            if parameter.name.id == name and parameter.doc:
                return f"`{name}`: {' '.join(parameter.doc.split())}"
    return ""


def _default(target: str | Symbol, name: str) -> Any:
    """The default of a parameter; None where it is computed, or there is none."""
    if isinstance(target, str):
        return next((p.default for p in REGISTRY[target].parameters() if p.name == name), None)
    for parameter in target.node.parameters:
        literal = parameter.default
        if parameter.name.id == name and isinstance(literal, tree.Number | tree.String | tree.Bool):
            return literal.value
    return None


def _same(one: Any, two: Any) -> bool:
    if isinstance(two, int | float) and not isinstance(two, bool) and not isinstance(one, str):
        return not isinstance(one, bool) and float(one) == float(two)
    return bool(key(one) == key(two))


def _behind(step: tree.Step, file: tree.File) -> tuple[tree.Step, ...]:
    """The steps behind a `set` in its braces; none behind one of an instantiation."""
    for node in nodes(file.items):
        if isinstance(node, tree.Body) and step in node.steps:
            return node.steps[node.steps.index(step) + 1 :]
    return ()


def _calls(behind: Iterable[tree.Step], name: str) -> Iterable[tuple[tree.Call, bool]]:
    """The calls of a name in a text, and whether a stage gives them a stride."""
    strided = {
        node.unit for node in nodes(tuple(behind)) if isinstance(node, tree.Stage) and node.stride
    }
    for node in nodes(tuple(behind)):
        if isinstance(node, tree.Call) and node.callee.id == name:
            yield node, node in strided


def _may_use(behind: Iterable[tree.Step], name: str, gives: Defaults | None) -> bool:
    """Whether a text has the name, other than in calls that are given all that the `set` gives."""
    passing: set[tree.Name] = set()
    for call, is_strided in _calls(behind, name) if gives is not None else ():
        assert gives is not None
        places = parameter_names(gives.target)
        written = {
            argument.name.id if argument.name is not None else places[position]
            for position, argument in enumerate(call.arguments)
            if argument.name is not None or position < len(places)
        }
        if gives.names <= written | ({"stride"} if is_strided else set()):
            passing.add(call.callee)
    return any(
        isinstance(node, tree.Name) and node.id == name and node not in passing
        for node in nodes(tuple(behind))
    )
