"""Modules that stay as they are while others train."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from training.failure import TrainingError


def frozen(model: nn.Module, names: Sequence[str]) -> list[nn.Module]:
    """The modules of these names, as `conv1` and `layer1.0`, whose parameters now get no gradients.

    Raises TrainingError for a name that the model does not have, and where nothing is left.
    """
    modules = dict(model.named_modules())
    for name in names:
        if not name or name not in modules:
            known = ", ".join(name for name, _ in model.named_children())
            raise TrainingError(f"--freeze: there is no module {name}; there are {known}")
        if not any(True for _ in modules[name].parameters()):
            raise TrainingError(f"--freeze: {name} has no parameters to freeze")
        modules[name].requires_grad_(False)
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise TrainingError(f"--freeze {','.join(names)}: leaves nothing to train")
    return [modules[name] for name in names]


def to_train(model: nn.Module, still: Sequence[nn.Module]) -> None:
    """Training mode, but for the modules that are frozen: their norms keep their statistics, which
    a step would change though it leaves the parameters alone."""
    model.train()
    for module in still:
        module.eval()
