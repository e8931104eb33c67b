"""All trainings that a command line asks for: one, or one for each fold of the digits."""

from __future__ import annotations

import resdsl
from training import curves, digits, fit
from training.data import opened
from training.failure import TrainingError
from training.interruption import Interruption
from training.options import Options
from training.processes import Processes
from training.run import Run


def train(options: Options, processes: Processes, interruption: Interruption) -> int:
    """Gives the exit status: 0, or that of the signal that came."""
    design = resdsl.design(
        options.spec, net=options.net, input=options.input, settings=options.settings
    )
    folds = digits.folds(options.data, options.folds)
    table = options.out / "folds.csv"
    if len(folds) > 1 and table.exists() and not options.resume:
        raise TrainingError(f"{table}: would be lost; --out names another folder")
    accuracies: list[float] = []
    for fold in folds:
        data = opened(options.data, fit.size_of(design), fold)
        folder = options.out / f"fold-{fold}" if len(folds) > 1 else options.out
        run = Run(options, design, data, folder, processes)
        with interruption.noted():
            run.begin()
            if not run.train(interruption):
                return interruption.status
        accuracies.append(run.epochs[-1]["test_accuracy"])
        if processes.is_first and len(folds) > 1:
            print(f"fold {fold}: {accuracies[-1]:.2%}", flush=True)
    if processes.is_first and len(folds) > 1:
        mean = sum(accuracies) / len(accuracies)
        print(f"mean of {len(folds)} folds: {mean:.2%}")
        rows = [
            {"fold": fold, "test_accuracy": accuracy}
            for fold, accuracy in zip(folds, accuracies, strict=True)
        ]
        with interruption.writing():
            curves.write_table(table, rows)
    return 0
