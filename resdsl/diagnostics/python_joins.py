"""What Python's libraries join tensors with, as a `join` has it: `a - torch.add(b, c, alpha=2)` is
`a - (b + 2 * c)`.

A text is read by Python's own grammar, and never run. What it says is written exactly, with the
brackets that it needs, or it is said what there is not.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resdsl.diagnostics.aliases import fold
from resdsl.diagnostics.join_words import meaning
from resdsl.diagnostics.library_layers import ACTIVATIONS

if TYPE_CHECKING:
    import ast

_LONGEST = 1000  # characters
# Packages and modules that a name of torch, Keras or numpy stands behind.
PACKAGES = frozenset("nn torch F tf keras layers np numpy math jnp jax flax mx timm".split())
NUMERIC = frozenset("floor ceil round abs min max sum len range".split())
# How much an expression binds.
_SUM, _PRODUCT, _ATOM = range(3)
_IN = "_in"  # `in` is a keyword of Python's
_AXES = ("dim", "axis", "keepdim", "keepdims")
_SAYS_NOTHING = ("name", "inplace", "out")
_REDUCED = {
    "sum": "`sum` adds the copies of a replicated branch; no tensor is summed along an axis",
    "mean": "`mean` is of the copies of a replicated branch; that of a map is the step "
    "`global_avgpool`",
    "max": "`max` takes two tensors or more; the maximum of a map is the step `global_maxpool`",
}
_REDUCTIONS = {
    "sum": "+", "add": "+", "addn": "+", "mean": "mean", "average": "mean", "max": "max",
    "amax": "max", "min": "min", "amin": "min", "prod": "*",
}  # fmt: skip
_NO_REDUCTION = "a tensor is not reduced along an axis"
_STACK = "no tensor here has an axis more: `concat(a, b)` has the channels of both, `a + b` the sum"
_ALONG = "tensors are put together along their channels only, as with `dim=1`"


@dataclass(frozen=True, slots=True)
class Joined:
    """`text`: the same here, if there is it; else `differs` says what there is not."""

    text: str
    differs: str = ""

    @property
    def help(self) -> str:
        return self.differs or f"write `join {self.text}`"


class _DiffersError(Exception):
    """Something is not the same here; its words."""


class _UnreadError(Exception):
    """Something that is not known."""


def translated(text: str) -> Joined | None:
    """What an expression over tensors is in a `join`; None for what is not read."""
    import ast

    if len(text) > _LONGEST or "\\" in text:
        return None
    known = re.sub(r"(?<![\w.])in(?!\w)", _IN, text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            node = ast.parse(f"({known}\n)", mode="eval").body
        if isinstance(node, ast.Call):
            return Joined(_call(node, is_whole=True)[0])
        return Joined(_expression(node)[0])
    except _DiffersError as found:
        return Joined("", str(found))
    except (_UnreadError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def is_join(name: str) -> bool:
    """Whether a function of this name joins tensors somewhere."""
    return meaning(name) is not None or fold(name) in _REDUCTIONS


def divided(left: tuple[str, int], divisor: str) -> str:
    """`left / divisor`, which is a product here."""
    inverse = {"2": "0.5", "4": "0.25", "2.0": "0.5", "4.0": "0.25"}.get(divisor)
    return f"{_bracketed(left, _PRODUCT)} * {inverse or f'(1 / {divisor})'}"


def _expression(node: ast.expr) -> tuple[str, int]:
    """Its text, and how much it binds."""
    import ast

    match node:
        case ast.Name(id=name):
            return {_IN: "in", "x": "here"}.get(name, name), _ATOM
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return ast.unparse(node), _ATOM
        case ast.Attribute(value=ast.Name(id=name), attr=field) if name not in PACKAGES:
            return f"{_expression(node.value)[0]}.{field}", _ATOM
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_bracketed(_expression(operand), _ATOM)}", _SUM
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
            sign = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}[type(node.op)]
            return _signed(sign, [_expression(left), _expression(right)])
        case ast.BinOp() if _is_number(node):
            return re.sub(rf"\b{_IN}\b", "in", ast.unparse(node)), _SUM
        case ast.BinOp(left=left, op=ast.Div(), right=right) if _is_number(right):
            return _divided(left, right)
        case ast.Call():
            return _call(node)
    raise _UnreadError


def _divided(left: ast.expr, right: ast.expr) -> tuple[str, int]:
    return divided(_expression(left), _bracketed(_expression(right), _ATOM)), _PRODUCT


def _bracketed(piece: tuple[str, int], binds: int) -> str:
    text, own = piece
    return text if own >= binds else f"({text})"


def _signed(sign: str, pieces: Sequence[tuple[str, int]]) -> tuple[str, int]:
    least = _PRODUCT if sign == "*" else _SUM
    first, *rest = pieces
    # What stands behind is done first, as it was.
    right = [_bracketed(one, least + 1) for one in rest]
    return f" {sign} ".join([_bracketed(first, least), *right]), least


def _is_number(node: ast.expr) -> bool:
    """Whether no tensor can be in it."""
    import ast

    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ast.UnaryOp(operand=operand):
            return _is_number(operand)
        case ast.BinOp(left=left, right=right):
            return _is_number(left) and _is_number(right)
        case ast.Attribute(value=ast.Name(id=name)):
            return name not in PACKAGES
        case _:
            return False


@dataclass(frozen=True, slots=True)
class _Called:
    """A call: `is_bare` of a plain name, `items` where it has a list of tensors first."""

    name: str
    arguments: list[ast.expr]
    keywords: dict[str, ast.expr]
    items: list[ast.expr] | None
    is_bare: bool
    packages: tuple[str, ...] = ()

    @property
    def tensors(self) -> list[ast.expr]:
        return self.arguments if self.items is None else self.items

    @property
    def rest(self) -> list[ast.expr]:
        """What stands behind a list, or behind the first tensor."""
        return self.arguments[1:]


def _read(node: ast.Call) -> _Called:
    import ast

    function, arguments = node.func, list(node.args)
    keywords = [*node.keywords]
    is_bare, packages = False, tuple[str, ...]()
    if isinstance(function, ast.Call):  # `Add()([a, b])`
        if function.args or len(arguments) != 1:
            raise _UnreadError
        keywords += function.keywords
        function = function.func
    match function:
        case ast.Name(id=name):
            is_bare = not isinstance(node.func, ast.Call)
        case ast.Attribute(value=value, attr=name):
            packages = _dotted(value)
            if not packages:
                arguments = [value, *arguments]
        case _:
            raise _UnreadError
    named = {one.arg: one.value for one in keywords if one.arg not in _SAYS_NOTHING}
    if not arguments or any(isinstance(one, ast.Starred) for one in arguments) or None in named:
        raise _UnreadError
    first = arguments[0]
    items = list(first.elts) if isinstance(first, ast.List | ast.Tuple) else None
    if items == [] or any(isinstance(one, ast.Starred) for one in items or ()):
        raise _UnreadError
    return _Called(name, arguments, named, items, is_bare, packages)  # type: ignore[arg-type]


def _dotted(node: ast.expr) -> tuple[str, ...]:
    """The names of a package; none for what is none."""
    import ast

    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return (node.id, *names[::-1]) if isinstance(node, ast.Name) and node.id in PACKAGES else ()


def _call(node: ast.Call, *, is_whole: bool = False) -> tuple[str, int]:
    import ast

    called = _read(node)
    name = fold(called.name)
    if name in ACTIVATIONS:
        whole = f"`{name}` is a step: `join {_expression(called.tensors[0])[0]}`, then `{name}`"
        part = f"`{name}` is a step, before the `join`: `keep` names what it makes"
        raise _DiffersError(whole if is_whole else part)
    if called.name in NUMERIC and all(map(_is_number, called.arguments)):
        return f"{called.name}({', '.join(ast.unparse(one) for one in called.arguments)})", _ATOM
    reduced = _reduced(called)
    if reduced is not None:
        return reduced
    pieces = [_expression(one) for one in called.tensors]
    if called.is_bare and called.name in ("sum", "mean") and len(pieces) == 1:
        return f"{called.name}({pieces[0][0]})", _ATOM  # of the copies of a branch
    meant = "+" if called.name == "sum" else meaning(called.name)
    if meant == "concat":
        _check_axis(called)
        return _function("concat", pieces)
    if meant in ("+", "-") and len(called.tensors) == len(called.arguments):
        pieces = _scaled(called, pieces)
    elif called.keywords or (called.items is not None and called.rest):
        raise _UnreadError
    return _combined(meant, called, pieces)


def _combined(
    meant: str | None, called: _Called, pieces: Sequence[tuple[str, int]]
) -> tuple[str, int]:
    if meant == "abs" and len(pieces) == 1:
        return f"max({pieces[0][0]}, -{_bracketed(pieces[0], _ATOM)})", _ATOM
    if meant == "/" and len(pieces) == 2 and _is_number(called.tensors[1]):
        return _divided(*called.tensors)
    if len(pieces) < 2 or meant is None:
        raise _UnreadError
    if meant in ("+", "-", "*"):
        return _signed(meant, pieces)
    if meant == "mean":
        return divided(_signed("+", pieces), str(len(pieces))), _PRODUCT
    if meant == "min":
        opposite = [(f"-{_bracketed(one, _ATOM)}", _SUM) for one in pieces]
        return f"-{_function('max', opposite)[0]}", _SUM
    if meant == "max":
        return _function(meant, pieces)
    if meant == "stack":
        raise _DiffersError(_STACK)
    raise _UnreadError


def _function(name: str, pieces: Sequence[tuple[str, int]]) -> tuple[str, int]:
    return f"{name}({', '.join(text for text, _ in pieces)})", _ATOM


def _reduced(called: _Called) -> tuple[str, int] | None:
    """`torch.stack([a, b]).sum(0)`, which adds them; `torch.sum(a, 1)`, which has no word."""
    import ast

    meant = _REDUCTIONS.get(fold(called.name).removeprefix("reduce"))
    is_axis = all(map(_is_axis, called.rest)) and called.keywords.keys() <= {*_AXES}
    # `max(a, 0)` is of a tensor and a number.
    is_elementwise = called.is_bare and called.rest and fold(called.name) in ("max", "min", "add")
    is_added = fold(called.name) == "add" and bool(called.rest)
    if meant is None or called.items is not None or not is_axis or is_elementwise or is_added:
        return None
    stacked = called.arguments[0]
    inner = _read(stacked) if isinstance(stacked, ast.Call) else None
    if inner is not None and inner.name == "stack" and inner.items is not None:
        axes = [_axis(one) for one in (called, inner)]
        if "keepdim" in called.keywords or "keepdims" in called.keywords:
            raise _DiffersError(_STACK)
        if axes[0] is not None and axes[0] == (axes[1] or 0) and len(inner.items) > 1:
            pieces = [_expression(one) for one in inner.items]
            return _combined(meant, inner, pieces)
    if called.is_bare and not called.rest and not called.keywords and called.name in _REDUCED:
        return None if called.name != "max" else _no_reduction(called.name)
    return _no_reduction(fold(called.name).removeprefix("reduce"))


def _no_reduction(name: str) -> tuple[str, int]:
    raise _DiffersError(_REDUCED.get(name.removeprefix("a"), _NO_REDUCTION))


def _is_axis(node: ast.expr) -> bool:
    import ast

    if isinstance(node, ast.List | ast.Tuple):
        return all(map(_is_axis, node.elts))
    return _is_number(node) or (isinstance(node, ast.Constant) and node.value in (True, False))


def _axis(called: _Called) -> int | None:
    """The axis that a call says, if it is one number."""
    import ast

    given = [*called.rest, *(called.keywords[one] for one in _AXES[:2] if one in called.keywords)]
    if not given:
        return None
    try:
        value = ast.literal_eval(given[0])
    except ValueError:
        raise _UnreadError from None
    if not isinstance(value, int) or len(given) > 1:
        raise _UnreadError
    return value


def _check_axis(called: _Called) -> None:
    """Whether tensors are put together along their channels: Keras has them last."""
    if called.items is None:
        given = called.arguments
        is_axis = len(given) > 2 and _is_number(given[-1])
        if is_axis or called.keywords.keys() & {*_AXES}:
            raise _DiffersError(_ALONG)
        return
    if called.keywords.keys() - {*_AXES[:2]}:
        raise _UnreadError
    is_keras = bool({"keras", "layers", "tf"} & {*called.packages}) or called.name[0].isupper()
    if _axis(called) not in (None, 1, *((-1, 3) if is_keras else (-3,))):
        raise _DiffersError(_ALONG)


def _scaled(called: _Called, pieces: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """`torch.add(a, b, alpha=2)`, and `torch.add(a, 2, b)` of old."""
    keywords, pieces = dict(called.keywords), list(pieces)
    alpha = keywords.pop("alpha", None)
    if keywords:
        raise _UnreadError
    if len(pieces) == 3 and "torch" in called.packages and _is_number(called.arguments[1]):
        by = pieces.pop(1)
    elif alpha is not None and len(pieces) == 2:
        by = _expression(alpha)
    else:
        return pieces
    return [pieces[0], _signed("*", [by, pieces[1]])]
