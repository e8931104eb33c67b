"""Tensors that a weight is computed from, in the place of the weight: by torch's names for them."""

from __future__ import annotations

from resdsl.weights.difference import Cause, Difference

# torch.nn.utils.weight_norm, .prune and .spectral_norm, and what undoes each.
_HOOKED = {
    "_g": ("a weight norm", "remove_weight_norm"),
    "_mask": ("a pruning", "prune.remove"),
    "_u": ("a spectral norm", "remove_spectral_norm"),
}
_PARAMETRIZED = ("a parametrization", "parametrize.remove_parametrizations")


def of_computed(found: Difference) -> Cause | None:
    missing = set(found.missing)
    for key in found.unknown:
        module, name, (what, way) = _computed(key)
        if f"{module}.{name}" in missing:
            undone = f'torch.nn.utils.{way}(model.get_submodule("{module}"), "{name}")'
            return Cause(
                f"`{module}.{name}` is not there, but what it is computed from: {what} (`{key}`)",
                (f"before the state dict is saved: {undone}",),
            )
    return None


def _computed(key: str) -> tuple[str, str, tuple[str, str]]:
    """The module and its tensor, what was done to it, and what undoes that."""
    module, _, last = key.rpartition(".")
    before, between, name = module.rpartition(".parametrizations.")
    if between:
        return before, name, _PARAMETRIZED
    for end, done in _HOOKED.items():
        if last.endswith(end):
            return module, last.removesuffix(end), done
    return module, last, ("", "")
