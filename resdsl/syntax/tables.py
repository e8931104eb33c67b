"""The parser's tables: made by lark from the grammar, and kept in a file.

`python -m resdsl.syntax.tables` writes `grammars/resdsl.tables.json`. The file is used only if it
was made from this very grammar; otherwise lark makes the tables anew, in memory (100 ms).
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

from resdsl import data
from resdsl.syntax.lalr import NONE, SPLICED, Rule, Tables

if TYPE_CHECKING:
    from lark import Lark

# Of the file; another one is not read.
FORMAT = 1


@cache
def tables() -> Tables:
    """The tables, ready to use."""
    grammar = grammar_path().read_text(encoding="utf-8")
    return load(tables_path(), grammar) or _tables(made(grammar))


def grammar_path() -> Path:
    return data.folder("grammars") / "resdsl.lark"


def tables_path() -> Path:
    return data.folder("grammars") / "resdsl.tables.json"


def load(path: Path, grammar: str) -> Tables | None:
    """The tables in a file; None if there are none made from this grammar."""
    try:
        stored = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(stored, dict) or stored.get("key") != key(grammar):
        return None
    return _tables(stored)


def _tables(stored: dict[str, Any]) -> Tables:
    rules = tuple(
        Rule(origin, size, name, passes, tuple(kept))
        for origin, size, name, passes, kept in stored["rules"]
    )
    return Tables(
        re.compile(stored["lexer"]),
        frozenset(stored["ignored"]),
        stored["keywords"],
        rules,
        tuple(rule.origin if rule.is_link else None for rule in rules),
        tuple(stored["actions"]),
        tuple(stored["goto"]),
        stored["start"],
        stored["end"],
    )


def key(grammar: str) -> str:
    """What tables must have been made from: it tells an old text from the new one, no more."""
    return f"format {FORMAT}, {len(grammar)} characters, {crc32(grammar.encode()):08x}"


# --- making them ---------------------------------------------------------------------------------


def build(grammar: str, *, strict: bool = False) -> Lark:
    """lark's parser, from the text of the grammar."""
    from lark import Lark

    return Lark(
        grammar,
        parser="lalr",
        lexer="basic",  # the contextual one would take `blockFoo` for `block Foo`
        propagate_positions=True,
        maybe_placeholders=True,
        strict=strict,
    )


def made(grammar: str) -> dict[str, Any]:
    """The tables as the file holds them."""
    from lark.parsers.lalr_analysis import Shift

    # What lark's own runtime reads has no types.
    lark: Any = build(grammar)
    lexer, parser = lark.parser.lexer, lark.parser.parser._parse_table
    terminals = lexer.scanner.terminals  # made when it is asked for, and the callbacks with it
    keywords = {
        terminal.pattern.value: terminal.name
        for callback in lexer.callback.values()
        for terminal in callback.scanner.terminals
    }
    rules = list(lark.rules)
    numbers = {rule: number for number, rule in enumerate(rules)}
    actions: list[dict[str, int]] = [{} for _ in parser.states]
    goto: list[dict[str, int]] = [{} for _ in parser.states]
    symbols = {rule.origin.name for rule in rules}
    for state, entries in parser.states.items():
        for symbol, (action, argument) in entries.items():
            if symbol in symbols:
                goto[state][symbol] = argument
            elif action is Shift:
                actions[state][symbol] = argument
            else:
                actions[state][symbol] = -1 - numbers[argument]
    return {
        "key": key(grammar),
        "lexer": "|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in terminals),
        "ignored": sorted(lexer.ignore_types),
        "keywords": keywords,
        "rules": [_rule(rule) for rule in rules],
        "actions": actions,
        "goto": goto,
        "start": parser.start_states["start"],
        "end": parser.end_states["start"],
    }


def _rule(rule: Any) -> list[Any]:
    """What lark's tree builder does where it reduces by a rule."""
    # By position before, between and behind the symbols: how many optional parts were left out.
    gaps = "".join(str(int(empty)) for empty in rule.options.empty_indices).split("0")
    kept: list[int] = []
    for number, symbol in enumerate(rule.expansion):
        kept += [NONE] * len(gaps[number] if rule.options.empty_indices else "")
        if symbol.is_term and symbol.filter_out and not rule.options.keep_all_tokens:
            continue
        is_spliced = not symbol.is_term and symbol.name.startswith("_")
        kept.append(SPLICED - number if is_spliced else number)
    kept += [NONE] * len(gaps[-1])
    passes = bool(rule.options.expand1) and rule.alias is None
    name = rule.alias or rule.origin.name
    return [rule.origin.name, len(rule.expansion), name, passes, kept]


def dump(grammar: str) -> str:
    """The text of the file that `load` reads."""
    return json.dumps(made(grammar), ensure_ascii=False, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    tables_path().write_text(dump(grammar_path().read_text(encoding="utf-8")), encoding="utf-8")
