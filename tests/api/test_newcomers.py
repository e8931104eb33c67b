"""Calls of Python as people write them first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import resdsl

TEXT = "network n(depths: list[int] = [1, 2]) {\n  input 3 x 8 x 8\n  conv(3, 4) x depths[0]\n}\n"


@pytest.mark.parametrize(
    ("dtype", "what"), [("float16", "the str 'float16'"), (np.float16, "the class float16")]
)
def test_a_dtype_is_one_of_torchs(dtype: Any, what: str) -> None:
    with pytest.raises(
        TypeError, match=f"dtype is a torch.dtype such as torch.float16, not {what}"
    ):
        resdsl.load(TEXT, dtype=dtype)


@pytest.mark.parametrize(("name", "what"), [(None, "None"), (3, "the int 3")])
def test_what_is_explained_is_a_name(name: Any, what: str) -> None:
    with pytest.raises(TypeError, match=f"what is explained is a name, not {what}"):
        resdsl.explain(name)


@pytest.mark.parametrize(("spec", "what"), [(None, "None"), (3, "the int 3"), (b"a", "bytes")])
def test_what_no_spec_is(spec: Any, what: str) -> None:
    with pytest.raises(TypeError, match=f"a spec is a name, a text or a path, not {what}"):
        resdsl.design(spec)


def test_a_listed_network_is_a_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The zoo's, whatever lies in the folder."""
    monkeypatch.chdir(tmp_path)
    Path("resnet18").write_text(TEXT)
    listed = {one.name: one for one in resdsl.networks("resnet18")}
    assert resdsl.design(listed["resnet18"]).params == 11_689_512
    assert resdsl.check(listed["resnet18"]).ok


def test_a_name_near_one_of_the_zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files in the folder, too, where the name has the ending of one."""
    monkeypatch.chdir(tmp_path)
    Path("resnet18.res").write_text(TEXT)
    with pytest.raises(resdsl.SpecError) as caught:
        resdsl.design("resnet5o")
    (found,) = caught.value.diagnostics
    assert len(found.help) == 1
    assert "resnet50" in found.help[0]
    assert "resnet18.res" not in found.help[0]
    with pytest.raises(resdsl.SpecError, match=r"resnet18\.res"):
        resdsl.design("resnet1.res")
