"""Running lark's LALR tables: text to tokens, tokens to a tree.

lark makes the tables from the grammar (`tables.py`) and would run them too, but to import it takes
a quarter of a check. What it does with them is little: the lexer is one regular expression, the
parser a loop over two tables. Trees are lark's, node for node (tests/syntax/test_lalr.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from resdsl.records import dataclass

END = "$END"
# Characters that are no token, and what stands for a part of the text that cannot be parsed.
UNKNOWN = "UNKNOWN"
ERROR = "ERROR"
# Brackets by terminal: an ERROR has the text of what it stands for.
OPENING = frozenset({"LBRACE", "LPAR", "LSQB"})
CLOSING = frozenset({"RBRACE", "RPAR", "RSQB"})


class Token(str):
    """A piece of the text, from `start_pos` to before `end_pos`; `type` is its terminal."""

    __slots__ = ("end_pos", "start_pos", "type")

    type: str
    start_pos: int
    end_pos: int

    @classmethod
    def at(cls, type: str, text: str, start: int, stop: int | None = None) -> Token:
        """Where it stands, or in the place of other text; of none, if it begins and ends there."""
        token = cls(text)
        token.type, token.start_pos = type, start
        token.end_pos = start + len(text) if stop is None else stop
        return token


class Tree:
    """What a rule matched. Children are trees, tokens, and None for an optional part left out.

    Positions are None where it matched nothing.
    """

    __slots__ = ("children", "data", "end_pos", "start_pos")

    def __init__(
        self, data: str, children: list[Any], start_pos: int | None, end_pos: int | None
    ) -> None:
        self.data = data
        self.children = children
        self.start_pos = start_pos
        self.end_pos = end_pos

    def __repr__(self) -> str:
        return f"Tree({self.data!r}, {self.children!r})"


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to write a symbol.

    `size` symbols are taken from the stack for an `origin`. `kept` says what becomes of them in the
    tree called `data`: the number of a symbol, SPLICED minus the number of one whose children take
    its place, or NONE. With `passes` a single child stands for the tree.
    """

    origin: str
    size: int
    data: str
    passes: bool
    kept: tuple[int, ...]

    @property
    def is_link(self) -> bool:
        """It only renames a symbol, as an expression's `sum` of one `product`."""
        return self.passes and self.size == 1 and self.kept == (0,)


NONE = -1
SPLICED = -2


@dataclass(frozen=True, slots=True)
class Tables:
    """What lark made of a grammar.

    `lexer` has a group for each terminal, the first that matches wins; a text that is one of
    `keywords` has its own terminal. `actions[state]` of a terminal is the state to shift to, or
    -1 minus the number of the rule to reduce by; `goto[state]` of a rule's origin the state then.
    """

    lexer: re.Pattern[str]
    ignored: frozenset[str]
    keywords: dict[str, str]
    rules: tuple[Rule, ...]
    # Of each rule, its origin if it is a link.
    links: tuple[str | None, ...]
    actions: tuple[dict[str, int], ...]
    goto: tuple[dict[str, int], ...]
    start: int
    end: int


def tokens(tables: Tables, text: str) -> Iterator[Token]:
    """The tokens of a text; a character that begins none is an UNKNOWN."""
    match, ignored, keywords = tables.lexer.match, tables.ignored, tables.keywords
    position, end = 0, len(text)
    while position < end:
        found = match(text, position)
        if found is None:
            yield Token.at(UNKNOWN, text[position], position)
            position += 1
            continue
        kind, value = found.lastgroup, found[0]
        assert kind is not None
        if kind not in ignored:
            yield Token.at(keywords.get(value, kind), value, position)
        position = found.end()


def tokens_at(tables: Tables, text: str, start: int, stop: int) -> list[Token]:
    """Those of a text that is read in the place of another."""
    found = list(tokens(tables, text))
    for token in found:
        token.start_pos, token.end_pos = start, stop
    return found


class Parser:
    """A parse under way. Tokens are fed one by one: what stands around an error is known."""

    __slots__ = ("brackets", "spans", "states", "tables", "values")

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.states = [tables.start]
        self.values: list[Any] = []
        # Where each value begins and ends in the text, its brackets included.
        self.spans: list[tuple[int, int] | None] = []
        # Those that were taken and nothing has closed.
        self.brackets: list[Token] = []

    def feed(self, token: Token) -> bool:
        """Takes a token. False if it cannot stand here: then nothing but reductions happened."""
        action = self.settle(token.type)
        if action is None:
            return False
        self.states.append(action)
        self.values.append(token)
        self.spans.append((token.start_pos, token.end_pos))
        if token.type in OPENING:
            self.brackets.append(token)
        elif token.type in CLOSING:
            self.brackets.pop()
        return True

    def settle(self, terminal: str) -> int | None:
        """Completes what ends before a terminal; the state to shift it to, None if it cannot be."""
        states, tables = self.states, self.tables
        actions, goto, links, rules = tables.actions, tables.goto, tables.links, tables.rules
        while (action := actions[states[-1]].get(terminal)) is not None and action < 0:
            if (origin := links[-1 - action]) is not None:
                states[-1] = goto[states[-2]][origin]
            else:
                self._reduce(rules[-1 - action])
        return action

    def finish(self) -> Tree | None:
        """The tree of all that was fed; None if the text cannot end here."""
        states, actions = self.states, self.tables.actions
        while states[-1] != self.tables.end:
            action = actions[states[-1]].get(END)
            if action is None:
                return None
            self._reduce(self.tables.rules[-1 - action])
        tree: Tree = self.values[-1]
        return tree

    def accepted(self) -> frozenset[str]:
        """The terminals that can come next."""
        terminals = self.tables.actions[self.states[-1]]
        return frozenset(t for t in terminals if t != ERROR and self.leads_on(t, len(self.states)))

    def leads_on(self, terminal: str, depth: int) -> bool:
        """Whether a terminal could come next if only the first `depth` states were there."""
        states = self.states[:depth]
        while (action := self.tables.actions[states[-1]].get(terminal)) is not None:
            if action >= 0:
                return True
            rule = self.tables.rules[-1 - action]
            del states[len(states) - rule.size :]
            states.append(self.tables.goto[states[-1]][rule.origin])
        return False

    def takes(self, terminals: Sequence[str], depth: int) -> bool:
        """Whether these could come, one after the other, behind the first `depth` states."""
        states, tables = self.states[:depth], self.tables
        for terminal in terminals:
            while (action := tables.actions[states[-1]].get(terminal)) is not None and action < 0:
                rule = tables.rules[-1 - action]
                del states[len(states) - rule.size :]
                states.append(tables.goto[states[-1]][rule.origin])
            if action is None:
                return False
            states.append(action)
        return True

    def cut(self, depth: int) -> int | None:
        """Back to the first `depth` states; where what is dropped began, if there is any."""
        dropped = [span for span in self.spans[depth - 1 :] if span is not None]
        del self.states[depth:], self.values[depth - 1 :], self.spans[depth - 1 :]
        self.brackets = _unclosed(self.values)
        return dropped[0][0] if dropped else None

    def depth_before(self, position: int) -> int | None:
        """How many states a text leads to that ends before `position`.

        None where something is whole already that began before it and ends behind it.
        """
        depth = len(self.spans)
        while depth:
            span, value = self.spans[depth - 1], self.values[depth - 1]
            if span is not None and span[0] < position:
                if span[1] <= position:
                    break
                if not is_list(value) or any(_crosses(one, position) for one in value.children):
                    return None
                if _begins_before(value.children[0], position):
                    break
            depth -= 1
        return depth + 1

    def back_to(self, position: int) -> None:
        """Forgets what begins at `position` or behind it; `depth_before` must have said how far."""
        depth = self.depth_before(position)
        assert depth is not None
        self.cut(depth)
        last = self.spans[-1] if self.spans else None
        if last is not None and last[1] > position:
            items = self.values[-1].children
            while not _begins_before(items[-1], position):
                items.pop()
            self.spans[-1] = (last[0], items[-1].end_pos)

    def _reduce(self, rule: Rule) -> None:
        at = len(self.values) - rule.size
        symbols, spans = self.values[at:], [span for span in self.spans[at:] if span is not None]
        del self.values[at:], self.spans[at:], self.states[at + 1 :]
        span = (spans[0][0], spans[-1][1]) if spans else None
        children: list[Any] = []
        for number in rule.kept:
            if number >= 0:
                children.append(symbols[number])
            elif number == NONE:
                children.append(None)
            elif children:
                children += symbols[SPLICED - number].children
            else:
                # The list of a repetition grows, instead of being copied for each of its items.
                children = symbols[SPLICED - number].children
        if rule.passes and len(children) == 1:
            made = children[0]
            if span is not None and isinstance(made, Tree):
                # Brackets around it are its own from here on.
                made.start_pos, made.end_pos = span
        else:
            made = Tree(rule.data, children, *(span or (None, None)))
        self.values.append(made)
        self.spans.append(span)
        self.states.append(self.tables.goto[self.states[-1]][rule.origin])


def _unclosed(values: Sequence[Any]) -> list[Token]:
    """The brackets among values that have no counterpart there; a whole pair may be one value."""
    found: list[Token] = []
    for value in values:
        if isinstance(value, Token):
            if value.type in OPENING:
                found.append(value)
            elif value.type in CLOSING:
                found.pop()
    return found


def is_list(value: Any) -> bool:
    """The items of a repetition, which grow in place."""
    return isinstance(value, Tree) and value.data.startswith("__")


def _crosses(item: Any, position: int) -> bool:
    """It begins before `position` and ends behind it."""
    return _begins_before(item, position) and item.end_pos > position


def _begins_before(item: Any, position: int) -> bool:
    is_placed = isinstance(item, Tree | Token) and item.start_pos is not None
    return is_placed and item.start_pos < position
