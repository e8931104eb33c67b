"""A padding that may be `"auto"` or a number is a parameter without a type."""

from __future__ import annotations

from resdsl.language.messages.surroundings import Reason, Sought
from resdsl.syntax import tree


def untyped_auto(parameter: tree.Parameter) -> str:
    name = parameter.name.id
    return f'a parameter without a type takes both, a number and "auto": `{name} = "auto"`'


def auto_without_quotes(sought: Sought) -> Reason | None:
    """`pad: int = auto`"""
    if sought.name.id != "auto":
        return None
    around = sought.around
    parameters = [] if isinstance(around.item, tree.Let) else around.item.parameters
    for parameter in parameters:
        if parameter.default is sought.name:
            help = untyped_auto(parameter)
            return Reason('"auto" is a string', "a name without quotes", help)
    return None
