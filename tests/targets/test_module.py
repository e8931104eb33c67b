"""The live module: its text, its devices, and the check against the design."""

from __future__ import annotations

import copy
import inspect
import sys
import threading
from dataclasses import replace

import pytest

import resdsl
from resdsl.targets import DeviceError, Header, emit, is_pristine, verify
from resdsl.targets.truncation import truncated

SPEC = "network net(classes: int = 3) { input 2 x 8 x 8 conv(3, 4) norm act x 20 global_avgpool "
SPEC += "flatten linear(classes) }\n"
HEADER = Header("2, H, W", "(N, 3)", "for every H, W >= 1", 1, 1, "8 x 8")


def test_its_source_can_be_inspected() -> None:
    module = resdsl.load(SPEC)
    assert inspect.getsource(type(module)).startswith("class Net(nn.Module):")
    assert sys.modules[type(module).__module__].__file__ == inspect.getfile(type(module))


def test_one_text_is_executed_once() -> None:
    assert type(resdsl.load(SPEC)) is type(resdsl.load(SPEC))


def test_a_copy_is_another_module() -> None:
    import torch

    module = resdsl.load(SPEC).eval()
    twin = copy.deepcopy(module)
    x = torch.randn(1, 2, 8, 8)
    assert torch.equal(module(x), twin(x))
    with torch.no_grad():
        next(twin.parameters()).zero_()
    assert not torch.equal(module(x), twin(x))


def test_dtype_leaves_counters_alone() -> None:
    import torch

    state = resdsl.load(SPEC, dtype=torch.float64).state_dict()
    assert state["conv.weight"].dtype == torch.float64
    assert state["norm.num_batches_tracked"].dtype == torch.int64


@pytest.mark.parametrize("device", ["abacus", "cuda:99", "xpu:99"])
def test_a_device_that_is_not_here(device: str) -> None:
    with pytest.raises(DeviceError, match=r"there (is|are) cpu") as caught:
        resdsl.load(SPEC, device=device)
    assert "\n" not in str(caught.value)


def test_meta_needs_no_weights() -> None:
    assert all(p.is_meta for p in resdsl.load(SPEC, device="meta").parameters())


def test_suppressed_starts_belong_to_one_thread() -> None:
    """While this thread builds without weights, another one's modules start as ever."""
    import torch

    from resdsl.targets.module import uninitialised

    made: list[torch.nn.Linear] = []
    with uninitialised():
        thread = threading.Thread(target=lambda: made.append(torch.nn.Linear(50, 50)))
        thread.start()
        thread.join()
    assert 0.05 < float(made[0].weight.detach().std()) < 0.15


def test_suppression_ends_with_an_error() -> None:
    import torch

    from resdsl.targets.module import uninitialised

    with pytest.raises(ZeroDivisionError), uninitialised():
        raise ZeroDivisionError
    assert float(torch.nn.init.ones_(torch.empty(3)).sum()) == 3


# --- the stamp -----------------------------------------------------------------------------------


def text() -> str:
    return emit(resdsl.design(SPEC).network, HEADER, version="1.2.3")


def test_the_text_is_the_same_each_time() -> None:
    assert text() == text()


def test_pristine_until_edited() -> None:
    made = text()
    assert is_pristine(made)
    assert is_pristine(made.replace("\n", "\r\n"))
    assert not is_pristine(made.replace("nn.Linear(4, classes)", "nn.Linear(4, 7)"))
    assert not is_pristine(made + "\n# a note\n")
    assert not is_pristine("")
    assert not is_pristine("print('hello')\n")


# --- the check -----------------------------------------------------------------------------------


def test_verify_finds_a_module_that_is_not_the_design() -> None:
    network = resdsl.design(SPEC).network
    made = text()
    assert "agree with the design" in verify(network, made)
    for wrong in (
        made.replace("nn.Conv2d(2, 4, 3, padding=1, bias=False)", "nn.Conv2d(2, 4, 3, padding=1)"),
        made.replace("self.norm = nn.BatchNorm2d(4)", "self.norm = nn.InstanceNorm2d(4)"),
        made.replace("return self.linear(x)", "return self.linear(x)[:, :2]"),
    ):
        assert wrong != made
        with pytest.raises(AssertionError):
            verify(network, wrong)


def test_a_deep_network_is_checked_in_short() -> None:
    spec = SPEC.replace("act x 20", "group: { conv(3, 4) norm act } x 5000")
    design = resdsl.design(spec)
    assert "the first two and the last" in verify(design.network, design.source())


def test_truncation_leaves_replicated_branches_whole() -> None:
    spec = "network net { input 2 x 8 conv(3, 4) x 9 fork { p: conv(1, 4) x 5 } join concat(p) }\n"
    network = resdsl.design(spec).network
    short = truncated(network)
    assert [apply.count for apply in short.root.body.modules()] == [1 + 3, 5]
    assert [apply.count for apply in network.root.body.modules()] == [9, 5]


def test_a_name_may_be_any_word() -> None:
    network = resdsl.design(SPEC).network
    for name in ("lambda", "Ünet", "50", "__init__", "torch", "Tensor"):
        made = emit(replace(network, name=name), HEADER, version="1")
        compile(made, name, "exec")
