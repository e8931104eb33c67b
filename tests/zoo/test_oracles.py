"""Networks of timm and torchvision with the same weights as ours: the same outputs.

Those that the truth does not have are counted here, too.
"""

from __future__ import annotations

import pytest

import resdsl
from tests.zoo.families import full, lightest
from tests.zoo.oracles import counted, sizes_of, take, theirs
from tests.zoo.truth import NUMBERS, WEIGHTS, entries_of


@pytest.mark.parametrize("name", lightest(WEIGHTS))
def test_outputs(name: str, torchvision: object, timm: object) -> None:
    """At one size as it is used, and at another in training mode."""
    sizes = sizes_of(name, WEIGHTS[name])
    compare(name, sizes[-1:], sizes[:1])


@full
@pytest.mark.parametrize("name", WEIGHTS)
def test_all_outputs(name: str, torchvision: object, timm: object) -> None:
    sizes = sizes_of(name, WEIGHTS[name])
    compare(name, sizes, sizes)


def compare(name: str, sizes: list[list[int]], training_sizes: list[list[int]]) -> None:
    """The outputs as it is used, at `sizes`, and in training mode, at `training_sizes`."""
    import torch

    oracle = WEIGHTS[name]
    model = theirs(oracle)
    ours = resdsl.load(name, device="meta")  # `take` gives it all that it has
    take(ours, model, oracle)
    channels = int(resdsl.design(name).input[0])
    modes = [(False, sizes), (True, training_sizes)]
    for train, extents in modes if oracle.get("train") else modes[:1]:
        for size in extents:
            x = torch.randn(2, channels, *size, generator=torch.Generator().manual_seed(1))
            with torch.no_grad():
                torch.manual_seed(2)
                mine = ours.train(train)(x)
                torch.manual_seed(2)
                other = model.train(train)(x)
            if oracle.get("differs"):
                scale = other.abs().max().item()
                assert torch.allclose(mine, other, rtol=1e-6, atol=1e-6 * scale), (train, size)
            else:
                assert torch.equal(mine, other), (train, size)


UNKNOWN = [name for name in WEIGHTS if not entries_of(name)]


@pytest.mark.parametrize("name", lightest(UNKNOWN))
def test_numbers(name: str, torchvision: object, timm: object) -> None:
    """At the last size, which is odd where the network takes it."""
    count(name, sizes_of(name, WEIGHTS[name])[-1:])


@full
@pytest.mark.parametrize("name", [*UNKNOWN, *NUMBERS])
def test_all_numbers(name: str, torchvision: object, timm: object) -> None:
    """At its own size, too."""
    own = [int(extent) for extent in resdsl.design(name).input[1:]]
    count(name, [own, *sizes_of(name, (WEIGHTS | NUMBERS)[name])])


def count(name: str, sizes: list[list[int]]) -> None:
    import torch

    oracle, design = (WEIGHTS | NUMBERS)[name], resdsl.design(name)
    with torch.device("meta"):
        model = theirs(oracle)
    channels = int(design.input[0])
    for size in sizes:
        assert (design.params, design.at(*size).macs) == counted(model, channels, size), size
