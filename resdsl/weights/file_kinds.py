"""What a file is that has no weights as they are read here, by its first bytes and its name."""

from __future__ import annotations

import zipfile
from pathlib import Path

from resdsl.records import dataclass

# Bytes that are looked at.
START = 64
# What torch.save begins with, behind the pickle's protocol, where it writes no archive.
_TORCH = b"l\xfc\x9cF\xf9 j\xa8P\x19"
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"(\xb5/\xfd", b"7z\xbc\xaf", b"Rar!")


@dataclass(frozen=True, slots=True)
class Kind:
    """`text` goes on from `FILE: `."""

    text: str
    help: tuple[str, ...] = ()


def foreign(start: bytes, name: str) -> Kind | None:
    """Of a file that is neither safetensors nor a pickle, where it is something known."""
    if start.startswith(b"version https://git-lfs"):
        return Kind(
            "is a pointer of git-lfs, and not the file itself", ("`git lfs pull` fetches it",)
        )
    if start.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return Kind("is a web page: what was downloaded says why, and is not the file")
    if start.startswith(b"\x89HDF"):
        return Kind("is HDF5, as Keras writes it: only safetensors and torch.save's are read")
    if start.startswith(_COMPRESSED):
        return Kind("is compressed: unpack it first")
    if name.endswith(".onnx"):
        return Kind("is ONNX: only safetensors and torch.save's are read")
    text = " ".join(start.decode("ascii").split()) if start.isascii() else "\0"
    if text.isprintable():
        begins = f": it begins `{text.split()[0]:.30}`" if text else " but blanks"
        return Kind(f"is a text, and no weights{begins}")
    return None


def unread_pickle(path: Path) -> Kind | None:
    """Of a file that torch does not read with `weights_only=True`, though nothing of a class that
    it does not know is in it."""
    with path.open("rb") as file:
        start = file.read(START)
    if not start.startswith(b"PK"):
        if _TORCH in start:
            return None
        return Kind(
            "is a pickle that torch.save did not write, and is not read: it may run code",
            ("`torch.save(model.state_dict(), …)` writes one that is",),
        )
    try:
        with zipfile.ZipFile(path) as archive:
            names = [one.partition("/")[2] or one for one in archive.namelist()]
    # What `zipfile` raises for damaged archives, and for kinds that it cannot read.
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return Kind("is cut off, or damaged: it begins as an archive and does not end as one")
    if "constants.pkl" in names:
        return Kind(
            "is TorchScript: code, and not weights alone",
            ("`torch.jit.load(…).state_dict()` are its weights, where you trust it",),
        )
    if names and all(one.endswith(".npy") for one in names):
        return Kind("is an archive of NumPy's", ("`weights=dict(numpy.load(…))` takes it",))
    if "data.pkl" not in names:
        return Kind("is an archive that torch.save did not write")
    return None
