"""`resdsl check SPEC --weights FILE`: what it says, its exit status, and that torch stays out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.weights.files import header, shapes, write

from .conftest import Resdsl


def test_it_fits(resdsl: Resdsl, tmp_path: Path) -> None:
    write(tmp_path / "x.safetensors", shapes("resnet18"))
    found = resdsl("check", "resnet18", "--weights", "x.safetensors")
    assert found.status == 0
    assert found.out.splitlines()[1:] == [
        "122 of 122 tensors matched",
        "fits resnetblur18 too: their tensors have the same names and shapes",
    ]
    assert found.err == ""


def test_it_does_not(resdsl: Resdsl, tmp_path: Path) -> None:
    write(tmp_path / "x.safetensors", shapes("resnet34"))
    found = resdsl("check", "resnet18", "--weights", "x.safetensors")
    assert found.status == 1
    assert found.out.startswith("resnet18: ok, ")
    assert "error[E0806]: x.safetensors does not fit resnet18: other depth" in found.err


def test_with_settings(resdsl: Resdsl, tmp_path: Path) -> None:
    write(tmp_path / "x.safetensors", shapes("resnet18"))
    arguments = ("check", "resnet18", "--weights", "x.safetensors", "--input", "4x64x64")
    found = resdsl(*arguments, "--set", "classes=10")
    assert found.status == 0
    assert "120 of 122 tensors matched; conv1.weight 3 -> 4 channels\n" in found.out
    assert "new (the file has 1000 classes, the design 10)\n" in found.out


def test_wishes(resdsl: Resdsl, tmp_path: Path) -> None:
    changed = {key.replace("fc", "head"): shape for key, shape in shapes("resnet18").items()}
    write(tmp_path / "x.safetensors", {**changed, "queue": (3,)})
    arguments = ("check", "resnet18", "--weights", "x.safetensors")
    assert resdsl(*arguments).status == 1
    found = resdsl(*arguments, "--rename", "head=fc", "--drop", "queue")
    assert found.status == 0
    assert "queue: dropped" in found.out
    assert resdsl("check", "resnet18", "--drop", "queue").status == 2
    assert resdsl(*arguments, "--rename", "head").status == 2


def test_what_cannot_be_read(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(header({}, length=99))
    for name in ("x.safetensors", "none.safetensors", "."):
        found = resdsl("check", "resnet18", "--weights", name)
        assert found.status == 2
        assert f"error[E0807]: {name}: " in found.err


def test_a_pt(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "x.pt").write_bytes(b"PK\x03\x04")
    found = resdsl("check", "resnet18", "--weights", "x.pt")
    assert found.status == 2
    assert "error[E0807]: x.pt: is a pickle" in found.err
    assert 'save_file(torch.load("x.pt", weights_only=True), "x.safetensors")' in found.err


def test_several_networks(resdsl: Resdsl, tmp_path: Path) -> None:
    one = "network {} {{ input 3 x 32 x 32 conv(3, 8) }}\n"
    (tmp_path / "two.res").write_text(one.format("a") + one.format("b"))
    write(tmp_path / "x.safetensors", {"conv.weight": (8, 3, 3, 3)})
    found = resdsl("check", "two.res", "--weights", "x.safetensors")
    assert found.status == 2
    assert "there are 2 networks, and the weights are of one: a, b" in found.err
    assert resdsl("check", "two.res", "--net", "b", "--weights", "x.safetensors").status == 0


def test_several_specs(resdsl: Resdsl) -> None:
    found = resdsl("check", "resnet18", "resnet34", "--weights", "x.safetensors")
    assert found.status == 2
    assert "--weights are those of one spec, and there are 2" in found.err


def test_a_spec_with_a_mistake(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "x.res").write_text("network a { input 3 x 32 x 32 cnv(3, 8) }")
    found = resdsl("check", "x.res", "--weights", "none.safetensors")
    assert found.status == 1
    assert "E0806" not in found.err


def test_json(resdsl: Resdsl, tmp_path: Path) -> None:
    write(tmp_path / "x.safetensors", shapes("resnet18", classes=10))
    arguments = ("check", "resnet18", "--weights", "x.safetensors", "--json")
    told = json.loads(resdsl(*arguments, "--set", "classes=10").out)
    assert told["schema"] == "resdsl.check/2"
    assert (told["ok"], told["weights"]["matched"], told["weights"]["total"]) == (True, 122, 122)
    told = json.loads(resdsl(*arguments).out)
    assert (told["ok"], told["weights"]) == (False, None)
    assert told["diagnostics"][0]["code"] == "E0806"
    assert json.loads(resdsl("check", "resnet18", "--json").out)["schema"] == "resdsl.check/1"


def test_without_torch(tmp_path: Path) -> None:
    write(tmp_path / "x.safetensors", shapes("resnet18"))
    script = (
        "import sys\nfrom resdsl.cli.run import run\n"
        "status = run(['check', 'resnet18', '--weights', 'x.safetensors'])\n"
        "print(status, *({'torch', 'numpy', 'safetensors'} & sys.modules.keys()))"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.splitlines()[-1] == "0"
