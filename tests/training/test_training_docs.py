"""docs/training.md: its commands run, on small data and for an epoch."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.documents import ROOT, blocks
from tests.training import data_files
from training.interruption import Interruption

TEXT = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
COMMANDS = [
    line for block in blocks(TEXT) if block.language == "sh" for line in block.text.splitlines()
]
TRAINING = [shlex.split(line) for line in COMMANDS if "examples/train.py" in line]


def test_commands() -> None:
    """What is not a training is looked at elsewhere: `test_degradation.py`, pyproject.toml."""
    others = [line for line in COMMANDS if "examples/train.py" not in line]
    assert others == [
        "pip install 'resdsl[train]'",
        "python examples/degradation.py --out runs/degradation",
    ]
    assert "\ntrain = [" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert len(COMMANDS) == len(others) + len(TRAINING)


# Python from 3.12 on, where a process with threads forks the ones that read images.
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_trainings(
    tmp_path: Path, fewer_digits: None, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """In one folder, in order: one goes on with what another left."""
    import train

    image = pytest.importorskip("PIL.Image", reason="images in folders are Pillow's")
    data_files.write_mnist(tmp_path / "data" / "MNIST" / "raw", train=32)
    data_files.write_cifar(tmp_path / "data" / "cifar-10-batches-bin", 10)
    for place in ("train/cat", "train/dog", "val/cat", "val/dog"):
        folder = tmp_path / "data" / "pets" / place
        folder.mkdir(parents=True)
        image.new("RGB", (40, 20)).save(folder / "a.png")
    for place in ("train/cube", "train/disc", "train/star", "val/cube", "val/disc", "val/star"):
        folder = tmp_path / "data" / "shapes" / place
        folder.mkdir(parents=True)
        image.new("L", (8, 8)).save(folder / "a.png")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    for words in TRAINING:
        # torchrun is in test_runs.py; the program is the same without it.
        program = words.index("examples/train.py")
        assert words[:program] in (["python"], ["torchrun", "--nproc-per-node", "2"])
        quick = [] if "--epochs" in words else ["--epochs", "1", "--warmup", "0"]
        monkeypatch.setattr(sys, "argv", [*words[program:], *quick, "--device", "cpu"])
        assert train.main(Interruption()) == 0, words
        out = Path(words[words.index("--out") + 1])
        assert (
            out / ("folds.csv" if "all" in words or out.name == "digits" else "curves.csv")
        ).exists()
    assert re.search(r"goes on behind step (\d+) of \1\b", capsys.readouterr().out)


def test_its_tables() -> None:
    """Each option in the text is one of the program."""
    from training.options import PRESETS, _parser

    known = _parser().format_help()
    for option in set(re.findall(r"`(--[\w-]+)", TEXT)) - {"--quick"}:
        assert option in known, option
    for preset in set(re.findall(r"^`([\w-]+)` has ", TEXT, re.MULTILINE)):
        assert preset in PRESETS
