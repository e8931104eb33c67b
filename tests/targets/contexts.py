"""Where torch's modules can be made: modes, defaults, and what programs do to nn.Module.

torch is imported as a context is entered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from torch import nn

Context = Callable[[], AbstractContextManager[object]]


def inference_mode() -> AbstractContextManager[object]:
    import torch

    return torch.inference_mode()


def no_grad() -> AbstractContextManager[object]:
    import torch

    return torch.no_grad()


def fake_tensors() -> AbstractContextManager[object]:
    from torch._subclasses.fake_tensor import FakeTensorMode

    return FakeTensorMode()


def fake_inference() -> AbstractContextManager[object]:
    import torch
    from torch._subclasses.fake_tensor import FakeTensorMode

    @contextmanager
    def both() -> Iterator[None]:
        with torch.inference_mode(), FakeTensorMode():
            yield

    return both()


def meta_device() -> AbstractContextManager[object]:
    import torch

    return torch.device("meta")


def cpu_device() -> AbstractContextManager[object]:
    import torch

    return torch.device("cpu")


@contextmanager
def default_device() -> Iterator[None]:
    import torch

    torch.set_default_device("meta")
    try:
        yield
    finally:
        torch.set_default_device(None)


@contextmanager
def default_dtype(name: str = "float64") -> Iterator[None]:
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, name))
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def default_half() -> AbstractContextManager[object]:
    return default_dtype("bfloat16")


@contextmanager
def parameters_to_meta(buffers: bool = False) -> Iterator[None]:
    """What accelerate's `init_empty_weights` does: it replaces methods of nn.Module."""
    import torch
    from torch import nn

    parameter, buffer, empty = (
        nn.Module.register_parameter,
        nn.Module.register_buffer,
        torch.empty,
    )

    def register_parameter(module: nn.Module, name: str, value: nn.Parameter | None) -> None:
        parameter(module, name, value)
        if value is not None:
            module._parameters[name] = nn.Parameter(value.to("meta"), value.requires_grad)

    def register_buffer(module: nn.Module, name: str, value: Any, persistent: bool = True) -> None:
        buffer(module, name, value, persistent=persistent)
        if value is not None:
            module._buffers[name] = value.to("meta")

    with mock.patch.object(nn.Module, "register_parameter", register_parameter):
        if not buffers:
            yield
            return
        made = mock.patch.object(
            torch, "empty", lambda *a, **k: empty(*a, **{**k, "device": "meta"})
        )
        with mock.patch.object(nn.Module, "register_buffer", register_buffer), made:
            yield


def all_to_meta() -> AbstractContextManager[object]:
    return parameters_to_meta(buffers=True)


def dispatch_mode() -> AbstractContextManager[object]:
    from torch.utils._python_dispatch import TorchDispatchMode

    class Passing(TorchDispatchMode):
        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            return func(*args, **(kwargs or {}))

    return Passing()


def function_mode() -> AbstractContextManager[object]:
    from torch.overrides import TorchFunctionMode

    class Passing(TorchFunctionMode):
        def __torch_function__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            return func(*args, **(kwargs or {}))

    return Passing()


@contextmanager
def deterministic() -> Iterator[None]:
    """What is not initialised is NaN here."""
    import torch

    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(False)


def autocast() -> AbstractContextManager[object]:
    import torch

    return torch.autocast("cpu")


@contextmanager
def no_initialisation() -> Iterator[None]:
    """Programs that load weights replace torch's initialisers before they make a module."""
    from torch import nn

    names = [n for n in dir(nn.init) if n.endswith("_") and not n.startswith("_")]
    with mock.patch.multiple(nn.init, **dict.fromkeys(names, lambda tensor, *a, **k: tensor)):
        yield


@contextmanager
def swapped() -> Iterator[None]:
    """Parameters change by swapping, not by assignment to `data`."""
    import torch

    torch.__future__.set_swap_module_params_on_conversion(True)
    try:
        yield
    finally:
        torch.__future__.set_swap_module_params_on_conversion(False)


CONTEXTS: list[Context] = [
    nullcontext,
    inference_mode,
    no_grad,
    fake_tensors,
    fake_inference,
    meta_device,
    cpu_device,
    default_device,
    default_dtype,
    default_half,
    parameters_to_meta,
    all_to_meta,
    dispatch_mode,
    function_mode,
    deterministic,
    autocast,
    no_initialisation,
    swapped,
]
