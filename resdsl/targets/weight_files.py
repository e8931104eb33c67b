"""The tensors of files of weights: safetensors, and what torch.save writes."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resdsl import paths
from resdsl.weights.file_kinds import unread_pickle
from resdsl.weights.refusal import WeightsError, unreadable

if TYPE_CHECKING:
    import torch

_REASON = re.compile(r"WeightsUnpickler error: (.+)")
# The function of resdsl that pickles of whole models name.
RESTORED = "resdsl.api.pickling.restored"
# What torch says of a class that weights_only=True does not make.
_GLOBAL = re.compile(r"GLOBAL ([\w.]+)")


def of_safetensors(
    files: Mapping[str, str | os.PathLike[str]], keys: Iterable[str]
) -> dict[str, torch.Tensor]:
    """Some tensors of files whose headers were checked, in memory of their own.

    Those that the library gives lie in the file itself, which somebody may write over.
    """
    from safetensors import SafetensorError, safe_open

    inside: dict[str | os.PathLike[str], list[str]] = {}
    for key in keys:
        inside.setdefault(files[key], []).append(key)
    found: dict[str, torch.Tensor] = {}
    for path, own in inside.items():
        try:
            with safe_open(os.fspath(path), framework="pt") as file:
                found |= {key: file.get_tensor(key).clone() for key in own}
        except (SafetensorError, *paths.FAULTS) as error:
            name = paths.shown(path)
            raise unreadable(f"{name}: cannot be read: {error}") from error
    return found


def of_pickle(path: str | os.PathLike[str]) -> Any:
    """What a file of torch.save holds, on the CPU. Nothing in it runs: `weights_only=True`."""
    from resdsl.targets.torch_import import torch

    try:
        with warnings.catch_warnings():  # of pickles that are none of torch's
            warnings.simplefilter("ignore", UserWarning)
            # From an open file: by a path torch goes by the ending of its name as well.
            with Path(path).open("rb") as file:
                return torch.load(file, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as error:  # of a damaged file, whatever its bytes led to
        raise _refused(path, error) from error


def _refused(path: str | os.PathLike[str], error: Exception) -> WeightsError:
    name, text = paths.shown(path), str(error)
    found = _GLOBAL.search(text)
    kind = unread_pickle(Path(path))
    if kind is not None:
        return unreadable(f"{name}: {kind.text}", kind.help)
    if found is None:
        # Torch's own text goes on to say how to run what is in it.
        told = _REASON.search(text)
        first = told[1] if told else text.strip().split("\n")[0].partition("weights_only")[0]
        return unreadable(
            f"{name}: is no sound file of torch.save: {type(error).__name__}: {first[:120]}"
        )
    return _of_class(name, found[1])


def _of_class(name: str, kind: str) -> WeightsError:
    """A class that is none of torch's tensors."""
    if kind == RESTORED:
        return unreadable(
            f"{name}: holds a whole model of resdsl, and not its weights alone",
            [
                f'`torch.load("{name}", weights_only=False)` makes it again, where you trust the '
                "file; its `state_dict()` loads into another",
            ],
        )
    short = kind.rpartition(".")[2]
    what = "an" if kind[0] in "aeiou" else "a"
    help = [f"a file of tensors alone: save `model.state_dict()` and no `{short}` beside it"]
    if kind == "argparse.Namespace":
        help = [
            "training scripts store their arguments so; a Namespace runs nothing:",
            f"with torch.serialization.safe_globals([{kind}]): resdsl.load(…)",
            *help,
        ]
    return unreadable(
        f"{name}: holds {what} {kind} beside the weights, or in their place: torch reads no such "
        "file with weights_only=True, for a pickle may run code",
        help,
    )
