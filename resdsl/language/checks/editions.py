"""A text of the first edition that has what is new in the second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.messages.edition import tell
from resdsl.language.names.mentions import nodes
from resdsl.source import Span
from resdsl.syntax import tree


def check(file: tree.File, sink: Sink) -> None:
    """Tells of the first thing that the edition which a file declares does not have."""
    if not file.is_first_edition:
        return
    found = [new for node in nodes(file.items) for new in _news(node)]
    if found:
        what, span = min(found, key=lambda one: one[1].start)
        tell(what, span, file, sink)


def _news(node: Any) -> Iterator[tuple[str, Span]]:
    match node:
        case tree.Output():
            yield "`output`", node.span
        case tree.OutputStride():
            yield "`output_stride`", node.span
        case tree.Param():
            yield "`param`", node.span
        case tree.Reuse():
            yield "`reuse`", node.span
        case tree.KeepAll():
            yield "`keep` of several tensors", node.span
        case tree.Type(name="tensor"):
            yield "the type `tensor`", node.span
        case tree.Apply(stride=stride) if stride is not None:
            yield "a stride behind a call", stride.span
        case tree.LabelName(name=name) if "." in name:
            yield "a label with a dot", node.span
