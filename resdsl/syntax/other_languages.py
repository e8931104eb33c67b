"""What other languages write: Python, YAML, C. Each function is one situation."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.syntax.python_calls import arguments
from resdsl.syntax.stop import Finding, Stop

_ASSIGNED = "a step takes the current tensor and makes the next: leave `{}` out"
_LIST = "a loop goes through a list"


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
    name, at = stop.token(-1), 1
    given: Sequence[tuple[str | None, str]] | None = None
    if stop.type_at(1) in ("LSQB", "LPAR"):
        given, at = arguments(stop, 2)
    items = [f"{name} == {text}" for _, text in given or ()]
    help = f"write `{' or '.join(items)}`" if items else "write `a == 1 or a == 2`"
    over = at + 2 if items else 1
    message, mend = "`in` is not an operator", (0, at + 1, f"== {given[0][1]}") if given else None
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
