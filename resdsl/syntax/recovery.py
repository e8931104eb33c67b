"""Going on behind a syntax error, so that a text tells all its mistakes in one run.

yacc's way (Aho, Lam, Sethi, Ullman 2006, section 4.9.3): the parse is cut back to where an ERROR
can stand, as a step, a branch, a parameter or a definition; what cannot be read is skipped. The
next token that can follow is taken if it is first on its line, closes the brackets around, or
follows brackets that the mistake is in.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from resdsl.syntax.lalr import CLOSING, ERROR, OPENING, Parser, Token, Tree
from resdsl.syntax.stop import CLOSERS

# Errors of syntax after which a text is left alone.
MOST = 20

BEGINNERS = frozenset({"BLOCK", "SHORTCUT", "NETWORK", "FROM"})
_ENDS = frozenset({"RBRACE", "RPAR", "COMMA"})
_BEHIND_NAME = frozenset({"LPAR", "LBRACE", "EQUAL"})


class Recovery:
    """Resumes the parse of one text."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.starts = [token.start_pos for token in tokens]
        self.is_first = [
            i == 0 or "\n" in text[tokens[i - 1].end_pos : token.start_pos]
            for i, token in enumerate(tokens)
        ]
        self.closer = self._brackets()
        # Words of what was skipped.
        self.lost: set[str] = set()

    def _brackets(self) -> dict[int, int]:
        """By opening bracket, the one that closes it: what is open inside of it is closed too.

        A closer of a kind that is not open closes a bracket of another, but no body.
        """
        found: dict[int, int] = {}
        opened: list[int] = []
        # How many are open by what closes them: thousands may lie inside each other.
        awaited: Counter[str] = Counter()

        def popped() -> int:
            at = opened.pop()
            awaited[CLOSERS[self.tokens[at]]] -= 1
            return at

        for position, token in enumerate(self.tokens):
            if token in CLOSERS:
                opened.append(position)
                awaited[CLOSERS[token]] += 1
            elif token in CLOSERS.values():
                if awaited[str(token)]:
                    while CLOSERS[self.tokens[opened[-1]]] != token:
                        popped()
                elif not opened or self.tokens[opened[-1]] == "{":
                    continue
                found[popped()] = position
        return found

    def resume(self, parser: Parser, position: int, *, again: bool = False) -> int:
        """Puts an ERROR in the place of what stops the parse at `position` (or at the end), where
        it may have stopped `again`.

        Returns where to go on.
        """
        if position and not again and self._defines(position - 1):
            # `network` may be a label: only the name behind it says what it is.
            position -= 1
        anew = position >= len(self.tokens) or self._defines(position)
        begin = self._cut(parser, position, definitions_only=anew)
        end = position if anew else self._anchor(parser.accepted(), begin, position)
        if not anew and end < len(self.tokens) and self.tokens[end].type not in parser.accepted():
            # A definition begins, while the one before was not closed: a part of the same mistake.
            begin = min(begin, self._cut(parser, position, definitions_only=True))
        self.lost.update(t for t in self.tokens[begin:end] if t.isidentifier())
        return end

    def _cut(self, parser: Parser, position: int, *, definitions_only: bool) -> int:
        """Drops what an ERROR stands for from now on; where that began."""
        start = parser.cut(self._depth(parser, definitions_only=definitions_only))
        begin = position if start is None else bisect_left(self.starts, start)
        if begin < len(self.tokens):
            begin = self._unfinished(parser, begin)
        error = self.tokens[min(begin, len(self.tokens) - 1)]
        parser.feed(Token.at(ERROR, str(error), error.start_pos))
        return begin

    def _unfinished(self, parser: Parser, position: int) -> int:
        """Drops the step before a token on its line, as `conv1` before `=`: it was none."""
        parser.settle(ERROR)
        last = parser.values[-1] if parser.values else None
        if not isinstance(last, Tree) or self.is_first[position]:
            return position
        is_list = last.data.startswith("__")
        step = last.children[-1] if is_list and last.children else last
        if not isinstance(step, Tree) or step.end_pos != self.tokens[position - 1].end_pos:
            return position
        assert step.start_pos is not None
        begin = bisect_left(self.starts, step.start_pos)
        if any(self.is_first[begin + 1 : position + 1]):
            return position
        if is_list:
            last.children.pop()
        elif parser.leads_on(ERROR, len(parser.states) - 1):
            parser.cut(len(parser.states) - 1)
        else:
            return position
        return begin

    def _depth(self, parser: Parser, *, definitions_only: bool) -> int:
        """Of the states that stay: as many as can be, or those of whole definitions alone."""
        depth = len(parser.states)
        if definitions_only:
            whole = [isinstance(value, Tree) for value in parser.values]
            depth = whole.index(False) + 1 if False in whole else depth
        while not (parser.leads_on(ERROR, depth) and _is_open(parser.values[depth - 1 :])):
            depth -= 1
        return depth

    def _defines(self, position: int) -> bool:
        return defines(self.text, self.tokens, position)

    def _anchor(self, accepted: frozenset[str], begin: int, position: int) -> int:
        at, behind_brackets = begin, False
        while at < len(self.tokens):
            token = self.tokens[at]
            if at >= position:
                is_anchor = self.is_first[at] or behind_brackets or token.type in _ENDS
                if is_anchor and token.type in accepted:
                    return at
                if self._defines(at):
                    return at
            behind_brackets = False
            closer = self.closer.get(at)
            if closer is not None:
                at, behind_brackets = closer + 1, closer >= position
            else:
                at += 1
        return at


def defines(text: str, tokens: Sequence[Token], position: int) -> bool:
    """Whether a definition or import begins at a token, whatever is still open."""
    token = tokens[position]
    if token.type not in BEGINNERS or len(tokens) < position + 3:
        return False
    # Not indented: that would be one inside of a body.
    if token.start_pos and text[token.start_pos - 1] not in "\ufeff\n":
        return False
    name, behind = tokens[position + 1 : position + 3]
    if token.type == "FROM":
        return True
    is_header = name.type == "NAME" and behind.type in _BEHIND_NAME
    return is_header and "\n" not in text[token.end_pos : name.start_pos]


def _is_open(dropped: Sequence[object]) -> bool:
    """What is dropped closes no bracket that stays."""
    depth = 0
    for value in dropped:
        if isinstance(value, Token):
            depth += (value.type in OPENING) - (value.type in CLOSING)
            if depth < 0:
                return False
    return True
