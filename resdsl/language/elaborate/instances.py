"""Instances of blocks and shortcuts: a definition with its arguments, in its surroundings."""

from __future__ import annotations

from typing import Any, NamedTuple

from resdsl.design.model import Definition, Instance, Ref
from resdsl.diagnostics import codes
from resdsl.extents import Shape
from resdsl.language.elaborate.definitions import (
    IN_CHANNELS,
    OUT_CHANNELS,
    STRIDE,
    Definitions,
    channels_of,
    frame_text,
)
from resdsl.language.elaborate.library import Made
from resdsl.language.elaborate.reach import told
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
from resdsl.provenance import Leaf, leaves, origin, traced
from resdsl.syntax import tree


class Instantiated(NamedTuple):
    """An instance, the shapes and sampling of its results, how far apart their elements lie, and
    what tensor parameters are given."""

    instance: Instance
    results: list[Shape]
    ratios: tuple[Sampling | Conflict, ...]
    apart: tuple[tuple[int, ...] | None, ...]
    tensors: tuple[Ref, ...]


class _Entering:
    """Tensor arguments on their way into a definition: each is a value of its own there."""

    def __init__(
        self, inside: Frame, outside: Frame, current: Ref, given: dict[str, Given]
    ) -> None:
        self.inside = inside
        self.outside = outside
        self.given = given
        # No tensor of a list is called as a parameter is.
        self.parameters = {one.name.id for one in inside.symbol.node.parameters}
        # The parameters, and what is given for each tensor by its name inside.
        self.names: set[str] = set()
        self.tensors: dict[str, Ref] = {}
        # By what is known inside, what that is outside: a default may be `in`.
        self._outer: dict[Ref, Ref] = {0: current}

    def value(self, name: str, value: Any) -> Any:
        """The value of a parameter inside."""
        self.names.add(name)
        if isinstance(value, TensorValue):
            return self._tensor(name, value, name in self.given)
        if type(value) is not tuple:
            return UNKNOWN  # another parameter has its name, as was told
        return tuple(
            self._tensor(self._of_list(name, place), item, name in self.given)
            for place, item in enumerate(value)
        )

    def _of_list(self, name: str, place: int) -> str:
        found = f"{name}{place}"
        while found in self.parameters or found in self.tensors:
            found += "_"
        return found

    def _tensor(self, name: str, value: TensorValue, is_given: bool) -> TensorValue:
        outer = value.ref if is_given else self._outer[value.ref]
        shape = self.outside.shapes[outer]
        if shape is not None:
            channels, leaf = int(shape.channels), channels_of(name)
            is_own = leaf not in self.parameters
            shape = shape.with_channels(traced(channels, Leaf(leaf)) if is_own else channels)
        word, where = self.outside.makers[outer]
        ref = self.inside.new(shape, word, where)
        # It is no way through what is fed.
        self.inside.sampling[ref] = None
        self.inside.enter(ref, self.outside, outer)
        self.inside.tensors[name] = ref
        self.tensors[name] = outer
        self._outer[ref] = outer
        return TensorValue(ref, name)


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
    ) -> Instantiated | None:
        """An instance of a block or shortcut, with the shapes and sampling of its results here.

        `residual` is what a shortcut serves, else None. None after an error.
        """
        symbol = callee.target
        assert isinstance(symbol, Symbol)
        shape = context.frame.shapes[current]
        inside = self._inside(symbol, shape, context, current, residual)
        entering = _Entering(inside.frame, context.frame, current, given)
        bound = self.calls.arguments(
            call.span, callee, given, context.environment, inside, entering.value
        )
        if bound is None or shape is None or inside.frame.is_broken:
            return None
        arguments = {name: value for name, value in bound.items() if name not in entering.names}
        main_shape = None if residual is None else context.frame.shapes[residual.main]
        if residual is not None and main_shape is None:
            return None
        outer = self._outer_arguments(callee, given, arguments, shape, residual)
        for name, ref in entering.tensors.items():
            entered = context.frame.shapes[ref]
            assert entered is not None
            outer.setdefault(channels_of(name), entered.channels)
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
        inputs = (shape, *(context.frame.shapes[ref] for ref in entering.tensors.values()))
        if definition.reads_main:
            inputs = (*inputs, main_shape)
        within = self.sink.within(lambda: frame_text(symbol, arguments), call.span, call.settings)
        with within, self.session.shape_errors.first():
            errors = self.sink.errors
            shapes = self.session.inference.shapes(definition, inputs)  # type: ignore[arg-type]
            if self.sink.errors > errors:
                return None
        self._decide(made, outer, shape, residual, context)
        results = [self._outside(shapes[ref], outer, context.frame) for ref in definition.outputs]
        tensors = tuple(entering.tensors.values())
        instance = Instance(definition, outer)
        return Instantiated(instance, results, made.ratios, made.apart, tensors)

    def _outside(self, result: Shape, outer: dict[str, Any], frame: Frame) -> Shape:
        """The shape of a result, its channels in the terms of the caller."""
        channels = outside(result.channels, outer)
        if origin(channels) is None:
            # Where they come from may be lost.
            for name in leaves(origin(result.channels)):
                frame.pin_all(outer.get(name))
        return result.with_channels(channels)

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
        frame.enter(ref, context.frame, current)
        served = None
        if residual is not None:
            channels = implied(OUT_CHANNELS, int(residual.out.channels))
            shape = context.frame.shapes[residual.main]
            if shape is not None and shape.channels == channels:
                shape = shape.with_channels(channels)
            main = frame.new(shape, "main", None)
            frame.enter(main, context.frame, residual.main)
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
        return outer

    def _decide(
        self,
        made: Made,
        outer: dict[str, Any],
        shape: Shape,
        residual: ResidualContext | None,
        context: Context,
    ) -> None:
        """Notes what the call decides by its arguments, and by what comes in."""
        frame = context.frame
        told(made.reach, outer, frame)
        for value in outer.values():
            if isinstance(value, bool) or not isinstance(value, int | float):
                frame.pin_all(value)
        # Where a parameter has taken its name, nobody says what hangs on it.
        names = {parameter.name for parameter in made.definition.parameters}
        if IN_CHANNELS in names:
            frame.pin(shape.channels)
        if residual is not None and OUT_CHANNELS in names:
            frame.pin(residual.out.channels)
        if residual is not None:
            frame.pin_all(residual.stride)
