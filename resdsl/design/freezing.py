"""What is not trained of a network whose first stages are frozen."""

from __future__ import annotations

from collections.abc import Iterator

from resdsl.design.cutting import cut
from resdsl.design.model import Body, Definition, Group
from resdsl.design.state import is_stateless
from resdsl.design.taps import named, taps
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Frozen:
    """A module by its path, with all that is in it; `is_tensor`: a tensor that a body holds."""

    path: str
    is_tensor: bool = False


def frozen(root: Definition, name: str) -> tuple[Frozen, ...]:
    """Of the network `root`, all that is needed for what is called `name`, or what a module with
    that path makes, and has parameters or buffers; a group as a whole where all of it is. Nothing
    where no one tensor is meant."""
    ref = named(root.body, taps(root.body), name)
    if ref is None:
        return ()
    part, _ = cut(root, [ref])
    return tuple(_of(part.body, root.body, ""))


def _of(part: Body, whole: Body, prefix: str) -> Iterator[Frozen]:
    of_whole = {apply.key: apply for apply in whole.modules()}
    for apply in part.modules():
        path = prefix + apply.key
        if apply.held:
            yield Frozen(path, is_tensor=True)
        elif is_stateless(apply):
            continue
        elif apply.repeated or not isinstance(apply.unit, Group):
            yield Frozen(path)
        else:
            outer = of_whole[apply.key].unit
            assert isinstance(outer, Group)
            inside = [*_of(apply.unit.body, outer.body, f"{path}.")]
            is_all = inside == [*_of(outer.body, outer.body, f"{path}.")]
            yield from [Frozen(path)] if is_all else inside
