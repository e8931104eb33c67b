"""The numbers of a class: literals, expressions, and what its caller must give; their names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import pytest

from resdsl.design.model import Body, Definition, Parameter
from resdsl.extents import Shape, Size
from resdsl.extents.extent import Extent
from resdsl.provenance import Bound, Leaf, origin, plain, traced
from resdsl.targets.attributes import HeldNumber
from resdsl.targets.class_names import ClassNames, GivenModule, annotation
from resdsl.targets.class_numbers import (
    ClassNumbers,
    Formula,
    GivenNumber,
    InexpressibleError,
    Member,
    Number,
    as_float,
    number,
)
from resdsl.targets.nodes import Call, Generator, Node, Operation, Text, flat

Expression = Callable[..., Any]

# Two elaborations of one block. They differ in `width` and `n` alone.
MEMBERS: list[dict[str, Any]] = [
    {"width": 64, "k": 3, "n": 1, "in_channels": 16},
    {"width": 128, "k": 3, "n": 7, "in_channels": 16},
]


def scope(
    members: Sequence[dict[str, Any]] = MEMBERS,
    *,
    defaults: dict[str, Any] | None = None,
    kind: Literal["block", "shortcut", "network"] = "block",
    incoming: Sequence[int] = (16, 16),
    **options: Any,
) -> ClassNumbers:
    """Of a definition with the parameters `width`, `k` and `n`, elaborated for these arguments."""
    written = tuple(
        Parameter(name, "int", (defaults or {}).get(name)) for name in ("width", "k", "n")
    )
    made = []
    for arguments, channels in zip(members, incoming, strict=True):
        body = Body(0, 0, [])
        shapes = [Shape(channels, (Extent(0), Extent(1)))]
        definition = Definition(
            "b", kind, "f:b", "", written, dict(arguments), (0,), body, shapes, []
        )
        made.append(Member(definition, body))
    return ClassNumbers(made, **options)


def column(of: ClassNumbers, expression: Expression) -> list[Number]:
    """The numbers of an expression over the arguments, as each member has them."""
    return [
        number(expression(**{name: traced(n, Leaf(name)) for name, n in arguments.items()}))
        for arguments in (member.definition.arguments for member in of.members)
    ]


def numbers(*values: Any) -> list[Number]:
    """Numbers that come from nowhere."""
    return [Number(value, None) for value in values]


def let(name: str, value: Any) -> Any:
    source = origin(value)
    assert source is not None
    return traced(plain(value), Bound(name, source))


# --- one number ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (lambda k, **_: k, "3"),
        (lambda k, in_channels, **_: k * in_channels, "48"),
        (lambda width, **_: width, "width"),
        (lambda width, k, **_: width * (k + 1), "4 * width"),
        (lambda width, n, **_: width + n, "width + n"),
    ],
)
def test_a_number_over_the_arguments(expression: Expression, text: str) -> None:
    made = scope()
    assert made.number(column(made, expression), None).text == text


def test_equal_values_are_a_literal_wherever_they_come_from() -> None:
    made = scope()
    assert made.number(column(made, lambda width, **_: width // width), None) == Text("1")


@pytest.mark.parametrize(
    ("values", "text"), [((5, 5), "5"), ((0.5, 0.5), "0.5"), (((3, 5), (3, 5)), "(3, 5)")]
)
def test_literals(values: tuple[Any, ...], text: str) -> None:
    assert scope().number(numbers(*values), None) == Text(text)


def test_an_origin_of_one_member_that_fits_all() -> None:
    made = scope()
    first, second = column(made, lambda width, **_: 2 * width)
    assert made.number([Number(first.value, None), second], None).text == "2 * width"


def test_an_argument_that_happens_to_fit() -> None:
    found = scope().number(numbers(64, 128), None)
    assert isinstance(found, Formula)
    assert (found.text, found.source) == ("width", "width")


@pytest.mark.parametrize("values", [(64.0, 128.0), (True, 7), (64, 129)])
def test_what_is_of_another_type_or_fits_one_member_alone(values: tuple[Any, ...]) -> None:
    with pytest.raises(InexpressibleError):
        scope().number(numbers(*values), None)


def test_origins_that_fit_one_member_each() -> None:
    made = scope()
    first, _ = column(made, lambda width, **_: width)
    _, second = column(made, lambda n, **_: n)
    with pytest.raises(InexpressibleError):
        made.number([first, second], None)


def test_what_the_caller_chooses_is_no_literal() -> None:
    made = scope(MEMBERS[:1], incoming=[16], chosen=["width"])
    assert made.number(column(made, lambda width, **_: width), None).text == "width"
    assert made.number(column(made, lambda width, **_: 2 * width), None).text == "2 * width"
    assert made.number(column(made, lambda n, **_: n), None).text == "1"


def test_a_size_that_is_an_argument() -> None:
    made = scope([{"k": Size((3, 3))}, {"k": Size((3, 1))}])
    values = [number(member.definition.arguments["k"]) for member in made.members]
    assert made.number(values, None).text == "k"


# --- what becomes a parameter --------------------------------------------------------------------


def texts(made: ClassNumbers, *said: Text) -> list[str]:
    """The parameters of a constructor that says this."""
    return [parameter.text for parameter in ClassNames(made, said).parameters]


def test_asking_changes_nothing() -> None:
    made = scope()
    first = [made.number(numbers(5, 6), hint) for hint in ("a", "b")]
    assert first == [GivenNumber("a"), GivenNumber("b")]
    assert [made.number(numbers(5, 6), hint) for hint in ("a", "b")] == first


def test_a_number_that_nothing_gives_is_a_parameter_by_its_hint() -> None:
    made = scope()
    said = made.number(numbers(5, 6), "conv2_channels")
    assert texts(made, said) == ["conv2_channels: int"]


def test_the_same_numbers_again_are_the_same_parameter() -> None:
    made = scope()
    said = [made.number(numbers(5, 6), hint) for hint in ("a", "b")]
    names = ClassNames(made, said)
    assert [names.text(text) for text in said] == [Text("a"), Text("a")]
    assert [parameter.text for parameter in names.parameters] == ["a: int"]


def test_numbers_of_another_type_are_another_parameter() -> None:
    made = scope()
    said = [made.number(numbers(*values), "a") for values in [(5, 6), (5.0, 6.0)]]
    assert texts(made, *said) == ["a: int", "a_: float"]


@pytest.mark.parametrize(
    ("taken", "name"),
    [([], "in_channels"), (["in_channels"], "channels")],
)
def test_the_channels_that_come_in(taken: list[str], name: str) -> None:
    members = [{"width": 1, **dict.fromkeys(taken, n)} for n in (4, 8)]
    made = scope(members, incoming=(5, 6))
    assert made.number(numbers(5, 6), "conv_in_channels") == GivenNumber(name)


@pytest.mark.parametrize(
    ("options", "hint", "name"),
    [
        ({}, "width", "width_"),  # an argument that the text may mention
        ({}, "k", "k"),  # one that it does not
        ({"functions": ["basic"]}, "basic", "basic_"),
        ({}, "x", "x_"),
        ({}, "lambda", "lambda_"),
    ],
)
def test_names_make_way(options: dict[str, Any], hint: str, name: str) -> None:
    made = scope(**options)
    assert texts(made, made.number(numbers(5, 6), hint)) == [f"{name}: int"]


def test_an_argument_makes_way_for_a_function() -> None:
    made = scope(functions=["width"])
    assert made.number(column(made, lambda width, **_: width), None).text == "width_"


def test_parameters_make_way_for_the_variable_of_a_loop() -> None:
    made = scope()
    said = made.number(numbers(5, 6), "i")
    loop = Generator("*(", Text("f(i)"), made.loop, Text("range(4)"), ")")
    names = ClassNames(made, [said, loop])
    assert names.text(said) == Text("i_")
    assert texts(made, said) == ["i: int"]


@pytest.mark.parametrize(
    ("options", "name"),
    [({}, "i"), ({"functions": ["i"]}, "index"), ({"members": [{"i": 1}, {"i": 2}]}, "index")],
)
def test_the_variable_of_a_loop_makes_way_for_arguments(options: dict[str, Any], name: str) -> None:
    assert scope(**options).loop == name


@pytest.mark.parametrize(
    ("values", "rank", "text"),
    [
        ([1, 2], 2, "int"),
        ([1, 2.0], 2, "float"),
        ([(3, 5), (1, 1)], 2, "tuple[int, int]"),
        ([3, (3, 5)], 2, "int | tuple[int, int]"),
        ([(3,)], 1, "tuple[int]"),
    ],
)
def test_types(values: list[Any], rank: int, text: str) -> None:
    assert annotation(values, rank) == text


# --- the signature -------------------------------------------------------------------------------


def test_only_what_is_said_in_the_order_of_the_author() -> None:
    members = [{"in_channels": n, "n": n, "width": n, "k": n} for n in (1, 2)]
    made = scope(members)
    trees = [column(made, e) for e in (lambda n, **_: n, lambda in_channels, **_: in_channels)]
    said = [made.number(tree, None) for tree in (*trees, column(made, lambda width, **_: width))]
    assert texts(made, *said) == ["in_channels: int", "width: int", "n: int"]


def test_a_default_is_written_and_stands_behind() -> None:
    made = scope(defaults={"width": 64, "n": 1.0})
    said = [made.number(column(made, e), None) for e in (lambda width, **_: width,)]
    said.append(made.number(numbers(5, 6), "extra"))
    said.append(made.number(column(made, lambda n, **_: n), None))
    assert texts(made, *said) == ["extra: int", "width: int = 64", "n: float = 1.0"]


def test_modules_stand_between_and_optional_ones_last() -> None:
    made = scope(defaults={"width": 64})
    said = [GivenModule("skip", (None, None)), GivenModule("paths", (), is_list=True)]
    said.append(made.number(column(made, lambda width, **_: width), None))
    said.append(made.number(numbers(5, 6), "extra"))
    assert texts(made, *said) == [
        "extra: int",
        "paths: nn.ModuleList",
        "width: int = 64",
        "skip: nn.Module | None = None",
    ]


def test_the_stride_of_a_shortcut_is_last_and_1_by_default() -> None:
    members = [{"in_channels": n, "stride": n, "width": n} for n in (1, 2)]
    made = scope(members, kind="shortcut", defaults={"width": 1})
    said = [
        made.number(column(made, e), None)
        for e in (lambda stride, width, **_: stride + width, lambda width, **_: width)
    ]
    assert texts(made, *said) == ["width: int = 1", "stride: int = 1"]


# --- local variables -----------------------------------------------------------------------------


def locals_of(*expressions: Expression) -> tuple[list[str], list[tuple[str, str]], list[str]]:
    """What is said in the end, the local variables, and the parameters."""
    made = scope()
    said = [made.number(column(made, expression), None) for expression in expressions]
    names = ClassNames(made, [Call("f", (text,)) for text in said])
    variables = [(name, value.text) for name, value in names.variables]
    parameters = [parameter.name for parameter in names.parameters]
    return [names.text(text).text for text in said], variables, parameters


def test_a_let_used_twice_is_a_variable() -> None:
    out = lambda width, **_: let("out", width * 4)  # noqa: E731
    assert locals_of(out, out) == (["out", "out"], [("out", "4 * width")], ["width"])


def test_a_let_used_once_is_not() -> None:
    assert locals_of(lambda width, **_: let("out", width * 4)) == (["4 * width"], [], ["width"])


def test_a_let_that_is_another_name_is_not() -> None:
    same = lambda width, **_: let("out", width)  # noqa: E731
    assert locals_of(same, same) == (["width", "width"], [], ["width"])


def test_a_let_of_two_values_is_not() -> None:
    one = lambda width, **_: let("out", width * 4)  # noqa: E731
    two = lambda width, **_: let("out", width * 2)  # noqa: E731
    assert locals_of(one, one, two, two)[1] == []


def test_variables_stand_behind_those_that_they_read() -> None:
    def outer(width: Any, n: Any, **_: Any) -> Any:
        return let("outer", let("inner", width + n) * 2)

    inner = lambda width, n, **_: let("inner", width + n)  # noqa: E731
    said, variables, parameters = locals_of(outer, outer, inner)
    assert said == ["outer", "outer", "inner"]
    assert variables == [("inner", "width + n"), ("outer", "2 * inner")]
    assert parameters == ["width", "n"]


def test_a_variable_makes_way_for_a_parameter() -> None:
    made = scope()
    extra = made.number(numbers(5, 6), "out")
    said = [made.number(column(made, lambda width, **_: let("out", width * 4)), None)] * 2
    names = ClassNames(made, [*said, Call("f", (said[0], extra))])
    assert names.variables == [("out_", Operation("4 * width", ("4", "* width")))]
    assert [parameter.name for parameter in names.parameters] == ["width", "out"]


# --- from inside calls ---------------------------------------------------------------------------


def test_a_number_from_inside_calls() -> None:
    """`2 * width` of a block that was called with `width=k + 1`, in terms of `k`."""
    k = traced(3, Leaf("k"))
    inside = traced(8, Leaf("width")) + traced(8, Leaf("width"))
    found = number(inside, ({"width": k + 1},))
    assert found == Number(16, origin((k + 1) + (k + 1)))


@pytest.mark.parametrize(("inner", "outer", "is_known"), [(4, 4, True), (4, 5, False)])
def test_an_origin_that_is_too_deep_is_forgotten(inner: int, outer: int, is_known: bool) -> None:
    """Each call would multiply the leaves by those of its argument."""

    def doubled(name: str, times: int) -> Any:
        value = traced(1, Leaf(name))
        for _ in range(times):
            value = value * value
        return value

    found = number(doubled("width", inner), ({"width": doubled("k", outer)},))
    assert found == Number(1, origin(doubled("k", inner + outer)) if is_known else None)


def test_a_number_that_a_call_does_not_give() -> None:
    assert number(traced(8, Leaf("width")), ({},)) == Number(8, None)


@pytest.mark.parametrize(
    ("value", "made"),
    [(Number(2, None), Number(2.0, None)), (Number(0.5, Leaf("p")), Number(0.5, Leaf("p")))],
)
def test_as_float(value: Number, made: Number) -> None:
    found = as_float(value)
    assert found == made
    assert isinstance(found.value, float)


def test_an_int_that_is_given_to_a_float_says_so() -> None:
    made = scope()
    values = [as_float(item) for item in column(made, lambda width, **_: width)]
    assert made.number(values, None).text == "float(width)"


# --- attributes that hold numbers ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("hints", "values", "keys", "attributes"),
    [
        (["stride"], [(1, 2)], [], ["stride"]),
        (["stride", "stride"], [(1, 2), (1, 2)], [], ["stride", "stride"]),
        (["stride", "stride"], [(1, 2), (3, 4)], [], ["stride", "stride_"]),
        (["stride", "end"], [(1, 2), (1, 2)], [], ["stride", "end"]),
        # A module has the name, or nn.Module.
        (["stride"], [(1, 2)], ["stride"], ["stride_"]),
        (["training"], [(1, 2)], [], ["training_"]),
    ],
)
def test_attributes(
    hints: list[str], values: list[tuple[int, int]], keys: list[str], attributes: list[str]
) -> None:
    made = scope()
    said = [
        HeldNumber(hint, made.number(numbers(*pair), "given"))
        for hint, pair in zip(hints, values, strict=True)
    ]
    names = ClassNames(made, said, keys)
    assert [names.text(held).text for held in said] == [f"self.{name}" for name in attributes]


def test_an_attribute_named_for_what_it_holds() -> None:
    made = scope()
    width = made.number(column(made, lambda width, **_: width), None)
    product = made.number(column(made, lambda width, **_: 2 * width), None)
    said = [HeldNumber("factor", value, is_named_so=True) for value in (width, product)]
    names = ClassNames(made, said)
    assert [names.text(held).text for held in said] == ["self.width", "self.factor"]


def test_a_planned_tree_in_the_names_of_the_class() -> None:
    made = scope()
    extra, width = made.number(numbers(5, 6), "x"), made.number(numbers(64, 128), None)
    planned: Node = Call("f", (extra, Call("g", (width, Text("3")))))
    assert flat(ClassNames(made, [planned]).node(planned)) == "f(x_, g(width, 3))"
    assert flat(planned) == "f(x, g(width, 3))"


def test_a_default_that_no_member_has_is_none() -> None:
    """What nobody takes may be what the constructor cannot do."""
    made = scope([{"in_channels": n, "width": n} for n in (1, 2)], defaults={"width": 0})
    said = [made.number(column(made, lambda width, **_: width + 3), None)]
    assert texts(made, *said) == ["width: int"]
