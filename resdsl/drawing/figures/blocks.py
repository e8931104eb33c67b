"""The figure of one block, or of several side by side: every operator and what flows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from resdsl.analysis.facts import Facts
from resdsl.design.model import Instance
from resdsl.design.titles import title as titled
from resdsl.drawing.figures import panels, unplaced
from resdsl.drawing.figures.block_paths import Place, find
from resdsl.drawing.figures.panels import Panel
from resdsl.drawing.figures.unplaced import Loose
from resdsl.drawing.fragments.arrangement import laid_out
from resdsl.drawing.fragments.ends import beside
from resdsl.drawing.fragments.fragments import Fragment
from resdsl.drawing.fragments.mixes import UnclearError
from resdsl.drawing.layout.canvas import Canvas
from resdsl.drawing.layout.picture import Picture, Unplaced
from resdsl.drawing.refusal import FigureError, TangledError, check_size
from resdsl.drawing.trees.flow import Flow
from resdsl.drawing.trees.flows import Flows
from resdsl.drawing.trees.heads import with_heads
from resdsl.drawing.trees.series import tree
from resdsl.drawing.trees.ways import Given, loose
from resdsl.records import dataclass

# Operators of a block above which the units in it are boxes.
_LARGE = 150


@dataclass(frozen=True, slots=True)
class Drawn:
    """A block of a network, and what is written below it."""

    known: Facts
    place: Place
    flow: Flow
    given: Given
    caption: str
    says_where: bool = True

    @property
    def shapes(self) -> tuple[str, str]:
        """What enters it and what leaves it; empty where that has names."""
        text = self.known.view.text
        has_entries = any(node.kind == "entry" for node in self.flow.nodes)
        before = "" if has_entries else text(self.flow.entering)
        return before, "" if self.given.outputs else text(self.flow.leaving)

    def laid_out(self) -> Fragment:
        """Raises TangledError and UnclearError."""
        if not self.given.outputs:
            return laid_out(tree(self.flow))
        flows = with_heads(self.flow, self.given)
        return beside(tuple(laid_out(tree(flow)) for flow in flows))

    def loose(self) -> Loose:
        """For dot to place."""
        flow, _ = loose(self.flow, self.given, whole=True)
        return Loose(flow, *self.shapes, self.caption, self.below)

    @property
    def below(self) -> str:
        """The grey line below the caption."""
        return self.where + self.place.copies if self.says_where else ""

    @property
    def where(self) -> str:
        """The network and the path in it; the path alone, where the caption names the network."""
        network = titled(self.known.network.name)
        path = self.place.path
        return path if self.caption.endswith(network) else f"{network}, {path}"


def blocks(
    networks: Sequence[Facts],
    names: Sequence[str],
    captions: Sequence[str] = (),
    width: float | None = None,
    *,
    title: bool = True,
) -> Picture:
    """Each block of `names`, by path or definition, in each of the networks that has it.

    `captions` stand below the panels in order; without, a block's definition does, or the network
    where that tells more; `title` says in grey where a block is. Without it, that is left out but
    where captions would be alike, and below one block alone its definition, too: nothing has to be
    told from it. Panels stand in as
    many rows as `width`, in points, asks for. Raises FigureError.
    """
    drawn = [_drawn(known, name) for name in names for known in networks]
    words = list(captions)
    if len(words) > len(drawn):
        raise FigureError(f"{len(words)} captions for {_count(len(drawn))}")
    if len(drawn) == 1 and not title:
        drawn = [replace(one, caption="") for one in drawn]
    kinds = {one.caption for one in drawn}
    if len(kinds) < len(drawn) and len(networks) == len(drawn):
        drawn = [replace(one, caption=titled(one.known.network.name)) for one in drawn]
    if not title:
        drawn = _told_apart(drawn)
    for number, word in enumerate(words):
        drawn[number] = replace(drawn[number], caption=word.replace("\n", " "))
    drawn = [
        replace(one, caption=text, says_where=title)
        for one, text in zip(drawn, panels.lettered([one.caption for one in drawn]), strict=True)
    ]
    name = " ".join(dict.fromkeys(one.known.network.name for one in drawn))
    boxes = sum(one.flow.size for one in drawn)
    check_size(name, boxes)

    placed: list[Panel] = []

    def lay_out() -> Canvas:
        return panels.figure(placed, name, width)

    try:
        for one, prefix in zip(drawn, _prefixes(drawn), strict=True):
            placed.append(_panel(one, prefix))
    except (TangledError, UnclearError):
        why = f"{one.where}: its lines cross or nest too deeply, so dot places it"
        flows = [one.loose() for one in drawn]
        reach = sum(one.flow.reach for one in drawn)
        return Unplaced(boxes, lay_out, lambda theme: unplaced.dot(flows, name, theme), why, reach)
    return Picture(boxes, lay_out)


def _count(panels: int) -> str:
    return "1 panel" if panels == 1 else f"{panels} panels"


def _told_apart(drawn: list[Drawn]) -> list[Drawn]:
    """Alike captions with their paths, and with their networks where paths are alike, too."""
    captions = Counter(one.caption for one in drawn)
    paths = Counter((one.caption, one.place.path) for one in drawn)
    places = Counter((one.caption, one.where) for one in drawn)

    def told(one: Drawn) -> str:
        if captions[one.caption] == 1 or places[one.caption, one.where] > 1:
            return one.caption
        is_one = paths[one.caption, one.place.path] == 1
        return f"{one.caption}, {one.place.path if is_one else one.where}"

    return [replace(one, caption=told(one)) for one in drawn]


def _drawn(known: Facts, name: str) -> Drawn:
    place = find(known, name)
    if place.apply.main is not None:
        raise FigureError(
            f"`{place.path}` is a shortcut that reads what it goes around: "
            "draw the block that it stands in"
        )
    unit = place.run.unit
    given = (place.apply, place.run, place.shapes, place.path)
    try:
        flow, results = Flows(known).block(*given)
        if flow.size > _LARGE:
            flow, results = Flows(known, lambda inner: inner is unit).block(*given)
    except TangledError:
        message = f"`{place.path}` reads what is kept outside of it: draw what it stands in"
        raise FigureError(message) from None
    caption = unit.definition.name if isinstance(unit, Instance) else place.apply.word
    return Drawn(known, place, flow, results, caption.replace("_", " "))


def _prefixes(drawn: Sequence[Drawn]) -> list[str]:
    """What sets names apart that several panels have: the network's, else the panel's number."""
    paths = [one.place.path for one in drawn]
    if len(set(paths)) == len(paths):
        return [""] * len(paths)
    named = [f"{one.known.network.name}:" for one in drawn]
    if len({*zip(named, paths, strict=True)}) == len(paths):
        return named
    return [f"{number}:" for number in range(1, len(paths) + 1)]


def _panel(one: Drawn, prefix: str) -> Panel:
    return Panel(
        one.laid_out(),
        *one.shapes,
        one.caption,
        one.below,
        prefix,
    )
