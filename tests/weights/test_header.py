"""Headers of safetensors files: what they say, and files that are not what they should be."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

import resdsl
from resdsl.weights.header import is_pickle, read
from resdsl.weights.tensors import Found
from tests.weights.files import header

ONE = {"a.b": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}


def changed(**parts: Any) -> dict[str, Any]:
    return {"a.b": {**ONE["a.b"], **parts}}


def test_header(tmp_path: Path) -> None:
    file = tmp_path / "a.safetensors"
    file.write_bytes(header({**ONE, "__metadata__": {"format": "pt"}}, bytes(24)))
    found = read(file)
    assert found.tensors == {"a.b": Found((2, 3), "F32")}
    assert found.metadata == {"format": "pt"}


def test_a_file_of_the_library(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    tensors = {"w": torch.zeros(2, 3, dtype=torch.bfloat16), "n": torch.tensor(1)}
    save_file(tensors, tmp_path / "a.safetensors", {"made": "here"})
    found = read(tmp_path / "a.safetensors")
    assert found.tensors == {"w": Found((2, 3), "BF16"), "n": Found((), "I64")}
    assert found.metadata == {"made": "here"}


HOSTILE = {
    "empty": (b"", "it has 0 bytes"),
    "cut_in_its_length": (b"\x10\x00", "it has 2 bytes"),
    "no_text": (b"\xffa file of something else altogether", "bytes, and 28 follow"),
    "length_of_2_64": (header(ONE, bytes(24), length=2**64 - 1), "and"),
    "longer_than_the_file": (header(ONE, bytes(24), length=1_000), "it was cut off"),
    "shorter_than_it_is": (header(ONE, bytes(24), length=20), "is no JSON"),
    "no_json": (header(b"\xff" * 20), "is no JSON"),
    "deep_json": (header(b"[" * 100_000), "is no JSON"),
    "long_number": (header(b'{"a":' + b"9" * 5_000 + b"}"), "is no JSON"),
    "a_list": (header([]), "is no JSON object"),
    "a_key_twice": (
        header(b'{"a":' + json.dumps(ONE["a.b"]).encode() + b',"a":1}', bytes(24)),
        "has `a` twice",
    ),
    "cut_data": (header(ONE, bytes(23)), "it was cut off"),
    "more_data": (header(ONE, bytes(25)), "and 25 are there"),
    "giant_shape": (header(changed(shape=[2**62, 2**62]), bytes(24)), "has 24 bytes"),
    "giant_and_nothing": (
        header(changed(shape=[2**62, 0], data_offsets=[0, 24]), bytes(24)),
        "has 24 bytes",
    ),
    "many_dimensions": (header(changed(shape=[1] * 1_000), bytes(24)), "that is no list of sizes"),
    "negative": (header(changed(shape=[-2, -3]), bytes(24)), "that is no list of sizes"),
    "true": (header(changed(shape=[True, 6]), bytes(24)), "that is no list of sizes"),
    "fraction": (header(changed(shape=[2.0, 3]), bytes(24)), "that is no list of sizes"),
    "unknown_type": (header(changed(dtype="F31"), bytes(24)), "of an unknown type, `F31`"),
    "type_of_a_list": (header(changed(dtype=["F32"]), bytes(24)), "of an unknown type"),
    "offsets_back": (header(changed(data_offsets=[24, 0]), bytes(24)), "has -24 bytes"),
    "offsets_outside": (header(changed(data_offsets=[24, 48]), bytes(24)), "leave gaps"),
    "overlap": (
        header({**ONE, "c": {"dtype": "U8", "shape": [4], "data_offsets": [20, 24]}}, bytes(24)),
        "overlap",
    ),
    "another_field": (header(changed(more=1), bytes(24)), "not told by dtype"),
    "no_fields": (header({"a": 3}), "not told by dtype"),
    "metadata_of_numbers": (header({"__metadata__": {"a": 1}}), "are not texts by name"),
    "dots": (header({"a..b": ONE["a.b"]}, bytes(24)), "has a dot at an end, or two in a row"),
    "dots_of_a_path": (header({"../../x": ONE["a.b"]}, bytes(24)), "`../../x` has a dot"),
    "a_slash": (header({"a/b": ONE["a.b"]}, bytes(24)), "no module's name has"),
    "a_terminal_s_sign": (header({"a\x1b[2J": ONE["a.b"]}, bytes(24)), "no module's name has"),
    "a_long_key": (header({"k" * 10_000: ONE["a.b"]}, bytes(24)), "has 10,000 characters"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    content, message = HOSTILE[name]
    file = Path("x.safetensors")
    file.write_bytes(content)
    with pytest.raises(resdsl.WeightsError) as caught:
        read(file)
    (found,) = caught.value.diagnostics
    assert found.code.id == "E0807"
    assert found.message.startswith("x.safetensors: is no sound safetensors file: ")
    assert message in found.message
    assert found.message.isprintable()
    assert len(found.message) < 500
    assert list(tmp_path.iterdir()) == [tmp_path / file]


def test_long_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from resdsl import limits

    monkeypatch.setattr(limits, "WEIGHTS_HEADER_BYTES", 20)
    (tmp_path / "a").write_bytes(header(ONE, bytes(24)))
    with pytest.raises(resdsl.WeightsError, match="20 are the most"):
        read(tmp_path / "a")


def test_what_is_no_file(tmp_path: Path) -> None:
    for path, message in (
        (tmp_path, "is a folder"),
        (tmp_path / "none", "no such file"),
        (Path("/dev/stdin"), "is a stream"),
        (Path("/dev/zero"), "is not a regular file"),
    ):
        with pytest.raises(resdsl.WeightsError, match=message):
            read(path)


def test_a_pickle_is_known_by_its_bytes(tmp_path: Path) -> None:
    import torch

    (tmp_path / "a.safetensors").write_bytes(pickle.dumps({}))
    torch.save({}, tmp_path / "b")
    assert is_pickle(tmp_path / "a.safetensors")
    assert is_pickle(tmp_path / "b")
    (tmp_path / "c.pt").write_bytes(header(ONE, bytes(24)))
    assert not is_pickle(tmp_path / "c.pt")
