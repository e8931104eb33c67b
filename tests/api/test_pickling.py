"""Loaded modules survive pickles, processes and threads."""

from __future__ import annotations

import copy
import copyreg
import multiprocessing
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch

import resdsl
from resdsl.api import pickling
from resdsl.api.carried import Carried, RestoreError
from tests.children import STRICT
from tests.zoo.families import full

NETWORKS = ["resnet18", "unet", "googlenet", "mobilenet_v2", "highway19"]

READS = """
import sys, torch
saved = torch.load(sys.argv[1], weights_only=False)
for name, (module, part, x, y) in saved.items():
    with torch.no_grad():
        assert torch.equal(module(x), y), name
    assert part is next(module.children()), name
    assert not module.training and not next(module.parameters()).requires_grad
"""

PART = """
import sys, torch
part, x, y = torch.load(sys.argv[1], weights_only=False)
with torch.no_grad():
    assert torch.equal(part(x), y)
assert "resdsl.loaded." in type(part).__module__
import inspect
assert "self.conv1" in inspect.getsource(type(part))
"""


def example(name: str) -> tuple[torch.nn.Module, torch.Tensor, torch.Tensor]:
    design = resdsl.design(name)
    extents = [n if isinstance(n, int) and n < 65 else 64 for n in design.input[1:]]
    module = resdsl.load(name, seed=0).eval().requires_grad_(False)
    x = torch.randn(1, int(design.input[0]), *extents, generator=torch.Generator().manual_seed(0))
    return module, x, module(x)


def child(code: str, path: Path) -> None:
    done = subprocess.run(
        [sys.executable, *STRICT, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "names", [["unet", "mobilenet_v2"], pytest.param(NETWORKS, marks=full)], ids=["two", "all"]
)
def test_another_process_reads_whole_networks(names: list[str], tmp_path: Path) -> None:
    saved = {}
    for name in names:
        module, x, y = example(name)
        saved[name] = module, next(module.children()), x, y
    torch.save(saved, tmp_path / "all.pt")
    child(READS, tmp_path / "all.pt")


def test_another_process_reads_a_part(tmp_path: Path) -> None:
    module, _, _ = example("resnet18")
    part = module.layer1[0]
    x = torch.randn(1, 64, 8, 8)
    torch.save((part, x, part(x)), tmp_path / "part.pt")
    child(PART, tmp_path / "part.pt")


def answers(module: torch.nn.Module, x: torch.Tensor, queue: Any) -> None:
    with torch.no_grad():
        queue.put(module(x).tolist())


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_workers_get_networks(method: str) -> None:
    module, x, y = example("cifar_resnet20")
    context = multiprocessing.get_context(method)
    queue = context.Queue()
    worker = context.Process(target=answers, args=(module, x, queue))
    worker.start()
    assert torch.equal(torch.tensor(queue.get(timeout=120)), y)
    worker.join()


@pytest.mark.parametrize("made", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_is_of_the_same_class(made: Callable[[Any], Any]) -> None:
    module, x, y = example("cifar_resnet20")
    module.told = "by its user"  # type: ignore[assignment]
    other = made(module)
    assert type(other) is type(module) and other.told == "by its user"
    assert torch.equal(other(x), y)
    first, second = next(module.parameters()), next(other.parameters())
    assert first.data_ptr() != second.data_ptr()


def test_a_copy_is_of_its_own_class_where_two_texts_are_one() -> None:
    """They differ in their docstrings, which name what was set."""
    modules = [resdsl.load("cifar_resnet20"), resdsl.load("cifar_resnet20", classes=10)]
    assert type(modules[0]) is not type(modules[1])
    for module in modules:
        assert type(copy.deepcopy(module)) is type(module)


def test_fifty_threads_load_at_once() -> None:
    text = "network n { input 3 x 8 x 8 basic(7) global_avgpool flatten linear(3) }\n"
    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda seed: resdsl.load(text, seed=seed % 5), range(50)))
    assert len({type(module) for module in found}) == 1
    again = [pickle.loads(pickle.dumps(module)) for module in found[:5]]
    for one, two in zip(found[:5], again, strict=True):
        mine, other = one.state_dict(), two.state_dict()
        assert all(torch.equal(mine[key], other[key]) for key in mine)


def test_a_class_of_a_user_is_its_own() -> None:
    """It is found by its name, as all classes are; what is in it comes by the design."""
    module, x, y = example("cifar_resnet20")
    mine = type("Mine", (type(module),), {"__module__": __name__})
    module.__class__ = globals()["Mine"] = mine
    other = pickle.loads(pickle.dumps(module))
    assert type(other) is mine and torch.equal(other(x), y)


# --- another version, or another design -----------------------------------------------------------


def tampered(module: torch.nn.Module, monkeypatch: pytest.MonkeyPatch, **changed: str) -> bytes:
    """A pickle as another version would have written it, or somebody else."""

    def reduce(self: Carried) -> tuple[Any, ...]:
        said = {"version": "9.9.9", "digest": self.digest, "design": self.design} | changed
        return Carried, (said["version"], said["digest"], said["design"])

    with monkeypatch.context() as patch:
        patch.setattr(Carried, "__reduce__", reduce)
        return pickle.dumps(module)


SEEN: list[str] = []


def seen(module: torch.nn.Module, _: Any, __: Any) -> None:
    SEEN.append(type(module).__name__)


def test_another_text_is_made_anew_and_gets_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    module, x, y = example("cifar_resnet20")
    module.conv1.weight.requires_grad_(True)
    module.layer1.train()
    module.layer2.told = "by its user"
    module.layer3.register_forward_hook(seen)
    other = pickle.loads(tampered(module, monkeypatch, digest="0" * 64))
    assert type(other).__name__ == type(module).__name__
    assert other.conv1.weight.requires_grad and not other.fc.weight.requires_grad
    assert other.layer1.training and other.layer1[0].training and not other.training
    assert other.layer2.told == "by its user"
    before = len(SEEN)
    assert torch.equal(other.eval()(x), y)
    assert len(SEEN) == before + 1
    assert torch.equal(pickle.loads(pickle.dumps(other))(x), y)


@pytest.mark.parametrize(
    ("path", "name", "value", "why"),
    [
        ("", "relu", torch.nn.Identity(), "`relu` is Identity, and ReLU in"),
        ("layer1.0.conv1", "stride", (2, 1), "`layer1.0.conv1` has stride=(2, 1), and (1, 1) in"),
        ("conv1", "forward", abs, "`conv1` has a `forward` of its own, not that of"),
    ],
)
def test_another_text_does_not_lose_what_was_changed(
    path: str, name: str, value: object, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, _, _ = example("cifar_resnet20")
    setattr(module.get_submodule(path), name, value)
    pickle.loads(pickle.dumps(module))
    with pytest.raises(RestoreError) as told:
        pickle.loads(tampered(module, monkeypatch, digest="0" * 64))
    assert str(told.value) == (
        f"{why} the design cifar_resnet20: a network that resdsl 9.9.9 pickled is made anew from "
        "its design, without what was changed in it; its state_dict can be loaded"
    )


def test_a_part_of_another_text_says_what_would_help(monkeypatch: pytest.MonkeyPatch) -> None:
    module, _, _ = example("cifar_resnet20")
    part = tampered(module.layer1[0], monkeypatch, digest="0" * 64)
    with pytest.raises(RestoreError, match=r"pickled by resdsl 9\.9\.9.*pickle the whole network"):
        pickle.loads(part)


def test_another_design_does_not_take_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    module, _, _ = example("cifar_resnet20")
    other = resdsl.design("cifar_resnet20", classes=11).to_json()
    with pytest.raises(RestoreError, match=r"(?s)does not fit this network.*fc\.weight"):
        pickle.loads(tampered(module, monkeypatch, design=other))


@pytest.mark.parametrize(
    "design",
    [
        "",
        "{}",
        "import os",
        "resnet18",
        "network n { input 3x8x8 norm }\n",
        '{"schema": "resdsl.design/1"}',
        "{" * 900,
    ],
)
def test_what_is_no_design_is_refused(monkeypatch: pytest.MonkeyPatch, design: str) -> None:
    module, _, _ = example("cifar_resnet20")
    with pytest.raises(RestoreError, match="the design in this pickle"):
        pickle.loads(tampered(module, monkeypatch, design=design))


@pytest.mark.parametrize("design", [None, 3, b"{}", ["{"]])
def test_what_is_no_text_is_refused(design: Any) -> None:
    known = Carried("9.9.9", "0" * 64, design)
    with pytest.raises(RestoreError, match="the design in this pickle"):
        pickling.restored(known, "CIFARResNet20", True)


@pytest.mark.parametrize("name", ["torch", "nn", "Tensor", "cifar_resnet20", "__builtins__", "No"])
def test_only_classes_of_the_text_are_made(name: str) -> None:
    module, _, _ = example("cifar_resnet20")
    known = copyreg.dispatch_table[type(module)].known  # type: ignore[attr-defined]
    with pytest.raises(RestoreError, match="no class"):
        pickling.restored(known, name, is_whole=False)


def test_torch_is_not_told_to_trust_them(tmp_path: Path) -> None:
    module, _, _ = example("cifar_resnet20")
    torch.save(module, tmp_path / "m.pt")
    with pytest.raises(pickle.UnpicklingError, match="resdsl"):
        torch.load(tmp_path / "m.pt", weights_only=True)
