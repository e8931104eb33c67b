"""Expressions to values.

An expression that has no value is reported once and is UNKNOWN; so is everything made from it.
Numbers keep the expression that they come from (resdsl.provenance).
"""

from __future__ import annotations

import re
from typing import Any

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label
from resdsl.extents import Size
from resdsl.language.evaluate.arithmetic import Arithmetic
from resdsl.language.evaluate.calls import Calls
from resdsl.language.evaluate.postfix import Postfix
from resdsl.language.evaluate.session import Session
from resdsl.language.evaluate.uses import Uses
from resdsl.language.messages.join_calls import tell_tensor
from resdsl.language.messages.surroundings import Sought, Surroundings
from resdsl.language.names import elsewhere
from resdsl.language.names.stems import stems
from resdsl.language.names.symbols import Module, Symbol
from resdsl.language.values.context import Context, Deferred, Frame
from resdsl.language.values.functions import FUNCTIONS, BadCallError, NotIntsError
from resdsl.language.values.origins import stripped
from resdsl.language.values.rounding import rounding
from resdsl.language.values.scope import Environment, Scope
from resdsl.language.values.values import (
    UNKNOWN,
    Callee,
    TensorValue,
    Unknown,
    article,
    holds_tensors,
    parts,
    show,
    too_large,
    type_name,
)
from resdsl.ops import REGISTRY, SLOTS
from resdsl.provenance import plain
from resdsl.source import Span
from resdsl.syntax import tree

# Kept tensors that a message lists.
_SHOWN = 10
# Names that the language gives a meaning in certain places only.
_PLACES = {
    "out": "`out`, the shape of main's result, can only be read in a shortcut",
    "main": "`main` can only be read in a shortcut",
    "index": "`index` can only be read in what is repeated with `x n`",
    "count": "`count` can only be read in what is repeated with `x n`",
    "progress": "`progress` can only be read in the calls and repetitions of a network",
    "here": "`here` has no tensor at this place",
    "in": "`in` has no tensor at this place",
}


class Expressions:
    """Evaluates expressions in a context."""

    def __init__(self, session: Session, uses: Uses) -> None:
        self.session = session
        self.sink = session.sink
        self.arithmetic = Arithmetic(self)
        self.postfix = Postfix(self)
        self.calls = Calls(self.sink, uses, self)

    def value(self, node: tree.Expr, context: Context) -> Any:
        """The value of an expression, UNKNOWN after an error."""
        self.session.count_value(node.span)
        value = self._evaluated(node, context)
        if type(value) is tuple or (type(value) is Callee and value.bound):
            self.session.count_elements(parts(value), node.span)
        return value

    def _evaluated(self, node: tree.Expr, context: Context) -> Any:
        match node:
            case tree.Number(value) | tree.String(value) | tree.Bool(value):
                return value
            case tree.SizeLiteral(dims):
                return Size(dims)
            case tree.Name():
                return self.name(node, context)
            case tree.Binary():
                return self.arithmetic.chain(node, context)
            case tree.Unary():
                return self.arithmetic.unary(node, context)
            case tree.Field() | tree.Index():
                return self.postfix.value(node, context)
            case tree.ListExpr(items):
                return self._list(items, node, context)
            case tree.Call():
                return self._call(node, context)
            case tree.Broken():
                return UNKNOWN

    def condition(self, node: tree.Expr, context: Context) -> bool | None:
        """The value of a condition; None if it is unknown."""
        value = self.value(node, context)
        if isinstance(value, Unknown):
            return None
        if not isinstance(value, bool):
            self._error(
                codes.TYPE,
                f"a condition must be true or false, not {article(type_name(value))}",
                node,
                f"this is {show(value)}",
            )
            return None
        return value

    # --- names ---

    def name(self, node: tree.Name, context: Context) -> Any:
        found = self.find(node, context)
        return self._unknown_name(node, context) if found is None else found

    def find(self, node: tree.Name, context: Context) -> Any:
        """What a name stands for, innermost first; None if nothing."""
        name = node.id
        if context.facts is not None and context.facts.knows(name):
            return context.facts.value(node, context)
        if context.scope.has(name):
            found = context.scope.find(name)
            return found.compute(node) if isinstance(found, Deferred) else found
        if name == "here" and context.current is not None:
            return TensorValue(context.current, "here")
        if name in context.module.twice:
            return UNKNOWN
        resolved = self.session.files.resolve(context.module, name)
        if resolved is not None:
            home, found = resolved
            if isinstance(found, tree.Let):
                return self.constant(home, found)
            return Callee(found)
        if name in REGISTRY or name in SLOTS:
            return Callee(name)
        return None

    def constant(self, module: Module, item: tree.Let) -> Any:
        """The value of a `let` at the top of a file."""
        name = item.name.id
        if name not in module.constants:
            module.constants[name] = None
            frame = Frame(Symbol(module, item), module)  # type: ignore[arg-type]
            context = Context(frame, module, Scope(), Environment())
            module.constants[name] = stripped(self.value(item.value, context))
        value = module.constants[name]
        if value is None:
            self.sink.error(
                codes.RECURSION, f"`{name}` is defined by itself", item.name.span, "a circle"
            )
            return UNKNOWN
        return value

    def _unknown_name(self, node: tree.Name, context: Context) -> Any:
        if node.id in _PLACES:
            self._error(codes.STRUCTURE, _PLACES[node.id], node, "not here")
            return UNKNOWN
        # Here, as what tells a mistake is: most checks find none.
        from resdsl.language.messages.unknown import is_lost, unknown_name

        module = context.module
        is_told = node.span.source is module.source and node.span.start in module.told
        if is_told or is_lost(node.id, module.lost):
            return UNKNOWN
        item = context.frame.symbol.node
        around = Surroundings.of(item, module)
        bound = around.binders.of(node.id) if self.sink.helps else []
        if bound and node.span.source is module.source:
            self._ended(node, around, bound, context)
            return UNKNOWN
        candidates = [*REGISTRY, *SLOTS, *FUNCTIONS]
        if self.sink.helps:
            candidates += context.scope.all_names()
            candidates += self.session.files.visible(module)
        unknown_name(self.sink, Sought(node, around, candidates))
        return UNKNOWN

    def _ended(
        self,
        node: tree.Name,
        around: Surroundings,
        bound: list[elsewhere.Binder],
        context: Context,
    ) -> None:
        """What is bound in the definition, but not seen at the place."""
        numbered = _numbered(node.id, context)
        if not any(one.span.text == node.id for one in bound):
            numbered = numbered or _numbered(node.id.rstrip("0123456789"), context)
        if numbered:
            are_branches = all(one.kind == "branch" for one in bound)
            self._tell_numbered(node, numbered, around, are_branches)
            return
        before = [one for one in bound if one.span.start < node.span.start]
        nearest = max(before or bound, key=lambda one: one.span.start)
        why = elsewhere.ended(around.enclosing(nearest.node), nearest, node.span)
        hanging = elsewhere.hanging(node.span) if nearest.span.line < node.span.line else []
        self.sink.error(
            codes.UNKNOWN_NAME,
            f"`{node.id}` {why}",
            node.span,
            "not known here",
            others=[Label(nearest.span, "here")],
            help=hanging,
        )

    def _tell_numbered(
        self, node: tree.Name, names: list[str], around: Surroundings, are_branches: bool
    ) -> None:
        """Of `a` or `a7` where `a0`, `a1` … are tensors."""
        listed = f"[{', '.join(names)}]"
        call, _ = around.arguments.get(id(node), (None, 0))
        if node.id[-1].isdigit():
            listed = ""
        elif call is not None and len(call.arguments) == 1 and len(names) > 1:
            listed = f"write `{call.callee.id}({listed})`"
        else:
            listed = f"`{listed}` is a list of them" if len(names) > 1 else ""
        shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
        more = ", …" if len(names) > _SHOWN else ""
        are = "kept tensor is" if len(names) == 1 else "kept tensors are"
        if are_branches:
            are = "branch is" if len(names) == 1 else "branches are"
        self._error(
            codes.UNKNOWN_NAME,
            f"`{node.id}` is no tensor: the {are} {shown}{more}",
            node,
            "not known here",
            *([listed] if listed and not more else []),
        )

    # --- lists ---

    def _list(self, items: tuple[tree.Expr, ...], node: tree.Expr, context: Context) -> Any:
        values = tuple(self.value(item, context) for item in items)
        return self.checked_list(values, node)

    def checked_list(self, values: tuple[Any, ...], node: tree.Expr) -> Any:
        if (most := too_large(values)) is not None:
            self._error(codes.LIMIT, f"a list has {most}", node)
            return UNKNOWN
        if any(isinstance(item, Unknown) for item in values):
            return UNKNOWN
        kept = [item for item in values if holds_tensors(item)]
        if any(isinstance(item, tuple) or item.copies is not None for item in kept):
            self._error(codes.TENSOR, "a list cannot hold lists of tensors", node)
            return UNKNOWN
        if kept and len(kept) < len(values):
            self._error(codes.TENSOR, "a list holds tensors or values, not both", node)
            return UNKNOWN
        return values

    # --- calls ---

    def _call(self, node: tree.Call, context: Context) -> Any:
        name = node.callee.id
        if name == "where" and not context.scope.has(name):
            return self._where(node, context)
        if context.facts is not None and context.facts.is_function(name):
            return context.facts.call(node, context)
        if name in FUNCTIONS and self.find(node.callee, context) is None:
            return self._function(node, context)
        callee = self.name(node.callee, context)
        if isinstance(callee, Unknown):
            return UNKNOWN
        if not isinstance(callee, Callee):
            return self.not_callable(node, callee)
        return self.calls.partial(node, callee, context)

    def not_callable(self, node: tree.Call, value: Any) -> Any:
        name = node.callee.id
        if name in REGISTRY or name in SLOTS or name in FUNCTIONS:
            what = "a tensor" if isinstance(value, TensorValue) else "a value"
            self._error(
                codes.SHADOWED,
                f"`{name}` is {what} here and hides the operator of its name",
                node.callee,
                f"this is {show(value)}",
                "rename the parameter, `let` or `keep`",
            )
        else:
            help = []
            if isinstance(value, tuple) and len(node.arguments) == 1:
                help = [f"an element is written `{name}[{node.arguments[0].span.text}]`"]
            elif isinstance(value, TensorValue):
                help = [f"`join {name}` makes it the current tensor"]
            self._error(
                codes.TYPE,
                f"`{name}` cannot be called: it is {article(type_name(value))}",
                node.callee,
                f"this is {show(value)}",
                *help,
            )
        return UNKNOWN

    def _where(self, node: tree.Call, context: Context) -> Any:
        """Lazy: only the side that is taken is evaluated."""
        if len(node.arguments) != 3 or any(argument.name for argument in node.arguments):
            self._error(codes.ARGUMENT, "`where` takes a condition and two values", node)
            return UNKNOWN
        condition = self.condition(node.arguments[0].value, context)
        if condition is None:
            return UNKNOWN
        return self.value(node.arguments[1 if condition else 2].value, context)

    def _function(self, node: tree.Call, context: Context) -> Any:
        function = FUNCTIONS[node.callee.id]
        arguments: list[Any] = []
        named: dict[str, Any] = {}
        spans: list[tuple[Any, Span]] = []
        for argument in node.arguments:
            value = self.value(argument.value, context)
            if isinstance(value, TensorValue):
                tell_tensor(self.sink, node, argument.value)
                return UNKNOWN
            if node.callee.id != "len":
                context.frame.pin_all(value)
            value = _bare(value)
            spans.append((value, argument.value.span))
            if argument.name is None:
                arguments.append(value)
            else:
                named[argument.name.id] = value
        if any(isinstance(value, Unknown) for value, _ in spans):
            return UNKNOWN
        try:
            return function(*arguments, **named)
        except NotIntsError as problem:
            span = next((span for value, span in spans if value is problem.wrong), node.span)
            self._error(codes.ARGUMENT, str(problem), node, "", *rounding(problem.wrong, span))
        except BadCallError as problem:
            self._error(codes.ARGUMENT, str(problem), node)
        except TypeError:
            self._error(codes.ARGUMENT, f"`{node.callee.id}` is {function.__doc__}", node)
        return UNKNOWN

    def _error(
        self, code: codes.Code, message: str, node: tree.Expr, label: str = "", *help: str
    ) -> None:
        self.sink.error(code, message, node.span, label, help=help)


def _numbered(name: str, context: Context) -> list[str]:
    """The tensors in scope that are called by a name and numbers, by these."""
    found = [
        one
        for one in context.scope.all_names()
        if name in stems(one) and isinstance(context.scope.find(one), TensorValue)
    ]
    return sorted(found, key=lambda one: [int(n) for n in re.findall(r"\d+", one[len(name) :])])


def _bare(value: Any) -> Any:
    if isinstance(value, Size):
        return value
    if isinstance(value, tuple):
        return tuple(_bare(item) for item in value)
    return plain(value)
