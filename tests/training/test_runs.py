"""Whole trainings: as a user starts them, broken off and taken up, in two processes."""

from __future__ import annotations

import csv
import os
import pickle
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import resdsl
from tests.children import STRICT
from tests.documents import ROOT
from tests.training import data_files, shares
from training.interruption import Interruption

EXAMPLES = ROOT / "examples"
TRAIN = str(EXAMPLES / "train.py")


def program(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=environment(),
    )


def environment() -> dict[str, str]:
    paths = os.pathsep.join([str(ROOT), str(EXAMPLES)])
    return {**os.environ, "PYTHONPATH": paths}


class Countdown(Interruption):
    """SIGINT that comes when it was asked for so many times."""

    def __init__(self, asked: int) -> None:
        super().__init__()
        self.left = asked
        self.signal = signal.SIGINT

    @property
    def came(self) -> bool:
        self.left -= 1
        return self.left < 0


def train(line: str, asked: int = 10**9, device: str = "cpu") -> int:
    from training.folds import train
    from training.options import parsed
    from training.processes import Processes

    alone = Processes(0, 1, torch.device(device))
    return train(parsed(line.split()), alone, Countdown(asked))


def test_mnist_tutorial(tmp_path: Path) -> None:
    data_files.write_mnist(tmp_path / "MNIST" / "raw", train=70, test=10)
    line = "--preset mnist-tutorial --data MNIST --epochs 1 --log-every 1 --out run --deterministic"
    done = program(*STRICT, TRAIN, *line.split(), folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(
        r"epoch 1/1  loss \d\.\d{4}  training [\d.]+%  test [\d.]+%  rate 0\.001\n", done.stdout
    )
    with (tmp_path / "run" / "losses.csv").open(encoding="utf-8") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["1", "2", "3"]
    names = {path.name for path in (tmp_path / "run").iterdir()}
    tables = {"curves.csv", "losses.csv", "curves.png"}
    assert names == {"checkpoints", "design.json", "settings.json", "model.safetensors", *tables}
    weights = load_file(tmp_path / "run" / "model.safetensors")
    parameters = [value for key, value in weights.items() if not re.search("running|tracked", key)]
    assert sum(value.numel() for value in parameters) == 195_450


SGD, ADAMW = "sgd --schedule steps", "adamw --rate 0.01"


@pytest.mark.parametrize(
    ("optimiser", "asked"), [(SGD, 0), (SGD, 3), (SGD, 6), (ADAMW, 2), (ADAMW, 3)]
)
def test_resumed_to_the_bit(tmp_path: Path, small: str, optimiser: str, asked: int) -> None:
    """Behind a step in an epoch of four and, with 3, at its end; dropout, crops, a schedule."""
    from training import checkpoints

    line = f"{small} --optimiser {optimiser}"
    assert train(f"{line} --out {tmp_path}/whole") == 0
    assert train(f"{line} --out {tmp_path}/broken", asked) == 130
    assert checkpoints.latest(tmp_path / "broken") is not None
    torch.rand(5)  # what else was drawn in between does not matter
    assert train(f"{line} --out {tmp_path}/broken --resume", 1) == 130
    assert train(f"{line} --out {tmp_path}/broken --resume") == 0
    for name in ("model.safetensors", "curves.csv", "losses.csv"):
        whole, broken = (tmp_path / run / name for run in ("whole", "broken"))
        assert whole.read_bytes() == broken.read_bytes(), name
    one, other = (checkpoints.latest(tmp_path / run) for run in ("whole", "broken"))
    assert one is not None and other is not None and one.name == other.name == "step-000012"


def test_a_seed_is_all_that_is_random(tmp_path: Path, small: str) -> None:
    weights = []
    for seed in (0, 0, 1):
        out = tmp_path / str(len(weights))
        assert train(f"{small} --epochs 1 --seed {seed} --out {out}") == 0
        weights.append((out / "model.safetensors").read_bytes())
    assert weights[0] == weights[1] != weights[2]


def test_a_finished_run_is_resumed(
    tmp_path: Path, small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = f"{small} --epochs 1 --out {tmp_path}/run"
    assert train(line) == 0
    before = (tmp_path / "run" / "model.safetensors").read_bytes()
    assert train(f"{line} --resume") == 0
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == before
    assert "goes on behind step 4 of 4" in capsys.readouterr().out


def test_runs_that_do_not_go_on(tmp_path: Path, small: str) -> None:
    line = f"{small} --out {tmp_path}/run"
    assert train(line, 2) == 130
    refused(line, "holds a run: --resume goes on with it")
    refused(f"{line} --resume --rate 0.2", "its settings.json says")
    refused(f"{line} --resume --set width=5", "its design.json says")
    data_files.write_mnist(tmp_path / "other", train=34, size=8)
    refused(f"{line} --resume --data {tmp_path}/other", "its settings.json says")

    (checkpoint,) = (tmp_path / "run" / "checkpoints").iterdir()
    state, weights = checkpoint / "training.pt", checkpoint / "model.safetensors"
    for path in (state, weights):
        whole = path.read_bytes()
        for broken in (whole[:-100], whole[:100], b""):
            path.write_bytes(broken)
            refused(f"{line} --resume", "is not of this run, or damaged")
        path.write_bytes(whole)
    state.write_bytes(pickle.dumps(data_files.Runs(tmp_path / "was run"), protocol=2))
    refused(f"{line} --resume", "is not of this run, or damaged")
    torch.save({"step": data_files.Runs(tmp_path / "was run")}, state)
    refused(f"{line} --resume", "is not of this run, or damaged")
    torch.save({"optimiser": {}}, state)
    refused(f"{line} --resume", "is not of this run, or damaged")
    assert not (tmp_path / "was run").exists()


def refused(line: str, message: str) -> None:
    from training.failure import TrainingError

    with pytest.raises(TrainingError) as caught:
        train(line)
    assert message in str(caught.value)


# By an address: names are asked of the network.
TORCHRUN = "-m torch.distributed.run --standalone --local-addr 127.0.0.1 --nproc-per-node 2".split()


@pytest.mark.parametrize(
    ("started", "number", "workers", "status"),
    [
        pytest.param([], signal.SIGINT, 0, 130, id="alone", marks=pytest.mark.full),
        pytest.param([], signal.SIGTERM, 1, 143, id="with a process that reads"),
        pytest.param(TORCHRUN, signal.SIGINT, 0, 1, id="torchrun", marks=pytest.mark.full),
    ],
)
def test_signals_to_all_processes(
    tmp_path: Path, small: str, started: list[str], number: int, workers: int, status: int
) -> None:
    """The terminal tells all processes; torchrun, which is told too, tells its own once more."""
    from training import checkpoints

    line = f"{small} --epochs 100000 --checkpoint-every 100000 --out run --workers {workers}"
    child = subprocess.Popen(
        [sys.executable, *started, TRAIN, *line.split()],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if started else None,
        encoding="utf-8",
        env=environment(),
        start_new_session=True,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith("epoch 1/")
        os.killpg(child.pid, number)
        *_, last = child.stdout
    assert child.returncode == status
    found = re.fullmatch(r"stopped in step ([\d,]+); --resume goes on from there\n", last)
    checkpoint = checkpoints.latest(tmp_path / "run")
    assert found is not None and checkpoint is not None
    assert checkpoints.step_of(checkpoint) == int(found[1].replace(",", ""))


@pytest.mark.parametrize("amp", ["bf16", "fp16"])
def test_mixed_precision(tmp_path: Path, small: str, amp: str) -> None:
    assert train(f"{small} --amp {amp} --out {tmp_path}/run") == 0
    weights = load_file(tmp_path / "run" / "model.safetensors")
    assert {value.dtype for value in weights.values()} == {torch.float32, torch.int64}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nowhere.res --data digits", "error[E0804]: nowhere.res: no such file"),
        ("cifar_resnet20 --data nowhere", "train.py: nowhere: is no folder"),
        ("cifar_resnet20 --data MNIST --folds all", "--folds are of the digits"),
        ("cifar_resnet20 --data MNIST", "MNIST has images of 1x8x8, cifar_resnet20 takes 3x32x32"),
    ],
)
def test_mistakes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    line: str, message: str,
) -> None:  # fmt: skip
    import train

    data_files.write_mnist(tmp_path / "MNIST", size=8)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["train.py", *line.split()])
    assert train.main(Interruption()) == 1
    assert message in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"MNIST"}


@pytest.mark.gpu
def test_gpu(tmp_path: Path, small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In bfloat16 or float16, whichever it has, and to the bit where it is deterministic."""
    if not torch.cuda.is_available():
        pytest.skip("torch sees no CUDA device")
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    try:
        assert train(f"{small} --out {tmp_path}/whole", device="cuda") == 0
        assert train(f"{small} --out {tmp_path}/broken", 5, device="cuda") == 130
        assert train(f"{small} --out {tmp_path}/broken --resume", device="cuda") == 0
    finally:
        torch.use_deterministic_algorithms(False)
    whole, broken = (tmp_path / run / "model.safetensors" for run in ("whole", "broken"))
    assert whole.read_bytes() == broken.read_bytes()


def test_no_gpu(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import train

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(sys, "argv", ["train.py", "s", "--data", "digits", "--device", "cuda"])
    assert train.main(Interruption()) == 1
    assert capsys.readouterr().err == "train.py: --device cuda: torch finds no GPU here\n"


def test_folds(tmp_path: Path, fewer_digits: None, capsys: pytest.CaptureFixture[str]) -> None:
    line = "--preset digits --epochs 1 --set width=1 --batch-size 500 --device cpu --warmup 0"
    assert train(f"{line} --out {tmp_path}") == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "epoch" not in line]
    found = [float(re.fullmatch(rf"fold {at}: ([\d.]+)%", lines[at - 1])[1]) for at in range(1, 6)]  # type: ignore[index]
    assert lines[5] == f"mean of 5 folds: {sum(found) / 5:.2f}%"
    assert (tmp_path / "folds.csv").exists() and (tmp_path / "fold-5" / "curves.png").exists()


@pytest.mark.full
def test_digits(tmp_path: Path, digits: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert train(f"--preset digits --device cpu --out {tmp_path}") == 0
    *_, last = capsys.readouterr().out.splitlines()
    assert float(re.fullmatch(r"mean of 5 folds: ([\d.]+)%", last)[1]) >= 99.0  # type: ignore[index]


def test_two_processes_see_the_data_of_one_and_give_its_gradients(tmp_path: Path) -> None:
    """The last of four batches has one image: one process has it, the other nothing."""
    data_files.write_mnist(tmp_path / "MNIST", train=31, size=8)
    data = str(tmp_path / "MNIST")
    shares.main(data, tmp_path)
    done = program(*TORCHRUN, str(shares.__file__), data, str(tmp_path), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    whole = load_file(tmp_path / "0-of-1.safetensors")
    parts = [load_file(tmp_path / f"{rank}-of-2.safetensors") for rank in (0, 1)]
    gradients = [key for key in whole if key.startswith("gradients")]
    assert len(gradients) == 4 * len({key.split(".", 2)[2] for key in gradients})
    for key, value in whole.items():
        if key in gradients:
            scale = value.abs().max().item()
            for share in parts:
                assert torch.allclose(share[key], value, rtol=0, atol=1e-6 * scale), key
        else:
            for rank, share in enumerate(parts):
                assert torch.equal(share.get(key, value[:0]), value[rank::2]), key


def test_torchrun(tmp_path: Path, small: str) -> None:
    """The figures are of all images, each once, and of the weights that are written."""
    done = program(*TORCHRUN, TRAIN, *small.split(), "--out", "run", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(re.findall("^epoch", done.stdout, re.MULTILINE)) == 3
    with (tmp_path / "run" / "curves.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["4", "8", "12"]
    for row in rows:
        right = float(row["train_accuracy"]) * 33
        assert right == pytest.approx(round(right))
    assert _tested(small, tmp_path / "run") == pytest.approx(float(rows[-1]["test_loss"]))


@pytest.mark.full
def test_two_processes_resumed_to_the_bit(tmp_path: Path, small: str) -> None:
    broken_off = str(Path(__file__).with_name("broken_off.py"))
    for name, out in (
        (TRAIN, "--out whole"),
        (broken_off, "--out broken"),
        (TRAIN, "--out broken --resume"),
    ):
        done = program(*TORCHRUN, name, *small.split(), *out.split(), folder=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    for name in ("curves.csv", "losses.csv"):  # as texts: what differs is told
        whole, broken = ((tmp_path / run / name).read_text() for run in ("whole", "broken"))
        assert whole == broken, name
    whole, broken = (load_file(tmp_path / run / "model.safetensors") for run in ("whole", "broken"))
    assert whole.keys() == broken.keys()
    assert [name for name in whole if not torch.equal(whole[name], broken[name])] == []


def _tested(line: str, folder: Path) -> float:
    """The loss on the images to test with, by one process, of the weights that a run left."""
    from training import checkpoints, fit, steps
    from training.data import opened
    from training.options import parsed
    from training.processes import Processes
    from training.run import Run

    options = parsed(line.split())
    design = resdsl.design(options.spec)
    data = opened(options.data, fit.size_of(design), 1)
    alone = Processes(0, 1, torch.device("cpu"))
    run = Run(options, design, data, folder, alone)
    checkpoints.load_weights(run.model, folder / "model.safetensors")
    loss, _ = steps.test(run.model, run.test_loader, run.precision, alone, run.mean, run.std)
    return loss
