"""Files of specs, and the definitions in them by name."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import Any

from resdsl.language.names.elsewhere import Outline
from resdsl.records import dataclass
from resdsl.source import Source
from resdsl.syntax import tree


@dataclass(frozen=True, slots=True, eq=False)
class Symbol:
    """A block, shortcut or network definition of a file. Equal only to itself."""

    module: Module
    node: tree.Block | tree.Network

    @property
    def name(self) -> str:
        return self.node.name.id

    @property
    def kind(self) -> str:
        return self.node.kind if isinstance(self.node, tree.Block) else "network"

    @property
    def origin(self) -> str:
        return f"{self.module.place}:{self.name}"


@dataclass(slots=True, eq=False)
class Module:
    """One file: its own names, and those of its imports. `base` is where its paths start.

    `place` is the file's name in designs: from the first file's folder, on every machine the same.
    """

    source: Source
    file: tree.File
    base: Path
    library: bool
    place: str
    names: dict[str, Symbol | tree.Let] = field(default_factory=dict)
    imports: dict[str, tuple[Module, str]] = field(default_factory=dict)
    # Values of `let`s, filled as they are asked for.
    constants: dict[str, object] = field(default_factory=dict)
    prelude: Module | None = None
    # Names that may have had a meaning in what is broken, or in what could not be imported.
    lost: set[str] = field(default_factory=set)
    # Names of two things, told as such. Which of them is meant is not known.
    twice: set[str] = field(default_factory=set)
    # Where names were told to mean nothing, and which.
    told: set[int] = field(default_factory=set)
    sought: set[str] = field(default_factory=set)
    # What there is to look up where a name means nothing (language/messages/unknown.py): by
    # definition, and of all definitions together.
    around: dict[object, Any] = field(default_factory=dict)
    _outline: Outline | None = None
    # Of a file of std: where it is, and when it was written.
    stamp: tuple[Path, int] | None = None

    def networks(self) -> list[Symbol]:
        """The networks that the file itself defines, in order."""
        return [
            found
            for found in self.names.values()
            if isinstance(found, Symbol) and found.kind == "network"
        ]

    def outline(self) -> Outline:
        """What its definitions bind and mention."""
        if self._outline is None:
            self._outline = Outline(self.file)
        return self._outline
