"""A body while it is being built."""

from __future__ import annotations

from dataclasses import field

from resdsl.design.join_expressions import Use
from resdsl.design.model import Apply, Join, Ref, Step
from resdsl.language.values.context import Context
from resdsl.records import dataclass
from resdsl.source import Span
from resdsl.syntax import tree


@dataclass(slots=True, eq=False)
class Entry:
    """A module waiting for its name. `span` is its label's, else its own; `fork` tells the forks
    apart that branches are of; `unit` is what it was made of, and where. `again` are its further
    calls."""

    apply: Apply
    label: str | None
    word: str
    span: Span
    fork: object = None
    is_shortcut: bool = False
    unit: tuple[tree.Unit, Context] | None = None
    again: list[Apply] = field(default_factory=list)

    def name(self, key: str) -> None:
        self.apply.key = key
        for apply in self.again:
            apply.key = key


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

    def apart(self, name: str, span: Span, context: Context) -> Context:
        """The surroundings of what is fed the current tensor as another value than that `name`."""
        frame, current = context.frame, self.current
        word, where = frame.makers[current]
        self.current = frame.new(frame.shapes[current], word, where)
        frame.copy(self.current, current)
        self.steps.append(Join(current, self.current, Use(current, name), span))
        return context.at(self.current, self)

    def module(self, apply: Apply, span: Span, fork: object = None) -> Entry:
        if apply.label is not None:
            self.name()
        entry = Entry(apply, apply.label, apply.word, span, fork)
        self.entries.append(entry)
        return entry
