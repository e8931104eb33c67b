"""timm's `group_matcher`: which parameters make a layer, for a rate of each.

As `timm.models.group_with_matcher` reads it: a layer is a pattern that keys begin with, and a
number in it is one of its blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from resdsl.design.checkpointing import checkpointed, stages
from resdsl.design.model import Body, Group
from resdsl.design.network import Network
from resdsl.design.state import is_stateless
from resdsl.targets.method_text import MethodText, Statement
from resdsl.targets.model_head import Head
from resdsl.targets.nodes import Items, Node, Pair, Text, literal

# timm's sign for parameters that go with the layer before.
_WITH_THE_LAST = "(99999,)"


def group_matcher(network: Network, head: Head) -> MethodText:
    """Layers are the blocks of stages, from the stem on, or `coarse` the stages. What no pattern
    fits is the head."""
    paths = checkpointed(network.root, stages(network.root)).values()
    found = list(_parts(network.root.body, "", [path for path in paths if path is not None]))
    found = [one for one in found if one[0].partition(".")[0] not in head.keys]
    first = next((place for place, one in enumerate(found) if one[2] is not None), len(found))
    pairs: list[Pair] = []
    stem = "|".join(pattern for _, pattern, _ in found[:first])
    if stem:
        pairs.append(Pair(literal("stem"), Text(_raw(f"^(?:{stem})"))))
    for path, pattern, is_row in found[first:]:
        if is_row is None:
            value: Node = Items("[", (Text(f"({_raw(f'^{pattern}')}, {_WITH_THE_LAST})"),), "]")
        elif is_row:
            blocks = _raw(f"^{pattern}" + r"(\d+)")
            value = Text(f"{_raw(f'^{pattern}')} if coarse else {blocks}")
        else:
            value = Text(_raw(f"^{pattern}"))
        pairs.append(Pair(literal(path), value))
    return MethodText(
        "group_matcher",
        [Statement(Items("{", tuple(pairs), "}"), lead="return ")],
        ("coarse: bool = False",),
        "dict[str, Any]",
        "By their names, the parameters of each layer.",
    )


def _parts(body: Body, prefix: str, rows: Sequence[str]) -> Iterator[tuple[str, str, bool | None]]:
    """The modules that have parameters, in order: path, pattern, and of a stage whether it is a row
    of blocks, else None."""
    for apply in body.modules():
        path = prefix + apply.key
        if is_stateless(apply):
            continue
        pattern = re.escape(path)
        if path in rows:
            yield path, rf"{pattern}\.", apply.repeated
        elif any(row.startswith(f"{path}.") for row in rows) and isinstance(apply.unit, Group):
            yield from _parts(apply.unit.body, f"{path}.", rows)
        else:
            yield path, pattern if apply.held else rf"{pattern}\.", None


def _raw(pattern: str) -> str:
    return literal(pattern) if '"' in pattern else f'r"{pattern}"'
