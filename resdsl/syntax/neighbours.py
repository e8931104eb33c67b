"""Steps that were meant otherwise, as those before them tell: `norm x3`, `input(3, 8)`."""

from __future__ import annotations

import re

from resdsl.diagnostics.codes import SYNTAX
from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.fixes import Fix, replacement
from resdsl.source import Span
from resdsl.syntax import tree
from resdsl.syntax.mistaken_inputs import SEPARATED, ordered

_REPEATS = re.compile(r"x[0-9]+$")


def check(sink: Sink, steps: list[tree.Step]) -> str | None:
    """Looks at the last step; what was meant takes its place. A name that has none, if one is lost.

    The grammar cannot see these: each is one step, or several, that it takes.
    """
    step = steps[-1]
    if not isinstance(step, tree.Apply) or step.label is not None:
        return None
    if numbers := _listed_input(step):
        fix = replacement(step.span, f"input {numbers}")
        _tell(sink, step.span, SEPARATED, f"write `input {numbers}`", fix)
        steps[-1] = tree.Broken(step.span)
    elif len(steps) > 1 and (name := _bare(step)) is not None and _REPEATS.match(name.id):
        _count(sink, steps, name)
    elif len(steps) > 2:
        mended = _without_via(sink, *steps[-3:]) or _repeated(sink, *steps[-3:])
        if mended is not None:
            steps[-3:] = [mended]
            return None
        return _definition(sink, steps, step)
    return None


def _count(sink: Sink, steps: list[tree.Step], name: tree.Name) -> None:
    """`norm x3`"""
    if steps[-2].span.line == name.span.line:
        fix = replacement(name.span, f"x {name.id[1:]}")
        help = f"set the `x` off from the number: `x {name.id[1:]}`"
        _tell(sink, name.span, f"`{name.id}` is a name here", help, fix)
        steps[-1] = tree.Broken(name.span)


def _definition(sink: Sink, steps: list[tree.Step], step: tree.Apply) -> str | None:
    """`block name { … }` within a body; the name that it would have defined."""
    if len(steps) < 3 or not isinstance(step.unit, tree.Body):
        return None
    keyword, defined = _bare(steps[-3]), _call(steps[-2])
    if keyword is None or keyword.id not in ("block", "shortcut") or defined is None:
        return None
    message = "a definition cannot stand inside a body"
    _tell(sink, keyword.span, message, "move it to the top of the file")
    steps[-3:] = [tree.Broken(step.span)]
    return defined.callee.id


def _without_via(
    sink: Sink, residual: tree.Step, word: tree.Step, mode: tree.Step
) -> tree.Apply | None:
    """`residual { … } shortcut projection`: three steps, of which two were meant as one."""
    name, call = _bare(word), _call(mode)
    if name is None or name.id not in ("shortcut", "skip") or call is None:
        return None
    if not isinstance(residual, tree.Apply) or name.span.line != call.span.line:
        return None
    unit = residual.unit
    if not isinstance(unit, tree.Residual) or unit.mode is not None or residual.count is not None:
        return None
    message = "the shortcut of a residual stands behind `via`"
    _tell(sink, name.span, message, f"write `via {call.span.text}`")
    span = residual.span.to(call.span)
    return tree.Apply(residual.label, tree.Residual(unit.main, None, call, span), None, span)


def _repeated(
    sink: Sink, unit: tree.Step, word: tree.Step, count: tree.Step
) -> tree.Apply | tree.Stage | None:
    """`basic(64) times depth`"""
    name, number = _bare(word), _bare(count)
    if name is None or number is None or name.id not in ("X", "times", "by"):
        return None
    if not isinstance(unit, tree.Apply | tree.Stage) or unit.count is not None:
        return None
    if name.span.line != number.span.line:
        return None
    _tell(sink, name.span, "a unit is repeated with `x`", f"write `x {number.id}`")
    span = unit.span.to(number.span)
    if isinstance(unit, tree.Stage):
        return tree.Stage(unit.label, unit.stride, unit.unit, number, span)
    return tree.Apply(unit.label, unit.unit, number, span, unit.stride)


def _bare(step: tree.Step) -> tree.Name | None:
    """The name that is the whole step."""
    call = _call(step)
    if call is None or call.parenthesised:
        return None
    return call.callee if isinstance(step, tree.Apply) and step.count is None else None


def _call(step: tree.Step) -> tree.Call | None:
    """The call that a step without a label is."""
    if isinstance(step, tree.Apply) and step.label is None and isinstance(step.unit, tree.Call):
        return step.unit
    return None


def _listed_input(step: tree.Apply) -> str:
    """`input(3, 224, 224)` as it is written here."""
    unit = step.unit
    # One argument may be that of a parameter called `input`.
    if not isinstance(unit, tree.Call) or unit.callee.id != "input" or len(unit.arguments) < 2:
        return ""
    numbers: list[str] = []
    for argument in unit.arguments:
        match argument.value:
            case tree.Number(number):
                numbers.append(str(number))
            case tree.SizeLiteral(dims):
                numbers += map(str, dims)
            case _:
                return ""
    return ordered(numbers)


def _tell(sink: Sink, span: Span, message: str, help: str, fix: Fix | None = None) -> None:
    sink.error(SYNTAX, message, span, help=[help], fix=fix)
