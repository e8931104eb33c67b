"""Two constructors that differ in some arguments as one, by a truth value `f`."""

from __future__ import annotations

import pytest

from resdsl.targets.common_arguments import one_statement
from resdsl.targets.method_text import Statement
from resdsl.targets.nodes import Call, Conditional, Items, Keyword, Node, Pair, Text

# The file's own class, with its parameters and their defaults.
OWN = {"width": None, "stride": "1", "se": "None", "shortcut": "None"}


def call(text: str) -> Call:
    """`name(1, 2, key=3)`; a value in brackets is a call."""
    callee, _, rest = text.partition("(")
    parts = [part.strip() for part in rest[:-1].split(",")]
    return Call(callee, tuple(map(_argument, parts)))


def _argument(text: str) -> Node:
    name, equals, value = text.partition("=")
    if equals:
        return Keyword(name, _argument(value))
    return Call(text[:-2], ()) if text.endswith("()") else Text(text)


@pytest.mark.parametrize(
    ("on", "off", "made"),
    [
        ("nn.C(1, 2)", "nn.C(1, 2)", "nn.C(1, 2)"),
        ("nn.C(1, 2)", "nn.C(1, 3)", "nn.C(1, 2 if f else 3)"),
        ("nn.C(1, 2)", "nn.D(1, 3)", None),
        ("nn.C(1, bias=False)", "nn.C(1)", "nn.C(1, bias=not f)"),
        ("nn.C(1)", "nn.C(1, bias=False)", "nn.C(1, bias=f)"),
        ("nn.C(1, bias=True)", "nn.C(2, bias=False)", "nn.C(1 if f else 2, bias=f)"),
        ("nn.C(1, inplace=True)", "nn.C(1)", None),
        ("nn.C(1, p=3)", "nn.C(1)", None),
        ("nn.C(1, p=3, bias=False)", "nn.C(1, p=4)", "nn.C(1, p=3 if f else 4, bias=not f)"),
        # By position and by name.
        ("nn.C(1, 2, 3, 4)", "nn.C(1, 2, p=1, bias=False, q=3)", None),
        ("nn.C(1, 2, 3)", "nn.C(1, 2)", None),
        # At most two choices.
        ("nn.C(1, 2, 3)", "nn.C(4, 5, 6)", None),
        # The file's own classes, whose parameters have names and defaults.
        ("Own(8)", "Own(8, 2)", "Own(8, 1 if f else 2)"),
        ("Own(8, se=gate())", "Own(8)", "Own(8, se=gate() if f else None)"),
        (
            "Own(8, 2, gate(), p())",
            "Own(8, 2, shortcut=p())",
            "Own(8, 2, gate() if f else None, p())",
        ),
        (
            "Own(8, shortcut=p())",
            "Own(8, 2, gate(), p())",
            "Own(8, 1 if f else 2, None if f else gate(), p())",
        ),
        ("Own(8)", "Own(16, 2)", "Own(8 if f else 16, 1 if f else 2)"),
    ],
)
def test_one_statement(on: str, off: str, made: str | None) -> None:
    one, other = ((Statement(call(text), lead="self.a = "),) for text in (on, off))
    found = one_statement("f", one, other, lambda it: OWN if it.callee == "Own" else None)
    assert (None if found is None else found.lines()) == (
        None if made is None else [f"        self.a = {made}"]
    )


def test_other_attributes_and_several_statements_are_apart() -> None:
    one, other = (Statement(call("nn.C(1)"), lead=f"self.{name} = ") for name in "ab")
    assert one_statement("f", (one,), (other,), lambda _: None) is None
    assert one_statement("f", (one, one), (one,), lambda _: None) is None


def test_a_choice_is_not_chosen_again() -> None:
    """`a if g else b if f else c` would be read otherwise."""
    inner = Call("nn.C", (Conditional(Text("1"), "g", Text("2")),))
    one, other = ((Statement(node, lead="self.a = "),) for node in (inner, call("nn.C(3)")))
    assert one_statement("f", one, other, lambda _: None) is None
    assert one_statement("f", other, one, lambda _: None) is None


def test_entries_of_dictionaries() -> None:
    """The values of one key are chosen, and not the entries."""

    def block(*pairs: Pair) -> tuple[Statement]:
        return (Statement(Call("nn.ModuleDict", (Items("{", pairs, "}"),)), lead="self.a = "),)

    one, other = (block(Pair('"b"', call(text))) for text in ("nn.C(1)", "nn.C(1, bias=False)"))
    found = one_statement("f", one, other, lambda _: None)
    assert found is not None
    assert found.lines() == ['        self.a = nn.ModuleDict({"b": nn.C(1, bias=f)})']
    strange = block(Pair('"c"', call("nn.C(1)")))
    assert one_statement("f", one, strange, lambda _: None) is None
