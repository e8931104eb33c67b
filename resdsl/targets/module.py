"""The emitted text as a live module: executed, built without default weights, then filled."""

from __future__ import annotations

import hashlib
import linecache
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from inspect import signature
from types import ModuleType
from typing import TYPE_CHECKING, Any

from resdsl.design.network import Network
from resdsl.design.state import state
from resdsl.targets import names
from resdsl.targets.weights import fill

if TYPE_CHECKING:
    import torch


class DeviceError(ValueError):
    """A device that is not here: one line that names those that are."""


def load(
    network: Network,
    source: str,
    *,
    device: str | torch.device | None = None,
    dtype: torch.dtype | None = None,
    seed: int | None = None,
) -> torch.nn.Module:
    """The network as a module in training mode, its weights drawn from `seed`.

    `source` is the emitted text of `network`. Without a seed one number is drawn from torch's
    global generator. `dtype` applies to floating tensors. It works where torch's own modules can
    be made, and gives what they give there: inference tensors under `torch.inference_mode`, none
    with memory on the meta device, under FakeTensorMode or where parameters are moved to meta as
    they are registered; such are not filled, and where there are no others nothing is drawn.
    Raises DeviceError, and TypeError for a dtype of integers.
    """
    if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
        raise TypeError(f"weights are floating-point or complex numbers, not {dtype}")
    module = build(source, network.name, checked_device(device), dtype)
    fill(module, state(network), seed)
    return module


def build(
    source: str,
    name: str,
    device: str | torch.device = "cpu",
    dtype: torch.dtype | None = None,
    flags: Iterable[bool] = (),
) -> torch.nn.Module:
    """The network of an emitted text on `device`, its tensors uninitialised.

    `dtype` is that of floating tensors, torch's default one if None. `flags`: the truth values that
    its last arguments are, instead of those that it is compiled with.
    """
    from resdsl.targets.torch_import import torch

    factory = getattr(executed(source, name), names.variable(name))
    values = list(flags)
    last = list(signature(factory).parameters)[-len(values) :] if values else []
    # For the meta device one mode does both: a call passes through each that is on.
    is_meta = torch.device(device).type == "meta"
    place = nullcontext() if is_meta else torch.device(device)
    with place, uninitialised(dtype, "meta" if is_meta else None):
        made: torch.nn.Module = factory(**dict(zip(last, values, strict=True)))
    return made


def executed(source: str, name: str) -> ModuleType:
    """The emitted text as a Python module, each text once.

    It has an entry in linecache and in sys.modules, so tracebacks show its lines and
    inspect.getsource finds its classes.
    """
    digest = hashlib.sha256(source.encode()).hexdigest()[:12]
    # A name without dots, for it is one part of a module's path.
    key = f"resdsl.loaded.{re.sub(r'[^0-9A-Za-z_]', '_', name)}_{digest}"
    known = sys.modules.get(key)
    if known is not None:
        return known
    filename = f"<resdsl {name} {digest}>"
    module = ModuleType(key)
    module.__file__ = filename
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    # Not a spec's text is executed, but the compiler's own: `source` comes from `emit`, which
    # writes names that were checked and literals that went through `repr`.
    exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)
    # Another thread may have executed it in the meantime: one is that of all.
    return sys.modules.setdefault(key, module)


# --- construction without weights ----------------------------------------------------------------


@contextmanager
def uninitialised(dtype: torch.dtype | None = None, device: str | None = None) -> Iterator[None]:
    """Constructors on this thread leave their tensors as the memory was, and make them of `dtype`
    on `device`.

    It applies where they would take torch's default type and device.
    """
    with _mode()(dtype, device):
        yield


# What torch's modules make their tensors with.
_FACTORIES = frozenset({"empty", "full", "ones", "zeros"})
# And counters, which have a type of their own.
_PLACED = _FACTORIES | {"tensor"}


@cache
def _mode() -> Callable[[torch.dtype | None, str | None], Any]:
    """A mode that swallows what would fill a tensor. A torch mode belongs to one thread."""
    from resdsl.targets.torch_import import torch

    tensor = torch.Tensor
    fills = {tensor.normal_, tensor.uniform_, tensor.fill_, tensor.zero_}
    # What trunc_normal_ of torch 2.6 makes of a uniform distribution.
    fills |= {tensor.erfinv_, tensor.mul_, tensor.add_, tensor.clamp_}
    is_meta = torch.Tensor.is_meta.__get__  # type: ignore[attr-defined]

    class Uninitialised(torch.overrides.TorchFunctionMode):
        def __init__(self, dtype: torch.dtype | None, device: str | None) -> None:
            super().__init__()
            self.dtype = dtype
            self.device = device

        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            kwargs = kwargs or {}
            # By its module: the names in torch.nn.init may be replaced, as those do that load
            # weights without drawing any first.
            if func in fills or getattr(func, "__module__", None) == "torch.nn.init":
                return args[0] if args else kwargs["tensor"]
            # trunc_normal_, which is not handed to modes, draws in newer versions until all values
            # lie within its bounds, but leaves meta tensors alone.
            if func == is_meta:
                return True
            name = getattr(func, "__name__", None)
            if self.dtype is not None and name in _FACTORIES:
                # A module's factories get `dtype=None`, and counters a type of their own.
                kwargs = {**kwargs, "dtype": kwargs.get("dtype") or self.dtype}
            if self.device is not None and name in _PLACED:
                kwargs = {**kwargs, "device": kwargs.get("device") or self.device}
            return func(*args, **kwargs)

    return Uninitialised


# --- devices -------------------------------------------------------------------------------------


def checked_device(device: str | torch.device | None) -> torch.device:
    """The device, or torch's default one. Raises DeviceError where it is not here."""
    from resdsl.targets.torch_import import torch

    if device is None:
        # torch.get_default_device() of torch 2.6 passes over `with torch.device(...)`.
        return torch.empty(0).device
    try:
        place = torch.device(device)
    except (RuntimeError, TypeError):
        raise DeviceError(f"device {device!r} is none that torch knows; {_here()}") from None
    try:
        # As its modules will ask: there are backends that only their plug-in knows.
        torch.empty(0, device=place)
    except (RuntimeError, AssertionError, ImportError):
        raise DeviceError(f'device "{place}" is not available; {_here()}') from None
    return place


def _here() -> str:
    """The devices that torch sees, for people."""
    from resdsl.targets.torch_import import torch

    devices = ["cpu"]
    for kind in ("cuda", "xpu", "mps"):
        backend = getattr(torch, kind)
        if backend.is_available():
            several = kind != "mps"
            devices += (
                [f"{kind}:{index}" for index in range(backend.device_count())]
                if several
                else [kind]
            )
    return f"there {'is' if len(devices) == 1 else 'are'} {', '.join(devices)}"
