"""`--fused`: what the commands write and say of it."""

from __future__ import annotations

from pathlib import Path

from .conftest import Resdsl


def test_a_module_is_written(resdsl: Resdsl, small: Path, tmp_path: Path) -> None:
    found = resdsl("compile", "small.res", "--fused")
    assert (found.status, found.err) == (0, "")
    assert found.out.endswith("\nnorms that are part of the layer before them: 6\n")
    assert "BatchNorm" not in (tmp_path / "small.py").read_text("utf-8")


def test_a_table_is_shown(resdsl: Resdsl, small: Path) -> None:
    whole, fused = resdsl("show", "small.res"), resdsl("show", "small.res", "--fused")
    assert fused.status == 0
    assert fused.out != whole.out
    refused = resdsl("show", "vgg11", "--fused")
    assert refused.status == 2
    assert "vgg11 has nothing to fuse" in refused.err


def test_weights_that_cannot_be_fused(resdsl: Resdsl, small: Path, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    import resdsl as library

    state = library.load(small, seed=0).state_dict()
    state["norm.running_var"][0] = -1.0
    save_file(state, tmp_path / "w.safetensors")
    asked = ("-o", "small.pt2", "--weights", "w.safetensors", "--fused")
    refused = resdsl("export", "small.res", *asked)
    assert refused.status == 1
    assert "conv1, fused from conv1 and norm, is not what they are" in refused.err
