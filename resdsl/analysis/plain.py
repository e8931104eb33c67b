"""Bodies in which nothing branches, or not in their own steps."""

from __future__ import annotations

from collections.abc import Iterator

from resdsl.design.model import Apply, Body, Fork, Group, Instance, Join, Residual, Step


def is_plain(body: Body) -> bool:
    """Nothing in it branches."""
    return not any(_branches(step) for step in body.steps)


def _branches(step: Step) -> bool:
    match step:
        case Residual() | Fork() | Join():
            return True
        case Apply():
            return any(not is_plain(body) for body in _bodies(step))
        case _:
            return False


def _bodies(apply: Apply) -> Iterator[Body]:
    for run in apply.runs:
        match run.unit:
            case Group(body):
                yield body
            case Instance(definition):
                yield definition.body
            case _:
                pass


def is_row(body: Body) -> bool:
    """Its own steps do not branch, so they can be shown one by one."""
    return not any(isinstance(step, (Residual, Fork, Join)) for step in body.steps)
