"""What to say of a name that means nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resdsl.data import std
from resdsl.diagnostics import codes
from resdsl.diagnostics.fixes import renaming
from resdsl.diagnostics.model import Sink
from resdsl.diagnostics.suggest import did_you_mean
from resdsl.syntax import tree


def unknown_name(sink: Sink, node: tree.Name, candidates: Sequence[str]) -> None:
    help = _import(node.id) or did_you_mean(node.id, candidates)
    sink.error(
        codes.UNKNOWN_NAME,
        f"nothing here is called `{node.id}`",
        node.span,
        "unknown name",
        help=[help] if help else [],
        fix=renaming(node.span, candidates),
    )


def _import(name: str) -> str | None:
    """What is known to a module of std; its files are searched, not parsed."""
    for path in sorted(std().glob("*.res")):
        text = path.read_text(encoding="utf-8")
        if re.search(rf"^(block|shortcut)[ \t]+{name}\b", text, re.MULTILINE):
            return f"it is in the library: `from std.{path.stem} import {name}`"
    return None
