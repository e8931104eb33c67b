"""What a text of the first edition is told of something that is new in the second."""

from __future__ import annotations

from resdsl.diagnostics import codes
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.source import Span
from resdsl.syntax import tree


def tell(what: str, span: Span, file: tree.File, sink: Sink) -> None:
    assert file.edition is not None
    source, number = file.edition.span.source, file.edition.span
    begin = source.text.rindex("edition", 0, number.start)
    sink.error(
        codes.EDITION,
        f"{what} is of edition 2, and this text says `edition {file.edition.value}`",
        Span(source, begin, number.stop),
        "the edition of this text",
        others=[Label(span, "new in edition 2")],
        help=["write `edition 2`, or leave it out: no text needs it"],
    )
