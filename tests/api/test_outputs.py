"""Writing whole or not at all."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

import resdsl
from resdsl.outputs import OutputError, write


def test_write(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    assert write(path, "×\r\n") == path
    assert path.read_bytes() == "×\r\n".encode()
    assert write(path, b"\x00") == path
    assert path.read_bytes() == b"\x00"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_rights_are_those_of_any_new_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain.txt"
    plain.touch()
    assert write(tmp_path / "a.txt", "").stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_failure_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(*_args: object) -> None:
        raise error

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises((OutputError, KeyboardInterrupt)) as caught:
        write(path, "new")
    if isinstance(error, OSError):
        assert str(caught.value) == f"{path}: cannot be written (no space left on the device)"
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def _write_often(path: Path, text: str) -> None:
    for _ in range(50):
        write(path, text)


def test_two_processes(tmp_path: Path) -> None:
    """Whoever reads sees the one text or the other, whole."""
    path = tmp_path / "a.txt"
    texts = ["a" * 100_000, "b" * 100_000]
    write(path, texts[0])
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_often, args=(path, text)) for text in texts]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert path.read_text() in texts
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert list(tmp_path.iterdir()) == [path]


def test_long_name(tmp_path: Path) -> None:
    write(tmp_path / ("a" * 250), "")
    with pytest.raises(OutputError, match="cannot be written"):
        write(tmp_path / ("a" * 300), "")


def test_no_output_replaces_the_spec_that_it_is_of(tmp_path: Path) -> None:
    """In Python as on the command line, and not with `force` either."""
    text = "network a { input 3 x 8 x 8 conv(3, 8) }\n"
    spec = tmp_path / "a.res"
    spec.write_text(text)
    for suffix in ("svg", "dot", "py"):
        link = tmp_path / f"l.{suffix}"
        link.symlink_to(spec)
        with pytest.raises(OutputError, match="is the spec itself"):
            if suffix == "py":
                resdsl.compile(spec, link, force=True)
            else:
                resdsl.design(spec).draw(link, force=True)
    assert spec.read_text() == text
