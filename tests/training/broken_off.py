"""A program for torchrun: `train.py`, interrupted behind some steps."""

from __future__ import annotations

import sys

from tests.training.test_runs import Countdown
from train import joined, parsed, train

if __name__ == "__main__":
    with joined("cpu") as processes:
        sys.exit(train(parsed(), processes, Countdown(6)) != 130)  # type: ignore[arg-type]
