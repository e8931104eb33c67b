"""A design says where its definitions come from as every machine and every folder would."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import resdsl
from resdsl.exchange.forms import DefinitionForm, DesignForm

NETWORK = """\
from "blocks.res" import twice
from "parts/std/deep.res" import thrice
from "std/blocks.res" import other
network net(classes: int = 10) {
    input 3 x 32 x 32
    conv(3, 8)
    twice(8)
    thrice(8)
    other(8)
    basic(16) x 2
    global_avgpool
    flatten
    linear(classes)
}
"""
FILES = {
    "net.res": NETWORK,
    "blocks.res": "block twice(width: int) {\n    conv(3, width)\n    conv(3, width)\n}\n",
    "parts/std/deep.res": 'from "../same.res" import same\n'
    "block thrice(width: int) {\n    same(width) x 3\n}\n",
    "parts/same.res": "block same(width: int) {\n    conv(3, width)\n    norm\n}\n",
    # As the library's own, and as another of the spec's.
    "std/blocks.res": "block other(width: int) {\n    conv(1, width)\n    same(width)\n}\n"
    "block same(width: int) {\n    conv(3, width)\n    act\n}\n",
}
PLACES = {
    "net.res:net",
    "blocks.res:twice",
    "parts/std/deep.res:thrice",
    "parts/same.res:same",
    "./std/blocks.res:other",
    "./std/blocks.res:same",
}


def spread(folder: Path) -> Path:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "net.res"


def both(spec: str | Path) -> tuple[str, str]:
    design = resdsl.design(spec)
    return design.to_json(), design.source()


def test_every_way_to_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = spread(tmp_path / "one")
    two = spread(tmp_path / "another" / "folder, with signs")
    (tmp_path / "link").symlink_to(two.parent)
    monkeypatch.chdir(tmp_path)
    wanted = both(one)
    ways: list[tuple[Path, str | Path]] = [
        (tmp_path, two),
        (tmp_path, "one/net.res"),
        (tmp_path, "./another/../one/net.res"),
        (tmp_path, tmp_path / "link" / "net.res"),
        (one.parent, "net.res"),
        (one.parent / "parts", "../net.res"),
        (Path("/"), str(one)),
    ]
    for folder, spec in ways:
        monkeypatch.chdir(folder)
        assert both(spec) == wanted, spec
    assert str(tmp_path) not in "".join(wanted)
    origins = {definition.origin for definition in _definitions(wanted[0])}
    assert {origin for origin in origins if not origin.startswith("std/")} == PLACES
    assert "std/prelude.res:basic" in origins


def _definitions(design: str) -> list[DefinitionForm]:
    return list(DesignForm.model_validate_json(design).definitions)


def test_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its imports start from the current folder."""
    found = []
    for name in ("one", "two"):
        monkeypatch.chdir(spread(tmp_path / name).parent)
        found.append(both(NETWORK))
    assert found[0] == found[1]
    origins = {d.origin for d in _definitions(found[0][0])}
    assert PLACES - {"net.res:net"} <= origins
    assert "<text>:net" in origins


def test_the_zoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from resdsl.api import zoo

    wanted = both("resnext50_32x4d")
    path = zoo.entries()["resnext50_32x4d"].path
    for folder in (tmp_path, path.parent):
        monkeypatch.chdir(folder)
        assert both("resnext50_32x4d") == wanted
    assert str(path.parent) not in "".join(wanted)


def test_a_design_that_was_written_and_read(tmp_path: Path) -> None:
    first = both(spread(tmp_path))
    assert both(first[0]) == first


@pytest.mark.skipif(os.name == "nt", reason="names that only POSIX has")
@pytest.mark.parametrize("stem", ["a\nb", "a\x1b[31mb", os.fsdecode(b"caf\xe9"), "a\\b", "a b:c"])
def test_names_that_cannot_be_printed(tmp_path: Path, stem: str) -> None:
    path = spread(tmp_path)
    shutil.move(path, tmp_path / f"{stem}.res")
    first = both(tmp_path / f"{stem}.res")
    assert both(first[0]) == first


def test_designs_of_before_are_read(tmp_path: Path) -> None:
    """They name files by any way."""
    text = both(spread(tmp_path))[0]
    old = text.replace('"blocks.res:', '"/home/me/specs/blocks.res:').replace(
        '"net.res"', '"C:\\\\specs\\\\net.res"'
    )
    assert old != text
    assert both(old)[1] == both(text)[1]
