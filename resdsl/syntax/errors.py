"""What to say about a token that the parser cannot take: a table of situations.

A situation looks at the token, at those around it and at what could have come instead, and gives a
finding or None. The first that gives one is the message; `_anything` always does.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from resdsl.diagnostics.codes import RESERVED, SYNTAX
from resdsl.diagnostics.fixes import Edit, Fix
from resdsl.diagnostics.model import Sink
from resdsl.source import Source, Span
from resdsl.syntax import signs, words
from resdsl.syntax.stop import OPERATORS, WORDS, Finding, Stop, shown, span

_SIGNS = {
    "LBRACE": "{", "RBRACE": "}", "LPAR": "(", "RPAR": ")", "LSQB": "[", "RSQB": "]",
    "COMMA": ",", "COLON": ":", "EQUAL": "=", "DOT": ".", "SLASH": "/", "MINUS": "-", "TIMES": "×",
}  # fmt: skip
_KINDS = {"NUMBER": "a number", "SIZE": "a size", "STRING": "a string", "$END": "the end"}


def report(stop: Stop, sink: Sink) -> None:
    """One error for the place where the parser stopped."""
    found = next(finding for situation in _SITUATIONS if (finding := situation(stop)))
    if found.code is RESERVED and any(d.message == found.message for d in sink.diagnostics):
        return  # one word, refused where it is bound and where it is read
    token = stop.token(found.at)
    if token:
        place = span(stop.source, token)
    else:
        end = span(stop.source, stop.tokens[-1]).stop if stop.tokens else 0
        place = Span(stop.source, end, end)
    help = (*found.help, *guess(stop.source)) if found.code is SYNTAX else found.help
    fix = None if found.instead is None else _instead(place, found.instead)
    sink.error(
        found.code, found.message, place, found.label, others=found.others, help=help, fix=fix
    )


def _instead(place: Span, text: str) -> Fix:
    """A colon stands directly behind its label."""
    start = place.start
    while text == ":" and place.source.text[start - 1] in " \t":
        start -= 1
    title = f"write `{text}`" if text else f"remove `{place.text}`"
    return Fix(title, (Edit(Span(place.source, start, place.stop), text),))


_RESCRIPT = re.compile(
    r"=>|^\s*(?:open\s+[A-Z]|module\s+[A-Z]\w*\s*=|type\s+\w+\s*=|external\s+\w+\s*:|@react|@module)"
    r"|\bJs\.|\bBelt\.|\bswitch\s+\w+\s*\{",
    re.MULTILINE,
)


def guess(source: Source) -> tuple[str, ...]:
    """What else a file with this ending may be."""
    if _RESCRIPT.search(source.text):
        return ("this looks like ReScript, whose files end in .res too",)
    return ()


def _anything(stop: Stop) -> Finding:
    return Finding(f"expected {_expected(stop)}, found {shown(stop)}")


def _expected(stop: Stop) -> str:
    if stop.is_at_step:
        return "a step or `}`" if "RBRACE" in stop.accepted else "a step"
    if stop.is_at_item:
        return "a definition"
    if stop.is_at_operand:
        closing = [f"`{_SIGNS[kind]}`" for kind in ("RPAR", "RSQB") if kind in stop.accepted]
        return _either(["a value", *closing])
    if {"SET", "STRING"} <= stop.accepted and "LBRACE" not in stop.accepted:
        return "a branch or `}`" if "RBRACE" in stop.accepted else "a label"
    kinds = stop.accepted - OPERATORS or stop.accepted
    words = ["a name"] if "NAME" in kinds else []
    kinds -= WORDS if words else frozenset()
    words += sorted(_KINDS[kind] for kind in kinds if kind in _KINDS)
    return _either(words + sorted(_spelt(kind) for kind in kinds if kind not in _KINDS))


def _spelt(kind: str) -> str:
    return f"`{_SIGNS.get(kind, kind.lower())}`"


def _either(choices: list[str]) -> str:
    *most, last = choices
    return f"{', '.join(most)} or {last}" if most else last


_SITUATIONS: tuple[Callable[[Stop], Finding | None], ...] = (
    signs.never_closed,
    signs.arrow,
    signs.wrong_closer,
    signs.open_on_earlier_line,
    words.definition_inside,
    words.keyword_as_label,
    words.fork,
    words.stage,
    signs.comment,
    words.repeat,
    words.hyphen,
    signs.equals,
    signs.stride,
    words.count_first,
    signs.compares,
    signs.colon,
    signs.listed_input,
    signs.comma,
    words.string_label,
    words.reserved_name,
    words.stray_keyword,
    signs.leading_point,
    signs.missing_comma,
    words.soft_keyword,
    words.amendment,
    words.not_an_item,
    _anything,
)
