"""How one constructor builds a module, for all members of its class at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from resdsl.design.model import Apply
from resdsl.targets.class_names import ModuleParameter, NumberParameter, Parameter
from resdsl.targets.class_numbers import ClassNumbers, GivenNumber, InexpressibleError, Number
from resdsl.targets.classes import Emitted
from resdsl.targets.construct import Built, Construct, Placed
from resdsl.targets.nodes import Call, Node, Text, flat, parts
from resdsl.targets.progressions import progressions
from tests.targets.instructions import classes


class Place:
    """The modules with one key in all members of the block `b`, and the constructor there."""

    def __init__(self, definitions: str, uses: str, key: str = "m") -> None:
        found = classes(uses, definitions)
        bodies = [d.body for d in found.definitions if d.name == "b"]
        own = found.of(bodies[0])
        self.column = [
            next(apply for apply in member.body.modules() if apply.key == key)
            for member in own.members
        ]
        self.construct = Construct(found, ClassNumbers(own.members), self.called)
        # By the name of a class: its parameters, as if it were planned.
        self.parameters: dict[str, Callable[[Emitted], list[Parameter]]] = {}

    def called(self, emitted: Emitted) -> list[Parameter]:
        known = self.parameters.get(emitted.name)
        return [] if known is None else known(emitted)

    def node(self, **options: Any) -> Node:
        return self.construct.module([Placed(apply) for apply in self.column], **options)


def built(body: str, uses: str = "b(4) b(8)", more: str = "", **options: Any) -> str:
    """The module `m` of a block with this body, which has the parameters `w`, `n` and `s`."""
    definitions = (
        f"{more} block b(w: int, n: int = 1, s: bool = true) {{ {body} tail: conv(1, 4) }}"
    )
    return flat(Place(definitions, uses).node(**options))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("m: conv(3, 8)", "nn.Conv2d(4, 8, 3, padding=1, bias=False)"),
        ("m: conv(1, 8, bias=true)", "nn.Conv2d(4, 8, 1)"),
        ("m: conv(1, w, bias=true)", "nn.Conv2d(4, w, 1)"),
        ("m: conv(1, 2 * w, stride=w // 4)", "nn.Conv2d(4, 2 * w, 1, w // 4, bias=False)"),
        ("m: relu", "nn.ReLU()"),
        ("m: conv(1, 8, bias=true) x 2",
         "nn.Sequential(nn.Conv2d(4, 8, 1), nn.Conv2d(8, 8, 1))"),
        ("m: { conv(1, 4, bias=true) relu }",
         "nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU(inplace=True))"),
        ("m: { a: conv(1, w, bias=true) }",
         "nn.Sequential(OrderedDict(a=nn.Conv2d(4, w, 1)))"),
        ("m: { relu } x 3", "nn.Sequential(*(nn.Sequential(nn.ReLU()) for _ in range(3)))"),
        ("m: relu x w", "nn.Sequential(*(nn.ReLU() for _ in range(w)))"),
        ("m: relu x 0", "nn.Sequential()"),
        ("fork { m: relu x 2 } join sum(m)", "nn.ModuleList(nn.ReLU() for _ in range(2))"),
        ("fork { m: relu x 1 } join sum(m)", "nn.ModuleList([nn.ReLU()])"),
        ("m: { relu if index == 0 { tanh } } x 3",
         "nn.Sequential(nn.Sequential(nn.ReLU(), nn.Tanh()), "
         "nn.Sequential(nn.ReLU()), nn.Sequential(nn.ReLU()))"),
        # What the other copies leave of a number.
        ("m: { conv(1, 4 * w, bias=true) } x w",
         "nn.Sequential(nn.Sequential(nn.Conv2d(4, 4 * w, 1)), "
         "*(nn.Sequential(nn.Conv2d(4 * w, 4 * w, 1)) for _ in range(w - 1)))"),
        ("m: empty", "nn.Identity()"),
    ],
)  # fmt: skip
def test_built(body: str, text: str) -> None:
    assert built(body, more="block empty { }") == text


def test_in_place() -> None:
    assert built("m: relu", inplace=True) == "nn.ReLU(inplace=True)"


UNLIKE = [
    "if s { m: relu } else { m: tanh }",
    "m: conv(1, 4, bias=s)",
    "if s { m: relu } else { m: relu x 1 }",
    "if s { m: relu } else { m: { relu } }",
    "if s { m: { relu } } else { m: { tanh } }",
    "m: { relu if s and index == 1 { tanh } } x 2",
    "m: conv(1, 4 + index) x where(s, 2, 3)",
    "m: unit(s)",
]


@pytest.mark.parametrize("body", UNLIKE)
def test_no_expression_builds_modules_that_differ(body: str) -> None:
    """Of two blocks, each a class of its own: asked for together, they have none."""
    text = "block unit(s: bool) { conv(1, 4) if s { relu } }"
    for name in ("one", "other"):
        text += f" block {name}(s: bool) {{ {body} tail: conv(1, 4) }}"
    found = classes("one(true) other(false)", text)
    blocks = [d for d in found.definitions if d.name in ("one", "other")]
    applies = [next(m for m in block.body.modules() if m.key == "m") for block in blocks]
    made = [found.of(block.body).members[0] for block in blocks]
    construct = Construct(found, ClassNumbers(made), lambda _: [])
    with pytest.raises(InexpressibleError):
        construct.module([Placed(apply) for apply in applies])


def test_how_tensors_start_is_no_part_of_it() -> None:
    body = 'm: conv(1, 4, init=where(s, "zeros", "torch"))'
    place = Place(f"block b(s: bool) {{ {body} tail: conv(1, 4) }}", "b(true) b(false)")
    assert flat(place.node()) == "nn.Conv2d(4, 4, 1, bias=False)"


NUMBERS = "m: conv(1, where(w == 4, 5, 6), bias=true)"


def test_numbers_that_nothing_gives() -> None:
    with pytest.raises(InexpressibleError):
        built(NUMBERS)
    place = Place(f"block b(w: int) {{ {NUMBERS} tail: conv(1, 4) }}", "b(4) b(8)")
    node = place.node(hint="c")
    assert flat(node) == "nn.Conv2d(4, c_channels, 1)"
    assert [part.numbers for part in parts(node) if isinstance(part, GivenNumber)] == [
        (Number(5, None), Number(6, None))
    ]
    assert place.node(hint="c") == node


# --- calls of classes ----------------------------------------------------------------------------

CLASS = "block c(w: int) { a: conv(1, w) }"


def called(body: str, parameters: Callable[[Emitted], list[Parameter]], uses: str) -> str:
    place = Place(f"{CLASS} block b(w: int) {{ {body} tail: conv(1, 4) }}", uses)
    place.parameters["C"] = parameters
    return flat(place.node())


@pytest.mark.parametrize(
    ("uses", "parameter", "text"),
    [
        ("b(4)", NumberParameter("w", "int", source="w"), "C(8)"),
        ("b(4) b(8)", NumberParameter("w", "int", source="w"), "C(2 * w)"),
        ("b(4)", NumberParameter("w", "int", 8, "w"), "C()"),
        ("b(4)", NumberParameter("w", "int", 9, "w"), "C(8)"),
        ("b(4) b(8)", NumberParameter("w", "int", 8, "w"), "C(2 * w)"),
        ("b(4) b(8)", NumberParameter("w", "float", source="w"), "C(float(2 * w))"),
        ("b(4)", NumberParameter("k", "int", numbers=(Number(7, None),)), "C(7)"),
        ("b(4)", ModuleParameter("m", (None,)), "C()"),
    ],
)
def test_arguments(uses: str, parameter: Parameter, text: str) -> None:
    assert called("m: c(2 * w)", lambda _: [parameter], uses) == text


def test_behind_a_default_arguments_have_names() -> None:
    def parameters(_: Emitted) -> list[Parameter]:
        return [
            NumberParameter("w", "int", 8, "w"),
            NumberParameter("k", "int", numbers=(Number(7, None),)),
        ]

    assert called("m: c(2 * w)", parameters, "b(4)") == "C(k=7)"


def test_a_module_that_is_handed_in_is_built_at_the_call() -> None:
    """In the terms of the caller, two calls further out."""

    def parameters(emitted: Emitted) -> list[Parameter]:
        applies: list[Apply | None] = [next(member.body.modules()) for member in emitted.members]
        return [ModuleParameter("a", tuple(applies))]

    text = "C(nn.Conv2d(4, 2 * w, 1, bias=False))"
    assert called("m: c(2 * w)", parameters, "b(4) b(8)") == text


def test_a_call_knows_what_it_calls() -> None:
    place = Place(f"{CLASS} block b(w: int) {{ m: c(w) tail: conv(1, 4) }}", "b(4)")
    node = place.node()
    assert isinstance(node, Built)
    assert node.emitted is not None
    assert node.emitted.name == "C"
    helper = Place("block b { m: layer_scale(0.1) tail: conv(1, 4) }", "b").node()
    assert isinstance(helper, Built)
    assert helper.helper is not None


def test_what_is_handed_in_names_the_classes_that_all_callers_build() -> None:
    place = Place(f"{CLASS} block b(w: int) {{ m: c(w) x 2 tail: conv(1, 4) }}", "b(4) b(8)")
    handed = place.construct.handed(place.column)
    assert [emitted.name for emitted in handed.emitted] == ["C"]
    assert handed.text == "m"
    both = "block b(s: bool) { if s { m: c(4) } else { m: d } tail: conv(1, 4) }"
    place = Place(f"{CLASS} block d {{ a: tanh }} {both}", "b(true) b(false)")
    assert place.construct.handed(place.column).emitted == ()


@pytest.mark.parametrize(
    ("keys", "numbered", "text"),
    [
        ([], False, "nn.Sequential()"),
        (["0", "1"], True, "nn.Sequential(a, a)"),
        (["c", "d"], False, "nn.Sequential(OrderedDict(c=a, d=a))"),
        (["c", "0"], False, 'nn.Sequential(OrderedDict({"c": a, "0": a}))'),
    ],
)
def test_sequential(keys: list[str], numbered: bool, text: str) -> None:
    place = Place("block b { m: relu tail: conv(1, 4) }", "b")
    items: list[tuple[str, Node]] = [(key, Text("a")) for key in keys]
    contents = place.construct.contents(items, numbered=numbered)
    assert flat(Call("nn.Sequential", contents)) == text


# --- progressions --------------------------------------------------------------------------------


def row(*calls: str) -> list[Node]:
    """`"f 1 w"` is `f(1, w)`."""
    split = [call.split() for call in calls]
    return [Call(callee, tuple(map(Text, arguments))) for callee, *arguments in split]


@pytest.mark.parametrize(
    ("calls", "texts"),
    [
        (["f 1 w", "f 3 w", "f 5 w", "f 7 w"], ["*(f(1 + 2 * i, w) for i in range(4))"]),
        (["f 0", "f 1", "f 2", "f 3"], ["*(f(i) for i in range(4))"]),
        (["f 9", "f 8", "f 7", "f 6"], ["*(f(9 - i) for i in range(4))"]),
        (["f 0 5", "f 2 4", "f 4 3", "f 6 2"], ["*(f(2 * i, 5 - i) for i in range(4))"]),
        # Too few; equal ones, which are copies; a step that changes; another class or argument.
        (["f 1", "f 2", "f 3"], ["f(1)", "f(2)", "f(3)"]),
        (["f 1"] * 4, ["f(1)"] * 4),
        (["f 1", "f 2", "f 3", "g 4"], ["f(1)", "f(2)", "f(3)", "g(4)"]),
        (["f 1 w", "f 2 w", "f 3 w", "f 4 v"], ["f(1, w)", "f(2, w)", "f(3, w)", "f(4, v)"]),
        (["f 7", "f 1", "f 2", "f 3", "f 4"], ["f(7)", "*(f(1 + i) for i in range(4))"]),
        (["f 1", "f 2", "f 3", "f 4", "f 9"], ["*(f(1 + i) for i in range(4))", "f(9)"]),
    ],
)
def test_progressions(calls: list[str], texts: list[str]) -> None:
    assert [flat(node) for node in progressions(row(*calls), row(*calls), "i")] == texts


def test_a_progression_in_copies() -> None:
    def parameters(_: Emitted) -> list[Parameter]:
        return [NumberParameter(name, "int", source=name) for name in ("in_channels", "w")]

    text = "nn.Sequential(C(4, 4), *(C(4 + 2 * i, 6 + 2 * i) for i in range(4)))"
    assert called("m: c(4 + 2 * index) x 5", parameters, "b(4)") == text
