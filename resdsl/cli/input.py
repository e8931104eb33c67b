"""SPEC on the command line: as in Python, and `-` for standard input."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from resdsl import limits, paths
from resdsl.api.designing import designed
from resdsl.api.designs import Design
from resdsl.api.specs import Located, locate
from resdsl.cli import terminal
from resdsl.cli.progress import progress
from resdsl.diagnostics.codes import UNREADABLE
from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.exception import SpecError
from resdsl.language.spec import Text
from resdsl.language.values.features import Wanted
from resdsl.source import Source

STDIN = "-"


def found(spec: str, sink: Sink) -> Located | None:
    """The text that a SPEC of the command line stands for."""
    if spec != STDIN:
        return locate(spec, sink)
    source = _standard_input(sink)
    return None if source is None else Located(source, None)


def _standard_input(sink: Sink) -> Source | None:
    """A text or a design, and of what has no end no more than either may have."""
    from resdsl.syntax.file_text import decode

    if sys.stdin is None:  # the shell closed it (`<&-`)
        sink.error(UNREADABLE, "<stdin>: is closed")
        return None
    most = limits.FILE_BYTES
    try:
        data = sys.stdin.buffer.read(most + 1)
        if len(data) > most and data.lstrip()[:1] == b"{":
            most = limits.DESIGN_BYTES
            data += sys.stdin.buffer.read(most + 1 - len(data))
    except paths.FAULTS as error:
        sink.error(UNREADABLE, f"<stdin>: cannot be read: {paths.why(error)}")
        return None
    return decode("<stdin>", data, sink, most)


def design(
    spec: str,
    net: str | None = None,
    size: str | None = None,
    settings: Mapping[str, Any] = {},
    features: Wanted = (),
    output_stride: int | None = None,
    freeze: str | None = None,
    fused: bool = False,
    *,
    broken: Sink | None = None,
) -> Design:
    """The design of a SPEC; its warnings are shown, its errors raised.

    With `broken`, contracts that do not hold are shown, and are there for the exit status.
    """
    sink = Sink()
    located = found(spec, sink)
    if located is None:
        raise SpecError(sink.diagnostics)
    with progress(f"checking {spec}"):
        wanted = given_size(size), settings, features, output_stride, freeze, fused
        made = designed(located, sink, net, *wanted, broken=broken)
    terminal.show([*made.diagnostics, *(broken.diagnostics if broken else ())])
    return made


def given_size(size: str | None) -> Text | None:
    """What `--input` says, marked as a text of the command line."""
    return None if size is None else Text(size)
