"""The values of a definition in a JSON design, by number: their shapes, and which can be read."""

from __future__ import annotations

from resdsl.design.model import Ref
from resdsl.exchange.refusal import refuse_unless
from resdsl.extents import Shape


class Values:
    """Of one definition, as it is read from the beginning to the end."""

    def __init__(self) -> None:
        self.shapes: dict[Ref, Shape] = {}
        # Those that can be read here, as they were made: those of a repetition end with it.
        self.visible: dict[Ref, None] = {}

    def make(self, ref: Ref, shape: Shape) -> None:
        refuse_unless(ref not in self.shapes, f"value {ref} is made twice")
        self.shapes[ref] = shape
        self.visible[ref] = None

    def shape(self, ref: Ref) -> Shape:
        """Refuses what cannot be read here."""
        refuse_unless(ref in self.visible, f"value {ref} is not known here")
        return self.shapes[ref]

    def forget(self, count: int) -> None:
        """All values but the first `count` end here."""
        while len(self.visible) > count:
            self.visible.popitem()
