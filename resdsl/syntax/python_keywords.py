"""Python's keywords, which are no names: what each is told, and what is read in its place."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.records import dataclass
from resdsl.syntax.lalr import Token

_LOOP = "a repetition is `unit x 3` or `for i in range(3) { … }`"
_BLOCK = "a definition is `block NAME(…) { … }`"


@dataclass(frozen=True, slots=True)
class Keyword:
    """What to write instead; `meant` is that, where one of the terminals `where` can stand."""

    help: str = ""
    meant: str | None = None
    where: str = ""


_ANY = Keyword()
_KEYWORDS = {
    "True": Keyword("write `true`", "true", "TRUE"),
    "False": Keyword("write `false`", "false", "FALSE"),
    "None": Keyword("there is no empty value; a unit that does nothing is `identity`"),
    "elif": Keyword("write `else if`", "else if", "ELSE"),
    "assert": Keyword("write `expect`", "expect", "EXPECT"),
    "is": Keyword("write `==`", "==", "COMPARE"),
    "pass": Keyword("an empty body does nothing: `{ }`", "", "LET"),
    "while": Keyword(_LOOP),
    "def": Keyword(_BLOCK),
    "class": Keyword("a definition is `block NAME(…) { … }` or `network NAME(…) { … }`"),
    "return": Keyword(
        "the last step's result is the result; `join` makes any kept tensor the current one"
    ),
    "lambda": Keyword("bind arguments instead, as in `bottleneck(cardinality=32)`"),
    "break": Keyword(_LOOP),
    "continue": Keyword("leave steps out with `if … { … }`"),
}
# Names of attributes in other libraries' modules, but for the keyword.
_LABELS = ("class", "def", "return", "global", "lambda", "pass", "is", "with", "import", "yield")
_BEHIND_NAMES = ("COLON", "EQUAL", "LSQB")
# By the terminal that can stand there.
_AS = {
    "KEEP": Keyword("write `keep NAME`: it names the current tensor", "keep", "KEEP"),
    "COMMA": Keyword("what is imported keeps its name"),
}
_WITH = Keyword("the shortcut of a residual stands behind `via`", "via", "VIA")


def of(tokens: Sequence[Token], position: int, accepted: frozenset[str]) -> Keyword:
    """What there is to say of a keyword where some terminals can stand."""
    word, behind = str(tokens[position]), _kind(tokens, position + 1)
    found = _KEYWORDS.get(word, _ANY)
    if word == "None" and (dims := _dims_before(tokens, position)):
        # `input 3 x None x None`
        help = "a free extent is one capital letter: `input 3 x H x W`"
        return Keyword(help, "HWD"[min(dims, 3) - 1])
    if behind == "COLON" and word in _LABELS:
        return Keyword(f"another name: `{word}_`")
    if word == "as":
        found = next((one for kind, one in _AS.items() if kind in accepted), _ANY)
    elif word == "with" and "VIA" in accepted:
        found = _WITH
    if found.meant is None or (found.where in accepted and behind not in _BEHIND_NAMES):
        return found
    return Keyword(found.help)


def is_name(tokens: Sequence[Token], position: int, accepted: frozenset[str]) -> bool:
    """Whether a keyword stands where the author meant a name: a label, an argument, a parameter.

    Else it begins what cannot be read.
    """
    word = tokens[position]
    if word in ("True", "False", "None", "pass"):
        return True
    is_value = word == "lambda" and "TRUE" in accepted
    if _kind(tokens, position + 1) in _BEHIND_NAMES and not is_value:
        return True
    return not {"KEEP", "FROM", "TRUE"} & accepted and word != "as"


def _dims_before(tokens: Sequence[Token], position: int) -> int:
    """Of what dimension of an input a word is in the place; 0 for another place."""
    count = 0
    while _kind(tokens, position - 1) == "X" and position > 1:
        position, count = position - 2, count + 1
        if _kind(tokens, position - 1) == "INPUT":
            return count
    return 0


def _kind(tokens: Sequence[Token], position: int) -> str:
    return tokens[position].type if position < len(tokens) else ""
