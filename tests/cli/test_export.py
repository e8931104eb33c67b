"""`resdsl export`: what it writes, says and refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Resdsl


def test_writes_a_file_and_says_what_it_is(resdsl: Resdsl, small: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    import resdsl as library

    save_file(library.load(small, seed=3).state_dict(), tmp_path / "w.safetensors")
    asked = ("--weights", "w.safetensors", "--set", "classes=10", "--batch", "2")
    found = resdsl("export", "small.res", "-o", "small.pt2", *asked)
    assert (found.status, found.err) == (0, "")
    first, *middle, last = found.out.splitlines()
    assert (first, middle) == ("wrote small.pt2", ["input x: 2 x 3 x 32 x 32", "output output"])
    assert last.startswith("compared with the module at 2 x 3 x 32 x 32: errors up to ")
    x = torch.randn(2, 3, 32, 32)
    ours = library.load(small, weights=tmp_path / "w.safetensors").eval()
    torch.testing.assert_close(torch.export.load(tmp_path / "small.pt2").module()(x), ours(x))


def test_weights_under_other_names(resdsl: Resdsl, small: Path, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    import resdsl as library

    found = library.load(small, seed=3).state_dict()
    others = {f"net.{key.replace('conv1', 'first')}": one for key, one in found.items()}
    save_file(
        {**others, "net.extra.weight": found["conv1.weight"].clone()}, tmp_path / "w.safetensors"
    )
    weights = ("--weights", "w.safetensors", "--key", "net", "--rename", "first=conv1")
    said = resdsl("export", "small.res", "-o", "small.pt2", *weights, "--drop", "net.extra")
    assert said.err == ""
    assert said.status == 0
    said = resdsl("export", "small.res", "-o", "other.pt2", "--key", "net")
    assert said.status == 2
    assert said.err == "error: --rename, --drop and --key say what to do with --weights\n"


def test_notes_are_on_stderr(resdsl: Resdsl, small: Path) -> None:
    found = resdsl("export", "small.res", "-o", "small.pt2", "--dynamic", "H", "--batch", "dynamic")
    assert found.status == 0
    assert "input x: batch x 3 x H x 32 where batch ≥ 1, H ≥ 3\n" in found.out
    assert found.err.splitlines() == [
        "note: no weights were given: it starts from seed 0",
        "note: torch's export leaves out H = 1…2, which the design takes",
    ]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (
            ("-o", "small.tflite"),
            2,
            "error: small: small.tflite: a file ends in .onnx (ONNX), .pt2",
        ),
        (("-o", "s.pt2", "--dynamic", "L"), 2, "no dimension `L`: they are H, W"),
        (("-o", "s.pt2", "--batch", "some"), 2, "`some` is neither a number of samples nor"),
        (("-o", "s.pt2", "--weights", "none.safetensors"), 2, "none.safetensors"),
        (
            (
                "-o",
                "small.res",
            ),
            2,
            "a file ends in .onnx",
        ),
    ],
)
def test_refusals(
    resdsl: Resdsl, small: Path, tmp_path: Path, arguments: tuple[str, ...], status: int,
    message: str,
) -> None:  # fmt: skip
    found = resdsl("export", "small.res", *arguments)
    assert (found.status, found.out) == (status, "")
    assert message in found.err
    assert [path.name for path in tmp_path.iterdir()] == ["small.res"]


def test_an_absent_package(resdsl: Resdsl, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resdsl.exporting.wishes.find_spec", lambda name: None)
    found = resdsl("export", "small.res", "-o", "small.xml")
    assert found.status == 3
    assert found.err == ("error: OpenVINO takes openvino: pip install 'resdsl[openvino]'\n")


def test_somebodys_file_is_kept(resdsl: Resdsl, small: Path, tmp_path: Path) -> None:
    (tmp_path / "small.pt2").write_text("mine")
    found = resdsl("export", "small.res", "-o", "small.pt2")
    assert found.status == 2
    assert "is no export of resdsl's; --force overwrites it" in found.err
