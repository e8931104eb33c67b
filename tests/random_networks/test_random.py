"""Random networks, each compared with an interpreter of its design; thousands in .ci/campaigns."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings

import resdsl
from tests.random_networks.strategy import texts, tree, write
from tests.random_networks.texts import render
from tests.zoo.families import every, full

SEEDS = range(30)
RULES = "E,F,W,I,UP,B,N"


@pytest.mark.parametrize("seed", every(2, SEEDS))
def test_network(seed: int) -> None:
    from tests.random_networks.checking.examination import examine

    outcome = examine(write(seed), seed)
    assert not outcome.failures, f"{outcome.failures[0]}\n\n{write(seed)}"


@settings(max_examples=20)
@given(texts())
def test_check_never_raises(text: str) -> None:
    report = resdsl.check(f"{text}\n")
    assert report.ok == all(found.severity != "error" for found in report.diagnostics)


def test_most_texts_have_a_network() -> None:
    """What is refused tests little: the writer must not fall behind the language."""
    made = sum(bool(emitted(seed)) for seed in SEEDS)
    assert made >= 0.85 * len(SEEDS)


def test_a_seed_is_a_text() -> None:
    assert write(7) == write(7)
    assert len({write(seed) for seed in SEEDS}) == len(SEEDS)


@cache
def emitted(seed: int) -> dict[str, str]:
    """The emitted modules of a text that is not spoilt, by their names."""
    designs = resdsl.check(render(tree(seed)) + "\n").designs
    return {design.name: design.source() for design in designs}


@pytest.fixture(scope="module", params=[10, pytest.param(len(SEEDS), marks=full)])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the emitted modules of so many seeds."""
    path = tmp_path_factory.mktemp("emitted")
    for seed in SEEDS[: request.param]:
        for number, source in enumerate(emitted(seed).values()):
            (path / f"seed{seed}_{number}.py").write_text(source, encoding="utf-8")
    return path


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "--isolated", "--select", RULES, "."),
        ("ruff", "format", "--isolated", "--diff", "."),
        ("mypy", "--config-file=", "."),
    ],
    ids=["ruff", "format", "mypy"],
)
def test_a_person_would_have_written_it_so(command: tuple[str, ...], folder: Path) -> None:
    found = run(*command, cwd=folder)
    assert found.returncode == 0, (found.stdout + found.stderr)[-4000:]
