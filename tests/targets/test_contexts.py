"""`load` where torch's own modules can be made: it gives what they give there.

The network holds every kind of parameter and buffer. What torch does in a context is asked of a
convolution and a batch norm made there.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest

import resdsl
from tests.targets.contexts import CONTEXTS, Context, fake_inference, fake_tensors

if TYPE_CHECKING:
    import torch
    from torch import nn

SPEC = Path(__file__).parent / "cases" / "starts.res"
contexts = pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: context.__name__)


@pytest.fixture(scope="module")
def reference() -> dict[str, torch.Tensor]:
    return resdsl.load(SPEC, seed=7).state_dict()


# --- what comes out ------------------------------------------------------------------------------


def kind(tensor: torch.Tensor) -> tuple[object, ...]:
    """All of a tensor but its shape and values."""
    return (
        type(tensor),
        tensor.device,
        tensor.dtype,
        tensor.requires_grad,
        tensor.is_inference(),
        tensor.is_leaf,
    )


def torch_s_own() -> dict[str, tuple[object, ...]]:
    """The kinds of a parameter, a buffer and a counter that torch makes here."""
    from torch import nn

    norm = nn.BatchNorm2d(3)
    assert norm.running_mean is not None and norm.num_batches_tracked is not None
    return {
        "parameter": kind(nn.Conv2d(2, 3, 3).weight),
        "buffer": kind(norm.running_mean),
        "counter": kind(norm.num_batches_tracked),
    }


def kinds(module: nn.Module) -> dict[str, set[tuple[object, ...]]]:
    counters = {t for name, t in module.named_buffers() if name.endswith("num_batches_tracked")}
    return {
        "parameter": {kind(t) for t in module.parameters()},
        "buffer": {kind(t) for t in module.buffers() if t not in counters},
        "counter": {kind(t) for t in counters},
    }


def has_memory(tensor: torch.Tensor) -> bool:
    """The storage of what FakeTensorMode makes is on meta, too."""
    return tensor.untyped_storage().device.type != "meta"


def unlike(module: nn.Module, reference: dict[str, torch.Tensor]) -> list[str]:
    """The tensors that hold other values than the reference. On meta there are none."""
    import torch

    found = []
    for key, tensor in module.state_dict().items():
        if not has_memory(tensor):
            continue
        rounded = reference[key].to(tensor.dtype)
        if not torch.allclose(tensor, rounded, rtol=1e-7, atol=0):
            found.append(key)
    return found


@contexts
def test_load_makes_what_torch_makes(context: Context, reference: dict[str, torch.Tensor]) -> None:
    with context():
        module = resdsl.load(SPEC, seed=7)
        wanted = torch_s_own()
    assert kinds(module) == {name: {one} for name, one in wanted.items()}
    assert unlike(module, reference) == []


@contexts
def test_the_text_makes_what_torch_makes(context: Context) -> None:
    """Its own constructor, start and forward."""
    import torch

    # torch's own trunc_normal_ looks at values, which FakeTensorMode has not.
    factory = type(resdsl.load(SPEC.read_text().replace("trunc_normal", "xavier")))
    with context():
        module = factory()
        wanted = torch_s_own()
        module.reset_parameters()
        devices = {t.device for t in module.state_dict().values()}
        if len(devices) == 1:
            x = torch.ones(2, 2, 12, 12, device=devices.pop())
            assert module(x).shape == (2, 3)
    assert kinds(module) == {name: {one} for name, one in wanted.items()}


@contexts
def test_a_seed_of_torch_s_generator(context: Context) -> None:
    """Drawn once, and where there is something to start."""
    import torch

    torch.manual_seed(3)
    before = torch.get_rng_state()
    known = resdsl.load(SPEC).state_dict()
    after = torch.get_rng_state()
    torch.manual_seed(3)
    with context():
        module = resdsl.load(SPEC)
    drawn = not torch.equal(torch.get_rng_state(), before)
    assert not drawn or torch.equal(torch.get_rng_state(), after)
    assert drawn == any(map(has_memory, module.state_dict().values()))
    assert unlike(module, known) == []


@contexts
def test_a_type_is_given(context: Context, reference: dict[str, torch.Tensor]) -> None:
    import torch

    with context():
        module = resdsl.load(SPEC, dtype=torch.float16, seed=7)
    assert {t.dtype for t in module.parameters()} == {torch.float16}
    assert {t.dtype for t in module.buffers()} == {torch.float16, torch.int64}
    assert unlike(module, reference) == []


def makes_norms_on_meta() -> bool:
    """Whether torch itself can; not under FakeTensorMode, where a counter is a real tensor."""
    from torch import nn

    try:
        nn.BatchNorm2d(3, device="meta").state_dict()
    except AssertionError:
        return False
    return True


@contexts
def test_a_device_is_given(context: Context, tmp_path: Path) -> None:
    """Meta: what `load` is asked for here, and where `compile` builds what it wrote."""
    with context():
        if not makes_norms_on_meta():
            assert context in (fake_tensors, fake_inference)
            return
        module = resdsl.load(SPEC, device="meta")
        resdsl.compile(SPEC, tmp_path / "made.py")
    assert {t.device.type for t in module.state_dict().values()} == {"meta"}


def test_a_type_of_integers() -> None:
    import torch

    with pytest.raises(TypeError, match=r"not torch\.int8"):
        resdsl.load(SPEC, dtype=torch.int8)


def test_meta_initialises_nothing() -> None:
    """Tensors are made, and that is all; nothing is drawn, and no memory of the CPU is touched."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode

    seen: list[tuple[str, torch.device]] = []

    class Recording(TorchDispatchMode):
        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            made = func(*args, **(kwargs or {}))
            seen.append((func._schema.name, made.device))
            return made

    before = torch.get_rng_state()
    with Recording(), mock.patch("concurrent.futures.ThreadPoolExecutor") as threads:
        resdsl.load(SPEC, device="meta")
    assert not threads.called
    assert {name for name, _ in seen} <= {"aten::empty", "aten::zeros", "aten::ones", "aten::full"}
    assert {device.type for _, device in seen} == {"meta"}
    assert torch.equal(torch.get_rng_state(), before)


# --- transforms of functions, and threads --------------------------------------------------------


@pytest.mark.filterwarnings("ignore")  # torch's tracers tell much
@pytest.mark.parametrize("transform", ["grad", "vmap", "jvp", "functionalize", "make_fx", "trace"])
def test_inside_a_transformed_function(transform: str, reference: dict[str, torch.Tensor]) -> None:
    """A module that is made there is a constant to the transform, random or not."""
    import torch
    from torch.fx.experimental.proxy_tensor import make_fx

    made: list[nn.Module] = []

    def function(x: torch.Tensor) -> torch.Tensor:
        made.append(resdsl.load(SPEC, seed=7))
        return x.sum()

    x = torch.ones(3)
    match transform:
        case "jvp":
            torch.func.jvp(function, (x,), (x,))
        case "make_fx":
            make_fx(function)(x)
        case "trace":
            torch.jit.trace(function, (x,), check_trace=False)
        case name:
            getattr(torch.func, name)(function)(x)
    assert unlike(made[0], reference) == []


def test_from_several_threads(reference: dict[str, torch.Tensor]) -> None:
    """Each has its own modes; equal texts are one module of Python's."""
    import torch

    start = threading.Barrier(6)
    text = SPEC.read_text().replace("starts(", "threaded(")

    def load(number: int) -> nn.Module:
        start.wait()
        with torch.inference_mode(number % 2 == 0), torch.device("meta" if number == 1 else "cpu"):
            return resdsl.load(text, seed=7)

    with ThreadPoolExecutor(6) as pool:
        modules = list(pool.map(load, range(6)))
    assert len({type(module) for module in modules}) == 1
    for number, module in enumerate(modules):
        assert {t.is_inference() for t in module.state_dict().values()} == {number % 2 == 0}
        assert {t.is_meta for t in module.state_dict().values()} == {number == 1}
        assert unlike(module, reference) == []
