"""What other languages write: Python, YAML, C. Each function is one situation."""

from __future__ import annotations

from resdsl.diagnostics import join_words
from resdsl.diagnostics.aliases import ours
from resdsl.diagnostics.suggest import suggest
from resdsl.syntax.stop import Finding, Stop

# Packages and modules that a name of torch, Keras or numpy stands behind.
_PACKAGES = frozenset("nn torch F tf keras layers np numpy math jnp jax flax mx timm".split())
_ASSIGNED = "a step takes the current tensor and makes the next: leave `{}` out"
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
_LIST = "a loop goes through a list"
_FUNCTIONS = "the functions are `floor ceil round abs min max sum len range size divisible where`"


# --- assignments ----------------------------------------------------------------------------------


def assigned_x(stop: Stop) -> Finding | None:
    """`x = conv(3, 64)`, as in a `forward`."""
    if stop.type != "EQUAL" or stop.type_at(-1) != "X" or stop.touches_next(0):
        return None
    return Finding("tensors are not assigned", help=(_ASSIGNED.format("x ="),), at=-1)


def augmented(stop: Stop) -> Finding | None:
    if stop.text not in ("+", "-", "*", "/", "//", "%", "**") or stop.type_at(1) != "EQUAL":
        return None
    if not stop.touches_next(0):
        return None
    name = stop.token(-1)
    if name == "x":
        return Finding(
            "tensors are not assigned", help=(f"write `join here {stop.text} …`",), at=-1
        )
    help = f"write `let {name} = {name} {stop.text} …`; a tensor is added with `join here + …`"
    return Finding(f"`{name}` is not changed, but bound anew", help=(help,))


def walrus(stop: Stop) -> Finding | None:
    """`w := 4`, `let w := 4`."""
    message = "a value is given with `=`"
    is_colon = stop.type == "COLON" and "EQUAL" in stop.accepted
    if is_colon and stop.type_at(1) == "EQUAL" and stop.touches_next(0):
        return Finding(message, help=("write `=` instead of `:=`",), mend=(0, 2, "="))
    if stop.type == "EQUAL" and stop.type_at(-1) == "COLON" and stop.touches_next(-1):
        name = stop.token(-2)
        help = f"write `let {name} = …`"
        return Finding(message, help=(help,), at=-1, mend=(-2, 1, f"let {name} ="))
    return None


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
    given, end = _arguments(stop, start + 1)
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


def _arguments(stop: Stop, at: int) -> tuple[list[tuple[str | None, str]] | None, int]:
    """Of a call, the names and the texts of its arguments, where each is of one token; its `)`."""
    found: list[tuple[str | None, str]] = []
    while True:
        name = str(stop.token(at)) if stop.type_at(at + 1) == "EQUAL" else None
        at += 2 if name is not None else 0
        value = stop.token(at)
        if value is None or stop.type_at(at + 1) not in ("COMMA", "RPAR"):
            return None, at
        found.append((name, str(value)))
        at += 2
        if stop.type_at(at - 1) == "RPAR" or stop.type_at(at) == "RPAR":
            return found, at - 1 if stop.type_at(at - 1) == "RPAR" else at


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
        return _of_package(stop, f"{before}.{name}", str(name))
    if behind == "COLON" or name.type == "NUMBER":
        help = f"keys with dots come from groups: `{before}: {{ … }}`"
        return Finding("a label has no dot", help=(help,))
    if behind == "LPAR" and name in _METHODS:
        return _method(str(name))
    return None


def _of_package(stop: Stop, written: str, name: str) -> Finding:
    known = {one for names in ours().values() for one in names}
    found = [name] if name in known else suggest(name, known, 1)
    help = f"write `{found[0]}`" if found else "`resdsl explain` lists what there is"
    # `F.relu(x)`: the tensor that a step takes is not named.
    end = 3 if stop.type_at(2) == "LPAR" else 2
    while end > 2 and stop.type_at(end) in ("X", "COMMA"):
        end += 1
    end = end + 1 if end > 3 and stop.type_at(end) == "RPAR" else 2
    mend = (-1, end, found[0]) if found else None
    return Finding(f"`{written}` is Python's", help=(help,), at=-1, over=3, mend=mend)


def method(stop: Stop) -> Finding | None:
    """`a.len()`, `math.floor(3.5)` in an expression."""
    if stop.type != "LPAR" or stop.type_at(-2) != "DOT" or not stop.touches_next(-1):
        return None
    package, name = str(stop.token(-3)), str(stop.token(-1))
    if package in _PACKAGES:
        joined = join_words.written(name, ())
        help = f"in a `join`, write `{joined}`" if joined else _FUNCTIONS
        message = f"`{package}.{name}` is Python's"
        return Finding(message, help=(help,), at=-3, over=3, lost=(package,))
    other = str(stop.token(1)) if stop.type_at(2) == "RPAR" else "b"
    if name not in _METHODS and (joined := join_words.written(name, (package, other))):
        help = f"tensors are joined: `join {joined}`"
        mend = (-3, 3, joined) if stop.type_at(2) == "RPAR" else None
        message, lost = "values have no methods", (package, other) if mend is None else ()
        return Finding(message, help=(help,), at=-3, over=3, lost=lost, mend=mend)
    return _method(name)


def _method(name: str) -> Finding:
    help = _METHODS.get(name)
    return Finding("values have no methods", help=(help,) if help else ())


def chained_call(stop: Stop) -> Finding | None:
    """`conv(3, 64)(x)`: a module that is called."""
    if stop.type != "LPAR" or stop.type_at(-1) != "RPAR" or not stop.touches_next(-1):
        return None
    help = "a step takes the current tensor: leave the second brackets out"
    return Finding("a unit is not called", help=(help,))


# --- expressions ----------------------------------------------------------------------------------


def slices(stop: Stop) -> Finding | None:
    if stop.type != "COLON" or stop.opener != "[":
        return None
    help = "write the elements, `[a[1], a[2]]`, or `a[i]` in a loop: `for i in range(1, 3) { … }`"
    return Finding("a list has no slices", help=(help,))


def comparison(stop: Stop) -> Finding | None:
    """`===`, `<>`, `<<`."""
    if not stop.touches_next(-1) or stop.type_at(-1) != "COMPARE":
        return None
    signs = str(stop.token(-1)) + stop.text
    meant = {"===": "==", "!==": "!=", "<>": "!=", "==>": ">="}.get(signs)
    if meant is not None:
        message = f"`{signs}` is not an operator"
        help = f"write `{meant}`"
        return Finding(message, help=(help,), at=-1, over=2, mend=(-1, 1, meant))
    if signs in ("<<", ">>"):
        help = "a power is written `2 ** i`, a division `//`"
        return Finding(f"`{signs}` is not an operator", help=(help,), at=-1, over=2)
    return None


def membership(stop: Stop) -> Finding | None:
    if stop.type != "IN" or "COMPARE" not in stop.accepted:
        return None
    name, items, at = stop.token(-1), [], 2
    while stop.type_at(at) in ("NUMBER", "STRING", "COMMA"):
        items += [f"{name} == {stop.token(at)}"] if stop.type_at(at) != "COMMA" else []
        at += 1
    if stop.type_at(at) not in ("RSQB", "RPAR"):
        items = []  # of what is no list of numbers and strings, or not alone
    help = f"write `{' or '.join(items)}`" if items else "write `a == 1 or a == 2`"
    over = at + 2 if items else 1
    message, mend = "`in` is not an operator", (0, at + 1, f"== {stop.token(2)}") if items else None
    return Finding(message, help=(help,), at=-1 if items else 0, over=over, mend=mend)


def unpacking(stop: Stop) -> Finding | None:
    if stop.type not in ("STAR", "POWER") or not stop.is_at_operand:
        return None
    if not stop.opener or stop.opener == "{":
        return None
    return Finding("lists are not taken apart with `*`", help=("write each argument",))


def dictionary(stop: Stop) -> Finding | None:
    if stop.type != "LBRACE" or not stop.is_at_operand or stop.type_at(2) != "COLON":
        return None
    name = str(stop.token(1)).strip('"')
    return Finding("there are no dictionaries", help=(f"arguments have names: `{name}=…`",))


def dotted_range(stop: Stop) -> Finding | None:
    """`0..3`"""
    if stop.type != "DOT" or stop.type_at(-1) != "DOT" or not stop.touches_next(-1):
        return None
    first, last = stop.token(-2), stop.token(1)
    help = f"write `range({first}, {last})`, which ends before {last}"
    return Finding("a range has no dots", help=(help,), at=-1, over=2)


def loop(stop: Stop) -> Finding | None:
    """`for (a, b) in c`, `for (i = 0; i < 3; i++)`."""
    if stop.type_at(-2) == "FOR" and stop.text in ("of", ":"):
        name = stop.token(-1)
        help = f"write `for {name} in …`"
        return Finding(_LIST, help=(help,), mend=(0, 1, "in"))
    if stop.type_at(-1) != "FOR" or stop.type != "LPAR":
        return None
    end = 1
    while stop.type_at(end) in ("NAME", "COMMA"):
        end += 1
    if stop.type_at(end) == "RPAR":
        names = "".join(str(stop.token(i)) for i in range(1, end)).replace(",", ", ")
        message, help = "the names of a loop stand without brackets", f"write `for {names} in …`"
        return Finding(message, help=(help,), mend=(0, end + 1, names))
    return Finding(_LIST, help=("write `for i in range(3) { … }`",))


def loop_without_list(stop: Stop) -> Finding | None:
    """`for i = 0 to 3 { … }`, `for i { … }`, `for 3 { … }`"""
    if stop.type_at(-1) == "FOR" and stop.type == "NUMBER":
        help = f"write `for i in range({stop.text}) {{ … }}`, or `{{ … }} x {stop.text}`"
        return Finding(_LIST, help=(help,), mend=(0, 1, f"i in range({stop.text})"))
    if stop.type_at(-2) != "FOR" or "IN" not in stop.accepted or stop.type_at(-1) == "LPAR":
        return None
    name, end = stop.token(-1), 0
    while stop.type_at(end) not in ("LBRACE", "$END") and not (end and stop.is_first_on_line(end)):
        end += 1
    given = [
        stop.text if stop.type != "EQUAL" else "",
        *(str(stop.token(i)) for i in range(1, end)),
    ]
    if stop.type == "EQUAL" and stop.type_at(1) in ("NAME", "LSQB"):
        return Finding(_LIST, help=(f"write `for {name} in …`",), instead="in", mend=(0, 1, "in"))
    is_body = stop.type_at(end) == "LBRACE"
    ends = [word for word in given if word.isdecimal()][:2] if is_body else []
    written = f"range({', '.join(ends)})" if len(ends) == 2 else "range(3)"
    help = f"write `for {name} in {written} {{ … }}`"
    return Finding(_LIST, help=(help,), mend=(0, end, f"in {written}") if is_body else None)


# --- types, descriptions, lists -------------------------------------------------------------------


def result_type(stop: Stop) -> Finding | None:
    """`block b(w: int) -> tensor { … }`"""
    if stop.text != "-" or stop.token(1) != ">" or "LBRACE" not in stop.accepted or stop.is_at_step:
        return None
    help = "what a block gives needs no type: leave it out"
    mend = (0, 3, "") if stop.type_at(3) == "LBRACE" else None
    return Finding("a block gives its last tensor", help=(help,), mend=mend)


def typed_let(stop: Stop) -> Finding | None:
    """`let int w = 3`"""
    if stop.type != "NAME" or stop.type_at(-2) != "LET" or stop.type_at(1) != "EQUAL":
        return None
    help = f"write `let {stop.text} = …`"
    return Finding("a value has no declared type", help=(help,), at=-1, mend=(-1, 0, ""))


def description(stop: Stop) -> Finding | None:
    """`\"\"\"A network.\"\"\"`, which is read as strings."""
    for at in (-1, 0):
        if stop.token(at) == '""' and stop.touches_next(at):
            is_whole = stop.type_at(at + 1) == "STRING" and stop.token(at + 2) == '""'
            return Finding(
                "a description is a comment",
                help=("write it on lines that begin with `##`, above what it describes",),
                at=at,
                mend=(at, at + 3, "") if is_whole else None,
            )
    return None


def dash(stop: Stop) -> Finding | None:
    """`- conv(3, 64)`, an item of a list in YAML."""
    if stop.type != "MINUS" or not stop.is_at_step or not stop.is_first_on_line(0):
        return None
    if stop.touches_next(0):
        return None
    help = "steps follow each other, on one line or on several"
    return Finding("steps have no dash before them", help=(help,), mend=(0, 1, ""))
