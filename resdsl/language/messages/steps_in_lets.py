"""What to write instead of `let y = block(a)`, where a step is meant and its result."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.messages.argument_help import by_place
from resdsl.language.names.symbols import Symbol
from resdsl.language.values.types import is_of_tensors
from resdsl.language.values.values import Callee
from resdsl.syntax import tree


def tell_step(sink: Sink, step: tree.Let, call: tree.Call, callee: Callee, fed: str) -> None:
    """`fed`: the first of its arguments that is a tensor."""
    name, arguments = step.name.id, list(call.arguments)
    feeds = bool(by_place(call)) and arguments[0].span.text == fed and not _is_tensor(callee)
    rest = _texts(arguments[1:] if feeds else arguments)
    word = call.callee.id
    text = f"{name}: {word}{f'({rest})' if rest else ''} keep {name}"
    before = f"join {fed} " if feeds and fed != "here" else ""
    sink.error(
        codes.TENSOR,
        f"`let` names a value, and `{word}` of a tensor is a step",
        call.span,
        "makes a tensor",
        help=[f"write it as a step: `{before}{text}`"],
    )


def _is_tensor(callee: Callee) -> bool:
    """Whether the first parameter takes a tensor."""
    if not isinstance(callee.target, Symbol):
        return False
    parameters = callee.target.node.parameters
    return bool(parameters) and is_of_tensors(parameters[0].type)


def _texts(arguments: Sequence[tree.Argument]) -> str:
    return ", ".join(one.span.text for one in arguments)
