"""Every network that timm or torchvision has takes their weights, by their names.

Theirs have random norms and statistics: equal outputs mean that each tensor is where it belongs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import resdsl
from resdsl.api import libraries
from resdsl.weights.matching import plan
from resdsl.weights.tensors import wanted
from resdsl.weights.unwrapping import found
from resdsl.weights.wishes import Wishes
from tests.weights.counterparts import COUNTERPARTS, theirs, write
from tests.zoo.families import full, smallest
from tests.zoo.oracles import sizes_of
from tests.zoo.truth import WEIGHTS

if TYPE_CHECKING:
    from torch import nn

EXACT = ("resnet18", "densenet121")
LARGE = ("legacy_senet154", "resnetrs50", "seresnetaa50d")
PREFIXES = ("module.", "backbone.", "model.", "_orig_mod.", "_orig_mod.module.")


def cases() -> Iterator[Any]:
    """Of each family whose names are not the library's the smallest such, but for large ones that
    load as another does; of models whose files need no reading of names, ResNets and DenseNets."""
    keys = libraries.of_zoo()
    others = [name for name in COUNTERPARTS if "loads" in {how for _, how in keys[name].values()}]
    chosen = {*smallest(others), *EXACT} - {*LARGE}
    for name, models in COUNTERPARTS.items():
        for function, options in models:
            is_read = keys[name][function.partition(".")[0]][1] == "loads"
            marks = [] if name in chosen and (is_read or name in EXACT) else [full]
            said = "-".join([name, function.rpartition(".")[2], *map(str, options.values())])
            yield pytest.param((name, function, options), marks=marks, id=said)


@pytest.fixture(scope="module", params=cases())
def pair(
    request: pytest.FixtureRequest, torchvision: object, timm: object
) -> tuple[str, nn.Module]:
    name, function, options = request.param
    return name, theirs(function, **options)


def test_outputs(pair: tuple[str, nn.Module], tmp_path: Path) -> None:
    """From a file with shuffled keys, to the bit."""
    import torch

    name, model = pair
    file = write(tmp_path / "weights.safetensors", model.state_dict())
    ours = resdsl.load(name, weights=file).eval()
    file.unlink()  # up to 400 MB
    channels, *extents = resdsl.design(name).input
    size = sizes_of(name, WEIGHTS.get(name, {}))[0]
    if name.startswith(("vgg", "alexnet")):
        size = [int(n) for n in extents]  # timm's heads see 7x7 alone
    x = torch.randn(1, channels, *size, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        mine, other = ours(x), model(x)
    if hasattr(model, "pre_logits") and not hasattr(ours, "pre_logits"):  # a linear layer here
        scale = other.abs().max().item()
        assert torch.allclose(mine, other, rtol=0, atol=1e-5 * scale)
    else:
        assert torch.equal(mine, other)
    report = ours.weights_report
    assert report.matched == report.total
    assert not report.new


def test_variants(pair: tuple[str, nn.Module]) -> None:
    """Behind prefixes and in dicts, each key is taken for what it is without."""
    name, model = pair
    design = wanted(resdsl.design(name).network)
    tensors = {key: found(tensor) for key, tensor in model.state_dict().items()}
    bare = plan(design, tensors, Wishes(), name="bare").takes
    assert set(bare.values()) == set(tensors)
    for prefix in PREFIXES:
        prefixed = {prefix + key: tensor for key, tensor in tensors.items()}
        made = plan(design, prefixed, Wishes(), name=prefix)
        assert made.takes == {ours: prefix + key for ours, key in bare.items()}
        assert made.report.prefix == prefix
    report = resdsl.check(name, weights={"epoch": 3, "state_dict": model.state_dict()}).weights
    assert report is not None
    assert report.wrapped == ("state_dict",)


def test_another_head(pair: tuple[str, nn.Module]) -> None:
    import torch

    name, model = pair
    design = resdsl.design(name, classes=10)
    head = wanted(design.network).head
    bare = plan(
        wanted(resdsl.design(name).network),
        {key: found(tensor) for key, tensor in model.state_dict().items()},
        Wishes(),
        name="bare",
    ).takes
    ours = resdsl.load(name, classes=10, seed=0, weights=model.state_dict())
    fresh = resdsl.load(name, classes=10, seed=0).state_dict()
    theirs = model.state_dict()
    for key, tensor in ours.state_dict().items():
        expected = fresh[key] if key in head else theirs[bare[key]].reshape(tensor.shape)
        assert torch.equal(tensor, expected), key
    assert [key for key, _ in ours.weights_report.new] == list(head)


@pytest.mark.parametrize("channels", [1, pytest.param(4, marks=full)])
def test_other_channels(pair: tuple[str, nn.Module], channels: int) -> None:
    """As timm makes them of its own."""
    import torch
    from timm.models import adapt_input_conv

    name, model = pair
    assert resdsl.design(name).input[0] == 3
    before = resdsl.load(name, weights=model.state_dict()).state_dict()
    ours = resdsl.load(name, weights=model.state_dict(), in_channels=channels)
    assert ours.weights_report.adapted
    adapted = {key for key, _, _ in ours.weights_report.adapted}
    for key, tensor in ours.state_dict().items():
        if key not in adapted:
            assert torch.equal(tensor, before[key]), key
        elif tensor.ndim == 4:
            assert torch.equal(tensor, adapt_input_conv(channels, before[key])), key
        assert tensor.shape[1:2] in ((), (channels,)) or key not in adapted
