"""What to say of an unknown name where a tensor is asked for: which tensors have names there."""

from __future__ import annotations

from resdsl.diagnostics.suggest import did_you_mean
from resdsl.join_functions import JOIN_FUNCTIONS
from resdsl.language.messages.argument_help import by_place, listed
from resdsl.language.messages.surroundings import Reason, Sought
from resdsl.language.names.symbols import Module, Symbol
from resdsl.language.values.types import is_of_tensors
from resdsl.syntax import tree

# Names that a message lists: the last of them, which are nearest.
_SHOWN = 8


def missing_tensor(sought: Sought) -> Reason | None:
    """`up(e0, 16)` of a block that takes a tensor, `join concat(a, c)`."""
    help = tensors_here(sought)
    message = f"nothing here is called `{sought.name.id}`"
    return None if help is None else Reason(message, "unknown tensor", help)


def tensors_here(sought: Sought) -> str | None:
    """Which tensors could be written instead; None where none is asked for."""
    name = sought.name.id
    asks = None if sought.call is not None or sought.expecting else _asks(sought)
    if asks is None:
        return None
    if isinstance(asks, tree.Fork):
        return f"its branches are {listed([one.label.span.text for one in asks.branches])}"
    known = _named(sought)
    near = did_you_mean(name, known)
    if near is not None or not known:
        return near or f"`keep {name}` behind the step that makes it names a tensor"
    verb = "is" if len(known) == 1 else "are"
    return f"kept here {verb} {listed(known[-_SHOWN:])}; `keep {name}` behind a step names one"


def _asks(sought: Sought) -> tree.Join | tree.Fork | tree.Call | None:
    """What asks for a tensor where the name stands."""
    part: object = sought.name
    for node in sought.around.enclosing(sought.name):
        match node:
            case tree.Join():
                return node
            case tree.Fork(join=join):
                return node if part is join else None
            case tree.Call(callee=callee) if callee.id not in JOIN_FUNCTIONS:
                return node if _takes_tensor(node, part, sought.around.module) else None
            case tree.Argument() | tree.Binary() | tree.Unary() | tree.ListExpr() | tree.Call():
                part = node
            case tree.Name():
                pass
            case _:
                return None
    return None


def _takes_tensor(call: tree.Call, part: object, module: Module) -> bool:
    """Whether the parameter of a definition that an argument is for is of tensors."""
    home, word = module.imports.get(call.callee.id, (module, call.callee.id))
    found = home.names.get(word)
    if not isinstance(found, Symbol) or not isinstance(part, tree.Argument):
        return False
    parameters = found.node.parameters
    if part.name is not None:
        meant = [one for one in parameters if one.name.id == part.name.id]
    else:
        place = call.arguments.index(part)
        meant = list(parameters[place : place + 1]) if place < by_place(call) else []
    return bool(meant) and is_of_tensors(meant[0].type)


def _named(sought: Sought) -> list[str]:
    """The tensors that have a name before it, as they come: parameters, and what is kept."""
    found: list[tuple[int, str]] = []
    for node in sought.around.nodes:
        match node:
            case tree.Parameter(name=name, type=type_) if is_of_tensors(type_):
                found.append((node.span.start, name.id))
            case tree.Keep(name=name, index=index):
                text = name.id if index is None else f"{name.id}[{index.span.text}]"
                found.append((node.span.start, text))
    before = sorted(one for one in found if one[0] < sought.name.span.start)
    return list(dict.fromkeys(name for _, name in before))
