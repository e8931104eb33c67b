"""The command line in this process, in an empty folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from resdsl.cli.run import run


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str


Resdsl = Callable[..., Result]


@pytest.fixture
def resdsl(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Resdsl:
    """Runs `resdsl ARGUMENTS` where nothing else is; without colours."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str) -> Result:
        capsys.readouterr()
        status = run(arguments)
        out, err = capsys.readouterr()
        return Result(status, out, err)

    return call


SMALL = """\
network small(classes: int = 10, groups: int = 1) {
    input 3 x 32 x 32
    conv1: conv(3, 16)
    norm
    act
    stage layer1 /2: basic(32) x 2
    if groups > 1 { groupnorm(groups) }
    global_avgpool
    flatten
    fc: linear(classes)
    expect depth == 6
}
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A spec of one network."""
    path = tmp_path / "small.res"
    path.write_text(SMALL, encoding="utf-8")
    return path
