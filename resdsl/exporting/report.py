"""What an export has in it, and how near it is to the module that it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Range:
    """The sizes that a dimension may have: from `least` to `most` (None: without end), `step`
    apart."""

    name: str
    least: int
    most: int | None = None
    step: int = 1

    def __str__(self) -> str:
        if self.most == self.least:
            return f"{self.name} = {self.least}"
        end = f" ≥ {self.least}" if self.most is None else f" {self.least}…{self.most}"
        if self.step == 1:
            return f"{self.name}{end}"
        return f"{self.name}{end} where {self.name} % {self.step} == {self.least % self.step}"


@dataclass(frozen=True, slots=True)
class ExportedInput:
    """The input's name in the file, its shape (N, C, *extents), in which a dynamic dimension is a
    name, and the range of each of these."""

    name: str
    shape: tuple[int | str, ...]
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One output at one input shape (N, C, *extents): the largest absolute errors of the engine
    that ran the file and of torch's eager float32, both against the module in float64, and the
    largest that the engine may have."""

    output: str
    shape: tuple[int, ...]
    error: float
    eager: float
    allowed: float


@dataclass(frozen=True, slots=True)
class ExportReport:
    """A file that was written and compared. `notes` say what a reader might not expect: weights
    that were drawn, sizes that the design takes and torch's export leaves out."""

    file: Path
    format: str
    inputs: tuple[ExportedInput, ...]
    outputs: tuple[str, ...]
    checks: tuple[Check, ...]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        """For people; the notes are not in it."""
        lines = []
        for one in self.inputs:
            shape = " x ".join(str(n) for n in one.shape)
            ranges = f" where {', '.join(map(str, one.ranges))}" if one.ranges else ""
            lines.append(f"input {one.name}: {shape}{ranges}")
        lines.append(f"output{'s' * (len(self.outputs) > 1)} {', '.join(self.outputs)}")
        shapes = ", ".join(dict.fromkeys(" x ".join(map(str, c.shape)) for c in self.checks))
        worst = max(self.checks, key=lambda check: check.error)
        lines.append(
            f"compared with the module at {shapes}: errors up to {worst.error:.1e}, "
            f"torch's own {worst.eager:.1e}"
        )
        return "\n".join(lines)
