"""Text to tree: characters, tokens, the LALR parse, the walk. The first syntax error ends it."""

from __future__ import annotations

import keyword
import re

from resdsl import limits
from resdsl.diagnostics.codes import EDITION, LIMIT, RESERVED, SYNTAX
from resdsl.diagnostics.model import Sink
from resdsl.source import Source, Span
from resdsl.syntax import literals, tree
from resdsl.syntax.lalr import Parser, Token, UnknownCharacterError, tokens
from resdsl.syntax.stop import CLOSERS, Stop, span
from resdsl.syntax.tables import tables
from resdsl.syntax.walk import walk

EDITIONS = (1,)

# What a terminal or an editor would act on or not show: controls, bidirectional overrides
# ("Trojan Source", CVE-2021-42574), halves of surrogate pairs.
_INVISIBLE = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def parse(source: Source, sink: Sink) -> tree.File | None:
    """The tree of a text; None if it has an error, which the sink then knows."""
    if len(source.text) > limits.FILE_BYTES:
        sink.error(LIMIT, f"{source.name}: is larger than {limits.FILE_BYTES:,} bytes")
        return None
    if hidden := _INVISIBLE.search(source.text):
        span = Span(source, hidden.start(), hidden.end())
        message = f"the control character U+{ord(hidden[0]):04X} is not allowed in a text"
        sink.error(SYNTAX, message, span)
        return None
    text = source.text
    if text.startswith("\ufeff"):
        text = " " + text[1:]  # a byte order mark keeps its place, so that positions stay
    return _Parse(source, sink, text).run()


class _Parse:
    """One parse: the tokens are fed one by one, so that what stands around an error is known."""

    def __init__(self, source: Source, sink: Sink, text: str) -> None:
        self.source = source
        self.sink = sink
        self.text = text
        self.parser = Parser(tables())
        self.tokens: list[Token] = []
        self.open: list[int] = []  # positions of the brackets that are open
        self.before = sink.errors

    def run(self) -> tree.File | None:
        stuck = self.read_tokens()
        if not self.is_known_edition():
            return None
        for position, token in enumerate(self.tokens):
            if token.type == "NAME":
                self.check_name(token)
            elif token in CLOSERS and self.is_too_deep(token):
                return None
            if not self.parser.feed(token):
                self.stop(position)
                return None
            if token in CLOSERS:
                self.open.append(position)
            elif token in CLOSERS.values():
                self.open.pop()
        if stuck is not None and not self.has_failed:
            from resdsl.syntax import characters  # as `errors` below: a good text needs none of it

            characters.report(self.source, stuck, self.sink)
        if self.has_failed:
            return None
        tree = self.parser.finish()
        if tree is None:
            self.stop(len(self.tokens))
            return None
        return walk(tree, self.source, self.sink)

    def read_tokens(self) -> int | None:
        """All tokens; the offset of the first character that begins none."""
        try:
            self.tokens.extend(tokens(tables(), self.text))
        except UnknownCharacterError as stopped:
            return stopped.position
        return None

    @property
    def has_failed(self) -> bool:
        return self.sink.errors > self.before

    def stop(self, position: int) -> None:
        """Says what is wrong with a token, if it is no consequence of what was said before."""
        if not self.has_failed:
            from resdsl.syntax import errors

            accepted = self.parser.accepted()
            errors.report(Stop(self.source, self.tokens, position, accepted, self.open), self.sink)

    def is_known_edition(self) -> bool:
        if [token.type for token in self.tokens[:2]] != ["EDITION", "NUMBER"]:
            return True
        number = self.tokens[1]
        span = self.span(number)
        value = literals.number(number, span, self.sink)
        if value not in EDITIONS and not self.has_failed:
            known = ", ".join(map(str, EDITIONS))
            self.sink.error(
                EDITION,
                f"edition {number} of the language is not known",
                span,
                f"this version of resdsl knows edition {known}",
                help=["a newer resdsl may know it: `pip install --upgrade resdsl`"],
            )
        return not self.has_failed

    def check_name(self, token: Token) -> None:
        if len(token) > limits.NAME_LENGTH:
            message = f"a name has more than {limits.NAME_LENGTH} characters"
            self.sink.error(LIMIT, message, self.span(token), f"{len(token)} characters")
        elif keyword.iskeyword(token):
            message = f"`{token}` is reserved: it is a keyword of Python"
            from resdsl.syntax.words import INSTEAD_OF_PYTHON

            help = INSTEAD_OF_PYTHON.get(token)
            self.sink.error(RESERVED, message, self.span(token), help=[help] if help else [])

    def is_too_deep(self, token: Token) -> bool:
        """Brackets are counted before the parse, which would take any number of them."""
        opened = [*(str(self.tokens[index]) for index in self.open), str(token)]
        braces = opened.count("{")
        if braces > limits.NESTING_DEPTH:
            what, limit = "braces are", limits.NESTING_DEPTH
        elif len(opened) - braces > limits.EXPRESSION_DEPTH:
            what, limit = "an expression is", limits.EXPRESSION_DEPTH
        else:
            return False
        self.sink.error(LIMIT, f"{what} nested more than {limit} deep", self.span(token))
        return True

    def span(self, token: Token) -> Span:
        return span(self.source, token)
