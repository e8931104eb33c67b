"""ResNeXt's three forms are equal: mapped weights give the same results, and map back."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import resdsl
from resdsl.targets.equal_forms import Form, FormError, to_form
from tests.zoo.families import every
from tests.zoo.norms import disturb

if TYPE_CHECKING:
    import torch
    from torch import nn

State = dict[str, "torch.Tensor"]

FORMS: list[Form] = ["a", "b", "c"]
TURNS = [(one, other) for one in FORMS for other in FORMS]

# Two blocks, the first of which changes the shape: 3 paths of 2 channels, in inner 6.
BLOCKS = """from std.resnext import aggregated

network blocks {{
    input 5 x {size}
    set aggregated(cardinality=3, base_width=8, expansion=2, form="{form}")
    aggregated(16, stride=2)
    aggregated(16)
}}
"""
NETWORK = """from std.resnext import aggregated

network small {{
    input 3 x 32 x 32
    set aggregated(cardinality=4, base_width=16, form="{form}")
    conv1: conv(7, 16, stride=2)
    bn1: norm
    relu: act
    stage layer1:    aggregated(8)  x 2
    stage layer2 /2: aggregated(16) x 2
    stage layer3 /2: aggregated(32, dilation=2) x 2
    avgpool: global_avgpool
    flatten
    fc: linear(10)
}}
"""
SIZES = [(9, 9), (8, 13), (1, 7)]


def trained(model: nn.Module) -> nn.Module:
    """In float64, with norms that are not the identity, and batches counted."""
    disturb(model, std=0.5)
    for key, tensor in model.named_buffers():
        if key.endswith("num_batches_tracked"):
            tensor.fill_(7)
    return model.double()


def made(text: str) -> nn.Module:
    return trained(resdsl.load(text, seed=0))


def mapped(text: str, state: State, form: Form) -> nn.Module:
    """The module of a text, with the weights of another form, which fit to the key and in order."""
    model = resdsl.load(text, seed=1).double()
    state = to_form(state, form)
    assert list(state) == list(model.state_dict())
    model.load_state_dict(state, strict=True)
    return model


def assert_agree(one: nn.Module, other: nn.Module, *shape: int) -> None:
    """The results in both modes, to 1e-12 of the largest of them."""
    for mine, theirs in zip(results(one, *shape), results(other, *shape), strict=True):
        assert (mine - theirs).abs().max() <= 1e-12 * theirs.abs().max()


def results(model: nn.Module, *shape: int) -> list[torch.Tensor]:
    """Of one input, in evaluation and in training mode."""
    import torch

    x = torch.randn(2, *shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        return [model.train(train)(x) for train in (False, True)]


def same(one: State, other: State) -> bool:
    import torch

    return list(one) == list(other) and all(torch.equal(one[key], other[key]) for key in one)


# --- results --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "other"), [("c", "a"), ("c", "b"), ("a", "b")])
@pytest.mark.parametrize("size", SIZES)
def test_blocks_agree(one: Form, other: Form, size: tuple[int, int]) -> None:
    extents = "x".join(map(str, size))
    first = made(BLOCKS.format(form=one, size=extents))
    second = mapped(BLOCKS.format(form=other, size=extents), first.state_dict(), other)
    assert_agree(first, second, 5, *size)


@pytest.mark.parametrize(("one", "other"), [("c", "a"), ("b", "c"), ("a", "b")])
def test_networks_agree(one: Form, other: Form) -> None:
    first = made(NETWORK.format(form=one))
    second = mapped(NETWORK.format(form=other), first.state_dict(), other)
    assert_agree(first, second, 3, 33, 47)


@pytest.mark.parametrize("size", [(11,), (5, 7, 6)])
def test_every_rank(size: tuple[int, ...]) -> None:
    extents = "x".join(map(str, size))
    first = made(BLOCKS.format(form="c", size=extents))
    for form in ("a", "b"):
        second = mapped(BLOCKS.format(form=form, size=extents), first.state_dict(), form)
        assert_agree(first, second, 5, *size)


def test_other_weights_do_not_agree() -> None:
    """The comparison can fail: two paths that change places in one convolution only."""
    first = made(BLOCKS.format(form="c", size="9x9"))
    second = mapped(BLOCKS.format(form="a", size="9x9"), first.state_dict(), "a")
    state = second.state_dict()
    swapped = [state[f"aggregated.path.{i}.conv2.weight"].clone() for i in (1, 0)]
    for i, weight in enumerate(swapped):
        state[f"aggregated.path.{i}.conv2.weight"] = weight
    second.load_state_dict(state)
    with pytest.raises(AssertionError):
        assert_agree(first, second, 5, 9, 9)


@pytest.fixture(scope="module")
def resnext(torchvision: ModuleType) -> tuple[State, list[torch.Tensor]]:
    """torchvision's ResNeXt-50: its weights and what it makes of a small image."""
    model = trained(torchvision.models.resnext50_32x4d())
    state = {key: tensor.clone() for key, tensor in model.state_dict().items()}
    return state, results(model, 3, 35, 33)


@pytest.mark.parametrize("form", every(2, ["b", "a"]))
def test_resnext50_of_torchvision(form: Form, resnext: tuple[State, list[torch.Tensor]]) -> None:
    """All 16 blocks of it, on maps of 9x9, 5x5, 3x3 and 2x2."""
    state, wanted = resnext
    ours = mapped(f"resnext50_32x4d_{form}", state, form)
    for mine, theirs in zip(results(ours, 3, 35, 33), wanted, strict=True):
        assert (mine - theirs).abs().max() <= 1e-12 * theirs.abs().max()


def test_training_keeps_them_equal() -> None:
    """Gradients are those of the other form, and so are the running statistics."""
    import torch

    models = [made(BLOCKS.format(form="c", size="9x9"))]
    models += [
        mapped(BLOCKS.format(form=form, size="9x9"), models[0].state_dict(), form)
        for form in ("a", "b")
    ]
    x = torch.randn(4, 5, 9, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    for model in models:
        model.train()
        optimiser = torch.optim.SGD(model.parameters(), lr=0.01)
        for _ in range(3):
            optimiser.zero_grad()
            model(x).square().mean().backward()
            optimiser.step()
    wanted = models[0].state_dict()
    for model in models[1:]:
        found = to_form(model.state_dict(), "c")
        assert list(found) == list(wanted)
        for key, tensor in found.items():
            torch.testing.assert_close(tensor, wanted[key], rtol=1e-11, atol=1e-11)
        assert found["aggregated.bn2.num_batches_tracked"] == 10


# --- the map --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "other"), TURNS)
def test_there_and_back(one: Form, other: Form) -> None:
    state = made(NETWORK.format(form=one)).state_dict()
    assert same(to_form(to_form(state, other), one), dict(state))


@pytest.mark.parametrize("form", FORMS)
def test_a_block_alone(form: Form) -> None:
    state = made(BLOCKS.format(form="c", size="9x9")).state_dict()
    block = {key.split(".", 1)[1]: t for key, t in state.items() if key.startswith("aggregated.")}
    wanted = {
        key.split(".", 1)[1]: tensor
        for key, tensor in to_form(state, form).items()
        if key.startswith("aggregated.")
    }
    assert "bn3.weight" in block
    assert same(to_form(block, form), wanted)


def test_slices() -> None:
    """The paper's figure, tensor by tensor: path 1 of 3, of 2 channels each."""
    import torch

    state = made(BLOCKS.format(form="c", size="9x9")).state_dict()
    a, b = to_form(state, "a"), to_form(state, "b")
    for key in ("conv1.weight", "bn1.bias", "conv2.weight", "bn2.running_var"):
        for found in (a, b):
            wanted = state[f"aggregated.{key}"][2:4]
            assert torch.equal(found[f"aggregated.path.1.{key}"], wanted)
    conv3 = state["aggregated.conv3.weight"]
    assert torch.equal(a["aggregated.path.1.conv3.weight"], conv3[:, 2:4])
    assert torch.equal(b["aggregated.conv3.weight"], conv3)
    assert a["aggregated.path.2.bn1.num_batches_tracked"] == 7
    assert a["aggregated.path.2.conv2.weight"].shape == (2, 2, 3, 3)
    assert "aggregated.path.3.conv1.weight" not in a
    assert a["aggregated.downsample.0.weight"] is state["aggregated.downsample.0.weight"]


def test_the_result_has_storage_of_its_own() -> None:
    """A slice is no view: it neither keeps the whole in memory nor changes with it."""
    state = made(BLOCKS.format(form="c", size="9x9")).state_dict()
    piece = to_form(state, "a")["aggregated.path.1.conv3.weight"]
    assert piece.untyped_storage().nbytes() == piece.numel() * piece.element_size()


def test_a_resnet_has_one_path(torchvision: ModuleType) -> None:
    state = torchvision.models.resnet50().state_dict()
    found = to_form(state, "a")
    assert "layer1.0.path.0.conv3.weight" in found
    assert "layer1.0.path.1.conv3.weight" not in found
    assert same(to_form(found, "c"), dict(state))


def test_biases_of_the_inner_convolutions() -> None:
    """They belong to a path as its weights do; that of conv3 would be added for each path."""
    text = BLOCKS.replace("    aggregated(16)\n", "").replace(
        "    set", "    set conv(bias=true) set"
    )
    state = made(text.format(form="c", size="9x9")).state_dict()
    with pytest.raises(FormError, match="aggregated: conv3 has a bias"):
        to_form(state, "a")
    del state["aggregated.conv3.bias"]
    assert to_form(state, "a")["aggregated.path.2.conv1.bias"].shape == (2,)


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["resnet18", "alexnet", "densenet121"])
def test_no_block(name: str, form: Form, torchvision: ModuleType) -> None:
    with pytest.raises(FormError, match="no block of ResNeXt"):
        to_form(getattr(torchvision.models, name)().state_dict(), form)


def test_a_deep_stem_is_no_block() -> None:
    """It has all the names of one, and stays as it is."""
    stem = """network stem { input 3 x 9 x 9
        conv1: conv(3, 8) bn1: norm conv2: conv(3, 8) bn2: norm conv3: conv(3, 8) bn3: norm }"""
    with pytest.raises(FormError, match="no block of ResNeXt"):
        to_form(resdsl.load(stem + "\n", seed=0).state_dict(), "a")


def test_no_such_form() -> None:
    with pytest.raises(FormError, match="no form 'd': there are a, b and c"):
        to_form({}, "d")  # type: ignore[arg-type]


def short(state: State, key: str) -> None:
    state[key] = state[key][:-1]


def removed(state: State, key: str) -> None:
    del state[key]


def counted(state: State, key: str) -> None:
    state[key] = state[key] + 1


def renamed(state: State, key: str) -> None:
    for name in [name for name in state if name.startswith(key)]:
        state[name.replace(key, key.replace("path.1", "path.7"))] = state.pop(name)


def doubled(state: State, key: str) -> None:
    state[key] = state["aggregated.path.0.conv3.weight"]


BROKEN: list[tuple[Form, Callable[[State, str], None], str, str]] = [
    ("c", short, "aggregated.conv1.weight", "shapes do not fit together: conv1 5x5x1x1, bn1 6"),
    ("c", short, "aggregated.bn2.running_var", "shapes do not fit together"),
    ("c", short, "aggregated.conv3.weight", "shapes do not fit together"),
    ("c", removed, "aggregated.bn1.running_mean", "aggregated: bn1 has no running_mean"),
    ("b", removed, "aggregated.conv3.weight", "aggregated: no conv3"),
    ("a", short, "aggregated.bn3.bias", "shapes do not fit together"),
    ("a", short, "aggregated.path.1.conv2.weight", "aggregated.path: 1 has other tensors or"),
    ("a", removed, "aggregated.path.2.bn1.weight", "aggregated.path: 2 has other tensors or"),
    ("a", counted, "aggregated.path.1.bn1.num_batches_tracked", "different numbers of batches"),
    ("a", renamed, "aggregated.path.1.", "aggregated.path: not all of 0 to 7 are there"),
    ("a", doubled, "aggregated.conv3.weight", "aggregated.conv3 is there beside that of each"),
]


@pytest.mark.parametrize(("form", "change", "key", "message"), BROKEN)
def test_what_does_not_fit(
    form: Form, change: Callable[[State, str], None], key: str, message: str
) -> None:
    state = dict(made(BLOCKS.format(form=form, size="9x9")).state_dict())
    to_form(state, "c")
    change(state, key)
    with pytest.raises(FormError, match=message):
        to_form(state, "b")


def test_norms_that_are_no_batch_norms() -> None:
    """A group norm of all paths is not the group norms of each."""
    text = BLOCKS.replace("    set", "    set norm = groupnorm(groups=2) set")
    state = resdsl.load(text.format(form="c", size="9x9"), seed=0).state_dict()
    with pytest.raises(FormError, match="bn1 has no running_mean"):
        to_form(state, "a")


def test_a_pre_activated_bottleneck() -> None:
    """Its first norm has the channels of the input."""
    text = """network n { input 8 x 9 x 9
        bn1: norm conv1: conv(1, 4) bn2: norm conv2: conv(3, 4) bn3: norm conv3: conv(1, 8) }"""
    with pytest.raises(FormError, match="the block: shapes do not fit together"):
        to_form(resdsl.load(text + "\n", seed=0).state_dict(), "a")


@pytest.mark.parametrize(
    "state",
    [None, [1], {1: 2}, {"a": 1}, {"u.conv1.weight": None}],
)
def test_what_is_no_state_dict(state: Any) -> None:
    with pytest.raises(resdsl.FormError):
        resdsl.to_form(state, "a")


def test_what_stands_outside_is_passed_on() -> None:
    import torch

    state = resdsl.load("resnext50_32x4d").state_dict()
    extra = {"cls_token": torch.ones(2), "": torch.ones(1)}
    made = resdsl.to_form({**state, **extra}, "a")
    assert all(made[key] is value for key, value in extra.items())
    stray = {**state, "layer1.0.path.0.conv1.weight": torch.ones(1)}
    with pytest.raises(resdsl.FormError, match="beside"):
        resdsl.to_form(stray, "a")
