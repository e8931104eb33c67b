"""Numbers that rise from copy to copy: `drop_rate * (i / 15)` for the i-th of 16 blocks.

Their origins (resdsl.provenance) have `progress` as the quotient of two plain numbers, as no other
origin does: what is computed from plain numbers alone has none.
"""

from __future__ import annotations

from resdsl.provenance import Bound, Operation, Origin, operation


def is_progress(tree: Origin | float) -> bool:
    if not isinstance(tree, Operation) or tree.op != "/":
        return False
    return isinstance(tree.left, int) and isinstance(tree.right, int)


def place(tree: Origin | float | None) -> tuple[int, int] | None:
    """`(3, 15)` of what reads the progress of the fourth of 16 copies, and no other."""
    found: set[tuple[int, int]] = set()
    stack = [tree]
    while stack:
        match stack.pop():
            case Operation(left=int() as step, right=int() as last) as read if is_progress(read):
                found.add((step, last))
            case Operation(left=left, right=right):
                stack += [left, right]
            case Bound(_, value):
                stack.append(value)
            case _:
                pass
    return found.pop() if len(found) == 1 else None


def placeless(tree: Origin | float) -> Origin | float:
    """The same for every copy."""
    match tree:
        case Operation(right=last) if is_progress(tree):
            return operation("/", 0, last)
        case Operation(op, left, right):
            return operation(op, placeless(left), placeless(right))
        case Bound(name, value):
            inner = placeless(value)
            assert not isinstance(inner, int | float)
            return Bound(name, inner)
        case _:
            return tree
