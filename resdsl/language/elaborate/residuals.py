"""Residuals and forks: their modules belong to the body around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from resdsl.design.dataflow import around
from resdsl.design.model import (
    Apply,
    Body,
    Branch,
    Fork,
    Group,
    Input,
    Instance,
    Kept,
    Ref,
    Residual,
    Run,
    Skip,
)
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label
from resdsl.extents import Shape
from resdsl.extents.agreement import Agreement, agree
from resdsl.language.elaborate.apart import hint
from resdsl.language.elaborate.builder import Builder
from resdsl.language.elaborate.inner_bodies import InnerBodies
from resdsl.language.elaborate.joins import Joins
from resdsl.language.elaborate.reuses import Reuses
from resdsl.language.elaborate.tensor_values import TensorValues
from resdsl.language.elaborate.unit_modules import Units
from resdsl.language.evaluate.session import Session
from resdsl.language.messages.shape_errors import maker
from resdsl.language.names.mentions import mentions, misread
from resdsl.language.values import sampling
from resdsl.language.values.context import Conflict, Context, Frame, ResidualContext, Sampling
from resdsl.language.values.values import OutShape, TensorValue
from resdsl.source import Span
from resdsl.syntax import tree

if TYPE_CHECKING:
    from resdsl.language.messages.mending import Mend


class Residuals:
    """Elaborates residuals and forks into a builder."""

    def __init__(
        self,
        session: Session,
        joins: Joins,
        tensors: TensorValues,
        units: Units,
        reuses: Reuses,
        bodies: InnerBodies,
    ) -> None:
        self.session = session
        self.sink = session.sink
        self.joins = joins
        self.tensors = tensors
        self.units = units
        self.reuses = reuses
        self.bodies = bodies

    # --- residual ---

    def residual(self, node: tree.Residual, context: Context, builder: Builder) -> None:
        builder.name()
        frame = context.frame
        entry = builder.current
        main, ratio = self._main(node, context, builder)
        skip, combine = self._shortcut(node, context, entry, main, ratio)
        step = Residual(entry, -1, main, skip, combine, node.span)
        if step.shortcut is not None:
            step.shortcut.label = self.bodies.label(node.label, context)
            span = node.label.span if node.label else node.span
            builder.module(step.shortcut, span).is_shortcut = True
        shape = self._sum(node, step, frame, ratio) if step.adds else frame.shapes[skip.ref]
        step.output = frame.new(shape, "residual", node.span)
        ways = (frame.sampling.get(ref) for ref in (main.output, skip.ref))
        frame.sampling[step.output] = sampling.meet(ways)
        met = (main.output, skip.ref) if step.adds else (skip.ref,)
        self.units.steps.strides.meet(step.output, met, frame, node.span)
        builder.steps.append(step)
        builder.current = step.output

    def _main(
        self, node: tree.Residual, context: Context, builder: Builder
    ) -> tuple[Body, Sampling | Conflict]:
        """Main's body and its sampling. What is kept outside of it is no way through it."""
        frame = context.frame
        entry = builder.current
        shape = frame.shapes[entry]
        before = frame.sampling
        frame.sampling = {entry: sampling.start(shape.rank if shape else 0)}
        nested = builder.nested(entry)
        self.bodies.steps(node.main.steps, context.inner(current=entry, part="a main"), nested)
        ratio = frame.sampling.get(nested.current)
        for ref, way in frame.sampling.items():
            if ref != entry:
                before[ref] = sampling.times(before.get(entry), way)
        frame.sampling = before
        return Body(entry, nested.current, nested.steps), ratio

    def _shortcut(
        self, node: tree.Residual, context: Context, entry: Ref, main: Body, ratio: Any
    ) -> tuple[Skip, Literal["add", "replace"]]:
        """What goes around main, and what becomes of it."""
        shape = context.frame.shapes[main.output]
        if node.mode is None:
            return Input(entry), "add"
        if shape is None or context.frame.shapes[entry] is None:
            # Nothing is known of `out`, or of what enters; the mistake that hid it was told.
            return Kept(main.output), "replace"
        flat = shape.features if shape.flat else shape.channels
        out = OutShape(shape.channels if flat is None else flat, shape.rank)
        served = ResidualContext(out, sampling.as_stride(ratio), main.output)
        mode = self._chosen(node.mode, context)
        if mode is None:
            apply = None
        elif isinstance(mode, tree.Call):
            apply = self._called(mode, context, entry, served)
        else:
            apply = self._in_place(mode, context, entry, served)
        if apply is None:
            # Broken, and said so: let the sum pass.
            return Kept(context.frame.new(None, "shortcut", node.span)), "replace"
        return around(apply), "replace" if served.reads_main else "add"

    def _chosen(
        self, mode: tree.Call | tree.Body, context: Context
    ) -> tree.Call | tree.Body | None:
        """The mode that `via where(condition, a, b)` comes to: the other is not looked at. None
        after an error."""
        while isinstance(mode, tree.Call) and mode.callee.id == "where":
            if len(mode.arguments) != 3 or any(one.name for one in mode.arguments):
                message = "`where` takes a condition and two shortcuts"
                self.sink.error(codes.ARGUMENT, message, mode.span, "not three")
                return None
            condition, *modes = (argument.value for argument in mode.arguments)
            if mentions(condition, {"out", "main"}) and not context.residual:
                message = "the condition of a `where` behind `via` is read before main is made"
                help = "a body in place knows it: `via { if out.channels == … { … } else { … } }`"
                self.sink.error(codes.STRUCTURE, message, condition.span, "not known", help=[help])
                return None
            taken = self.units.expressions.condition(condition, context)
            if taken is None:
                return None
            chosen = modes[0 if taken else 1]
            match chosen:
                case tree.Call():
                    mode = chosen
                case tree.Name():
                    mode = tree.Call(chosen, (), False, chosen.span)
                case _:
                    message = "a residual goes `via` a shortcut, and this is a value"
                    self.sink.error(codes.TYPE, message, chosen.span, "no shortcut")
                    return None
        return mode

    def _called(
        self, node: tree.Call, context: Context, entry: Ref, served: ResidualContext
    ) -> Apply | None:
        made = self.units.steps.call(node, context.at(entry), {}, served)
        if made is None:
            return None
        unit = made.unit
        apply = Apply(
            "", "shortcut", None, (made.run(entry),), False, entry, made.output, node.span
        )
        if isinstance(unit, Instance) and unit.definition.reads_main:
            apply.main = served.main
        return apply

    def _in_place(
        self, node: tree.Body, context: Context, entry: Ref, served: ResidualContext
    ) -> Apply:
        inner = context.inner(current=entry, residual=served, part="a shortcut")
        self.units.steps.instances.bind_shortcut(inner.scope, served)
        known = len(context.frame.shapes)
        body = self.bodies.build(node.steps, inner)
        if not body.is_idle:
            self.bodies.own_result(body, known, inner, node.span)
        shape = context.frame.shapes[entry]
        assert shape is not None
        runs = (Run(Group(body), 1, entry, body.output, shape),)
        return Apply("", "shortcut", None, runs, False, entry, body.output, node.span)

    def _sum(
        self, node: tree.Residual, step: Residual, frame: Frame, ratio: Sampling | Conflict
    ) -> Shape | None:
        main, skip = frame.shapes[step.main.output], frame.shapes[step.skip.ref]
        if main is None or skip is None:
            return None
        frame.compare_numbers(main.channels, skip.channels)
        frame.pin_extents()
        met = agree(main, skip, broadcast=False)
        word = Span(node.span.source, node.span.start, node.span.start + len("residual"))
        self.session.shape_errors.places[step] = word
        if met.perfect:
            return main
        both = (step.main.output, step.skip.ref)
        labels = [
            maker(frame, step.main.output, f"main ends with `{{}}`: {self._text(main)}"),
            self._skip_label(node, step, skip, frame),
        ]
        mended = self._mend(step, frame) if met.extents and not met.channels else None
        failed = self.session.shape_errors.disagreement(
            met,
            main,
            skip,
            word,
            [label for label in labels if label is not None],
            residual=True,
            help=(*self._hint(node, step, met, ratio), *hint(frame, both)),
            mended=mended,
            frame=frame,
        )
        return None if failed else main

    def _skip_label(
        self, node: tree.Residual, step: Residual, skip: Shape, frame: Frame
    ) -> Label | None:
        if node.mode is None or step.shortcut is None:
            text = f"the identity gives what `{{}}` made: {self._text(skip)}"
            return maker(frame, step.input, text)
        return Label(node.mode.span, f"the shortcut gives {self._text(skip)}")

    def _text(self, shape: Shape) -> str:
        return self.session.shape_errors.text(shape)

    def _mend(self, step: Residual, frame: Frame) -> Mend | None:
        """What would make the extents agree."""
        refs = (step.input, step.main.output, step.skip.ref)
        start, main, skip = (frame.shapes[ref] for ref in refs)
        if start is None or main is None or skip is None:
            return None
        from resdsl.language.messages.mending import mend

        ways: list[tuple[Apply | Body, Shape]] = [(step.main, skip)]
        if step.shortcut is not None:
            ways.insert(0, (step.shortcut, main))
        every = [way for way, _ in ways]
        found = (mend(way, start, wanted, every) for way, wanted in ways)
        return next(filter(None, found), None)

    def _hint(
        self, node: tree.Residual, step: Residual, met: Agreement, ratio: Sampling | Conflict
    ) -> tuple[str, ...]:
        if node.mode is None:
            # It does nothing where channels and stride stay.
            if met.kinds or not (met.channels or sampling.as_stride(ratio) not in (None, 1)):
                return ()
            return ("`via projection` adds a 1x1 convolution and a norm where the shape changes",)
        if step.shortcut is None:
            return ("the shortcut is the identity here",)
        return ()

    # --- fork ---

    def fork(self, node: tree.Fork, context: Context, builder: Builder) -> None:
        builder.name()
        frame = context.frame
        self.reuses.before_fork(node, context, builder)
        entry = builder.current
        joining = context.inner(current=entry)
        branches: list[Branch] = []
        fork = object()  # this one, of all that a loop makes of the text
        for branch in node.branches:
            inside = context.inner(current=entry, part="a branch")
            made = self._branch(branch, inside, builder, fork)
            if made is None:
                continue
            branches.append(made)
            copies = None
            if made.replicated:
                copies = tuple((run.output, run.count) for run in made.apply.runs)
            tensor = TensorValue(made.apply.output, made.label, copies)
            joining.scope.let(made.label, tensor)
        if len(branches) < len(node.branches) or misread(node):
            builder.current = frame.new(None, "fork", node.span)
            return
        joined = self.joins.join(node.join, joining, [branch.apply for branch in branches])
        if joined is None:
            builder.current = frame.new(None, "fork", node.span)
            return
        expression, shape = joined
        output = frame.new(shape, "fork", node.span)
        self.tensors.sample_join(frame, expression, output, node.join.span)
        step = Fork(entry, output, tuple(branches), expression, node.span)
        self.session.shape_errors.places[step] = node.join.span
        builder.steps.append(step)
        builder.current = output

    def _branch(
        self, node: tree.Branch, context: Context, builder: Builder, fork: object
    ) -> Branch | None:
        label = self.bodies.label(node.label, context)
        if label is None:
            return None
        if isinstance(node.unit, tree.Reuse):
            return self._again(node, node.unit, label, context, builder)
        step = tree.Apply(None, node.unit, node.count, node.span)
        apply = self.units.made(step, context, parallel=True)
        if apply is None:
            return None
        apply.label = label
        entry = builder.module(apply, node.label.span, fork)
        entry.unit = node.unit, context
        return Branch(label, apply, replicated=node.count is not None)

    def _again(
        self,
        node: tree.Branch,
        unit: tree.Reuse,
        label: str,
        context: Context,
        builder: Builder,
    ) -> Branch | None:
        """A branch that calls a module of before."""
        if node.count is not None:
            message = "a branch that calls a module again is one call"
            self.sink.error(codes.STRUCTURE, message, node.count.span, "no copies")
            return None
        entry = self.reuses.entry(unit, context, builder)
        apply = None if entry is None else self.reuses.made(unit, entry, context)
        if apply is None:
            return None
        apply.label = label
        return Branch(label, apply, replicated=False)
