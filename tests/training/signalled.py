"""A program: `train.py` with signals in a call of one of its functions, once for each moment.

python signalled.py ARGUMENTS...; each has the folder of its name for `--out`, and `NAME.log`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any

import train
from training import checkpoints, curves, folds, steps
from training.interruption import Interruption

INT, TERM = signal.SIGINT, signal.SIGTERM

# What is called when the signals come, and for which time.
MOMENTS: dict[str, tuple[ModuleType, str, int, Sequence[int]]] = {
    "data": (folds, "opened", 1, (INT,)),
    "step": (steps, "learn", 6, (INT,)),
    "step-terminated": (steps, "learn", 6, (TERM,)),
    "step-terminated-twice": (steps, "learn", 6, (INT, TERM, TERM)),
    "step-twice": (steps, "learn", 6, (INT, INT)),
    "test": (steps, "test", 2, (INT,)),
    "test-twice": (steps, "test", 2, (INT, INT)),
    "checkpoint": (checkpoints, "save_weights", 2, (INT,)),
    "checkpoint-twice": (checkpoints, "save_weights", 2, (INT, INT, INT)),
    "checkpoint-terminated": (checkpoints, "save_weights", 2, (TERM, INT)),
    "table-twice": (curves, "write_table", 3, (INT, INT)),
    "picture-twice": (curves, "draw", 1, (INT, INT)),
}


def signals(module: ModuleType, name: str, call: int, numbers: Sequence[int]) -> None:
    """Has a function of a module send them to this process in one of its calls."""
    before = getattr(module, name)
    left = call

    def after(*arguments: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            for number in numbers:
                os.kill(os.getpid(), number)
        return before(*arguments, **named)

    setattr(module, name, after)


def main(arguments: list[str]) -> None:
    for moment, (module, name, call, numbers) in MOMENTS.items():
        child = os.fork()
        if child == 0:
            log = os.open(f"{moment}.log", os.O_WRONLY | os.O_CREAT)
            os.dup2(log, 1)
            os.dup2(log, 2)
            signals(module, name, call, numbers)
            sys.argv = ["train.py", *arguments, "--out", moment]
            interruption = Interruption()
            interruption.listen()
            with suppress(BaseException):
                os._exit(train.main(interruption))
            os._exit(99)
        _, status = os.waitpid(child, 0)
        print(moment, os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(sys.argv[1:])
