"""Trains a network of resdsl on images, alone or under torchrun, on CPUs or GPUs.

    pip install 'resdsl[train]'
    python examples/train.py --preset digits --out runs/digits
    python examples/train.py --preset mnist-tutorial --data data/MNIST --out runs/mnist
    torchrun --nproc-per-node 2 examples/train.py cifar_resnet20 --data cifar-10-batches-bin

docs/training.md says more. What it is made of stands beside it, in `training/`.
"""

from __future__ import annotations

import os
import sys

import torch

import resdsl
from training import curves, digits, fit
from training.data import opened
from training.failure import TrainingError
from training.interruption import Interruption, noted
from training.options import Options, parsed
from training.processes import Processes, joined
from training.run import Run

INTERRUPTED = 130


def main() -> int:
    options = parsed()
    if options.deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
    try:
        with joined(options.device) as processes:
            interruption = Interruption()
            with noted(interruption, is_alone=processes.count == 1):
                return train(options, processes, interruption)
    except (TrainingError, resdsl.SpecError, resdsl.OutputError, OSError) as error:
        print(f"train.py: {str(error).strip()}", file=sys.stderr)
        return 1


def train(options: Options, processes: Processes, interruption: Interruption) -> int:
    """All runs that were asked for: one, or one for each fold of the digits."""
    design = resdsl.design(
        options.spec, net=options.net, input=options.input, settings=options.settings
    )
    folds = digits.folds(options.data, options.folds)
    accuracies: list[float] = []
    for fold in folds:
        data = opened(options.data, fit.size_of(design), fold)
        folder = options.out / f"fold-{fold}" if len(folds) > 1 else options.out
        run = Run(options, design, data, folder, processes)
        run.begin()
        if not run.train(interruption):
            return INTERRUPTED
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
        curves.write_table(options.out / "folds.csv", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
