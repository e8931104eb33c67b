"""How a run can end: exit statuses, bugs, Ctrl-C, broken pipes; and what it imports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import resdsl as package
from resdsl.cli.group import COMMANDS

from .conftest import Resdsl

ROOT = str(Path(package.__file__).parent.parent)


def child(
    *arguments: str, cwd: Path | None = None, stdout: int = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
        env={**os.environ, "PYTHONPATH": ROOT, "PYTHONIOENCODING": "utf-8", **environment},
    )


# --- help -----------------------------------------------------------------------------------------


def test_without_arguments(resdsl: Resdsl) -> None:
    found = resdsl()
    assert (found.status, found.err) == (0, "")
    for name in COMMANDS:
        assert f"\n  {name} " in found.out


@pytest.mark.parametrize("name", COMMANDS)
def test_help(resdsl: Resdsl, name: str) -> None:
    found = resdsl(name, "--help")
    assert (found.status, found.err) == (0, "")
    assert found.out.startswith(f"Usage: resdsl {name} [OPTIONS]")
    assert resdsl(name, "-h").out == found.out


def test_version(resdsl: Resdsl) -> None:
    assert resdsl("--version").out == f"resdsl {package.__version__}\n"


# --- bugs -----------------------------------------------------------------------------------------


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_args: object, **_kwargs: object) -> None:
        raise KeyError("layer4")

    monkeypatch.setattr("resdsl.api.opening.open_spec", stumble)


@pytest.mark.usefixtures("bug")
def test_bug(resdsl: Resdsl) -> None:
    found = resdsl("show", "resnet18")
    assert (found.status, found.out) == (70, "")
    assert found.err.startswith("error[X9000]: a bug in resdsl: KeyError: 'layer4'\n")
    assert "--debug" in found.err
    assert "Traceback" not in found.err


@pytest.mark.usefixtures("bug")
@pytest.mark.parametrize("arguments", [("--debug", "show"), ("show", "--debug")])
def test_bug_in_detail(resdsl: Resdsl, arguments: tuple[str, str]) -> None:
    found = resdsl(*arguments, "resnet18")
    assert found.status == 70
    assert found.err.startswith("Traceback")
    assert "error[X9000]" in found.err


def test_torch_is_absent(small: Path) -> None:
    """In a process of its own: where another test has imported torch, hiding it crashes."""
    script = (
        "import sys\nsys.modules['torch'] = None\n"
        "from resdsl.cli.run import run\nsys.exit(run(['compile', 'small.res']))"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=small.parent,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 3
    assert found.stderr == "error: torch is not installed here: pip install torch\n"


# --- Ctrl-C ---------------------------------------------------------------------------------------


def test_interrupted(resdsl: Resdsl, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("resdsl.api.building.verified", interrupt)
    found = resdsl("compile", "small.res")
    assert (found.status, found.out, found.err) == (130, "", "error: interrupted\n")
    assert [path.name for path in small.parent.iterdir()] == ["small.res"]


# Sends itself the signal when the new file is written but not yet in its place.
_LATE = """
import os, signal, sys
from pathlib import Path
from resdsl.cli import main

replace = Path.replace
def interrupted(self, target):
    os.kill(os.getpid(), signal.SIGINT)
    return replace(self, target)
Path.replace = interrupted
sys.argv = ["resdsl", "new", "mine"]
main()
"""


def test_interrupted_while_writing(tmp_path: Path) -> None:
    found = child("-c", _LATE, cwd=tmp_path)
    assert (found.returncode, found.stderr) == (130, b"error: interrupted\n")
    assert list(tmp_path.iterdir()) == []


_WAITING = """
import sys
from resdsl.cli import main

class Awaited:
    buffer = property(lambda self: self)
    def read(self, most):
        print("up", flush=True)
        return sys.__stdin__.buffer.read(most)

sys.stdin = Awaited()
sys.argv = ["resdsl", "compile", "-"]
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_interrupted_from_outside(tmp_path: Path) -> None:
    """While standard input is awaited; the child says when it is."""
    with subprocess.Popen(
        [sys.executable, "-c", _WAITING],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": ROOT},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert list(tmp_path.iterdir()) == []


# --- streams --------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [("list",), ("--help",), ("show", "resnet50")])
def test_a_reader_that_has_seen_enough(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """As `| head -3`, which may be gone before the first line is written."""
    reader, writer = os.pipe()
    os.close(reader)
    found = child("-m", "resdsl", *arguments, cwd=tmp_path, stdout=writer)
    os.close(writer)
    assert (found.returncode, found.stderr) == (0, b"")


def test_a_reader_that_has_seen_enough_keeps_the_status(tmp_path: Path) -> None:
    (tmp_path / "bad.res").write_text("network bad { input 3 x 8 x 8 nrom }\n")
    reader, writer = os.pipe()
    os.close(reader)
    found = child("-m", "resdsl", "check", "bad.res", cwd=tmp_path, stdout=writer)
    os.close(writer)
    assert found.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("arguments", [("--help",), ("list", "resnet50")])
def test_a_full_disk(arguments: tuple[str, ...], tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        found = child("-m", "resdsl", *arguments, cwd=tmp_path, stdout=full.fileno())
    assert found.returncode == 2
    assert found.stderr.startswith(b"error: ")
    assert len(found.stderr.splitlines()) == 1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
def test_poor_encoding(encoding: str, tmp_path: Path) -> None:
    found = child("-m", "resdsl", "check", "resnet18", cwd=tmp_path, PYTHONIOENCODING=encoding)
    assert (found.returncode, found.stderr) == (0, b"")
    line = found.stdout.decode(encoding)
    assert line.rstrip().endswith("H, W ≥ 1" if encoding == "cp437" else "H, W >= 1")


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR_FORCE": "0"}, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour(
    resdsl: Resdsl, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], coloured: bool
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in resdsl("show", "nothing_of_this_name").err) is coloured


# --- what is imported -----------------------------------------------------------------------------

HEAVY = {"torch", "pydantic", "networkx", "rich", "numpy"}
_MODULES = "import json, sys; print(json.dumps([*sys.modules]), file=sys.stderr)"


def imported(script: str, cwd: Path) -> set[str]:
    found = child("-c", f"{script}\n{_MODULES}", cwd=cwd)
    assert found.returncode == 0, found.stderr.decode()
    return {name.partition(".")[0] for name in json.loads(found.stderr)}


def test_import_of_the_package(tmp_path: Path) -> None:
    heavy = HEAVY | {"lark", "click", "typing_extensions", "dataclasses"}
    assert not imported("import resdsl; resdsl.__version__; dir(resdsl)", tmp_path) & heavy


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (["check", "resnet50"], set()),
        (["list", "resnet"], set()),
        (["new", "resnet50"], set()),
        (["show", "resnet50"], set()),
        (["show", "resnet50", "--json"], {"pydantic"}),
        (["draw", "resnet50"], set()),
    ],
)
def test_import_of_a_command(arguments: list[str], allowed: set[str], tmp_path: Path) -> None:
    script = f"from resdsl.cli.run import run; assert run({arguments!r}) == 0"
    assert not imported(script, tmp_path) & (HEAVY - allowed)
