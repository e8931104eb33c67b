"""What to say of a name that means nothing where it stands: a table of reasons, the first that
knows one tells it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import lru_cache
from pathlib import Path

from resdsl.data import std
from resdsl.diagnostics import join_words
from resdsl.diagnostics.aliases import fold, ours
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.diagnostics.fixes import renaming
from resdsl.diagnostics.suggest import did_you_mean, suggest
from resdsl.extents.shape import AXES
from resdsl.join_functions import JOIN_FUNCTIONS
from resdsl.language.messages import argument_help, join_calls, words
from resdsl.language.messages.families import family
from resdsl.language.messages.misread_labels import misread_label
from resdsl.language.messages.missing_tensors import missing_tensor, tensors_here
from resdsl.language.messages.surroundings import Reason, Sought
from resdsl.language.messages.untyped import word_without_quotes
from resdsl.language.names.mentions import mentions
from resdsl.language.values.functions import FUNCTIONS
from resdsl.language.values.values import Callee, show
from resdsl.ops import REGISTRY
from resdsl.ops.base import REQUIRED
from resdsl.syntax import tree

_STEP_WORDS = ("keep", "join", "set", "let", "expect")


def unknown_name(sink: Sink, sought: Sought) -> tuple[str, ...]:
    """Tells it. Names that belong to the mistake, and are not to be told again."""
    reasons = _REASONS if sink.helps else (_nothing,)
    reason = next(found for one in reasons if (found := one(sought)) is not None)
    if reason.is_told:
        return reason.lost
    sink.error(
        reason.code,
        reason.message,
        sought.name.span,
        reason.label,
        others=reason.others,
        help=[reason.help] if reason.help else [],
        fix=renaming(sought.name.span, sought.candidates) if reason.is_guess else None,
    )
    return reason.lost


def _message(sought: Sought) -> str:
    return f"nothing here is called `{sought.name.id}`"


def _outside(sought: Sought) -> Reason | None:
    """A kept tensor or a value of another definition, which calls this one."""
    name, around = sought.name.id, sought.around
    if isinstance(around.item, tree.Let) or sought.is_unit:
        return None
    if name not in around.outside:
        around.outside[name] = around.module.outline().outside(around.item, name)
    found = around.outside[name]
    if found is None:
        return None
    other, binder = found
    kind = around.item.kind if isinstance(around.item, tree.Block) else "network"
    where = around.item.name.id
    # If it calls this one; else a name of the definition's own comes first.
    if suggest(name, around.own, 1) and not mentions(other.body, {where}):
        return None
    if binder.kind == "keep":
        message = f"`{name}` was kept outside, in `{other.name.id}`"
        help = (
            f"a parameter `{name}: tensor` of `{where}` is given it: `{where}({name})`"
            if mentions(other.body, {where})
            else f"`output {name}: {name}` gives it away, and `keep` behind the call names it"
        )
    else:
        what = "parameter" if binder.kind == "parameter" else "value"
        message = f"`{name}` is a {what} of `{other.name.id}`, not of `{where}`"
        help = (
            f"make it a parameter, `{kind} {where}({name}) {{ … }}`, and give it: `{where}({name})`"
        )
        if kind == "network":
            help = tensors_here(sought) or "give it a value here, too"
    return Reason(message, "not known here", help, (Label(binder.span, "here"),))


def _suffix(sought: Sought) -> Reason | None:
    """`expect params < 25.6 M`"""
    before = sought.neighbours[0]
    meant = words.suffix(sought.name.id)
    end = None if before is None else before.span.stop
    if meant is None or end is None or not isinstance(before, tree.Expect | tree.Let):
        return None
    number = re.search(r"[0-9][0-9_.]*$", before.span.text)
    if number is None:
        return None
    help = f"write `{number[0]}{meant}`"
    return Reason("the suffix of a number stands directly behind it", "", help)


def _join(sought: Sought) -> Reason | None:
    """`join cat(a, b)`: what another library joins tensors with."""
    call = sought.call
    if call is None or id(call) not in sought.around.joined:
        return None
    if join_words.meaning(sought.name.id) is None:
        near = did_you_mean(sought.name.id, JOIN_FUNCTIONS)
        return Reason(_message(sought), help=near or join_words.JOINED)
    around = sought.around.enclosing(call)
    node = next(one for one in around if isinstance(one, tree.Join | tree.Fork))
    expression = node.value if isinstance(node, tree.Join) else node.join
    # All its calls are told at once.
    is_told = id(node) in sought.around.told_joins
    sought.around.told_joins.add(id(node))
    return Reason(_message(sought), help=join_calls.written(expression)[0], is_told=is_told)


def _keyword(sought: Sought) -> Reason | None:
    """`stages layer1: …`, `ouput mid: here`, `save skip`: a step of its own, before what belongs
    to it."""
    _, after = sought.neighbours
    call = sought.call
    if not isinstance(after, tree.Apply) or call is None or call.parenthesised:
        return None
    is_label = after.label is not None
    meant_by = ("stage", "output", "param") if is_label else ("keep", "join", "output", "reuse")
    unit = after.unit
    bare = isinstance(unit, tree.Call) and not unit.parenthesised and after.count is None
    if not is_label and not bare:
        return None
    meant = did_you_mean(sought.name.id, meant_by)
    if meant is None:
        return None
    if isinstance(unit, tree.Call):
        # What is called there is no step's name.
        sought.around.module.told.add(unit.callee.span.start)
    lost = (unit.callee.id,) if isinstance(unit, tree.Call) and not is_label else ()
    return Reason(_message(sought), help=meant, lost=lost)


def _function(sought: Sought) -> Reason | None:
    """A word of Python's, or a function that is applied as a step."""
    name = sought.name.id
    help = words.step(name) if sought.is_unit else words.value(name)
    if not sought.is_unit and name in (*FUNCTIONS, *JOIN_FUNCTIONS):
        help = f"it is a function: `{name}(…)`"
    return Reason(_message(sought), help=help) if help else None


def _colon(sought: Sought) -> Reason | None:
    """`keep: skip`, a step with a colon too many."""
    if sought.call is None:
        return None
    step = sought.around.units.get(id(sought.call))
    label = step.label if isinstance(step, tree.Apply) else None
    if label is None or label.name not in _STEP_WORDS:
        return None
    help = f"`{label.name}:` is a label; write `{label.name} {sought.call.span.text}`"
    return Reason(_message(sought), help=help, lost=(sought.name.id,))


def _extent(sought: Sought) -> Reason | None:
    """`expect H % 8 == 0` where the input has numbers."""
    name, network = sought.name.id, sought.around.item
    if not isinstance(network, tree.Network) or network.body is None or not sought.expecting:
        return None
    inputs = [step for step in network.body.steps if isinstance(step, tree.Input)]
    if name not in ("L", "D", "H", "W", "h", "w", "height") or not inputs:
        return None
    channels, *extents = [dim.span.text for dim in inputs[0].dims]
    letters = AXES.get(len(extents), ())
    free = [one for one in extents if len(one) == 1 and one.isupper()]
    if name[0].upper() not in letters or len(free) == len(extents):
        known = " and ".join(f"`{one}`" for one in free)
        help = f"the extents of this input are {known}" if free else None
        return Reason(_message(sought), help=help) if help else None
    right = " x ".join([channels, *letters])
    help = f"an extent has a name where the input leaves it free: write `input {right}`"
    is_told, sought.around.are_extents_told = sought.around.are_extents_told, True
    return Reason(_message(sought), help=help, is_told=is_told)


def _string(sought: Sought) -> Reason | None:
    """`padding=same`, `upsample(2, bilinear)`: a string without its quotes."""
    call, place = sought.around.arguments.get(id(sought.name), (None, 0))
    if call is None or call.callee.id not in REGISTRY:
        return None
    written = call.arguments[place].name
    for position, parameter in enumerate(REGISTRY[call.callee.id].parameters()):
        is_it = parameter.name == written.id if written else position == place
        if is_it and (parameter.choices or "|" in parameter.type):
            callee = Callee(call.callee.id)
            help = argument_help.string(callee, parameter.name, sought.name.id)
            return Reason(_message(sought), help=help[0] if help else None)
    return None


def _library(sought: Sought) -> Reason | None:
    """What is known to a module of std."""
    name, module = sought.name.id, library_of(sought.name.id)
    if module is None:
        return None
    help = f"it is in the library: `from std.{module} import {name}`"
    return Reason(_message(sought), help=help)


def is_lost(name: str, lost: Collection[str]) -> bool:
    """Whether a name may be of what could not be read: an import of the library's, too."""
    return name in lost or (bool(lost) and library_of(name) in lost)


def library_of(name: str) -> str | None:
    """The module of std that defines a block or shortcut."""
    return _library_names().get(name)


def _alias(sought: Sought) -> Reason | None:
    """`mbconv`: what is called otherwise in the library, and does not only look like a name."""
    folded, known = fold(sought.name.id), _library_names()
    meant = ours().get(folded, ())
    if not sought.is_unit or any(
        name in sought.candidates or fold(name) == folded for name in meant
    ):
        return None
    return _other_name(sought) if any(name in known for name in meant) else None


# Values that parameters begin with.
_FIRST = {"classes": "10", "numclasses": "10", "nclasses": "10"}


def _parameter(sought: Sought) -> Reason | None:
    """`linear(num_classes)` in a network without such a parameter."""
    item, name = sought.around.item, sought.name.id
    if isinstance(item, tree.Let) or sought.call is not None or sought.expecting:
        return None
    call, place = sought.around.arguments.get(id(sought.name), (None, 0))
    if call is None:
        return None
    type_, default = "int", _FIRST.get(fold(name))
    written = call.arguments[place].name
    parameters = REGISTRY[call.callee.id].parameters() if call.callee.id in REGISTRY else ()
    for position, parameter in enumerate(parameters):
        if parameter.name == written.id if written else position == place:
            type_ = parameter.type.partition("|")[0].replace("one_of", "string")
            if parameter.default is not REQUIRED and isinstance(parameter.default, int | float):
                default = show(parameter.default)
    if (written.id if written else name) in ("stride", "dilation"):
        type_, default = "size", "1"
    kind = item.kind if isinstance(item, tree.Block) else "network"
    declared = f"{name}: {type_}" + (f" = {default}" if default else "")
    others = "…, " if item.parameters else ""
    help = f"as a parameter it is declared: `{kind} {item.name.id}({others}{declared})`"
    return Reason(_message(sought), help=help)


def _of_library(sought: Sought) -> Reason | None:
    """`Conv2d(3, 16, 3)`: under our name alone, its numbers would be in another order."""
    help = None if sought.call is None else argument_help.of_library(sought.call)
    return None if help is None else Reason(_message(sought), help=help)


def _guess(sought: Sought) -> Reason | None:
    known = [name for name in sought.candidates if name.isidentifier()]
    help = did_you_mean(sought.name.id, known)
    return Reason(_message(sought), help=help, is_guess=True) if help else None


def _other_name(sought: Sought) -> Reason | None:
    """`SqueezeExcite`, `se`: what is called otherwise in the library."""
    known = _library_names()
    found = suggest(sought.name.id, known, 1)
    if not found:
        return None
    help = f"did you mean `{found[0]}`? `from std.{known[found[0]]} import {found[0]}`"
    return Reason(_message(sought), help=help)


def _nothing(sought: Sought) -> Reason:
    return Reason(_message(sought))


_DEFINED = re.compile(r"^(?:block|shortcut)[ \t]+(\w+)", re.MULTILINE)


def _library_names() -> dict[str, str]:
    """What the files of std define, by name the module. They are searched, not parsed."""
    return _defined(tuple((path, path.stat().st_mtime_ns) for path in sorted(std().glob("*.res"))))


@lru_cache(1)
def _defined(files: tuple[tuple[Path, int], ...]) -> dict[str, str]:
    """As they were at a time: one name that is unknown is often unknown in many places."""
    known: dict[str, str] = {}
    for path, _ in files:
        for name in _DEFINED.findall(path.read_text(encoding="utf-8")):
            known.setdefault(name, path.stem)
    return known


_REASONS: tuple[Callable[[Sought], Reason | None], ...] = (
    word_without_quotes,
    misread_label,
    family,
    _outside,
    _suffix,
    _join,
    _colon,
    _keyword,
    _extent,
    _string,
    _library,
    _function,
    _of_library,
    _alias,
    _guess,
    missing_tensor,
    _other_name,
    _parameter,
    _nothing,
)
