"""What lies at a path: its bytes, no more than are wanted, or in words why there are none."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

# What the system and Python raise for a path. A circle of links is a RuntimeError of `resolve`
# before Python 3.13, a NUL or half a character in a name a ValueError.
FAULTS = (OSError, RuntimeError, ValueError)

# Longer names are told by their ends.
_SHOWN = 200

_WORDS = {
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
    errno.ELOOP: "its links lead in a circle",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ENOENT: "no such file",
    errno.ENOSPC: "no space left on the device",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EROFS: "the file system is read-only",
}


class NotRegularError(OSError):
    """A folder, pipe or device stands where a file should."""


def content(path: str | os.PathLike[str], most: int) -> bytes:
    """The first `most` bytes of a file, or of a stream that the shell handed over.

    Anything else would keep us waiting for ever (a pipe without a writer) or give without end.
    Raises one of FAULTS; NotRegularError where no file is.
    """
    is_open = is_stream(path)
    mode = os.stat(path).st_mode  # noqa: PTH116 - a Path would drop the slash behind a file
    if stat.S_ISDIR(mode):
        raise NotRegularError("is a folder, not a file")
    if not (is_open or stat.S_ISREG(mode)):
        raise NotRegularError("is not a regular file")
    with open(path, "rb", opener=None if is_open else _at_once) as file:
        # None of a file of the kernel's that has nothing to say yet.
        return file.read(most) or b""


def is_file(path: str | os.PathLike[str]) -> bool:
    """Whether a file is there: no name that a text may have is a reason to raise."""
    return os.path.isfile(path)  # noqa: PTH113 - a Path raises where the name is too long


def is_stream(path: str | os.PathLike[str]) -> bool:
    """Whether it is open already: standard input, or what `<(…)` of a shell stands for."""
    name = os.fspath(path)
    folder, _, number = name.rpartition("/")
    is_number = number.isascii() and number.isdigit()
    return name == "/dev/stdin" or (folder in ("/dev/fd", "/proc/self/fd") and is_number)


def shown(path: str | os.PathLike[str]) -> str:
    """A path on one line, and no longer than one wants to read."""
    name = os.fspath(path).replace("\n", "\\n")
    return name if len(name) <= _SHOWN else f"{name[: _SHOWN // 2]}…{name[-_SHOWN // 2 :]}"


def why(error: Exception) -> str:
    """The reason that one of FAULTS gives, in words."""
    if isinstance(error, NotRegularError):
        return str(error)
    if isinstance(error, FileNotFoundError) and here() is None:
        return "the current folder is gone"
    if isinstance(error, OSError):
        return _WORDS.get(error.errno or 0) or error.strerror or str(error)
    if isinstance(error, RuntimeError):
        return _WORDS[errno.ELOOP]
    return "no file has such a name"


def here() -> Path | None:
    """The current folder; None if it was removed under us."""
    try:
        return Path.cwd()
    except OSError:
        return None


def from_here(path: Path) -> str:
    """A path as short as it still leads there."""
    folder = here()
    is_inside = folder is not None and path.is_relative_to(folder)
    return str(path.relative_to(folder)) if folder is not None and is_inside else str(path)


def _at_once(path: str, flags: int) -> int:
    """Opens without waiting for anybody."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
