"""Where the grammar and the library's specs lie."""

from __future__ import annotations

from pathlib import Path
from typing import Literal


def folder(name: Literal["grammars", "specs"]) -> Path:
    """A data folder: inside the package when installed from a wheel, else that of the checkout."""
    package = Path(__file__).parent
    installed = package / "_data" / name
    return installed if installed.is_dir() else package.parent / name


def std() -> Path:
    """The folder of the library's modules, without links in its path."""
    return folder("specs").resolve() / "std"
