"""A program for torchrun: `train.py`, interrupted behind some steps."""

from __future__ import annotations

from tests.training.test_runs import Countdown
from training.folds import train
from training.interruption import leave
from training.options import parsed
from training.processes import joined

if __name__ == "__main__":
    with joined("cpu") as processes:
        leave(int(train(parsed(), processes, Countdown(6)) != 130))
