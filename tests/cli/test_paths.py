"""Every command and every name of the API, at every kind of path that there is nothing to read at,
or nowhere to write: one line that says which and why, and no word of a bug."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import resdsl as api
from resdsl import limits
from resdsl.diagnostics.exception import SpecError
from resdsl.outputs import OutputError
from tests.cli.conftest import SMALL, Resdsl

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links, pipes and devices of POSIX")

LONG = "n" * 300
SURROGATE = os.fsdecode(b"caf\xe9")


def _nothing(_path: Path) -> None:
    pass


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _latin(path: Path) -> None:
    path.write_bytes(b"# caf\xe9\n")


# A stem; what is made there, the suffix in its place; why it cannot be read; why not be written.
Kind = tuple[str, Callable[[Path], None], str, str]
KINDS: dict[str, Kind] = {
    "loop": ("loop", lambda p: p.symlink_to(p), "lead in a circle", "lead in a circle"),
    "dangling": (
        "dangling",
        lambda p: p.symlink_to("gone/away"),
        "a link to gone/away, which is not there",
        "there is no folder gone",
    ),
    "long": (LONG, _nothing, "the name is too long", "the name is too long"),
    "long folder": (f"{LONG}/a", _nothing, "name is too long", "name is too long"),
    "deep": ("a/" * 3000 + "b", _nothing, "name is too long", "name is too long"),
    "through a file": ("file/net", _nothing, "is a file, not a folder", "is a file, not a folder"),
    "no folder": ("nowhere/net", _nothing, "no such file", "there is no folder nowhere"),
    "folder": ("folder", lambda p: p.mkdir(), "folder", "is a folder"),
    "pipe": ("pipe", lambda p: os.mkfifo(p), "is not a regular file", "is not a regular file"),
    "device": ("device", _device, "is not a regular file", "is not a regular file"),
    "no UTF-8": ("latin", _latin, "is not UTF-8 text", "--force overwrites it"),
    "name without text": (f"nowhere/{SURROGATE}", _nothing, "no such file", "no folder nowhere"),
    "no permission": ("secret", lambda p: p.write_text(""), "no permission", "no permission"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, in which nobody, root neither, may open a file called `secret`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    (tmp_path / "small.res").write_text(SMALL)

    really = os.open

    def opened(path: str, *rest: int, **more: int) -> int:
        if "secret" in os.fspath(path):
            raise PermissionError(13, "Permission denied", path)
        return really(path, *rest, **more)

    monkeypatch.setattr(os, "open", opened)


def make(kind: Kind, suffix: str) -> Path:
    path = Path(kind[0] + suffix)
    kind[1](path)
    return path


def only_line(text: str) -> str:
    """The one line of an error; help and the number of errors stand behind it."""
    first, *rest = text.splitlines()
    assert first.startswith("error")
    assert all(not line or line.startswith(("  = help: ", "1 error")) for line in rest), text
    return first


@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["check", "--json"],
        ["check", "--format", "github"],
        ["check", "--fix"],
        ["show"],
        ["show", "--json"],
        ["compile"],
        ["draw"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("suffix", [".res", ".json"])
def test_read_by_a_command(resdsl: Resdsl, command: list[str], name: str, suffix: str) -> None:
    path = make(KINDS[name], suffix)
    found = resdsl(*command, str(path))
    assert found.status == 2
    is_report = command in (["check", "--json"], ["check", "--format", "github"])
    is_told = not is_report or name == "folder"
    text = only_line(found.err) if is_told else found.out
    assert KINDS[name][2] in text
    assert path.name[-40:].encode(errors="backslashreplace").decode() in text.replace("\\\\", "\\")


@pytest.mark.parametrize("name", [*KINDS, "NUL"])
@pytest.mark.parametrize(
    "entry", [api.check, api.design, api.load, api.compile], ids=lambda entry: entry.__name__
)
@pytest.mark.parametrize("as_path", [False, True], ids=["str", "Path"])
def test_read_in_python(entry: Callable[..., object], name: str, as_path: bool) -> None:
    if name == "NUL":
        path, reason = Path("a\0b.res"), "no file has such a name"
    else:
        path, reason = make(KINDS[name], ".res"), KINDS[name][2]
    spec = path if as_path else str(path)
    if entry is api.check:
        (error,) = api.check(spec).diagnostics
    else:
        with pytest.raises(SpecError) as caught:
            entry(spec)
        (error,) = caught.value.diagnostics
    assert (error.severity, error.span) == ("error", None)
    assert error.code.id in ("E0102", "E0804")
    assert reason in error.message
    assert "\n" not in error.message
    assert len(error.message) < 400


@pytest.mark.parametrize("name", KINDS)
def test_read_by_an_import(resdsl: Resdsl, name: str) -> None:
    path = make(KINDS[name], ".res")
    if not str(path).isprintable():
        return  # no text of a spec has such a name: it is refused where it stands
    Path("main.res").write_text(f'from "{path}" import unit\n' + SMALL)
    found = resdsl("check", "main.res")
    assert found.status == 1
    assert found.err.startswith("error[E0203]: ")
    reason = "outside the folder" if name == "device" else KINDS[name][2]
    reason = "no such file" if name == "dangling" else reason
    assert reason in found.err
    assert "X9000" not in found.err


# A name of a spec for `new`; the module and the picture that `compile` and `draw` write.
WRITERS: dict[str, tuple[list[str], str]] = {
    "compile": (["compile", "small.res", "-o"], ".py"),
    "compile to JSON": (["compile", "small.res", "-o"], ".json"),
    "draw": (["draw", "small.res", "-o"], ".dot"),
    "new": (["new"], ".res"),
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("command", WRITERS)
def test_written_by_a_command(resdsl: Resdsl, command: str, name: str) -> None:
    arguments, suffix = WRITERS[command]
    path = make(KINDS[name], suffix)
    before = path.read_bytes() if name == "no UTF-8" else b""
    if command.startswith("compile") and name == "folder":
        return  # NAME.py goes into a folder
    if command == "new" and not path.stem.isprintable():
        return  # no name of a network, which is told first
    found = resdsl(*arguments, str(path))
    line = only_line(found.err)
    assert found.status == 2
    assert found.out == ""
    if command == "new" and name in ("long", "deep", "long folder"):
        return
    assert KINDS[name][3] in line
    assert path.name[-40:].encode(errors="backslashreplace").decode() in line
    if name == "no UTF-8":
        assert path.read_bytes() == before


@pytest.mark.parametrize("name", [*KINDS, "NUL"])
@pytest.mark.parametrize("entry", ["compile", "draw"])
def test_written_in_python(entry: str, name: str) -> None:
    suffix = ".py" if entry == "compile" else ".dot"
    if name == "NUL":
        path, reason = Path("a\0b" + suffix), "no file has such a name"
    else:
        path, reason = make(KINDS[name], suffix), KINDS[name][3]
    if name == "folder" and entry == "compile":
        return
    with pytest.raises(OutputError) as caught:
        if entry == "compile":
            api.compile("small.res", path)
        else:
            api.design("small.res").draw(path)
    assert reason.replace("--force", "force=True") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", KINDS)
def test_import_hook(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from resdsl import importer

    if "/" in KINDS[name][0]:
        return
    path = make(KINDS[name], ".res")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "path", [*sys.path, LONG])
    importer.install()
    try:
        with pytest.raises(ImportError) as caught:
            importlib.import_module(path.stem)
    finally:
        importer.uninstall()
    if name in ("no UTF-8", "no permission"):
        assert isinstance(caught.value, importer.SpecImportError)
        assert KINDS[name][2] in str(caught.value)
    else:
        assert isinstance(caught.value, ModuleNotFoundError)


@pytest.fixture
def gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The current folder was removed."""
    place = tmp_path / "gone"
    place.mkdir()
    monkeypatch.chdir(place)
    place.rmdir()
    yield
    os.chdir(tmp_path)


@pytest.mark.usefixtures("gone")
def test_no_current_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from resdsl.cli.run import run

    there = str(tmp_path / "small.res")
    for arguments in (
        ["show", "resnet18"],
        ["check", there],
        ["list", "resnet18"],
        ["explain", "conv"],
        ["compile", there, "-o", str(tmp_path / "a.json")],
        ["check", "\nnetwork a { input 3 x 8 x 8\n conv(3, 4) }\n"],
    ):
        assert run(arguments) == 0, arguments
    for arguments in (
        ["check", "small.res"],
        ["compile", there],
        ["draw", there],
        ["new", "mine"],
    ):
        capsys.readouterr()
        assert run(arguments) == 2, arguments
        assert "the current folder is gone" in only_line(capsys.readouterr().err)
    text = '\nfrom "a.res" import b\nnetwork a { input 3 x 8 x 8\n conv(3, 4) }\n'
    assert run(["check", text]) == 1
    assert "the current folder is gone" in capsys.readouterr().err


def call(*arguments: str, stdin: int | None = None, input: str | None = None) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "resdsl", *arguments],
        capture_output=True,
        text=True,
        stdin=stdin,
        input=input,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_standard_input_without_end() -> None:
    with open("/dev/zero", "rb") as zero:  # noqa: PTH123
        status, text = call("check", "-", stdin=zero.fileno())
    assert status == 1
    assert text.startswith("error[E0701]: <stdin>: is larger than a spec may be (1,048,576 bytes)")


@pytest.mark.parametrize("spec", ["-", "/dev/stdin", "/dev/fd/0"])
def test_pipes_of_the_shell(spec: str) -> None:
    status, text = call("check", spec, input=SMALL)
    assert (status, text[:10]) == (0, "small: ok,")


def test_a_design_may_be_longer_than_a_text(
    resdsl: Resdsl, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    design = api.design("small.res").to_json().encode()
    for most, message in ((len(design), "ok"), (len(design) - 1, "is larger than a spec may be")):
        monkeypatch.setattr(limits, "FILE_BYTES", 1000)
        monkeypatch.setattr(limits, "DESIGN_BYTES", most)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(design)))
        found = resdsl("check", "-")
        assert message in found.out + found.err


def test_closed_standard_input(resdsl: Resdsl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    found = resdsl("check", "-")
    assert (found.status, only_line(found.err)) == (2, "error[E0804]: <stdin>: is closed")


def test_large_file_where_the_module_goes(resdsl: Resdsl, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what is there no more is read than resdsl may have written."""
    monkeypatch.setattr(limits, "DESIGN_BYTES", 10_000)
    with Path("small.py").open("wb") as file:
        file.truncate(2**40)
    found = resdsl("compile", "small.res")
    assert found.status == 2
    assert "--force overwrites it" in only_line(found.err)


@pytest.mark.parametrize("suffix", [".py", ".dot"])
def test_long_name_of_wide_characters(tmp_path: Path, suffix: str) -> None:
    """250 bytes are a name, whatever the characters."""
    path = tmp_path / ("\N{SNOWMAN}" * 82 + suffix)
    if suffix == ".py":
        api.compile("small.res", path)
    else:
        api.design("small.res").draw(path)
    assert path.is_file()


def test_folders_that_are_called_as_specs(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "inside" / "deep.res").mkdir(parents=True)
    (tmp_path / "inside" / "deep.res" / "small.res").write_text(SMALL)
    found = resdsl("check", "inside")
    assert (found.status, found.err) == (0, "")
    assert found.out.startswith("small: ok,")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("arguments", [["show", "small.res"], ["--help"]])
def test_full_disk(arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "resdsl", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert "no space left" in only_line(done.stderr)
        silent = subprocess.run(
            [sys.executable, "-m", "resdsl", "check", "none.res"], stderr=full, check=False
        )
        assert silent.returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of a process")
@pytest.mark.parametrize("arguments", [["compile", "small.res", "-o"], ["draw", "small.res", "-o"]])
@pytest.mark.parametrize("is_there", [True, False])
def test_no_half_of_a_file(arguments: list[str], is_there: bool) -> None:
    """A disk that is full before the end: what was there stays, and no draft of what was not."""
    import resource

    place = Path("out.json" if arguments[0] == "compile" else "out.dot")
    if is_there:
        place.write_text("{}")
    before = sorted(Path().iterdir())
    done = subprocess.run(
        [sys.executable, "-m", "resdsl", *arguments, str(place), "--force"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200)),
    )
    assert done.returncode == 2
    assert only_line(done.stderr).startswith(f"error: {place}: cannot be written (")
    assert sorted(Path().iterdir()) == before
    assert not is_there or place.read_text() == "{}"


def test_names_are_told_on_one_line(resdsl: Resdsl) -> None:
    assert resdsl("draw", "small.res", "-o", "a\nb.dot").out == "wrote a\\nb.dot\n"
    assert len(only_line(resdsl("new", "n" * 3000).err)) < 500
    assert "\n" not in only_line(resdsl("new", "a\nb").err)


def test_system_errors_that_no_command_expects(
    resdsl: Resdsl, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error", "/somewhere/else")

    monkeypatch.setattr("resdsl.cli.input.found", fail)
    found = resdsl("check", "small.res")
    assert (found.status, found.err) == (2, "error: /somewhere/else: Input/output error\n")
