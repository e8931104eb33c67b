"""A file's text, or one line that says why there is none."""

from __future__ import annotations

import os
from pathlib import Path

from resdsl import limits
from resdsl.diagnostics.codes import ENCODING, LIMIT, UNREADABLE
from resdsl.diagnostics.model import Sink
from resdsl.source import Source


def read(path: str | os.PathLike[str], sink: Sink, most: int = limits.FILE_BYTES) -> Source | None:
    """The source under the name of `path` as given, of at most so many bytes.

    None after an error, which has no span.
    """
    name = os.fspath(path)
    try:
        if Path(name).is_dir():
            sink.error(UNREADABLE, f"{name}: is a folder, not a file")
            return None
        if Path(name).exists() and not Path(name).is_file():
            # A pipe without a writer would keep us waiting for ever, a device give without end.
            sink.error(
                UNREADABLE,
                f"{name}: is not a regular file",
                help=["`-` reads standard input: resdsl check - < PIPE"],
            )
            return None
        with Path(name).open("rb") as file:
            data = file.read(most + 1)
    except FileNotFoundError:
        sink.error(UNREADABLE, f"{name}: no such file")
        return None
    except PermissionError:
        sink.error(UNREADABLE, f"{name}: no permission to read it")
        return None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        sink.error(UNREADABLE, f"{name!r}: cannot be read ({reason})")
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
