"""Where a module computes something else than another with the same tensors and parts would.

Looked at is what can be seen without running it: its class, a `forward` that was put over that of
the class, and the values that its constructor set. Hooks are not, nor is whether it trains.
"""

from __future__ import annotations

from functools import cache, partial
from types import CodeType, FunctionType
from typing import Any

from resdsl.targets.checkpointed_stages import RECOMPUTED
from resdsl.targets.timm_face import NAMES
from resdsl.targets.torch_import import torch

# What decides what a call of a module computes.
_CALLED = (
    "forward",
    "__call__",
    "__getattr__",
    "__getattribute__",
    "_call_impl",
    "_conv_forward",
    "_wrapped_call_impl",
)
# No such values: modes, what the shapes of the tensors say, and what timm reads off a model.
_FREE = {
    *NAMES,
    "training",
    "in_channels",
    "in_features",
    "num_channels",
    "num_features",
    "out_channels",
    "out_features",
}


def difference(there: torch.nn.Module, ours: torch.nn.Module, design: str) -> str | None:
    """How `there` differs from `ours` of a design, said behind its name; None if it does not."""
    kind = type(there).__name__
    own = _hiding(there)
    if own is not None:
        return f"has a `{own}` of its own, not that of the design {design}"
    if not _is_of(there, ours):
        if kind == type(ours).__name__:
            return f"is a {kind} with another `forward` than in the design {design}"
        return f"is {kind}, and {type(ours).__name__} in the design {design}"
    mine = vars(there)
    for name, value in vars(ours).items():
        if name.startswith("_") or name in _FREE or name == "forward" or name not in mine:
            continue
        # To write into the input or not gives the same where the design allows to write.
        if not (_is_same(mine[name], value) or (name == "inplace" and value)):
            return f"has {name}={mine[name]!r:.40}, and {value!r} in the design {design}"
    return None


def _hiding(there: torch.nn.Module) -> str | None:
    """What is put over a method of the class or a part of the module, or is called before it."""
    held = {*_CALLED, *there._modules, *there._parameters, *there._buffers}
    if _is_run_again(there):
        held.discard("forward")
    found = next((name for name in vars(there) if name in held), None)
    if found is not None:
        return found
    for cls in type(there).__mro__:
        if cls.__module__.startswith("torch."):
            break
        found = next((name for name in _CALLED if name in vars(cls) and name != "forward"), None)
        if found is not None:
            return found
    return None


def _is_run_again(module: torch.nn.Module) -> bool:
    """Whether what stands over its `forward` is that of checkpointing, which computes the same."""
    match vars(module).get("forward"):
        case partial(func=FunctionType() as function, args=(called,), keywords={}):
            return called is module and _is_same_code(function.__code__, _recomputed())
        case _:
            return False


@cache
def _recomputed() -> CodeType:
    """What emitted files call there. Python compiles calls of what is imported in another way."""
    text = f"import contextlib, torch\n{RECOMPUTED.text}"
    consts = compile(text, "<recomputed>", "exec", dont_inherit=True).co_consts
    return next(one for one in consts if isinstance(one, CodeType))


def is_emitted(module: torch.nn.Module) -> bool:
    return type(module).__module__.startswith("resdsl.loaded.")


def _is_of(there: torch.nn.Module, ours: torch.nn.Module) -> bool:
    """Whether the classes compute the same: of an emitted one the names may be others."""
    if type(there) is type(ours):
        return True
    if is_emitted(ours):
        return _is_same_code(_code(type(there)), _code(type(ours)))
    # What DistributedDataParallel wants in place of a norm: the same, over all processes.
    return type(there) is torch.nn.SyncBatchNorm and isinstance(
        ours, torch.nn.modules.batchnorm._BatchNorm
    )


def _code(cls: type[torch.nn.Module]) -> CodeType | None:
    forward: Any = cls.forward
    return forward.__code__ if isinstance(forward, FunctionType) else None


def _is_same_code(one: object, two: object) -> bool:
    """Line numbers apart."""
    if not (isinstance(one, CodeType) and isinstance(two, CodeType)):
        return type(one) is type(two) and one == two
    return (
        one.co_code == two.co_code
        and one.co_names == two.co_names
        and len(one.co_consts) == len(two.co_consts)
        and all(map(_is_same_code, one.co_consts, two.co_consts))
    )


def _is_same(there: object, ours: object) -> bool:
    return isinstance(there, int | float | str | tuple | list | None) and there == ours
