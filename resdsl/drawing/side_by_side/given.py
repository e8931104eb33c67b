"""The outputs of a network, by the values that they are."""

from __future__ import annotations

from collections.abc import Collection

from resdsl.analysis.facts import Facts
from resdsl.design.model import Ref
from resdsl.drawing.fragments.exits import Exit, exits
from resdsl.drawing.side_by_side.values import Values


class Given:
    """`is_copied` while what is walked is one of several copies, which give no output."""

    def __init__(self, known: Facts) -> None:
        self.known = known
        self.is_copied = False
        root = known.network.root
        self.outputs = list(zip(known.network.outputs, root.outputs, strict=False))

    def told(self, refs: Collection[Ref], values: Values) -> tuple[Exit, ...]:
        """What is told where these values are made, which are of the network or a block."""
        if self.is_copied:
            return ()
        refs = self.own(refs, values)
        text = self.known.view.text
        shapes = self.known.shapes
        return exits((name, text(shapes[ref])) for name, ref in self.outputs if ref in refs)

    def own(self, refs: Collection[Ref], values: Values) -> list[Ref]:
        """Which of the network's own values these are."""
        if values.definition is self.known.network.root:
            return list(refs)
        return [values.results[ref] for ref in refs if ref in values.results]
