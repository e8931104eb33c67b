"""The input of a network: channels, then extents, numbers or free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resdsl import limits
from resdsl.design.network import InputSpec
from resdsl.diagnostics import codes
from resdsl.diagnostics.aliases import fold
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.extents.shape import AXES
from resdsl.language.elaborate import argument_order
from resdsl.language.elaborate.elaborator import Elaborator
from resdsl.language.names.mentions import nodes
from resdsl.language.values.context import Context
from resdsl.language.values.input_sizes import GivenSize, UnfitError
from resdsl.language.values.values import Unknown, show, type_name
from resdsl.syntax import tree

_FOREIGN = ("input", "inputs", "inputlayer")


def no_input(sink: Sink, node: tree.Network, steps: list[tree.Step]) -> None:
    match steps[:1]:
        case [tree.Apply(unit=tree.Call(callee=tree.Name(id=name)))] if fold(name) in _FOREIGN:
            return  # `Input(…)`, which is no step, and was told
    later = [step for step in steps if isinstance(step, tree.Input)]
    if later:
        sink.error(
            codes.INPUT,
            f"the input of `{node.name.id}` stands after its first step",
            later[0].span,
            "`input` comes before all steps but `let` and `set`",
            others=[Label(steps[0].span, "a step before it")],
        )
    else:
        sink.error(
            codes.INPUT,
            f"`{node.name.id}` has no input",
            node.name.span,
            "a network starts with its input",
            help=["for example: input 3 x 224 x 224"],
        )


def input_spec(elaborator: Elaborator, step: tree.Input, context: Context) -> InputSpec | None:
    """The declared input: channels, then extents, numbers or one capital letter each."""
    sink = elaborator.session.sink
    if len(step.dims) > 4:
        sink.error(
            codes.INPUT,
            f"an input has at most 3 spatial dimensions, not {len(step.dims) - 1}",
            step.span,
            "channels come first",
            help=[argument_order.no_batch([dim.span.text for dim in step.dims[1:]])]
            if len(step.dims) == 5
            else (),
        )
        return None
    values: list[int | str] = []
    for position, dim in enumerate(step.dims):
        value = _dimension(elaborator, step, position, context)
        if value is None:
            return None
        if isinstance(value, str) and value in values:
            sink.error(codes.INPUT, f"the free extent `{value}` stands twice", dim.span)
            return None
        values.append(value)
    if (strange := argument_order.of_input(values)) is not None:
        strange.warn(sink, step.span)
    defaults = AXES[len(values) - 1]
    given = [value for value in values[1:] if isinstance(value, str)]
    names = tuple(
        value if isinstance(value, str) else _axis_name(defaults[axis], given)
        for axis, value in enumerate(values[1:])
    )
    extents = tuple(None if isinstance(value, str) else value for value in values[1:])
    assert isinstance(values[0], int)
    return InputSpec(values[0], names, extents)


def _sample(step: tree.Input) -> list[int | str] | None:
    """`input N x 3 x 224 x 224`: what stands behind a batch."""
    dims = [int(text) if (text := dim.span.text).isdecimal() else text for dim in step.dims]
    return argument_order.without_batch([1, *dims[1:]])


def _axis_name(name: str, taken: list[str]) -> str:
    return name if name not in taken else f"{name}'"


def _dimension(
    elaborator: Elaborator, step: tree.Input, position: int, context: Context
) -> int | str | None:
    sink, dim = elaborator.session.sink, step.dims[position]
    value: Any = dim.value
    if isinstance(value, tree.Name):
        resolve = elaborator.session.files.resolve
        if context.scope.has(value.id) or resolve(context.module, value.id):
            value = elaborator.expressions.name(value, context)
            context.frame.pin(value)
            if isinstance(value, Unknown):
                return None
        elif position > 0 and len(value.id) == 1 and value.id.isupper():
            return value.id
        else:
            what = (
                "the channels of an input are never free"
                if position == 0
                else f"`{value.id}` is neither a parameter nor a free extent"
            )
            help = "a free extent is one capital letter: input 3 x H x W"
            if position == 0:
                help = "write how many there are: input 3 x H x W"
                if (sample := _sample(step)) is not None:
                    help = argument_order.no_batch(sample)
            sink.error(codes.INPUT, what, dim.span, "not a number", help=[help])
            return None
    if isinstance(value, int) and value > limits.LARGEST_SIZE:
        message = f"a dimension of an input is at most {limits.LARGEST_SIZE:,}, not {show(value)}"
        sink.error(codes.NUMBER, message, dim.span)
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        sink.error(
            codes.INPUT,
            f"a dimension of an input is an int of at least 1, not the {type_name(value)} "
            f"{show(value)}",
            dim.span,
            f"this is {show(value)}",
            help=[f"`let n = round({dim.span.text})` before it is an int: `input … x n`"]
            if isinstance(value, float)
            else [],
        )
        return None
    return int(value)


def overridden(
    sink: Sink, step: tree.Input, spec: InputSpec, override: GivenSize
) -> InputSpec | None:
    """The declared input with what is given in its place; None after an error."""
    try:
        meant = override.instead_of(spec)
    except UnfitError as error:
        label = "the declared input"
        sink.error(codes.OVERRIDE, str(error), step.span, label, help=[error.help])
        return None
    if (strange := override.channels_last(spec)) is not None:
        message, help = strange
        sink.warning(codes.ORDER, message, help=[help])
    if override.sets_rank(spec) and (short := override.one_short(spec)) is not None:
        message, help = short
        sink.warning(codes.FEWER_DIMENSIONS, message, help=[help])
    return meant


def what_sets_the_rank(step: tree.Input, meant: InputSpec, override: GivenSize) -> Label:
    """Beside a step that takes only as many dimensions as are declared."""
    count = len(meant.extents)
    return Label(
        step.span, f"{override.said} makes it {count} spatial dimension{'s' * (count != 1)}"
    )


def extents_by_name(
    sink: Sink, steps: Sequence[tree.Step], declared: Sequence[str], meant: InputSpec, why: Label
) -> bool:
    """Whether the free extents that conditions speak of are there with another number of them."""
    gone = {name for name in declared if name not in meant.names}
    found = False
    for step in steps:
        if isinstance(step, tree.Expect):
            found_here = [name for name in nodes(step.condition) if isinstance(name, tree.Name)]
            for name in sorted(found_here, key=lambda name: name.span.start):
                if name.id in gone:
                    found = True
                    message = f"the input has no extent `{name.id}`"
                    sink.error(codes.OVERRIDE, message, name.span, "not there", others=[why])
    return not found
