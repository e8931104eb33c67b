"""Where a parse stopped, and what there is to say about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from resdsl.diagnostics.codes import SYNTAX, Code
from resdsl.diagnostics.diagnostic import Label
from resdsl.records import dataclass
from resdsl.source import Source, Span
from resdsl.syntax.lalr import Token

CLOSERS = {"{": "}", "(": ")", "[": "]"}

CHOICE = "a choice between values is `where(condition, a, b)`"

# Of `64 x H x W` in an `expect`.
NO_FREE_SIZE = (
    "a size in an `expect` has numbers only: write them in `input`; with free extents "
    "`total_stride(NAME)` is a number"
)

# Sets of terminals.
LABELS_ONLY = frozenset("SET LET KEEP JOIN FORK EXPECT NETWORK".split())
VALUES_TOO = frozenset(
    "BLOCK SHORTCUT STAGE INPUT OUTPUT OUTPUT_STRIDE PARAM REUSE RESIDUAL".split()
)
WORDS = frozenset({"NAME"}) | LABELS_ONLY | VALUES_TOO
HARD = frozenset("X EDITION FROM IMPORT IF ELSE FOR IN AND OR NOT VIA TRUE FALSE".split())
OPERANDS = WORDS | frozenset("NUMBER SIZE STRING TRUE FALSE IN NOT".split())
OPERATORS = frozenset(
    "AND OR COMPARE PLUS MINUS STAR SLASH FLOOR PERCENT POWER DOT LPAR LSQB".split()
)


def is_expected(source: Source, offset: int) -> bool:
    """Whether an `expect` stands before a place of its line."""
    before = source.text[source.text.rfind("\n", 0, offset) + 1 : offset]
    return re.search(r"\bexpect\b(?!\s*:)[^#]*$", before) is not None


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the parser stopped: at `tokens[position]`, or at the end of the text after the last.

    `accepted` holds the terminals that could have come instead; `open` the brackets
    that are open.
    """

    source: Source
    tokens: Sequence[Token]
    position: int
    accepted: frozenset[str]
    open: Sequence[Token]

    @property
    def type(self) -> str:
        return self.type_at(0)

    @property
    def text(self) -> str:
        token = self.token(0)
        return str(token) if token else ""

    def token(self, offset: int) -> Token | None:
        """The token so many after the offending one."""
        index = self.position + offset
        return self.tokens[index] if 0 <= index < len(self.tokens) else None

    def operand(self, offset: int) -> str:
        """A number or a name, with the element that is meant: `depths[0]`."""
        first, last = self.token(offset), self.token(offset + 3)
        if first is None:
            return ""
        if self.type_at(offset + 1) == "LSQB" and last is not None and last.type == "RSQB":
            return f"{first}[{self.token(offset + 2)}]"
        return str(first)

    def type_at(self, offset: int) -> str:
        token = self.token(offset)
        return token.type if token else "$END" if offset >= 0 else ""

    @property
    def opener(self) -> Token | None:
        """The innermost open bracket."""
        return self.open[-1] if self.open else None

    @property
    def innermost(self) -> int | None:
        """The position of that bracket."""
        return next((i for i, token in enumerate(self.tokens) if token is self.opener), None)

    def type_before_opener(self, offset: int) -> str:
        if self.innermost is None:
            return ""
        return self.type_at(self.innermost - offset - self.position)

    @property
    def is_at_step(self) -> bool:
        """A step could begin here; elsewhere in a body, only its continuation could follow."""
        return {"LET", "KEEP", "IF"} <= self.accepted

    @property
    def is_at_item(self) -> bool:
        return {"FROM", "NETWORK"} <= self.accepted

    @property
    def is_at_operand(self) -> bool:
        return "TRUE" in self.accepted

    @property
    def is_after_input(self) -> bool:
        """What stands before are the extents of an `input`, the last `x` included or not."""
        offset = -2 if self.type_at(-1) == "X" else -1
        while self.type_at(offset) in ("NUMBER", "SIZE", "NAME"):
            if self.type_at(offset - 1) != "X":
                return self.type_at(offset - 1) == "INPUT"
            offset -= 2
        return False

    def is_first_on_line(self, offset: int) -> bool:
        token, before = self.token(offset), self.token(offset - 1)
        return bool(token and before and self.is_on_later_line(token, before))

    def indent(self, offset: int) -> int:
        """How far in the line of a token begins."""
        token = self.token(offset)
        assert token is not None
        number, _ = self.source.position(token.start_pos)
        line = self.source.line(number)
        return len(line) - len(line.lstrip())

    def is_on_later_line(self, token: Token, before: Token) -> bool:
        return "\n" in self.source.text[before.end_pos : token.start_pos]

    def touches_next(self, offset: int) -> bool:
        """No blank between the token and the one after it."""
        token, after = self.token(offset), self.token(offset + 1)
        return bool(token and after and token.end_pos == after.start_pos)

    def source_text(self, begin: int, end: int) -> str:
        """What stands from a token on to before another, counted from the offending one."""
        first, last = self.token(begin), self.token(end - 1)
        assert first is not None and last is not None
        return self.source.text[first.start_pos : last.end_pos]

    def label_of_opener(self, text: str = "opened here") -> tuple[Label, ...]:
        return (Label(span(self.source, self.opener), text),) if self.opener else ()


@dataclass(frozen=True, slots=True)
class Finding:
    message: str
    label: str = ""
    help: tuple[str, ...] = ()
    others: tuple[Label, ...] = ()
    code: Code = SYNTAX
    at: int = 0  # the token to point at, counted from the offending one
    over: int = 1  # how many tokens from it on are marked
    instead: str | None = None  # what mends it in the place of that token
    # Names that are not unknown where they are read: they belong to the mistake.
    lost: tuple[str, ...] = ()
    # What is read on: the tokens from .. to before .., counted likewise, are taken for a text.
    mend: tuple[int, int, str] | None = None


def lacks_body(accepted: frozenset[str]) -> bool:
    """Whether what stands before is a `residual` or `fork`, or a label."""
    return "LBRACE" in accepted and accepted <= {"LBRACE", "COLON", "LSQB"}


def span(source: Source, token: Token) -> Span:
    return Span(source, token.start_pos, token.end_pos)


def shown(stop: Stop) -> str:
    if stop.type == "$END":
        return "the end of the text"
    text = stop.text if len(stop.text) <= 40 else stop.text[:39] + "…"
    return f"the string {text}" if stop.type == "STRING" else f"`{text}`"
