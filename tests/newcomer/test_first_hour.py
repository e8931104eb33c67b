"""A newcomer's hour: what somebody does who has just installed the wheel.

Each test starts in an empty folder with a blank and an umlaut in its path, far from the checkout.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.children import STRICT

ROOT = Path(__file__).parent.parent.parent
COMMANDS = ("check", "compile", "draw", "show", "list", "new")

Shell = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the built wheel is installed; its dependencies are those of the tests."""
    work = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    # --no-deps and --no-build-isolation: everything that is needed is here, no index is asked.
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(work), str(ROOT)]
    subprocess.run(build, check=True, cwd=work)
    (wheel,) = work.glob("resdsl-*.whl")
    target = work / "installed"
    install = [*pip, "install", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run(install, check=True, cwd=work)
    return target


@pytest.fixture(scope="session")
def environment(installed: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{installed / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(installed),
        "PYTHONIOENCODING": "utf-8",
        "PYTHON": sys.executable,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "mein erstes Netz für Österreich"
    path.mkdir()
    return path


@pytest.fixture
def shell(folder: Path, environment: dict[str, str]) -> Shell:
    def run(command: str, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            check=False,
            encoding="utf-8",
            **options,  # type: ignore[call-overload]
        )

    return run


@pytest.fixture(scope="session")
def compiled(
    tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]
) -> tuple[Path, str]:
    """What `resdsl compile resnet152.res` wrote, and what it said."""
    path = tmp_path_factory.mktemp("compiled")
    done = subprocess.run(
        ["resdsl", "compile", "resnet152.res"],
        cwd=path,
        env=environment,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert done.stderr == "note: there is no resnet152.res; taking resnet152 of the zoo\n"
    assert [file.name for file in path.iterdir()] == ["resnet152.py"]
    return path / "resnet152.py", done.stdout


def test_it_is_the_wheel_that_runs(shell: Shell, installed: Path, folder: Path) -> None:
    found = shell('"$PYTHON" -c "import resdsl; print(resdsl.__file__)"')
    assert Path(found.stdout.strip()) == installed / "resdsl" / "__init__.py"


def test_compile_says_what_it_made(compiled: tuple[Path, str]) -> None:
    _, said = compiled
    assert said.startswith("ResNet-152 at 3×224×224\n")
    assert "\nwrote resnet152.py\n" in said


def test_forward(compiled: tuple[Path, str], shell: Shell, folder: Path) -> None:
    """With warnings as errors; resdsl is not imported, nor anything but torch needed."""
    shutil.copy(compiled[0], folder)
    found = shell(
        f'"$PYTHON" {shlex.join(STRICT)} -c "'
        "import sys, torch; from resnet152 import resnet152;"
        "print(tuple(resnet152()(torch.zeros(2, 3, 64, 64)).shape), 'resdsl' in sys.modules)"
        '"'
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout == "(2, 1000) False\n"


def test_edited_file_is_kept(compiled: tuple[Path, str], shell: Shell, folder: Path) -> None:
    shutil.copy(compiled[0], folder)
    found = shell('echo "# mine" >> resnet152.py && resdsl compile resnet152')
    assert found.returncode == 2
    assert "was edited by hand" in found.stderr
    assert (folder / "resnet152.py").read_text(encoding="utf-8").endswith("# mine\n")


_TRAINING = """
import torch
from resnet50 import resnet50

model = resnet50(classes=10)
optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
loss = torch.nn.functional.cross_entropy(
    model(torch.randn(2, 3, 64, 64)), torch.tensor([1, 2])
)
loss.backward()
optimiser.step()
print(loss.isfinite().item())
"""


def test_own_network(shell: Shell, folder: Path) -> None:
    """`new resnet50`, a block changed, checked, compiled, one training step."""
    assert shell("resdsl new resnet50").stdout.startswith("wrote resnet50.res\n")
    spec = folder / "resnet50.res"
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace("bottleneck(256)", "bottleneck(256, cardinality=8)"), "utf-8")

    broken = shell("resdsl check resnet50.res")
    assert broken.returncode == 1
    assert "`resnet50` does not keep its contract params == 25_557_032" in broken.stderr

    lines = spec.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.strip().startswith(("expect params", "expect macs"))]
    spec.write_text("".join(kept), encoding="utf-8")
    found = shell("resdsl check resnet50.res && resdsl compile resnet50.res")
    assert (found.returncode, found.stderr) == (0, "")

    (folder / "train.py").write_text(_TRAINING, encoding="utf-8")
    found = shell(f'"$PYTHON" {shlex.join(STRICT)} train.py')
    assert (found.stdout, found.stderr) == ("True\n", "")


def test_draw(shell: Shell, folder: Path) -> None:
    found = shell("resdsl draw resnet50")
    assert (found.returncode, found.stdout, found.stderr) == (0, "wrote resnet50.svg\n", "")
    assert "</svg>" in (folder / "resnet50.svg").read_text(encoding="utf-8")


def test_the_first_lines(shell: Shell) -> None:
    found = shell("resdsl show resnet50 | head -3")
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines()[0] == "ResNet-50 at 3×224×224"


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc")
def test_ctrl_c(folder: Path, environment: dict[str, str]) -> None:
    """While torch is being imported, which is most of the time that the command takes."""
    with subprocess.Popen(
        ["resdsl", "compile", "resnet152"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        maps = Path(f"/proc/{process.pid}/maps")
        while "libtorch" not in maps.read_text():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("form", ["crlf", "tabs", "bom"])
def test_text_of_other_editors(shell: Shell, folder: Path, form: str) -> None:
    text = (ROOT / "specs" / "resnet50.res").read_text(encoding="utf-8")
    forms = {
        "crlf": text.replace("\n", "\r\n"),
        "tabs": text.replace("    ", "\t"),
        "bom": "\ufeff" + text,
    }
    (folder / "resnet50.res").write_bytes(forms[form].encode())
    found = shell("resdsl check resnet50.res")
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("resnet50: ok, 25,557,032 params")


def test_check_of_a_folder_and_of_stdin(shell: Shell, folder: Path) -> None:
    found = shell(
        "resdsl new eins && resdsl new zwei && resdsl check . && resdsl check - < eins.res"
    )
    assert (found.returncode, found.stderr) == (0, "")
    checked = [line.split(", ")[0] for line in found.stdout.splitlines() if ": ok" in line]
    assert checked == ["eins.res: eins: ok", "zwei.res: zwei: ok", "eins: ok"]


def test_python_m(shell: Shell) -> None:
    found = shell('"$PYTHON" -m resdsl --version')
    assert found.stdout == shell("resdsl --version").stdout
    assert found.stdout.startswith("resdsl ")


@pytest.mark.parametrize("name", COMMANDS)
def test_help(shell: Shell, name: str) -> None:
    found = shell(f"resdsl {name} --help")
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith(f"Usage: resdsl {name} ")


def test_two_at_once(shell: Shell, folder: Path, compiled: tuple[Path, str]) -> None:
    found = shell(
        "resdsl compile resnet152 & first=$!; resdsl compile resnet152 & second=$!;"
        "wait $first && wait $second"
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert [path.name for path in folder.iterdir()] == ["resnet152.py"]
    assert (folder / "resnet152.py").read_bytes() == compiled[0].read_bytes()
