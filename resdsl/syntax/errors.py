"""What to say about a token that the parser cannot take: a table of situations.

A situation looks at the token, at those around it and at what could have come instead, and gives a
finding or None. The first that gives one is the message; `_anything` always does.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from resdsl.diagnostics.codes import RESERVED
from resdsl.diagnostics.fixes import Edit, Fix
from resdsl.diagnostics.model import Sink
from resdsl.source import Source, Span
from resdsl.syntax import foreign, inputs, joins, regions, signs, words
from resdsl.syntax.stop import OPERATORS, WORDS, Finding, Stop, shown, span

_SIGNS = {
    "LBRACE": "{", "RBRACE": "}", "LPAR": "(", "RPAR": ")", "LSQB": "[", "RSQB": "]",
    "COMMA": ",", "COLON": ":", "EQUAL": "=", "DOT": ".", "SLASH": "/", "MINUS": "-", "TIMES": "×",
}  # fmt: skip
_KINDS = {"NUMBER": "a number", "SIZE": "a size", "STRING": "a string", "$END": "the end"}


def report(stop: Stop, sink: Sink) -> Finding:
    """One error for the place where the parser stopped."""
    language = guess(stop.source)
    situations = (_anything,) if language else _SITUATIONS
    found = next(finding for situation in situations if (finding := situation(stop)))
    if found.code is RESERVED and any(d.message == found.message for d in sink.diagnostics):
        return found  # one word, refused where it is bound and where it is read
    token = stop.token(found.at)
    if token:
        last = stop.token(found.at + found.over - 1) or token
        place = span(stop.source, token).to(span(stop.source, last))
    else:
        end = span(stop.source, stop.tokens[-1]).stop if stop.tokens else 0
        place = Span(stop.source, end, end)
    help = (*found.help, *language)
    fix = None if found.instead is None else _instead(place, found.instead)
    sink.error(
        found.code, found.message, place, found.label, others=found.others, help=help, fix=fix
    )
    return found


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
_PYTHON = re.compile(r"^class \w+\(.*Module\):|^\s+def forward\(", re.MULTILINE)
_JSON = re.compile(r'\s*[\[{]\s*["\[{]')
# Keys at the head, and no definition.
_YAML = re.compile(
    r"(?:\s*#.*\n|---\s*\n)*[\w-]+:(?:\s|$)(?![\s\S]*^(?:network|block|shortcut)\s+\w)",
    re.MULTILINE,
)


def guess(source: Source) -> tuple[str, ...]:
    """What else a file with this ending may be."""
    text = source.text
    if _RESCRIPT.search(text):
        return ("this looks like ReScript, whose files end in .res too",)
    if _PYTHON.search(text):
        return ("this looks like Python; a spec is a language of its own: `resdsl new NAME`",)
    if _JSON.match(text):
        return ("this looks like JSON; a design in JSON is a file whose name ends in .json",)
    if _YAML.match(text):
        return ("this looks like YAML; `resdsl new NAME` writes a spec to start from",)
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
    signs.trailing_point,
    foreign.result_type,
    signs.arrow,
    foreign.comparison,
    signs.wrong_closer,
    signs.open_on_earlier_line,
    words.definition_inside,
    words.keyword_as_label,
    words.missing_value,
    foreign.description,
    joins.behind_x,
    joins.assigned_step,
    joins.assigned,
    foreign.assigned_x,
    joins.augmented,
    foreign.augmented,
    foreign.walrus,
    foreign.channels_in,
    foreign.dotted_range,
    foreign.attribute,
    foreign.method,
    foreign.chained_call,
    foreign.slices,
    foreign.membership,
    foreign.unpacking,
    foreign.dictionary,
    foreign.loop,
    foreign.loop_without_list,
    foreign.typed_let,
    regions.fork,
    words.stage,
    signs.comment,
    foreign.dash,
    inputs.free_extent,
    inputs.multiplied_input,
    signs.labelled_expect,
    signs.index_of_label,
    joins.sum_of_steps,
    inputs.labelled_input,
    inputs.named_input,
    joins.product_of_steps,
    words.repeat,
    words.hyphen,
    words.call_without_brackets,
    words.set_sign,
    words.kept_in_brackets,
    words.import_of_all,
    signs.equals,
    signs.stride,
    words.count_first,
    regions.via_first,
    regions.via_nothing,
    regions.residual,
    signs.compares,
    inputs.listed_input,
    signs.list_as_step,
    signs.colon,
    signs.function_without_brackets,
    joins.listed,
    signs.comma,
    words.string_label,
    words.reserved_name,
    words.stray_keyword,
    signs.leading_point,
    words.body_without_braces,
    signs.missing_comma,
    words.soft_keyword,
    words.amendment,
    words.not_an_item,
    _anything,
)
