"""The networks of timm and torchvision that the zoo has as well, as tests/data has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.zoo import oracles

if TYPE_CHECKING:
    import torch
    from torch import nn

# By the zoo's name: what makes the model, as in tests/data/oracles, and what it is given.
COUNTERPARTS: dict[str, list[tuple[str, dict[str, Any]]]] = json.loads(
    (Path(__file__).parent.parent / "data" / "counterparts.json").read_text("utf-8")
)


def theirs(function: str, **options: Any) -> nn.Module:
    """A model with norms that are not the identity, as after training."""
    return oracles.theirs({"theirs": function, "options": options}).eval()


def write(path: Path, state: dict[str, torch.Tensor]) -> Path:
    """A safetensors file, its keys in an order that says nothing."""
    import random

    from safetensors.torch import save_file

    keys = list(state)
    random.Random(0).shuffle(keys)
    save_file({key: state[key].clone().contiguous() for key in keys}, path)
    return path
