"""Characters that begin no token: a table of what people write, and what to write instead."""

from __future__ import annotations

import re
import unicodedata

from resdsl.diagnostics.codes import SYNTAX
from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.join_words import JOINED
from resdsl.source import Source, Span
from resdsl.syntax.situations import guess
from resdsl.syntax.stop import NO_FREE_SIZE, is_expected

_QUOTES = "“”„«»\u2018\u2019"
_LOGIC = "conditions are joined with `and`, `or` and `not`"

_SET_OFF = "set the `x` off where a name stands beside it: `3 x H x W`"

# (what stands there, the message, help). `{}` is the text that the pattern matched.
_SITUATIONS: tuple[tuple[str, str, str], ...] = (
    (r'(?<="")"', "a description is a comment", "write it on lines that begin with `##`"),
    (r'"[^"\r\n]*', "this string is never closed", "a string ends on the line it begins on"),
    (r"'[^'\r\n]*'?", "a string is written with double quotes", 'write `"…"`'),
    (
        f"[{_QUOTES}][^{_QUOTES}\r\n]*[{_QUOTES}]?",
        "a string is written with straight quotes",
        'write `"…"`',
    ),
    (r";", "nothing ends with `;` here", "steps follow each other, on one line or on several"),
    (r"&&?|\|\|", "`{}` is not an operator", _LOGIC),
    (r"!(?!=)", "`!` is not an operator", _LOGIC),
    (r"\|>?", "`{}` is not an operator", "steps follow each other without a sign between them"),
    (r"(?<=x )\?", "a free extent is one capital letter", "write `input 3 x H x W`"),
    (r"\$\w*", "`{}` has no meaning here", "a label takes an index: `conv[i]: …`"),
    (r"\?", "`?` is not an operator", "a choice is written `where(condition, a, b)`"),
    (r"\^", "`^` is not an operator", "a power is written `2 ** i`"),
    (r"~=?", "`{}` is not an operator", "a tolerance is two comparisons: `a >= 3 and a <= 4`"),
    (r"(?<=[\w)\]])@|@(?=\s)", "`@` is not an operator", JOINED),
    (r"@\w*", "`{}` has no meaning here", "definitions stand without decorators"),
    (r"0[xX][0-9a-fA-F]+\w*", "`{}` is not a number", "numbers are decimal"),
    (
        r"[0-9][0-9_]*(?:x[0-9A-Za-wyz_]+)*x[A-Za-z_]\w*",
        "`{}` is neither a size nor a name",
        _SET_OFF,
    ),
    (r"[0-9][0-9.x]*x[0-9]\w*(?:\.[0-9]+)?", "`{}` is not a size", "a size has whole numbers only"),
    (
        r"[0-9][0-9_.]*(?:[kmgtbTB]|Mi|Ki|Gi)(?!\w)",
        "`{}` is not a number",
        "the suffixes are `K`, `M` and `G`: powers of 1,000",
    ),
    (
        r"[0-9][0-9_.]*_(?!\w)|[0-9]+_(?:_\w*|\.\w*)",
        "`{}` is not a number",
        "an `_` stands between digits",
    ),
    (r"[0-9][0-9_.]*[eE][+-]?(?!\w)", "`{}` is not a number", "digits are missing after the `e`"),
    (r"[0-9][\w.]*", "`{}` is neither a number nor a name", "a name begins with a letter or `_`"),
    (r"[−–—]", "`{}` is not a minus sign", "write `-`"),
    ("[\u2217·⋅]", "`{}` is not an operator", "write `*`"),
    (r"÷", "`÷` is not an operator", "write `/`"),
    (r"≤", "`≤` is not an operator", "write `<=`"),
    (r"≥", "`≥` is not an operator", "write `>=`"),
    (r"≠", "`≠` is not an operator", "write `!=`"),
    (r"→|⇒|➜", "`{}` is not an operator", "steps follow each other without a sign between them"),
    (r"…", "`…` has no meaning here", ""),
)


# What is read in the place of some.
_MEANT = (
    (r"'[^']*'", '"{}"'),
    (f"[{_QUOTES}][^{_QUOTES}]*[{_QUOTES}]", '"{}"'),
    (r";|\||\|>|→|⇒|➜|[^\S\n]|\ufeff", ""),
    (r"&&", "and"),
    (r"\|\|", "or"),
    (r"!", "not"),
    (r"\^", "**"),
    (r"[−–—]", "-"),
    ("[\u2217·⋅]", "*"),
    (r"÷", "/"),
    (r"≤", "<="),
    (r"≥", ">="),
    (r"≠", "!="),
)


def report(
    source: Source, offset: int, sink: Sink, inside: str = ""
) -> tuple[int, int, str] | None:
    """One error for the character at `offset`; from where to where what is to be read.

    `inside`: the bracket that is open around it.
    """
    span, message, help = _known(source, offset) or _unknown(source, offset)
    if span.text == ";" and inside in ("(", "["):
        sink.error(SYNTAX, "`;` separates nothing", span, help=["write `,`"])
        return span.start, span.stop, ","
    found = span.text if len(span.text) <= 40 else span.text[:39] + "…"
    helps = [help] if help else []
    sink.error(SYNTAX, message.format(found), span, help=[*helps, *guess(source)])
    meant = next((text for pattern, text in _MEANT if re.fullmatch(pattern, span.text)), None)
    if meant is not None:
        return span.start, span.stop, meant.format(span.text[1:-1])
    if found == "?" and (dims := re.search(r"input([^\n]*x )$", source.text[:offset])):
        return span.start, span.stop, "HWD"[min(dims[1].count("x"), 3) - 1]
    if found == '"' and (end := source.text.find('"""', span.stop) + 3) > 2:
        return span.start - 2, end, ""  # a description of several lines
    return None


def _known(source: Source, offset: int) -> tuple[Span, str, str] | None:
    for pattern, message, help in _SITUATIONS:
        if match := re.compile(pattern).match(source.text, offset):
            if help == _SET_OFF and is_expected(source, offset):
                help = NO_FREE_SIZE
            return Span(source, *match.span()), message, help
    return None


def _unknown(source: Source, offset: int) -> tuple[Span, str, str]:
    text = source.text
    character = text[offset]
    if character.isalnum() or unicodedata.category(character).startswith("M"):
        start = stop = offset
        while start > 0 and _in_word(text[start - 1]):
            start -= 1
        while stop < len(text) and _in_word(text[stop]):
            stop += 1
        help = "the letters a-z and A-Z, digits and `_`"
        return Span(source, start, stop), "`{}` is not a name: names are ASCII", help
    shown = f"`{character}`" if character.isprintable() else "this character"
    name = unicodedata.name(character, "unnamed").lower()
    message = f"{shown} has no meaning here"
    if not character.isascii():
        message += f" (U+{ord(character):04X}, {name})"
    help = "replace it by a normal blank" if character.isspace() else ""
    return Span(source, offset, offset + 1), message.replace("{", "{{").replace("}", "}}"), help


def _in_word(character: str) -> bool:
    return (
        character == "_" or character.isalnum() or unicodedata.category(character).startswith("M")
    )
