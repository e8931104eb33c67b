"""Truth values of a network that stay arguments of its module, and those that decide for it."""

from __future__ import annotations

import inspect
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch

import resdsl
from resdsl import limits
from tests.arguments import assert_kept, spec

UNIT = "block u(w: int, s: bool = false) { conv(3, w) if s { act } else { norm } }"

# Definitions, parameters, steps on a map of 3 x 32 x 32, and what stays an argument.
CASES = [
    ("", "f: bool = true", "conv(3, 8) if f { norm }", "f"),
    ("", "f: bool = false", "conv(3, 8) if f { norm } else { act }", "f"),
    ("", "f: bool = false", "conv(3, where(f, 8, 16)) norm conv(1, 4)", "f"),
    ("", "f: bool = false", "conv(3, 8, bias=f)", "f"),
    # It decides nothing, but may be given.
    ("", "f: bool = false", "conv(3, 8)", "f"),
    # Shapes may differ, of the result too.
    ("", "f: bool = false", "conv(3, 8) if f { maxpool(2) flatten }", "f"),
    # Through blocks.
    (UNIT, "f: bool = true", "u(8, f) u(16, not f) u(4, true)", "f"),
    (UNIT, "f: bool = true", "u(8, f) x 3", "f"),
    (UNIT, "f: bool = true", "g: { keep k u(3, f) join here + k } x 2", "f"),
    (f"{UNIT} block v(s: bool) {{ u(8, s) act u(8, not s) }}",
     "f: bool = true", "v(f) v(true)", "f"),
    # Two and three; what depends on two of them.
    ("", "f: bool = true, g: bool = false",
     "conv(3, 8) if f and not g { norm } if g { act }", "f g"),
    ("", "f: bool = true, g: bool = false, h: bool = false",
     "conv(3, where(f, 8, 4)) if g { norm } if h or f { act } conv(1, 2, bias=g)", "f g h"),
    # The first three.
    ("", "a: bool = true, b: bool = true, c: bool = true, d: bool = true",
     "if a { relu } if b { sigmoid } if c { tanh } if d { conv(3, 4) }", "a b c"),
    # Beside numbers, which are free where all variants have them so.
    ("", "f: bool = true, w: int = 8", "conv(3, w) if f { norm } conv(1, 2 * w)", "w f"),
    ("", "f: bool = true, w: int = 8", "conv(3, w) if f { norm } else { basic(8) }", "f"),
    ("", "f: bool = true, n: int = 3", "conv(3, 8) if f { norm } basic(8) x n", "n f"),
    # One that only some of them have.
    ("", "f: bool = false, w: int = 8", "if f { conv(3, w) norm act } conv(3, 8)", "w f"),
    ("", "f: bool = false, n: int = 3", "conv(3, 8) basic(8) x where(f, n, 2)", "n f"),
    ("", "f: bool = false, w: int = 8", "conv(3, w) if f { if w > 4 { act } }", "f"),
    # Defaults that are made of one.
    ("", "f: bool = false, w: int = where(f, 16, 8)", "conv(3, w) norm", "f"),
    ("", "f: bool = false, d: list[int] = where(f, [3, 4], [2, 2]), r: float = where(f, 0.2, 0.5)",
     "conv(3, 8) basic(8) x d[0] basic(8) x d[1] dropout(r)", "f"),
    ("", "f: bool = true, g: bool = f", "conv(3, 8) if f { norm } if g { conv(3, 4) }", "f"),
    ("", "f: bool = true, g: bool = not f, h: bool = false",
     "conv(3, 8) if f { norm } if g { conv(3, 4) } if h { act }", "f h"),
    # Names that the text has already.
    ("", "features: bool = true", "if features { conv(3, 4) } features: conv(3, 4)", "features"),
    ("", "self: bool = true, training: bool = true, Final: bool = false",
     "if self { conv(3, 4) } if training { norm } if Final { act }", "self training Final"),
    ("block f(w: int) { a: conv(3, w) }", "F: bool = true, i: bool = true",
     "f(4) if F { norm } if i { act } f(8) x 3", "F i"),
    # Modules that several variants have by one name.
    ("", "f: bool = true", "if f { a: conv(3, 8) } else { a: norm } relu", "f"),
    ("", "f: bool = true", "if f { a: { conv(3, 8) norm } } else { a: conv(1, 8) }", "f"),
    ("", "f: bool = true", "conv(3, 8) if f { param a: layer_scale } else { a: norm }", "f"),
    ("", "f: bool = true", "conv(3, 8) if f { \"a.b\": conv(3, 8) } else { a: conv(3, 8) }", "f"),
    # What is no network of this kind: it gives something else, or is wrong.
    ("", "f: bool = true", "a: conv(3, 8) b: conv(3, 4) if f { output a } act", ""),
    ("", "f: bool = true", "conv(3, 8) if not f { conv(3, 8, groups=5) }", ""),
    ("", "f: bool = true, g: bool = true",
     "conv(3, 8) if not f { conv(3, 8, groups=5) } if g { act }", "g"),
    ("", "f: bool = true, g: bool = true",
     "conv(3, 8) if not f and not g { conv(3, 8, groups=5) } if f { act } if g { norm }", "f"),
]  # fmt: skip


@pytest.mark.parametrize(("definitions", "parameters", "body", "kept"), CASES)
def test_arguments(definitions: str, parameters: str, body: str, kept: str) -> None:
    assert_kept(spec(definitions, parameters, body), kept)


FLAGGED = Path(__file__).parent / "cases" / "flags.res"
NAMES = ("gated", "deep", "zero")


@pytest.mark.filterwarnings("ignore:.*torch.jit")
@pytest.mark.parametrize("values", [*product((True, False), repeat=3)])
def test_each_is_what_another_compile_gives(values: tuple[bool, ...]) -> None:
    flags: dict[str, Any] = dict(zip(NAMES, values, strict=True))
    made, other = type(resdsl.load(FLAGGED)), type(resdsl.load(FLAGGED, settings=flags))
    torch.manual_seed(0)
    one = made(**flags)
    torch.manual_seed(0)
    two = other()
    # The same draws, in the same order.
    pairs = zip(one.state_dict().items(), two.state_dict().items(), strict=True)
    assert all(a == b and torch.equal(x, y) for (a, x), (b, y) in pairs)
    one.reset_parameters()
    assert bool((one.layer1[0].norm_1.weight == 0).all()) == flags["zero"]
    one.load_state_dict(two.state_dict())
    x = torch.randn(2, 3, 16, 16)
    for model in (one, two):
        model.train()
    assert torch.equal(one(x), two(x))
    assert torch.equal(torch.jit.script(one.eval())(x), two.eval()(x))


def test_the_text() -> None:
    """What the variants share is said once, and each condition alone."""
    text = resdsl.design(FLAGGED).source()
    network = text[text.index("class Flagged(") :]
    assert "    gated: Final[bool]\n    deep: Final[bool]\n" in network
    assert network.count("self.linear = nn.Linear(") == 2
    assert network.count("if self.deep:") == network.count("if self.gated:") == 1
    assert network.count("if self.zero:") == 1
    assert network.count("else:") == 2
    assert "Unit(32, 32, squeeze_excite=SqueezeExcite(32) if gated else None)," in network
    assert network.endswith("""
        x = torch.flatten(self.global_avgpool(x), 1)
        x = self.linear(x)
        if self.gated:
            return x
        x = self.relu(x)
        return self.linear_1(x)


def flagged(
    classes: int = 10, gated: bool = False, deep: bool = True, zero: bool = False
) -> Flagged:
    return Flagged(classes, gated, deep, zero)
""")
    assert network.count("class ") == 1


STEPS = [
    # What both do is said once, around what one does.
    ("conv(3, 8) if f { norm } act", """
        x = self.conv(x)
        if self.f:
            x = self.norm(x)
        return self.relu(x)"""),
    ("conv(3, 8) if f { norm } else { sigmoid } act conv(1, 4)", """
        x = self.conv(x)
        if self.f:
            x = self.norm(x)
        else:
            x = self.sigmoid(x)
        x = self.relu(x)
        return self.conv_1(x)"""),
    ("if f { norm } conv(3, 8)", """
        if self.f:
            x = self.norm(x)
        return self.conv(x)"""),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "body"), STEPS)
def test_forward(steps: str, body: str) -> None:
    source = resdsl.design(spec("", "f: bool = true", steps), net="n").source()
    head = "    def forward(self, x: Tensor) -> Tensor:"
    assert source.partition(head)[2].partition("\n\n\n")[0] == body
    assert_kept(spec("", "f: bool = true", steps), "f")


@pytest.mark.parametrize(
    ("given", "said"),
    [("f", "bias=f"), ("not f", "bias=not f"), ("true", "padding=1)"), ("false", "bias=False")],
)
def test_an_operator_is_given_the_flag(given: str, said: str) -> None:
    text = spec("", "f: bool = true", f"conv(3, 8, bias={given})")
    source = resdsl.design(text, net="n").source()
    assert said in source
    assert "if f" not in source


CHOICES = [
    ("flatten linear(where(f, 8, 4))", "self.linear = nn.Linear(3072, 8 if f else 4)"),
    ("conv(3, 8) basic(8) x where(f, 3, 2)", "for _ in range(3 if f else 2)"),
    ("conv(3, where(f, 8, 4), bias=not f)",
     "self.conv = nn.Conv2d(3, 8 if f else 4, 3, padding=1, bias=not f)"),
    ("g: { conv(3, where(f, 8, 4)) norm }", "self.g = nn.Sequential("),
    # With more of them, or other modules, the statements are apart.
    ("conv(where(f, 3, 5), where(f, 8, 4))", "if f:"),
    ("if f { a: relu } else { a: sigmoid } conv(3, 4)", "if f:"),
    # Other arguments by position.
    ("conv(where(f, 1, 3), 4, stride=where(f, 2, 1), bias=f)", "if f:"),
    ("conv(1, 6, stride=where(f, 2, 1), groups=where(f, 1, 3), bias=f)", "if f:"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "said"), CHOICES)
def test_an_argument_is_chosen(steps: str, said: str) -> None:
    text = spec("", "f: bool = true", steps)
    source = resdsl.design(text, net="n").source()
    assert said in source
    assert ("if f:" in source) == (said == "if f:")
    assert_kept(text, "f")


def test_what_stays_none_is_said() -> None:
    text = spec("", "f: bool = false, unit: block = act", "a: conv(3, 8) unit if f { output a }")
    why = "another `f` is another network; `unit` says what is built."
    said = " ".join(resdsl.design(text, net="n").source().split())
    assert f'"""Compiled for its `f` and `unit`: {why}' in said


def test_what_is_verified_is_said() -> None:
    from resdsl.targets import verify

    design = resdsl.design(FLAGGED)
    assert verify(design.network, design.source()).endswith(
        "with all 8 combinations of truth values"
    )


def test_a_large_variant_is_verified_in_short() -> None:
    from resdsl.targets import verify

    text = spec("", "f: bool = false", "conv(3, 8) if f { g: { conv(3, 8) norm act } x 60000 }")
    design = resdsl.design(text, net="n")
    assert "180,001 operators" in verify(design.network, design.source())


def test_features_of_a_design_in_json() -> None:
    text = spec("", "f: bool = false", "c: conv(3, 8) d: conv(3, 8) if f { norm } e: conv(1, 4)")
    again = resdsl.design(resdsl.design(text, net="n").to_json(), features=["c", "d"])
    assert again.network.flags == {"f": False}
    spec_says = resdsl.design(text, net="n", features=["c", "d"]).source()
    assert again.source().split('"""')[2] == spec_says.split('"""')[2]


def test_the_documents_quote_what_is_emitted() -> None:
    text = (Path(__file__).parents[2] / "docs" / "module.md").read_text(encoding="utf-8")
    (kept,) = re.findall(r"```res\n(.*?)```", text, re.DOTALL)
    quoted = re.findall(r"\n\n```\n(.*?)```\n", text, re.DOTALL)
    source = resdsl.design(kept).source()
    assert len(quoted) == 2
    assert all(listing in source for listing in quoted)


def test_flags_come_last() -> None:
    module = resdsl.load(FLAGGED)
    assert str(inspect.signature(type(module))) == (
        "(classes: int = 10, gated: bool = False, deep: bool = True, zero: bool = False) -> None"
    )
    given = resdsl.load(FLAGGED, deep=False)
    assert inspect.signature(type(given)).parameters["deep"].default is False


def test_what_an_instantiation_gives_is_its_own() -> None:
    text = """
    network base(norms: bool = false, wide: bool = false) {
        input 3 x 8 x 8
        conv(3, where(wide, 8, 4)) if norms { norm }
    }
    network normed = base(norms=true)
    """
    assert resdsl.design(text, net="normed").network.flags == {"wide": False}
    assert resdsl.design(text, net="base").network.flags == {"norms": False, "wide": False}


def test_a_network_near_a_limit_has_no_flags(monkeypatch: pytest.MonkeyPatch) -> None:
    """All its variants in one design would be beyond it."""
    monkeypatch.setattr(limits, "STEPS", 1_000)
    for count, flags in ((40, {"f": True}), (130, {})):
        steps = f"for i in range({count}) {{ relu }}"
        text = spec("", "f: bool = true", f"if f {{ conv(3, 4) }} {steps}")
        assert resdsl.design(text, net="n").network.flags == flags


def test_a_check_elaborates_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from resdsl.language.elaborate import network

    calls: list[object] = []
    made = network._elaborate

    def counted(*arguments: Any) -> Any:
        calls.append(arguments)
        return made(*arguments)

    monkeypatch.setattr(network, "_elaborate", counted)
    assert resdsl.check(FLAGGED).ok
    assert len(calls) == 1
    resdsl.design(FLAGGED).source()
    assert len(calls) == 1 + 2**limits.FLAGS


# --- designs in JSON -----------------------------------------------------------------------------


def test_json_has_the_variants() -> None:
    design = resdsl.design(FLAGGED)
    again = resdsl.design(design.to_json())
    assert again.network.flags == {"gated": False, "deep": True, "zero": False}
    assert again.to_json() == design.to_json()
    body = '"""\n\n'
    assert again.source().partition(body)[2] == design.source().partition(body)[2]


def test_at_a_size_that_a_variant_cannot_have_it_is_none() -> None:
    text = """
    network n(pooled: bool = false) {
        input 3 x 8 x 8
        if pooled { maxpool(8, padding=0) }
        conv(3, 4)
    }
    """
    design = resdsl.design(text)
    assert design.network.flags == {"pooled": False}
    small = resdsl.design(design.to_json(), input=(3, 4, 4))
    assert small.network.flags == {}
    assert (
        resdsl.design(text, input=(3, 4, 4)).source().split('"""')[2]
        == small.source().split('"""')[2]
    )


def test_a_number_that_another_variant_has_otherwise_is_refused() -> None:
    import json

    text = spec("", "f: bool = false, w: int = 8", "conv(3, w) if f { act }")
    design = json.loads(resdsl.design(text, net="n").to_json())
    (variant,) = design["network"]["variants"]
    found = design["definitions"][variant["definition"]]
    found["arguments"]["w"] = 9
    conv = found["bodies"][-1]["steps"][0]["module"]["runs"][0]["unit"]
    conv["arguments"]["channels"]["value"] = 9
    with pytest.raises(resdsl.SpecError, match="another number"):
        resdsl.design(json.dumps(design))
    found["parameters"].reverse()
    with pytest.raises(resdsl.SpecError, match="other parameters"):
        resdsl.design(json.dumps(design))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda row: row[1]["flags"].pop("deep"), "other flags"),
        (lambda row: [one["flags"].update(classes=True) for one in row], "truth values"),
        (lambda row: row[0].update(definition=0), "a variant is a network"),
        (lambda row: row[0].update(definition=10_000), "a variant is a network"),
        (lambda row: row[0].update(definition=row[1]["definition"]), "other truth values"),
        (lambda row: row.pop(), "stands there once"),
        (lambda row: row.__setitem__(0, row[1]), "stands there once"),
        (lambda row: row[0].update(outputs=[1]), "other outputs"),
        (lambda row: row[0].update(flags={}), "at least 1"),
    ],
)
def test_refused(change: Any, message: str) -> None:
    import json

    design = json.loads(resdsl.design(FLAGGED).to_json())
    change(design["network"]["variants"])
    with pytest.raises(resdsl.SpecError, match=message):
        resdsl.design(json.dumps(design))
