"""How `load` initialises: the same weights for a seed, torchvision's distributions, no traces."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import resdsl
from resdsl.ops import initial
from tests.zoo.families import full

if TYPE_CHECKING:
    import torch
    from torch import nn

# resnet18 has 11.7 million weights, enough to be split between threads.
NETWORK = "resnet18"


@pytest.fixture
def threads() -> Iterator[None]:
    """The number of torch's threads is as before when a test is over."""
    import torch

    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def differing(one: nn.Module, two: nn.Module) -> list[str]:
    import torch

    other = two.state_dict()
    return [key for key, value in one.state_dict().items() if not torch.equal(value, other[key])]


@pytest.mark.parametrize("n", [2, 8])
def test_a_seed_gives_the_same_weights_with_any_number_of_threads(n: int, threads: None) -> None:
    import torch

    torch.set_num_threads(1)
    alone = resdsl.load(NETWORK, seed=7)
    torch.set_num_threads(n)
    assert not differing(alone, resdsl.load(NETWORK, seed=7))


def test_another_seed_gives_other_weights() -> None:
    found = differing(resdsl.load(NETWORK, seed=7), resdsl.load(NETWORK, seed=8))
    assert "conv1.weight" in found


def test_tensors_of_equal_shape_start_differently() -> None:
    """Each has a generator of its own, seeded by its key."""
    import torch

    state = resdsl.load(NETWORK, seed=7).state_dict()
    assert not torch.equal(state["layer1.0.conv1.weight"], state["layer1.0.conv2.weight"])


def test_manual_seed_fixes_the_weights() -> None:
    import torch

    torch.manual_seed(3)
    one = resdsl.load(NETWORK)
    torch.manual_seed(3)
    assert not differing(one, resdsl.load(NETWORK))


def test_without_a_seed_two_loads_differ() -> None:
    assert differing(resdsl.load(NETWORK), resdsl.load(NETWORK))


def test_a_seed_leaves_the_global_generator_alone() -> None:
    import torch

    before = torch.get_rng_state()
    resdsl.load(NETWORK, seed=7)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.fixture(scope="module", params=["resnet18", pytest.param("resnext50_32x4d", marks=full)])
def states(
    request: pytest.FixtureRequest, torchvision: ModuleType
) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    import torch

    torch.manual_seed(0)
    theirs = getattr(torchvision.models, request.param)()
    return resdsl.load(request.param, seed=0).state_dict(), theirs.state_dict()


def is_constant(tensor: torch.Tensor) -> bool:
    return bool((tensor == tensor.flatten()[0]).all())


def test_constants_are_torchvision_s(
    states: tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]],
) -> None:
    """Norms and their statistics."""
    import torch

    ours, theirs = states
    constants = [key for key, value in theirs.items() if is_constant(value)]
    assert len(constants) > 60
    assert [key for key in constants if not torch.equal(ours[key], theirs[key])] == []


def unlike(one: torch.Tensor, two: torch.Tensor) -> bool:
    """Whether mean, variance or fourth moment differ by more than chance.

    That is five standard errors of the difference of two normal samples; samples of uniform and
    truncated distributions err less.
    """
    n, std = two.numel(), two.std()
    one, two = one / std, two / std
    return bool(
        (one.mean() - two.mean()).abs() > 5 * (2 / n) ** 0.5
        or (one.var() - two.var()).abs() > 5 * (2 * 2 / n) ** 0.5
        or (one.pow(4).mean() - two.pow(4).mean()).abs() > 5 * (2 * 96 / n) ** 0.5
    )


def test_moments_are_torchvision_s(
    states: tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]],
) -> None:
    ours, theirs = states
    random = [key for key, value in theirs.items() if not is_constant(value)]
    assert [key for key in random if unlike(ours[key], theirs[key])] == []


def test_bounds_are_torchvision_s(
    states: tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]],
) -> None:
    """The classifier is uniform within 1/sqrt(features), and reaches almost to both ends."""
    for state in states:
        weight, bias = state["fc.weight"], state["fc.bias"]
        bound = weight.shape[1] ** -0.5
        for tensor in (weight, bias):
            assert 0.98 * bound < tensor.max() <= bound
            assert -bound <= tensor.min() < -0.98 * bound


@pytest.mark.parametrize("init", initial.CHOICES)
def test_the_emitted_text_initialises_as_load_does(init: str) -> None:
    """Two doors to weights: the text's own initialisation, and the one that replaces it."""
    import torch

    spec = f"""network doors {{
    input 32 x 9 x 9
    conv: conv(3, 64, groups=2, bias=true, init="{init}", bias_init=0.5)
    depthwise: depthwise(3, multiplier=8, init="{init}")
    conv3: conv(1, 64, bias=true, bias_init="torch")
    bn: batchnorm(scale_init=0.2)
    prelu
    scale: layer_scale(0.3)
    global_avgpool flatten
    fc: linear(256, init="{init}", bias_init=-1)
}}
"""
    loaded = resdsl.load(spec, seed=0)
    torch.manual_seed(0)
    built = type(loaded)().state_dict()
    for key, value in loaded.state_dict().items():
        if is_constant(value):
            assert torch.equal(value, built[key]), key
        else:
            assert not unlike(value, built[key]), key


def default_convolution() -> torch.Tensor:
    import torch
    from torch import nn

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Conv2d(3, 64, 7).weight.detach()


def test_torch_s_own_initialisation_is_back_afterwards() -> None:
    import torch

    before = default_convolution()
    resdsl.load(NETWORK, seed=0)
    assert torch.equal(default_convolution(), before)


def test_torch_s_own_initialisation_is_back_after_an_exception() -> None:
    import torch

    before = default_convolution()
    with pytest.raises(RuntimeError):  # 2**60 bytes
        resdsl.load("network n {\n input 1073741824 x 1 x 1 flatten linear(2**28)\n}\n")
    assert torch.equal(default_convolution(), before)


def test_torch_s_own_initialisation_goes_on_in_other_threads() -> None:
    import torch

    before = default_convolution()
    stop = threading.Event()

    def load() -> None:
        while not stop.is_set():
            resdsl.load(NETWORK, seed=0)

    loader = threading.Thread(target=load)
    loader.start()
    try:
        found = [default_convolution() for _ in range(300)]
    finally:
        stop.set()
        loader.join()
    assert all(torch.equal(weight, before) for weight in found)
