"""Instances of blocks and shortcuts: a definition with its arguments, in its surroundings."""

from __future__ import annotations

from typing import Any

from resdsl.design.model import Definition, Instance, Ref
from resdsl.diagnostics import codes
from resdsl.extents import Shape
from resdsl.language.elaborate.definitions import (
    IN_CHANNELS,
    OUT_CHANNELS,
    STRIDE,
    Definitions,
    frame_text,
)
from resdsl.language.evaluate.arguments import Given
from resdsl.language.evaluate.calls import Calls
from resdsl.language.evaluate.session import Session
from resdsl.language.names.symbols import Symbol
from resdsl.language.values import sampling
from resdsl.language.values.context import (
    Call,
    Conflict,
    Context,
    Deferred,
    Frame,
    ResidualContext,
    Sampling,
)
from resdsl.language.values.origins import outside, stripped
from resdsl.language.values.scope import Scope
from resdsl.language.values.values import UNKNOWN, Callee, OutShape, TensorValue
from resdsl.provenance import Leaf, traced
from resdsl.syntax import tree


class Instances:
    """Makes instances."""

    def __init__(self, session: Session, calls: Calls, definitions: Definitions) -> None:
        self.session = session
        self.sink = session.sink
        self.calls = calls
        self.definitions = definitions
        # Each definition's calls that were elaborated: for those inside of what std had made, its.
        self.calls_of: dict[Definition, list[Call]] = {}

    def make(
        self,
        callee: Callee,
        given: dict[str, Given],
        context: Context,
        call: Call,
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
        arguments = self.calls.arguments(call.span, callee, given, context.environment, inside)
        if arguments is None or shape is None:
            return None
        main_shape = None if residual is None else context.frame.shapes[residual.main]
        if residual is not None and main_shape is None:
            return None
        outer = self._outer_arguments(callee, given, arguments, shape, residual, context)
        made = self.definitions.made(symbol, arguments, inside, call)
        if made is None:
            return None
        definition = made.definition
        calls = self.calls_of.setdefault(definition, [])
        if not calls or (calls[-1].span, calls[-1].environment) != (call.span, call.environment):
            calls.append(call)
        for where in made.uses:
            setting = context.environment.at(where)
            if setting is not None:
                self.calls.used(setting)
        if residual is not None and definition.reads_main:
            residual.reads_main = True
        inputs = (shape, main_shape) if definition.reads_main else (shape,)
        within = self.sink.within(frame_text(symbol, arguments), call.span, call.settings)
        with within, self.session.shape_errors.first():
            errors = self.sink.errors
            shapes = self.session.inference.shapes(definition, inputs)  # type: ignore[arg-type]
            if self.sink.errors > errors:
                return None
        result = shapes[definition.output]
        result = result.with_channels(outside(result.channels, outer))
        return Instance(definition, outer), result, made.ratio

    def _inside(
        self,
        symbol: Symbol,
        shape: Shape | None,
        context: Context,
        current: Ref,
        residual: ResidualContext | None,
    ) -> Context:
        """The surroundings of a definition's body: `in`, and for a shortcut `out stride main`."""
        frame = Frame(symbol, symbol.module, outer=context.frame)
        scope = Scope()
        names = {parameter.name.id for parameter in symbol.node.parameters}

        def implied(name: str, value: Any) -> Any:
            """A number by its name in the body, unless a parameter has that name."""
            return stripped(value) if name in names else traced(value, Leaf(name))

        if shape is not None:
            shape = shape.with_channels(implied(IN_CHANNELS, int(shape.channels)))
        word, where = context.frame.makers[current]
        ref = frame.new(shape, word, where)
        scope.let("in", TensorValue(ref, "in"))
        frame.sampling[ref] = sampling.start(shape.rank if shape is not None else 0)
        served = None
        if residual is not None:
            channels = implied(OUT_CHANNELS, int(residual.out.channels))
            shape = context.frame.shapes[residual.main]
            if shape is not None and shape.channels == channels:
                shape = shape.with_channels(channels)
            main = frame.new(shape, "main", None)
            out = OutShape(channels, residual.out.rank)
            served = ResidualContext(out, implied(STRIDE, residual.stride), main)
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
            outer.setdefault(OUT_CHANNELS, residual.out.channels)
            outer[STRIDE] = residual.stride
        # What comes in, too, where a parameter has taken its name.
        implied = () if residual is None else (residual.out.channels, residual.stride)
        for value in (*outer.values(), shape.channels, *implied):
            context.frame.pin_all(value)
        return outer
