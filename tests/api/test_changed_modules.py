"""What `save` says of modules that somebody changed after they were loaded."""

from __future__ import annotations

import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, prune

import resdsl
from resdsl import SaveError
from tests.api.test_one_file import SMALL, model, same

WAY_OUT = "change the spec, or keep the module as it is with torch.save"
CONVERT = "convert the module, or keep it as it is with torch.save"


def setting(path: str, value: Any) -> Callable[[Any], Any]:
    """`path` as in Python."""
    owner, _, name = path.rpartition(".")

    def changed(made: nn.Module) -> nn.Module:
        setattr(made.get_submodule(owner), name, value)
        return made

    return changed


def parameter(change: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[Any], Any]:
    def changed(made: Any) -> Any:
        made.fc.weight = nn.Parameter(change(made.fc.weight.detach()), requires_grad=False)
        return made

    return changed


def after(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What is made in place."""

    def changed(made: Any) -> Any:
        change(made)
        return made

    return changed


def inherits(made: Any) -> Any:
    made.__class__ = type("Mine", (type(made),), {"told": lambda self: "by its user"})
    return made


def inherits_forward(made: Any) -> Any:
    forward = type(made).forward
    made.__class__ = type("Mine", (type(made),), {"forward": lambda self, x: forward(self, x) * 2})
    return made


def inherits_call(made: Any) -> Any:
    made.__class__ = type("Mine", (type(made),), {"__call__": lambda self, x: x})
    return made


class Doubling(nn.DataParallel[Any]):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2 * self.module(x)


def reversed_parts(made: Any) -> None:
    made.one._modules = dict(reversed(made.one._modules.items()))


def itself(made: Any) -> None:
    made._modules["me"] = made


class Mine(torch.Tensor):
    pass


# What was done, and what is said of it.
CHANGED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "another activation": (
        setting("one.0.relu", nn.SiLU()),
        f"`one.0.relu` is SiLU, and ReLU in the design small: {WAY_OUT}",
    ),
    "no activation": (
        setting("relu", nn.Identity()),
        f"`relu` is Identity, and ReLU in the design small: {WAY_OUT}",
    ),
    "another pool": (
        setting("global_avgpool", nn.AdaptiveMaxPool2d(1)),
        "`global_avgpool` is AdaptiveMaxPool2d, and AdaptiveAvgPool2d in the design small: "
        + WAY_OUT,
    ),
    "another size of a pool": (
        setting("global_avgpool.output_size", 2),
        f"`global_avgpool` has output_size=2, and 1 in the design small: {WAY_OUT}",
    ),
    "stride": (
        setting("one.0.conv.stride", (2, 2)),
        f"`one.0.conv` has stride=(2, 2), and (1, 1) in the design small: {WAY_OUT}",
    ),
    "momentum": (
        setting("norm.momentum", None),
        f"`norm` has momentum=None, and 0.1 in the design small: {WAY_OUT}",
    ),
    "a tensor for a number": (
        setting("norm.eps", torch.ones(2)),
        f"`norm` has eps=tensor([1., 1.]), and 1e-05 in the design small: {WAY_OUT}",
    ),
    "a patched forward": (
        setting("one.1.forward", lambda x: x),
        f"`one.1` has a `forward` of its own, not that of the design small: {WAY_OUT}",
    ),
    "a part under an attribute": (
        after(lambda made: vars(made).update(relu=torch.tanh)),
        f"the network has a `relu` of its own, not that of the design small: {WAY_OUT}",
    ),
    "called otherwise": (
        inherits_call,
        f"the network has a `__call__` of its own, not that of the design small: {WAY_OUT}",
    ),
    "a convolution of its own": (
        setting("stem._conv_forward", lambda x, weight, bias: x),
        f"`stem` has a `_conv_forward` of its own, not that of the design small: {WAY_OUT}",
    ),
    "a wrapper of its own": (
        Doubling,
        "Doubling is no network of `resdsl.load`: of one that a compiled file made, "
        "`design=resdsl.design(…)` says what it is",
    ),
    "an inherited class": (
        inherits_forward,
        f"the network is Mine, and Small in the design small: {WAY_OUT}",
    ),
    "another order": (
        after(reversed_parts),
        f"`one` has its parts in another order than the design small: {WAY_OUT}",
    ),
    "no head": (
        setting("fc", nn.Identity()),
        f"`fc` is Identity, and Linear in the design small: {WAY_OUT}",
    ),
    "a part is gone": (setting("fc", None), "`fc` of the design small is not there"),
    "a tensor is gone": (setting("fc.bias", None), "`fc.bias` of the design small is not there"),
    "a part more": (setting("loss", nn.CrossEntropyLoss()), "`loss` is not in the design small"),
    "a tensor more": (
        after(lambda made: made.one.register_buffer("scale", torch.ones(2))),
        "`one.scale` is not in the design small",
    ),
    "itself": (after(itself), "`me` is not in the design small"),
    "parametrized": (
        after(lambda made: parametrizations.spectral_norm(made.stem)),
        "`stem` is ParametrizedConv2d, and Conv2d in the design small: "
        "`torch.nn.utils.parametrize.remove_parametrizations` leaves the numbers as they are",
    ),
    "spectral_norm": (
        after(lambda made: nn.utils.spectral_norm(made.stem)),
        "`stem.weight` of the design small is not there, but `stem.weight_orig` is: "
        "`torch.nn.utils.remove_spectral_norm` or `prune.remove` puts the numbers in its place",
    ),
    "pruned": (
        after(lambda made: prune.l1_unstructured(made.fc, "weight", 0.5)),
        "`fc.weight` of the design small is not there, but `fc.weight_orig` is: "
        "`torch.nn.utils.remove_spectral_norm` or `prune.remove` puts the numbers in its place",
    ),
    "scripted": (
        torch.jit.script,
        "RecursiveScriptModule is no network of `resdsl.load`: of one that a compiled file made, "
        "`design=resdsl.design(…)` says what it is",
    ),
    "within another": (
        nn.Sequential,
        "Sequential is no network of `resdsl.load`: of one that a compiled file made, "
        "`design=resdsl.design(…)` says what it is",
    ),
    "meta": (
        lambda made: made.to("meta"),
        "`stem.weight` is on the meta device and has no numbers: give it some by "
        "`model.to_empty(device=…)` and `model.reset_parameters()`, or by loading weights",
    ),
    "sparse": (
        parameter(torch.Tensor.to_sparse),
        "`fc.weight` is sparse_coo: `to_dense()` makes it plain",
    ),
    "of a class": (
        parameter(lambda tensor: tensor.as_subclass(Mine)),
        "`fc.weight` is of the class Mine, which no file holds: plain tensors are saved, and "
        "torch.save keeps others",
    ),
    "lazy": (
        setting("fc.weight", nn.UninitializedParameter()),
        "`fc.weight` is of the class UninitializedParameter, which no file holds: plain tensors "
        "are saved, and torch.save keeps others",
    ),
    "int8": (
        parameter(torch.Tensor.char),
        f"`fc.weight` is int8, and `load` takes floating-point numbers there: {CONVERT}",
    ),
    "quantized": (
        parameter(lambda tensor: torch.quantize_per_tensor(tensor, 0.1, 0, torch.qint8)),
        f"`fc.weight` is qint8, and `load` takes floating-point numbers there: {CONVERT}",
    ),
    "a count of floats": (
        setting("norm.num_batches_tracked", torch.tensor(1.0)),
        f"`norm.num_batches_tracked` is float32, and `load` takes int64 there: {CONVERT}",
    ),
    "complex": (
        lambda made: made.to(torch.complex64),
        f"`stem.weight` is complex64, and `load` takes floating-point numbers there: {CONVERT}",
    ),
    "a type of eight bits that load does not take": (
        lambda made: made.to(torch.float8_e4m3fnuz),
        "`stem.weight` is float8_e4m3fnuz, and `load` takes floating-point numbers there: "
        + CONVERT,
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*:FutureWarning", "ignore:.*:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:Complex modules:UserWarning")
@pytest.mark.filterwarnings("ignore:.*quantized tensor creation:UserWarning")
@pytest.mark.parametrize("what", CHANGED)
def test_it_is_refused(what: str, tmp_path: Path) -> None:
    change, why = CHANGED[what]
    made = change(model())
    with pytest.raises(SaveError) as told:
        resdsl.save(made, tmp_path / "m.safetensors")
    assert str(told.value) == why
    assert not list(tmp_path.iterdir())


# What changes nothing that a design says.
UNCHANGED: dict[str, Callable[[Any], Any]] = {
    "trained, frozen and hooked": after(
        lambda made: made.train().requires_grad_(False).register_forward_hook(print)
    ),
    "not in place": setting("relu.inplace", False),
    "norms of all processes": nn.SyncBatchNorm.convert_sync_batchnorm,
    "a class of its own": inherits,
    "compiled in place": after(lambda made: made.compile()),
    "a buffer that is not kept": after(
        lambda made: made.register_buffer("scale", torch.ones(2), persistent=False)
    ),
    "channels last": lambda made: made.to(memory_format=torch.channels_last),
    "double": lambda made: made.double(),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch.compile's own imports
@pytest.mark.parametrize("what", UNCHANGED)
def test_it_is_saved(what: str, tmp_path: Path) -> None:
    made = UNCHANGED[what](model())
    assert same(resdsl.load(resdsl.save(made, tmp_path / "m.safetensors")), model())


@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2, torch.float16])
def test_small_numbers_come_back(dtype: torch.dtype, tmp_path: Path) -> None:
    made = model().to(dtype)
    assert same(resdsl.load(resdsl.save(made, tmp_path / "m.safetensors")), made.float())


def test_tied_tensors_are_written_apart(tmp_path: Path) -> None:
    made: Any = model()
    made.one[1] = made.one[0]
    made.norm.bias = made.norm.weight
    made.fc.bias = nn.Parameter(torch.ones(1).expand(10))
    again = resdsl.load(resdsl.save(made, tmp_path / "m.safetensors")).eval()
    x = torch.randn(2, 3, 16, 16)
    assert same(made, again)
    assert torch.equal(made(x), again(x))


SHARDS = (
    "is in shards, over processes: gather them with `get_model_state_dict` of "
    "torch.distributed.checkpoint.state_dict and `full_state_dict=True`, and save "
    "`resdsl.load(SPEC, weights=…)` of what it gives"
)


@pytest.mark.filterwarnings("ignore")  # of torch's imports, and of sharding on the CPU
def test_shards_and_how_they_are_gathered(tmp_path: Path) -> None:
    from torch import distributed
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard
    from torch.distributed.tensor import distribute_tensor
    from torch.nn.parallel import DistributedDataParallel

    place = tmp_path / "m.safetensors"
    distributed.init_process_group("gloo", f"file://{tmp_path}/store", world_size=1, rank=0)
    try:
        path = resdsl.save(DistributedDataParallel(model()), place)
        assert same(resdsl.load(path), model())
        made: Any = model()
        fully_shard(made.one[0])
        with pytest.raises(SaveError) as told:
            resdsl.save(made, place)
        assert str(told.value) == f"the FSDPUnit {SHARDS}"
        gathered = get_model_state_dict(made, options=StateDictOptions(full_state_dict=True))
        assert same(resdsl.load(SMALL, weights=gathered), model())
        made = model()
        mesh = init_device_mesh("cpu", (1,))
        made.fc.weight = nn.Parameter(distribute_tensor(made.fc.weight.detach(), mesh))
        with pytest.raises(SaveError) as told:
            resdsl.save(made, place)
        assert str(told.value) == f"`fc.weight` {SHARDS}"
    finally:
        distributed.destroy_process_group()


# --- modules of compiled files --------------------------------------------------------------------


def compiled(text: str, tmp_path: Path, *edit: str) -> Any:
    """The network of a compiled file, which somebody may have edited."""
    source = resdsl.design(text).source()
    for old, new in zip(edit[::2], edit[1::2], strict=True):
        assert old in source
        source = source.replace(old, new)
    module = types.ModuleType("small_net")
    exec(compile(source, "small_net.py", "exec"), vars(module))
    return module.small()


def test_a_compiled_file_may_be_edited(tmp_path: Path) -> None:
    """Where what it computes stays: comments, lines, the names of its classes."""
    made = compiled(SMALL, tmp_path, "class ", "\n\n# A class.\nclass ", "Unit", "Block")
    path = resdsl.save(made, tmp_path / "m.safetensors", design=resdsl.design(SMALL))
    assert same(resdsl.load(path), made)


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (
            ("main += x", "main += 2 * x"),
            f"`one.0` is a Unit with another `forward` than in the design small: {WAY_OUT}",
        ),
        (
            ("nn.AdaptiveAvgPool2d(1)", "nn.AdaptiveMaxPool2d(1)"),
            "`global_avgpool` is AdaptiveMaxPool2d, and AdaptiveAvgPool2d in the design small: "
            + WAY_OUT,
        ),
    ],
)
def test_a_compiled_file_that_computes_something_else(
    edit: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    made = compiled(SMALL, tmp_path, *edit)
    with pytest.raises(SaveError) as told:
        resdsl.save(made, tmp_path / "m.safetensors", design=resdsl.design(SMALL))
    assert str(told.value) == why


def test_another_design_than_its_own(tmp_path: Path) -> None:
    other = resdsl.design(SMALL.replace("norm act conv", "norm silu conv"))
    with pytest.raises(SaveError, match=r"`one\.0` is a Unit with another `forward` than in"):
        resdsl.save(model(), tmp_path / "m.safetensors", design=other)
