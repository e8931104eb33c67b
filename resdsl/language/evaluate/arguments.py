"""The arguments that are written at a call: each for one parameter, of its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.extents import Size
from resdsl.language.messages import argument_help
from resdsl.language.messages.argument_help import listed, parameter_names
from resdsl.language.names.symbols import Symbol
from resdsl.language.values import types
from resdsl.language.values.values import Callee, article, holds_tensors, show, type_name
from resdsl.ops import REGISTRY
from resdsl.ops.base import OpParameter
from resdsl.records import dataclass
from resdsl.source import Span
from resdsl.syntax import tree


@dataclass(frozen=True, slots=True)
class Given:
    """An argument's value and where it is written; whether by its place alone."""

    value: Any
    span: Span
    by_place: bool = False


class Written:
    """Reads the arguments of calls. Values come from elsewhere; unknown ones are of any type."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    def given(
        self,
        node: tree.Call,
        callee: Callee,
        value_of: Callable[[tree.Expr], Any],
        hidden: tuple[str, ...] = (),
    ) -> dict[str, Given] | None:
        """By parameter, the arguments written at a call; None after an error.

        `hidden` are parameters that the call gets from elsewhere: a stage's stride, or what the
        family of an instantiation has bound.
        """
        names = parameter_names(callee.target)
        given: dict[str, Given] = {}
        failed = False
        named: tree.Argument | None = None
        for position, argument in enumerate(node.arguments):
            if argument.name is not None:
                named = named or argument
            elif named is not None:
                self._late(argument, named)
                return None
            value = value_of(argument.value)
            name = self._parameter(node, callee, names, argument, position)
            if name is None and argument.name is None:
                # One too many: so are those that follow.
                return None
            if name is None:
                failed = True
            elif name in given:
                failed = True
                if names.count(name) == 1:  # else two parameters have one name, and that was told
                    self._twice(node, callee, argument, name, given[name])
            elif name in hidden:
                failed = True
                self._hidden(argument, callee, name)
            elif not self._ignored(callee):
                given[name] = Given(value, argument.value.span, argument.name is None)
                failed |= not self.fits(callee, name, given[name], node)
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
            given = len(node.arguments)
            self.sink.error(
                codes.ARGUMENT,
                f"`{callee.name}` {takes}, but {given} {'is' if given == 1 else 'are'} given",
                argument.span,
                "one too many",
                others=defined(callee),
                help=[argument_help.too_many(node, callee)],
            )
            return None
        if argument.name.id in names:
            return argument.name.id
        self.sink.error(
            codes.ARGUMENT,
            f"`{callee.name}` has no parameter `{argument.name.id}`",
            argument.name.span,
            "unknown parameter",
            others=defined(callee),
            help=[argument_help.unknown_parameter(node, argument, callee)],
        )
        return None

    def _late(self, argument: tree.Argument, named: tree.Argument) -> None:
        self.sink.error(
            codes.ARGUMENT,
            "arguments without a name come first",
            argument.span,
            "has no name",
            others=[Label(named.span, "has one")],
        )

    def _ignored(self, callee: Callee) -> bool:
        return callee.target == "identity"

    def _twice(
        self, node: tree.Call, callee: Callee, argument: tree.Argument, name: str, first: Given
    ) -> None:
        self.sink.error(
            codes.ARGUMENT,
            f"the parameter `{name}` is given twice",
            argument.span,
            "given again here",
            others=[Label(first.span, "first given here")],
            help=argument_help.twice(node, callee, name, argument),
        )

    def _hidden(self, argument: tree.Argument, callee: Callee, name: str) -> None:
        if callee.kind == "network":
            message, help = f"`{name}` has its value already", "a family keeps what is not bound"
        elif argument.name is None:
            message = f"this is `{name}` of `{callee.name}`, which `/s` gives already"
            help = f"its parameters in order are {listed(parameter_names(callee.target))}"
        else:
            message = f"`/s` gives `{name}` already"
            help = f"write the {name} behind `/` or here, not both"
        self.sink.error(codes.ARGUMENT, message, argument.span, "given again here", help=[help])

    def fits(self, callee: Callee, name: str, item: Given, node: tree.Call | None = None) -> bool:
        """Whether a value is of its parameter's type; if not, that is told. `node`: the call."""
        problem = self._type_problem(callee.target, name, item.value)
        if problem is None:
            return True
        if node is not None and _is_count(node, item):
            return False
        self.sink.error(
            codes.TYPE,
            f"`{name}` of `{callee.name}` {problem}",
            item.span,
            f"this is {show(item.value)}",
            others=defined(callee),
            help=argument_help.misfit(node, callee, name, item.value, item.span, problem),
        )
        return False

    def _type_problem(self, target: str | Symbol, name: str, value: Any) -> str | None:
        parameter = _parameter(target, name)
        if isinstance(parameter, tree.Parameter):
            return type_problem(value, parameter)
        return None if parameter is None else types.op_problem(parameter, value)


def _is_count(node: tree.Call, item: Given) -> bool:
    """`basic(8 x 2`, whose `)` is missing: the parser said so."""
    is_open = node.parenthesised and not node.span.text.endswith(")")
    return is_open and isinstance(item.value, Size) and node.arguments[-1].span.holds(item.span)


def defined(callee: Callee) -> list[Label]:
    """Where a definition of the author's own stands."""
    if isinstance(callee.target, Symbol) and not callee.target.module.library:
        return [Label(callee.target.node.name.span, "defined here")]
    return []


def _parameter(target: str | Symbol, name: str) -> OpParameter | tree.Parameter | None:
    if isinstance(target, str):
        return next((p for p in REGISTRY[target].parameters() if p.name == name), None)
    return next((p for p in target.node.parameters if p.name.id == name), None)


def as_declared(target: str | Symbol, name: str, value: Any) -> Any:
    """A value that fits a parameter, as that has it: a float is one whatever its value."""
    parameter = _parameter(target, name)
    if isinstance(parameter, tree.Parameter):
        return types.declared(value, parameter.type)
    return value if parameter is None else types.op_declared(parameter, value)


def type_problem(value: Any, parameter: tree.Parameter) -> str | None:
    """What is wrong with a value for a parameter, as the end of a sentence."""
    is_tensor = holds_tensors(value)
    if is_tensor and not types.is_of_tensors(parameter.type):
        return "must be a value, not a tensor"
    if parameter.type is None or parameter.type.name not in types.NAMES:
        return None  # of an unknown type, which was told
    if types.fits(value, parameter.type):
        return None
    wanted = types.describe(parameter.type)
    if is_tensor or types.is_of_tensors(parameter.type):
        return f"must be {wanted}, not {article(type_name(value))}"
    if parameter.type.name == "one_of" and isinstance(value, str):
        return f"must be {wanted}, not {show(value)}"
    return f"must be {wanted}, not the {type_name(value)} {show(value)}"


def _count(n: int, word: str) -> str:
    return f"{n} {word}" + ("" if n == 1 else "s")
