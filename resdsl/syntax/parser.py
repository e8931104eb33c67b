"""Text to tree: characters, tokens, the LALR parse, the walk."""

from __future__ import annotations

import keyword
import re

from resdsl import limits
from resdsl.diagnostics.codes import EDITION, LIMIT, RESERVED, SYNTAX
from resdsl.diagnostics.fixes import replacement
from resdsl.diagnostics.model import Label, Sink
from resdsl.source import Source, Span
from resdsl.syntax import literals, tree
from resdsl.syntax.lalr import UNKNOWN, Parser, Token, Tree, tokens
from resdsl.syntax.recovery import BEGINNERS, MOST, Recovery, defines
from resdsl.syntax.stop import CLOSERS, Stop, span
from resdsl.syntax.tables import tables
from resdsl.syntax.walk import walk

EDITIONS = (1,)

# Tokens that must fit behind a bracket that is put in.
_PROOF = 4
_CLOSING = {")": "RPAR", "]": "RSQB", "}": "RBRACE"}

# Python's words for what the language has too.
_SPELLED = frozenset({"True", "False"})

# What a terminal or an editor would act on or not show: controls, bidirectional overrides
# ("Trojan Source", CVE-2021-42574), halves of surrogate pairs.
_INVISIBLE = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def parse(source: Source, sink: Sink) -> tree.File | None:
    """The tree of a text; errors go to the sink, and what they hide is `Broken` in the tree.

    None if nothing can be told of the text.
    """
    begun = begin(source, sink)
    return None if begun is None else begun.run()


def begin(source: Source, sink: Sink) -> Parse | None:
    """The parse of a text, which `run` runs; None after an error, if it may not be read as one."""
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
    return Parse(source, sink, text)


class Parse:
    """One parse: the tokens are fed one by one, so that what stands around an error is known."""

    def __init__(self, source: Source, sink: Sink, text: str) -> None:
        self.source = source
        self.sink = sink
        self.text = text
        self.parser = Parser(tables())
        self.tokens = list(tokens(tables(), text))
        self.recovery: Recovery | None = None
        self.said = 0
        # Names that were refused or lost, and where.
        self.reserved: set[int] = set()
        self.refused: set[str] = set()
        self.before = sink.errors

    def run(self) -> tree.File | None:
        if not self.is_known_edition():
            return None
        position = 0
        while position < len(self.tokens):
            token = self.tokens[position]
            if token.type == "NAME" and self.is_refused(token):
                self.reserved.add(position)
                self.refused.add(str(token))
            elif token in CLOSERS and self.is_too_deep(token):
                return None
            # In a body `block unit(…)` could be two steps; at the start of a line it is none.
            is_header = defines(self.text, self.tokens, position) and bool(self.parser.brackets)
            if is_header or not self.parser.feed(token):
                if (next_one := self.stopped(position)) is None:
                    return None
                position = next_one
            else:
                position += 1
        while (start := self.parser.finish()) is None:
            if self.stopped(position) is None:
                return None
        lost = self.refused | (self.recovery.lost if self.recovery else set())
        return walk(start, self.source, self.sink, lost, self.before)

    def stopped(self, position: int) -> int | None:
        """Says what is wrong with a token; where to go on, None if enough was said."""
        if self.said < MOST - 1 and position not in self.reserved:
            for back in self.places_before(position):
                if self.is_closed_before(position - back, len(self.parser.states) - back):
                    return position - back
            if self.body_begins(position):
                return position
        if position not in self.reserved:
            self.report(position)
            self.said += 1
        if self.said >= MOST or self.is_foreign():
            return None
        if self.recovery is None:
            self.recovery = Recovery(self.text, self.tokens)
        return self.recovery.resume(self.parser, position)

    def places_before(self, position: int) -> tuple[int, ...]:
        """How many tokens back a bracket may be missing: one, where a word was just taken."""
        last = self.parser.values[-1] if self.parser.values else None
        if isinstance(last, Tree) and len(last.children) == 1:
            last = last.children[0]
        if not position or last is not self.tokens[position - 1] or not str(last).isidentifier():
            return (0,)
        return (1, 0) if self.is_first_on_line(position - 1) else (0, 1)

    def is_closed_before(self, position: int, depth: int) -> bool:
        """Closes the innermost bracket, if that alone is missing, and says so.

        A word that was taken for a label may be the one: `join` in a fork. `depth`: the states
        before it.
        """
        following = self.tokens[position : position + _PROOF]
        opened = self.parser.brackets
        if not opened or not following or opened[-1].start_pos >= following[0].start_pos:
            return False
        opener, token = opened[-1], following[0]
        closer = CLOSERS[opener]
        if token.type in BEGINNERS and not defines(self.text, self.tokens, position):
            return False
        if closer != "}" and token != "{" and not self.is_first_on_line(position):
            return False
        if not self.parser.takes([_CLOSING[closer], *(one.type for one in following)], depth):
            return False
        self.sink.error(
            SYNTAX,
            f"a `{closer}` is missing before `{token}`",
            self.span(token),
            others=[Label(self.span(opener), "never closed")],
        )
        self.said += 1
        self.parser.cut(depth)
        end = self.tokens[position - 1].end_pos
        put_in = Token.at(_CLOSING[closer], closer, end)
        put_in.end_pos = end
        self.parser.feed(put_in)
        return True

    def body_begins(self, position: int) -> bool:
        """Opens a body whose `}` is there, and whose `{` is missing or a `:`."""
        is_colon = position < len(self.tokens) and self.tokens[position] == ":"
        following = self.tokens[position + is_colon : position + is_colon + _PROOF]
        kinds = ["LBRACE", *(token.type for token in following)]
        braces = [str(token) for token in self.tokens if token in ("{", "}")]
        if not following or braces.count("}") <= braces.count("{"):
            return False
        if not self.parser.takes(kinds, len(self.parser.states)):
            return False
        token = self.tokens[position]
        missing = f"a `{{` is missing before `{token}`"
        self.sink.error(
            SYNTAX, "`{` stands here, not `:`" if is_colon else missing, self.span(token)
        )
        self.said += 1
        brace = Token.at("LBRACE", "{", token.start_pos)
        brace.end_pos = token.end_pos if is_colon else token.start_pos
        self.tokens[position : position + is_colon] = [brace]
        if self.recovery is not None:
            self.refused |= self.recovery.lost
            self.recovery = None  # its places are those of the tokens before
        return True

    def is_first_on_line(self, position: int) -> bool:
        if not 0 < position < len(self.tokens):
            return False
        start = self.tokens[position - 1].end_pos
        return "\n" in self.text[start : self.tokens[position].start_pos]

    def is_foreign(self) -> bool:
        """Probably another language: one error says all."""
        from resdsl.syntax.errors import guess

        return bool(guess(self.source))

    def report(self, position: int) -> None:
        # A good text needs none of these modules.
        if position < len(self.tokens) and self.tokens[position].type == UNKNOWN:
            from resdsl.syntax import characters

            characters.report(self.source, self.tokens[position].start_pos, self.sink)
            return
        from resdsl.syntax import errors

        stop = Stop(
            self.source, self.tokens, position, self.parser.accepted(), [*self.parser.brackets]
        )
        errors.report(stop, self.sink)

    @property
    def has_failed(self) -> bool:
        return self.sink.errors > self.before

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

    def is_refused(self, token: Token) -> bool:
        before = self.sink.errors
        if len(token) > limits.NAME_LENGTH:
            message = f"a name has more than {limits.NAME_LENGTH} characters"
            self.sink.error(LIMIT, message, self.span(token), f"{len(token)} characters")
        elif keyword.iskeyword(token):
            message = f"`{token}` is reserved: it is a keyword of Python"
            from resdsl.syntax.words import INSTEAD_OF_PYTHON

            help = INSTEAD_OF_PYTHON.get(token)
            fix = replacement(self.span(token), token.lower()) if token in _SPELLED else None
            helps = [help] if help else []
            self.sink.error(RESERVED, message, self.span(token), help=helps, fix=fix)
        return self.sink.errors > before

    def is_too_deep(self, token: Token) -> bool:
        """Brackets are counted before the parse, which would take any number of them."""
        opened = [*map(str, self.parser.brackets), str(token)]
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
