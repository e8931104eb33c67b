"""`output` and `features`: which tensors a network gives, by which names, what is left of it."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import resdsl
from tests.language.elaboration import elaborated
from tests.random_networks.checking.examination import examine

NETWORK = "network n {{ input 3 x 16 x 16 {} }}"
MAP = (4, 16, 16)

# A text, the outputs with their shapes, and the keys that are left.
CASES: dict[str, tuple[str, dict[str, tuple[int, ...]], list[str]]] = {
    "the input": (
        "conv(3, 4) output image: in, last: here",
        {"image": (3, 16, 16), "last": MAP},
        ["conv"],
    ),
    "one tensor twice": ("a: conv(3, 4) output a, b: a, c: here", dict.fromkeys("abc", MAP), ["a"]),
    "the input alone": ("conv(3, 4) output image: in", {"image": (3, 16, 16)}, []),
    "around activations": (
        "a: conv(3, 4) r: relu s: sigmoid output a, r, s",
        dict.fromkeys("ars", MAP),
        ["a"],
    ),
    "inside of a group": (
        "f: { conv(3, 4) r: relu conv_1: conv(3, 5) } output f.r",
        {"f.r": MAP},
        ["f.conv"],
    ),
    "by numbers": (
        "f: { conv(3, 4) relu keep q conv(3, 5) join concat(q, here) } conv(1, 2) output q, f",
        {"q": MAP, "f": (9, 16, 16)},
        ["f.0", "f.2"],
    ),
    "numbers with a gap": (
        "f: { conv(3, 4) keep q conv(3, 5) join q conv(3, 6) } output f",
        {"f": (6, 16, 16)},
        ["f.0", "f.2"],
    ),
    "in a loop": (
        "for i in range(3) { l[i]: conv(3, 4) output l[i], o[i]: here + here }",
        {f"{name}{i}": MAP for i in range(3) for name in "lo"},
        ["l0", "l1", "l2"],
    ),
    "under a condition": (
        "a: conv(3, 4) if 1 > 2 { output a } conv(1, 5) output b: here",
        {"b": (5, 16, 16)},
        ["a", "conv"],
    ),
    "no name of Python's": (
        '"0": conv(3, 4) act output "0", "a b": here',
        {"0": MAP, "a b": MAP},
        ["0"],
    ),
    "in a container": ('"c.0": conv(3, 4) "c.1": conv(3, 4) output "c.0"', {"c.0": MAP}, ["c.0"]),
    "a branch and the sum": (
        "fork { a: conv(3, 4) b: conv(3, 4) } join a + b output a, s: here",
        {"a": MAP, "s": MAP},
        ["a", "b"],
    ),
    "inside of a main": (
        "conv(1, 4) residual { a: conv(3, 4) keep k relu } output k, s: here",
        {"k": MAP, "s": MAP},
        ["conv", "a"],
    ),
    "a head beside": (
        "a: conv(3, 4) keep k global_avgpool flatten fc: linear(7) output logits: here "
        "join k b: conv(1, 2) output b c: conv(1, 9)",
        {"logits": (7,), "b": (2, 16, 16)},
        ["a", "fc", "b"],
    ),
}


def keys(model: torch.nn.Module) -> list[str]:
    return list(dict.fromkeys(key.rpartition(".")[0] for key in model.state_dict()))


@pytest.mark.parametrize("name", CASES)
def test_outputs(name: str) -> None:
    text, shapes, left = CASES[name]
    text = NETWORK.format(text)
    design = resdsl.design(text)
    assert design.outputs == shapes
    model = resdsl.load(text, seed=0).eval()
    assert keys(model) == left
    given = model(torch.randn(2, 3, 16, 16))
    given = dict.fromkeys(shapes, given) if isinstance(given, torch.Tensor) else given
    assert {key: tuple(one.shape[1:]) for key, one in given.items()} == shapes
    again = resdsl.design(design.to_json())
    assert (again.outputs, again.params, again.to_json()) == (
        shapes,
        design.params,
        design.to_json(),
    )


FAMILY = """
network a {
    input 3 x 16 x 16
    stage s: basic(4) x 2
    stage t /2: basic(8)
    keep k
    global_avgpool flatten fc: linear(5)
    output logits: here, k
}
network body = a { output s, u: t }
network logits = a { output logits }
network inner = body { output k }
"""


@pytest.mark.parametrize(
    ("net", "features", "outputs"),
    [
        ("a", None, ["logits", "k"]),
        ("body", None, ["s", "u"]),
        ("logits", None, ["logits"]),
        ("inner", None, ["k"]),
        ("a", "pyramid", ["s", "t"]),
        ("body", ["k", "s"], ["k", "s"]),
        ("a", {"x": "s", "y": "logits"}, ["x", "y"]),
        ("a", "s,z=t", ["s", "z"]),
        ("a", {"s": "t", "t": "s"}, ["s", "t"]),
    ],
)
def test_the_nearest_wins(net: str, features: Any, outputs: list[str]) -> None:
    assert list(resdsl.design(FAMILY, net=net, features=features).outputs) == outputs


@pytest.mark.parametrize("features", [[], [""], "", ",", 3, {"a": 1}, [b"s"], {}])
def test_what_could_be_no_features(features: Any) -> None:
    with pytest.raises(TypeError, match="features are names of stages, labels or kept tensors"):
        resdsl.design(FAMILY, net="a", features=features)


@pytest.mark.parametrize(
    ("features", "why"),
    [
        (["s", "s"], "two outputs are called `s`"),
        (["zz"], "no stage, label or kept tensor `zz`"),
        (["s.conv1"], "no stage, label or kept tensor `s.conv1`"),
    ],
)
def test_features_that_are_not_there(features: list[str], why: str) -> None:
    for spec in (FAMILY, resdsl.design(FAMILY, net="a").to_json()):
        with pytest.raises(resdsl.SpecError, match=why):
            resdsl.design(spec, net="a", features=features)


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ('output "": a', "its name is not empty"),
        ('output "a\u200bb": a', "printable characters only"),
        (f'output "{"a" * 2000}": a', "at most 1,024 characters"),
        ("output a[1.5]", "an index is an int of at least 0"),
        ("output b: a[true]", "an index is an int of at least 0"),
    ],
)
def test_what_is_no_name_of_an_output(output: str, why: str) -> None:
    found = resdsl.check(NETWORK.format(f"a: conv(3, 4) {output}"))
    assert not found.ok
    assert any(why in one.message for one in found.diagnostics), found


@pytest.mark.parametrize("name", ["a\nb", "a" * 2000])
def test_features_by_what_is_no_name(name: str) -> None:
    for spec in (FAMILY, resdsl.design(FAMILY, net="a").to_json()):
        with pytest.raises(resdsl.SpecError, match="cannot be an output"):
            resdsl.design(spec, net="a", features={name: "s"})


def test_a_parameter_that_numbers_an_output_is_no_argument_of_the_module() -> None:
    text = NETWORK.replace("n {{", "n(at: int = 2) {{").format(
        "for i in range(3) { l[i]: conv(3, 4) } dropout(0.5 / at) output l[at]"
    )
    assert resdsl.design(text).network.free_parameters == ()


def test_a_long_chain_that_only_an_unread_branch_reads() -> None:
    """A fork is whole: what its branch reads stays though nothing reads the branch, and what that
    reads, to its beginning. What nothing at all reads is left out."""
    chain = " ".join(f"c{i}: conv(1, 4)" for i in range(300))
    text = NETWORK.format(
        f"first: conv(3, 4) keep q {chain} keep k none: conv(1, 4) join q "
        "fork { r: conv(1, 4) b: { join k conv(1, 4) } } join r output o: here"
    )
    steps = resdsl.design(text).network.root.body.modules()
    assert [step.key for step in steps] == ["first", *(f"c{i}" for i in range(300)), "r", "b"]


def test_a_million_blocks_cost_what_three_do() -> None:
    text = NETWORK.replace(
        "{}", "conv(3, 8) stage s: basic(8) x {} stage t /2: basic(8) x {} output s, t"
    )
    few, many = (elaborated(text.format(n, n)) for n in (3, 1_000_000))
    assert few.definition_count == many.definition_count
    assert many.network.outputs == ("s", "t")


@pytest.mark.parametrize("mistake", ["conv(3, 5, groups=3)", "conv(3, unknown)"])
@pytest.mark.parametrize(
    "step",
    [
        "{{ conv(3, 8) keep a {} }}",
        "b: {{ conv(3, 8) keep a {{ {} }} x 2 }}",
        "residual {{ conv(3, 8) keep a {} }}",
        "fork {{ b: {{ conv(3, 8) keep a {} }} c: relu }}",
    ],
)
def test_an_output_of_what_a_group_with_a_mistake_keeps(step: str, mistake: str) -> None:
    """The group is lost, and with it what makes the output; the mistake is all that is told."""
    steps = f"input 16 x H {step.format(mistake)} join a"
    expected = ["E0201" if "unknown" in mistake else "E0504"]
    report = resdsl.check(f"network n {{ {steps} conv(1, 7, stride=2) output b: here }}")
    assert [found.code.id for found in report.diagnostics] == expected


def test_an_output_in_a_group_with_a_mistake_behind_it() -> None:
    """Also where another output is made of what is left."""
    group = "g: { output one: here, two: here + in conv(3, 5, groups=3) }"
    report = resdsl.check(NETWORK.format(f"identity {group} conv(3, 8)"))
    assert [found.code.id for found in report.diagnostics] == ["E0504"]


def test_mistakes_behind_the_last_output_are_of_nothing() -> None:
    """But names must mean something."""
    text = NETWORK.format("stage s: basic(8) maxpool(32) linear(3) conv(3, 9, groups=7) output s")
    assert resdsl.check(text).ok
    assert not resdsl.check(text.replace("output s", "foo output s")).ok
    assert not resdsl.check(text.replace("output s", "")).ok


@pytest.mark.parametrize(
    "steps",
    [
        "tanh fork { a: { join in conv(1, 4) } b: { join in } } join concat(a, b) output a",
        "cut: conv(3, 4) residual { join in norm } via { join in } output y: here",
        "cut: conv(3, 4) { join in norm } x 2 output y: here",
    ],
)
def test_whole_steps_that_do_not_read_what_they_are_fed(steps: str) -> None:
    """What feeds them stays, uncalled."""
    outcome = examine(NETWORK.format(steps))
    assert outcome.failures == []
    assert outcome.networks == 1


@pytest.mark.parametrize("step", ["bottleneck(4)", "basic(4) x 2", "conv_norm_act(3, 4)"])
def test_a_mistake_in_the_library_behind_the_last_output(step: str) -> None:
    """It is told at the author's call, and taken back as what was reported inside."""
    text = NETWORK.format(f"stage s: basic(8) output s global_avgpool flatten {step}")
    assert resdsl.check(text).ok
    assert not resdsl.check(text.replace("output s", "")).ok


@pytest.mark.parametrize(
    "steps",
    [
        "stage A: { cut: conv(3, 4) { join in } conv(1, 3) } output y: here",
        "cut: conv(3, 4) g: { join in norm } conv(1, 3) output y: here",
        "keep a cut: conv(3, 4) g: { inner: { keep b join a norm } } conv(1, 3) output y: here",
        "norm keep a cut: conv(3, 4) g: { conv(3, 3) join a n: norm } conv(1, 3) output g.n",
    ],
)
def test_a_group_that_does_not_read_what_was_left_out_before_it(steps: str) -> None:
    """What it would be fed is not there: it is fed something else, unread too."""
    outcome = examine(NETWORK.format(steps))
    assert outcome.failures == []
    assert outcome.networks == 1
    keys = resdsl.load(NETWORK.format(steps), device="meta").state_dict()
    assert keys
    assert not [key for key in keys if "cut" in key]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("aux: conv(3, 10, groups=3)", "of this:"),
        ("aux: { conv(3, 16) linear(10) }", "of this:"),
        ("fc: linear(10) soft: softmax", "of these 2 steps:"),
        ("conv(1, 8) relu linear(10)", "of these 2 steps:"),
    ],
)
def test_what_is_left_out_is_told_where_it_is_wrong_too(steps: str, said: str) -> None:
    report = resdsl.check(
        f"network net {{ input 3 x 32 x 32 conv(3, 16) keep k output out: here join k {steps} }}"
    )
    assert [found.code.id for found in report.diagnostics] == ["W1021"]
    assert f"no output is made {said}" in report.diagnostics[0].message
