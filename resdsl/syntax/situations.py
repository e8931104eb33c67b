"""What to say about a token that the parser cannot take: a table of situations.

A situation looks at the token, at those around it and at what could have come instead, and gives a
finding or None. The first that gives one is the message; `_anything` always does.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from resdsl.diagnostics.codes import RESERVED
from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.fixes import Edit, Fix
from resdsl.source import Source, Span
from resdsl.syntax import (
    mistaken_inputs,
    mistaken_joins,
    mistaken_output_strides,
    mistaken_outputs,
    mistaken_params,
    mistaken_regions,
    mistaken_signs,
    mistaken_words,
    other_languages,
    python_calls,
)
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
    mistaken_signs.never_closed,
    mistaken_signs.trailing_point,
    other_languages.result_type,
    mistaken_signs.arrow,
    other_languages.comparison,
    mistaken_signs.wrong_closer,
    mistaken_signs.open_on_earlier_line,
    mistaken_words.definition_inside,
    mistaken_words.keyword_as_label,
    mistaken_words.missing_value,
    other_languages.description,
    mistaken_joins.behind_x,
    mistaken_joins.assigned_step,
    mistaken_joins.assigned,
    other_languages.assigned_x,
    mistaken_joins.augmented,
    other_languages.augmented,
    other_languages.walrus,
    python_calls.channels_in,
    other_languages.dotted_range,
    python_calls.attribute,
    python_calls.method,
    python_calls.chained_call,
    other_languages.slices,
    other_languages.membership,
    other_languages.unpacking,
    other_languages.dictionary,
    other_languages.loop,
    other_languages.loop_without_list,
    other_languages.typed_let,
    mistaken_regions.fork,
    mistaken_params.param,
    mistaken_output_strides.output_stride,
    mistaken_words.stage,
    mistaken_signs.comment,
    other_languages.dash,
    mistaken_inputs.free_extent,
    mistaken_inputs.multiplied_input,
    mistaken_signs.labelled_expect,
    mistaken_signs.index_of_label,
    mistaken_outputs.expression,
    mistaken_outputs.nameless,
    mistaken_joins.sum_of_steps,
    mistaken_inputs.labelled_input,
    mistaken_inputs.named_input,
    mistaken_joins.product_of_steps,
    mistaken_inputs.spoken_input,
    mistaken_words.repeat,
    mistaken_words.hyphen,
    mistaken_words.call_without_brackets,
    mistaken_words.set_sign,
    mistaken_words.kept_in_brackets,
    mistaken_words.import_of_all,
    mistaken_signs.equals,
    mistaken_signs.stride,
    mistaken_words.count_first,
    mistaken_regions.via_first,
    mistaken_regions.via_nothing,
    mistaken_regions.via_if,
    mistaken_regions.residual,
    mistaken_signs.compares,
    mistaken_inputs.listed_input,
    mistaken_joins.function_of_list,
    mistaken_signs.list_as_step,
    mistaken_signs.colon,
    mistaken_joins.function_without_brackets,
    mistaken_joins.listed,
    mistaken_signs.comma,
    mistaken_words.string_label,
    mistaken_words.reserved_name,
    mistaken_words.stray_keyword,
    mistaken_signs.leading_point,
    mistaken_words.body_without_braces,
    mistaken_signs.missing_comma,
    mistaken_words.soft_keyword,
    mistaken_words.amendment,
    mistaken_words.not_an_item,
    _anything,
)
