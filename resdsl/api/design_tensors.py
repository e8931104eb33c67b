"""The tensors of a module whose design is known: by the design's keys, plain, of its shapes."""

from __future__ import annotations

from collections.abc import Iterator

from resdsl.api.module_difference import difference
from resdsl.api.save_error import SaveError
from resdsl.targets.torch_import import torch
from resdsl.weights.header import misnamed

# torch's wrappers, and by which name each holds what it wraps.
_WRAPPERS = {
    "AveragedModel": "module",
    "CheckpointWrapper": "_checkpoint_wrapped_module",
    "DataParallel": "module",
    "DistributedDataParallel": "module",
    "OptimizedModule": "_orig_mod",
}
_SHARDS = {"DTensor", "FSDPModule", "FullyShardedDataParallel"}

# What `load` reads.
_FLOATING = {
    torch.float64,
    torch.float32,
    torch.float16,
    torch.bfloat16,
    torch.float8_e4m3fn,
    torch.float8_e5m2,
}


def bare(module: torch.nn.Module) -> torch.nn.Module:
    """What is within torch's wrappers. Raises SaveError for a module in shards."""
    while True:
        kinds = _kinds_of_torch(module)
        if kinds & _SHARDS:
            raise _sharded(f"the {type(module).__name__}")
        kind = type(module)
        is_torch_s = kind.__module__.startswith("torch.")
        # What a subclass computes, or a `forward` that somebody set, is not known.
        is_own = "forward" in vars(module) and kind.__name__ != "OptimizedModule"
        if kind.__name__ not in _WRAPPERS or not is_torch_s or is_own:
            return module
        module = module.get_submodule(_WRAPPERS[kind.__name__])


def tensors(
    there: torch.nn.Module, ours: torch.nn.Module, design: str, path: str = ""
) -> Iterator[tuple[str, torch.Tensor]]:
    """Those of `there` by key, in the order of `ours`, which is the network of the design.

    Raises SaveError where it has other tensors or parts, or computes something else with them.
    """
    there = bare(there)
    if why := difference(there, ours, design):
        raise _different(path, there, why)
    before = f"{path}." if path else ""
    held = {
        name: tensor
        for name, tensor in (*there._parameters.items(), *there._buffers.items())
        if tensor is not None and name not in there._non_persistent_buffers_set
    }
    for name, our in (*ours._parameters.items(), *ours._buffers.items()):
        if our is not None:
            yield before + name, _checked(before + name, held.pop(name, None), our, design, there)
    parts = {name: part for name, part in there._modules.items() if part is not None}
    for name, our_part in ours._modules.items():
        if our_part is None:
            continue
        part = parts.pop(name, None)
        if part is None:
            raise SaveError(f"`{before}{name}` of the design {design} is not there")
        yield from tensors(part, our_part, design, before + name)
    more = next(iter(held | parts), None)
    if more is not None:
        raise SaveError(f"`{before}{more:.80}` is not in the design {design}")
    is_row = isinstance(ours, torch.nn.Sequential | torch.nn.ModuleList)
    if is_row and [*there._modules] != [*ours._modules]:
        raise _different(path, there, f"has its parts in another order than the design {design}")


def _checked(
    key: str, tensor: torch.Tensor | None, our: torch.Tensor, design: str, owner: torch.nn.Module
) -> torch.Tensor:
    """The tensor of a key, if there is one that a file can hold and `load` takes."""
    if tensor is None:
        raise SaveError(f"`{key}` of the design {design} is not there{_made_of(key, owner)}")
    if why := misnamed(key):
        raise SaveError(f"the key `{key:.80}…` {why}: shorter labels would help")
    if _kinds_of_torch(tensor) & _SHARDS:
        raise _sharded(f"`{key}`")
    if why := _unfit(tensor, our, design):
        raise SaveError(f"`{key}` {why}")
    return tensor


def _unfit(tensor: torch.Tensor, our: torch.Tensor, design: str) -> str | None:
    """Why a tensor is not kept in the place of the design's, and what would help."""
    kind = type(tensor)
    if kind not in (torch.Tensor, torch.nn.Parameter):
        return (
            f"is of the class {kind.__name__}, which no file holds: plain tensors are saved, and "
            "torch.save keeps others"
        )
    if tensor.is_meta:
        return (
            "is on the meta device and has no numbers: give it some by "
            "`model.to_empty(device=…)` and `model.reset_parameters()`, or by loading weights"
        )
    if tensor.layout is not torch.strided:
        return f"is {_short(tensor.layout)}: `to_dense()` makes it plain"
    if tensor.shape != our.shape:
        return (
            f"is {_times(tensor)}, and {_times(our)} in the design {design}: save a model whose "
            "design has that size"
        )
    is_floating = our.is_floating_point()
    if tensor.dtype in _FLOATING if is_floating else tensor.dtype == our.dtype:
        return None
    wanted = "floating-point numbers" if is_floating else _short(our.dtype)
    return (
        f"is {_short(tensor.dtype)}, and `load` takes {wanted} there: convert the module, or keep "
        "it as it is with torch.save"
    )


def _made_of(key: str, owner: torch.nn.Module) -> str:
    """What older ways of torch keep in a weight's place."""
    name = key.rpartition(".")[2]
    found = next((e for e in ("_orig", "_g") if f"{name}{e}" in owner._parameters), None)
    if found is None:
        return ""
    how = {"_orig": "remove_spectral_norm` or `prune.remove", "_g": "remove_weight_norm"}[found]
    return f", but `{key}{found}` is: `torch.nn.utils.{how}` puts the numbers in its place"


def _different(path: str, there: torch.nn.Module, why: str) -> SaveError:
    name = f"`{path}`" if path else "the network"
    help = "change the spec, or keep the module as it is with torch.save"
    if hasattr(there, "parametrizations"):
        help = "`torch.nn.utils.parametrize.remove_parametrizations` leaves the numbers as they are"
    return SaveError(f"{name} {why}: {help}")


def _sharded(what: str) -> SaveError:
    return SaveError(
        f"{what} is in shards, over processes: gather them with `get_model_state_dict` of "
        "torch.distributed.checkpoint.state_dict and `full_state_dict=True`, and save "
        "`resdsl.load(SPEC, weights=…)` of what it gives"
    )


def _kinds_of_torch(value: object) -> set[str]:
    """By name: their modules are slow to import, and are imported where they are in use."""
    return {kind.__name__ for kind in type(value).__mro__ if kind.__module__.startswith("torch.")}


def _short(value: object) -> str:
    return str(value).removeprefix("torch.")


def _times(tensor: torch.Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "one number"
