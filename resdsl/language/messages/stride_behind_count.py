"""What to say of a stride behind a count."""

from __future__ import annotations

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Sink
from resdsl.syntax import tree


def is_stride_behind_count(step: tree.Apply | tree.Stage, sink: Sink) -> bool:
    """`stage layer2: basic(16) x 3 /2`, `basic(16) x 3 /2`, which is told: no quotient is an int.

    Of what else is repeated by a quotient the count is told, for it can have no stride.
    """
    count, unit = step.count, step.unit
    if not isinstance(count, tree.Binary) or count.op != "/":
        return False
    by, times = count.right.span.text, count.left.span.text
    if isinstance(step, tree.Stage):
        shown = unit.span.text if isinstance(unit, tree.Call) else "{ … }"
        right = f"stage {step.label.span.text} /{by}: {shown} x {times}"
        help = [f"the stride of a stage stands behind its name: `{right}`"]
    elif isinstance(unit, tree.Call):
        help = [f"as a count, `{times} // {by}` is an int"]
        if not any(one.name is not None and one.name.id == "stride" for one in unit.arguments):
            right = f"{unit.span.text} /{by} x {times}"
            help.insert(0, f"a stride stands in front of the count: `{right}`")
    else:
        return False
    message = "a count is an int, not the quotient of two"
    sink.error(codes.TYPE, message, count.span, "repeats this often", help=help)
    return True
