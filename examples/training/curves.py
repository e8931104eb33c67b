"""What a training came to, as tables for programs and a picture for people."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

from training.files import replacing

Row = Mapping[str, float]


def table(rows: Sequence[Row]) -> str:
    """CSV with the keys of the first row as its head."""
    text = StringIO()
    if rows:
        writer = csv.DictWriter(text, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue()


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """`table` as a file; none where there are no rows."""
    if rows:
        with replacing(path) as draft:
            draft.write_bytes(table(rows).encode())


def can_draw() -> bool:
    """Whether matplotlib is there."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return False
    return True


def draw(path: Path, title: str, epochs: Sequence[Row], losses: Sequence[Row]) -> None:
    """Losses by step on the left, errors by epoch on the right, in PNG, SVG or PDF."""
    from matplotlib.figure import Figure

    if not epochs:
        return
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    figure.suptitle(title)
    left, right = figure.subplots(1, 2)
    steps = [row["step"] for row in epochs]
    if losses:
        left.plot(*_columns(losses, "step", "loss"), color="0.75", label="one batch")
    left.plot(
        steps, [row["train_loss"] for row in epochs], marker=".", label="training, mean of an epoch"
    )
    left.plot(steps, [row["test_loss"] for row in epochs], marker=".", label="test")
    left.set(xlabel="step", ylabel="loss", yscale="log")
    for part, label in (("train", "training"), ("test", "test")):
        numbers, accuracy = _columns(epochs, "epoch", f"{part}_accuracy")
        right.plot(numbers, [100 * (1 - value) for value in accuracy], marker=".", label=label)
    right.set(xlabel="epoch", ylabel="error, %", ylim=(0, None))
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    with replacing(path) as draft:
        figure.savefig(draft, dpi=150)


def _columns(rows: Sequence[Row], *names: str) -> list[list[float]]:
    return [[row[name] for row in rows] for name in names]
