"""What does not hold of a text, and how it is told."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Failure:
    """`kind` is what a smaller text must still show."""

    kind: str
    message: str
    # The key of the parameter or the buffer that differs, and by how much.
    of: str = ""
    far: float = inf

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}".replace("\n", " | ")


@dataclass(slots=True)
class Outcome:
    """`networks` were built and compared; a text may be refused, and have none."""

    failures: list[Failure]
    networks: int = 0
    codes: tuple[str, ...] = ()
    # The emitted modules.
    sources: list[str] = field(default_factory=list)


def raised(where: str, error: BaseException) -> Failure:
    """An exception, told apart by its type and by where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "/resdsl/" in f.filename and "/tests/" not in f.filename]
    emitted = [f for f in frames if f.filename.startswith("<resdsl")]
    at = f"{Path(own[-1].filename).name}:{own[-1].name}" if own else "?"
    line = linecache.getline(emitted[-1].filename, emitted[-1].lineno or 0) if emitted else ""
    message = " ".join(str(error).split())[:300]
    place = " <- ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(own[-3:]))
    if emitted:
        at = "emitted"
    return Failure(
        f"{where}: {type(error).__name__} in {at}", f"{message} [{place}] {line.strip()}".strip()
    )


def first(found: Iterator[Failure]) -> Iterator[Failure]:
    """One is enough: what follows would follow from it."""
    for failure in found:
        yield failure
        return
