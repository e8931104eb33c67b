"""scikit-learn's digits: 1,797 images of 8x8, in five folds. They come with the library."""

from __future__ import annotations

import torch

from training.data import Data, in_memory
from training.failure import TrainingError

NAME = "digits"
FOLDS = 5


def read(fold: int) -> Data:
    """Fold 1 to 5: some 1,437 images to train on and 360 to test with."""
    try:
        from sklearn.datasets import load_digits
        from sklearn.model_selection import StratifiedKFold
    except ImportError:
        message = "--data digits needs scikit-learn: pip install 'resdsl[train]'"
        raise TrainingError(message) from None
    found = load_digits()
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    train, test = list(folds.split(found.data, found.target))[fold - 1]
    # From 0 to 16 there, from 0 to 240 here: whole numbers.
    images = (torch.from_numpy(found.images) * 15).to(torch.uint8).unsqueeze(1)
    labels = torch.from_numpy(found.target)
    return in_memory(NAME, (images[train], labels[train]), (images[test], labels[test]), 10)


def folds(data: str, text: str) -> range:
    """`--folds`: `all`, or one of 1 to 5. Other data are not divided into any."""
    if data != NAME and text != "1":
        raise TrainingError(f"--folds are of the digits; {data} is divided as it stands")
    every = range(1, FOLDS + 1)
    if text == "all":
        return every
    if text not in map(str, every):
        raise TrainingError(f"--folds: a number from 1 to {FOLDS}, or all, not {text}")
    return range(int(text), int(text) + 1)
