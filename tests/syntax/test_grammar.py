"""The grammar itself: no conflict, tables that are up to date, words that are keywords or not."""

from __future__ import annotations

import json
import keyword
import re
from pathlib import Path

import pytest

from resdsl import data
from resdsl.diagnostics.diagnostic import Sink
from resdsl.source import Source
from resdsl.syntax import tables
from resdsl.syntax.parser import parse

GRAMMAR = tables.grammar_path().read_text(encoding="utf-8")
LABELS_ONLY = "set let keep join fork expect network".split()
VALUES_TOO = "block shortcut stage input residual".split()


def errors(text: str) -> list[str]:
    sink = Sink()
    tree = parse(Source("test.res", text), sink)
    assert (tree is None or not tree.is_whole) == bool(sink.errors)
    return [found.code.id for found in sink.diagnostics]


def in_body(step: str) -> list[str]:
    return errors(f"block b {{ {step} }}")


def test_no_conflict_and_no_colliding_terminals() -> None:
    import interegular  # noqa: F401 # without it lark does not look for collisions

    tables.build(GRAMMAR, strict=True)


def test_the_grammar_is_short() -> None:
    assert 100 <= GRAMMAR.count("\n") <= 160


def test_stored_tables_are_of_this_grammar() -> None:
    """If this fails: `python -m resdsl.syntax.tables`."""
    assert json.loads(_stored())["key"] == tables.key(GRAMMAR)
    assert tables.load(tables.tables_path(), GRAMMAR) is not None


def test_stored_tables_are_those_that_lark_makes() -> None:
    """State numbers are lark's and may differ; what the states lead to may not."""
    stored, made = (json.loads(text) for text in (_stored(), tables.dump(GRAMMAR)))
    for part in ("lexer", "ignored", "keywords"):
        assert stored[part] == made[part]
    assert sorted(map(str, stored["rules"])) == sorted(map(str, made["rules"]))
    assert len(stored["actions"]) == len(made["actions"])


def _stored() -> str:
    return tables.tables_path().read_text(encoding="utf-8")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"key": "format 0, 0"}', "\0"])
def test_other_tables_are_not_used(content: str, tmp_path: Path) -> None:
    path = tmp_path / "tables.json"
    path.write_text(content, encoding="utf-8")
    assert tables.load(path, GRAMMAR) is None
    assert tables.load(tmp_path / "missing.json", GRAMMAR) is None


def test_data_folders_exist() -> None:
    assert (data.folder("grammars") / "resdsl.lark").is_file()
    assert data.folder("specs").is_dir()


@pytest.mark.parametrize("word", LABELS_ONLY + VALUES_TOO)
def test_soft_keywords_are_labels_arguments_and_fields(word: str) -> None:
    assert in_body(f"{word}: conv(3, 64)") == []
    assert in_body(f"stage {word} /2: unit") == []
    assert in_body(f"fork {{ {word}: act {word}[1]: act }} join a") == []
    assert in_body(f"residual {{ act }} via {word}: projection") == []
    assert in_body(f"conv({word}=3)") == []
    assert in_body(f"let a = in.{word}") == []
    if word not in ("join", "expect"):
        assert in_body(f"{word}[i]: conv(3, 64)") == []


@pytest.mark.parametrize("word", VALUES_TOO)
def test_soft_keywords_that_are_parameters_and_values(word: str) -> None:
    assert errors(f"block b({word}: block = {word}) {{ act x {word} }}") == []
    assert in_body(f"conv({word}, [{word}], {word}(3), {word}[1])") == []
    assert in_body(f"let {word} = 3 keep {word} join {word} act") == []
    assert in_body(f"fork {{ {word}: act a: act }} join a + {word} residual {{ act }}") == []
    assert in_body(f"for {word}, i in a {{ }}") == []


@pytest.mark.parametrize("word", sorted(set(VALUES_TOO) - {"residual"}))
def test_soft_keywords_that_are_units(word: str) -> None:
    assert errors(f"block b({word}: block = {word}) {{ unit: {word} x 2 }}") == []
    assert in_body(f"residual {{ act }} via {word}") == []
    assert in_body(f"residual {{ act }} via {word} stage a: b") == []
    assert in_body(f"act {word}(64) x 3") == []


@pytest.mark.parametrize("word", LABELS_ONLY)
def test_other_soft_keywords_are_no_values(word: str) -> None:
    assert in_body(f"let {word} = 3") == ["E0105"]
    assert in_body(f"keep {word}") == ["E0105"]
    assert in_body(f"conv(3 + {word})") == ["E0105"]
    assert errors(f"block b({word}: int) {{ }}") == ["E0105"]


@pytest.mark.parametrize("word", LABELS_ONLY + VALUES_TOO)
def test_no_keyword_names_a_definition(word: str) -> None:
    assert errors(f"block {word} {{ }}") == ["E0105"]
    assert errors(f"network {word} {{ }}") == ["E0105"]
    assert errors(f"from std import {word}") == ["E0105"]


@pytest.mark.parametrize("word", sorted({*keyword.kwlist, "x", "edition", "via", "true", "false"}))
def test_reserved_names(word: str) -> None:
    assert in_body(f"{word}: act") == ["E0105"]
    assert in_body(f"keep {word}") == ["E0105"]
    assert errors(f"block {word} {{ }}") == ["E0105"]
    assert errors(f"block b({word}: int) {{ }}") == ["E0105"]


@pytest.mark.parametrize("word", re.findall(r'"([a-z]{2,})"', GRAMMAR))
def test_keywords_match_whole_words_only(word: str) -> None:
    assert errors(f"block {word}Foo({word}_a: int) {{ {word}2: {word}s }}") == []
