"""Text to tree: characters, tokens, the LALR parse, the walk."""

from __future__ import annotations

import keyword
import re

from resdsl import limits
from resdsl.diagnostics.codes import EDITION, LIMIT, RESERVED, SYNTAX
from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.fixes import replacement
from resdsl.source import Source, Span
from resdsl.syntax import literals, tree
from resdsl.syntax.lalr import UNKNOWN, Token, tokens_at
from resdsl.syntax.parse_state import Reading
from resdsl.syntax.recovery import MOST, Recovery, defines
from resdsl.syntax.stop import CLOSERS, Stop
from resdsl.syntax.tables import tables
from resdsl.syntax.tree_building import walk

EDITIONS = (1, 2)

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


class Parse(Reading):
    """One parse: the tokens are fed one by one, so that what stands around an error is known."""

    def run(self) -> tree.File | None:
        if not self.is_known_edition():
            return None
        position = 0
        while position < len(self.tokens):
            token = self.tokens[position]
            if token.type == "NAME" and self.is_refused(position):
                if position >= len(self.tokens):
                    break
                token = self.tokens[position]
            elif token in CLOSERS and self.is_too_deep(token):
                return None
            # In a body `block unit(…)` could be two steps; at the start of a line it is none.
            is_header = defines(self.text, self.tokens, position) and bool(self.parser.brackets)
            is_point = token.type == "DOT" and self.is_trailing_point(position)
            if is_header or is_point or not self.parser.feed(token):
                if (next_one := self.stopped(position)) is None:
                    return None
                position = next_one
            else:
                position += 1
        while (start := self.parser.finish()) is None:
            if self.stopped(position) is None:
                return None
        lost = self.refused | (self.recovery.lost if self.recovery else set())
        return walk(start, self.source, self.sink, lost, self.before, self.unsure)

    def stopped(self, position: int) -> int | None:
        """Says what is wrong with a token; where to go on, None if enough was said."""
        self.stops_left -= 1
        if self.stops_left < 0:
            return None
        # A good text needs none of this.
        from resdsl.syntax.repair import repaired
        from resdsl.syntax.replacing import Replacing

        if position not in self.reserved:
            repair = Replacing(self)
            is_known = position < len(self.tokens) and self.tokens[position].type != UNKNOWN
            if (
                is_known
                and self.said < MOST - 1
                and (found := repaired(repair, position)) is not None
            ):
                return found
            mend = self.report(position)
            self.said += 1
            if mend is not None and self.said < MOST and not self.is_foreign():
                begin, end, text = mend
                if (found := repair.replaced(begin, end, text, proof=1)) is not None:
                    return found
        else:
            self.said += 1  # it was told when it was read
        if self.said >= MOST or self.is_foreign():
            return None
        if self.recovery is None:
            self.recovery = Recovery(self.text, self.tokens)
        again, self.stuck = position == self.stuck, position
        return self.recovery.resume(self.parser, position, again=again)

    def is_trailing_point(self, position: int) -> bool:
        """`5.`, behind which a word of the next step would be a field of the number."""
        number, token = self.tokens[position - 1 : position + 1] if position else (None, None)
        if number is None or token is None or number.type != "NUMBER":
            return False
        behind = self.text[token.end_pos : token.end_pos + 1]
        is_end = behind != "." and not (behind.isalnum() or behind == "_")
        return is_end and number.end_pos == token.start_pos

    def is_foreign(self) -> bool:
        """Probably another language: one error says all."""
        from resdsl.syntax.situations import guess

        return bool(guess(self.source))

    def report(self, position: int) -> tuple[int, int, str] | None:
        """Says what is wrong; the tokens that were meant otherwise, and how."""
        if position < len(self.tokens) and self.tokens[position].type == UNKNOWN:
            from resdsl.syntax import characters

            inside = str(self.parser.brackets[-1]) if self.parser.brackets else ""
            start = self.tokens[position].start_pos
            meant = characters.report(self.source, start, self.sink, inside)
            if meant is None:
                return None
            begin = end = position
            while begin and self.tokens[begin - 1].start_pos >= meant[0]:
                begin -= 1
            while end < len(self.tokens) and self.tokens[end].start_pos < meant[1]:
                end += 1
            if re.fullmatch(r'"[\dx]+"', meant[2]):
                # Perhaps a number, and no string.
                self.unsure.add(meant[0])
            return begin, end, meant[2]
        from resdsl.syntax import situations

        stop = Stop(
            self.source, self.tokens, position, self.parser.accepted(), [*self.parser.brackets]
        )
        found = situations.report(stop, self.sink)
        self.refused.update(found.lost)
        if found.mend is None:
            return None
        begin, end, text = found.mend
        return position + begin, position + end, text

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
            known = " and ".join(f"edition {one}" for one in EDITIONS)
            self.sink.error(
                EDITION,
                f"edition {number} of the language is not known",
                span,
                f"this version of resdsl knows {known}",
                help=["a newer resdsl may know it: `pip install --upgrade resdsl`"],
            )
        return not self.has_failed

    def is_refused(self, position: int) -> bool:
        """Says so of a name that is none."""
        token = self.tokens[position]
        if len(token) > limits.NAME_LENGTH:
            message = f"a name has more than {limits.NAME_LENGTH} characters"
            self.sink.error(LIMIT, message, self.span(token), f"{len(token)} characters")
        elif keyword.iskeyword(token):
            self.stand_in(position)
        else:
            return False
        self.refused.add(str(token))
        self.reserved.add(position)
        return True

    def stand_in(self, position: int) -> None:
        """Refuses a keyword of Python's; what was meant stands in its place, if that is known."""
        from resdsl.syntax import python_keywords

        token, accepted = self.tokens[position], self.parser.accepted()
        found = python_keywords.of(self.tokens, position, accepted)
        message = f"`{token}` is reserved: it is a keyword of Python"
        fix = replacement(self.span(token), token.lower()) if token in _SPELLED else None
        helps = [found.help] if found.help else []
        self.sink.error(RESERVED, message, self.span(token), help=helps, fix=fix)
        if found.meant is not None:
            new = tokens_at(tables(), found.meant, token.start_pos, token.end_pos)
            self.exchange(position, position + 1, new)
        elif not python_keywords.is_name(self.tokens, position, accepted):
            unreadable = Token.at(UNKNOWN, str(token), token.start_pos)
            self.exchange(position, position + 1, [unreadable])

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
