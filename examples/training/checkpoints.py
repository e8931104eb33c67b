"""Where a training is, on disk: the weights as safetensors, the rest apart. No pickle is read.

A checkpoint is a folder `checkpoints/step-000120` with `model.safetensors` and `training.pt`. It
appears whole or not at all, and the one before it goes only when it is there.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

import resdsl
from training.failure import TrainingError
from training.files import new_folder
from training.state import State, StateError, Training

WEIGHTS = "model.safetensors"
STATE = "training.pt"


def save_weights(model: nn.Module, path: Path, about: dict[str, str] | None = None) -> None:
    """Parameters, buffers and the design in one file, which every command of resdsl reads.

    `about` is kept in its metadata.
    """
    resdsl.save(model, path, metadata=about, force=True)


def load_weights(model: nn.Module, path: Path) -> None:
    model.load_state_dict(load_file(path))


def save(run: Path, model: nn.Module, state: State) -> None:
    before = _all(run)
    with new_folder(run / "checkpoints" / f"step-{state.step:06}") as folder:
        save_weights(model, folder / WEIGHTS)
        state.write(folder / STATE)
    for older in before:
        shutil.rmtree(older)


def latest(run: Path) -> Path | None:
    return max(_all(run), key=step_of, default=None)


def step_of(checkpoint: Path) -> int:
    return int(checkpoint.name.removeprefix("step-"))


def load(folder: Path, model: nn.Module, training: Training) -> State:
    """Gives the model its weights, and the state back. Raises TrainingError for other files."""
    path = folder / STATE
    try:
        state = training.read(path)
        path = folder / WEIGHTS
        load_weights(model, path)
    except (StateError, SafetensorError, RuntimeError, OSError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise TrainingError(
            f"{path}: is not of this run, or damaged ({reason}); nothing was changed. Without a "
            f"copy of it the run cannot go on: start one with another --out, with --weights "
            f"{folder / WEIGHTS} from where it was"
        ) from error
    return state


def _all(run: Path) -> list[Path]:
    found = (run / "checkpoints").glob("step-*")
    return [path for path in found if path.is_dir() and re.fullmatch(r"step-\d{6,}", path.name)]
