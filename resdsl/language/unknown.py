"""What to say of a name that means nothing."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.diagnostics import codes
from resdsl.diagnostics.fixes import renaming
from resdsl.diagnostics.model import Sink
from resdsl.diagnostics.suggest import did_you_mean
from resdsl.syntax import tree


def unknown_name(sink: Sink, node: tree.Name, candidates: Sequence[str]) -> None:
    help = did_you_mean(node.id, candidates)
    sink.error(
        codes.UNKNOWN_NAME,
        f"nothing here is called `{node.id}`",
        node.span,
        "unknown name",
        help=[help] if help else [],
        fix=renaming(node.span, candidates),
    )
