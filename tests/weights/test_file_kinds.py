"""Files that hold no weights as they are read here: what they are is said."""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import resdsl

NAME = "cifar_resnet20"


def scripted(path: Path) -> None:
    with pytest.warns(DeprecationWarning):
        torch.jit.script(torch.nn.Linear(2, 2)).save(path)


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "x")


def arrays(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, a=np.zeros(2))


def damaged(path: Path) -> None:
    zipped(path)
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")
    content[at + 6 : at + 8] = b"\x63\x00"  # a version of zip files that is not there yet
    path.write_bytes(content)


def cut(path: Path) -> None:
    torch.save({"a": torch.zeros(9)}, path)
    path.write_bytes(path.read_bytes()[:500])


def raw(protocol: int) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(pickle.dumps({"a": np.zeros(2)}, protocol=protocol))


def holding(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


TWICE = '{"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}}'
KINDS: dict[str, tuple[str, Callable[[Path], object], str, str]] = {
    "lfs": (
        "x.safetensors",
        holding(b"version https://git-lfs.github.com/spec/v1\noid sha256:a\nsize 1\n"),
        "is a pointer of git-lfs",
        "`git lfs pull` fetches it",
    ),
    "web page": ("x.pt", holding(b"<!DOCTYPE html><html>404</html>"), "is a web page", ""),
    "text": ("x.pt", holding(b"hello world, this is a text\n"), "begins `hello`", ""),
    "blanks": ("x.safetensors", holding(b" " * 64), "is a text, and no weights but blanks", ""),
    "lines": ("x.pt", holding(b"\n" * 9), "is a text, and no weights but blanks", ""),
    "later zip": ("x.pt", damaged, "is cut off, or damaged", ""),
    "hdf5": ("x.h5", holding(b"\x89HDF\r\n\x1a\n" + bytes(90)), "is HDF5", ""),
    "gzip": ("x.pth.gz", holding(b"\x1f\x8b\x08" + b"\xff" * 90), "is compressed", ""),
    "onnx": ("x.onnx", holding(b"\x08\x07\x12\x07pytorch" + b"\xff" * 9), "is ONNX", ""),
    "torchscript": ("x.pt", scripted, "is TorchScript", "torch.jit.load(…).state_dict()"),
    "zip": ("x.pt", zipped, "is an archive that torch.save did not write", ""),
    "npz": ("x.npz", arrays, "is an archive of NumPy's", "weights=dict(numpy.load(…))"),
    "cut": ("x.pt", cut, "is cut off, or damaged", ""),
    "pickle 2": ("x.pkl", raw(2), "is a pickle that torch.save did not write", "torch.save("),
    "pickle 4": ("x.pkl", raw(4), "is a pickle that torch.save did not write", "torch.save("),
    "pickle 5": ("x.pkl", raw(5), "is a pickle that torch.save did not write", "torch.save("),
    "a model": (
        "x.pt",
        lambda path: torch.save(resdsl.load(NAME), path),
        "holds a whole model of resdsl",
        "where you trust the file",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_said_what_they_are(kind: str, tmp_path: Path) -> None:
    name, make, message, help = KINDS[kind]
    make(tmp_path / name)
    with pytest.raises(resdsl.WeightsError) as caught:
        resdsl.load(NAME, weights=tmp_path / name)
    (found,) = caught.value.diagnostics
    assert found.code.id == "E0807"
    assert message in found.message
    assert help in " ".join(found.help)


def test_an_address() -> None:
    address = "https://download.pytorch.org/models/resnet18-f37072fd.pth"
    with pytest.raises(resdsl.WeightsError, match="is an address") as caught:
        resdsl.load("resnet18", weights=address)
    assert "torch.hub.load_state_dict_from_url(…)" in str(caught.value)


def test_the_ending_does_not_decide(tmp_path: Path) -> None:
    state = resdsl.load(NAME, seed=0).state_dict()
    torch.save(state, tmp_path / "a.safetensors")
    save_file(state, tmp_path / "b.pt")
    torch.save(state, tmp_path / "c.pt", _use_new_zipfile_serialization=False)
    for path in ("a.safetensors", "b.pt", "c.pt"):
        made = resdsl.load(NAME, weights=tmp_path / path).state_dict()
        assert all(torch.equal(made[key], value) for key, value in state.items())


def test_tensors_without_numbers_one_beside_the_other() -> None:
    state = resdsl.load(NAME).state_dict()
    with pytest.raises(resdsl.WeightsError, match=r"`fc\.weight` is a sparse tensor") as caught:
        resdsl.load(NAME, weights=state | {"fc.weight": state["fc.weight"].to_sparse()})
    assert ".to_dense()" in str(caught.value)
    with pytest.raises(resdsl.WeightsError, match=r"`fc\.weight` lies on the meta device"):
        resdsl.load(NAME, weights=state | {"fc.weight": state["fc.weight"].to("meta")})


def shards(folder: Path, **places: str) -> Path:
    """Two files with the tensors of a network, and an index; `places` are others than theirs."""
    folder.mkdir(exist_ok=True)
    state = resdsl.load(NAME, seed=0).state_dict()
    parts = {"one": {}, "two": {}}
    for i, (key, value) in enumerate(state.items()):
        parts["one" if i % 2 else "two"][key] = value
    for name, part in parts.items():
        save_file(part, folder / f"{name}.safetensors")
    index = {key: f"{name}.safetensors" for name, part in parts.items() for key in part}
    path = folder / "model.safetensors.index.json"
    path.write_text(json.dumps({"metadata": {}, "weight_map": index | places}))
    return path


def test_several_files_with_an_index(tmp_path: Path) -> None:
    index = shards(tmp_path)
    state = resdsl.load(NAME, seed=0).state_dict()
    for given in (index, tmp_path, str(tmp_path)):
        assert resdsl.check(NAME, weights=given).ok
        made = resdsl.load(NAME, weights=given).state_dict()
        assert all(torch.equal(made[key], value) for key, value in state.items())


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("../one.safetensors", "is no name of a file beside it"),
        ("/etc/x.safetensors", "is no name of a file beside it"),
        ("a\\b.safetensors", "is no name of a file beside it"),
        ("one.pt", "`one.pt` is no safetensors file"),
        (None, "`None` is no safetensors file"),
        ("one.safetensors", "`one.safetensors` has no tensor `conv1.weight`"),
        ("none.safetensors", "no such file"),
    ],
)
def test_an_index_leads_nowhere_else(place: str, message: str, tmp_path: Path) -> None:
    index = shards(tmp_path, **{"conv1.weight": place})
    with pytest.raises(resdsl.WeightsError) as caught:
        resdsl.load(NAME, weights=index)
    assert message in str(caught.value)


def test_all_that_the_files_have_is_named(tmp_path: Path) -> None:
    index = shards(tmp_path)
    content = json.loads(index.read_text())
    del content["weight_map"]["fc.weight"]
    index.write_text(json.dumps(content))
    with pytest.raises(resdsl.WeightsError, match=r"has `fc\.weight`, which it does not name"):
        resdsl.load(NAME, weights=index, classes=10)


def test_a_pickle_among_them(tmp_path: Path) -> None:
    index = shards(tmp_path)
    torch.save({}, tmp_path / "one.safetensors")
    with pytest.raises(resdsl.WeightsError, match="is a pickle, and no safetensors file"):
        resdsl.load(NAME, weights=index)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"weight_map": []}', "[" * 90_000, TWICE])
def test_an_index_that_is_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.index.json"
    path.write_text(text)
    with pytest.raises(resdsl.WeightsError, match="is no sound index of weights"):
        resdsl.load(NAME, weights=path)


def test_an_index_of_too_many_files(tmp_path: Path) -> None:
    path = tmp_path / "x.index.json"
    index = {f"k{i}": f"{i}.safetensors" for i in range(1_001)}
    path.write_text(json.dumps({"weight_map": index}))
    with pytest.raises(resdsl.WeightsError, match="it names more than 1000 files"):
        resdsl.load(NAME, weights=path)
