"""A padding that may be a word or a number is a parameter without a type."""

from __future__ import annotations

from resdsl.language.messages.surroundings import Reason, Sought
from resdsl.syntax import tree

WORDS = ("auto", "same")


def both(word: str) -> str:
    return f'a parameter without a type takes both, a number and "{word}"'


def untyped(parameter: tree.Parameter, word: str) -> str:
    return f'{both(word)}: `{parameter.name.id} = "{word}"`'


def word_without_quotes(sought: Sought) -> Reason | None:
    """`padding=same`, `pad: int = auto`"""
    word = sought.name.id
    if word not in WORDS:
        return None
    around = sought.around
    call, place = around.arguments.get(id(sought.name), (None, 0))
    given = None if call is None else call.arguments[place].name
    if given is not None and given.id == "padding":
        return Reason(f'"{word}" is a string', "a name without quotes", f'write `padding="{word}"`')
    parameters = [] if isinstance(around.item, tree.Let) else around.item.parameters
    for parameter in parameters:
        if parameter.default is sought.name:
            help = untyped(parameter, word)
            return Reason(f'"{word}" is a string', "a name without quotes", help)
    return None
