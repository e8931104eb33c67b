"""Calls as Python's libraries have them, and names with dots. Each function is one situation."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.diagnostics import join_words, library_calls
from resdsl.diagnostics.aliases import ours
from resdsl.diagnostics.suggest import suggest
from resdsl.join_functions import JOIN_FUNCTIONS
from resdsl.syntax.stop import OPERANDS, OPERATORS, Finding, Stop

# Packages and modules that a name of torch, Keras or numpy stands behind.
_PACKAGES = frozenset("nn torch F tf keras layers np numpy math jnp jax flax mx timm".split())
_METHODS = {
    "append": "`a + [3]` is a list with one element more",
    "extend": "`a + b` is the list of both",
    "insert": "`[3] + a` is a list with one element more",
    "len": "write `len(…)`",
    "size": "the channels are `.channels`; extents are no values",
    "shape": "the channels are `.channels`; extents are no values",
    "channels": "a field stands without brackets",
    "rank": "a field stands without brackets",
}
_CONTAINERS = dict.fromkeys(
    ("Sequential", "ModuleList"), "steps follow each other; a group of them is `NAME: { … }`"
)
# Tokens of one argument, and arguments, at most; and what is in none.
_LONGEST = 100
_NO_VALUE = ("$END", "EQUAL", "COLON", "LBRACE", "RBRACE", "LET", "KEEP", "JOIN")
_NUMERIC = frozenset("floor ceil round abs min max sum len range".split())
_OF_BOTH = frozenset({"sum", "min", "abs", *JOIN_FUNCTIONS})
# What stands in an expression.
_INSIDE = (OPERANDS | OPERATORS | {"COMMA", "RPAR", "RSQB", "EQUAL"}) - {"SET", "LET", "JOIN"}
_FUNCTIONS = "the functions are `floor ceil round abs min max sum len range size divisible where`"


# --- arguments -----------------------------------------------------------------------------------

_OUT = ("out", "out_channels", "out_features", "filters")
_WINDOW = ("k", "kernel_size", "kernel")


def channels_in(stop: Stop) -> Finding | None:
    """`conv(in=3, out=16, k=3)`"""
    if stop.type != "EQUAL" or stop.type_at(-1) != "IN" or "COMPARE" not in stop.accepted:
        return None
    if stop.opener != "(" or stop.type_at(-2) not in ("LPAR", "COMMA"):
        return None
    assert stop.innermost is not None
    start = stop.innermost - stop.position
    given, end = arguments(stop, start + 1)
    help = "what comes in is known: leave it out"
    mend = None
    if given is not None:
        window = [value for name, value in given if name in _WINDOW]
        channels = [value for name, value in given if name in _OUT]
        others = [
            value if name is None else f"{name}={value}"
            for name, value in given
            if name not in (*_WINDOW, *_OUT, "in")
        ]
        # By place, the window comes first.
        right = f"({', '.join([*window, *channels, *others])})"
        help = f"what comes in is known: write `{stop.token(start - 1)}{right}`"
        mend = (start, end + 1, right)
    return Finding("there is no parameter `in`", "", (help,), at=-1, mend=mend)


def arguments(stop: Stop, at: int) -> tuple[list[tuple[str | None, str]] | None, int]:
    """Of a call whose first argument begins at a token, their names and texts; and its `)`.

    None for what is not closed, or holds something else than values.
    """
    found: list[tuple[str | None, str]] = []
    while stop.type_at(at) not in ("RPAR", "RSQB"):
        name = str(stop.token(at)) if stop.type_at(at + 1) == "EQUAL" else None
        begin = at = at + (2 if name is not None else 0)
        depth = 0
        while depth or stop.type_at(at) not in ("COMMA", "RPAR", "RSQB"):
            kind = stop.type_at(at)
            if kind in _NO_VALUE or at - begin > _LONGEST or len(found) > _LONGEST:
                return None, at
            depth += (kind in ("LPAR", "LSQB")) - (kind in ("RPAR", "RSQB"))
            at += 1
        if begin == at:
            return None, at
        found.append((name, stop.source_text(begin, at)))
        at += stop.type_at(at) == "COMMA"
    return found, at


# --- names with dots ------------------------------------------------------------------------------


def attribute(stop: Stop) -> Finding | None:
    """`self.conv1: …`, `nn.Conv2d(…)`, `layer1.0: …`, `a.append(3)` where a step begins."""
    if stop.type != "DOT" or not stop.is_at_step or not stop.touches_next(-1):
        return None
    before, name = stop.token(-1), stop.token(1)
    if not before or not name or not before.isidentifier():
        return None
    behind = stop.type_at(2)
    if before == "self":
        is_assigned = behind == "EQUAL"
        help = f"write `{name}: …`" if behind in ("COLON", "EQUAL") else f"write `{name}`"
        mend = (-1, 3, f"{name}:") if is_assigned else (-1, 1, "")
        message = "there is no `self`: a label is a plain name"
        return Finding(message, help=(help,), mend=mend, at=-1, over=2)
    if before in _PACKAGES:
        return _of_package(stop)
    if behind == "COLON" or name.type == "NUMBER":
        help = f"keys with dots come from groups: `{before}: {{ … }}`"
        return Finding("a label has no dot", help=(help,))
    if behind == "LPAR" and name in _METHODS:
        return _method(str(name))
    return None


def _of_package(stop: Stop) -> Finding:
    """`torch.nn.Conv2d(3, 64, 3)`, from its first dot on."""
    end = 2
    while stop.type_at(end) == "DOT" and (word := stop.token(end + 1)) and word.isidentifier():
        end += 2
    *packages, name = (str(stop.token(at)) for at in range(-1, end, 2))
    message = f"`{'.'.join([*packages, name])}` is Python's"
    given, close = arguments(stop, end + 1) if stop.type_at(end) == "LPAR" else ([], end - 1)
    whole = None if given is None else library_calls.written(name, given, packages)
    if whole is not None:
        # What is left out of an empty call is nothing.
        help = whole.help if given else f"write `{whole.text}`"
        # Whether it has a bias changes no shape, and before a norm it would be told again.
        mend = (-1, close + 1, whole.text.replace(", bias=true", ""))
        return Finding(message, help=(help,), at=-1, over=end + 1, mend=mend)
    if name in _CONTAINERS:
        return Finding(message, help=(_CONTAINERS[name],), at=-1, over=end + 1)
    known = {one for names in ours().values() for one in names}
    same = name if name in known else library_calls.ours(name, packages)
    found = [same] if same else suggest(name, known, 1)
    help = f"write `{found[0]}`" if found else "`resdsl explain` lists what there is"
    renamed = (-1, end, found[0]) if found else None
    return Finding(message, help=(help,), at=-1, over=end + 1, mend=renamed)


def method(stop: Stop) -> Finding | None:
    """`a.len()`, `math.floor(3.5)`, `torch.cat([a, b])` in an expression."""
    if stop.type != "LPAR" or stop.type_at(-2) != "DOT" or not stop.touches_next(-1):
        return None
    begin = -3
    while stop.type_at(begin - 1) == "DOT":
        begin -= 2
    package, name = str(stop.token(begin)), str(stop.token(-1))
    given, end = arguments(stop, 1)
    if package in _PACKAGES:
        message = f"`{stop.source_text(begin, 0)}` is Python's"
        inside = stop.source_text(1, end) if given else "…"
        is_part = stop.type_at(begin - 1) != "JOIN" or stop.type_at(end + 1) in OPERATORS
        help, whole = _function(
            name, inside, _operands(stop), is_joined=is_joined(stop, begin), is_part=is_part
        )
        mend = None
        if whole and given is not None:
            mend = (begin, end + 1, whole)
        elif name in _NUMERIC:
            mend = (begin, 0, name)
        return Finding(message, help=(help,), at=begin, over=-begin, lost=(package,), mend=mend)
    other = str(stop.token(1)) if stop.type_at(2) == "RPAR" else "b"
    if name not in _METHODS and (joined := join_words.written(name, (package, other))):
        help = f"tensors are joined: `join {joined}`"
        mend = (-3, 3, joined) if stop.type_at(2) == "RPAR" else None
        message, lost = "values have no methods", (package, other) if mend is None else ()
        return Finding(message, help=(help,), at=-3, over=3, lost=lost, mend=mend)
    return _method(name)


def _function(
    name: str, inside: str, operands: Sequence[str], *, is_joined: bool, is_part: bool
) -> tuple[str, str]:
    """What to write for a function of a package, and what it is read as in a `join`."""
    if name in _NUMERIC and not (is_joined and name in _OF_BOTH):
        return f"write `{name}({inside})`", ""
    joined = join_words.written(name, operands)
    if name in JOIN_FUNCTIONS:
        joined = join_words.called(name, operands or ("a", "b"))
    if joined:
        joined = join_words.factor(joined) if is_joined and is_part else joined
        return f"in a `join`, write `{joined}`", joined if operands and is_joined else ""
    return (join_words.JOINED if is_joined else _FUNCTIONS), ""


def _operands(stop: Stop) -> list[str]:
    """The texts of what a call takes: `cat([a, b], dim=1)` and `cat((a, b), 1)` are of two."""
    at = 2 if stop.type_at(1) in ("LSQB", "LPAR") else 1
    given, end = arguments(stop, at)
    if at == 2 and stop.type_at(end + 1) not in ("COMMA", "RPAR"):
        given, _ = arguments(stop, 1)  # `min((a + b) * 2, c)`
    return [text for name, text in given or () if name is None]


def is_number(stop: Stop, at: int) -> bool:
    """Whether a call of a function of numbers begins at a token."""
    return stop.token(at) in _NUMERIC


def is_joined(stop: Stop, at: int) -> bool:
    """Whether a token stands in the expression of a `join`."""
    while stop.type_at(at) in _INSIDE:
        at -= 1
    return stop.type_at(at) == "JOIN"


def _method(name: str) -> Finding:
    help = _METHODS.get(name)
    return Finding("values have no methods", help=(help,) if help else ())


def chained_call(stop: Stop) -> Finding | None:
    """`conv(3, 64)(x)`: a module that is called."""
    if stop.type != "LPAR" or stop.type_at(-1) != "RPAR" or not stop.touches_next(-1):
        return None
    help = "a step takes the current tensor: leave the second brackets out"
    return Finding("a unit is not called", help=(help,))
