"""Writing a file whole or not at all, and never over somebody's work."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from resdsl import limits, paths


class OutputError(Exception):
    """A file that cannot be written: one line that says which, why, and the way out."""


class KeptError(OutputError):
    """A file that is there and may be somebody's work. `why` is the same on each side."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; force=True overwrites it, another path keeps it")
        self.why = why


def write(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Puts `content` (a text as UTF-8, its line ends unchanged) at `path`.

    It is written beside its place and then moved there, so that nobody ever sees half of it: after
    an error or Ctrl-C the old file stands as it was, and of two processes the last one wins.
    """
    place = check(path)
    data = content.encode() if isinstance(content, str) else content
    # Not `tempfile`: that makes files for their owner alone, and this one is to have the rights of
    # the file that it replaces, or of any new file.
    draft = place.with_name(f".{place.name[:32]}.{os.urandom(6).hex()}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(data)
        with suppress(FileNotFoundError):
            draft.chmod(stat.S_IMODE(place.stat().st_mode))
        draft.replace(place)
    except OSError as error:
        raise OutputError(_why(Path(path), error)) from error
    finally:
        with suppress(OSError):
            draft.unlink()
    return Path(path)


def check(path: str | os.PathLike[str]) -> Path:
    """Where `path` leads, through links, if a file can be put there; asked before a long work."""
    shown = Path(path)
    named = paths.shown(path)
    try:
        place = shown.resolve()
        folder = place.parent
        parent = paths.shown(paths.from_here(folder) if shown.is_symlink() else shown.parent)
        if place.is_dir():
            raise OutputError(f"{named}: is a folder; name a file to write")
        if place.exists() and not place.is_file():
            raise OutputError(f"{named}: is not a regular file; name another one")
        if not folder.exists():
            raise OutputError(
                f"{named}: there is no folder {parent}; make it first or name another one"
            )
        if not folder.is_dir():
            raise OutputError(f"{named}: {parent} is a file, not a folder")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OutputError(f"{named}: the folder {parent} is read-only; name another one")
        if place.exists() and not os.access(place, os.W_OK):
            raise OutputError(f"{named}: the file is read-only; name another one")
    except paths.FAULTS as error:
        raise OutputError(_why(shown, error)) from error
    return place


def refuse_to_lose(path: Path, is_ours: Callable[[bytes], bool], *, force: bool) -> None:
    """KeptError where a file is there that resdsl did not write, or somebody changed since.

    What is longer than a design may be is cut off there, and is not ours as it is.
    """
    content = None if force else standing(path, limits.DESIGN_BYTES)
    if content is not None and not is_ours(content):
        raise KeptError(f"{paths.shown(path)}: was edited by hand, or not written by resdsl")


def refuse_source(path: Path, source: Path | None) -> None:
    """OutputError where an output would stand in the place of the spec that it is made from.

    A design in JSON may be written over itself: it is what it was.
    """
    try:
        is_same = source is not None and path.samefile(source)
    except (OSError, ValueError):  # nothing is there
        return
    if is_same and source and not path.suffix == source.suffix == ".json":
        message = f"{paths.shown(path)}: is the spec itself, which would be lost; name another file"
        raise OutputError(message)


def standing(path: str | os.PathLike[str], most: int) -> bytes | None:
    """The first `most` bytes of what an output would replace; None if nothing is there."""
    try:
        return paths.content(path, most)
    except FileNotFoundError:
        return None
    except paths.FAULTS as error:
        message = f"{paths.shown(path)}: cannot be read ({paths.why(error)})"
        raise OutputError(message) from error


def _why(path: Path, error: Exception) -> str:
    return f"{paths.shown(path)}: cannot be written ({paths.why(error)})"
