"""Steps that weigh a tensor by what is made of it at another size, as squeeze-and-excitation.

On the line they would tear a band of one size apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resdsl.analysis.join_words import gated
from resdsl.design.join_expressions import Ref, Use
from resdsl.design.model import Apply, Body, Fork, Join, Keep, Residual, Step
from resdsl.extents import Shape


def gates_in(
    body: Body, shapes: list[Shape], is_read: Callable[[Apply | Residual | Fork | Join], bool]
) -> dict[int, Body]:
    """By the number of their first step, from the weighed tensor to what is made of it."""
    found: dict[int, Body] = {}
    # By Ref, the number of the step behind it; the steps up to `done` belong to gates.
    made: dict[Ref, int] = {body.input: 0}
    done = 0
    for number, step in enumerate(body.steps):
        if isinstance(step, Keep):
            continue
        if isinstance(step, Join) and is_read(step):
            earlier = _weighed(step)
            first = made.get(earlier, -1)
            steps = body.steps[first : number + 1]
            if first >= done and _is_apart(steps[:-1], shapes, earlier):
                found[first] = Body(earlier, step.output, steps)
                done = number + 1
        made[step.output] = number + 1
    return found


def _weighed(step: Join) -> Ref:
    """What is made earlier, of a product with the current tensor."""
    refs = [factor.ref for factor in gated(step) or () if isinstance(factor, Use)]
    if len(refs) != 2 or step.input not in refs:
        return -1
    return refs[0] if refs[1] == step.input else refs[1]


def _is_apart(steps: Sequence[Step], shapes: list[Shape], ref: Ref) -> bool:
    """Modules alone, which make other sizes of the tensor."""
    size = shapes[ref]
    if size.flat or not all(isinstance(step, Apply | Keep) for step in steps):
        return False
    made = [shapes[step.output] for step in steps if isinstance(step, Apply)]
    return any(shape.flat or shape.extents != size.extents for shape in made)
