"""Which optimiser, of torch's, and which parameters it trains at which rate."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from training.failure import TrainingError
from training.options import Options


def optimiser(model: nn.Module, options: Options) -> torch.optim.Optimizer:
    """Weight decay is for all parameters, those of norms too, as in the papers."""
    groups, rate, decay = _groups(model, options), options.rate, options.weight_decay
    match options.optimiser:
        case "adam":
            return torch.optim.Adam(groups, rate, weight_decay=decay)
        case "adamw":
            return torch.optim.AdamW(groups, rate, weight_decay=decay)
        case _:
            return torch.optim.SGD(groups, rate, momentum=options.momentum, weight_decay=decay)


def kept(options: Options) -> set[str]:
    """What the optimiser's state has of each parameter."""
    if options.optimiser == "sgd":
        return {"momentum_buffer"} if options.momentum else set()
    return {"step", "exp_avg", "exp_avg_sq"}


def _groups(model: nn.Module, options: Options) -> list[dict[str, Any]]:
    """The parameters that train, with the factor of their rate: those of the head, which is the
    last module that has any, and those of the body."""
    *_, head = (module for module in model.modules() if any(True for _ in module.parameters(False)))
    of_head = [parameter for parameter in head.parameters(False) if parameter.requires_grad]
    rest = [
        parameter
        for parameter in model.parameters()
        if parameter.requires_grad and all(parameter is not other for other in of_head)
    ]
    groups = [{"params": rest, "factor": options.body_rate}, {"params": of_head, "factor": 1.0}]
    found = [group for group in groups if group["params"]]
    if not any(group["factor"] for group in found):
        raise TrainingError("--body-rate 0 and --freeze: leave nothing to train")
    return found


def set_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """The rate of the head; that of the body is a multiple of it."""
    for group in optimiser.param_groups:
        group["lr"] = rate * group["factor"]
