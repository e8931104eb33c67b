"""Values of Python for parameters of every type: numpy's, torch's, and what none should take."""

from __future__ import annotations

import enum
import re
from collections import UserList, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import resdsl
from resdsl.diagnostics.codes import OVERRIDE
from resdsl.diagnostics.model import Diagnostic, Sink
from resdsl.diagnostics.text import render, render_all
from resdsl.extents import Size
from resdsl.language.spec import Spec, open_spec
from resdsl.language.values import Callee, key
from resdsl.source import Source

TYPES = {
    "int": "1",
    "float": "1.5",
    "bool": "true",
    "string": '"a"',
    "size": "3",
    "op": "relu",
    "block": "basic",
    "shortcut": "projection",
    'one_of("y", "5")': '"y"',
    "list[int]": "[1]",
    "list[float]": "[1.5]",
    "list[bool]": "[true]",
    "list[string]": '["a"]',
    "list[size]": "[3]",
    "list[op]": "[relu]",
    "list[block]": "[basic]",
    "list[shortcut]": "[projection]",
    'list[one_of("y", "5")]': '["y"]',
    "list[list[int]]": "[[1]]",
    "": "1",
}


class Hostile(Exception):  # noqa: N818 (what a foreign class may raise)
    pass


def _raises(*_args: object, **_named: object) -> Any:
    raise Hostile


class HostileInt(int):
    __repr__ = __str__ = __format__ = __int__ = __index__ = __float__ = __abs__ = _raises
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _raises  # type: ignore[assignment]


class HostileStr(str):
    __repr__ = __str__ = __format__ = __len__ = __iter__ = strip = _raises  # type: ignore[assignment]
    __eq__ = __hash__ = _raises  # type: ignore[assignment]


class HostileFloat(float):
    __repr__ = __str__ = __format__ = __int__ = __float__ = __abs__ = _raises
    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _raises  # type: ignore[assignment]


class HostileObject:
    __getattribute__ = __repr__ = __str__ = __len__ = __iter__ = __index__ = __float__ = _raises
    __eq__ = __bool__ = __hash__ = _raises  # type: ignore[assignment]


class HostileMeta(type):
    __repr__ = __str__ = _raises
    __name__ = property(_raises)  # type: ignore[assignment]


class OfHostileMeta(metaclass=HostileMeta):
    pass


class Endless(UserList):  # type: ignore[type-arg]
    """A list that never ends."""

    def __iter__(self) -> Any:
        while True:
            yield 1


class Width(enum.IntEnum):
    WIDE = 5


class Order(enum.StrEnum):
    Y = "y"


class Indexed:
    def __index__(self) -> int:
        return 5


def nested() -> list[Any]:
    """A list in itself."""
    found: list[Any] = []
    found.append(found)
    return found


Pair = namedtuple("Pair", "h w")

INTS = ["int", "float", "size", ""]
FLOATS = ["float", ""]
PAIR = ["size", "list[int]", "list[float]", "list[size]", ""]

# What is given, the types that take it, and what the language has then: of a float parameter the
# float, of a size parameter the size. A callable makes what can be used only once.
GIVEN: dict[str, tuple[Any, list[str], Any]] = {
    "int": (5, INTS, 5),
    "0": (0, INTS, 0),
    "-5": (-5, INTS, -5),
    "2**63 - 1": (2**63 - 1, INTS, 2**63 - 1),
    "2**63": (2**63, [], None),
    "-2**63": (-(2**63), [], None),
    "10**5000": (10**5000, [], None),
    "np.int64": (np.int64(5), INTS, 5),
    "np.uint8": (np.uint8(5), INTS, 5),
    "np.uint64": (np.uint64(2**64 - 1), [], None),
    "0-d": (np.array(5), INTS, 5),
    "0-d float": (np.array(0.5), FLOATS, 0.5),
    "tensor": (torch.tensor(5), INTS, 5),
    "parameter": (torch.nn.Parameter(torch.tensor(0.5)), FLOATS, 0.5),
    "meta tensor": (torch.empty((), device="meta"), [], None),
    "IntEnum": (Width.WIDE, INTS, 5),
    "__index__": (Indexed(), INTS, 5),
    "hostile int": (HostileInt(5), INTS, 5),
    "float": (0.5, FLOATS, 0.5),
    "2.0": (2.0, FLOATS, 2.0),
    "-0.0": (-0.0, FLOATS, -0.0),
    "np.float64": (np.float64(0.5), FLOATS, 0.5),
    "np.float16": (np.float16(0.5), FLOATS, 0.5),
    "np.longdouble": (np.longdouble(0.5), FLOATS, 0.5),
    "bfloat16": (torch.tensor(0.5, dtype=torch.bfloat16), FLOATS, 0.5),
    "Fraction": (Fraction(1, 2), FLOATS, 0.5),
    "Decimal": (Decimal("0.5"), FLOATS, 0.5),
    "hostile float": (HostileFloat(0.5), FLOATS, 0.5),
    "NaN": (float("nan"), [], None),
    "inf": (float("inf"), [], None),
    "np.inf": (-np.inf, [], None),
    "Decimal NaN": (Decimal("nan"), [], None),
    "1e300": (1e300, [], None),
    "complex": (1j, [], None),
    "np.complex64": (np.complex64(1j), [], None),
    "bool": (True, ["bool", ""], True),
    "np.bool": (np.bool_(False), ["bool", ""], False),
    "tensor of a bool": (torch.tensor(True), ["bool", ""], True),
    "str": ("ten", ["string", ""], "ten"),
    "choice": ("y", ["string", 'one_of("y", "5")', ""], "y"),
    "StrEnum": (Order.Y, ["string", 'one_of("y", "5")', ""], "y"),
    "np.str_": (np.str_("y"), ["string", 'one_of("y", "5")', ""], "y"),
    "hostile str": (HostileStr("y"), ["string", 'one_of("y", "5")', ""], "y"),
    "digits": ("5", ["string", "size", 'one_of("y", "5")', ""], "5"),
    "size": ("3x5", ["string", "size", ""], "3x5"),
    "a size with blanks": ("3 × 5", ["string", "size", ""], "3 × 5"),
    "op": ("relu", ["string", "op", "block", "shortcut", ""], "relu"),
    "with arguments": ("dropout(0.2)", ["string", "op", "block", "shortcut", ""], "dropout(0.2)"),
    "slot": ("norm", ["string", "op", "block", "shortcut", ""], "norm"),
    "block": ("bottleneck", ["string", "block", "shortcut", ""], "bottleneck"),
    "its own block": ("mine(w=5)", ["string", "block", "shortcut", ""], "mine(w=5)"),
    "shortcut": ("zero_pad", ["string", "shortcut", ""], "zero_pad"),
    "misspelled": ("basci", ["string", ""], "basci"),
    "empty": ("", ["string", ""], ""),
    "two values": ("relu, relu", ["string", ""], "relu, relu"),
    "a network": ("n", ["string", ""], "n"),
    "code": ("__import__('os')", ["string", ""], "__import__('os')"),
    "quoted": ('"y"', [], None),
    "two lines": ("relu\nrelu", [], None),
    "surrogate": ("\ud800", [], None),
    "NUL": ("\0", [], None),
    "bytes": (b"5", [], None),
    "bytearray": (bytearray(b"5"), [], None),
    "np.bytes_": (np.bytes_(b"5"), [], None),
    "tuple": ((3, 5), PAIR, (3, 5)),
    "list": ([3, 5], PAIR, (3, 5)),
    "torch.Size": (torch.Size([3, 5]), PAIR, (3, 5)),
    "namedtuple": (Pair(3, 5), PAIR, (3, 5)),
    "range": (range(3, 5), PAIR, (3, 4)),
    "deque": (deque([3, 5]), PAIR, (3, 5)),
    "array": (np.array([3, 5]), PAIR, (3, 5)),
    "1-d tensor": (torch.tensor([3, 5]), PAIR, (3, 5)),
    "list of np.int64": ([np.int64(3), 5], PAIR, (3, 5)),
    "one": ((3,), PAIR, (3,)),
    "floats": ([0.5, 1], ["list[float]", ""], (0.5, 1)),
    "array of floats": (np.array([0.5, 1.0]), ["list[float]", ""], (0.5, 1.0)),
    "bools": (np.array([True, False]), ["list[bool]", ""], (True, False)),
    "choices": (["y", "5"], ["list[string]", 'list[one_of("y", "5")]', ""], ("y", "5")),
    "sizes": (["3x5", 3], ["list[size]", ""], ("3x5", 3)),
    "pairs": ([(3, 5), [1]], ["list[size]", "list[list[int]]", ""], ((3, 5), (1,))),
    "matrix": (np.array([[3, 5], [1, 2]]), ["list[size]", "list[list[int]]", ""], ((3, 5), (1, 2))),
    "blocks": (
        ["basic", "mine"], ["list[string]", "list[block]", "list[shortcut]", ""], ("basic", "mine"),
    ),
    "nothing": ([], [t for t in TYPES if t.startswith("list")] + [""], ()),
    "list with None": ([1, None], [], None),
    "list of objects": ([object()], [], None),
    "masked": (np.ma.masked, [], None),
    "array of objects": (np.array([None]), [], None),
    "dates": (np.array(["2020-01-01"], dtype="datetime64[D]"), [], None),
    "long": ([1] * 10_001, [], None),
    "long array": (np.broadcast_to(np.int64(1), 10**9), [], None),
    "endless": (Endless(), [], None),
    "nested": (nested(), [], None),
    "None": (None, [], None),
    "object": (object(), [], None),
    "hostile object": (HostileObject(), [], None),
    "of a hostile class": (OfHostileMeta(), [], None),
    "a hostile class": (OfHostileMeta, [], None),
    "dict": ({"a": 1}, [], None),
    "set": ({1, 2}, [], None),
    "generator": ((n for n in [1]), [], None),
    "map": (map(int, "12"), [], None),
    "dict keys": ({1: 2}.keys(), [], None),
    "class": (torch.nn.ReLU, [], None),
    "module": (torch.nn.ReLU(), [], None),
    "function": (torch.nn.functional.relu, [], None),
    "lambda": (lambda: 5, [], None),
    "Path": (Path("relu"), [], None),
    "NotImplemented": (NotImplemented, [], None),
    "Ellipsis": (..., [], None),
    "dtype": (torch.float32, [], None),
    "a spec": (resdsl.design, [], None),
}  # fmt: skip
CALLEES = ("op", "block", "shortcut")


@pytest.fixture(scope="module")
def spec() -> Spec:
    """A network for each type, called by its number, whose parameter `p` is of that type."""
    text = "".join(
        f"network n{number}(p{f': {type_}' if type_ else ''} = {default}) {{\n"
        "    input 3 x 8 x 8\n    conv(1, 4)\n}\n"
        for number, (type_, default) in enumerate(TYPES.items())
    )
    found = open_spec(
        Source("n.res", text + "block mine(w: int = 8) { conv(3, w) }\n"), None, Sink()
    )
    assert found is not None
    return found


def test_each_type_has_a_value_that_it_takes() -> None:
    assert {name for _, types, _ in GIVEN.values() for name in types} == set(TYPES)


@pytest.mark.parametrize("name", GIVEN)
def test_every_type(spec: Spec, name: str) -> None:
    """It is taken as what it is meant for, or refused by its own type, in Python's words."""
    value, types, expected = GIVEN[name]
    for number, type_ in enumerate(TYPES):
        sink = Sink()
        found = spec.elaborate(f"n{number}", sink, settings={"p": value})
        if type_ in types:
            assert found is not None, render_all(sink.diagnostics)
            _same(found.network.root.arguments["p"], expected, type_)
        else:
            assert found is None, type_
            _refused(sink.diagnostics, value)


def _same(found: Any, expected: Any, type_: str) -> None:
    if type_.startswith("list["):
        assert type(found) is tuple and len(found) == len(expected)
        for item, other in zip(found, expected, strict=True):
            _same(item, other, type_[5:-1])
    elif type_ in CALLEES:
        assert isinstance(found, Callee)
        assert found.name == expected.partition("(")[0]
        assert bool(found.bound) == ("(" in expected)
    elif type_ == "float":
        assert type(found) is float and repr(found) == repr(float(expected))
    elif type_ == "size" and not isinstance(expected, int):
        numbers = expected.replace("×", "x").split("x") if isinstance(expected, str) else expected
        size = Size(map(int, numbers))
        assert key(found) == key(size if isinstance(expected, tuple) or len(size) > 1 else size[0])
    else:
        assert key(found) == key(expected)
        assert type(found) is type(expected) or isinstance(expected, tuple)


def _refused(diagnostics: list[Diagnostic], value: Any) -> None:
    assert diagnostics
    for found in diagnostics:
        said = render(found)
        if found.code is OVERRIDE:
            assert re.match(r"`p(\[\d+\])*` of `n\d+` ", said.partition(": ")[2])
            assert "must be " in said or "no string of the language" in said
        else:  # of the text of an operator or block
            assert re.search(r"--> n\d+\(p(\[\d+\])*=…\):1:", said)
            assert isinstance(value, str | list)
        assert "--set" not in said
        assert "?" not in said.replace("did you mean", "").replace("`?", "")
        assert len(said) < 500
