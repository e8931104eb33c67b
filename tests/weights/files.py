"""Safetensors files of any header, and shapes of networks without their numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import resdsl
from resdsl.weights.tensors import Shape, wanted


def shapes(spec: str, **parameters: Any) -> dict[str, Shape]:
    """Of a design, in the order of its state dict."""
    return dict(wanted(resdsl.design(spec, **parameters).network).shapes)


def header(content: object, data: bytes = b"", *, length: int | None = None) -> bytes:
    """The bytes of a file with this header; `length` instead of its own."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def write(path: Path, tensors: dict[str, Shape], dtype: str = "F16") -> Path:
    """A sparse file of zeros: shapes are all that is read."""
    entries: dict[str, Any] = {}
    end = 0
    for key, shape in tensors.items():
        count = 2
        for n in shape:
            count *= n
        entries[key] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + count]}
        end += count
    start = header(entries)
    with path.open("wb") as file:
        file.write(start)
        file.truncate(len(start) + end)
    return path
