"""`to_empty` and then `reset_parameters`: nothing is left unset, and all starts as declared.

Memory that nothing has set is NaN here, and the largest number in counters: torch fills it so where
algorithms must be deterministic.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

import resdsl
from resdsl.design.state import state
from resdsl.ops import REGISTRY, Op
from resdsl.targets import names
from resdsl.targets.module import executed

if TYPE_CHECKING:
    from torch import nn

SPEC = Path(__file__).parent / "cases" / "starts.res"


@pytest.fixture(autouse=True)
def memory_is_filled() -> Iterator[None]:
    import torch

    torch.use_deterministic_algorithms(True)
    yield
    torch.use_deterministic_algorithms(False)


def unset(module: nn.Module) -> list[str]:
    import torch

    most = torch.iinfo(torch.int64).max
    return [
        key
        for key, tensor in module.state_dict().items()
        if (tensor.isnan() if tensor.is_floating_point() else tensor == most).any()
    ]


def emptied(module: nn.Module) -> nn.Module:
    module.to_empty(device="cpu")
    assert unset(module) == list(module.state_dict())
    return module


def reset(module: nn.Module) -> None:
    if hasattr(module, "reset_parameters"):
        module.reset_parameters()  # type: ignore[operator]


def whole(network: nn.Module) -> None:
    reset(network)


def each(network: nn.Module) -> None:
    """From the leaves to the root, as training programs do."""
    network.apply(reset)


def own_tensors(network: nn.Module) -> None:
    """Each module that has tensors of its own, from the root on, and the network in the end."""
    for module in network.modules():
        if any(True for _ in itertools.chain(module.parameters(False), module.buffers(False))):
            module.reset_parameters()  # type: ignore[operator]
    assert unset(network) == []
    reset(network)


ways = pytest.mark.parametrize("way", [whole, each, own_tensors], ids=lambda way: way.__name__)


def started_otherwise(design: resdsl.Design, module: nn.Module) -> list[str]:
    """The tensors that do not start as declared: another constant, or far from as wide."""
    import torch

    found = []
    starts = {entry.key: entry.tensor.init for entry in state(design.network)}
    for key, tensor in module.state_dict().items():
        init = starts[key]
        if init.kind == "constant":
            if not torch.equal(tensor, torch.full_like(tensor, init.value)):
                found.append(key)
            continue
        wide = init.value * {"uniform": 3**-0.5, "trunc_normal": 0.88}.get(init.kind, 1)
        # Eight standard errors: of a normal distribution, and the others err less.
        if abs(float(tensor.std()) / wide - 1) > 8 / math.sqrt(2 * tensor.numel()):
            found.append(key)
    return found


@ways
def test_every_kind_of_tensor(way: Callable[[nn.Module], None]) -> None:
    network = resdsl.load(SPEC, device="meta")
    way(emptied(network))
    assert started_otherwise(resdsl.design(SPEC), network) == []


def test_every_operator_with_tensors_is_in_it() -> None:
    own = {
        name
        for name, op in REGISTRY.items()
        if op.tensors is not Op.tensors or op.buffers is not Op.buffers
    }
    words = {*re.findall(r"\w+", SPEC.read_text())}
    assert own <= words


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "mobilenet_v2", "resnet26t"])
def test_networks_of_the_zoo(name: str) -> None:
    network = emptied(resdsl.load(name, device="meta"))
    network.reset_parameters()  # type: ignore[operator]
    assert started_otherwise(resdsl.design(name), network) == []


@pytest.mark.parametrize(
    "body",
    [
        'conv(3, 4, init="torch") norm',
        "conv(1, 4)",
        'conv(1, 4, bias=true, bias_init="torch")',
        "prelu",
        "layer_scale",
        "layernorm",
        "global_avgpool flatten linear(2)",
        "batchnorm(affine=false)",
    ],
)
def test_a_network_of_one_kind(body: str) -> None:
    spec = f"network n {{ input 3 x 8 x 8 {body} }}\n"
    network = emptied(resdsl.load(spec, device="meta"))
    whole(network)
    assert unset(network) == []


# --- the classes that the emitted text brings along ----------------------------------------------


def helpers() -> dict[str, str]:
    return {
        helper.name: "".join(one.text for one in helper.with_used)
        for op in REGISTRY.values()
        for helper in op.helpers
    }


# By class: what its constructor may be given.
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "ChannelLayerNorm": [{"channels": 3}, {"channels": 3, "eps": 0.1, "affine": False}],
    "ChannelsLast": [{}],
    "ChannelsFirst": [{}],
    "ChannelsLastResponseNorm": [{"channels": 3}],
    "ChannelsLastSequential": [{}],
    "ChannelLinear": [{"in_features": 3, "out_features": 2, "bias": False}],
    "LayerScale": [{"channels": 3, "init": 0.5}, {"channels": 3, "init": 0.0}],
    "LearnedScale": [{"init": 0.5}],
    "LayerShift": [{"channels": 3, "init": 0.5}, {"channels": 3, "init": 0.0}],
    "LearnedShift": [{"init": 0.5}],
    "Scale": [{"factor": 2.0}],
    "DropPath": [{"p": 0.5}],
    "Subsample": [{"stride": 2}],
    "SubsampleSizes": [{"stride": (2, 1)}],
    "PadChannels": [{"before": 1, "after": 2}],
    "PadLike": [{}],
    "CropLike": [{}],
    "UpsampleLike": [{}, {"mode": "bilinear"}],
    "SliceChannels": [{"start": 0, "stop": 2}],
    **{
        f"{kind}Conv{rank}d": [{"in_channels": 3, "out_channels": 2, "kernel_size": 3}]
        for kind in ("Standardized", "Scaled", "Same", "SameStandardized", "SameScaled")
        for rank in (1, 2, 3)
    },
    **{
        f"Same{kind}Pool{rank}d": [{"kernel_size": 3, "stride": 2}]
        for kind in ("Avg", "Max")
        for rank in (1, 2, 3)
    },
    **{f"BlurPool{rank}d": [{"kernel_size": 3, "stride": 2, "padding": 1}] for rank in (1, 2, 3)},
    **{
        f"AttentionPool{rank}d": [{"channels": 3}, {"channels": 3, "bias": False}]
        for rank in (1, 2, 3)
    },
    "ChannelConv": [{"kernel_size": 3}, {"kernel_size": 5, "bias": True}],
    "ChannelMean": [{}],
    "ChannelMax": [{}],
    "PositionSoftmax": [{}],
    "GlobalResponseNorm": [{"channels": 3}],
    "FilterResponseNorm": [{"channels": 3}],
    "EvoNorm": [{"channels": 4, "groups": 2}],
}


def test_every_class_of_the_text_is_here() -> None:
    assert helpers().keys() == OPTIONS.keys()


@pytest.mark.parametrize(
    ("name", "options"),
    [(name, options) for name, several in OPTIONS.items() for options in several],
    ids=str,
)
def test_a_class_of_the_text_starts_again(name: str, options: dict[str, Any]) -> None:
    import torch
    from torch import nn

    space: dict[str, Any] = {"torch": torch, "nn": nn, "Tensor": torch.Tensor}
    exec(helpers()[name], space)
    torch.manual_seed(0)
    module = space[name](**options)
    fresh = {key: tensor.clone() for key, tensor in module.state_dict().items()}
    torch.manual_seed(0)
    reset(emptied(module))
    assert all(torch.equal(fresh[key], tensor) for key, tensor in module.state_dict().items())
    assert hasattr(module, "reset_parameters") or not fresh


# --- equal to torch's and torchvision's ----------------------------------------------------------


def _truncates_as_it_draws() -> bool:
    """torchvision's GoogLeNet truncates at 200 deviations, where nothing lies."""
    import torch

    def drawn(start: Callable[[torch.Tensor], object]) -> torch.Tensor:
        torch.manual_seed(0)
        start(tensor := torch.empty(8))
        return tensor

    truncated = drawn(lambda tensor: torch.nn.init.trunc_normal_(tensor, std=0.01, a=-2, b=2))
    return torch.equal(truncated, drawn(lambda tensor: tensor.normal_(std=0.01)))


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "mobilenet_v2"])
def test_a_seed_of_torch_s_generator_gives_torchvision_s_weights(
    name: str, torchvision: ModuleType
) -> None:
    """The constructor of the emitted text draws what torchvision's does, in the same order."""
    import torch

    if name == "googlenet" and not _truncates_as_it_draws():
        pytest.skip("this torch draws truncated normal numbers in another way than normal ones")
    options = {"init_weights": True, "aux_logits": False} if name == "googlenet" else {}
    factory = getattr(executed(resdsl.design(name).source(), name), names.variable(name))
    torch.manual_seed(3)
    ours = factory().state_dict()
    torch.manual_seed(3)
    theirs = getattr(torchvision.models, name)(**options).state_dict()
    assert [
        k for k, o in zip(theirs, ours.values(), strict=True) if not torch.equal(theirs[k], o)
    ] == []


@pytest.mark.parametrize(
    ("steps", "has"),
    [
        ("relu maxpool(2) flatten", False),
        ("{ relu } x 3 residual { identity }", False),
        ("batchnorm(affine=false)", True),  # buffers
        ("layer_scale(8)", True),
    ],
)
def test_a_network_without_tensors_has_nothing_to_start(steps: str, has: bool) -> None:
    """As torch's own modules without them."""
    module = resdsl.load(f"network n {{ input 8 x 8 x 8 {steps} }}\n")
    assert hasattr(module, "reset_parameters") == has
