"""Values of Python for parameters of every type: numpy's, torch's, and what none should take."""

from __future__ import annotations

import enum
import functools
import re
from collections import UserList, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import torch

import resdsl
from resdsl.diagnostics.codes import OVERRIDE
from resdsl.diagnostics.diagnostic import Diagnostic, Sink
from resdsl.diagnostics.text import render, render_all
from resdsl.extents import Size
from resdsl.language.spec import Spec, open_spec
from resdsl.language.values.values import Callee, key
from resdsl.source import Source

np = pytest.importorskip("numpy", reason="many of the values are NumPy's")

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
    "partial": (functools.partial(int), [], None),
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


# --- from elsewhere than a keyword ----------------------------------------------------------------

FAMILY = """\
block unit(width: int) { conv(3, width) norm act }
network family(unit: block = unit, widths: list[int] = [4], stem: string = "plain") {
    input 3 x 8 x 8
    for width in widths { unit(width) }
    if stem == "pooled" { maxpool(2) }
}
network net = family(widths=[4, 8])
"""


def test_a_name_is_one_of_the_network_s_file(tmp_path: Path) -> None:
    """Its own definitions come first, then its imports, then what is known everywhere."""
    (tmp_path / "blocks.res").write_text("block wide(width: int) { conv(5, width) }\n")
    path = tmp_path / "family.res"
    path.write_text('from "blocks.res" import wide\n' + FAMILY)
    for unit in ("unit", "wide", "basic", "basic(shortcut=zero_pad)"):
        written = path.read_text().replace("block = unit", f"block = {unit}")
        (tmp_path / "written.res").write_text(written)
        expected = resdsl.design(tmp_path / "written.res", net="family").source()
        found = resdsl.design(path, unit=unit).source()
        assert found.partition("class ")[2] == expected.partition("class ")[2]


def test_what_is_given_reaches_the_module() -> None:
    model = resdsl.load(
        FAMILY, net="family", widths=np.array([4, 6]), stem="pooled", seed=np.int64(3)
    )
    assert model(torch.zeros(1, 3, 8, 8)).shape == (1, 6, 4, 4)
    assert "numpy" not in resdsl.design(FAMILY, net="family", widths=np.array([4, 6])).source()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"settings": {"widths": [4]}, "widths": [4]}, "'widths' is given twice"),
        ({"settings": [4]}, "settings are a mapping of names to values, not the list"),
        ({"settings": "widths"}, "settings are a mapping"),
        ({"net": 5}, "net is the name of a network, not the int 5"),
    ],
)
@pytest.mark.parametrize("call", [resdsl.design, resdsl.check, resdsl.load, resdsl.compile])
def test_what_no_network_could_take(call: Any, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        call(FAMILY, **arguments)


@pytest.mark.parametrize("name", [5, None, (1, 2), b"widths"])
def test_names_that_are_none(name: Any) -> None:
    with pytest.raises(resdsl.SpecError, match="the name of a parameter of `family` must be a str"):
        resdsl.design(FAMILY, net="family", settings={name: 1})


def test_names_of_another_class() -> None:
    assert resdsl.design(FAMILY, net="family", settings={np.str_("widths"): [6]}).output[0] == 6


def test_a_bound_parameter() -> None:
    with pytest.raises(resdsl.SpecError, match=r"has its value already: `net = family\(widths"):
        resdsl.design(FAMILY, net="net", widths=[4])


def test_a_design_has_its_values() -> None:
    design = resdsl.design(FAMILY, net="family").to_json()
    with pytest.raises(resdsl.SpecError, match="whose parameters are bound: widths needs its spec"):
        resdsl.design(design, widths=[4])


@pytest.mark.parametrize("seed", [1.0, "1", True, [1]])
def test_a_seed_is_an_int(seed: Any) -> None:
    with pytest.raises(TypeError, match="a seed is an int, not the "):
        resdsl.load(FAMILY, net="family", seed=seed)


@pytest.mark.parametrize(
    ("keyword", "value", "help"),
    [
        ("num_classes", 10, "did you mean `classes`?"),
        ("nb_classes", 10, "did you mean `classes`?"),
        ("in_chans", 1, "`input=(1, 224, 224)`"),
        ("in_channels", np.int64(4), "`input=(4, 224, 224)`"),
        ("input_shape", (224, 224, 3), "`input=256`"),
        ("img_size", 320, "`input=320`"),
        ("pretrained", True, "resdsl brings no weights"),
        ("pretrained", False, "resdsl brings no weights"),
        ("weights", "DEFAULT", "resdsl brings no weights"),
        ("device", "cpu", "`resdsl.load` takes it"),
        ("features_only", True, '`features="pyramid"`'),
        ("include_top", False, '`features="layer4"`'),
        ("norm_layer", torch.nn.GroupNorm, "`set norm = groupnorm`"),
        ("act_layer", "silu", "`set act = silu`"),
        ("drop_path_rate", 0.1, "`bottleneck(64, drop_rate=0.1 * progress)`"),
        ("replace_stride_with_dilation", [False, False, True], "`output_stride=16`"),
        ("wdith", 16, "it has `classes`"),
    ],
)
def test_keywords_of_other_libraries(keyword: str, value: Any, help: str) -> None:
    with pytest.raises(resdsl.SpecError) as caught:
        resdsl.design("resnet50", **{keyword: value})
    (error,) = caught.value.diagnostics
    assert error.message == f"`resnet50` has no parameter `{keyword}`"
    assert any(help in one for one in error.help), error.help


def test_no_classes() -> None:
    """A network without its head is not one with a head of none."""
    with pytest.raises(resdsl.SpecError, match=r"must be at least 1, not 0(.|\n)*Identity"):
        resdsl.design("resnet50", classes=0)
    with pytest.raises(resdsl.SpecError, match="its number of classes stands in its text"):
        resdsl.design("network n { input 4 linear(10) }\n", num_classes=3)


# --- input sizes ----------------------------------------------------------------------------------


def net(declared: str) -> str:
    return f"network n {{\n    input {declared}\n    act\n}}\n"


@pytest.mark.parametrize(
    ("declared", "given", "input"),
    [
        ("3 x 32 x 32", 64, (3, 64, 64)),
        ("3 x 32 x 32", np.int64(64), (3, 64, 64)),
        ("3 x 32 x 32", "64", (3, 64, 64)),
        ("3 x 32 x 32", (64, 48), (3, 64, 48)),
        ("3 x 32 x 32", "64x48", (3, 64, 48)),
        ("3 x 32 x 32", "64 × 48", (3, 64, 48)),
        ("3 x 32 x 32", "HxW", (3, "H", "W")),
        ("3 x 32 x 32", ("W", 48), (3, "W", 48)),
        ("3 x 32 x 32", (1, 64, 48), (1, 64, 48)),
        ("3 x 32 x 32", "1,64,48", (1, 64, 48)),
        ("3 x 32 x 32", torch.Size([1, 64, 48]), (1, 64, 48)),
        ("3 x 32 x 32", torch.zeros(2, 1, 64, 48).shape[1:], (1, 64, 48)),
        ("3 x 32 x 32", np.array([1, 64, 48]), (1, 64, 48)),
        ("3 x 32 x 32", [3, "H", 48], (3, "H", 48)),
        ("3 x 32 x 32", "3 x W x 48", (3, "W", 48)),
        ("3 x H x 32", 64, (3, 64, 64)),
        ("2 x 16000", 9, (2, 9)),
        ("2 x 16000", "L", (2, "L")),
        ("2 x 16000", (1, 9), (1, 9)),
        ("2 x 16000", "1x9", (1, 9)),
        ("1 x 64 x 64 x 64", 32, (1, 32, 32, 32)),
        ("1 x 64 x 64 x 64", (16, 32, 32), (1, 16, 32, 32)),
        ("784", 512, (512,)),
        ("784", (4,), (4,)),
    ],
)
def test_input_sizes(declared: str, given: Any, input: tuple[int | str, ...]) -> None:
    found = resdsl.design(net(declared), input=given)
    assert found.input == input
    assert len(set(found.network.input.names)) == len(input) - 1
    design = resdsl.design(net(declared)).to_json()
    if found.network.input.channels == resdsl.design(design).network.input.channels:
        assert resdsl.design(design, input=given).input == input
    else:
        with pytest.raises(resdsl.SpecError, match=r"the network's input has \d+ channels"):
            resdsl.design(design, input=given)


@pytest.mark.parametrize(
    ("declared", "given", "said"),
    [
        ("3 x 32 x 32", 3, "input=3: is 3 the channels, or an extent?"),
        ("3 x 32 x 32", 1, r"say `input=\(3, 1, 1\)` or `input=\(1, 32, 32\)`"),
        ("64 x 56 x 56", 64, "is 64 the channels, or an extent?"),
        ("64 x 56 x 56", "64x28", "is 64 the channels, or an extent?"),
        ("2 x 16000", 2, r"say `input=\(2, 2\)` or `input=\(2, 16000\)`"),
        ("3 x 32 x 32", (8, 3, 64, 64), r"without the batch this is \(3, 64, 64\)"),
        ("3 x 32 x 32", "H", r'of all of them: `input=\("H", "W"\)`'),
        ("3 x 32 x 32", ("H", 32, 32), "channels of an input are never free"),
        *[
            ("3 x 32 x 32", wrong, "is not an input size")
            for wrong in (
                1.5, 0, -5, True, "", "a", "3x", "3xhxw", "3xHxH", "3x1e2x3", (), (3, 1.5, 2), b"3",
                {}, {3: 32}, {3, 32}, (3, None, 32), [[3, 32, 32]], nested(),
                float("nan"), "3x-1x2", ("H", "H"), torch.empty(2, device="meta"), "٣x32x32",
            )
        ],
        ("3 x 32 x 32", 2**31, "a dimension is at most 2,147,483,647"),
        ("3 x 32 x 32", 10**50, "a dimension is at most 2,147,483,647"),
        ("3 x 32 x 32", 2**30, "an input has at most 2..60 elements"),
    ],
)  # fmt: skip
def test_what_is_no_input_size(declared: str, given: Any, said: str) -> None:
    with pytest.raises(resdsl.SpecError, match=said) as caught:
        resdsl.design(net(declared), input=given)
    assert "--input" not in str(caught.value)
    with pytest.raises(resdsl.SpecError, match=said):
        resdsl.design(resdsl.design(net(declared)).to_json(), input=given)


@pytest.mark.parametrize(
    ("declared", "given", "help"),
    [
        ("3 x 32 x 32", (64, 48, 3), "`input=(3, 64, 48)`"),
        ("3 x 32 x 32", "64x48x3", "`input=(3, 64, 48)`"),
        ("1 x 32 x 32", (64, 64, 1), "`input=(1, 64, 64)`"),
        ("3 x 32 x 32", (3, 64, 3), None),
        ("3 x 32 x 32", (64, 3, 3), None),
        ("3 x 32 x 32", (64, 48, 4), None),
        ("32 x 32 x 32", (64, 48, 32), None),
        ("3 x 32", (64, 3), None),
    ],
)  # fmt: skip
def test_channels_last(declared: str, given: Any, help: str | None) -> None:
    found = resdsl.check(net(declared), input=given).diagnostics
    expected = [] if help is None else [("W1016", (f"channels come first: {help}",))]
    assert [(one.code.id, tuple(one.help)) for one in found] == expected


@pytest.mark.parametrize(
    "extents",
    [
        (64, 48), ((64, 48),), ([64, 48],), (torch.Size([64, 48]),), (np.array([64, 48]),),
        (np.int64(64), np.uint8(48)), (torch.tensor(64), 48), ("64x48",), ("64 × 48",),
        ((3, 64, 48),), ("3x64x48",), ("64, 48",), (3, 64, 48),
    ],
)  # fmt: skip
def test_at(extents: tuple[Any, ...]) -> None:
    design = resdsl.design(net("3 x 32 x 32"))
    assert design.at(*extents).input == (3, 64, 48)
    if len(extents) == 1:
        assert "3×64×48" in str(design.size_table(32, *extents, batch=np.int64(2)))


@pytest.mark.parametrize(
    "extents",
    [
        (True,), (None,), (64.0, 64), ("64", 64), ("a",), ((4, 64, 48),), ({64, 48},), ("64x",),
        ([64, [48]],), (b"64",), (nested(),), ("9" * 5000,),
    ],
)  # fmt: skip
def test_at_takes_no_other_values(extents: tuple[Any, ...]) -> None:
    design = resdsl.design(net("3 x 32 x 32"))
    with pytest.raises(TypeError, match=r"at\(\) takes 2 whole numbers \(H, W\)"):
        design.at(*extents)
    for batch in (True, 1.0, "1", None):
        with pytest.raises(TypeError, match="a batch is a number of samples, not "):
            design.size_table(32, batch=batch)


@pytest.mark.parametrize("extent", [0, -1, 2**31, 10**30])
def test_at_an_extent_that_is_none(extent: int) -> None:
    with pytest.raises(resdsl.SpecError):
        resdsl.design(net("3 x 32 x 32")).at(extent)


def test_what_has_no_text() -> None:
    design = resdsl.design(net("3 x 32 x 32"))
    for wrong in (HostileObject(), OfHostileMeta()):
        with pytest.raises(TypeError, match=r"at\(\) takes 2 whole numbers"):
            design.at(wrong)  # type: ignore[arg-type]
        with pytest.raises(resdsl.SpecError, match="is not an input size"):
            resdsl.design(net("3 x 32 x 32"), input=wrong)  # type: ignore[arg-type]
    with pytest.raises(resdsl.SpecError, match="a dimension is at most"):
        resdsl.design(net("3 x 32 x 32"), input=10**5000)
    with pytest.raises(resdsl.SpecError):
        design.at(10**5000)
