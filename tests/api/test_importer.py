"""`import resdsl.importer`: specs as modules."""

from __future__ import annotations

import importlib
import inspect
import pickle
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

import resdsl
from resdsl import importer

TEXT = """\
network tiny_net(classes: int = 10) {
    input 3 x 8 x 8
    conv1: conv(3, 4)
    global_avgpool
    flatten
    fc: linear(classes)
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of specs on sys.path; what is imported from it is forgotten."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "tiny_net.res").write_text(TEXT, encoding="utf-8")
    before = set(sys.modules)
    importer.install()
    yield tmp_path
    importer.uninstall()
    for name in set(sys.modules) - before:
        spec = sys.modules[name].__spec__
        if spec is not None and str(spec.origin).startswith(str(tmp_path)):
            del sys.modules[name]


def test_module(folder: Path) -> None:
    module = importlib.import_module("tiny_net")
    assert module.__name__ == "tiny_net"
    assert module.__all__ == ["TinyNet", "tiny_net"]
    assert module.__spec__ is not None
    assert module.__spec__.origin == str(folder / "tiny_net.res")
    assert str(folder / "tiny_net.res") in repr(module)


def test_its_text(folder: Path) -> None:
    module = importlib.import_module("tiny_net")
    assert inspect.getsource(module) == resdsl.design(folder / "tiny_net.res").source()
    assert inspect.getsource(module.TinyNet).startswith("class TinyNet(nn.Module):\n")
    assert inspect.getsource(module.TinyNet.forward).startswith("    def forward(self, x")


def test_its_text_when_linecache_is_emptied() -> None:
    import linecache

    module = importlib.import_module("tiny_net")
    linecache.clearcache()
    assert inspect.getsource(module.tiny_net).startswith("def tiny_net(")


def test_traceback_shows_the_line() -> None:
    import torch

    model = importlib.import_module("tiny_net").tiny_net()
    try:
        model(torch.zeros(1, 5, 8, 8))
    except RuntimeError:
        text = traceback.format_exc()
    assert "tiny_net.res (compiled)" in text
    assert "self.conv1(x)" in text


def test_pickle() -> None:
    """By the name of its class, as any module's."""
    model = importlib.import_module("tiny_net").tiny_net()
    again = pickle.loads(pickle.dumps(model))
    assert type(again) is type(model)


def test_nothing_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    importlib.import_module("tiny_net")
    assert [path.name for path in folder.iterdir()] == ["tiny_net.res"]


def test_python_wins(folder: Path) -> None:
    (folder / "tiny_net.py").write_text("python = True\n")
    importlib.invalidate_caches()
    assert importlib.import_module("tiny_net").python


def test_package(folder: Path) -> None:
    (folder / "models").mkdir()
    (folder / "models" / "__init__.py").touch()
    (folder / "models" / "inner.res").write_text(TEXT.replace("tiny_net", "inner"))
    importlib.invalidate_caches()
    module = importlib.import_module("models.inner")
    assert module.__package__ == "models"
    assert module.inner.__module__ == "models.inner"
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("models.tiny_net")


def test_reload_sees_edits(folder: Path) -> None:
    module = importlib.import_module("tiny_net")
    (folder / "tiny_net.res").write_text(TEXT.replace("10", "7"), encoding="utf-8")
    assert importlib.reload(module) is module
    assert inspect.signature(module.tiny_net).parameters["classes"].default == 7
    assert "classes: int = 7" in inspect.getsource(module.tiny_net)


def test_mistake(folder: Path) -> None:
    (folder / "tiny_net.res").write_text(TEXT.replace("linear", "liner"), encoding="utf-8")
    with pytest.raises(ImportError, match="did you mean `linear`") as caught:
        importlib.import_module("tiny_net")
    assert isinstance(caught.value, resdsl.SpecError)
    assert caught.value.name == "tiny_net"
    assert caught.value.path == str(folder / "tiny_net.res")
    assert "tiny_net" not in sys.modules


def test_mistake_in_a_reload_leaves_the_module(folder: Path) -> None:
    module = importlib.import_module("tiny_net")
    (folder / "tiny_net.res").write_text("network", encoding="utf-8")
    with pytest.raises(importer.SpecImportError):
        importlib.reload(module)
    assert sys.modules["tiny_net"] is module
    assert inspect.getsource(module.tiny_net).startswith("def tiny_net(")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (TEXT.replace("tiny_net", "a") + "network b = a\n", "defines several networks: `a`, `b`"),
        (TEXT.replace("tiny_net(classes: int = 10)", "a(classes: int)"), "without a value: `a`"),
    ],
)
def test_a_file_without_a_network_of_its_name(folder: Path, text: str, problem: str) -> None:
    """An import has no `--net`: what is said fits it."""
    (folder / "tiny_net.res").write_text(text, encoding="utf-8")
    with pytest.raises(ImportError) as caught:
        importlib.import_module("tiny_net")
    said = str(caught.value)
    assert problem in said
    assert "--" not in said
    assert "the network with the file's name, `tiny_net`" in said
    renamed = text.replace("network a", "network tiny_net").replace("int)", "int = 3)")
    (folder / "tiny_net.res").write_text(renamed.replace("= a\n", "= tiny_net\n"))
    assert "TinyNet" in importlib.import_module("tiny_net").__all__


def test_nothing_there() -> None:
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("no_such_net")


def test_current_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", ["", *(p for p in sys.path if p != str(folder))])
    assert importlib.import_module("tiny_net").__all__ == ["TinyNet", "tiny_net"]


def test_installed_once() -> None:
    importer.install()
    importlib.reload(importer)
    found = [one for one in sys.meta_path if type(one).__name__ == "SpecFinder"]
    assert len(found) == 1
    assert sys.meta_path[-1] is found[0]
