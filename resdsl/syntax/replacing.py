"""Tokens in the place of others, and going on as if they had been written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl.syntax.lalr import Token, tokens_at
from resdsl.syntax.parse_state import Reading
from resdsl.syntax.recovery import defines
from resdsl.syntax.tables import tables

TERMINALS = {"(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB", "{": "LBRACE", "}": "RBRACE"}
# Tokens that must fit behind what is put right.
PROOF = 4
# Tokens that may be read again.
_AGAIN = 12


def bracket_at(bracket: str, start: int, stop: int | None = None) -> Token:
    """One that is not in the text, at a place or for what stands from there to another."""
    return Token.at(TERMINALS[bracket], bracket, start, start if stop is None else stop)


class Replacing:
    """Puts tokens in the place of others in one reading."""

    def __init__(self, parse: Reading) -> None:
        self.parse = parse

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
        parse.parser.feed(bracket_at(bracket, end))
        parse.forget_recovery()

    def rest(self, position: int) -> Iterator[Token]:
        """The tokens to the end of the definition."""
        parse = self.parse
        for index in range(position, len(parse.tokens)):
            if index > position and defines(parse.text, parse.tokens, index):
                return
            yield parse.tokens[index]
