"""A call as a step: an operator applied, or an instance of a definition."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from resdsl import limits
from resdsl.design.model import FromSet, Ref, Run, Unit
from resdsl.design.network import InputSpec
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label
from resdsl.extents import Shape
from resdsl.language.elaborate import argument_order
from resdsl.language.elaborate.apart import Apart
from resdsl.language.elaborate.instances import Instances
from resdsl.language.elaborate.output_strides import OutputStrides
from resdsl.language.evaluate.arguments import Given
from resdsl.language.evaluate.expressions import Expressions
from resdsl.language.evaluate.session import Session
from resdsl.language.names.symbols import Symbol
from resdsl.language.values import sampling
from resdsl.language.values.context import Call, Context, ResidualContext
from resdsl.language.values.scope import Setting
from resdsl.language.values.values import Callee, Unknown
from resdsl.ops import Op
from resdsl.ops.base import Needs, Problem
from resdsl.provenance import leaves, origin
from resdsl.source import Span
from resdsl.syntax import tree


class Made(NamedTuple):
    """A unit, its result, and its input's shape with the features of a flat tensor resolved."""

    unit: Unit
    output: Ref
    shape: Shape
    settings: tuple[FromSet, ...] = ()
    tensors: tuple[Ref, ...] = ()
    others: tuple[Ref, ...] = ()

    def run(self, input: Ref, count: int = 1) -> Run:
        return Run(self.unit, count, input, self.output, self.shape, self.settings, self.tensors)


class Steps:
    """Elaborates calls."""

    def __init__(
        self,
        session: Session,
        expressions: Expressions,
        instances: Instances,
        strides: OutputStrides,
    ) -> None:
        self.session = session
        self.sink = session.sink
        self.expressions = expressions
        self.calls = expressions.calls
        self.instances = instances
        self.strides = strides

    def call(
        self,
        node: tree.Call,
        context: Context,
        given: dict[str, Given],
        served: ResidualContext | None,
    ) -> Made | None:
        """A call as a step. `given` comes from elsewhere (a stage's stride).

        `served` is the residual that the call is the shortcut of, else None.
        """
        callee = self.expressions.name(node.callee, context)
        if isinstance(callee, Unknown):
            return None
        if not isinstance(callee, Callee):
            if node.callee.span.start not in context.module.told:
                self.expressions.not_callable(node, callee)
            return None
        if callee.kind == "network":
            self.calls.partial(node, callee, context)
            return None
        slot = callee.target
        callee = self.calls.resolved(callee, context.environment)
        handed = self.calls.handed(callee, given, context)
        written = self.calls.given(node, callee, context, tuple(given))
        if handed is None or written is None:
            return None
        arguments = {**handed, **written}
        settings = context.environment.giving(slot, callee, arguments)
        if isinstance(callee.target, Symbol):
            made = self._instance(node, callee, arguments, settings, context, served)
        else:
            op = self.calls.operator(node.span, callee, arguments, context.environment)
            tensors = self.calls.tensors(callee, arguments)
            made = None if op is None else self._operator(node, op, tensors, context)
        if made is None or not settings:
            return made
        return made._replace(settings=tuple(_noted(s, context) for s in settings.items()))

    def _instance(
        self,
        node: tree.Call,
        callee: Callee,
        given: dict[str, Given],
        settings: dict[str, Setting],
        context: Context,
        served: ResidualContext | None,
    ) -> Made | None:
        frame, current = context.frame, context.current
        assert current is not None
        strange = (
            argument_order.of_block(node, given, frame.shapes[current]) if node.arguments else None
        )
        if strange is not None:
            strange.warn(self.sink, node.span)
        if callee.kind == "shortcut":
            served = served or context.residual
            if served is None:
                self.sink.error(
                    codes.SHORTCUT,
                    f"`{callee.name}` is a shortcut, and no residual is here for it to serve",
                    node.span,
                    "a shortcut stands after `via`, or inside another shortcut",
                    help=[f"`residual {{ … }} via {callee.name}`"],
                )
                return None
        else:
            served = None
        where = Call(node.span, context.environment, {n: s.span for n, s in settings.items()})
        made = self.instances.make(callee, given, context, where, current, served)
        if made is None:
            return None
        shape = frame.shapes[current]
        assert shape is not None
        refs: list[Ref] = []
        for result, ratio, apart in zip(made.results, made.ratios, made.apart, strict=True):
            refs.append(frame.new(result, node.callee.id, node.span))
            frame.sampling[refs[-1]] = sampling.times(frame.sampling.get(current), ratio)
            self.strides.note(refs[-1], apart, context)
        output, *others = refs
        return Made(made.instance, output, shape, (), made.tensors, tuple(others))

    def _operator(
        self, node: tree.Call, op: Op, tensors: tuple[Ref, ...], context: Context
    ) -> Made | None:
        frame, current = context.frame, context.current
        assert current is not None
        shape = frame.shapes[current]
        beside = [known for ref in tensors if (known := frame.shapes[ref]) is not None]
        if shape is None or len(beside) < len(tensors):
            return None
        shape = self._resolved(op, shape, context, node.span)
        if shape is None:
            return None
        entering = frame.shapes[0]
        written = op.within(entering.rank if entering is not None else 0)
        op = written
        is_bounded = context.environment.output_stride is not None
        # What does not fit the tensor as it is written is told as that.
        if is_bounded and self._fits(written, shape, beside):
            bounded = self.strides.applied(written, current, context, node.span)
            if bounded is None:
                return None
            op = bounded
        strange = argument_order.of_operator(node, op, shape) if node.arguments else None
        if strange is not None and (node.span.source.library or self.sink.told(codes.ORDER)):
            strange = None  # what is to be mended is the call
        also = [strange.help] if strange is not None else []
        problem = self._wrong_kind(op, shape)
        needs: Needs = []
        result = problem or op.infer_beside(shape, beside, needs)
        if isinstance(result, Problem):
            word, where = frame.makers[current]
            others = [Label(where, f"`{word}` makes {self._text(shape)}")] if where else []
            rank_set_by = self.session.shape_errors.rank_set_by
            if rank_set_by is not None and result.code is codes.RANK and not shape.flat:
                others = [one for one in others if one.span != rank_set_by.span]
                others.append(rank_set_by)
            self.sink.error(
                result.code,
                result.message,
                node.span,
                result.label or f"{self._text(shape)} comes in",
                others=others,
                help=[*also, *result.help],
            )
            return None
        # Of one that fits: windows of another rank decide nothing.
        self._pin_operator(op, shape, context)
        if not self.session.shape_errors.check_needs(op, shape, needs, node.span, also):
            return None
        if is_huge(op, shape, result, self.session.shape_errors.input):
            self.sink.error(
                codes.LIMIT,
                f"`{op.name}` makes a tensor of more than 2**60 elements",
                node.span,
                f"{self._text(shape)} comes in",
            )
            return None
        apart: Apart | None = ()
        if is_bounded:
            apart = self.strides.behind(written, result, current, tensors, context, node.span)
            if apart is None:
                return None
        self.session.inference.spend(result)
        if strange is not None:
            strange.warn(self.sink, node.span)
        output = frame.new(result, node.callee.id, node.span)
        step = written.sampling(shape.rank)
        frame.sampling[output] = sampling.times(frame.sampling.get(current), step)
        self.strides.note(output, apart, context)
        return Made(op, output, shape, (), tensors)

    def _fits(self, op: Op, shape: Shape, beside: Sequence[Shape]) -> bool:
        problem = self._wrong_kind(op, shape)
        return problem is None and not isinstance(op.infer_beside(shape, beside, []), Problem)

    def _resolved(self, op: Op, shape: Shape, context: Context, span: Span) -> Shape | None:
        """A flat tensor whose length depends on the input gets its length at the declared input."""
        if not shape.flat or not op.needs_channels or shape.features is not None:
            return shape
        count = self.session.shape_errors.feature_count(shape)
        # Weights hold a network to the size that they were made for; nothing else does.
        flat = None if count is None else Shape(count, (), flat=True)
        if flat is None or not (op.tensors(flat) or op.buffers(flat)):
            self.sink.error(
                codes.UNSIZED,
                f"`{op.name}` needs a number of features, but here it depends on the input size",
                span,
                "the length of what comes in is not fixed",
                help=[
                    *(["write numbers in `input`"] if count is None else []),
                    "pool globally before it: `global_avgpool flatten`",
                ],
            )
            return None
        context.frame.reads_extents = True
        context.frame.pin(shape.channels)
        context.frame.pin_extents()
        return flat

    def _wrong_kind(self, op: Op, shape: Shape) -> Problem | None:
        if shape.rank in op.ranks:
            return None
        if shape.flat:
            return Problem(
                codes.RANK,
                f"`{op.name}` works on maps, but the tensor here is flat",
                "a vector comes in",
            )
        if op.ranks == (0,):
            return Problem(
                codes.RANK,
                f"`{op.name}` works on flat tensors, but the map here has {shape.rank} spatial "
                f"dimension{'s' if shape.rank > 1 else ''}",
            )
        return Problem(codes.RANK, f"`{op.name}` does not work in {shape.rank} dimensions")

    def _pin_operator(self, op: Op, shape: Shape, context: Context) -> None:
        """Notes which numbers the operator mentions, which make extents, and which decide."""
        frame = context.frame
        frame.deepen(origin(shape.channels))
        for parameter in op.parameters():
            value = getattr(op, parameter.name)
            if isinstance(value, tuple):
                # The text has the numbers of a size as they are.
                frame.pin_all(value)
            source = origin(value)
            if source is None:
                continue
            frame.deepen(source)
            frame.placed.update(leaves(source))
            if parameter.type.startswith("size"):
                frame.shaping.update(leaves(source))
        for value in op.deciding(shape):
            frame.pin_all(value)

    def _text(self, shape: Shape) -> str:
        return self.session.shape_errors.text(shape)


def _noted(setting: tuple[str, Setting], context: Context) -> FromSet:
    parameter, found = setting
    node, span = context.frame.symbol.node, found.span
    is_inside = span.source is node.span.source and node.span.start <= span.start < node.span.stop
    # A network is elaborated once, whatever amends it.
    return FromSet(parameter, found.where, span if is_inside or context.network else None)


def is_huge(op: Op, shape: Shape, result: Shape, input: InputSpec) -> bool:
    """Whether torch could not count the bytes of a weight or, at any size, of the result."""
    channels, wide = int(shape.channels), int(result.channels)
    is_wide = max(channels, wide) > limits.WIDE or _window(op) > limits.WINDOW
    if is_wide and any(tensor.size > limits.ELEMENTS for tensor in op.tensors(shape)):
        return True
    if result.extents is shape.extents:
        return wide > limits.ELEMENTS
    known = [extent or 1 for extent in input.extents]
    sizes = (e.offset if e.axis is None else e.at(known[e.axis]) for e in result.extents)
    return wide * prod(max(size, 1) for size in sizes) > limits.ELEMENTS


def _window(op: Op) -> int:
    k = getattr(op, "k", 1)
    return max(k) if isinstance(k, tuple) else k
