"""Definitions with their arguments bound become parts of the design, each once."""

from __future__ import annotations

from typing import Any

from resdsl import limits
from resdsl.design.inference import Inference
from resdsl.design.model import Definition, InputSpec, Instance, Parameter, Ref
from resdsl.diagnostics import codes
from resdsl.diagnostics.model import Sink
from resdsl.extents import Shape
from resdsl.language import library, sampling
from resdsl.language.arguments import Given
from resdsl.language.bodies import Bodies
from resdsl.language.calls import Calls
from resdsl.language.context import Conflict, Context, Deferred, Frame, ResidualContext, Sampling
from resdsl.language.expressions import Expressions
from resdsl.language.files import Files, Module
from resdsl.language.joins import Joins
from resdsl.language.library import Elaboration
from resdsl.language.origins import outside, stripped
from resdsl.language.scope import Environment, Scope, Setting
from resdsl.language.shape_errors import ShapeErrors
from resdsl.language.values import (
    UNKNOWN,
    Callee,
    OutShape,
    Symbol,
    TensorValue,
    Unknown,
    key,
    show,
)
from resdsl.provenance import Leaf, plain, traced
from resdsl.source import Span
from resdsl.syntax import tree

IN_CHANNELS, OUT_CHANNELS, STRIDE = "in_channels", "out_channels", "stride"


class Progress:
    """Numbers the network-level calls and repetitions that read `progress`.

    How many there are is known after a first pass: until `total` is set all read 0.
    """

    def __init__(self, total: int | None = None) -> None:
        self.total = total
        self.seen: dict[object, int] = {}

    def read(self, event: object) -> float:
        """`k / (N-1)` for the k-th of N events."""
        k = self.seen.setdefault(event, len(self.seen))
        return k / (self.total - 1) if self.total is not None and self.total > 1 else 0.0


class Halt(Exception):  # noqa: N818 (control flow, not an error of its own)
    """A limit was exceeded and reported: stop elaborating."""


class Elaborator:
    """Elaborates one network. `input` is what it is fed."""

    def __init__(self, files: Files, sink: Sink, input: InputSpec) -> None:
        self.files = files
        self.sink = sink
        self.expressions = Expressions(self)
        self.calls = Calls(self)
        self.joins = Joins(self)
        self.bodies = Bodies(self)
        self.shape_errors = ShapeErrors(sink, input)
        self.inference = Inference(self.shape_errors)
        self._definitions: dict[Any, Definition | None] = {}
        self._ratios: dict[Definition, Sampling | Conflict] = {}
        self._settings: dict[Definition, set[Any]] = {}
        self._stack: list[tuple[Any, Symbol]] = []
        self._uses: list[set[Any]] = [set()]
        # What each of the stack's is doing.
        self._doing: list[Elaboration] = []
        self.used_statements: set[int] = set()
        self.progress = Progress()
        self._steps = 0

    # --- bookkeeping ---

    @property
    def definition_count(self) -> int:
        return sum(definition is not None for definition in self._definitions.values())

    def used(self, setting: Setting) -> None:
        self.used_statements.add(id(setting.statement))
        for uses in self._uses:
            uses.add(setting.where)

    def count_step(self, span: Span) -> None:
        self._steps += 1
        if self._steps > limits.STEPS:
            self.halt(f"the network has more than {limits.STEPS:,} steps", span)

    def halt(self, message: str, span: Span | None) -> None:
        self.sink.error(codes.LIMIT, message, span)
        raise Halt

    # --- values ---

    def bind(self, context: Context, name: str, value: Any) -> None:
        """Gives a definition's parameter its value, with itself as the origin of a number."""
        context.scope.let(name, traced(stripped(value), Leaf(name)))

    def constant(self, module: Module, item: tree.Let) -> Any:
        """The value of a `let` at the top of a file."""
        name = item.name.id
        if name not in module.constants:
            module.constants[name] = None
            frame = Frame(Symbol(module, item), module)  # type: ignore[arg-type]
            context = Context(frame, module, Scope(), Environment())
            module.constants[name] = stripped(self.expressions.value(item.value, context))
        value = module.constants[name]
        if value is None:
            self.sink.error(
                codes.RECURSION, f"`{name}` is defined by itself", item.name.span, "a circle"
            )
            return UNKNOWN
        return value

    # --- definitions ---

    def instantiate(
        self,
        callee: Callee,
        given: dict[str, Given],
        context: Context,
        span: Span,
        current: Ref,
        residual: ResidualContext | None,
    ) -> tuple[Instance, Shape | None, Sampling | Conflict] | None:
        """An instance of a block or shortcut, with the shape and sampling of its result here.

        `residual` is what a shortcut serves, else None. None after an error.
        """
        symbol = callee.target
        assert isinstance(symbol, Symbol)
        shape = context.frame.shapes[current]
        inside = self._inside(symbol, shape, context, current, residual)
        arguments = self.calls.arguments(span, callee, given, context.environment, inside)
        if arguments is None or shape is None:
            return None
        main_shape = None if residual is None else context.frame.shapes[residual.main]
        if residual is not None and main_shape is None:
            return None
        outer = self._outer_arguments(callee, given, arguments, shape, residual, context)
        known = self._key(symbol, arguments, shape, context, residual)
        definition = self._definition(known, symbol, arguments, inside, span, shape, main_shape)
        if definition is None:
            return None
        for where in self._settings[definition]:
            setting = context.environment.at(where)
            if setting is not None:
                self.used(setting)
        if residual is not None and definition.reads_main:
            residual.reads_main = True
        inputs = (shape, main_shape) if definition.reads_main else (shape,)
        with self.sink.within(_frame_text(symbol, arguments), span):
            shapes = self.inference.shapes(definition, inputs)  # type: ignore[arg-type]
        result = shapes[definition.output]
        result = result.with_channels(outside(result.channels, outer))
        return Instance(definition, outer), result, self._ratios[definition]

    def _inside(
        self,
        symbol: Symbol,
        shape: Shape | None,
        context: Context,
        current: Ref,
        residual: ResidualContext | None,
    ) -> Context:
        """The surroundings of a definition's body: `in`, and for a shortcut `out stride main`."""
        frame = Frame(symbol, symbol.module)
        scope = Scope()
        names = {parameter.name.id for parameter in symbol.node.parameters}
        if shape is not None and IN_CHANNELS not in names:
            shape = shape.with_channels(traced(int(shape.channels), Leaf(IN_CHANNELS)))
        word, where = context.frame.makers[current]
        ref = frame.new(shape, word, where)
        scope.let("in", TensorValue(ref, "in"))
        frame.sampling[ref] = sampling.start(shape.rank if shape is not None else 0)
        served = None
        if residual is not None:
            main = frame.new(_as_out(context.frame.shapes[residual.main], residual), "main", None)
            out = OutShape(
                traced(int(residual.out.channels), Leaf(OUT_CHANNELS)), residual.out.rank
            )
            step = traced(residual.stride, Leaf(STRIDE))
            served = ResidualContext(out, step, main)
            self.bind_shortcut(scope, served)
        return Context(
            frame, symbol.module, scope, context.environment, current=ref, residual=served
        )

    def bind_shortcut(self, scope: Scope, residual: ResidualContext) -> None:
        """`out`, `stride` and `main` hide outer names in a shortcut."""

        def read_stride(node: tree.Name) -> Any:
            if residual.stride is not None:
                return residual.stride
            self.sink.error(
                codes.STRIDE,
                "main has no single stride: its paths are sampled differently, or lead through a "
                "global pool",
                node.span,
                "`stride` cannot be read",
                help=[
                    "write the shortcut in place, with a number for the stride: "
                    "`via { conv(1, out.channels, stride=2) norm }`"
                ],
            )
            return UNKNOWN

        scope.let("out", residual.out)
        scope.let("stride", Deferred(read_stride))
        scope.let("main", TensorValue(residual.main, "main"))

    def _outer_arguments(
        self,
        callee: Callee,
        given: dict[str, Given],
        arguments: dict[str, Any],
        shape: Shape,
        residual: ResidualContext | None,
        context: Context,
    ) -> dict[str, Any]:
        """The arguments with the origins that they have outside, at the call."""
        bound = dict(callee.bound)
        outer: dict[str, Any] = {}
        for name, value in arguments.items():
            outer[name] = given[name].value if name in given else bound.get(name, stripped(value))
        outer.setdefault(IN_CHANNELS, shape.channels)
        if residual is not None:
            outer[OUT_CHANNELS] = residual.out.channels
            outer[STRIDE] = residual.stride
        for value in outer.values():
            context.frame.pin(value)
        return outer

    def _key(
        self,
        symbol: Symbol,
        arguments: dict[str, Any],
        shape: Shape,
        context: Context,
        residual: ResidualContext | None,
    ) -> Any:
        served = None
        if residual is not None:
            served = (int(residual.out.channels), residual.out.rank, key(residual.stride))
        return (
            symbol,
            tuple(key(value) for value in arguments.values()),
            (int(shape.channels), shape.rank, shape.flat, shape.flat and shape.features),
            context.environment.key,
            served,
        )

    def _definition(
        self,
        known: Any,
        symbol: Symbol,
        arguments: dict[str, Any],
        inside: Context,
        span: Span,
        shape: Shape,
        main_shape: Shape | None,
    ) -> Definition | None:
        """The elaborated definition, made now if it is not known."""
        if known in self._definitions:
            found = self._definitions[known]
            if found is None or not found.reads_extents:
                return self._met(known, found)
            # Its linear layers are sized by the extents: one definition for each.
            known = (known, shape, main_shape)
            if known in self._definitions:
                return self._met(known, self._definitions[known])
        self._check_recursion(known, symbol, span)
        place = self._place(known, shape, main_shape) if symbol.module.library else None
        definition = None if place is None else self._recalled(place, known)
        if definition is not None:
            return definition
        if len(self._definitions) >= limits.DEFINITIONS:
            self.halt(f"more than {limits.DEFINITIONS:,} different definitions", span)
        doing = Elaboration(self._steps)
        self._stack.append((known, symbol))
        self._uses.append(set())
        self._doing.append(doing)
        reports, errors = self.sink.reports, self.sink.errors
        with self.sink.within(_frame_text(symbol, arguments), span):
            definition = self._elaborate(symbol, arguments, inside)
        uses = self._uses.pop()
        self._stack.pop()
        self._doing.pop()
        if self.sink.errors > errors or inside.frame.is_broken:
            self._definitions[known] = None
            self._met(known, None)
            return None
        own = {known: definition}
        if definition.reads_extents:
            own[known, shape, main_shape] = definition
        doing.made.update(own)
        doing.uses[definition] = uses
        doing.ratios[definition] = self._ratios[definition]
        doing.steps = self._steps - doing.steps
        self._settings[definition] = uses
        self._enter(own, doing)
        if place is not None and not doing.broken and self.sink.reports == reports:
            library.remember(place, doing)
        return definition

    def _met(self, known: Any, found: Definition | None) -> Definition | None:
        """Notes in what is being elaborated that a definition had been before."""
        for doing in self._doing:
            if found is None:
                doing.broken = True
            elif known not in doing.made:
                doing.found[known] = found
        return found

    def _enter(self, made: dict[Any, Definition], done: Elaboration) -> None:
        """Definitions are elaborated, and known from now on."""
        for known, definition in made.items():
            self._definitions[known] = definition
            self.inference.remember(definition)
        if self._doing:
            self._doing[-1].adopt(done)

    def _place(self, known: Any, shape: Shape, main_shape: Shape | None) -> Any:
        """All that elaborating a library definition can depend on; None if not of std alone."""
        if not library.is_of_library(known):
            return None
        about = self.shape_errors
        return known, shape, main_shape, about.input, tuple(about.conditions)

    def _recalled(self, place: Any, known: Any) -> Definition | None:
        """The definition as another elaboration made it, if this one would make the same."""
        done = library.recall(place)
        if done is None or not done.fits(self._definitions):
            return None
        # Elaborated again, what is beyond a limit is told where it is.
        if (
            self._steps + done.steps > limits.STEPS
            or len(self._definitions) + len(done.made) > limits.DEFINITIONS
            or len(self._stack) + done.depth >= limits.INSTANCE_DEPTH
        ):
            return None
        self._steps += done.steps
        self._settings.update(done.uses)
        self._ratios.update(done.ratios)
        for before, definition in done.found.items():
            self._met(before, definition)
        self._enter(done.made, done)
        return done.made[known]

    def _check_recursion(self, known: Any, symbol: Symbol, span: Span) -> None:
        names = [entry.name for _, entry in self._stack]
        if any(known == entry for entry, _ in self._stack):
            start = next(i for i, (_, entry) in enumerate(self._stack) if entry is symbol)
            circle = " → ".join(f"`{name}`" for name in [*names[start:], symbol.name])
            self.sink.error(
                codes.RECURSION,
                f"`{symbol.name}` contains itself: {circle}",
                span,
                "this closes the circle",
            )
            raise Halt
        if len(self._stack) >= limits.INSTANCE_DEPTH:
            self.halt(
                f"definitions lie more than {limits.INSTANCE_DEPTH} deep inside each other", span
            )

    def _elaborate(self, symbol: Symbol, arguments: dict[str, Any], inside: Context) -> Definition:
        node = symbol.node
        assert node.body is not None
        frame = inside.frame
        body = self.bodies.build(node.body.steps, inside)
        reads_main = inside.residual is not None and inside.residual.reads_main
        shape = frame.shapes[0]
        assert shape is not None
        implicit: dict[str, Any] = {IN_CHANNELS: int(shape.channels)}
        if inside.residual is not None:
            implicit[OUT_CHANNELS] = int(inside.residual.out.channels)
            implicit[STRIDE] = plain(inside.residual.stride)
        definition = Definition(
            symbol.name,
            symbol.kind,  # type: ignore[arg-type]
            symbol.origin,
            node.doc,
            tuple(parameter(item) for item in node.parameters),
            {**implicit, **{name: stripped(value) for name, value in arguments.items()}},
            (0, 1) if reads_main else (0,),
            body,
            frame.shapes,  # type: ignore[arg-type]
            frame.makers,
            frame.reads_extents,
        )
        self._ratios[definition] = frame.sampling.get(body.output)
        return definition


def _as_out(shape: Shape | None, residual: ResidualContext) -> Shape | None:
    """Main's shape inside of a shortcut, where its channels are `out.channels`."""
    if shape is None or shape.channels != residual.out.channels:
        return shape
    return shape.with_channels(traced(int(shape.channels), Leaf(OUT_CHANNELS)))


def parameter(node: tree.Parameter) -> Parameter:
    """A parameter as the design keeps it: literal defaults only."""
    default = node.default
    literal = default.value if isinstance(default, tree.Number | tree.String | tree.Bool) else None
    return Parameter(node.name.id, node.type.span.text if node.type else "", literal, node.doc)


def _frame_text(symbol: Symbol, arguments: dict[str, Any]) -> str:
    shown = []
    for item in symbol.node.parameters:
        name = item.name.id
        value = arguments.get(name, UNKNOWN)
        default = item.default
        same = isinstance(default, tree.Number | tree.String | tree.Bool) and default.value == value
        if isinstance(value, Callee) and isinstance(default, tree.Name):
            same = value == Callee(value.target) and value.name == default.id
        if not isinstance(value, Unknown) and not same:
            shown.append(f"{name}={show(value)}")
    return f"`{symbol.name}({', '.join(shown)})`" if shown else f"`{symbol.name}`"
