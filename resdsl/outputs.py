"""Writing a file whole or not at all, and never over somebody's work."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


class OutputError(Exception):
    """A file that cannot be written: one line that says which, why, and the way out."""


def write(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Puts `content` (a text as UTF-8, its line ends unchanged) at `path`.

    It is written beside its place and then moved there, so that nobody ever sees half of it: after
    an error or Ctrl-C the old file stands as it was, and of two processes the last one wins.
    """
    place = check(path)
    data = content.encode() if isinstance(content, str) else content
    # Not `tempfile`: that makes files for their owner alone, and this one is to have the rights of
    # the file that it replaces, or of any new file.
    draft = place.with_name(f".{place.name[:64]}.{os.urandom(6).hex()}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(data)
        with suppress(FileNotFoundError):
            draft.chmod(stat.S_IMODE(place.stat().st_mode))
        draft.replace(place)
    except OSError as error:
        raise OutputError(_why(place, error)) from error
    finally:
        with suppress(OSError):
            draft.unlink()
    return Path(path)


def check(path: str | os.PathLike[str]) -> Path:
    """Where `path` leads, through links, if a file can be put there; asked before a long work."""
    shown = Path(path)
    try:
        place = shown.resolve()
        folder = place.parent
        if place.is_dir():
            raise OutputError(f"{shown}: is a folder; name a file to write")
        if place.exists() and not place.is_file():
            raise OutputError(f"{shown}: is not a regular file; name another one")
        if not folder.exists():
            raise OutputError(
                f"{shown}: there is no folder {shown.parent}; make it first or name another one"
            )
        if not folder.is_dir():
            raise OutputError(f"{shown}: {shown.parent} is a file, not a folder")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OutputError(
                f"{shown}: the folder {folder} is read-only; name another one with -o"
            )
        if place.exists() and not os.access(place, os.W_OK):
            raise OutputError(f"{shown}: the file is read-only; name another one with -o")
    except (OSError, ValueError) as error:
        raise OutputError(_why(shown, error)) from error
    return place


def refuse_to_lose(path: Path, is_ours: Callable[[bytes], bool], *, force: bool) -> None:
    """OutputError where a file is there that resdsl did not write, or somebody changed since."""
    if force or not path.exists():
        return
    try:
        content = path.read_bytes()
    except OSError as error:
        raise OutputError(f"{path}: cannot be read ({error.strerror})") from error
    if not is_ours(content):
        raise OutputError(
            f"{path}: was edited by hand, or not written by resdsl; "
            "--force overwrites it, -o names another file"
        )


def _why(path: Path, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{path}: cannot be written ({reason})"
