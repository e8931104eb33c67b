"""Weights: every tensor of a module filled once, from a generator of its own.

The generator of a tensor is seeded by (base seed, state-dict key), so the values depend neither on
the order nor on the number of threads. Distributions are those that the emitted text names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from math import erf, sqrt
from typing import TYPE_CHECKING

from resdsl.design.state import Entry
from resdsl.ops.base import Init

if TYPE_CHECKING:
    import torch


def fill(
    module: torch.nn.Module,
    entries: Sequence[Entry],
    seed: int | None,
    only: Collection[str] | None = None,
) -> None:
    """Fills the tensors of a module, several at a time; those without memory are left alone.

    `only` these keys, if it is given.
    Without a seed one number is drawn from torch's global generator, if there is anything to fill.
    All is done on threads of its own, because torch's modes belong to threads: what the caller's do
    with random numbers, gradients and operators does not concern a module's start. Raises
    AssertionError if the module has other tensors than `entries`.
    """
    from concurrent.futures import ThreadPoolExecutor

    from resdsl.targets.torch_import import torch

    tensors = module.state_dict(keep_vars=True)
    if [entry.key for entry in entries] != list(tensors):
        raise AssertionError(
            f"the emitted {type(module).__name__} has other tensors than its design"
        )
    held = [
        (tensors[entry.key], entry)
        for entry in entries
        if (only is None or entry.key in only) and has_memory(tensors[entry.key])
    ]
    if not held:
        return
    constant = [item for item in held if item[1].tensor.init.kind == "constant"]
    random = [item for item in held if item[1].tensor.init.kind != "constant"]
    # The largest first, so that no thread is left with one at the end.
    random.sort(key=lambda item: -item[0].numel())
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        filled = pool.submit(_set, constant)
        base = pool.submit(_any_seed, held[0][0]).result() if seed is None else seed
        # `list` and `result` pass on what a thread raised.
        list(pool.map(lambda item: _draw(item[0], item[1].tensor.init, base, item[1].key), random))
        filled.result()


def has_memory(tensor: torch.Tensor) -> bool:
    """False on the meta device, and under FakeTensorMode, whose tensors name another device."""
    return not tensor.is_meta and not hasattr(tensor, "fake_mode")


def _set(held: Iterable[tuple[torch.Tensor, Entry]]) -> None:
    from resdsl.targets.torch_import import torch

    for tensor, entry in held:
        # A thread has its own, default, modes.
        with torch.inference_mode(tensor.is_inference()), torch.no_grad():
            tensor.fill_(entry.tensor.init.value)


def _any_seed(tensor: torch.Tensor) -> int:
    """One number of torch's global generator; `tensor` is any."""
    from resdsl.targets.torch_import import torch

    # Not from torch.empty, which those who want no memory for weights replace.
    return int(tensor.new_empty((), dtype=torch.int64, device="cpu").random_())


def _draw(tensor: torch.Tensor, init: Init, seed: int, key: str) -> None:
    """Values are drawn as float32 on the CPU: a seed is worth the same on all devices and types."""
    from resdsl.targets.torch_import import torch

    generator = torch.Generator("cpu").manual_seed(seed_of(seed, key))
    with torch.inference_mode(tensor.is_inference()), torch.no_grad():
        is_plain = tensor.device.type == "cpu" and tensor.dtype == torch.float32
        values = (
            tensor
            if is_plain
            else tensor.new_empty(tensor.shape, dtype=torch.float32, device="cpu")
        )
        match init.kind:
            case "normal":
                values.normal_(0.0, init.value, generator=generator)
            case "uniform":
                values.uniform_(-init.value, init.value, generator=generator)
            case "trunc_normal":
                # By the inverse of the normal distribution's CDF, cut at two deviations. torch's
                # own trunc_normal_ differs from version to version.
                part = erf(sqrt(2))
                values.uniform_(-part, part, generator=generator)
                values.erfinv_().mul_(sqrt(2) * init.value).clamp_(-2 * init.value, 2 * init.value)
            case kind:
                raise AssertionError(f"no distribution {kind!r}")
        if not is_plain:
            tensor.copy_(values)


def seed_of(seed: int, key: str) -> int:
    """The seed of one tensor: a 64-bit hash of the base seed and the key."""
    digest = blake2b(f"{seed} {key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")
