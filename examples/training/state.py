"""What a checkpoint has beside the weights: how far a training is. A file is not believed.

Only tensors, numbers, strings, and lists and dicts of them are read, and of them only what a
training of this kind can have written. Otherwise it could go on for an epoch before it fails, or
to the end with wrong figures.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

Row = dict[str, float]

OF_EPOCH = (
    "epoch",
    "step",
    "rate",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
)  # fmt: skip
OF_BATCH = ("step", "loss")


@dataclass(frozen=True)
class State:
    step: int  # that many are done
    sums: Tensor  # (3,) float64: `Totals` of the epoch that is running, over all processes
    epochs: list[Row]  # with `OF_EPOCH`
    losses: list[Row]  # with `OF_BATCH`
    optimiser: dict[int, dict[str, Tensor]]  # what it keeps of each parameter, by its number
    scaler: dict[str, float]

    def write(self, path: Path) -> None:
        torch.save(vars(self), path)


class StateError(Exception):
    """What is wrong with a file's state."""


@dataclass(frozen=True)
class Training:
    """What a state is compared with: the training that is to go on."""

    step: int  # by the name of the checkpoint
    steps: int
    steps_of_epoch: int
    parameters: list[Tensor]  # in the optimiser's order
    kept: set[str]  # what it keeps of each
    scaler: dict[str, float]  # as it begins

    def read(self, path: Path) -> State:
        """Raises StateError, and OSError where the file cannot be read."""
        _check_size(path, self._most_bytes())
        try:
            # On the CPU, where Adam's step counts belong; the optimiser moves the others.
            found = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # what a broken file raises is of many kinds
            first_line = str(error).strip().partition("\n")[0]
            raise StateError(f"cannot be read: {_brief(first_line)}") from error
        self._check(found)
        state = State(**found)
        for kept in state.optimiser.values():
            for name, value in kept.items():
                kept[name] = value.clone()  # memory of its own for each value
        return state

    def _most_bytes(self) -> int:
        """More than any such state has: tensors as big as the parameters, twice, and the rows."""
        tensors = sum(parameter.nbytes for parameter in self.parameters)
        return 4 * tensors + 2000 * len(self.parameters) + 1000 * self.step + 2**20

    def _check(self, found: Any) -> None:
        _check_that(isinstance(found, dict), "is no dict")
        names = set(State.__dataclass_fields__)
        _check_that(set(found) == names, f"has not the entries {', '.join(sorted(names))}")
        step = found["step"]
        is_step = type(step) is int and 0 < step <= self.steps
        _check_that(is_step, f"step is none of 1 to {self.steps}")
        _check_that(step == self.step, f"step is {step}, its folder is named for {self.step}")
        _check_tensor("sums", found["sums"], torch.zeros(3, dtype=torch.float64))
        ended = step // self.steps_of_epoch
        rows = _checked_rows("epochs", found["epochs"], OF_EPOCH)
        numbers = [(row["epoch"], row["step"]) for row in rows]
        wanted = [(epoch, epoch * self.steps_of_epoch) for epoch in range(1, ended + 1)]
        _check_that(numbers == wanted, f"epochs are not those of {step} steps")
        steps = [row["step"] for row in _checked_rows("losses", found["losses"], OF_BATCH)]
        _check_that(
            steps == sorted(set(steps)) and all(0 < each <= step for each in steps),
            f"losses are not those of {step} steps",
        )
        self._check_optimiser(found["optimiser"])
        self._check_scaler(found["scaler"])

    def _check_optimiser(self, found: Any) -> None:
        _check_that(isinstance(found, dict), "optimiser is no dict")
        # float16's gradients may have been too great for any step so far.
        if self.scaler and not found:
            return
        numbers = range(len(self.parameters) if self.kept else 0)
        _check_that(set(found) == set(numbers), f"optimiser is not that of {len(numbers)} tensors")
        for number in numbers:
            kept = found[number]
            _check_that(
                isinstance(kept, dict) and set(kept) == self.kept,
                f"optimiser keeps not {', '.join(sorted(self.kept))} of tensor {number}",
            )
            for name, value in kept.items():
                like = torch.zeros(()) if name == "step" else self.parameters[number]
                _check_tensor(f"optimiser's {name} of tensor {number}", value, like)
                if name == "step":
                    _check_that(0 <= value.item() <= self.step, f"optimiser's step is {value}")

    def _check_scaler(self, found: Any) -> None:
        _check_that(isinstance(found, dict), "scaler is no dict")
        if bool(found) != bool(self.scaler):
            raise StateError(
                "it was begun with float16 and goes on without it, or the other way around: --amp "
                "names what it was begun with"
            )
        _check_that(set(found) == set(self.scaler), "scaler has other entries")
        for name, value in found.items():
            _check_that(
                _is_number(value) and isfinite(value) and value >= 0,
                f"scaler's {name} is no number that it can be",
            )
        _check_that(not found or found["scale"] > 0, "scaler's scale is 0")


def _check_size(path: Path, most: int) -> None:
    """A file that is small can unpack to one that is not: torch writes none that is packed."""
    try:
        with zipfile.ZipFile(path) as file:
            size = sum(each.file_size for each in file.infolist())
            is_packed = any(each.compress_type for each in file.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise StateError("is no file of torch.save, or a part of one") from error
    _check_that(not is_packed and size <= most, f"has {size:,} bytes, more than such a state can")


def _check_that(holds: bool, wrong: str) -> None:
    if not holds:
        raise StateError(wrong)


def _check_tensor(name: str, found: Any, like: Tensor) -> None:
    is_plain = (
        isinstance(found, Tensor)
        and found.layout == torch.strided
        and found.device.type == "cpu"
        and not found.is_quantized
    )
    _check_that(is_plain, f"{name} is no tensor with values")
    _check_that(
        (found.shape, found.dtype) == (like.shape, like.dtype),
        f"{name} is {found.dtype} {_brief(str(tuple(found.shape)))}, "
        f"not {like.dtype} {tuple(like.shape)}",
    )


def _checked_rows(name: str, found: Any, columns: Iterable[str]) -> list[Row]:
    wanted = list(columns)
    _check_that(
        isinstance(found, list)
        and all(
            isinstance(row, dict) and list(row) == wanted and all(map(_is_number, row.values()))
            for row in found
        ),
        f"{name} are not rows of {', '.join(wanted)}",
    )
    return list(found)


def _is_number(value: Any) -> bool:
    """A float, which nan is too, or an integer of 64 bits."""
    return type(value) is float or (type(value) is int and abs(value) < 2**63)


def _brief(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
