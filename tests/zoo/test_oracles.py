"""Networks of timm and torchvision with the same weights as ours: the same outputs.

Those that the truth does not have are counted here, too.
"""

from __future__ import annotations

import pytest

import resdsl
from tests.zoo.families import full, lightest, one_a_family
from tests.zoo.oracles import counted, sizes_of, take, theirs
from tests.zoo.truth import NUMBERS, WEIGHTS, entries_of


@pytest.mark.parametrize("name", one_a_family(WEIGHTS, lightest))
def test_outputs(name: str, torchvision: object, timm: object) -> None:
    import torch

    oracle = WEIGHTS[name]
    model = theirs(oracle)
    ours = resdsl.load(name, seed=0)
    take(ours, model, oracle)
    channels = int(resdsl.design(name).input[0])
    modes = [False, True] if oracle.get("train") else [False]
    for train in modes:
        for size in sizes_of(name, oracle):
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


# Of WEIGHTS one a family; of NUMBERS, which are large, all under the mark `full`.
COUNTED = [
    *one_a_family([name for name in WEIGHTS if not entries_of(name)], lightest),
    *(pytest.param(name, marks=full) for name in NUMBERS),
]


@pytest.mark.parametrize("name", COUNTED)
def test_numbers(name: str, torchvision: object, timm: object) -> None:
    oracle, design = (WEIGHTS | NUMBERS)[name], resdsl.design(name)
    model = theirs(oracle)
    channels, *extents = map(int, design.input)
    for size in [extents, *sizes_of(name, oracle)]:
        assert (design.params, design.at(*size).macs) == counted(model, channels, size), size
