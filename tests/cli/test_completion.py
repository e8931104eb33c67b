"""What Tab gives: the answers themselves, and the scripts in the shells that are here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import resdsl
from resdsl.cli import completing
from resdsl.cli.completion import SCRIPTS
from resdsl.cli.group import COMMANDS

ROOT = Path(resdsl.__file__).parents[1]
SPEC = """
network one(
    ## How many.
    classes: int = 10,
    wide: bool = false,
    order: one_of("pre", "post") = "post",
) { input 3 x 8 x 8 conv(3, where(wide, 16, 8)) if order == "pre" { act }
    global_avgpool flatten linear(classes) }
network other(depth: int = 1) { input 3 x 8 x 8 { conv(3, 3) } x depth }
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "two.res").write_text(SPEC)
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "it's $1 [x].res").write_text(SPEC)
    (tmp_path / "broken.res").write_text("network {")
    (tmp_path / "notes.txt").touch()
    return tmp_path


def tab(*words: str) -> list[str]:
    """The values that the last word could become."""
    *before, incomplete = words
    return [item.value for item in completing.completions(before, incomplete)]


def test_commands_and_options() -> None:
    assert set(tab("")) == set(COMMANDS)
    assert tab("sh") == ["show"]
    assert tab("show", "two.res", "--mark") == ["--markdown"]
    assert tab("show", "--dtype", "b") == ["bf16"]
    assert tab("completion", "") == ["bash", "zsh", "fish"]


def test_specs_are_networks_files_and_folders() -> None:
    assert tab("check", "resnet152_") == ["resnet152_v1"]
    assert tab("check", "t")[-1] == "two.res"
    assert tab("check", "al") == ["alexnet", "alexnet_2012"]
    assert tab("check", "au") == ["audio_resnet"]
    assert tab("check", "a b/") == ["a b/it's $1 [x].res"]
    assert tab("check", "two.res", "br") == ["broken.res"]
    assert tab("check", "nothing/such/") == []
    assert "notes.txt" in tab("draw", "two.res", "-o", "")
    assert tab("new", "resnet152_") == ["resnet152_v1"]


def test_weights_are_safetensors_files(folder: Path) -> None:
    (folder / "x.safetensors").touch()
    assert tab("check", "resnet18", "--weights", "") == ["a b/", "x.safetensors"]


def test_networks_and_parameters_of_the_spec_on_the_line() -> None:
    assert tab("show", "two.res", "--net", "") == ["one", "other"]
    assert tab("show", "two.res", "--net=o") == ["--net=one", "--net=other"]
    assert tab("show", "two.res", "--set", "") == ["classes=", "wide=", "order=", "depth="]
    assert tab("show", "two.res", "--net", "other", "--set", "") == ["depth="]
    assert tab("show", "two.res", "--set", "wide=") == ["wide=true", "wide=false"]
    assert tab("show", "two.res", "--set", "order=po") == ["order=post"]
    assert tab("--debug", "check", "two.res", "--set", "cl") == ["classes="]
    assert tab("show", "resnet50", "--set", "") == ["classes="]


def test_names_to_explain() -> None:
    assert tab("explain", "e050") == ["E0501", "E0502", "E0503", "E0504", "E0505"]
    assert tab("explain", "stag") == ["stage"]
    assert "std.dense" in tab("explain", "std.")


def environment(**more: str) -> dict[str, str]:
    paths = {"PYTHONPATH": str(ROOT), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return {**os.environ, **paths, **more}


def answered(shell: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "resdsl", *words],
        env=environment(_RESDSL_COMPLETE=shell, **more),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "words",
    [
        ("show", "broken.res", "--net", ""),
        ("show", "missing.res", "--set", ""),
        ("nonsense", ""),
    ],
)
def test_silent_on_every_error(words: tuple[str, ...]) -> None:
    found = answered("zsh", *words)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_no_torch_and_no_note() -> None:
    """A note that says which network was taken has no place behind a prompt."""
    found = answered("fish", "show", "resnet50.res", "--set", "")
    assert (found.stdout, found.stderr) == ("word\tclasses=\tint\n", "")


def bash(line: str) -> list[str]:
    """What readline would be given for a line."""
    script = SCRIPTS["bash"].replace("complete -F", ": complete -F")
    # `compopt` serves a completion under way alone.
    run = f"""compopt() {{ :; }}
{script}
COMP_LINE={shlexed(line)} COMP_POINT={len(line.encode())}
_resdsl resdsl
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "--norc", "-c", run], env=environment(), capture_output=True, text=True, check=True
    )
    assert not done.stderr
    return done.stdout.splitlines()


def shlexed(line: str) -> str:
    import shlex

    return shlex.quote(line)


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`resdsl` on the path, as installed."""
    program = tmp_path / ".bin" / "resdsl"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m resdsl "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")


@pytest.mark.usefixtures("command")
@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash() -> None:
    assert bash("resdsl sho") == ["show"]
    assert bash("resdsl show two.res --set ") == ["classes=", "wide=", "order=", "depth="]
    # bash replaces what is behind the sign alone.
    assert bash("resdsl show two.res --set order=p") == ["pre", "post"]
    assert bash("resdsl show two.res --net=ot") == ["other"]
    assert bash('resdsl show "a b/it') == ["a b/it's $1 [x].res"]
    assert bash("resdsl show a\\ b/") == ["a b/it's $1 [x].res"]


@pytest.mark.usefixtures("command")
@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish here")
def test_fish(tmp_path: Path) -> None:
    def fish(line: str) -> list[str]:
        run = f"{SCRIPTS['fish']}\ncomplete -C {shlexed(line)}"
        home = environment(HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path / ".config"))
        done = subprocess.run(
            ["fish", "--no-config", "-c", run], env=home, capture_output=True, text=True, check=True
        )
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    assert fish("resdsl sho") == ["show"]
    assert fish("resdsl show two.res --set ") == ["classes=", "depth=", "order=", "wide="]
    assert fish("resdsl show 'a b/it") == ["a b/it's $1 [x].res"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh here")
def test_zsh_takes_the_script() -> None:
    done = subprocess.run(["zsh", "-n"], input=SCRIPTS["zsh"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", SCRIPTS)
def test_the_command_prints_the_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    from resdsl.cli.run import run

    assert run(["completion", shell]) == 0
    assert capsys.readouterr().out == SCRIPTS[shell]


def test_blocks_and_shortcuts_of_the_spec() -> None:
    text = "network net(u: block = basic, s: shortcut = projection, o: op = relu) {\n"
    text += "input 3 x 8 x 8 residual { u(3) o } via s }\nblock basil(w: int) { conv(3, w) }\n"
    Path("units.res").write_text(text)
    assert tab("check", "units.res", "--set", "u=ba") == ["u=basic", "u=basil"]
    assert tab("check", "units.res", "--set", "s=pr") == ["s=projection", "s=projection_always"]
    assert "o=gelu" in tab("check", "units.res", "--set", "o=ge")
