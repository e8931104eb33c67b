"""What to write instead of an argument that does not fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from resdsl.diagnostics import library_calls
from resdsl.diagnostics.aliases import fold
from resdsl.diagnostics.suggest import did_you_mean, sentence, suggest
from resdsl.language.messages.untyped import WORDS, both
from resdsl.language.names.symbols import Symbol
from resdsl.language.values.rounding import rounding
from resdsl.language.values.values import Callee, TensorValue, show
from resdsl.ops import REGISTRY, SLOTS
from resdsl.source import Span
from resdsl.syntax import tree

_KNOWN = "what comes in is known: leave it out"
_CHANNELS = "it works on the channels: leave it out"

# Parameters of other libraries' operators, folded as in diagnostics/aliases. `{}`: the call.
_FOREIGN = {
    "inchannels infeatures inplanes inputdim indim numfeatures numchannels normalizedshape "
    "inputshape inputsize cin inc nin": _KNOWN,
    "activation act actlayer activationfn relu nonlinearity": "an activation is a step: `{}(…) {}`",
    "norm normlayer bn batchnorm usebn usebatchnorm normalization": "a norm is a step: "
    "`{}(…) norm`",
    "inplace": "what can run in place does: leave it out",
    "name": "a step has its name before it: `conv1: {}(…)`",
    "dim axis startdim enddim": _CHANNELS,
    "device dtype": "`resdsl.load` takes it: leave it out",
    "trainable requiresgrad trackrunningstats": "leave it out",
    "paddingmode": "windows are padded with zeros: leave it out",
    "aligncorners": "corners are not aligned, as torch does by `align_corners=False`: there is no "
    "other way",
    "antialias": "nothing is smoothed before, as torch does by `antialias=False`",
}

# What blocks of the library take from a slot.
_SLOTS = {
    **dict.fromkeys("act actlayer activation activationfn activationlayer".split(), "act"),
    **dict.fromkeys("norm normlayer normalization normalisation".split(), "norm"),
}
_SET = {
    "act": "what it calls `act` is bound before it: `set act = silu`",
    "norm": "what it calls `norm` is bound before it: `set norm = groupnorm`",
}
# Parameters that a block of one's own is given by habit.
_HABITS = {
    "stride": "stride: size = 1",
    "dilation": "dilation: size = 1",
    "groups": "groups: int = 1",
}


def _declare(name: str, names: list[str]) -> str:
    """Of a block of the author's own, which has no such parameter."""
    has = f"its parameters are {listed(names)}"
    declared = _HABITS.get(name)
    return f"{has}; declare `{declared}` and hand it on inside" if declared else has


def _activation(value: tree.Expr) -> str:
    """An activation as the step that it is here; relu for what is none."""
    word = value.span.text.strip("\"'")
    known = [name for name, op in REGISTRY.items() if op.role == "activation"]
    found = [word] if word in known else suggest(word, known, 1)
    return found[0] if found else "relu"


def unknown_parameter(node: tree.Call, argument: tree.Argument, callee: Callee) -> str:
    """Of a parameter that a callee does not have."""
    assert argument.name is not None
    name, names = argument.name.id, parameter_names(callee.target)
    if isinstance(callee.target, str):
        for foreign, help in _FOREIGN.items():
            if fold(name) in foreign.split():
                return help.format(callee.name, _activation(argument.value))
    if not names:
        return f"it has none: write `{callee.name}`"
    meant = suggest(name, names, 1)
    if isinstance(callee.target, Symbol) and fold(name) in _SLOTS and not meant:
        slot = _SLOTS[fold(name)]
        value = argument.value.span.text.strip('"')
        return f"write `set {slot} = {value}` before it" if value in REGISTRY else _SET[slot]
    if isinstance(callee.target, Symbol) and not meant and not callee.target.module.library:
        return _declare(name, names)
    if meant and meant[0] in names[: by_place(node)]:
        order = twice(node, callee, meant[0], argument)
        return order[0] if order else f"`{meant[0]}` is given already, by its place"
    return did_you_mean(name, names) or f"its parameters are {listed(names)}"


def too_many(node: tree.Call, callee: Callee) -> str:
    """Of an argument behind the last parameter."""
    names, word = parameter_names(callee.target), node.callee.id
    if names:
        return f"its parameters are {listed(names)}"
    if word in SLOTS:
        return f"write `{word}`; `set {word} = …` says which"
    return f"write `{word}`"


def of_library(node: tree.Call) -> str | None:
    """`Conv2d(3, 16, 3, padding=1)` as it is written here. None of what needs our name alone."""
    name = node.callee.id
    arguments = [
        (argument.name.id if argument.name else None, argument.value.span.text)
        for argument in node.arguments
    ]
    found = library_calls.written(name, arguments)
    if found is None or (found.differs and not (found.text and library_calls.is_class(name))):
        return None
    right = ", ".join(f"{key}={text}" if key else text for key, text in arguments)
    renamed = f"{library_calls.ours(name, ())}({right})" if right else found.text
    return found.help if found.reason or found.text != renamed else None


def twice(node: tree.Call, callee: Callee, name: str, again: tree.Argument) -> list[str]:
    """`conv(64, 128, k=3)`, `conv(64, 128, 3, stride=1)`: torch's order, and the rest by name."""
    names = parameter_names(callee.target)[:3]
    if name == "stride" and names == ["k", "channels", "stride"] and by_place(node) == 3:
        right = ", ".join(node.arguments[i].value.span.text for i in (2, 1))
        by = again.value.span.text
        right += ("" if by == "1" else f", stride={by}") + _others(node, again)
        return [f"what comes in is known: write `{node.callee.id}({right})`"]
    if name != "k" or by_place(node) < 2 or not isinstance(callee.target, str):
        return []
    if by_place(node) > 2:
        return []  # what else stands by place is of another order
    right = f"{again.value.span.text}, {node.arguments[1].span.text}{_others(node, again)}"
    return [f"what comes in is known: write `{node.callee.id}({right})`"]


def _others(node: tree.Call, but: tree.Argument) -> str:
    """The arguments that have names, as they stand behind others; all but one."""
    named = [one for one in node.arguments if one.name is not None and one is not but]
    return "".join(f", {one.span.text}" for one in named)


# Of windows and numbers of channels that are more likely each other.
FILTERS, _WINDOW = range(16, 4097), 11


def is_keras(k: int, channels: int, stride: Any = 1) -> bool:
    """`conv(64, 7, stride=2)`, filters and a window. What overlaps not even as it is written, as
    `conv_transpose(64, 1, stride=32)`, is meant so."""
    if k not in FILTERS or channels > _WINDOW:
        return False
    return not isinstance(stride, int) or stride <= max(channels, 2)


def by_place(node: tree.Call) -> int:
    """How many arguments have no name: they come first."""
    return sum(argument.name is None for argument in node.arguments)


def misfit(
    node: tree.Call | None, callee: Callee, name: str, value: Any, span: Span, problem: str
) -> Sequence[str]:
    """Of a value that a parameter does not take; `problem` says what it takes.

    `node` is the call that gives it, if one does.
    """
    # What the callee is called by: a slot's name, perhaps.
    word = node.callee.id if node is not None else ""
    if isinstance(value, TensorValue):
        if "list[tensor]" in problem:
            return [f"a list of one tensor: `[{span.text}]`"]
        takes = _takes_tensor(callee)
        if takes is not None and node is not None:
            return [f"write `{word}({takes}={span.text})`"]
        return ["a block is fed the current tensor; of others, `.channels` and `.rank` are numbers"]
    if problem.startswith("must be a tensor") and node is not None:
        return [_tensor(node, callee, value, span)]
    if isinstance(value, float):
        is_int = "an int" in problem
        return rounding(value, span, channels=is_int) if is_int or "a size" in problem else []
    if type(value) is tuple and "size" in problem:
        numbers = [show(number) for number in value if isinstance(number, int)]
        is_size = len(numbers) == len(value) and 1 < len(value) <= 3
        return [f"a size is written {'x'.join(numbers if is_size else ['3', '3'])}"]
    if value == 0 and (callee.target, name) == ("linear", "features"):
        return [
            "for what comes before it leave the step out, or put `torch.nn.Identity()` in its "
            "place in the loaded module"
        ]
    if isinstance(value, str):
        if word in SLOTS:
            return [f"write `{word}`; `set {word} = …` says which"]
        if value.isidentifier() and any(word in problem for word in ("operator", "a bool")):
            return [f"leave the quotes out: `{value}`"]
        return string(callee, name, value)
    if isinstance(value, Callee) and f'"{value.name}"' in problem:
        return [f'a string stands in quotes: `"{value.name}"`']
    if (callee.target, name) == ("prelu", "per") and not _is_named(node, span):
        return [
            'write `prelu(per="tensor")`'
            if value == 1
            else f"write `{word}`: what comes in is known"
        ]
    if (callee.target, name) == ("linear", "bias") and not _is_named(node, span):
        return [f"what comes in is known: write `linear({show(value)})`"]
    if "a bool" in problem and value in (0, 1):
        return [f"write `{'true' if value else 'false'}`"]
    return []


def _takes_tensor(callee: Callee) -> str | None:
    """The parameter of an operator that is a tensor: `like`."""
    if not isinstance(callee.target, str):
        return None
    parameters = REGISTRY[callee.target].parameters()
    return next((one.name for one in parameters if one.type.startswith("tensor")), None)


def _tensor(node: tree.Call, callee: Callee, value: Any, span: Span) -> str:
    """`up(w)`, `up("e1", w)`: of what stands where a tensor is asked for."""
    if isinstance(value, str) and value.isidentifier():
        return f"leave the quotes out: `{value}`"
    if type(value) is tuple and len(value) == 1 and isinstance(value[0], TensorValue):
        return f"it is one tensor, and no list: `{value[0].name}`"
    is_left_out = len(node.arguments) < len(parameter_names(callee.target))
    texts: list[str] = []
    for one in node.arguments:
        if one.value.span != span:
            texts.append(one.span.text)
        elif one.name is not None:
            texts.append(f"{one.name.id}=a")
        else:
            texts += ["a", one.span.text] if is_left_out else ["a"]
    return f"`keep a` behind a step names a tensor: `{node.callee.id}({', '.join(texts)})`"


def _is_named(node: tree.Call | None, span: Span) -> bool:
    """Whether the argument with this value has its name before it."""
    arguments = node.arguments if node is not None else ()
    return any(one.value.span == span and one.name is not None for one in arguments)


def _padding(callee: Callee, value: str) -> list[str]:
    """Of a string that is no padding."""
    if value.lower() == "valid":
        return ["write `0`: no padding"]
    if not isinstance(callee.target, str):
        return [both(value)] if value in WORDS else []
    words = [
        word
        for parameter in REGISTRY[callee.target].parameters()
        if parameter.name == "padding"
        for word in parameter.type.split("|")[1:]
    ]
    if value.lower() in words:
        return [f'write `"{value.lower()}"`']
    meant = sentence([f'`"{one}"`' for one in suggest(value.lower(), words)])
    return [meant] if meant else []


def string(callee: Callee, name: str, value: str) -> list[str]:
    """Of a string that a parameter does not take."""
    if re.fullmatch(r"\d+(\s*x\s*\d+)*", value):
        return [f"leave the quotes out: `{value}`"]
    if name == "padding":
        return _padding(callee, value)
    if isinstance(callee.target, str):
        choices = [p.choices for p in REGISTRY[callee.target].parameters() if p.name == name]
        if choices and value in choices[0]:
            return [f'a string stands in quotes: `"{value}"`']
        near = suggest(value, choices[0]) if choices else []
        meant = sentence([f'`"{one}"`' for one in near])
        return [meant] if meant else []
    return []


def parameter_names(target: str | Symbol) -> list[str]:
    if isinstance(target, str):
        return [parameter.name for parameter in REGISTRY[target].parameters()]
    return [parameter.name.id for parameter in target.node.parameters]


def listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
