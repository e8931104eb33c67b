"""Networks that exercise every construct: what the module computes, and how its text reads.

The networks are the files of `cases/`; the oracle is the interpreter of tests/random_networks.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import resdsl
from tests.zoo.families import every, full

FILES = sorted((Path(__file__).parent / "cases").glob("*.res"))
RULES = "E,F,W,I,UP,B,N"


@pytest.mark.parametrize("path", every(2, FILES), ids=lambda path: path.stem)
def test_values_gradients_and_starts(path: Path) -> None:
    from tests.random_networks.checking.examination import examine

    outcome = examine(path.read_text())
    assert outcome.networks == 1
    assert not outcome.failures, "\n".join(map(str, outcome.failures))


# What torch.compile may stumble over most: joins, choices, tensors of a class, containers.
GRAPHED = "inception flags held at_positions".split()


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[] if path.stem in GRAPHED else [full]) for path in FILES],
    ids=lambda path: path.stem,
)
def test_one_graph(path: Path) -> None:
    """torch.compile and torch.export follow the whole forward."""
    import torch

    design = resdsl.design(path)
    module = resdsl.load(path).eval()
    x = torch.randn(2, design.network.input.channels, *map(int, design.input[1:]))
    torch._dynamo.reset()
    compiled = torch.compile(module, fullgraph=True, backend="eager")
    with torch.no_grad():
        torch.testing.assert_close(compiled(x), module(x))
    batch = torch.export.Dim("batch", max=1024)  # torch 2.6 fails without a bound
    exported = torch.export.export(module, (x,), dynamic_shapes=({0: batch},)).module()
    y = torch.cat([x, x])
    torch.testing.assert_close(exported(y), module(y))


@pytest.fixture(scope="session")
def emitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The text of every case, in one folder."""
    folder = tmp_path_factory.mktemp("emitted")
    for path in FILES:
        (folder / f"{path.stem}.py").write_text(resdsl.design(path).source())
    return folder


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "--isolated", "--select", RULES, "."],
        ["ruff", "format", "--isolated", "--diff", "."],
        ["mypy", "."],
    ],
    ids=["lint", "format", "types"],
)
def test_text_is_clean(command: list[str], emitted: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=emitted, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_layers_that_grow_evenly_are_written_once() -> None:
    """A dense block's text does not grow with its layers."""
    layer = "block layer { conv(3, 32) join concat(in, here) }\n"
    network = "network net { input 3 x 8 x 8 conv(3, 64) block: layer x 24 }\n"
    text = resdsl.design(layer + network).source()
    assert "*(Layer(64 + 32 * i) for i in range(24))" in text
