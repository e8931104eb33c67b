"""Arguments to parameters: what a call, a bound value, the `set`s in force and defaults give.

Precedence: written at the call, bound in a value, inner `set`, outer `set`, default.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resdsl.diagnostics import codes
from resdsl.diagnostics.model import Label
from resdsl.diagnostics.suggest import did_you_mean
from resdsl.language import types
from resdsl.language.context import Context
from resdsl.language.scope import Environment
from resdsl.language.values import UNKNOWN, Callee, Symbol, TensorValue, Unknown, show, type_name
from resdsl.ops import REGISTRY, SLOTS, Op
from resdsl.ops.base import REQUIRED
from resdsl.source import Span
from resdsl.syntax import tree

if TYPE_CHECKING:
    from resdsl.language.elaborate import Elaborator


@dataclass(frozen=True, slots=True)
class Given:
    """An argument's value and where it is written."""

    value: Any
    span: Span


class Calls:
    """Binds arguments."""

    def __init__(self, elaborator: Elaborator) -> None:
        self.elaborator = elaborator
        self.sink = elaborator.sink

    def resolved(self, callee: Callee, environment: Environment) -> Callee:
        """A slot replaced by what it is bound to, its own bound arguments on top."""
        if not (isinstance(callee.target, str) and callee.target in SLOTS):
            return callee
        setting = environment.slots.get(callee.target)
        bound_to = Callee(SLOTS[callee.target])
        if setting is not None:
            self.elaborator.used(setting)
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
        return Callee(callee.target, tuple(bound.items()))

    def _network_called(self, node: tree.Call) -> Any:
        self.sink.error(
            codes.STRUCTURE,
            f"`{node.callee.id}` is a network, and networks cannot be called",
            node.callee.span,
            "a network",
            help=[f"`network name = {node.callee.id}(…)` makes another network of it"],
        )
        return UNKNOWN

    # --- the arguments that are written ---

    def given(
        self, node: tree.Call, callee: Callee, context: Context, hidden: tuple[str, ...] = ()
    ) -> dict[str, Given] | None:
        """By parameter, the arguments written at a call; None after an error.

        `hidden` are parameters that the call gets from elsewhere: a stage's stride, or what the
        family of an instantiation has bound.
        """
        names = parameter_names(callee.target)
        given: dict[str, Given] = {}
        failed = False
        for position, argument in enumerate(node.arguments):
            value = self.elaborator.expressions.value(argument.value, context)
            name = self._parameter(node, callee, names, argument, position)
            if name is None and argument.name is None:
                # One too many: so are those that follow.
                return None
            if name is None:
                failed = True
            elif name in given:
                failed = True
                if names.count(name) == 1:  # else two parameters have one name, and that was told
                    self._twice(argument, name, given[name])
            elif name in hidden:
                failed = True
                self._hidden(argument, callee, name)
            elif not self._ignored(callee):
                given[name] = Given(value, argument.value.span)
                failed |= not self._fits(callee, name, given[name])
        return None if failed else given

    def _parameter(
        self,
        node: tree.Call,
        callee: Callee,
        names: list[str],
        argument: tree.Argument,
        position: int,
    ) -> str | None:
        if self._ignored(callee):
            return argument.name.id if argument.name else f"argument {position}"
        if argument.name is None:
            if position < len(names):
                return names[position]
            takes = f"takes {_count(len(names), 'argument')}" if names else "takes no arguments"
            self.sink.error(
                codes.ARGUMENT,
                f"`{callee.name}` {takes}, but {len(node.arguments)} are given",
                argument.span,
                "one too many",
                others=self.defined(callee),
                help=[f"its parameters are {_listed(names)}"] if names else [],
            )
            return None
        if argument.name.id in names:
            return argument.name.id
        help = did_you_mean(argument.name.id, names)
        self.sink.error(
            codes.ARGUMENT,
            f"`{callee.name}` has no parameter `{argument.name.id}`",
            argument.name.span,
            "unknown parameter",
            others=self.defined(callee),
            help=[help]
            if help
            else [f"its parameters are {_listed(names)}" if names else "it has none"],
        )
        return None

    def _ignored(self, callee: Callee) -> bool:
        return callee.target == "identity"

    def _twice(self, argument: tree.Argument, name: str, first: Given) -> None:
        self.sink.error(
            codes.ARGUMENT,
            f"the parameter `{name}` is given twice",
            argument.span,
            "given again here",
            others=[Label(first.span, "first given here")],
        )

    def _hidden(self, argument: tree.Argument, callee: Callee, name: str) -> None:
        if callee.kind == "network":
            message, help = f"`{name}` has its value already", "a family keeps what is not bound"
        else:
            message = f"the stage gives `{name}` already"
            help = f"write the {name} after the stage's name or here, not both"
        self.sink.error(codes.ARGUMENT, message, argument.span, "given again here", help=[help])

    def _fits(self, callee: Callee, name: str, item: Given) -> bool:
        problem = self._type_problem(callee.target, name, item.value)
        if problem is None:
            return True
        help = []
        if isinstance(item.value, TensorValue):
            help = ["`.channels` and `.rank` of a tensor are numbers"]
        self.sink.error(
            codes.TYPE,
            f"`{name}` of `{callee.name}` {problem}",
            item.span,
            f"this is {show(item.value)}",
            others=self.defined(callee),
            help=help,
        )
        return False

    def _type_problem(self, target: str | Symbol, name: str, value: Any) -> str | None:
        if isinstance(target, str):
            for parameter in REGISTRY[target].parameters():
                if parameter.name == name:
                    return types.op_problem(parameter, value)
            return None
        for declared in target.node.parameters:
            if declared.name.id == name:
                return type_problem(value, declared)
        return None

    def defined(self, callee: Callee) -> list[Label]:
        if isinstance(callee.target, Symbol) and not callee.target.module.library:
            return [Label(callee.target.node.name.span, "defined here")]
        return []

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
                self.elaborator.used(setting)
                value = setting.value
            elif parameter.default is REQUIRED:
                self._missing(node_span, callee, name)
                return None
            else:
                continue
            if isinstance(value, Unknown):
                return None
            problem = types.op_problem(parameter, value)
            if problem is not None:
                self.sink.error(codes.TYPE, f"`{name}` of `{callee.name}` {problem}", node_span)
                return None
            values[name] = value
        return cls(**values)

    def _missing(self, span: Span, callee: Callee, name: str) -> None:
        self.sink.error(
            codes.ARGUMENT,
            f"`{callee.name}` needs a value for `{name}`",
            span,
            f"`{name}` is missing",
            others=self.defined(callee),
        )

    # --- definitions ---

    def arguments(
        self,
        span: Span,
        callee: Callee,
        given: dict[str, Given],
        environment: Environment,
        inside: Context,
    ) -> dict[str, Any] | None:
        """The value of every parameter of a definition; None after an error.

        Defaults are evaluated `inside` the definition, parameter by parameter, and may use the
        earlier ones and `in`; each value is bound there.
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
                self.elaborator.used(setting)
                value = setting.value
            elif parameter.default is not None:
                value = self.elaborator.expressions.value(parameter.default, inside)
                if not self._default_fits(parameter, value):
                    return None
            else:
                self._missing(span, callee, name)
                return None
            if isinstance(value, Unknown):
                return None
            values[name] = value
            self.elaborator.bind(inside, name, value)
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
        )
        return False


def parameter_names(target: str | Symbol) -> list[str]:
    if isinstance(target, str):
        return [parameter.name for parameter in REGISTRY[target].parameters()]
    return [parameter.name.id for parameter in target.node.parameters]


def type_problem(value: Any, parameter: tree.Parameter) -> str | None:
    """What is wrong with a value for a parameter, as the end of a sentence."""
    if isinstance(value, TensorValue):
        return "must be a value, not a tensor"
    if parameter.type is None or types.fits(value, parameter.type):
        return None
    wanted = types.describe(parameter.type)
    if parameter.type.name == "one_of" and isinstance(value, str):
        return f"must be {wanted}, not {show(value)}"
    return f"must be {wanted}, not the {type_name(value)} {show(value)}"


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _count(n: int, word: str) -> str:
    return f"{n} {word}" + ("" if n == 1 else "s")
