"""Files that are written into a folder beside their place, and moved there when they are right."""

from __future__ import annotations

import mmap
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from resdsl import outputs, paths
from resdsl.exporting.engines import MARK
from resdsl.exporting.refusal import ExportError
from resdsl.outputs import KeptError, OutputError


def allowed(path: Path, *, force: bool) -> Path:
    """Where the file is to be; OutputError where it cannot, or where somebody's work stands."""
    place = outputs.check(path)
    beside = place.with_suffix(".bin")
    if place.suffix == ".xml":
        outputs.check(beside)
    if force:
        return place
    if place.exists():
        if not _is_ours(place):
            raise KeptError(f"{paths.shown(path)}: is no export of resdsl's")
    elif place.suffix == ".xml" and beside.exists():
        raise KeptError(f"{paths.shown(path.with_suffix('.bin'))}: is no export of resdsl's")
    return place


def _is_ours(place: Path) -> bool:
    try:
        with place.open("rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                return False
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return content.find(MARK.encode()) >= 0
    except OSError as error:
        raise OutputError(f"{paths.shown(place)}: cannot be read ({paths.why(error)})") from error


@contextmanager
def draft(place: Path) -> Iterator[Path]:
    """The path to write to meanwhile. What is there at the end moves to its place, whole.

    After an error nothing is left, and old files stand as they were. Names are those of the end:
    a file of weights is called by its own name in the file beside it.
    """
    folder = place.with_name(f".{place.name[:32]}.{os.urandom(6).hex()}.tmp")
    try:
        try:
            folder.mkdir()
        except OSError as error:
            raise OutputError(_why(place, error)) from error
        try:
            yield folder / place.name
        except ExportError as error:
            if isinstance(error.__cause__, OSError):  # a full disk is no fault of the exporter
                raise OutputError(_why(place, error.__cause__)) from error
            raise
        try:
            # The file that names the others comes last.
            for made in sorted(folder.iterdir(), key=lambda made: made.name == place.name):
                made.replace(place.with_name(made.name))
        except OSError as error:
            raise OutputError(_why(place, error)) from error
    finally:
        with suppress(OSError):
            shutil.rmtree(folder)


def _why(place: Path, error: Exception) -> str:
    return f"{paths.shown(place)}: cannot be written ({paths.why(error)})"
