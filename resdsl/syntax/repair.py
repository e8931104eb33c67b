"""Putting right what alone is wrong, and going on as if it were: so nothing behind it is lost.

A bracket that is missing or of another kind, a body by indentation, a keyword that is spelled
otherwise. Each is tried: it is taken where the tokens behind it fit then, and did not before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from resdsl.diagnostics.suggest import suggest
from resdsl.syntax import brackets, ends, unbraced
from resdsl.syntax.lalr import Token, tokens_at
from resdsl.syntax.recovery import defines
from resdsl.syntax.tables import tables

if TYPE_CHECKING:
    from resdsl.syntax.parser import Parse

# Tokens that must fit behind what is put right.
PROOF = 4
# Tokens that may be read again.
_AGAIN = 12
_KEYWORDS = """block shortcut network let set input expect stage keep join if for residual fork
""".split()
# Words of other languages that are two here, or no foreign name of anything (diagnostics/aliases).
_SPELT = {
    "elseif": "else if",
    "elsif": "else if",
    "foreach": "for",
    "when": "if",
    "unless": "if not",
}


class Repair:
    """Repairs of one parse."""

    def __init__(self, parse: Parse) -> None:
        self.parse = parse

    def at(self, position: int) -> int | None:
        """Puts right what stops the parse at a position, and says so. Where to go on, or None."""
        for repair in _REPAIRS:
            if (found := repair(self, position)) is not None:
                return found
        return None

    def replaced(self, begin: int, end: int, text: str, proof: int = PROOF) -> int | None:
        """Reads `text` in the place of some tokens, if what follows on the line fits then.

        Where to go on; None if it does not fit. A word before it may have been taken for a step of
        its own, and is read again: `basic(64) times 3`.
        """
        parse = self.parse
        old = parse.tokens[begin:end]
        start = parse.tokens[begin].start_pos if begin < len(parse.tokens) else len(parse.text)
        new = tokens_at(tables(), text, start, old[-1].end_pos if old else start)
        last = end + 1
        while last < min(end + proof, len(parse.tokens)) and not parse.is_first_on_line(last):
            last += 1
        # What is left out leaves nothing that would not fit.
        behind = parse.tokens[end:last] if new else []
        return self.swapped(begin, end, new, behind)

    def swapped(
        self,
        begin: int,
        end: int,
        new: Sequence[Token],
        behind: Sequence[Token] = (),
        most: int | None = None,
    ) -> int | None:
        """Puts tokens in the place of others, if they (or so many of them) and those behind fit.

        Where to go on; None if they do not.
        """
        parse = self.parse
        for first in range(begin, max(begin - _AGAIN, -1), -1):
            row = [*parse.tokens[first:begin], *new[:most], *behind]
            place = row[0].start_pos if row else parse.tokens[first].start_pos
            if self.fits(place, row):
                parse.parser.back_to(place)
                parse.exchange(begin, end, new)
                return first
            if parse.is_first_on_line(first):
                break
        return None

    def fits(self, start: int, following: Sequence[Token]) -> bool:
        """Whether tokens could stand behind what ends before a place."""
        depth = self.parse.parser.depth_before(start)
        kinds = [token.type for token in following]
        return depth is not None and self.parse.parser.takes(kinds, depth)

    def put_in(self, position: int, bracket: str) -> None:
        """Feeds a bracket that is not in the text, before a token."""
        parse = self.parse
        token = parse.tokens[position]
        parse.parser.back_to(token.start_pos)
        end = parse.tokens[position - 1].end_pos
        put_in = Token.at(brackets.TERMINALS[bracket], bracket, end)
        put_in.end_pos = end
        parse.parser.feed(put_in)
        parse.forget_recovery()

    def rest(self, position: int) -> Iterator[Token]:
        """The tokens to the end of the definition."""
        parse = self.parse
        for index in range(position, len(parse.tokens)):
            if index > position and defines(parse.text, parse.tokens, index):
                return
            yield parse.tokens[index]


def _keyword(repair: Repair, position: int) -> int | None:
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


_REPAIRS: tuple[Callable[[Repair, int], int | None], ...] = (
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
