"""A body while it is being built."""

from __future__ import annotations

from dataclasses import field

from resdsl.design.model import Apply, Ref, Step
from resdsl.records import dataclass
from resdsl.source import Span


@dataclass(slots=True, eq=False)
class Entry:
    """A module waiting for its name. `span` is its label's, else its own; `fork` tells the forks
    apart that branches are of."""

    apply: Apply
    label: str | None
    word: str
    span: Span
    fork: object = None


@dataclass(slots=True, eq=False)
class Builder:
    """Steps so far, and the modules that wait for names.

    Mains and branches have steps of their own, but their modules belong to the body around: a
    `nested` builder shares the entries. `named` once a label, residual, fork or stage was seen.
    """

    input: Ref
    current: Ref
    steps: list[Step] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    owner: Builder | None = None
    named: bool = False

    def nested(self, current: Ref) -> Builder:
        return Builder(current, current, entries=self.entries, owner=self)

    def name(self) -> None:
        """From now on the modules of this body go by words."""
        builder: Builder | None = self
        while builder is not None:
            builder.named = True
            builder = builder.owner

    def module(self, apply: Apply, span: Span, fork: object = None) -> None:
        if apply.label is not None:
            self.name()
        self.entries.append(Entry(apply, apply.label, apply.word, span, fork))
