"""lark's parser for the grammar, from tables made once: building them takes longer than a check.

`python -m resdsl.syntax.tables` writes `grammars/resdsl.tables.json`. The tables are used only if
they were made from this very grammar by this very lark; otherwise they are built anew, in memory.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from resdsl import data


@cache
def parser() -> Lark:
    """The parser, ready to use."""
    grammar = grammar_path().read_text(encoding="utf-8")
    return load(tables_path(), grammar) or build(grammar)


def grammar_path() -> Path:
    return data.folder("grammars") / "resdsl.lark"


def tables_path() -> Path:
    return data.folder("grammars") / "resdsl.tables.json"


def build(grammar: str, *, strict: bool = False) -> Lark:
    """The parser, from the text of the grammar (100 ms)."""
    return Lark(
        grammar,
        parser="lalr",
        lexer="basic",  # the contextual one would take `blockFoo` for `block Foo`
        propagate_positions=True,
        maybe_placeholders=True,
        strict=strict,
    )


def load(path: Path, grammar: str) -> Lark | None:
    """The parser from tables in a file (10 ms); None if there are none made from this grammar."""
    try:
        stored = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(stored, dict) or stored.get("key") != key(grammar):
        return None
    tables = stored["data"]["parser"]["parser"]
    tables["tokens"] = _int_keys(tables["tokens"])
    tables["states"] = {
        state: _int_keys(actions) for state, actions in _int_keys(tables["states"]).items()
    }
    lark_type: Any = Lark
    loaded: Lark = lark_type._load_from_dict(stored["data"], _int_keys(stored["memo"]))
    return loaded


def dump(grammar: str) -> str:
    """The text of the file that `load` reads."""
    tables, memo = build(grammar).memo_serialize([TerminalDef, Rule])
    stored = {"key": key(grammar), "data": tables, "memo": memo}
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":")) + "\n"


def key(grammar: str) -> str:
    """What tables must have been made from: lark's format may change with its version."""
    return f"lark {lark.__version__}, {hashlib.sha256(grammar.encode()).hexdigest()}"


def _int_keys(table: dict[str, Any]) -> dict[int, Any]:
    """JSON has string keys only."""
    return {int(number): value for number, value in table.items()}


if __name__ == "__main__":
    tables_path().write_text(dump(grammar_path().read_text(encoding="utf-8")), encoding="utf-8")
