"""The order of the folders is told in three places: import-linter's contract, and two documents."""

from __future__ import annotations

import re
import tomllib

import grimp
import networkx
import pytest

from tests.documents import ROOT

PACKAGE = ROOT / "resdsl"


def contract() -> list[set[str]]:
    """The layers from the lowest on; those of one layer import nothing of each other."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = (
        one
        for one in project["tool"]["importlinter"]["contracts"]
        if one["type"] == "layers" and one["containers"] == ["resdsl"]
    )
    return [{*re.findall(r"\w+", layer)} for layer in reversed(layers["layers"])]


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_documents_have_the_order_of_the_contract(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    chain = re.search(r"`source` ←[^.]*?`cli`", text)
    assert chain is not None
    told = [{*re.findall(r"`(\w+)`", layer)} for layer in chain[0].split("←")]
    assert told == [layer - {"importer"} for layer in contract()]


def test_every_folder_is_a_layer() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders <= set().union(*contract())


def test_the_table_has_every_folder_and_file() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("| folder | what it holds |")[2].partition("\n\n")[0]
    told = {
        name
        for row in table.splitlines()
        for name in re.findall(r"`([\w.]+)/?`", row.split("|")[1] if row else "")
    }
    there = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    there |= {path.name for path in PACKAGE.glob("*.py") if not path.name.startswith("__")}
    assert told == there


def test_no_files_import_each_other_in_a_circle() -> None:
    """Nor for an annotation: whoever reads one of two files first needs the other."""
    graph = grimp.build_graph("resdsl", exclude_type_checking_imports=False)
    # `resdsl/__init__.py` opens the API lazily, and a module below reads the version from it.
    modules = graph.modules - {"resdsl"}
    imports = networkx.DiGraph(
        (importer, imported)
        for importer in modules
        for imported in graph.find_modules_directly_imported_by(importer) & modules
    )
    assert not list(networkx.simple_cycles(imports))


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_files_that_are_named_are_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    there = [
        str(path.relative_to(ROOT))
        for path in [*PACKAGE.rglob("*.py"), *ROOT.glob("tests/**/*.py")]
    ]
    named = set(re.findall(r"`((?:\w+/)*\w+\.py)`", text))
    assert named
    assert not [one for one in named if not any(f"/{path}".endswith(f"/{one}") for path in there)]
