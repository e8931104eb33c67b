"""The methods that start a network's tensors, from rules given by hand."""

from __future__ import annotations

import pytest

from resdsl.ops.base import InitCall
from resdsl.targets.class_plan import planned
from resdsl.targets.initialisation import Initialisation, Method
from resdsl.targets.starts import Kind, Rules, Starts
from tests.targets.instructions import classes

HE = InitCall("nn.init.kaiming_normal_", ('mode="fan_out"', 'nonlinearity="relu"'))
NORMAL = InitCall("nn.init.normal_", ("std=0.01",))
ZEROS = InitCall("nn.init.zeros_", ())


def methods(steps: str, rules: Rules, definitions: str = "") -> list[Method]:
    found = classes(steps, definitions)
    plans = planned(found)
    starts = Starts(rules, found.programs)
    return Initialisation(
        starts, found.in_order, lambda emitted: plans[id(emitted)][0].given
    ).methods()


def body(steps: str, rules: Rules, definitions: str = "") -> list[str]:
    """Of the only method."""
    (method,) = methods(steps, rules, definitions)
    rows = [row for statement in method.text.body for row in statement.lines()]
    return [row.removeprefix(" " * 8) for row in rows]


def calls(**given: InitCall | None) -> dict[Kind, InitCall | None]:
    """`Conv2d_weight=…`."""
    kinds = ((name.split("_", 1), call) for name, call in given.items())
    return {(f"nn.{callee}", tensor): call for (callee, tensor), call in kinds}


# --- the methods ---------------------------------------------------------------------------------


def test_nothing_to_start() -> None:
    assert methods("relu", Rules({})) == []


def test_one_method_where_nothing_starts_by_itself() -> None:
    (method,) = methods("relu", Rules(calls(Conv2d_weight=ZEROS)))
    assert (method.text.name, method.is_called) == ("reset_parameters", True)
    assert method.text.lines()[0] == "    def reset_parameters(self) -> None:"


AGAIN = '''\
"""Starts all parameters and buffers again, as after `to_empty`."""
for module in self.modules():
    if isinstance(module, nn.BatchNorm2d):
        module.reset_parameters()'''


def test_the_constructor_calls_nothing_where_torch_has_done_it() -> None:
    (method,) = methods("relu", Rules({}, ["nn.BatchNorm2d"]))
    assert (method.text.name, method.is_called) == ("reset_parameters", False)
    assert [row[8:] for row in method.text.lines()[1:]] == AGAIN.split("\n")


def test_two_methods_where_torch_has_done_a_part() -> None:
    first, second = methods("relu", Rules(calls(Conv2d_weight=ZEROS), ["nn.BatchNorm2d"]))
    assert (first.text.name, first.is_called) == ("_initialize_weights", True)
    assert (second.text.name, second.is_called) == ("reset_parameters", False)
    expected = [*AGAIN.split("\n"), "self._initialize_weights()"]
    assert [row[8:] for row in second.text.lines()[1:]] == expected


# --- the loop ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        (Rules(calls(Linear_weight=NORMAL)),
         ["    if isinstance(module, nn.Linear):",
          "        nn.init.normal_(module.weight, std=0.01)"]),
        # torch types a convolution's bias as optional; another may lack a tensor.
        (Rules(calls(Conv2d_bias=ZEROS)),
         ["    if isinstance(module, nn.Conv2d):",
          "        if module.bias is not None:",
          "            nn.init.zeros_(module.bias)"]),
        (Rules(calls(Linear_bias=ZEROS), optional=[("nn.Linear", "bias")]),
         ["    if isinstance(module, nn.Linear):",
          "        if module.bias is not None:",
          "            nn.init.zeros_(module.bias)"]),
        # Classes that start alike share a branch, as a whole.
        (Rules(calls(Conv2d_weight=ZEROS, Linear_weight=ZEROS)),
         ["    if isinstance(module, nn.Conv2d | nn.Linear):",
          "        nn.init.zeros_(module.weight)"]),
        (Rules(calls(Conv2d_weight=ZEROS, Linear_weight=ZEROS, Linear_bias=ZEROS)),
         ["    if isinstance(module, nn.Conv2d):",
          "        nn.init.zeros_(module.weight)",
          "    elif isinstance(module, nn.Linear):",
          "        nn.init.zeros_(module.weight)",
          "        nn.init.zeros_(module.bias)"]),
        # Nothing for what torch does by itself.
        (Rules(calls(BatchNorm2d_weight=None, Linear_bias=None, Linear_weight=ZEROS)),
         ["    if isinstance(module, nn.Linear):",
          "        nn.init.zeros_(module.weight)"]),
    ],
)  # fmt: skip
def test_the_loop_over_kinds(rules: Rules, text: list[str]) -> None:
    assert body("relu", rules) == ["for module in self.modules():", *text]


def test_many_kinds_are_broken_over_lines() -> None:
    names = [f"BatchNorm{n}" for n in range(7)]
    text = body("relu", Rules(calls(**{f"{name}_weight": ZEROS for name in names})))
    assert text[1:5] == [
        "    if isinstance(",
        "        module,",
        "        nn.BatchNorm0",
        "        | nn.BatchNorm1",
    ]
    assert text[-3:] == [
        "        | nn.BatchNorm6,",
        "    ):",
        "        nn.init.zeros_(module.weight)",
    ]


# --- what departs --------------------------------------------------------------------------------

HE_RULES = Rules(calls(Conv2d_weight=HE, Conv2d_bias=ZEROS))
BLOCK = "block b(odd: bool = true) { residual { relu } via s: { if odd { relu %s } } }"
LOOP = len(body("relu", HE_RULES))


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ('a: conv(3, 4, init="zeros")', ["nn.init.zeros_(self.a.weight)"]),
        ('a: conv(3, 4, init="torch")', ["self.a.reset_parameters()"]),
        # torch types a convolution's bias as optional.
        ("a: conv(3, 4, bias=true, bias_init=1)",
         ['nn.init.ones_(self.get_parameter("a.bias"))']),
        ('a: { relu conv(3, 4, init="zeros") }',
         ['nn.init.zeros_(self.get_parameter("a.1.weight"))']),
        ('a: { relu conv(3, 4, init="torch") }',
         ['layer = self.get_submodule("a.1")',
          "if isinstance(layer, nn.Conv2d):",
          "    layer.reset_parameters()"]),
        ('a: conv(3, 4, init="torch") x 2',
         ['for copy in self.get_submodule("a").children():',
          "    layer = copy",
          "    if isinstance(layer, nn.Conv2d):",
          "        layer.reset_parameters()"]),
        ('a: { relu conv(3, 4, init="zeros") x 3 } x 2',
         ['for copy in self.get_submodule("a").children():',
          '    for inner in copy.get_submodule("1").children():',
          '        nn.init.zeros_(inner.get_parameter("weight"))']),
        ('a: conv(3, 4, init=where(index > 1, "zeros", "he_fan_out")) x 5',
         ['for copy in list(self.get_submodule("a").children())[2:5]:',
          '    nn.init.zeros_(copy.get_parameter("weight"))']),
        ('a: conv(3, 4, init=where(index == 1, "zeros", "he_fan_out")) x 5',
         ['nn.init.zeros_(self.get_parameter("a.1.weight"))']),
        ("b(true)",
         ["for module in self.modules():",
          "    if isinstance(module, B):",
          '        nn.init.zeros_(module.get_parameter("s.1.weight"))']),
        # Not all instances have it.
        ("b(true) b(false)",
         ["for module in self.modules():",
          "    if isinstance(module, B):",
          "        if module.s is not None:",
          '            nn.init.zeros_(module.get_parameter("s.1.weight"))']),
        ('b(true) { residual { conv(3, 4, init="zeros") } }',
         ["for module in self.modules():",
          "    if isinstance(module, B):",
          '        nn.init.zeros_(module.get_parameter("s.1.weight"))',
          "    elif isinstance(module, Group):",
          "        nn.init.zeros_(module.conv.weight)"]),
    ],
)  # fmt: skip
def test_what_departs_follows_by_class(steps: str, text: list[str]) -> None:
    found = body(steps, HE_RULES, BLOCK % 'conv(3, 4, init="zeros")')
    assert found[LOOP:] == text
