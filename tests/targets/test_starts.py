"""How tensors start: the rule of each kind, and the places that depart from it."""

from __future__ import annotations

import pytest

from resdsl.design.network import Network
from resdsl.ops.base import InitCall
from resdsl.targets.lowering import Programs
from resdsl.targets.starts import Kind, Path, Rules, Several, Starts, rules
from tests.targets.instructions import network

HE = InitCall("nn.init.kaiming_normal_", ('mode="fan_out"', 'nonlinearity="relu"'))
ZEROS = InitCall("nn.init.zeros_", ())
ONES = InitCall("nn.init.ones_", ())
WEIGHT: Kind = ("nn.Conv2d", "weight")
BIAS: Kind = ("nn.Conv2d", "bias")


def of(made: Network) -> Rules:
    return rules(made, Programs(made))


@pytest.mark.parametrize(
    ("steps", "call"),
    [
        ("conv(3, 4)", HE),
        ('conv(3, 4, init="torch")', None),
        ('conv(3, 4) conv(3, 4, init="torch") conv(3, 4, init="torch")', None),
        ('conv(3, 4) conv(3, 4) conv(3, 4, init="torch")', HE),
        # Of equals, one with a call; then the last by its name.
        ('conv(3, 4) conv(3, 4, init="torch")', HE),
        ('conv(3, 4) conv(3, 4, init="zeros")', ZEROS),
        ('conv(3, 4, init="zeros") conv(3, 4)', ZEROS),
        # As often as a definition stands in the network.
        ("zero x 3 conv(3, 4) conv(3, 4)", ZEROS),
        ("zero conv(3, 4) conv(3, 4)", HE),
    ],
)
def test_most_decide(steps: str, call: InitCall | None) -> None:
    assert of(network(steps, 'block zero { conv(3, 4, init="zeros") }')).calls == {WEIGHT: call}


def test_each_kind_has_its_rule() -> None:
    found = of(network('conv(3, 4, bias=true) norm flatten linear(2, init="zeros")'))
    assert found.calls == {
        WEIGHT: HE,
        BIAS: ZEROS,
        ("nn.BatchNorm2d", "weight"): None,
        ("nn.BatchNorm2d", "bias"): None,
        ("nn.Linear", "weight"): ZEROS,
        ("nn.Linear", "bias"): None,
    }


@pytest.mark.parametrize(
    ("steps", "callees"),
    [
        ("conv(3, 4)", []),
        ('conv(3, 4, init="torch")', ["nn.Conv2d"]),
        ("norm", ["nn.BatchNorm2d"]),  # and its statistics
        ("batchnorm(affine=false)", ["nn.BatchNorm2d"]),
        ("groupnorm(groups=2)", ["nn.GroupNorm"]),
        ("conv(3, 4) layer_scale(0.1) prelu", ["LayerScale", "nn.PReLU"]),
    ],
)
def test_what_only_its_own_method_starts(steps: str, callees: list[str]) -> None:
    assert of(network(steps)).by_themselves == callees


@pytest.mark.parametrize(
    ("steps", "optional"),
    [
        ("conv(3, 4, bias=true) conv(3, 4, bias=true)", set()),
        ("conv(3, 4, bias=true) conv(3, 4)", {BIAS}),
        ("conv(3, 4) conv(3, 4)", set()),
    ],
)
def test_optional(steps: str, optional: set[Kind]) -> None:
    assert of(network(steps)).optional == optional


# --- departures ----------------------------------------------------------------------------------


Written = list[tuple[Path, dict[str, InitCall | None]]]


def departures(made: Network, weight: InitCall | None, bias: InitCall | None) -> dict[str, Written]:
    """Of the network's own body: by key, the paths and what happens to which tensor."""
    programs = Programs(made)
    starts = Starts(Rules({WEIGHT: weight, BIAS: bias}), programs)
    return {
        key: [(path, {start.kind[1]: start.call for start in odd}) for path, odd in places]
        for key, places in starts.departures(made.root.body).items()
    }


def test_by_the_key_of_the_module() -> None:
    made = network('a: conv(3, 4) relu b: conv(3, 4, init="zeros") { relu tanh }')
    assert departures(made, HE, ZEROS) == {
        "a": [],
        "relu": [],
        "b": [(("b",), {"weight": ZEROS})],
        "group": [],
    }


@pytest.mark.parametrize(
    ("conv", "odd"),
    [
        ("", {}),
        (", bias_init=1", {"bias": ONES}),
        (', init="zeros", bias_init=1', {"weight": ZEROS, "bias": ONES}),
        # Torch's own start is that of the whole module: what has a call is started after it.
        (', init="torch"', {"weight": None, "bias": ZEROS}),
        (', bias_init="torch"', {"bias": None, "weight": HE}),
        (', init="torch", bias_init="torch"', {"weight": None}),
    ],
)
def test_of_one_operator(conv: str, odd: dict[str, InitCall | None]) -> None:
    found = departures(network(f"c: conv(3, 4, bias=true{conv})"), HE, ZEROS)["c"]
    assert found == ([(("c",), odd)] if odd else [])
    assert [list(tensors) for _, tensors in found] == ([list(odd)] if odd else [])


@pytest.mark.parametrize(
    ("unit", "paths"),
    [
        ('conv(3, 4, init="zeros")', [("u", Several(0, None))]),
        ('{ relu conv(3, 4, init="zeros") }', [("u", Several(0, None), "1")]),
        ('{ relu conv(3, 4, init="zeros") x 2 }',
         [("u", Several(0, None), "1", Several(0, None))]),
        ("{ conv(3, 4, bias=true, bias_init=where(index == 1, 1, 0)) }", [("u", "1", "0")]),
        ("{ conv(3, 4, bias=true, bias_init=where(index > 1, 1, 0)) }",
         [("u", Several(2, 5), "0")]),
        ("{ conv(3, 4, bias=true, bias_init=where(index % 4 == 0, 1, 0)) }",
         [("u", "0", "0"), ("u", "4", "0")]),
        # Equal all the way, though the copies are not.
        ('{ conv(3, 4, init="zeros") if index == 2 { relu } }', [("u", Several(0, None), "0")]),
        # A class of its own is asked itself.
        ('{ residual { conv(3, 4, init="zeros") } }', []),
        ("zero", []),
    ],
)  # fmt: skip
def test_of_copies(unit: str, paths: list[Path]) -> None:
    made = network(f"u: {unit} x 5", 'block zero { conv(3, 4, init="zeros") }')
    assert [path for path, _ in departures(made, HE, ZEROS)["u"]] == paths


def test_a_single_copy_is_all() -> None:
    made = network('u: conv(3, 4, init="zeros") x 1')
    assert [path for path, _ in departures(made, HE, ZEROS)["u"]] == [("u", Several(0, None))]


def test_below_chains() -> None:
    made = network('g: { relu h: { conv(3, 4, init="zeros") } }')
    assert departures(made, HE, ZEROS)["g"] == [(("g", "h", "0"), {"weight": ZEROS})]
