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

from training.interruption import Interruption, leave
from training.options import parsed


def main(interruption: Interruption) -> int:
    options = parsed()
    if options.deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")

    # It takes seconds: not before a mistake in the options is told.
    import torch

    import resdsl
    from training.failure import TrainingError
    from training.folds import train
    from training.processes import joined

    torch.use_deterministic_algorithms(options.deterministic)
    try:
        with joined(options.device) as processes:
            return train(options, processes, interruption)
    except (TrainingError, resdsl.SpecError, resdsl.OutputError, OSError) as error:
        print(f"train.py: {str(error).strip()}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    heard = Interruption(is_alone="WORLD_SIZE" not in os.environ)
    heard.listen()
    leave(main(heard))
