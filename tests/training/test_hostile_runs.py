"""Checkpoints, settings and tables that are damaged, wrong or another program's: told, and kept."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.training.test_runs import refused, train

Change = Callable[[dict[str, Any]], Any]


def put(*path: Any) -> Change:
    """Puts the last of `path` where the others lead."""

    def change(state: dict[str, Any]) -> None:
        *outer, key, value = path
        for each in outer:
            state = state[each]
        state[key] = value

    return change


def buffer(value: object) -> Change:
    return put("optimiser", 0, "momentum_buffer", value)


STATES: dict[str, tuple[Change, str]] = {
    "no sums": (lambda state: state.pop("sums"), "has not the entries"),
    "one more": (put("generator", torch.zeros(5056)), "has not the entries"),
    "step nan": (put("step", math.nan), "step is none of 1 to 12"),
    "step true": (put("step", True), "step is none of 1 to 12"),
    "step far": (put("step", 10**9), "step is none of 1 to 12"),
    "step giant": (put("step", 10**600), "step is none of 1 to 12"),
    "loss giant": (put("losses", 0, "loss", 10**600), "losses are not rows of"),
    "another step": (put("step", 5), "step is 5, its folder is named for 6"),
    "sums longer": (put("sums", torch.zeros(4, dtype=torch.float64)), "sums is torch.float64 (4,)"),
    "sums in float32": (put("sums", torch.zeros(3)), "sums is torch.float32 (3,)"),
    "sums sparse": (put("sums", torch.zeros(3).to_sparse()), "sums is no tensor"),
    "no epochs": (put("epochs", []), "epochs are not those of 6 steps"),
    "epochs nested": (put("epochs", [[]]), "epochs are not rows of epoch, step"),
    "a text": (put("epochs", 0, "rate", "high"), "epochs are not rows of"),
    "a later loss": (put("losses", 5, "step", 7), "losses are not those of 6 steps"),
    "a column less": (lambda state: state["losses"][0].pop("loss"), "losses are not rows of"),
    "many losses": (put("losses", [0] * 10**7), "more than such a state can"),
    "optimiser a list": (put("optimiser", []), "optimiser is no dict"),
    "optimiser empty": (put("optimiser", {}), "optimiser is not that of"),
    "a tensor less": (lambda state: state["optimiser"].pop(3), "optimiser is not that of"),
    "names as numbers": (put("optimiser", "0", {}), "optimiser is not that of"),
    "Adam's": (put("optimiser", 0, {"exp_avg": torch.zeros(1)}), "keeps not momentum_buffer"),
    "another shape": (buffer(torch.zeros(4, 1, 3, 2)), "is torch.float32 (4, 1, 3, 2), not"),
    "another dtype": (buffer(torch.zeros(4, 1, 3, 3, dtype=torch.int8)), "is torch.int8"),
    "giant": (buffer(torch.zeros(1).expand(10**12)), "is torch.float32 (1000000000000,)"),
    "meta": (buffer(torch.zeros(4, 1, 3, 3, device="meta")), "is no tensor"),
    "a number": (buffer(1.0), "is no tensor"),
    "a scaler": (put("scaler", {"scale": 1.0}), "float16"),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, make_small: Callable[[Path], str]) -> Any:
    """The line of a run that was broken off behind step 6, and its state's file."""
    folder = tmp_path_factory.mktemp("broken")
    line = f"{make_small(folder)} --out {folder}/run"
    assert train(line, 5) == 130
    (state,) = folder.glob("run/checkpoints/step-000006/training.pt")
    return f"{line} --resume", state, state.read_bytes()


@pytest.mark.parametrize("kind", STATES)
def test_states(broken: Any, kind: str) -> None:
    line, path, whole = broken
    change, message = STATES[kind]
    path.write_bytes(whole)
    state = torch.load(path, weights_only=True)
    change(state)
    torch.save(state, path)
    _kept(line, f"{path}: is not of this run, or damaged", message)


def test_a_packed_state(broken: Any) -> None:
    line, path, whole = broken
    path.write_bytes(whole)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("archive/more", bytes(10**7))
    _kept(line, str(path), "more than such a state can")


def test_scalers(tmp_path: Path, small: str) -> None:
    """Those of float16."""
    line = f"{small} --amp fp16 --out {tmp_path}/run"
    assert train(line, 2) == 130
    (path,) = tmp_path.glob("run/checkpoints/*/training.pt")
    state = torch.load(path, weights_only=True)
    for scale in (math.nan, math.inf, 0.0, -1.0, "1", 10**600, torch.ones(())):
        torch.save({**state, "scaler": {**state["scaler"], "scale": scale}}, path)
        _kept(f"{line} --resume", str(path), "scaler's scale is")
    torch.save({**state, "scaler": {"scale": 1.0}}, path)
    _kept(f"{line} --resume", str(path), "scaler has other entries")
    torch.save({**state, "scaler": {}}, path)
    _kept(f"{line} --resume", str(path), "float16")
    torch.save(state, path)
    assert train(f"{line} --resume") == 0


def test_one_value_for_a_whole_tensor(tmp_path: Path, small: str) -> None:
    """In memory of one, which a step could not change."""
    assert train(f"{small} --out {tmp_path}/run", 4) == 130
    (path,) = tmp_path.glob("run/checkpoints/*/training.pt")
    state = torch.load(path, weights_only=True)
    buffer(torch.ones(1, 1, 1, 1).expand(4, 1, 3, 3))(state)
    torch.save(state, path)
    assert train(f"{small} --out {tmp_path}/run --resume") == 0


@pytest.mark.parametrize("name", ["settings.json", "design.json"])
@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"\xff\xfe", b"[" * 10**5, b'{"seed": 1}', b"null", b'{"name": "my-package"}'],
    ids=["empty", "no entries", "no text", "nested", "a part", "null", "a program's"],
)
def test_what_a_run_is(broken: Any, tmp_path: Path, name: str, content: bytes) -> None:
    """Another's is kept by a run that begins; a damaged one is told by a run that goes on."""
    line, path, whole = broken
    path.write_bytes(whole)
    (tmp_path / name).write_bytes(content)
    new = line.replace(" --resume", "").rpartition(" --out ")[0]
    _kept(f"{new} --out {tmp_path}", f"has {name} and no checkpoint: they would be lost")

    about = path.parents[2] / name
    before = about.read_bytes()
    about.write_bytes(content)
    _kept(line, f"its {name} says that it was begun with another network")
    about.unlink()
    _kept(line, f"its {name} is gone")
    about.write_bytes(before)


def test_a_run_without_a_checkpoint_begins_again(tmp_path: Path, small: str) -> None:
    """With other settings too: nothing is lost."""
    assert train(f"{small} --out {tmp_path}/run", 0) == 130
    (checkpoint,) = tmp_path.glob("run/checkpoints/step-*")
    for path in [*checkpoint.iterdir(), checkpoint, *tmp_path.glob("run/*.csv")]:
        path.rmdir() if path.is_dir() else path.unlink()
    assert train(f"{small} --rate 0.2 --out {tmp_path}/run", 0) == 130
    settings = json.loads((tmp_path / "run" / "settings.json").read_text(encoding="utf-8"))
    assert settings["rate"] == 0.2


@pytest.mark.parametrize("name", ["curves.csv", "losses.csv", "curves.png", "model.safetensors"])
def test_results_of_others(tmp_path: Path, small: str, name: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).write_text("mine")
    _kept(f"{small} --out {tmp_path}/run", f"has {name} and no checkpoint: they would be lost")


@pytest.mark.parametrize("name", ["curves.csv", "losses.csv"])
def test_tables(broken: Any, name: str) -> None:
    line, path, whole = broken
    path.write_bytes(whole)
    table = path.parents[2] / name
    before = table.read_bytes()
    for content in (b"a,b\n1,2\n", before.replace(b"1,", b"2,", 1), before + b"note", b"\xff"):
        table.write_bytes(content)
        _kept(line, f"{table}: is not what the run wrote")
    table.write_bytes(before)


def test_folds_of_another_run(tmp_path: Path, digits: None) -> None:
    (tmp_path / "folds.csv").write_text("mine")
    _kept(f"--preset digits --out {tmp_path}", "folds.csv: would be lost")


def _kept(line: str, *messages: str) -> None:
    """It is refused with these messages, and no file is changed, there or not."""
    out = Path(line.replace(" --resume", "").rpartition(" ")[2])
    before = _files(out)
    for message in messages:
        refused(line, message)
    assert _files(out) == before


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
