"""What would make two ways equally long: an argument of one operator, found by trying."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from resdsl.design.join_expressions import Use
from resdsl.design.model import Apply, Body, Group, Instance, Join, Keep
from resdsl.diagnostics.fixes import Fix, replacement
from resdsl.extents import Shape
from resdsl.language.values.values import show
from resdsl.ops import Op
from resdsl.ops.base import Problem
from resdsl.provenance import Leaf, origin
from resdsl.records import dataclass
from resdsl.source import Span

# A way of more operators is not searched.
_LONGEST = 24

# An operator, and what stands for it in a text: the word, and where the step is.
Chain = list[tuple[Op, str, Span | None]]


@dataclass(frozen=True, slots=True)
class Mend:
    """A sentence about a change, the change where it can be made in the author's text, and the
    call that it changes."""

    text: str
    fix: Fix | None
    span: Span | None = None


def mend(
    way: Apply | Body, start: Shape, wanted: Shape, others: Sequence[Apply | Body] = ()
) -> Mend | None:
    """The change of one argument that gives a way from `start` the extents of `wanted`.

    None where the way is no plain row of operators, or no single argument mends it. What is a
    parameter in the `others` is one here.
    """
    strides = [getattr(op, "stride", None) for other in others for op in _own(other)]
    names = {show(one): leaf.name for one in strides if isinstance(leaf := origin(one), Leaf)}
    found = _row(way)
    if found is None or len(found) > _LONGEST:
        return None
    for number, (op, word, span) in enumerate(found):
        for name, value, changed in _changes(op, start.rank):
            ops = [one for one, _, _ in found]
            ops[number] = changed
            result = _through(ops, start)
            if result is not None and result.extents == wanted.extents:
                fix = None
                if name == "stride" and id(op) in {id(one) for one in _own(way)}:
                    value = names.get(value, value)
                if span is not None and not span.source.library:
                    fix = _written(span, word, name, value, op)
                new = fix.edits[0].text if fix is not None else f"{word}(…, {name}={value})"
                return Mend(f"`{new}` would agree at every size", fix, span)
    return None


def _written(span: Span, word: str, name: str, value: str, op: Op) -> Fix | None:
    """The edit of a call; None where the argument stands there by its place, or in a shape that
    is for a person to edit."""
    found = re.search(rf'(?<!")\b{word}\b(?!"|\s*:)(\s*\([^()#\n]*\)|(?!\s*\())', span.text)
    if found is None or "#" in span.text[: found.start()]:
        return None
    written = found[1].strip()[1:-1]
    arguments = [part.strip() for part in written.split(",") if part.strip()]
    named = [re.match(r"(\w+)\s*=(?!=)", argument) for argument in arguments]
    places = [parameter.name for parameter in op.parameters()][: named.count(None)]
    if name in places:
        return None
    kept = [a for a, n in zip(arguments, named, strict=True) if n is None or n[1] != name]
    call = f"{word}({', '.join([*kept, f'{name}={value}'])})"
    at = span.start + found.start()
    # Another use of the block may need it as it is.
    return replacement(Span(span.source, at, at + len(found[0])), call, is_safe=False)


def _own(way: Apply | Body) -> Iterator[Op]:
    """The operators that stand in a way itself, in its definition."""
    applies: Sequence[object] = [way] if isinstance(way, Apply) else way.steps
    for step in applies:
        for run in step.runs if isinstance(step, Apply) else ():
            match run.unit:
                case Group(body):
                    yield from _own(body)
                case Op() as op:
                    yield op


def _row(way: Apply | Body) -> Chain | None:
    """The operators of a way in order; None where it branches."""
    found: Chain = []
    applies: Sequence[object] = [way] if isinstance(way, Apply) else way.steps
    for step in applies:
        if isinstance(step, Keep) or (isinstance(step, Join) and isinstance(step.join, Use)):
            continue
        if not isinstance(step, Apply):
            return None
        for run in step.runs:
            match run.unit:
                case Group(body):
                    inner = _row(body)
                case Instance(definition):
                    inner = _row(definition.body)
                case op:
                    inner = [(op, op.name if step.word == "shortcut" else step.word, step.span)]
            if inner is None or len(found) + run.count * len(inner) > _LONGEST:
                return None
            found += inner * run.count
    return found


def _through(ops: Sequence[Op], shape: Shape) -> Shape | None:
    for op in ops:
        if shape.rank not in op.ranks:
            return None
        result = op.infer(shape, [])
        if isinstance(result, Problem):
            return None
        shape = result
    return shape


def _changes(op: Op, rank: int) -> Iterator[tuple[str, str, Op]]:
    """Other arguments, the likeliest first: `ceil`, a padding, a stride."""
    window = op.window
    if window is None or window.kind == "transposed convolution":
        return
    tried: list[tuple[str, object]] = [("ceil", True)] if window.is_pool else []
    tried += [("padding", padding) for padding in (0, (max(window.effective(rank)) - 1) // 2)]
    tried += [("stride", stride) for stride in (1, 2, 4)]
    for name, value in tried:
        yield name, show(value), op.with_arguments(**{name: value})
