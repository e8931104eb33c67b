"""`--output-stride`, of every command that works on a network, and the same in Python."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import resdsl as package

from .conftest import Resdsl

TEXT = """
network net {
    input 3 x 64 x 64
    conv1: conv(3, 8, stride=2)
    stage layer1 /2: basic(8) x 2
    stage layer2 /2: basic(16) x 2
    expect shape(layer2) == 16x8x8
}
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "net.res"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_every_command_has_it(resdsl: Resdsl, spec: Path) -> None:
    option = ("net.res", "--output-stride", "4")
    shown = resdsl("show", *option)
    assert (shown.status, shown.err) == (0, "")
    assert "layer2  16×16×16" in shown.out
    assert "d=2" in shown.out
    checked = resdsl("check", *option, "--json")
    macs = package.design(TEXT, output_stride=4).macs
    assert json.loads(checked.out)["networks"][0]["cost"]["macs"] == macs
    assert resdsl("draw", *option).status == 0
    assert "16×16×16" in spec.with_suffix(".svg").read_text(encoding="utf-8")
    compiled = resdsl("compile", *option)
    assert (compiled.status, compiled.err) == (0, "")
    assert "output_stride=4" in spec.with_suffix(".py").read_text(encoding="utf-8")


@pytest.mark.parametrize("value", ["0", "-8", "8.5", "two"])
def test_what_is_none_is_refused(resdsl: Resdsl, spec: Path, value: str) -> None:
    refused = resdsl("check", "net.res", f"--output-stride={value}")
    assert refused.status == 2
    assert "--output-stride" in refused.err


@pytest.mark.parametrize("value", [0, -8, 8.5, True, "two", [8]])
def test_what_is_none_is_refused_in_python(value: Any) -> None:
    for function in (package.load, package.design, package.check):
        with pytest.raises(TypeError, match="an output stride is an int of at least 1, not"):
            function(TEXT, output_stride=value)


def test_contracts_are_of_the_network_without_changes(resdsl: Resdsl, spec: Path) -> None:
    checked = resdsl("check", "net.res", "--output-stride", "4")
    assert checked.status == 0
    assert "its contracts were not checked" in checked.out


def test_a_design_has_its_strides(resdsl: Resdsl, spec: Path) -> None:
    assert resdsl("compile", "net.res", "--output-stride", "4", "-o", "net.json").status == 0
    assert package.design("net.json").output == (16, 16, 16)
    refused = resdsl("check", "net.json", "--output-stride", "2")
    assert refused.status == 2
    assert "an output stride needs its spec" in refused.err


def test_it_is_used_with_features_and_channels() -> None:
    module = package.load(
        TEXT, output_stride=2, features={"out": "layer2"}, in_channels=1, device="meta"
    )
    import torch

    assert module(torch.zeros(1, 1, 64, 64, device="meta")).shape == (1, 16, 32, 32)
