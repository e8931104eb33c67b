"""Names in an `expect` that are a quantity of the network, and something of its author's too.

Neither may win: the one holds, or is broken, for a reason that the reader of the text does not see.
"""

from __future__ import annotations

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.language.messages.surroundings import Surroundings
from resdsl.language.names.files import Files
from resdsl.language.values.context import Context
from resdsl.source import Span
from resdsl.syntax import tree

_KINDS = {
    "parameter": "the parameter",
    "let": "the `let`",
    "keep": "the kept tensor",
    "branch": "the branch",
    "loop": "the variable of the `for`",
}


def is_taken(name: str, context: Context, files: Files) -> bool:
    """Whether the name of a quantity has a value of its own where an `expect` stands."""
    return context.scope.has(name) or _constant(name, context, files) is not None


def tell_two_meanings(node: tree.Name, context: Context, files: Files, sink: Sink) -> None:
    what, span = _other(node, context, files)
    sink.error(
        codes.NOT_A_CONTRACT,
        f"`{node.id}` could mean two things here: the network's own, or {what}",
        node.span,
        "which one?",
        others=[Label(span, "or this?")] if span is not None else (),
        help=[f"rename {what.split(' of ')[0]}: `{node.id}` is the network's then"],
    )


def _other(node: tree.Name, context: Context, files: Files) -> tuple[str, Span | None]:
    """What else has the name, in words, and where it gets it."""
    symbol = context.frame.symbol
    if not context.scope.has(node.id):
        item = _constant(node.id, context, files)
        return _KINDS["let"], None if item is None else item.name.span
    found = Surroundings.of(symbol.node, symbol.module).binders.of(node.id)
    if not found:
        return "a value", None
    binder = min(found, key=lambda one: one.span.start)
    of = f" of `{symbol.name}`" if binder.kind == "parameter" else ""
    return _KINDS[binder.kind] + of, binder.span


def _constant(name: str, context: Context, files: Files) -> tree.Let | None:
    """The `let` at the top of a file."""
    resolved = files.resolve(context.module, name)
    found = None if resolved is None else resolved[1]
    return found if isinstance(found, tree.Let) else None
