"""Causes that lie in the last layer alone: its classes, its name, that it is not there."""

from __future__ import annotations

from resdsl.weights.difference import Cause, Difference, as_list, listed
from resdsl.weights.fitting import is_other_head


def of_head(found: Difference) -> Cause | None:
    """Nothing but the last layer is another one."""
    head = found.wanted.head
    odd = {*found.missing, *found.wrong}
    if not odd or not odd <= set(head):
        return None
    modules = list(dict.fromkeys(key.rpartition(".")[0] for key in head))
    module = modules[0]
    if found.wrong:
        there, here = found.theirs[found.wrong[0]], found.ours[found.wrong[0]]
        if not is_other_head(there, here):
            return Cause(f"other head: `{module}` has other features")
        return Cause(
            f"other head: it has {there[0]} classes, the design {here[0]}",
            (*_taken(found, there[0]), f"drop={as_list(modules)} leaves the head new"),
        )
    if len(found.missing) < len(head) and not found.unknown:
        return Cause(
            f"other head: {listed(found.missing)} is not there, and the rest of `{module}` is",
            (f'drop=["{found.missing[0]}"] starts it anew, drop=["{module}"] all of the head',),
        )
    return _of_another_name(found, module) or _without(found, modules)


def _of_another_name(found: Difference, module: str) -> Cause | None:
    here = found.ours[found.wanted.head[0]]
    prefix = found.fit.prefix
    for key, there in found.spare.items():
        if len(there) < 2 or there[1:] != here[1:]:
            continue
        other = key.rpartition(".")[0]
        old, new = other, f"{prefix}{module}"
        if other.startswith(prefix):
            old, new = other.removeprefix(prefix), module
        wish = f'rename={{"{old}": "{new}"}}'
        parameter = found.wanted.counted_by
        help = [f'drop=["{module}", "{old}"] leaves it new']
        if there[0] == here[0]:
            help = [f"{wish} takes it", f'drop=["{module}"] leaves it new']
        elif parameter:
            help.insert(0, f"{wish} with {parameter}={there[0]} takes it")
        return Cause(f"other head: it is `{old}` there, `{new}` here", tuple(help))
    return None


def _without(found: Difference, modules: list[str]) -> Cause:
    parameter = found.wanted.counted_by
    so_does = f", and so does `{parameter}=`" if parameter else ""
    return Cause(
        f"other head: {listed(modules)} is not there, as in a backbone",
        (f"drop={as_list(modules)} leaves the head new{so_does}",),
    )


def _taken(found: Difference, classes: int) -> tuple[str, ...]:
    parameter = found.wanted.counted_by
    return (f"{parameter}={classes} takes it",) if parameter else ()
