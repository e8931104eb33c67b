"""Where a training is, on disk: the weights as safetensors, the rest apart. No pickle is read.

A checkpoint is a folder `checkpoints/step-000120` with `model.safetensors` and `training.pt`. It
appears whole or not at all, and the one before it goes only when it is there.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn

import resdsl
from training.failure import TrainingError
from training.files import new_folder

WEIGHTS = "model.safetensors"
STATE = "training.pt"
KEYS = {"step", "sums", "epochs", "losses", "optimiser", "scaler"}


def save_weights(model: nn.Module, path: Path, about: dict[str, str] | None = None) -> None:
    """Parameters, buffers and the design in one file, which every command of resdsl reads.

    `about` is kept in its metadata.
    """
    resdsl.save(model, path, metadata=about, force=True)


def load_weights(model: nn.Module, path: Path) -> None:
    model.load_state_dict(load_file(path))


def save(run: Path, step: int, model: nn.Module, state: dict[str, Any]) -> None:
    """`state` has the entries `KEYS`: tensors, numbers, strings, and lists and dicts of them."""
    before = _all(run)
    with new_folder(run / "checkpoints" / f"step-{step:06}") as folder:
        save_weights(model, folder / WEIGHTS)
        torch.save(state, folder / STATE)
    for older in before:
        if older.name != f"step-{step:06}":
            shutil.rmtree(older)


def latest(run: Path) -> Path | None:
    return max(_all(run), key=lambda path: int(path.name.removeprefix("step-")), default=None)


def load(folder: Path, model: nn.Module, device: torch.device) -> dict[str, Any]:
    """Gives the model its weights, and the state back. Raises TrainingError for other files."""
    try:
        load_weights(model, folder / WEIGHTS)
        # Tensors and plain values alone: a file that holds anything else is refused, and not run.
        state: dict[str, Any] = torch.load(folder / STATE, map_location=device, weights_only=True)
        if state.keys() != KEYS:
            raise ValueError("it has other entries")
    except Exception as error:  # what a broken file raises is of many kinds
        reason = str(error).strip().partition("\n")[0]
        raise TrainingError(f"{folder}: is no checkpoint of this run ({reason})") from error
    return state


def _all(run: Path) -> list[Path]:
    found = (run / "checkpoints").glob("step-*")
    return [path for path in found if path.is_dir() and re.fullmatch(r"step-\d{6,}", path.name)]
