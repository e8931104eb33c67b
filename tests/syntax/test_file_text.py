"""Reading files: what cannot be a spec is one line without a place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from resdsl import limits
from resdsl.diagnostics.diagnostic import Sink
from resdsl.syntax.file_text import read


def only_error(path: str | Path) -> tuple[str, str]:
    sink = Sink()
    assert read(path, sink) is None
    (found,) = sink.diagnostics
    assert found.span is None
    assert "\n" not in found.message
    return found.code.id, found.message


def test_text_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.res"
    path.write_bytes("\ufefflet a = 3 # é\r\n".encode())
    source = read(path, sink := Sink())
    assert sink.diagnostics == []
    assert source is not None
    assert (source.name, source.text) == (str(path), "\ufefflet a = 3 # é\r\n")


def test_name_is_the_path_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.res").write_text("")
    monkeypatch.chdir(tmp_path)
    source = read("./a.res", Sink())
    assert source is not None
    assert source.name == "./a.res"


@pytest.mark.parametrize(
    ("content", "code", "piece"),
    [
        (b"let a = \xff", "E0102", "byte 0xff in line 1"),
        (b"\n\nlet a = 'caf\xe9'", "E0102", "byte 0xe9 in line 3"),
        ("let a = 3".encode("utf-16"), "E0102", "UTF-16"),
        (b"\x7fELF\0\0", "E0102", "binary"),
        (b"#" * (limits.FILE_BYTES + 1), "E0701", "larger"),
    ],
    ids=["latin-1", "line", "utf-16", "binary", "large"],
)
def test_no_text(content: bytes, code: str, piece: str, tmp_path: Path) -> None:
    path = tmp_path / "a.res"
    path.write_bytes(content)
    found, message = only_error(path)
    assert found == code
    assert message.startswith(f"{path}: ")
    assert piece in message


def test_largest_file(tmp_path: Path) -> None:
    path = tmp_path / "a.res"
    path.write_bytes(b"#" * limits.FILE_BYTES)
    assert read(path, Sink()) is not None


def test_no_file(tmp_path: Path) -> None:
    assert only_error(tmp_path / "b.res")[0] == "E0804"
    assert "folder" in only_error(tmp_path)[1]
    assert only_error("a\0b.res")[0] == "E0804"
    assert only_error("a" * 5000)[0] == "E0804"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every file"
)
def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "a.res"
    path.write_text("")
    path.chmod(0)
    assert "permission" in only_error(path)[1]
