"""`set act = gelu`, `set conv(bias=true)`: what slots are and calls are given from there on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from resdsl import limits
from resdsl.diagnostics import codes
from resdsl.diagnostics.suggest import did_you_mean, suggest
from resdsl.language.evaluate.expressions import Expressions
from resdsl.language.evaluate.idle_settings import Defaults, defaults
from resdsl.language.evaluate.session import Session
from resdsl.language.names.symbols import Symbol
from resdsl.language.values.context import Context
from resdsl.language.values.origins import stripped
from resdsl.language.values.values import (
    UNKNOWN,
    Callee,
    Unknown,
    article,
    holds_tensors,
    show,
    type_name,
)
from resdsl.ops import REGISTRY, SLOTS
from resdsl.ops.base import REQUIRED
from resdsl.syntax import tree


class Sets:
    """Elaborates `set`s: each makes other surroundings for the steps behind it."""

    def __init__(self, session: Session, expressions: Expressions) -> None:
        self.session = session
        self.sink = session.sink
        self.expressions, self.calls = expressions, expressions.calls
        # Those that were reached, each where it stands.
        self.reached: list[tuple[tree.SetSlot | tree.SetDefaults, Context]] = []
        # What those for calls give.
        self.giving: dict[tree.Step, Defaults] = {}

    def slot(self, step: tree.SetSlot, context: Context) -> Context:
        self.reached.append((step, context))
        value = self.expressions.value(step.value, context)
        if step.slot.id not in SLOTS:
            self._no_slot(step.slot)
            return context
        if isinstance(value, Unknown):
            return context
        if not isinstance(value, Callee) or value.kind not in ("op", "block"):
            self.sink.error(
                codes.TYPE,
                f"`{step.slot.id}` can be an operator or a block, not {article(type_name(value))}",
                step.value.span,
                f"this is {show(value)}",
                help=self._slot_help(step.slot.id, value),
            )
            return context
        context.frame.pin_all(value)
        value = stripped(self.calls.resolved(value, context.environment))
        return replace(
            context, environment=context.environment.with_slot(step.slot.id, value, step)
        )

    def _slot_help(self, slot: str, value: Any) -> list[str]:
        """`set act = "gelu"`"""
        if not isinstance(value, str):
            return []
        if value in REGISTRY:
            return [f"leave the quotes out: `set {slot} = {value}`"]
        meant = suggest(value, REGISTRY, 1)
        return [f"write `set {slot} = {meant[0]}`"] if meant else []

    def _no_slot(self, slot: tree.Name) -> None:
        slots = " and ".join(f"`{name}`" for name in SLOTS)
        help = did_you_mean(slot.id, SLOTS)
        if slot.id in REGISTRY:
            help = f"`set {slot.id}(name=value)` gives `{slot.id}` new defaults"
        self.sink.error(
            codes.UNKNOWN_NAME,
            f"`{slot.id}` is not a slot: only {slots} can be rebound",
            slot.span,
            "not a slot",
            help=[help] if help else [],
        )

    def defaults(self, step: tree.SetDefaults, context: Context) -> Context:
        self.reached.append((step, context))
        callee = self.expressions.name(step.callee, context)
        if isinstance(callee, Unknown):
            return context
        if not isinstance(callee, Callee) or callee.kind == "network":
            self.sink.error(
                codes.TYPE,
                f"`set {step.callee.id}(…)` needs an operator, block or shortcut",
                step.callee.span,
                f"this is {article(type_name(callee))}",
            )
            return context
        for argument in step.arguments:
            if argument.name is None:
                self.sink.error(
                    codes.ARGUMENT,
                    f"`set {step.callee.id}(…)` takes names with values only",
                    argument.span,
                    "a name is missing",
                )
                return context
        target = self.calls.resolved(callee, context.environment)
        call = tree.Call(step.callee, step.arguments, True, step.span)
        given = self.calls.given(call, target, context)
        environment = context.environment
        self.giving[step] = defaults(step, target.target, given or {}, environment)
        values: dict[str, Any] = {}
        for name, item in (given or {}).items():
            if holds_tensors(item.value):
                self.calls.no_tensor(item.span, "a `set`")
            elif not isinstance(item.value, Unknown):
                context.frame.pin_all(item.value)
                values[name] = stripped(item.value)
        for name in [argument.name.id for argument in step.arguments if argument.name is not None]:
            if name in values or _is_missed(target.target, name):
                # After a mistake a call has it, of which nothing more is told.
                value = values.get(name, UNKNOWN)
                environment = environment.with_default(target.target, name, value, step)
        if len(environment.defaults) > limits.SETTINGS:
            message = f"more than {limits.SETTINGS:,} defaults are set here"
            self.session.halt(message, step.span)
        return replace(context, environment=environment)


def _is_missed(target: str | Symbol, name: str) -> bool:
    """Whether a call without this argument is a mistake, or may be: `like` is one of several."""
    if isinstance(target, str):
        return any(
            one.name == name and (one.default is REQUIRED or one.type.startswith("tensor"))
            for one in REGISTRY[target].parameters()
        )
    return any(one.name.id == name and one.default is None for one in target.node.parameters)
