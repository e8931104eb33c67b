"""Arguments to parameters: what a call, a bound value, the `set`s in force and defaults give.

Precedence: written at the call, bound in a value, inner `set`, outer `set`, default.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resdsl.design.model import Ref
from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.evaluate.arguments import Given, Written, as_declared, defined, type_problem
from resdsl.language.evaluate.evaluation import Evaluation
from resdsl.language.evaluate.uses import Uses
from resdsl.language.names.symbols import Symbol
from resdsl.language.values import types
from resdsl.language.values.context import Context, Frame
from resdsl.language.values.origins import stripped
from resdsl.language.values.rounding import rounding
from resdsl.language.values.scope import Environment
from resdsl.language.values.values import (
    UNKNOWN,
    Callee,
    TensorValue,
    Unknown,
    holds_tensors,
    show,
    too_large,
)
from resdsl.ops import REGISTRY, SLOTS, Op
from resdsl.ops.base import REQUIRED
from resdsl.provenance import Leaf, itemised, origin, traced
from resdsl.source import Span
from resdsl.syntax import tree


class Calls:
    """Binds arguments."""

    def __init__(self, sink: Sink, uses: Uses, expressions: Evaluation) -> None:
        self.sink = sink
        self.used = uses.used
        self.expressions = expressions
        # What an argument's expression is; tensors may stand in it where steps are elaborated.
        self.argument: Callable[[tree.Expr, Context], Any] = expressions.value
        self.written = Written(self.sink)

    def resolved(self, callee: Callee, environment: Environment) -> Callee:
        """A slot replaced by what it is bound to, its own bound arguments on top."""
        if not (isinstance(callee.target, str) and callee.target in SLOTS):
            return callee
        setting = environment.slots.get(callee.target)
        bound_to = Callee(SLOTS[callee.target])
        if setting is not None:
            self.used(setting)
            bound_to = setting.value
        return Callee(
            bound_to.target, tuple({**dict(bound_to.bound), **dict(callee.bound)}.items())
        )

    def partial(self, node: tree.Call, callee: Callee, context: Context) -> Any:
        """`bottleneck(cardinality=32)` as a value: the same callee with more bound."""
        if callee.kind == "network":
            return self._network_called(node)
        target = self.resolved(callee, context.environment)
        given = self.given(node, target, context)
        if given is None:
            return UNKNOWN
        bound = {**dict(callee.bound), **{name: item.value for name, item in given.items()}}
        if any(isinstance(value, Unknown) for value in bound.values()):
            return UNKNOWN
        for item in given.values():
            if holds_tensors(item.value):
                self.no_tensor(item.span, f"`{node.callee.id}` as a value")
                return UNKNOWN
        made = Callee(callee.target, tuple(bound.items()))
        if (most := too_large(made)) is not None:
            message = f"`{callee.name}` is given as a value with {most}"
            self.sink.error(codes.LIMIT, message, node.span)
            return UNKNOWN
        return made

    def _network_called(self, node: tree.Call) -> Any:
        self.sink.error(
            codes.STRUCTURE,
            f"`{node.callee.id}` is a network, and networks cannot be called",
            node.callee.span,
            "a network",
            help=[f"`network name = {node.callee.id}(…)` makes another network of it"],
        )
        return UNKNOWN

    def no_tensor(self, span: Span, what: str) -> None:
        """Of a tensor as an argument of what is no step."""
        message = f"a tensor cannot be bound in {what}"
        help = "it is an argument where the step is called"
        self.sink.error(codes.TENSOR, message, span, "a tensor", help=[help])

    def given(
        self, node: tree.Call, callee: Callee, context: Context, hidden: tuple[str, ...] = ()
    ) -> dict[str, Given] | None:
        """By parameter, the arguments written at a call, as it has them; None after an error."""
        value = self.argument
        found = self.written.given(node, callee, lambda expr: value(expr, context), hidden)
        return None if found is None else self._declared(callee, found, context.frame)

    def handed(
        self, callee: Callee, given: dict[str, Given], context: Context
    ) -> dict[str, Given] | None:
        """Arguments that come from elsewhere (a stage's stride), as `given`."""
        if not all(self.written.fits(callee, name, item) for name, item in given.items()):
            return None
        return self._declared(callee, given, context.frame)

    def _declared(self, callee: Callee, given: dict[str, Given], frame: Frame) -> dict[str, Given]:
        """Each value as the parameter's type has it."""
        return {
            # Not `replace`, which is slow: there is one for every argument.
            name: Given(
                _kept(item.value, as_declared(callee.target, name, item.value), frame),
                item.span,
                item.by_place,
            )
            for name, item in given.items()
        }

    # --- operators ---

    def operator(
        self, node_span: Span, callee: Callee, given: dict[str, Given], environment: Environment
    ) -> Op | None:
        """The operator with all its arguments; None after an error. `callee` is resolved."""
        assert isinstance(callee.target, str)
        bound = dict(callee.bound)
        values: dict[str, Any] = {}
        cls = REGISTRY[callee.target]
        for parameter in cls.parameters():
            name = parameter.name
            setting = environment.default(callee.target, name)
            if name in given:
                value = given[name].value
            elif name in bound:
                value = bound[name]
            elif setting is not None:
                self.used(setting)
                value = setting.value
            elif parameter.default is REQUIRED:
                self._missing(node_span, callee, name, given)
                return None
            else:
                continue
            if isinstance(value, Unknown):
                return None
            if isinstance(value, TensorValue):
                value = True
            # What is written at the call was looked at when it was read.
            problem = None if name in given else types.op_problem(parameter, value)
            if problem is not None:
                self.sink.error(codes.TYPE, f"`{name}` of `{callee.name}` {problem}", node_span)
                return None
            values[name] = value
        return cls(**values)

    def tensors(self, callee: Callee, given: dict[str, Given]) -> tuple[Ref, ...]:
        """What the parameters of an operator are given that are tensors, in order."""
        assert isinstance(callee.target, str)
        names = [parameter.name for parameter in REGISTRY[callee.target].parameters()]
        values = (given[name].value for name in names if name in given)
        return tuple(value.ref for value in values if isinstance(value, TensorValue))

    def _missing(self, span: Span, callee: Callee, name: str, given: dict[str, Given]) -> None:
        bound = dict(callee.bound)
        # By its place an argument may go to what the value has bound already.
        taken = [one for one, item in given.items() if item.by_place and one in bound]
        help = [
            f"{show(given[one].value)} goes to `{one}`, which is bound to {show(bound[one])}: "
            f"perhaps `{name}={show(given[one].value)}` is meant"
            for one in taken[:1]
        ]
        self.sink.error(
            codes.ARGUMENT,
            f"`{callee.name}` needs a value for `{name}`",
            span,
            f"`{name}` is missing",
            others=defined(callee),
            help=help,
        )

    # --- definitions ---

    def arguments(
        self,
        span: Span,
        callee: Callee,
        given: dict[str, Given],
        environment: Environment,
        inside: Context,
        entered: Callable[[str, Any], Any] = lambda _, value: value,
    ) -> dict[str, Any] | None:
        """The value of every parameter of a definition; None after an error.

        Defaults are evaluated `inside` the definition, parameter by parameter, and may use the
        earlier ones and `in`; each value is bound there, a tensor as what it is when it has
        `entered`.
        """
        assert isinstance(callee.target, Symbol)
        bound = dict(callee.bound)
        values: dict[str, Any] = {}
        for parameter in callee.target.node.parameters:
            name = parameter.name.id
            setting = environment.default(callee.target, name)
            if name in given:
                value = given[name].value
            elif name in bound:
                value = bound[name]
            elif setting is not None:
                self.used(setting)
                value = setting.value
            elif parameter.default is not None:
                value = self.expressions.value(parameter.default, inside)
                if not self._default_fits(parameter, value):
                    return None
                # A default of the emitted text is a number: it does not follow another argument.
                inside.frame.pin_all(value)
            else:
                self._missing(span, callee, name, given)
                return None
            if isinstance(value, Unknown):
                return None
            if types.is_of_tensors(parameter.type):
                value = entered(name, value)
            else:
                value = _kept(value, types.declared(value, parameter.type), inside.frame)
            values[name] = value
            bind(inside, name, value)
        return values

    def _default_fits(self, parameter: tree.Parameter, value: Any) -> bool:
        problem = type_problem(value, parameter)
        if problem is None or parameter.default is None:
            return True
        self.sink.error(
            codes.TYPE,
            f"the default of `{parameter.name.id}` {problem}",
            parameter.default.span,
            f"this is {show(value)}",
            help=rounding(value, parameter.default.span, channels=True)
            if "an int" in problem
            else (),
        )
        return False


def _kept(value: Any, made: Any, frame: Frame) -> Any:
    """`made` of `value`, whose numbers are held to what they are where their origins are lost."""
    if made is not value and origin(made) is None:
        frame.pin_all(value)
    return made


def bind(context: Context, name: str, value: Any) -> None:
    """Gives a definition's parameter its value, with itself as the origin of a number, or of the
    numbers of a network's list."""
    own = stripped(value)
    is_list = context.network and type(own) is tuple
    context.scope.let(name, itemised(own, name) if is_list else traced(own, Leaf(name)))
