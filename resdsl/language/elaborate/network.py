"""A network with its parameters and input: the root of a design."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace
from functools import cache
from math import prod
from typing import Any

from resdsl import limits
from resdsl.design.again import has_first_calls
from resdsl.design.cutting import cut, whole
from resdsl.design.dataflow import all_read
from resdsl.design.inference import EffortError
from resdsl.design.model import Body, Definition
from resdsl.design.network import Network
from resdsl.design.walk import nesting
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Diagnostic, Sink
from resdsl.extents import Shape, variable
from resdsl.language.elaborate.builder import Builder
from resdsl.language.elaborate.definitions import IN_CHANNELS, parameter
from resdsl.language.elaborate.elaborator import Elaborator
from resdsl.language.elaborate.families import Family, amended, amended_contracts, family
from resdsl.language.elaborate.module_names import name_modules
from resdsl.language.elaborate.network_input import (
    extents_by_name,
    input_spec,
    no_input,
    overridden,
    what_sets_the_rank,
)
from resdsl.language.elaborate.outputs import Asked, warn_of_cut
from resdsl.language.elaborate.recursion_room import deep_recursion
from resdsl.language.elaborate.size_conditions import declared, verify
from resdsl.language.elaborate.variants import Elaboration, varied
from resdsl.language.evaluate.arguments import Given
from resdsl.language.evaluate.idle_settings import warn_of_idle_settings
from resdsl.language.evaluate.session import Halt, Progress
from resdsl.language.names.files import Files
from resdsl.language.names.symbols import Symbol
from resdsl.language.values import sampling
from resdsl.language.values.comparisons import deciding
from resdsl.language.values.context import Context, Frame
from resdsl.language.values.features import Wanted
from resdsl.language.values.input_sizes import GivenSize
from resdsl.language.values.origins import stripped
from resdsl.language.values.scope import Environment, Scope
from resdsl.language.values.values import Callee, FreeExtent, TensorValue
from resdsl.provenance import are_numbers
from resdsl.records import dataclass
from resdsl.source import Span
from resdsl.syntax import tree


@dataclass(slots=True, eq=False)
class Elaborated:
    """A network's design, and the contracts to verify, each with the surroundings it stands in."""

    network: Network
    contracts: list[tuple[tree.Expect, Context]]
    elaborator: Elaborator
    # What an instantiation of a family gives it.
    bound: Mapping[str, Any]
    # The numbers among its parameters by which nothing is decided.
    undecisive: Set[str]
    # With `--set` or `--input` the contracts are not checked.
    overridden: bool = False

    @property
    def definition_count(self) -> int:
        """How many definitions were elaborated."""
        return self.elaborator.definitions.count

    @property
    def has_room(self) -> bool:
        """Whether it and all its variants together would be within the limits of one."""
        session = self.elaborator.session
        of_limits = (
            self.definition_count / limits.DEFINITIONS,
            session.steps / limits.STEPS,
            session.inference.effort / limits.EFFORT,
        )
        return max(of_limits) * (1 << limits.FLAGS) <= 1


def elaborate(
    files: Files,
    symbol: Symbol,
    settings: Mapping[str, Given],
    override: GivenSize | None,
    sink: Sink,
    features: Wanted = (),
    output_stride: int | None = None,
) -> Elaborated | None:
    """The design of a network; None after an error.

    `settings` are values of its parameters; `override` replaces its declared input, `features` are
    the outputs that it is to have instead of its own, `output_stride` what its strides are not to
    go beyond.
    """
    made: Elaborated | None
    asked = _Changes(settings, override, features, output_stride)
    with deep_recursion():
        try:
            made = _elaborate(files, symbol, asked, sink, Progress())
            if made is not None and (seen := made.elaborator.session.progress.seen):
                made = _elaborate(files, symbol, asked, sink, Progress(len(seen)))
        except Halt:
            return None
        except EffortError as error:
            sink.error(codes.LIMIT, str(error), symbol.node.name.span)
            return None
        except RecursionError:
            sink.error(codes.LIMIT, "the network is nested too deeply", symbol.node.name.span)
            return None
    if made is None or not made.has_room:
        return made
    own, bound = Elaboration(made.network, made.undecisive), made.bound

    def again(flags: dict[str, bool]) -> Elaboration | None:
        given = {name: Given(value, symbol.node.name.span) for name, value in flags.items()}
        mistakes = Sink()
        values = {**settings, **given}
        other = elaborate(files, symbol, values, override, mistakes, features, output_stride)
        if other is None or not other.has_room or mistakes.errors:
            return None
        return Elaboration(other.network, other.undecisive)

    made.network.varied = cache(lambda: varied(own, bound, again))
    return made


@dataclass(frozen=True, slots=True)
class _Changes:
    """What `elaborate` is asked for besides what the text says."""

    settings: Mapping[str, Given]
    override: GivenSize | None
    features: Wanted
    output_stride: int | None

    @property
    def are_any(self) -> bool:
        is_other = self.override is not None or self.output_stride is not None
        return is_other or bool(self.settings or self.features)


def _elaborate(
    files: Files, symbol: Symbol, changes: _Changes, sink: Sink, progress: Progress
) -> Elaborated | None:
    errors = sink.errors
    elaborator = Elaborator(files, sink)
    session = elaborator.session
    session.progress = progress
    found = family(elaborator, symbol)
    if found is None:
        return None
    assert isinstance(found.symbol.node, tree.Network)
    frame = Frame(found.symbol, found.symbol.module)
    context = Context(frame, found.symbol.module, Scope(), Environment(), network=True)
    context = amended(elaborator, found, context)
    if changes.output_stride is not None:
        context = elaborator.strides.from_outside(changes.output_stride, context)
    callee = Callee(found.symbol, tuple(found.bound.items()))
    span = symbol.node.name.span
    arguments = elaborator.calls.arguments(
        span, callee, dict(changes.settings), context.environment, context
    )
    if arguments is None:
        return None
    asked = _asked(elaborator, found, context, changes.features)
    made: _Root | None = None
    try:
        made = _root(elaborator, found, context, arguments, changes.override, asked)
    finally:
        session.shape_errors.tell(None if made is None else made.definition)
    if made is None:
        return None
    if made.left_out:
        sink.retract(made.is_of_nothing)
    if sink.errors > errors:
        return None
    root = made.definition
    if nesting(root) > limits.DEPTH:
        sink.error(
            codes.LIMIT,
            f"blocks and groups lie more than {limits.DEPTH} deep inside each other",
            span,
        )
        return None
    frame.pinned.update(deciding(frame.comparisons))
    numbers = {name for name, value in arguments.items() if are_numbers(value)}
    undecisive = numbers.difference(frame.pinned)
    names = undecisive.intersection(frame.placed)
    network = Network(
        symbol.name,
        symbol.node.doc or found.symbol.node.doc,
        root,
        session.shape_errors.input,
        symbol.module.place,
        tuple(p.name for p in root.parameters if p.name in names),
        session.shape_errors.conditions,
        symbol.node.name.span,
        made.outputs,
        made.uncut,
    )
    contracts = elaborator.bodies.contracts
    if found.amending:
        contracts = amended_contracts(found, context)
    warn_of_idle_settings(
        elaborator.sets.reached, elaborator.sets.giving, elaborator.uses.statements, sink
    )
    elaborator.strides.warn_of_idle()
    changed = changes.are_any
    return Elaborated(network, contracts, elaborator, found.bound, undecisive, changed)


@dataclass(frozen=True, slots=True)
class _Root:
    """The network's own definition, the names of its outputs where it is asked for some, and where
    the steps stand that these are not made of."""

    definition: Definition
    outputs: tuple[str, ...] = ()
    left_out: tuple[Span, ...] = ()
    uncut: Definition | None = None

    def is_of_nothing(self, found: Diagnostic) -> bool:
        """Whether a mistake in shapes is one of steps that were left out."""
        places = [found.span, *(link.span for link in found.chain)]
        is_of_shapes = found.code.id.startswith("E05") or found.code is codes.OUTPUT_STRIDE
        return is_of_shapes and any(
            span.holds(place) for span in self.left_out for place in places if place is not None
        )


def _asked(
    elaborator: Elaborator, found: Family, context: Context, features: Wanted
) -> list[Asked]:
    """The outputs that the user asks for, or the braces nearest to them; none for the family's."""
    if features:
        return [Asked(name, tap, None, None, None) for name, tap in features]
    for symbol in found.amending:
        assert isinstance(symbol.node, tree.Network)
        steps = [step for step in symbol.node.amendments if isinstance(step, tree.Output)]
        if steps:
            outputs = elaborator.bodies.outputs
            return [one for step in steps for one in outputs.amending(step, context)]
    return []


def _root(
    elaborator: Elaborator,
    found: Family,
    context: Context,
    arguments: dict[str, Any],
    override: GivenSize | None,
    amended: list[Asked],
) -> _Root | None:
    """The network's body and what its outputs, or these `amended` ones, are made of; None after an
    error."""
    node = found.symbol.node
    assert isinstance(node, tree.Network) and node.body is not None
    frame, session = context.frame, elaborator.session
    steps = list(node.body.steps)
    before: list[tree.Step] = []
    while steps and isinstance(steps[0], tree.Let | tree.SetSlot | tree.SetDefaults | tree.Broken):
        before.append(steps.pop(0))
    if not steps or not isinstance(steps[0], tree.Input):
        if any(isinstance(step, tree.Broken) for step in before):
            return None
        no_input(session.sink, node, steps)
        return None
    builder = Builder(-1, -1)
    prepared = elaborator.bodies.steps(before, context, builder)
    step = steps.pop(0)
    assert isinstance(step, tree.Input)
    spec = input_spec(elaborator, step, prepared)
    if spec is None:
        return None
    free = [name for name, extent in zip(spec.names, spec.extents, strict=True) if extent is None]
    if override is not None:
        declared_spec, spec = spec, overridden(session.sink, step, spec, override)
        if spec is None:
            return None
        if len(spec.extents) == len(declared_spec.extents):
            names = dict(zip(declared_spec.names, spec.names, strict=True))
            free = [names[name] for name in free]
        else:
            why = what_sets_the_rank(step, spec, override)
            session.shape_errors.rank_set_by = why
            if not extents_by_name(session.sink, steps, free, spec, why):
                return None
            free = [name for name in free if name in spec.names]
    if spec.channels * prod(extent or 1 for extent in spec.extents) > limits.ELEMENTS:
        session.sink.error(codes.LIMIT, "an input has at most 2**60 elements", step.span)
        return None
    session.shape_errors.input = spec
    axes = tuple(variable(axis) for axis in range(len(spec.extents)))
    shape = Shape(spec.channels, axes, flat=not axes)
    builder.input = builder.current = frame.new(shape, "input", step.span)
    frame.sampling[builder.input] = sampling.start(shape.rank)
    context.scope.let("in", TensorValue(builder.input, "in"))
    for name in free:
        context.scope.let(name, FreeExtent(name))
    conditions = declared(elaborator, steps, prepared, spec.names)
    verify(session.sink, conditions, spec)
    session.shape_errors.conditions = tuple(condition for condition, _ in conditions)
    elaborator.bodies.steps(steps, prepared.at(builder.current), builder)
    name_modules(builder, session.sink, words=True)
    body = Body(builder.input, builder.current, builder.steps)
    outputs = elaborator.bodies.outputs.resolved(body, frame, amended)
    if outputs is None or any(frame.shapes[ref] is None for ref in outputs.values()):
        return None
    # A mistake in what no output is made of is forgotten, but not one in a module that is.
    if frame.is_broken and not (outputs and has_first_calls(body)):
        return None
    values = {name: stripped(value) for name, value in arguments.items()}
    root = Definition(
        found.symbol.name,
        "network",
        found.symbol.origin,
        node.doc,
        tuple(parameter(item) for item in node.parameters),
        {IN_CHANNELS: spec.channels, **values},
        (builder.input,),
        body,
        [shape if other is None else other for other in frame.shapes],
        frame.makers,
        frame.reads_extents,
    )
    if not outputs:
        return _Root(root)
    uncut = root
    root, left_out = cut(root, list(outputs.values()))
    ends = [replace(root.body, output=ref) for ref in outputs.values()]
    if frame.is_broken and any(set(all_read(end)) - {builder.input} for end in ends):
        return None  # a group that makes something of it was lost with a mistake inside
    # A step that has no shape after a mistake is none of the body's, unless what is left holds it.
    left = [step.span for step in whole(root.body) if step.span is not None]
    made = zip(frame.shapes, frame.makers, strict=True)
    lost = (where for shape, (_, where) in made if shape is None and where is not None)
    broken = [where for where in lost if not any(span.holds(where) for span in left)]
    if not amended:
        warn_of_cut(left_out, broken, session.sink)
    spans = [*(step.span for row in left_out for step in row), *broken]
    places = tuple(span for span in spans if span is not None)
    return _Root(root, tuple(outputs), places, None if broken else uncut)
