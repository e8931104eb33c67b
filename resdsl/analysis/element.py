"""An element of an overview, and a mark that divides the elements of a network."""

from __future__ import annotations

from dataclasses import replace

from resdsl.analysis.cost import Cost
from resdsl.analysis.reach import Reaches
from resdsl.analysis.rows import Row, marked, unread
from resdsl.analysis.shortcuts import Shortcut
from resdsl.design.join_expressions import Ref
from resdsl.design.model import Step
from resdsl.extents import Shape
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Element:
    """A node of the overview.

    A layer has its label as `text`, a block its `rows`. `quiet`: nothing but norms and activations.
    `name` is the author's label, `path` the module path of the first of `count` equal copies.
    `depth` counts the weighted layers on the longest path to its result, `reach` says what that
    sees of the input.
    `kind` names the definition of a block. `label`: the author gave the module a name. One that is
    not read is not called. Elements are numbered as they stand; those that are folded into one are
    `first` to `last`.
    """

    path: str
    name: str
    output: Shape
    depth: int
    reach: Reaches
    cost: Cost
    rows: tuple[Row, ...]
    text: str = ""
    count: int = 1
    kind: str = ""
    shortcut: Shortcut | None = None
    is_block: bool = False
    repeated: bool = False
    quiet: bool = False
    labelled: bool = False
    # The paths of labelled groups and blocks whose steps are lined up from here, outermost first.
    begun: tuple[str, ...] = ()
    is_read: bool = True
    # It reads what was kept before, or joins: no neighbour does the same.
    is_single: bool = False
    # It goes on from another value than the one that is made before it, of the network's own, or of
    # a block's whose steps are lined up.
    is_led: bool = False
    is_apart: bool = False
    # More than the next element goes on from what it makes.
    is_left: bool = False
    first: int = 0
    last: int = 0
    # The key of a module around it, or its own, that is called again further down.
    called: str = ""
    # Of a further call, the path of the module, which stands further above.
    again: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A name that divides the network: a stage begins or ends, a tensor is kept or given here.

    Its kind is stage, keep, output, or call, where one with several results begins. `ends`: no step
    reads what is given.
    """

    name: str
    kind: str
    path: str
    ref: Ref
    opens: bool = False
    step: Step | None = None
    ends: bool = False


def uncalled(item: Element | Mark) -> Element | Mark:
    if isinstance(item, Mark):
        return item
    return replace(
        item,
        cost=item.cost.uncalled,
        rows=unread(item.rows),
        text=marked(item.text) if item.text else "",
        is_read=False,
    )
