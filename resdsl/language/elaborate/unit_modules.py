"""Units as modules: once, repeated in series, or side by side."""

from __future__ import annotations

from resdsl import limits
from resdsl.design.model import Apply, Group, Instance, Ref, Run
from resdsl.diagnostics import codes
from resdsl.language.elaborate.builder import Builder
from resdsl.language.elaborate.inner_bodies import InnerBodies
from resdsl.language.elaborate.runs import append, hold_channels, note_count
from resdsl.language.elaborate.steps import Made, Steps
from resdsl.language.evaluate.arguments import Given, defined
from resdsl.language.evaluate.session import Session
from resdsl.language.messages.argument_help import parameter_names
from resdsl.language.messages.stride_behind_count import is_stride_behind_count
from resdsl.language.names.mentions import mentions, nodes, tensors_mentioned
from resdsl.language.names.stems import stems
from resdsl.language.values.context import Context, Deferred
from resdsl.language.values.rounding import rounding
from resdsl.language.values.values import Callee, Unknown, show, type_name
from resdsl.ops import Op
from resdsl.ops.base import held_operators
from resdsl.provenance import origin
from resdsl.syntax import tree

# With these in its text, a repetition's copies differ.
_VARYING = frozenset({"index", "progress"})


class Units:
    """Elaborates units."""

    def __init__(self, session: Session, steps: Steps, bodies: InnerBodies) -> None:
        self.session = session
        self.sink = session.sink
        self.expressions, self.calls = steps.expressions, steps.calls
        self.bodies = bodies
        self.steps = steps

    # --- steps ---

    def apply(self, step: tree.Apply, context: Context, builder: Builder) -> None:
        """`[label:] unit [x n]`."""
        label = self.bodies.label(step.label, context)
        stride = self._stride(step, context)
        if is_stride_behind_count(step, self.sink):
            builder.current = context.frame.new(None, _word(step.unit), step.span)
            return
        context = self._apart(step, context, builder)
        made = self.made(step, context, stride=stride)
        self._add(step, step.label, label, made, context, builder)

    def stage(self, step: tree.Stage, context: Context, builder: Builder) -> None:
        """`stage label [/s]: unit [x n]`."""
        builder.name()
        if not context.network:
            self.sink.error(
                codes.STRUCTURE,
                "a `stage` divides a network, not a block",
                step.label.span,
                "use a label instead",
                help=[f"`{step.label.span.text}: …` names a step of a block"],
            )
        label = self.bodies.label(step.label, context)
        stride = self._stride(step, context)
        if is_stride_behind_count(step, self.sink):
            builder.current = context.frame.new(None, _word(step.unit), step.span)
            return
        plain = tree.Apply(step.label, step.unit, step.count, step.span)
        context = self._apart(plain, context, builder)
        apply = self.made(plain, context, stride=stride)
        if apply is not None:
            apply.stage = True
        self._add(plain, step.label, label, apply, context, builder)

    def param(self, step: tree.Param, context: Context, builder: Builder) -> None:
        """`param label: operator(…)`"""
        builder.name()
        plain = tree.Apply(step.label, step.call, None, step.span)
        label = self._param_label(step, context)
        apply = self.made(plain, context)
        if apply is not None:
            # After a mistake it goes on as a module.
            apply.held = self._can_be_held(step, apply)
        self._add(plain, step.label, label, apply, context, builder)

    def _param_label(self, step: tree.Param, context: Context) -> str | None:
        label = self.bodies.label(step.label, context)
        if label is None or "." not in label:
            return label
        self.sink.error(
            codes.LABEL,
            f"`{label}` cannot be the name of a `param`: the tensor belongs to the body itself",
            step.label.span,
            "a dot leads into a container",
            help=[f"`{label.replace('.', '_')}` would do"],
        )
        return None

    def _can_be_held(self, step: tree.Param, apply: Apply) -> bool:
        """Whether it is an operator that is one learned tensor and nothing else."""
        unit, run = apply.unit, apply.runs[0]
        if isinstance(unit, Op) and unit.held(run.shape) is not None:
            return True
        word = step.call.callee.id
        what = "a module"
        if isinstance(unit, Op):
            tensors = (*unit.tensors(run.shape), *unit.buffers(run.shape))
            names = ", ".join(f"`{tensor.name}`" for tensor in tensors)
            what = f"a module that has {names}" if names else "nothing here is learned"
        self.sink.error(
            codes.STRUCTURE,
            f"`param` takes an operator that is one learned tensor, not `{word}`",
            step.call.span,
            what,
            help=[
                f"such are {', '.join(f'`{name}`' for name in held_operators())}",
                f"as a step it is a module: `{step.label.span.text}: {step.call.span.text}`",
            ],
        )
        return False

    def _add(
        self,
        step: tree.Apply,
        label_node: tree.LabelName | None,
        label: str | None,
        apply: Apply | None,
        context: Context,
        builder: Builder,
    ) -> None:
        if apply is None:
            builder.current = context.frame.new(None, _word(step.unit), step.span)
            return
        apply.label = label
        if label is not None and apply.output != apply.input:
            _, where = context.frame.makers[apply.output]
            context.frame.makers[apply.output] = (label, where)
        entry = builder.module(apply, label_node.span if label_node else step.span)
        entry.unit = step.unit, context
        builder.steps.append(apply)
        builder.current = apply.output

    def _apart(self, step: tree.Apply, context: Context, builder: Builder) -> Context:
        """The surroundings of a repetition, its input apart from an outer name that it reads.

        One body stands for all copies, and has one number for each value. The named tensor is the
        first copy's input, but not that of the others. So it is with a group that is called again.
        """
        current = context.current
        once = isinstance(step.count, tree.Number) and step.count.value <= 1
        is_bare = isinstance(step.unit, tree.Call) and not step.unit.arguments
        is_called_again = isinstance(step.unit, tree.Body) and self._is_reused(step, context)
        if (step.count is None or once) and not is_called_again:
            return context
        if is_bare or current is None:
            return context
        # `s[2]` is read as `s2` and as `s[e]`.
        names = context.scope.names_of(current) + context.scope.lists_of(current)
        unit = tensors_mentioned(step.unit) if isinstance(step.unit, tree.Call) else step.unit
        read = [n for n in names if mentions(unit, {n, *stems(n)})]
        if not read:
            return context
        return builder.apart(read[0], step.span, context)

    def _is_reused(self, step: tree.Apply, context: Context) -> bool:
        """Whether a `reuse` in the same definition may mean it."""
        symbol = context.frame.symbol
        if symbol not in self.session.reused:
            found = (n.label.name for n in nodes(symbol.node) if isinstance(n, tree.Reuse))
            self.session.reused[symbol] = frozenset(found)
        return step.label is not None and step.label.name in self.session.reused[symbol]

    def _stride(self, step: tree.Apply | tree.Stage, context: Context) -> Given | None:
        """What `/s` gives the first copy."""
        if step.stride is None:
            return None
        value = self.expressions.value(step.stride, context)
        context.frame.pin_all(value)
        if not isinstance(step.unit, tree.Call):
            self.sink.error(
                codes.STRUCTURE,
                "a stage with `/s` needs a unit that is a call",
                step.unit.span,
                "nothing here takes the stride",
                help=["make it a block with a parameter `stride`"],
            )
            return None
        callee = self.expressions.name(step.unit.callee, context)
        if isinstance(callee, Callee):
            target = self.calls.resolved(callee, context.environment)
            if "stride" not in parameter_names(target.target):
                own = defined(target)
                declare = "declare `stride: size = 1` and pass it on to what samples"
                self.sink.error(
                    codes.ARGUMENT,
                    f"`{step.unit.callee.id}` has no parameter `stride` for `/s` to set",
                    step.stride.span,
                    "this is its stride",
                    others=own,
                    help=[declare] if own else (),
                )
                return None
        return Given(value, step.stride.span)

    # --- single and repeated ---

    def made(
        self,
        step: tree.Apply,
        context: Context,
        *,
        stride: Given | None = None,
        parallel: bool = False,
    ) -> Apply | None:
        """A step's module, unnamed; None after an error. `parallel`: copies side by side."""
        current = context.current
        assert current is not None
        word = _word(step.unit)
        if isinstance(step.unit, tree.Reuse):
            message = "a `stage` is a module of its own, and `reuse` calls another's"
            help = f"as a step: `{step.unit.span.text}`"
            self.sink.error(codes.STRUCTURE, message, step.unit.span, "not here", help=[help])
            return None
        if step.count is None:
            given = {"stride": stride} if stride is not None else {}
            scoped = self._with_progress(context) if isinstance(step.unit, tree.Call) else context
            made = self._unit(step.unit, scoped, given)
            if made is None:
                return None
            runs: tuple[Run, ...] = (made.run(current),)
            apply = Apply("", word, None, runs, False, current, made.output, step.span)
            apply.others = made.others
            return self._serving(apply, context)
        most = limits.REPLICAS if parallel else limits.REPETITIONS
        count = self.count(step.count, context, most)
        if count is None:
            return None
        if parallel and count == 0:
            self.sink.error(
                codes.VALUE, "a branch needs at least one copy", step.count.span, "this is 0"
            )
            return None
        found = self._repeated(step, context, count, stride, parallel)
        if found is None:
            return None
        output = current if parallel or not found else found[-1].output
        runs = tuple(found)
        return self._serving(Apply("", word, None, runs, True, current, output, step.span), context)

    def _serving(self, apply: Apply, context: Context) -> Apply:
        """A shortcut called inside a shortcut serves the same residual, and may read its main."""
        units = (run.unit for run in apply.runs)
        if any(isinstance(unit, Instance) and unit.definition.reads_main for unit in units):
            assert context.residual is not None
            apply.main = context.residual.main
        return apply

    def count(self, node: tree.Expr, context: Context, most: int, too_many: str = "") -> int | None:
        """How often a unit is repeated, `most` times; None after an error. With its origin."""
        value = self.expressions.value(node, context)
        if isinstance(value, Unknown):
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            self.sink.error(
                codes.TYPE,
                f"a count is an int of at least 0, not the {type_name(value)} {show(value)}",
                node.span,
                "repeats this often",
                help=rounding(value, node.span),
            )
            return None
        if value > most:
            self.session.halt(too_many or f"at most {most:,} copies are possible here", node.span)
        return value

    def _repeated(
        self, step: tree.Apply, context: Context, count: int, stride: Given | None, parallel: bool
    ) -> list[Run] | None:
        """The copies in order, equal neighbours in one run.

        The first copy whose input has the shape of its result stands for all that follow, unless
        their text mentions `index` or `progress`.
        """
        frame = context.frame
        varying = mentions(step.unit, _VARYING)
        runs: list[Run] = []
        current = context.current
        assert current is not None
        done = 0
        # Copies that stand for none of those that follow.
        apart = 0
        while done < count:
            if done >= limits.UNROLLED:
                self.session.halt(
                    f"more than {limits.UNROLLED:,} copies that differ from each other", step.span
                )
            self.session.count_step(step.span)
            given = self._copy_stride(stride, done)
            copy = self._copy(context, current, done, count)
            made = self._unit(step.unit, copy, given)
            if made is None:
                return None
            settled = parallel or frame.is_alike(made.output, current)
            strided = stride is not None and done == 0 and stride.value != 1
            is_last = settled and not varying and not strided
            alike = int(count) - done if is_last else 1
            apart += not is_last
            if settled and (alike > 1 or (is_last and origin(count))) and not parallel:
                hold_channels(frame, made.output, current)
            append(runs, made.run(current, alike), settled, frame)
            done += alike
            if not parallel:
                current = made.output
        if parallel or apart > 1 or apart == done or self._is_reused(step, context):
            frame.pin(count)
        else:
            note_count(frame, runs, count)
        return runs

    def _copy_stride(self, stride: Given | None, index: int) -> dict[str, Given]:
        """A stage's stride goes to its first copy, and 1 to the others."""
        if stride is None:
            return {}
        return {"stride": stride if index == 0 else Given(1, stride.span)}

    def _copy(self, context: Context, current: Ref, index: int, count: int) -> Context:
        copy = context.inner(current=current, holds_keeps=True, part="a repetition", is_copy=True)
        copy.scope.let("index", index)
        copy.scope.let("count", count)
        return self._with_progress(copy, own=True)

    def _with_progress(self, context: Context, *, own: bool = False) -> Context:
        """Binds `progress` for one network-level call or copy; a copy's calls share the copy's."""
        if not context.network or (not own and context.scope.has("progress")):
            return context
        scoped = context if own else context.inner()
        event = object()
        progress = self.session.progress
        scoped.scope.let("progress", Deferred(lambda _: progress.read(event)))
        return scoped

    def _unit(self, node: tree.Unit, context: Context, given: dict[str, Given]) -> Made | None:
        if isinstance(node, tree.Call):
            return self.steps.call(node, context, given, None)
        assert not isinstance(node, tree.Reuse)
        return self._group(node, context)

    def _group(self, node: tree.Body | tree.Residual | tree.Fork, context: Context) -> Made | None:
        current = context.current
        assert current is not None
        steps = (
            node.steps
            if isinstance(node, tree.Body)
            else (tree.Apply(None, node, None, node.span),)
        )
        known = len(context.frame.shapes)
        body = self.bodies.build(steps, context.inner(), words=False)
        shape, result = context.frame.shapes[current], context.frame.shapes[body.output]
        if shape is None or result is None:
            return None
        if not body.is_idle or body.output != current:
            self.bodies.own_result(body, known, context, node.span)
        self.steps.strides.forget(context, known)
        return Made(Group(body), body.output, shape)


def _word(node: tree.Unit) -> str:
    match node:
        case tree.Call():
            return node.callee.id
        case tree.Residual():
            return "residual"
        case tree.Fork():
            return "fork"
        case _:
            return "group"
