"""What the tests of the emitter's steps share: small networks, and programs as short text."""

from __future__ import annotations

import resdsl
from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar, Use
from resdsl.design.network import Network
from resdsl.targets.classes import Classes, Emitted
from resdsl.targets.lowering import Programs
from resdsl.targets.program import Assemble, Instruction, Invoke, Program, Sum
from resdsl.targets.starts import Starts, rules
from resdsl.targets.wiring import Stretch


def network(steps: str, definitions: str = "", input: str = "4 x 8 x 8") -> Network:
    """The network `net` of these steps, which may use the `definitions`."""
    text = f"{definitions}\nnetwork net {{ input {input} {steps} }}\n"
    return resdsl.design(text, net="net").network


def classes(steps: str, definitions: str = "", input: str = "4 x 8 x 8") -> Classes:
    return classes_of(network(steps, definitions, input))


def classes_of(made: Network) -> Classes:
    programs = Programs(made)
    return Classes(made, programs, Starts(rules(made, programs), programs))


def named(found: Classes, name: str) -> Emitted:
    """The one class or function of this name."""
    (one,) = [emitted for emitted in found.in_order if emitted.name == name]
    return one


def listing(program: Program) -> list[str]:
    """A line for each instruction, values by their numbers.

    `2, 3 = group(1)` also gives 3 away; `2 = branch*(1)` are the copies of a branch, `2 = (conv)`
    is not called, `2 = conv(1) [0:2 x 1]` calls the first two copies with the current value and 1.
    """
    return [_written(instruction) for instruction in program.instructions]


def _written(step: Instruction) -> str:
    match step:
        case Invoke(apply=apply, is_called=False):
            return f"{step.out} = ({apply.key})"
        case Invoke(apply=apply):
            given = ", ".join(map(str, (step.out, *step.exports)))
            star = "*" if step.copies else ""
            called = f"{given} = {apply.key}{star}({', '.join(map(str, step.args))})"
            return " ".join([called, *map(_stretch, step.stretches)])
        case Sum(adds=False):
            return f"{step.out} = {step.main}"
        case Sum(shortcut=None):
            return f"{step.out} = {step.main} + {step.skip}"
        case Sum(shortcut=shortcut):
            assert shortcut is not None
            return f"{step.out} = {step.main} + {shortcut.key}({', '.join(map(str, step.args))})"
        case Assemble():
            return f"{step.out} = {_expression(step.expression)}"


def _stretch(stretch: Stretch[int]) -> str:
    current = ["x"] if stretch.takes_current else []
    given = " ".join([*current, *map(str, stretch.others)])
    return f"[{stretch.start}:{'' if stretch.end is None else stretch.end} {given}]"


def _expression(expression: Expression) -> str:
    match expression:
        case Use(ref):
            return str(ref)
        case Scalar(value):
            return f"<{value}>"
        case Copies(branch, refs):
            return f"{branch}:{refs[0][0]}x{refs[0][1]}"
        case Combine(op, operands) if op in "+-*":
            return "(" + f" {op} ".join(map(_expression, operands)) + ")"
        case Combine(op, operands):
            return f"{op}({', '.join(map(_expression, operands))})"
