"""The ways of a signal past the residuals, as plain text."""

from __future__ import annotations

from resdsl.analysis.signal_path import SignalPath, SkipPath, StagePath
from resdsl.drawing.tables.columns import aligned
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class ShortcutPath:
    """A line a stage: its units, and what stands on the way through it. Print it."""

    path: SignalPath

    @property
    def stages(self) -> tuple[StagePath, ...]:
        return self.path.stages

    @property
    def whole(self) -> SkipPath:
        """From the first stage to the end of the last."""
        return self.path.whole

    def __str__(self) -> str:
        name = self.path.name
        if not self.whole.sums:
            return f"{name} has no residual"
        caption = f"{name}: the way from x_l to x_L, past the mains of the residuals"
        rows = [("stage", "units", "on the way"), *(_row(stage) for stage in self.stages)]
        foot = ("all", str(sum(stage.units for stage in self.stages)), self.whole.text())
        return aligned(caption, [*rows, foot], (False, True, False), 1)


def _row(stage: StagePath) -> tuple[str, str, str]:
    text = stage.way.text()
    if stage.later is not None and stage.later.is_identity and not stage.way.is_identity:
        text = f"the identity, but for the first unit: {text}"
    return stage.name, str(stage.units), text
