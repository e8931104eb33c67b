"""An installation that has lost its library says so."""

from __future__ import annotations

from pathlib import Path

import pytest

import resdsl


def test_a_missing_prelude(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("resdsl.language.names.files.std", lambda: tmp_path / "std")
    found = resdsl.check("network n { input 3 x 8 x 8 conv(3, 4) }").diagnostics
    assert [one.code.id for one in found] == ["E0203"]
    assert "prelude.res: no such file" in found[0].message
    place = tmp_path / "std" / "prelude.res"
    assert found[0].help == (f"it is a part of resdsl, at {place}: install resdsl again",)
