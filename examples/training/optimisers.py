"""Which optimiser, of torch's."""

from __future__ import annotations

import torch
from torch import nn

from training.options import Options


def optimiser(model: nn.Module, options: Options) -> torch.optim.Optimizer:
    """Weight decay is for all parameters, those of norms too, as in the papers."""
    parameters, rate, decay = model.parameters(), options.rate, options.weight_decay
    match options.optimiser:
        case "adam":
            return torch.optim.Adam(parameters, rate, weight_decay=decay)
        case "adamw":
            return torch.optim.AdamW(parameters, rate, weight_decay=decay)
        case _:
            return torch.optim.SGD(parameters, rate, momentum=options.momentum, weight_decay=decay)
