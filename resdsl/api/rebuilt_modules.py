"""Modules whose classes this version of resdsl no longer makes: read, then made by their keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from resdsl.api.carried import RestoreError
from resdsl.api.module_difference import difference, is_emitted
from resdsl.targets.torch_import import torch

if TYPE_CHECKING:
    from resdsl.api.carried import Carried


class Part(torch.nn.Module):
    """A part of a network that is being read: it holds tensors, and computes nothing."""

    def forward(self, *_: Any) -> Any:
        raise RestoreError("this part was read apart from its network: take it from the network")


class Whole(Part):
    """A network that is being read; it becomes the one that is made anew."""

    known: Carried

    @classmethod
    def of(cls, known: Carried) -> Whole:
        made = cls.__new__(cls)
        object.__setattr__(made, "known", known)
        return made

    def __setstate__(self, state: dict[str, Any]) -> None:
        known = vars(self).pop("known")
        super().__setstate__(state)  # type: ignore[no-untyped-call]
        fresh = known.fresh()
        kept = self.state_dict(keep_vars=True)
        # Assigning changes it.
        trained = {key: tensor.requires_grad for key, tensor in kept.items()}
        try:
            fresh.load_state_dict(kept, assign=True)
        except RuntimeError as error:
            raise RestoreError(
                f"the state that resdsl {known.version} pickled does not fit this network: {error}"
            ) from None
        for key, tensor in fresh.state_dict(keep_vars=True).items():
            tensor.requires_grad_(trained[key])
        parts = dict(self.named_modules(remove_duplicate=False))
        for path, module in fresh.named_modules(remove_duplicate=False):
            module.training = self.training
            if path in parts:
                _refuse_changed(known, path, parts[path], module)
                _take(module, vars(parts[path]))
        vars(self).clear()
        self.__class__ = type(fresh)
        vars(self).update(vars(fresh))


def _refuse_changed(
    known: Carried, path: str, there: torch.nn.Module, fresh: torch.nn.Module
) -> None:
    """RestoreError where somebody put another of torch's modules in the place of the design's."""
    assert known.network is not None
    why = None if is_emitted(fresh) else difference(there, fresh, known.network.name)
    if why is not None:
        raise RestoreError(
            f"`{path}` {why}: a network that resdsl {known.version} pickled is made anew from its "
            "design, without what was changed in it; its state_dict can be loaded"
        )


def _take(module: torch.nn.Module, state: Mapping[str, Any]) -> None:
    """What its user did to it: its mode, hooks, attributes that the class does not set."""
    mine = vars(module)
    for name, value in state.items():
        if name == "training" or name not in mine or ("_hooks" in name and value):
            mine[name] = value
