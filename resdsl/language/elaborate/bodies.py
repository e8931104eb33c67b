"""Bodies: steps one after the other, and the values they bind."""

from __future__ import annotations

import keyword
from collections.abc import Sequence
from typing import Any

from resdsl import limits
from resdsl.design.join_expressions import Use
from resdsl.design.model import Apply, Body, Join, Keep, Ref
from resdsl.diagnostics import codes
from resdsl.language.elaborate import tensor_values
from resdsl.language.elaborate.builder import Builder
from resdsl.language.elaborate.composed_names import composed
from resdsl.language.elaborate.joins import Joins
from resdsl.language.elaborate.kept_results import several_results, tell_results, tell_same_name
from resdsl.language.elaborate.left_out import note_idle
from resdsl.language.elaborate.module_names import better_labels, label_problem, name_modules
from resdsl.language.elaborate.outputs import Outputs
from resdsl.language.elaborate.repeats import warn_of_count, warn_of_stride
from resdsl.language.elaborate.residuals import Residuals
from resdsl.language.elaborate.reuses import Reuses
from resdsl.language.elaborate.sets import Sets
from resdsl.language.elaborate.steps import Steps
from resdsl.language.elaborate.tensor_values import TensorValues
from resdsl.language.elaborate.unit_modules import Units
from resdsl.language.evaluate.expressions import Expressions
from resdsl.language.evaluate.session import Session
from resdsl.language.values.context import Context
from resdsl.language.values.values import (
    UNKNOWN,
    Callee,
    TensorValue,
    Unknown,
    article,
    show,
    type_name,
)
from resdsl.provenance import Bound, origin, traced
from resdsl.source import Span
from resdsl.syntax import tree

_UNBINDABLE = frozenset({"in", "out", "main", "here", "index", "count", "progress"})


class Bodies:
    """Builds bodies step by step."""

    def __init__(
        self,
        session: Session,
        expressions: Expressions,
        joins: Joins,
        tensors: TensorValues,
        steps: Steps,
        sets: Sets,
    ) -> None:
        self.session = session
        self.sink = session.sink
        self.expressions, self.calls = expressions, expressions.calls
        self.joins = joins
        self.tensors = tensors
        self.sets = sets
        self.units = Units(session, steps, self)
        self.reuses = Reuses(session, expressions, tensors, self)
        self.residuals = Residuals(session, joins, tensors, self.units, self.reuses, self)
        self.outputs = Outputs(session.sink, self.composed, self._output)
        # The contracts of the network: its `expect`s, each where it stands.
        self.contracts: list[tuple[tree.Expect, Context]] = []

    def build(self, steps: Sequence[tree.Step], context: Context, *, words: bool = False) -> Body:
        """A body of its own, with its modules named. `words`: never numbered (a network)."""
        assert context.current is not None
        builder = Builder(context.current, context.current)
        self.steps(steps, context, builder)
        numbered = name_modules(builder, self.sink, words=words)
        if numbered:
            # What is left out gives its number to the next.
            for entry in builder.entries:
                context.frame.pin(context.frame.left_out.get(id(entry.apply)))
        return Body(builder.input, builder.current, builder.steps, numbered)

    def own_result(self, body: Body, known: int, context: Context, span: Span) -> None:
        """Gives a group that ends with `join a`, a tensor from outside, a value of its own.

        `known`: how many values there were before the group.
        """
        frame, output = context.frame, body.output
        if output >= known:
            return
        names = [] if output == context.current else context.scope.names_of(output)
        body.output = frame.new(frame.shapes[output], *frame.makers[output])
        frame.copy(body.output, output)
        use = Use(output, names[0] if names else "here")
        body.steps.append(Join(output, body.output, use, span))

    def steps(self, steps: Sequence[tree.Step], context: Context, builder: Builder) -> Context:
        """Elaborates steps into `builder`; the surroundings after the last one."""
        for at, step in enumerate(steps):
            self.session.count_step(step.span)
            context = self._step(step, context.at(builder.current, builder), builder)
            if isinstance(step, tree.Apply | tree.Stage) and step.count and builder.steps:
                made = builder.steps[-1]
                # After a mistake it is another one.
                if isinstance(made, Apply) and made.span == step.span:
                    warn_of_count(steps, at, made, self.sink)
                    warn_of_stride(step, made, self.sink)
        return context

    def _step(self, step: tree.Step, context: Context, builder: Builder) -> Context:
        match step:
            case tree.Apply(label=None, unit=tree.Residual() as residual, count=None):
                self.residuals.residual(residual, context, builder)
            case tree.Apply(label=None, unit=tree.Fork() as fork, count=None):
                self.residuals.fork(fork, context, builder)
            case tree.Apply(unit=tree.Reuse() as reuse):
                self.reuses.apply(step, reuse, context, builder)
            case tree.Apply():
                self.units.apply(step, context, builder)
            case tree.Stage():
                self.units.stage(step, context, builder)
            case tree.Let():
                self._let(step, context)
            case tree.SetSlot():
                return self.sets.slot(step, context)
            case tree.SetDefaults():
                return self.sets.defaults(step, context)
            case tree.Keep():
                self._keep(step, builder.current, context, builder)
            case tree.KeepAll():
                self._keep_all(step, context, builder)
            case tree.Join():
                self._join(step, context, builder)
            case tree.If():
                return self._if(step, context, builder)
            case tree.For():
                return self._for(step, context, builder)
            case tree.Expect():
                self._expect(step, context, builder)
            case tree.Output():
                self.outputs.add(step, context, builder)
            case tree.Input():
                self._input(step, context)
            case tree.OutputStride():
                return self.units.steps.strides.step(step, context)
            case tree.Param():
                self.units.param(step, context, builder)
            case tree.Broken():
                # Whatever it makes.
                builder.current = context.frame.new(None, "this step", step.span)
        return context

    # --- bindings ---

    def _bindable(self, name: tree.Name) -> bool:
        if name.id not in _UNBINDABLE:
            return True
        self.sink.error(
            codes.RESERVED, f"`{name.id}` cannot be bound", name.span, "a name of the language's"
        )
        return False

    def _let(self, step: tree.Let, context: Context) -> None:
        call = step.value
        if isinstance(call, tree.Call) and self._is_step(step, call, context):
            value: Any = UNKNOWN
        else:
            value = self.tensors.value(call, context)
        if not self._bindable(step.name):
            value = UNKNOWN  # what reads it is not told of
        context.scope.let(step.name.id, named(step.name.id, value))

    def _is_step(self, step: tree.Let, call: tree.Call, context: Context) -> bool:
        """`let y = block(in)`, which is told."""
        callee = self.expressions.find(call.callee, context)
        if not isinstance(callee, Callee) or callee.kind == "network":
            return False
        for argument in call.arguments:
            node = argument.value
            if isinstance(node, tree.Name):
                found = self.expressions.find(node, context)
                if isinstance(found, TensorValue):
                    # Here, as few specs have one.
                    from resdsl.language.messages.steps_in_lets import tell_step

                    tell_step(self.sink, step, call, callee, node.id)
                    return True
        return False

    def _keep(self, step: tree.Keep, ref: Ref, context: Context, builder: Builder) -> str | None:
        """Its name; None after an error."""
        name = self.composed(step.name.id, step.index, context)
        if name is None:
            return None
        self._bindable(step.name)
        context.scope.keep(name, TensorValue(ref, name))
        builder.steps.append(Keep(name, ref, step.span))
        return name

    def _keep_all(self, step: tree.KeepAll, context: Context, builder: Builder) -> None:
        """`keep a, b`: all results of the call before it."""
        made = builder.steps[-1] if builder.steps else None
        refs = several_results(made, builder.current)
        if refs is None or len(refs) != len(step.items):
            if context.frame.shapes[builder.current] is not None:
                tell_results(self.sink, step, builder.steps, refs, context.module)
            refs = tuple(context.frame.new(None, "keep", step.span) for _ in step.items)
        first: dict[str, tree.Keep] = {}
        for item, ref in zip(step.items, refs, strict=True):
            name = self._keep(item, ref, context, builder)
            if name in first:
                tell_same_name(self.sink, name, first[name], item)
            elif name is not None:
                first[name] = item

    def composed(
        self, name: str, index: tree.Expr | tree.Indices | None, context: Context
    ) -> str | None:
        """A name with its index or indices; None after an error."""
        return composed(name, index, self.expressions, context)

    def count(self, node: tree.Expr, context: Context) -> int | None:
        """How often a unit is repeated, one copy at a time; None after an error."""
        most = f"each `reuse` is a call of its own: at most {limits.UNROLLED:,}"
        count = self.units.count(node, context, limits.UNROLLED, most)
        context.frame.pin(count)
        return count

    def label(self, node: tree.LabelName | None, context: Context) -> str | None:
        """The text of a label, checked; None where there is none or it cannot be used."""
        if node is None:
            return None
        label = self.composed(node.name, node.index, context)
        if label is None:
            return None
        problem = label_problem(label)
        if keyword.iskeyword(label) and not node.quoted:
            return None  # the parser said so
        if problem is not None:
            self.sink.error(
                codes.LABEL,
                f"`{label}` cannot be the name of a module: {problem}",
                node.span,
                "labels are names of modules and keys of the state dict",
                help=better_labels(label, completes=node.index is None),
            )
            return None
        return label

    # --- control ---

    def _if(self, step: tree.If, context: Context, builder: Builder) -> Context:
        before = len(context.frame.comparisons)
        taken = self.expressions.condition(step.condition, context)
        decided = context.frame.comparisons[before:]
        if taken:
            first = len(builder.steps)
            context = self.steps(step.body.steps, context, builder)
            if len(decided) == 1 and step.orelse is None:
                note_idle(context.frame, before, builder.steps[first:])
            return context
        if taken is None or step.orelse is None:
            return context
        if isinstance(step.orelse, tree.If):
            return self._if(step.orelse, context, builder)
        return self.steps(step.orelse.steps, context, builder)

    def _for(self, step: tree.For, context: Context, builder: Builder) -> Context:
        items = self.tensors.value(step.iterable, context)
        if isinstance(items, Unknown):
            return context
        if type(items) is not tuple:
            self.sink.error(
                codes.TYPE,
                f"`for` goes through a list, not {article(type_name(items))}",
                step.iterable.span,
                f"this is {show(items)}",
                help=["`range(n)` is the list 0 … n-1"] if isinstance(items, int) else [],
            )
            return context
        for item in items:
            self.session.count_step(step.span)
            if not self._bind_loop(step, item, context):
                break
            context = self.steps(step.body.steps, context, builder)
        return context

    def _bind_loop(self, step: tree.For, item: Any, context: Context) -> bool:
        if not all(self._bindable(name) for name in step.names):
            return False
        if len(step.names) == 1:
            context.scope.let(step.names[0].id, tensor_values.named(step.names[0].id, item))
            return True
        if not isinstance(item, tuple) or len(item) != len(step.names):
            self.sink.error(
                codes.VALUE,
                f"`for` binds {len(step.names)} names, but an element is {show(item)}",
                step.iterable.span,
                f"elements of {len(step.names)} values are needed",
            )
            return False
        for name, value in zip(step.names, item, strict=True):
            context.scope.let(name.id, tensor_values.named(name.id, value))
        return True

    # --- tensors ---

    def _join(self, step: tree.Join, context: Context, builder: Builder) -> None:
        builder.current = self._joined(step.value, context, builder, "join", step.span)

    def _output(
        self, value: tree.Expr, context: Context, builder: Builder, name: str, span: Span
    ) -> Ref:
        return self._joined(value, context, builder, name, span, is_output=True)

    def _joined(
        self,
        value: tree.Expr,
        context: Context,
        builder: Builder,
        maker: str,
        span: Span,
        *,
        is_output: bool = False,
    ) -> Ref:
        """What an expression over tensors makes; the current tensor stays what it is."""
        frame = context.frame
        joined = self.joins.join(value, context, is_output=is_output)
        if joined is None:
            return frame.new(None, maker, span)
        expression, shape = joined
        if isinstance(expression, Use):
            # A kept tensor is meant again: nothing is computed.
            return expression.ref
        return self.tensors.computed(expression, shape, builder, frame, (maker, span), value.span)

    # --- what stands in some places only ---

    def _expect(self, step: tree.Expect, context: Context, builder: Builder) -> None:
        if context.network:
            self.contracts.append((step, context))
            return
        holds = self.expressions.condition(step.condition, context)
        if holds is False:
            values = self._read_values(step.condition, context)
            self.sink.error(
                codes.CONTRACT,
                f"`{context.frame.symbol.name}` expects {step.condition.span.text}",
                step.condition.span,
                ", ".join(values) or "this is false",
            )
            # What the condition keeps out is not told again.
            builder.current = context.frame.new(None, "expect", step.span)

    def _read_values(self, node: tree.Expr, context: Context) -> list[str]:
        """`in.channels = 10`: what the two sides of a comparison are."""
        if not isinstance(node, tree.Binary) or node.op in ("and", "or"):
            return []
        shown = []
        for side in (node.left, node.right):
            if not isinstance(side, tree.Number | tree.String | tree.Bool | tree.SizeLiteral):
                value = self.expressions.value(side, context)
                shown.append(f"{side.span.text} = {show(value)}")
        return shown

    def _input(self, step: tree.Input, context: Context) -> None:
        where = "once, before all steps" if context.network else "in a network only"
        self.sink.error(
            codes.INPUT,
            f"`input` stands {where}",
            step.span,
            "not here",
        )


def named(name: str, value: Any) -> Any:
    """A `let`'s value, whose origin gets the name."""
    source = origin(value)
    if source is not None:
        return traced(value, Bound(name, source))
    return tensor_values.named(name, value)
