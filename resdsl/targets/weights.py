"""Weights: every tensor of a module filled once, from a generator of its own.

The generator of a tensor is seeded by (base seed, state-dict key), so the values depend neither on
the order nor on the number of threads. Distributions are those that the emitted text names.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import TYPE_CHECKING

from resdsl.design.state import Entry
from resdsl.ops.base import Init

if TYPE_CHECKING:
    import torch


def fill(module: torch.nn.Module, entries: Iterable[Entry], seed: int) -> None:
    """Fills the tensors of a module on the CPU, several at a time."""
    from concurrent.futures import ThreadPoolExecutor

    from resdsl.targets.torch_import import torch

    tensors = module.state_dict()
    random: list[tuple[torch.Tensor, Entry]] = []
    for entry in entries:
        tensor = tensors[entry.key]
        if entry.tensor.init.kind == "constant":
            tensor.fill_(entry.tensor.init.value)
        else:
            random.append((tensor, entry))
    # The largest first, so that no thread is left with one at the end.
    random.sort(key=lambda item: -item[0].numel())
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        # `list` passes on what a thread raised.
        list(pool.map(lambda item: _draw(item[0], item[1].tensor.init, seed, item[1].key), random))


def _draw(tensor: torch.Tensor, init: Init, seed: int, key: str) -> None:
    from resdsl.targets.torch_import import torch

    generator = torch.Generator(tensor.device).manual_seed(seed_of(seed, key))
    # A thread of a pool has its own, default, gradient mode.
    with torch.no_grad():
        match init.kind:
            case "normal":
                tensor.normal_(0.0, init.value, generator=generator)
            case "uniform":
                tensor.uniform_(-init.value, init.value, generator=generator)
            case "trunc_normal":
                limit = 2 * init.value
                torch.nn.init.trunc_normal_(
                    tensor, 0.0, init.value, -limit, limit, generator=generator
                )
            case kind:
                raise AssertionError(f"no distribution {kind!r}")


def seed_of(seed: int, key: str) -> int:
    """The seed of one tensor: a 64-bit hash of the base seed and the key."""
    digest = blake2b(f"{seed} {key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")
