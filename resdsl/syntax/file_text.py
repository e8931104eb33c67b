"""A file's text, or one line that says why there is none."""

from __future__ import annotations

import os

from resdsl import limits, paths
from resdsl.diagnostics.codes import ENCODING, LIMIT, UNREADABLE
from resdsl.diagnostics.diagnostic import Sink
from resdsl.source import Source


def read(path: str | os.PathLike[str], sink: Sink, most: int = limits.FILE_BYTES) -> Source | None:
    """The source under the name of `path` as given, of at most so many bytes.

    None after an error, which has no span.
    """
    name = os.fspath(path)
    try:
        data = paths.content(path, most + 1)
    except paths.NotRegularError as error:
        help = ["`-` reads standard input: resdsl check - < PIPE"]
        is_folder = os.path.isdir(path)  # noqa: PTH112
        sink.error(UNREADABLE, f"{paths.shown(name)}: {error}", help=[] if is_folder else help)
        return None
    except paths.FAULTS as error:
        sink.error(UNREADABLE, f"{paths.shown(name)}: {_reason(name, error)}")
        return None
    return decode(name, data, sink, most)


def decode(name: str, data: bytes, sink: Sink, most: int = limits.FILE_BYTES) -> Source | None:
    """The source of bytes that came from somewhere else (standard input)."""
    if len(data) > most:
        sink.error(LIMIT, f"{name}: is larger than a spec may be ({most:,} bytes)")
        return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        sink.error(ENCODING, f"{name}: is UTF-16, not UTF-8", help=["save it as UTF-8"])
        return None
    if b"\0" in data:
        sink.error(ENCODING, f"{name}: is a binary file, not a spec (it has NUL bytes)")
        return None
    try:
        return Source(name, data.decode())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        sink.error(
            ENCODING,
            f"{name}: is not UTF-8 text (byte {data[error.start]:#04x} in line {line})",
            help=["save it as UTF-8"],
        )
        return None


def _reason(name: str, error: Exception) -> str:
    reason = paths.why(error)
    if isinstance(error, FileNotFoundError) and os.path.islink(name):  # noqa: PTH114
        return f"is a link to {os.readlink(name)}, which is not there"  # noqa: PTH115
    return reason if isinstance(error, FileNotFoundError) else f"cannot be read: {reason}"
