"""`reuse encoder`: the module of a label, called once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from resdsl.design.again import copied, in_the_terms_of_the_first
from resdsl.design.dataflow import outer
from resdsl.design.model import Apply, Body, Fork, Instance, Join, Ref, Residual, Run
from resdsl.design.walk import bodies
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label
from resdsl.diagnostics.suggest import did_you_mean
from resdsl.extents import Shape
from resdsl.language.elaborate.apart import apart_text, goes_beyond
from resdsl.language.elaborate.builder import Builder, Entry
from resdsl.language.elaborate.inner_bodies import InnerBodies
from resdsl.language.elaborate.tensor_values import TensorValues
from resdsl.language.evaluate.arguments import type_problem
from resdsl.language.evaluate.expressions import Expressions
from resdsl.language.evaluate.session import Session
from resdsl.language.names.mentions import mentions, nodes
from resdsl.language.names.stems import stems
from resdsl.language.names.symbols import Symbol
from resdsl.language.values import sampling, types
from resdsl.language.values.context import Context
from resdsl.language.values.values import Callee, TensorValue, Unknown
from resdsl.ops import REGISTRY
from resdsl.ops.base import OpParameter
from resdsl.syntax import tree


class Reuses:
    """Elaborates further calls of modules."""

    def __init__(
        self,
        session: Session,
        expressions: Expressions,
        tensors: TensorValues,
        bodies: InnerBodies,
    ) -> None:
        self.session = session
        self.expressions = expressions
        self.sink = session.sink
        self.tensors = tensors
        self.bodies = bodies

    def apply(self, step: tree.Apply, node: tree.Reuse, context: Context, builder: Builder) -> None:
        """`[label:] reuse LABEL [x n]`"""
        label = self.bodies.label(step.label, context)
        entry = self.entry(node, context, builder)
        count = 1 if step.count is None else self.bodies.count(step.count, context)
        for place in range(count or 0):
            here = context.at(builder.current, builder)
            if entry is not None:
                here = self.apart(node, entry, here, builder)
            made = None if entry is None else self.made(node, entry, here)
            if made is None:
                count = None
                break
            if place == (count or 0) - 1:
                made.label = label
            builder.steps.append(made)
            builder.current = made.output
        if count is None:
            builder.current = context.frame.new(None, "reuse", step.span)

    def before_fork(self, node: tree.Fork, context: Context, builder: Builder) -> None:
        """What all branches are fed is apart, where one of them calls such a module."""
        for branch in node.branches:
            unit = branch.unit
            if isinstance(unit, tree.Reuse):
                name = self.bodies.composed(unit.label.name, unit.label.index, context)
                entry = _last(name, builder)
                if entry is not None:
                    self.apart(unit, entry, context.at(builder.current, builder), builder)

    def apart(self, node: tree.Reuse, entry: Entry, context: Context, builder: Builder) -> Context:
        """What copies and groups are fed is each one's own, and apart from what they read by name,
        as for the first call."""
        first, current = entry.apply, context.current
        is_group = any(bodies(first))
        if current is None or not (first.repeated or is_group):
            return context
        names = context.scope.names_of(current) + context.scope.lists_of(current)
        given = [argument.value for argument in node.arguments]
        named = [n for n in names if mentions(given, {n, *stems(n)})]
        if is_group and current in outer(Body(first.input, first.output, [first])):
            named.append("here")
        return builder.apart(named[0], node.span, context) if named else context

    def entry(self, node: tree.Reuse, context: Context, builder: Builder) -> Entry | None:
        """The module that is meant; None after an error."""
        name = self.bodies.composed(node.label.name, node.label.index, context)
        if name is None:
            return None
        entry = _last(name, builder)
        if entry is None:
            self._unknown(name, node, context, builder)
            return None
        why = None
        if entry.is_shortcut:
            why = "a shortcut, which belongs to its residual"
        elif entry.fork is not None and entry.apply.repeated:
            why = "a branch of several copies, side by side"
        if why is not None:
            message = f"`{name}` is {why}, and cannot be called again"
            self.sink.error(
                codes.STRUCTURE, message, node.span, "", others=[Label(entry.span, "it is here")]
            )
            return None
        return entry

    def _unknown(self, name: str, node: tree.Reuse, context: Context, builder: Builder) -> None:
        known = [entry.label for entry in builder.entries if entry.label is not None]
        if (found := _elsewhere(node, context.frame.symbol.node)) is not None:
            why, label, help = found
            if why == _OTHER_BODY and context.frame.is_broken:
                return  # perhaps a mistake hid it
            message = f"`{name}` {why}"
            self.sink.error(
                codes.UNKNOWN_NAME,
                message,
                node.label.span,
                "not a module before it",
                others=[Label(label.span, "here")],
                help=[help],
            )
            return
        if isinstance(context.scope.find(name), TensorValue):
            self.sink.error(
                codes.UNKNOWN_NAME,
                f"`{name}` is a tensor: `reuse` calls a module again",
                node.label.span,
                "not a module",
                help=[f"`join {name}` goes on with it", "a label before a step names its module"],
            )
            return
        meant = did_you_mean(name, known)
        listed = ", ".join(f"`{label}`" for label in known[:10])
        self.sink.error(
            codes.UNKNOWN_NAME,
            f"no module before this one is called `{name}` in the same body",
            node.label.span,
            "unknown label",
            help=[meant or (f"those before it are {listed}" if known else "label the first call")],
        )

    def made(self, node: tree.Reuse, entry: Entry, context: Context) -> Apply | None:
        """The call, unnamed; None after an error."""
        first, frame, current = entry.apply, context.frame, context.current
        assert current is not None
        tensors = self._arguments(node, entry, context)
        if tensors is None or frame.shapes[current] is None:
            return None
        if not self._serves(node, entry, context, [current, *tensors]):
            return None
        values: dict[Ref, Ref] = {}

        def new(like: Ref) -> Ref:
            values[like] = frame.new(None, *frame.makers[like])
            return values[like]

        apply, steps = copied(first, current, tensors, new)
        if any(frame.shapes[before] is None for before in values):
            return None  # a mistake in what is called
        apply.span = node.span
        for one, two in steps:
            if isinstance(two, Residual | Fork | Join):
                assert isinstance(one, Residual | Fork | Join)
                places = self.session.shape_errors.places
                if one in places:
                    places[two] = places[one]
        errors = self.sink.errors
        within = self.sink.within(lambda: f"`{node.span.text}`", node.span)
        with within, self.session.shape_errors.first():
            self.session.inference.call(apply, frame.shapes)  # type: ignore[arg-type]
        if self.sink.errors > errors:
            return None
        in_the_terms_of_the_first(frame.shapes, values.items())
        for before, ref in values.items():
            frame.enter(ref, frame, before)
        if not self._is_within(node, entry, apply, context):
            return None
        frame.pin_extents()
        entry.again.append(apply)
        for ref, before in zip(
            (apply.output, *apply.others), (first.output, *first.others), strict=True
        ):
            ratio = sampling.ratio(frame.sampling.get(before), frame.sampling.get(first.input))
            frame.sampling[ref] = sampling.times(frame.sampling.get(current), ratio)
            frame.makers[ref] = (entry.label or entry.word, node.span)
        return apply

    def _is_within(self, node: tree.Reuse, entry: Entry, apply: Apply, context: Context) -> bool:
        """Whether the strides of the module, which is built already, are within the output stride
        here too."""
        most = context.environment.output_stride
        results = (apply.output, *apply.others)
        if not any(goes_beyond(context.frame, apply.input, ref, most) for ref in results):
            return True
        self.sink.error(
            codes.OUTPUT_STRIDE,
            f"`{entry.label}` takes a stride, and here it goes beyond the output stride of {most}",
            node.span,
            "its stride cannot be left out for one of its calls",
            others=[Label(entry.span, "made here")],
            help=["a module of its own has its own stride: write the call without `reuse`"],
        )
        return False

    def _serves(self, node: tree.Reuse, entry: Entry, context: Context, fed: list[Ref]) -> bool:
        """Whether the module takes what it is fed: channels and rank are as for its first call."""
        frame, first = context.frame, entry.apply
        before = first.fed(first.runs[0])[: len(fed)] if first.runs else (first.input,)
        unit = first.runs[0].unit if first.runs else None
        tensors = unit.definition.tensors if isinstance(unit, Instance) else ()
        for place, (one, two) in enumerate(zip(before, fed, strict=False)):
            was, found = frame.shapes[one], frame.shapes[two]
            if was is None or found is None:
                return False
            frame.compare_numbers(was.channels, found.channels)
            if self._kind(was) != self._kind(found):
                text = self.session.shape_errors.text
                of = f" as its `{tensors[place - 1]}`" if place else ""
                given = "is given" if place else "comes in"
                self.sink.error(
                    codes.MISMATCH,
                    f"`{entry.label}` was made for {text(was)}{of}, and here {text(found)} {given}",
                    node.span,
                    "other channels" if was.rank == found.rank else "another number of dimensions",
                    others=[Label(entry.span, "made here")],
                )
                return False
            apart = frame.apart.get(one), frame.apart.get(two)
            if apart[0] != apart[1]:
                then, now = map(apart_text, apart)
                self.sink.error(
                    codes.OUTPUT_STRIDE,
                    f"`{entry.label}` was made for elements that lie {then} apart, and here they "
                    f"lie {now} apart",
                    node.span,
                    "beyond the output stride",
                    others=[Label(entry.span, "made here")],
                    help=["with an output stride a module serves tensors of one stride"],
                )
                return False
        own = [place for place, ref in enumerate(fed) if place and ref == fed[0]]
        return all(self._serves_its_own(node, entry, run, own) for run in first.runs)

    def _serves_its_own(
        self, node: tree.Reuse, entry: Entry, run: Run, places: Sequence[int]
    ) -> bool:
        """Whether copies take what they are fed for these tensors too: `here` is each one's own."""
        if not isinstance(run.unit, Instance):
            return True
        definition = run.unit.definition
        main, *others = (definition.shapes[ref] for ref in definition.inputs)
        for place in places:
            if self._kind(main) != self._kind(other := others[place - 1]):
                text = self.session.shape_errors.text
                self.sink.error(
                    codes.MISMATCH,
                    f"`{entry.label}` was made for {text(other)} as its "
                    f"`{definition.tensors[place - 1]}`, and here a copy's own input, "
                    f"{text(main)}, is given",
                    node.span,
                    "`here` is each copy's own input",
                    others=[Label(entry.span, "made here")],
                    help=["`keep` names the current tensor for all copies"],
                )
                return False
        return True

    def _kind(self, shape: Shape) -> object:
        """Of a flat tensor its length counts, which may be told or follow from the input."""
        count = self.session.shape_errors.feature_count(shape) if shape.flat else None
        return count or int(shape.channels), shape.rank, shape.flat

    # --- tensor arguments ---

    def _arguments(self, node: tree.Reuse, entry: Entry, context: Context) -> list[Ref] | None:
        """What tensor parameters are given anew; None after an error."""
        names = self._tensor_parameters(entry)
        given: dict[str, Any] = {}
        for place, argument in enumerate(node.arguments):
            name = argument.name.id if argument.name is not None else None
            if name is None and place < len(names):
                name = list(names)[place]
            if name not in names or name in given:
                self._value_given(argument, entry, list(names))
                return None
            value = self.tensors.value(argument.value, context)
            if isinstance(value, Unknown):
                return None
            parameter = names[name]
            if isinstance(parameter, tree.Parameter):
                problem = type_problem(value, parameter)
            else:
                problem = types.op_problem(parameter, value)
            if problem is not None:
                message = f"`{name}` of `{entry.label}` {problem}"
                self.sink.error(codes.TYPE, message, argument.span)
                return None
            given[name] = value
        refs: list[Ref] = []
        for name, parameter in names.items():
            if name not in given:
                default = parameter.default if isinstance(parameter, tree.Parameter) else None
                match default:
                    case tree.Name(id="in"):
                        assert context.current is not None
                        given[name] = TensorValue(context.current, "here")
                    case tree.Name(id=other) if other in given:
                        given[name] = given[other]
                    case tree.ListExpr(items=()):
                        given[name] = ()
                    case _:
                        if not isinstance(parameter, tree.Parameter):
                            continue
                        message = f"`{entry.label}` needs a tensor for `{name}`"
                        help = f"what it is given is given anew: `reuse {entry.label}({name})`"
                        self.sink.error(codes.ARGUMENT, message, node.span, help=[help])
                        return None
            value = given[name]
            refs += [one.ref for one in (value if isinstance(value, tuple) else (value,))]
        runs = entry.apply.runs
        wanted = len(runs[0].tensors) if runs else 0
        if len(refs) != wanted:
            tensors = "one tensor" if wanted == 1 else f"{wanted} tensors"
            given_now = "one is" if len(refs) == 1 else f"{len(refs)} are"
            message = f"`{entry.label}` was made for {tensors}, and here {given_now} given"
            self.sink.error(codes.ARGUMENT, message, node.span)
            return None
        return refs

    def _tensor_parameters(self, entry: Entry) -> dict[str, tree.Parameter | OpParameter]:
        """Those of what it is a call of, in order."""
        unit, context = entry.unit or (None, None)
        if context is None or not isinstance(unit, tree.Call):
            return {}
        callee = self.expressions.find(unit.callee, context)
        if not isinstance(callee, Callee):
            return {}
        target = self.expressions.calls.resolved(callee, context.environment).target
        if isinstance(target, Symbol):
            own = target.node.parameters
            return {one.name.id: one for one in own if types.is_of_tensors(one.type)}
        return {one.name: one for one in REGISTRY[target].parameters() if one.type == "tensor"}

    def _value_given(self, argument: tree.Argument, entry: Entry, names: list[str]) -> None:
        takes = "no arguments"
        if names:
            takes = f"the tensors {', '.join(f'`{name}`' for name in names)} only"
        self.sink.error(
            codes.ARGUMENT,
            f"`{entry.label}` has its arguments already: `reuse` takes {takes}",
            argument.span,
            "given where the module is made",
            others=[Label(entry.span, "made here")],
        )


_OTHER_BODY = "is a module of another body: braces have names of their own"
_BEHIND = "a module is called again behind its first call, in the same body"


def _last(label: str | None, builder: Builder) -> Entry | None:
    """The last module of a body with a label: mostly not far back."""
    if label is None:
        return None
    return next((entry for entry in reversed(builder.entries) if entry.label == label), None)


def _elsewhere(
    node: tree.Reuse, item: tree.Block | tree.Network
) -> tuple[str, tree.LabelName, str] | None:
    """Where in a definition the label stands that is none before a `reuse` in its body, and what to
    do."""
    for step in nodes(item):
        if not isinstance(step, tree.Apply | tree.Stage | tree.Param | tree.Branch):
            continue
        label = step.label
        # What an index makes of a name is not known here.
        if label is None or label.name != node.label.name or label.index or node.label.index:
            continue
        if isinstance(step, tree.Apply | tree.Branch) and isinstance(step.unit, tree.Reuse):
            help = (
                f"the module is called again by its own label: `reuse {step.unit.label.span.text}`"
            )
            return "names what a `reuse` gives, and is no module", label, help
        if step.span.holds(node.span):
            return "stands around this, and does not contain itself", label, _BEHIND
        if label.span.start > node.span.start:
            return "stands behind this", label, _BEHIND
        return _OTHER_BODY, label, _BEHIND
    return None
