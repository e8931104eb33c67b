"""Calls as Python's libraries have them, and names with dots. Each function is one situation."""

from __future__ import annotations

from resdsl.diagnostics import join_words, library_calls, python_joins
from resdsl.diagnostics.aliases import fold, ours
from resdsl.diagnostics.library_layers import ACTIVATIONS
from resdsl.diagnostics.python_joins import NUMERIC, PACKAGES, translated
from resdsl.diagnostics.suggest import suggest
from resdsl.syntax.stop import OPERANDS, OPERATORS, Finding, Stop

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
# What stands before an operand, if something does.
_LEFT_OPEN = OPERATORS | {"COMMA", ""}
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
    if before in PACKAGES:
        return _of_package(stop)
    if behind == "COLON" or name.type == "NUMBER":
        inside = f"keys with dots come from groups: `{before}: {{ … }}`"
        quoted = f'one in quotation marks may have dots: `"{before}.{name}": …`'
        return Finding("a label has no dot", help=(inside, quoted))
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
        help = whole.help if given or whole.differs else f"write `{whole.text}`"
        # Whether it has a bias changes no shape, and before a norm it would be told again.
        text, lost = whole.text.replace(", bias=true", ""), tuple[str, ...]()
        if whole.differs:
            # What is only near may make other shapes.
            text, lost = _unread(name)
        mend = (-1, close + 1, text)
        return Finding(message, help=(help,), at=-1, over=end + 1, lost=lost, mend=mend)
    if close > end and (joined := _joined_step(stop, name, message, end)) is not None:
        return joined
    if name in _CONTAINERS:
        return Finding(message, help=(_CONTAINERS[name],), at=-1, over=end + 1)
    known = {one for names in ours().values() for one in names}
    same = name if name in known else library_calls.ours(name, packages)
    found = [same] if same else suggest(name, known, 1)
    help = f"write `{found[0]}`" if found else "`resdsl explain` lists what there is"
    renamed = (-1, end, found[0]) if found else None
    if found and given != []:
        # Its arguments are others, and would be told one by one.
        help = f"`resdsl explain {found[0]}` tells what is near, and what it takes"
        text, unread = _unread(name)
        rest = (-1, close + 1, text) if given else None
        return Finding(message, help=(help,), at=-1, over=end + 1, lost=unread, mend=rest)
    return Finding(message, help=(help,), at=-1, over=end + 1, mend=renamed)


def _unread(name: str) -> tuple[str, tuple[str, ...]]:
    """What stands, as it is read on, for what makes nobody knows what; and that it is not told."""
    return f"_{name}", (f"_{name}",)


def _joined_step(stop: Stop, name: str, message: str, begin: int) -> Finding | None:
    """`torch.cat([a, b], 1)`, `layers.Add()([a, b])` as a step, whose arguments begin at a `(`."""
    end = begin
    while (stop.type_at(end) == "LPAR" and stop.touches_next(end - 1)) or (
        stop.type_at(end) == "DOT" and stop.type_at(end + 2) == "LPAR"
    ):
        given, close = arguments(stop, end + (3 if stop.type_at(end) == "DOT" else 1))
        if given is None:
            return None
        end = close + 1
    found = translated(stop.source_text(-1, end)) if python_joins.is_join(name) else None
    if found is None:
        return None
    # In Python, names were given to tensors without `keep`.
    names = {str(token) for token in stop.tokens[stop.position + begin : stop.position + end]}
    lost = tuple(sorted(one for one in names if one.isidentifier()))
    text, more = (f"join {found.text}", ()) if found.text else _unread(name)
    mend, lost = (-1, end, text), (*lost, *more)
    return Finding(message, help=(found.help,), at=-1, over=begin + 1, lost=lost, mend=mend)


def method(stop: Stop) -> Finding | None:
    """`a.len()`, `math.floor(3.5)`, `torch.cat([a, b])` in an expression."""
    if stop.type != "LPAR" or stop.type_at(-2) != "DOT" or not stop.touches_next(-1):
        return None
    begin = -3
    while stop.type_at(begin - 1) == "DOT":
        begin -= 2
    package, name = str(stop.token(begin)), str(stop.token(-1))
    given, end = arguments(stop, 1)
    if package in PACKAGES:
        message = f"`{stop.source_text(begin, 0)}` is Python's"
        if is_joined(stop, begin):
            return _joined(stop, message, begin)
        if name in NUMERIC:
            inside = stop.source_text(1, end) if given else "…"
            help, mend = f"write `{name}({inside})`", (begin, 0, name)
            return Finding(message, help=(help,), at=begin, over=-begin, lost=(package,), mend=mend)
        help = _FUNCTIONS
        found = None if given is None else translated(stop.source_text(begin, end + 1))
        if found is not None:
            help = found.differs or f"in a `join`, write `{found.text}`"
        return Finding(message, help=(help,), at=begin, over=-begin, lost=(package,))
    is_known = join_words.meaning(name) is not None or fold(name) in ACTIVATIONS
    if name not in _METHODS and is_joined(stop, -3) and is_known:
        return _joined(stop, "values have no methods", -3)
    return _method(name)


def _joined(stop: Stop, message: str, at: int) -> Finding:
    """What another library's calls in the expression of a `join` are, written all at once."""
    begin, end = at, at
    while stop.type_at(begin - 1) != "JOIN":
        begin -= 1
    end = _expression_end(stop, begin)
    found = translated(stop.source_text(begin, end))
    if found is None or found.differs:
        help = join_words.JOINED if found is None else found.differs
        text, lost = _unread(str(stop.token(at)))
        mend = (begin, end, text)
        return Finding(message, help=(help,), at=at, over=-at, lost=lost, mend=mend)
    return Finding(message, help=(found.help,), at=at, over=-at, mend=(begin, end, found.text))


def _expression_end(stop: Stop, begin: int) -> int:
    """Before which token the expression of a `join` ends that begins at one."""
    at, depth, before = begin, 0, ""
    while (kind := stop.type_at(at)) in _INSIDE or (kind == "X" and before in _LEFT_OPEN):
        depth += (kind in ("LPAR", "LSQB")) - (kind in ("RPAR", "RSQB"))
        is_pair = kind in OPERANDS and before in OPERANDS | {"X", "RPAR", "RSQB"}
        if depth < 0 or (not depth and (kind in ("COMMA", "EQUAL") or is_pair)):
            break
        at, before = at + 1, kind
    return at


def is_number(stop: Stop, at: int) -> bool:
    """Whether a call of a function of numbers begins at a token."""
    return stop.token(at) in NUMERIC


def is_joined(stop: Stop, at: int) -> bool:
    """Whether a token stands in the expression of a `join`."""
    while stop.type_at(at) in _INSIDE or stop.type_at(at) == "X":
        at -= 1
    return stop.type_at(at) == "JOIN"


def _method(name: str) -> Finding:
    help = _METHODS.get(name)
    return Finding("values have no methods", help=(help,) if help else ())


def chained_call(stop: Stop) -> Finding | None:
    """`conv(3, 64)(x)`: a module that is called."""
    if stop.type != "LPAR" or stop.type_at(-1) != "RPAR" or not stop.touches_next(-1):
        return None
    if is_joined(stop, -1):
        begin = -1
        while stop.type_at(begin) != "LPAR":
            begin -= 1
        return _joined(stop, f"`{stop.token(begin - 1)}` is Python's", begin - 1)
    help = "a step takes the current tensor: leave the second brackets out"
    return Finding("a unit is not called", help=(help,))
