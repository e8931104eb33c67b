"""docs/language.md: its listings are right, and its tables are those of the compiler."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import resdsl
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.values.functions import FUNCTIONS
from resdsl.ops import REGISTRY
from resdsl.ops.base import REQUIRED, OpParameter
from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.parser import parse

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
LISTINGS = re.findall(r"```res\n(.*?)```", TEXT, re.DOTALL)

# How to call the blocks that need arguments, on a map of 16 channels.
CALLS = {
    "cell": "cell(in, 8)",
    "dense": "dense(8, 3)",
    "grouped": "grouped(4)",
    "mask": "mask(16)",
    "paths": "paths(2, 4, 16)",
    "preact_unit": "preact_unit(32, stride=2)",
    "projection_as_in_the_paper": "basic(32, 2, shortcut=projection_as_in_the_paper)",
    "rir": "rir(here, 16)",
    "tree": "tree(16, levels=2)",
    "two_paths": "two_paths(16)",
    "unit": "unit(32, stride=2)",
}


def definitions(text: str) -> list[str]:
    file = parse(Source("listing", text), Sink())
    assert file is not None
    return [item.name.id for item in file.items if isinstance(item, tree.Block)]


@pytest.mark.parametrize("text", LISTINGS)
def test_listing(text: str) -> None:
    """It checks without a remark, and so does a network of each block in it."""
    for name in definitions(text):
        text += (
            f"\nnetwork try_{name} {{ input 3 x 32 x 32 conv(3, 16) {CALLS.get(name, name)} }}\n"
        )
    report = resdsl.check(text)
    assert report.diagnostics == (), report


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    """The rows of a section's tables, their cells split at ` | `."""
    lines = [line for line in section(title).splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def shown(parameter: OpParameter) -> str:
    """`padding="auto"`; without a value a pool's stride is its `k`."""
    default: Any = parameter.default
    if default is REQUIRED:
        return parameter.name
    if default is None:
        return f"{parameter.name}={parameter.type.partition('|')[2] or 'none'}"
    return f"{parameter.name}={json.dumps(default)}"


def test_operators() -> None:
    """Every operator and every parameter, with its default."""
    listed: dict[str, str] = {}
    for cells in rows("Operators"):
        for name in re.findall(r"`(\w+)`", cells[0]):
            listed[name] = cells[1].strip("`")
    assert listed == {name: ", ".join(map(shown, op.parameters())) for name, op in REGISTRY.items()}


def test_functions() -> None:
    listed = {
        name
        for cells in rows("Definitions, parameters, values")
        for name in re.findall(r"`(\w+)\(", cells[0])
    }
    assert listed == {*FUNCTIONS, "one_of"}


def test_library() -> None:
    """Every name of the library is mentioned, and no other."""
    # Without what stands beside a name: a parameter alone would be one.
    text = re.sub(r"^(\| `\w+` \|).*$", r"\1", section("The library"), flags=re.MULTILINE)
    there = {
        name
        for path in (ROOT / "specs" / "std").glob("*.res")
        for name in definitions(path.read_text(encoding="utf-8"))
    }
    assert there == set(re.findall(r"`(\w+)`", text))


def test_contents() -> None:
    """The list at the top is that of the sections."""
    prose = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
    titles = re.findall(r"^## (.*)$", prose, re.MULTILINE)
    listed = re.findall(r"^- \[(.*)\]\(#(.*)\)$", TEXT, re.MULTILINE)
    assert [title for title, _ in listed] == titles
    for title, anchor in listed:
        assert anchor == re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def test_grammar_is_in_step() -> None:
    """What begins a definition or a step in the page is a word of the grammar."""
    words = set(re.findall(r'"([a-z]{2,})"', section("Grammar")))
    grammar = (ROOT / "grammars" / "resdsl.lark").read_text(encoding="utf-8")
    assert words <= set(re.findall(r"[a-z]{2,}", grammar))


def test_the_library_is_listed_with_its_parameters() -> None:
    from resdsl.api import reference

    for entry in reference.entries().values():
        if entry.kind in ("block", "shortcut"):
            inside = entry.signature.removeprefix(entry.name)[1:-1]
            cell = f"`{inside}`" if inside else ""
            assert f"| `{entry.name}` | {cell} |" in TEXT
