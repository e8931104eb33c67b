"""What a class says, before anything in it has a name; and in which order classes are planned."""

from __future__ import annotations

import pytest

from resdsl import limits
from resdsl.targets.attributes import HeldNumber
from resdsl.targets.calling import Attribute
from resdsl.targets.class_names import ClassNames
from resdsl.targets.class_plan import ClassPlan, Expressed, Submodule, TooLongError, planned
from resdsl.targets.nodes import flat
from tests.targets.instructions import classes


def plan(definitions: str, uses: str, name: str = "B") -> tuple[ClassPlan, ClassNames]:
    found = planned(classes(f"{uses} conv(3, 4)", definitions)).values()
    (one,) = [(plan, named) for plan, named in found if plan.emitted.name == name]
    return one


def settings(made: ClassPlan) -> list[str]:
    """`key: module` and `key = number`."""
    return [
        f"{one.key}: {flat(one.node)}"
        if isinstance(one, Submodule)
        else f"{one.text} = {one.value.text}"
        for one in made.settings
    ]


def applied(made: ClassPlan) -> list[str]:
    """By place: an attribute, or an expression with its numbers."""
    return [
        one.text
        if isinstance(one, Attribute)
        else f"{one.inline.kind} {' '.join(f'{name}={text.text}' for name, text in one.values)}"
        for _, one in sorted(made.applied.items())
    ]


PLANS = [
    # Modules in order, numbers over the arguments or literals.
    ("w: int", "residual { conv(3, w, bias=true) conv(1, 4, bias=true) }", "b(4) b(8)",
     ["conv: nn.Conv2d(4, w, 3, padding=1)", "conv_1: nn.Conv2d(w, 4, 1)"],
     ["self.conv", "self.conv_1"]),
    # What no expression gives is called what it is, however many places want the name.
    ("w: int", "residual { a: conv(1, where(w == 4, 5, 6)) relu b: conv(1, 4) }", "b(4) b(8)",
     ["a: nn.Conv2d(4, a_channels, 1, bias=False)", "relu: nn.ReLU(inplace=True)",
      "b: nn.Conv2d(b_in_channels, 4, 1, bias=False)"],
     ["self.a", "self.relu", "self.b"]),
    # A module that is not the same for all; a shortcut that one of them has.
    ("s: bool", "residual { u: part(s) } via { if s { conv(1, 4) } }", "b(true) b(false)",
     ["u: u", "shortcut: shortcut"], ["self.u", "self.shortcut"]),
    # One activation, before the shortcut.
    ("", "residual { conv(3, 4, bias=true) relu conv(3, 4, bias=true) } via tanh relu", "b b",
     ["conv: nn.Conv2d(4, 4, 3, padding=1)", "conv_1: nn.Conv2d(4, 4, 3, padding=1)",
      "relu: nn.ReLU(inplace=True)", "shortcut: nn.Tanh()"],
     ["self.conv", "self.relu", "self.conv_1", "self.shortcut", "self.relu"]),
    # A number in a join, which an attribute holds.
    ("f: float", "fork { a: conv(1, 4, bias=true) } join f * a", "b(0.5) b(0.25)",
     ["a: nn.Conv2d(4, 4, 1)", "factor = f"], ["self.a"]),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "body", "uses", "says", "runs"), PLANS)
def test_plans(parameters: str, body: str, uses: str, says: list[str], runs: list[str]) -> None:
    text = (
        f"block part(s: bool) {{ conv(1, 4) if s {{ relu }} }} block b({parameters}) {{ {body} }}"
    )
    made, _ = plan(text, uses)
    assert settings(made) == says
    assert applied(made) == runs


def test_an_operator_that_is_no_module() -> None:
    made, named = plan("block b(n: int) { a: conv(1, 4, bias=true) subsample(n) }", "b(2) b(3)")
    assert settings(made) == ["a: nn.Conv2d(4, 4, 1)", "stride = n"]
    assert applied(made) == ["self.a", "index stride=stride"]
    expressed = made.applied[1]
    assert isinstance(expressed, Expressed)
    ((name, number),) = expressed.values
    assert isinstance(number, HeldNumber)
    assert (name, number.value.text) == ("stride", "n")
    assert named.text(number).text == "self.stride"


def test_a_class_is_planned_the_same_again() -> None:
    found = classes(
        "b(4, 5) b(8, 7)", "block b(w: int, n: int) { residual { conv(1, w + n % 6) conv(1, 4) } }"
    )
    first, second = planned(found).values(), planned(found).values()
    assert [settings(made) for made, _ in first] == [settings(made) for made, _ in second]
    assert [named.parameters for _, named in first] == [named.parameters for _, named in second]


def test_what_a_class_builds_is_planned_before_it() -> None:
    """Of `b` and `c`, one member of each holds the other's: neither text builds the other."""
    text = """
    block e { residual { conv(3, 4) } }
    block b(u: block) { residual { u } }
    block c(u: block) { residual { tanh u } }
    block bc { b(c(e)) }
    """
    found = planned(classes("b(c(e)) c(b(e))", text)).values()
    order = [made.emitted.name for made, _ in found]
    assert order.index("E") < min(order.index("B"), order.index("C"))
    assert order[-1] == "Net"


def test_a_text_of_too_many_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    found = classes("b b b", "block b { residual { conv(3, 4) } }")
    monkeypatch.setattr(limits, "CALLS", 3)
    assert planned(found)
    monkeypatch.setattr(limits, "CALLS", 2)
    with pytest.raises(TooLongError):
        planned(found)
