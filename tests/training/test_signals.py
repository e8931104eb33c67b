"""Ctrl-C and SIGTERM at any moment: the exit status, no traceback, and nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.test_runs import EXAMPLES, TRAIN, environment, program, train
from tests.zoo.families import full

# The status, and the last checkpoint; an epoch has four steps.
EXPECTED = {
    "data": (130, 0),
    "step": (130, 6),
    "step-terminated": (143, 6),
    "step-terminated-twice": (130, 6),
    "step-twice": (130, 4),
    "test": (130, 8),
    "test-twice": (130, 4),
    "checkpoint": (130, 9),  # it was noted behind the question whether to go on
    "checkpoint-twice": (130, 8),
    "checkpoint-terminated": (143, 8),
    "table-twice": (130, 8),
    "picture-twice": (130, 12),
}


@full
def test_each_moment(tmp_path: Path, small: str) -> None:
    from training import checkpoints

    done = program(str(Path(__file__).with_name("signalled.py")), *small.split(), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    found = {}
    for line in done.stdout.splitlines():
        moment, status = line.split()
        last = checkpoints.latest(tmp_path / moment)
        found[moment] = (int(status), 0 if last is None else checkpoints.step_of(last))
        log = (tmp_path / f"{moment}.log").read_text(encoding="utf-8")
        assert "Traceback" not in log and "Error" not in log, log
        assert not list((tmp_path / moment).rglob(".*")), "half of a file"
    assert found == EXPECTED
    assert not (tmp_path / "data").exists()
    assert (tmp_path / "picture-twice" / "model.safetensors").exists()

    assert train(f"{small} --out {tmp_path}/whole") == 0
    whole = (tmp_path / "whole" / "model.safetensors").read_bytes()
    for moment in EXPECTED:
        assert train(f"{small} --out {tmp_path}/{moment} --resume") == 0
        assert (tmp_path / moment / "model.safetensors").read_bytes() == whole, moment


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_while_torch_is_imported(tmp_path: Path, number: int) -> None:
    (tmp_path / "torch.py").write_text("print('begun', flush=True)\nwhile True: pass\n")
    path = os.pathsep.join([str(tmp_path), environment()["PYTHONPATH"]])
    child = subprocess.Popen(
        [sys.executable, TRAIN, "resnet18", "--data", "digits"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**environment(), "PYTHONPATH": path},
    )
    with child:
        assert child.stdout is not None and child.stderr is not None
        assert child.stdout.readline() == "begun\n"
        child.send_signal(number)
        assert child.stderr.read() == ""
    assert child.returncode == 128 + number


@full
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_degradation(tmp_path: Path, digits: None, number: int) -> None:
    """A terminal tells all processes, a scheduler the first alone."""
    line = f"{EXAMPLES}/degradation.py --quick --jobs 1 --out out"
    child = subprocess.Popen(
        [sys.executable, *line.split()],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
        start_new_session=True,
    )
    with child:
        assert child.stdout is not None and child.stderr is not None
        assert child.stdout.readline().startswith("plain")
        if number == signal.SIGINT:
            os.killpg(child.pid, number)
            os.killpg(child.pid, number)
        else:
            child.send_signal(number)
        assert child.stderr.read() == "stopped; the same command goes on from there\n"
    assert child.returncode == 128 + number
