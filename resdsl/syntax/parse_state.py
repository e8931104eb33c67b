"""The state of a parse: its tokens, what the parser holds, and what was said."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.diagnostics.codes import SYNTAX
from resdsl.diagnostics.diagnostic import Label, Sink
from resdsl.source import Source, Span
from resdsl.syntax.lalr import Parser, Token, tokens
from resdsl.syntax.recovery import Recovery
from resdsl.syntax.stop import span
from resdsl.syntax.tables import tables


class Reading:
    """A text that is being read. Repairs change its tokens from a place on."""

    def __init__(self, source: Source, sink: Sink, text: str) -> None:
        self.source = source
        self.sink = sink
        self.text = text
        self.parser = Parser(tables())
        self.tokens = list(tokens(tables(), text))
        self.recovery: Recovery | None = None
        self._closers: dict[int, int] | None = None
        self.said = 0
        # Each stop goes on with something put right or left out; no text needs more of them.
        self.stops_left = 2 * len(self.tokens) + 16
        # Names that were refused or lost, and where.
        self.reserved: set[int] = set()
        self.refused: set[str] = set()
        # Where lists begin that may have been meant as sizes.
        self.unsure: set[int] = set()
        self.before = sink.errors
        # How often the text was begun, and where the parse stopped last.
        self.begun, self.stuck = 1, -1

    def closers(self) -> dict[int, int]:
        """By the place of an opening bracket, that of the one that closes it."""
        if self._closers is None:
            self._closers = Recovery(self.text, self.tokens).closer
        return self._closers

    def say(
        self,
        message: str,
        token: Token,
        other: Token | None = None,
        label: str = "opened here",
        help: Sequence[str] = (),
    ) -> None:
        """An error at a token, and what there is to say of another."""
        others = [Label(self.span(other), label)] if other is not None else []
        self.sink.error(SYNTAX, message, self.span(token), others=others, help=help)
        self.said += 1

    def begin_again(self, position: int) -> int:
        """Reads the text without a token; what was told of it is not told again."""
        del self.tokens[position]
        self.parser = Parser(tables())
        self.begun += 1
        self.said = 0
        self.reserved.clear()
        self.forget_recovery()
        return 0

    def exchange(self, begin: int, end: int, new: Sequence[Token]) -> None:
        """Other tokens from now on, behind what the parser holds."""
        self.tokens[begin:end] = new
        self.forget_recovery()

    def forget_recovery(self) -> None:
        """Its places are those of the tokens before."""
        self._closers = None
        if self.recovery is not None:
            self.refused |= self.recovery.lost
            self.recovery = None

    def is_first_on_line(self, position: int) -> bool:
        if not 0 < position < len(self.tokens):
            return False
        start = self.tokens[position - 1].end_pos
        return "\n" in self.text[start : self.tokens[position].start_pos]

    def span(self, token: Token) -> Span:
        return span(self.source, token)
