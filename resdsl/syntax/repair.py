"""Putting right what alone is wrong, and going on as if it were: so nothing behind it is lost.

A bracket that is missing or of another kind, a body by indentation, a keyword that is spelled
otherwise. Each is tried: it is taken where the tokens behind it fit then, and did not before.
"""

from __future__ import annotations

from collections.abc import Callable

from resdsl.diagnostics.suggest import suggest
from resdsl.syntax import brackets, ends, unbraced
from resdsl.syntax.lalr import tokens_at
from resdsl.syntax.replacing import Replacing
from resdsl.syntax.tables import tables

_KEYWORDS = """block shortcut network let set input output expect stage keep join if for residual
fork""".split()
# Words of other languages that are two here, or no foreign name of anything (diagnostics/aliases).
_SPELT = {
    "elseif": "else if",
    "elsif": "else if",
    "foreach": "for",
    "when": "if",
    "unless": "if not",
}


def _keyword(repair: Replacing, position: int) -> int | None:
    """A keyword that is spelled otherwise: `expects`, `stages`, `var`; `Residual { … } via a`."""
    parse = repair.parse
    if parse.parser.accepted() == {"JOIN"} and parse.is_first_on_line(position + 1):
        return None  # `fork { … } add`: nothing to join stands behind the word
    first = position
    while first and not parse.is_first_on_line(first) and parse.tokens[first - 1] != "{":
        first -= 1
    places: list[int] = [first, *range(position, max(first, position - 3), -1)]
    if position and parse.tokens[position - 1] == "}":
        places += [begin - 1 for begin, end in parse.closers().items() if end == position - 1]
    for index in places:
        if not 0 <= index < len(parse.tokens) or parse.tokens[index].type != "NAME":
            continue
        word = parse.tokens[index]
        for keyword in [_SPELT[word]] if word in _SPELT else suggest(word, _KEYWORDS):
            new = tokens_at(tables(), keyword, word.start_pos, word.end_pos)
            behind = parse.tokens[index + 1 : position + 2]
            found = repair.swapped(index, index + 1, new, behind)
            if found is not None:
                parse.refused.add(str(word))
                message = f"`{word}` is no word of the language"
                parse.say(message, word, help=[f"did you mean `{keyword}`?"])
                return found
    return None


_REPAIRS: tuple[Callable[[Replacing, int], int | None], ...] = (
    unbraced.empty_brackets,
    brackets.opener_alone,
    ends.behind_a_keyword,
    ends.closed,
    ends.opened,
    unbraced.residual,
    unbraced.fork,
    brackets.body_closed_too_early,
    brackets.closer,
    brackets.opener,
    ends.indented,
    _keyword,
)


def repaired(repair: Replacing, position: int) -> int | None:
    """Puts right what stops the parse at a position, and says so. Where to go on, or None."""
    for one in _REPAIRS:
        if (found := one(repair, position)) is not None:
            return found
    return None
