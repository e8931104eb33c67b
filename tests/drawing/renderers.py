"""The programs that draw DOT, each where it is."""

from __future__ import annotations

import shutil
import sysconfig

import pytest

from resdsl.drawing.render import Renderer


def found(name: str) -> Renderer:
    """Skips the test where there is none."""
    path = shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return Renderer(path)


NAMES = ("graphviz-pure", "dot")
