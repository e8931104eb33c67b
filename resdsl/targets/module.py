"""The emitted text as a live module: executed, built without default weights, then filled."""

from __future__ import annotations

import hashlib
import linecache
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from resdsl.design.model import Network
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
    global generator. `dtype` applies to floating tensors. Raises DeviceError.
    """
    from resdsl.targets.torch_import import torch

    place = checked_device(device)
    if seed is None:
        seed = int(torch.empty((), dtype=torch.int64, device="cpu").random_())
    module = build(source, network.name)
    entries = state(network)
    if [entry.key for entry in entries] != list(module.state_dict()):
        raise AssertionError(f"the emitted {network.name} has other tensors than its design")
    fill(module, entries, seed)
    return module.to(device=place, dtype=dtype)


def build(source: str, name: str, device: str = "cpu") -> torch.nn.Module:
    """The network of an emitted text on `device`, its tensors uninitialised."""
    from resdsl.targets.torch_import import torch

    factory = getattr(executed(source, name), names.variable(name))
    with torch.device(device), uninitialised():
        made: torch.nn.Module = factory()
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
    exec(compile(source, filename, "exec"), module.__dict__)
    sys.modules[key] = module
    return module


# --- construction without weights ----------------------------------------------------------------


@contextmanager
def uninitialised() -> Iterator[None]:
    """Constructors on this thread leave their tensors as the memory was."""
    with _mode()():
        yield


@cache
def _mode() -> Callable[[], Any]:
    """A mode that swallows what would fill a tensor. A torch mode belongs to one thread."""
    from resdsl.targets.torch_import import torch

    init = torch.nn.init
    fills: set[object] = {
        getattr(init, name) for name in dir(init) if name.endswith("_") and name[0] != "_"
    }
    fills |= {getattr(torch.Tensor, name) for name in ("normal_", "uniform_", "fill_", "zero_")}
    is_meta = torch.Tensor.is_meta.__get__  # type: ignore[attr-defined]

    class Uninitialised(torch.overrides.TorchFunctionMode):
        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            if func in fills:
                return args[0] if args else kwargs["tensor"]
            # trunc_normal_, which is not handed to modes, draws until all values lie within its
            # bounds, but leaves meta tensors alone.
            if func == is_meta:
                return True
            return func(*args, **(kwargs or {}))

    return Uninitialised


# --- devices -------------------------------------------------------------------------------------


def checked_device(device: str | torch.device | None) -> torch.device:
    """The device, or torch's default one. Raises DeviceError where it is not here."""
    from resdsl.targets.torch_import import torch

    if device is None:
        return torch.get_default_device()
    try:
        place = torch.device(device)
    except (RuntimeError, TypeError):
        raise DeviceError(f"device {device!r} is none that torch knows; {_here()}") from None
    present = {"cpu": 1, "meta": 1, **_accelerators()}.get(place.type, 0)
    if not present or (place.index or 0) >= present:
        raise DeviceError(f'device "{place}" is not available; {_here()}')
    return place


def _accelerators() -> dict[str, int]:
    """How many of each kind torch sees here."""
    from resdsl.targets.torch_import import torch

    found: dict[str, int] = {}
    for kind in ("cuda", "xpu", "mps"):
        backend = getattr(torch, kind)
        if backend.is_available():
            found[kind] = backend.device_count()
    return found


def _here() -> str:
    devices = ["cpu"]
    for kind, count in _accelerators().items():
        devices += [f"{kind}:{index}" for index in range(count)] if kind != "mps" else [kind]
    return f"there {'is' if len(devices) == 1 else 'are'} {', '.join(devices)}"
