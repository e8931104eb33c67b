"""Trees of a flow as fragments."""

from __future__ import annotations

from resdsl.drawing.fragments.ends import begins_named, end, entry, head
from resdsl.drawing.fragments.exits import leaving
from resdsl.drawing.fragments.fans import copies_of, fan
from resdsl.drawing.fragments.fragments import (
    BEND,
    FORMS,
    GAP,
    LANE,
    RADIUS,
    Fragment,
    Placed,
    Rows,
    box_width,
)
from resdsl.drawing.fragments.frames import FRAME, Again
from resdsl.drawing.fragments.mixes import mix
from resdsl.drawing.fragments.skips import Skip
from resdsl.drawing.layout.fonts import text_width
from resdsl.drawing.trees.flow import Node
from resdsl.drawing.trees.series import Chain, Item, Leaf, Mesh, Parallel, tree


def laid_out(chain: Chain, width: float = 0.0, count: int = 1) -> Fragment:
    """The fragment of a tree. All boxes of its spine are as wide as the widest, and as `width`."""
    parts = pieces_of(chain, width, count)
    height = sum(part.height for part in parts) + GAP * max(0, len(parts) - 1)
    left = max((part.left for part in parts), default=0.0)
    right = max((part.right for part in parts), default=0.0)
    return Rows(left, right, height, parts)


def pieces_of(chain: Chain, width: float = 0.0, count: int = 1) -> list[Fragment]:
    """What stands on the spine of a tree, piece by piece."""
    width = max(width, _spine_width(chain))
    return [_part(item, width, count) for item in chain.items]


def _spine_width(chain: Chain) -> float:
    """The widest box on a spine, those inside of what goes past it as well."""
    widths = [0.0]
    for item in chain.items:
        match item:
            case Leaf(node) if not node.is_box:
                pass
            case Leaf(node) if node.inner is not None:
                widths.append(_spine_width(tree(node.inner)))
            case Leaf(node):
                widths.append(box_width(node))
            case Parallel() if not _is_fan(item):
                widths.append(_spine_width(item.columns[_main(item)]))
            case Mesh():
                widths.append(_spine_width(next(iter(item.columns.values()))))
            case _:
                pass
    return max(widths)


def _part(item: Item, width: float, count: int) -> Fragment:
    match item:
        case Leaf(node) if not node.is_box:
            return _named(node, count)
        case Leaf(node) if node.inner is not None:
            inner = laid_out(tree(node.inner), width, count * node.count)
            margin = FRAME + 2
            label = text_width(f"×{node.count}", 12, bold=True) + 12
            right = max(inner.right + margin, inner.right + label)
            height = inner.height + 2 * FRAME
            return Again(inner.left + margin, right, height, inner, node.count, node.name, count)
        case Leaf(node):
            return Placed(width / 2, width / 2, FORMS[node.look][0], node, count)
        case Parallel() if _is_fan(item):
            return fan(item, count, laid_out)
        case Parallel():
            return _skip(item, width, count)
        case Mesh():
            return mix(item, width, count, laid_out)


def _named(node: Node, count: int) -> Fragment:
    """Where tensors come in, leave or go on elsewhere."""
    match node.kind:
        case "entry":
            return entry(node)
        case "end":
            return end(node)
        case "head":
            assert node.inner is not None
            return head(laid_out(tree(node.inner), 0.0, count))
        case _:
            return leaving(node)


def _is_fan(item: Parallel) -> bool:
    """Columns that are peers, as those of tensors that come in by names; else one goes past the
    other."""
    if any(map(begins_named, item.columns)):
        return True
    busy = sum(bool(column.items) for column in item.columns)
    many = any(copies_of(column) for column in item.columns)
    return many or len(item.columns) != 2 or (busy == 2 and item.sign.origin != "residual")


def _boxes(chain: Chain, look: str = "") -> int:
    """How many boxes and signs a tree has; of one look, how many boxes."""
    found = 0
    for item in chain.items:
        match item:
            case Leaf(node) if node.is_box:
                found += look in ("", node.look)
            case Parallel(columns):
                found += (not look) + sum(_boxes(column, look) for column in columns)
            case Mesh(columns, signs):
                found += 0 if look else len(signs)
                found += sum(_boxes(column, look) for column in columns.values())
    return found


def _main(item: Parallel) -> int:
    """Which of two columns is on the spine: of a product what is kept, of a sum what is made."""
    bare = [number for number, column in enumerate(item.columns) if not column.items]
    if not bare:
        one, two = ((_boxes(c, "weight"), _boxes(c)) for c in item.columns)
        return int(two > one)
    return bare[0] if item.sign.text == "*" else 1 - bare[0]


def _skip(item: Parallel, width: float, count: int) -> Fragment:
    number = _main(item)
    main = laid_out(item.columns[number], width, count)
    side = laid_out(item.columns[1 - number], 0.0, count)
    is_bare = not item.columns[1 - number].items
    inner = max(main.height, 0.0 if is_bare else side.height)
    height = BEND + GAP + inner + GAP + 2 * RADIUS
    # What a concatenation takes first stands at the left.
    turn = -1 if item.sign.text == "|" and number == 1 else 1
    near, far = (main.right, main.left) if turn > 0 else (main.left, main.right)
    within, beyond = (side.left, side.right) if turn > 0 else (side.right, side.left)
    # A gate keeps less away from the spine that has no boxes there.
    lane = near + (LANE if near else LANE * 0.9) + within
    left, right = (max(far, RADIUS), lane + max(beyond, 4.0))[::turn]
    return Skip(left, right, height, main, side, item.sign, count, lane, is_bare, turn)
