"""An input from outside sets the number of spatial dimensions, where every step takes it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch

import resdsl
from resdsl import data
from resdsl.api.designs import Design
from resdsl.design.network import Network
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.spec import Spec, open_spec
from resdsl.source import Source
from resdsl.syntax import tree
from resdsl.syntax.parser import parse
from tests.zoo.families import every

IMAGES = """network net {
    input 3 x 32 x 32
    conv1: conv(3, 8, stride=2) norm act
    maxpool: maxpool(3, stride=2)
    stage layer1: basic(16) /2 x 2
    global_avgpool flatten fc: linear(10)
    expect output == 10 and shape(layer1) == 16x4x4
}
"""


@pytest.mark.parametrize(
    ("declared", "given", "input"),
    [
        ("3 x 32 x 32", "1x103", (1, 103)),
        ("3 x 32 x 32", (1, 103), (1, 103)),
        ("3 x 32 x 32", "1xL", (1, "L")),
        ("3 x 32 x 32", "1x16x32x24", (1, 16, 32, 24)),
        ("3 x 32 x 32", (2, "D", 32, "W"), (2, "D", 32, "W")),
        ("3 x H x W", "1x103", (1, 103)),
        ("1 x 32 x 32 x 32", "2x64", (2, 64)),
        ("1 x 32 x 32 x 32", "2x64x48", (2, 64, 48)),
        ("2 x 16000", "3x32x32", (3, 32, 32)),
        ("2 x L", (1, 16, 32, 32), (1, 16, 32, 32)),
        ("784", "3x103", (3, 103)),
        # As ever: extents alone, or the number of dimensions that is declared.
        ("3 x 32 x 32", "64x48", (3, 64, 48)),
        ("3 x 32 x 32", "1x64x48", (1, 64, 48)),
    ],
)
def test_what_it_is(declared: str, given: Any, input: tuple[int | str, ...]) -> None:
    text = f"network n {{ input {declared} act }}\n"
    report = resdsl.check(text, input=given)
    assert report.designs[0].input == input
    assert report.diagnostics == ()


@pytest.mark.parametrize(
    ("declared", "given", "said", "help"),
    [
        ("3 x 32 x 32", (8, 3, 64, 64), "3 spatial dim", "without the batch this is (3, 64, 64)"),
        ("3 x 32 x 32", "8x3x64x64", "3 spatial dim", "without the batch this is (3, 64, 64)"),
        ("784", (16, 784), "1 spatial dimension,", "without the batch this is (784,)"),
        ("3 x 32 x 32", "1x2x3x4x5", "4 spatial dim", "it is declared (3, 32, 32)"),
        ("1 x 32 x 32 x 32", "HxW", "never free", "`input=(1, "),
        ("64 x 32 x 32", "64x48", "is 64 the channels", "`input=(64, 64, 48)`"),
    ],
)
def test_what_it_is_not(declared: str, given: Any, said: str, help: str) -> None:
    (found,) = resdsl.check(f"network n {{ input {declared} act }}\n", input=given).diagnostics
    assert found.code.id == "E0803"
    assert said in found.message
    assert help in found.help[0]


def test_a_number_that_may_be_missing() -> None:
    report = resdsl.check(IMAGES, input="3x64")
    assert [one.code.id for one in report.diagnostics] == ["W1022"]
    assert "1 spatial dimension, where 2 are declared" in report.diagnostics[0].message
    assert report.diagnostics[0].help == ("with all of them: `input=(3, 64, 64)`",)
    assert report.ok


@pytest.mark.parametrize("given", ["1x103", "1x16x32x32"])
def test_it_runs(given: str) -> None:
    model = resdsl.load(IMAGES, input=given, seed=0).eval()
    extents = [int(n) for n in given.split("x")]
    written = resdsl.load(
        IMAGES.replace("3 x 32 x 32", given.replace("x", " x ")).replace("expect", "# expect"),
        seed=0,
    ).eval()
    x = torch.randn(2, *extents)
    with torch.no_grad():
        assert model(x).shape == (2, 10)
        assert torch.equal(model(x), written(x))


def test_contracts_are_those_of_the_network_without_changes() -> None:
    assert resdsl.check(IMAGES, input="1x103").ok
    other = IMAGES.replace("16x4x4", "16x4x5")
    assert not resdsl.check(other).ok
    assert resdsl.check(other, input="1x103").ok


@pytest.mark.parametrize(
    ("step", "given", "said"),
    [
        ("conv(3x5, 8)", "1x103", "`conv` got k 3x5 for a tensor of 1 spatial dimension"),
        ("maxpool(3, stride=1x2)", "1x103", "`maxpool` got stride 1x2"),
        ("adaptive_avgpool(7x7)", "1x9x9x9", "`adaptive_avgpool` got size 7x7"),
        ("upsample(size=64x64)", "1x103", "`upsample` got size 64x64"),
        ("stage s: basic(8, stride=1x2) x 1", "1x9x9x9", "got stride 1x2"),
    ],
)
def test_a_step_of_two_dimensions(step: str, given: str, said: str) -> None:
    """It is told at its place, and so is what asks for another number of them."""
    text = f"network n {{\n    input 3 x 32 x 32\n    {step}\n}}\n"
    assert resdsl.check(text).ok
    found = resdsl.check(text, input=given).diagnostics[0]
    assert found.code.id == "E0503"
    assert said in found.message
    assert found.span is not None and found.span.text in step
    (why,) = (one for one in found.others if one.span.text == "input 3 x 32 x 32")
    count = given.count("x")
    assert why.text.endswith(f" makes it {count} spatial dimension{'s' * (count > 1)}")


def test_a_condition_on_an_extent_that_is_not_there() -> None:
    text = "network n { input 3 x H x W expect H % 2 == 0 and W >= 4 act }\n"
    found = resdsl.check(text, input="1x103").diagnostics
    assert [one.message for one in found] == [
        "the input has no extent `H`",
        "the input has no extent `W`",
    ]
    assert all(one.others[0].text.endswith("makes it 1 spatial dimension") for one in found)
    assert resdsl.check(text, input="1x16x32x32").ok
    broken = resdsl.check(text, input="1x16x33x32").diagnostics[0]
    assert broken.message == "the network is for H % 2 == 0, and H is 33"


def test_a_design_in_json_keeps_its_number() -> None:
    """What the spec asked of `in.rank` was answered when it was made."""
    design = resdsl.design(IMAGES).to_json()
    with pytest.raises(resdsl.SpecError, match="has 3 spatial dimensions, but the network's input"):
        resdsl.design(design, input="2x16x32x32")


# --- equal to a spec that has that input ---------------------------------------------------------

ZOO = data.folder("specs")
SPECS = sorted(path.relative_to(ZOO) for path in ZOO.rglob("*.res"))
INPUTS = ("2x512", "2x33x48x40")
CONDITIONS = ("the input has no extent", "the network is for ")


@pytest.fixture(scope="module", params=INPUTS)
def written(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """An input, and a folder for the zoo's files, in which every network declares it."""
    return request.param, tmp_path_factory.mktemp("zoo")


def rewrite(path: Path, given: str, folder: Path) -> None:
    """Writes a file of the zoo, and what it imports from files beside it, with this input."""
    other = folder / path
    if other.exists():
        return
    text = (ZOO / path).read_text(encoding="utf-8")
    other.parent.mkdir(parents=True, exist_ok=True)
    other.write_text(with_input(text, given))
    for name in re.findall(r'^from "(.*)" import', text, re.MULTILINE):
        rewrite(path.parent / name, given, folder)


def with_input(text: str, given: str) -> str:
    file = parse(Source("net.res", text), Sink())
    assert file is not None
    networks = (item for item in file.items if isinstance(item, tree.Network))
    bodies = [item.body for item in networks if item.body is not None]
    steps = [step for body in bodies for step in body.steps if isinstance(step, tree.Input)]
    for step in sorted(steps, key=lambda step: -step.span.start):
        instead = f"input {given.replace('x', ' x ')}"
        text = text[: step.span.start] + instead + text[step.span.stop :]
    return text


def opened(path: Path) -> Spec:
    found = open_spec(Source(path.name, path.read_text(encoding="utf-8")), path, Sink())
    assert found is not None
    return found


def elaborated(spec: Spec, name: str, input: str | None) -> tuple[Network | None, list[str]]:
    sink = Sink()
    found = spec.elaborate(name, sink, input=input)
    messages = [one.message for one in sink.diagnostics if one.severity == "error"]
    return None if found is None else found.network, messages


def compared(path: Path, given: str, folder: Path) -> list[bool]:
    """Of each network of a file, whether it is one with this input."""
    made: list[bool] = []
    rewrite(path, given, folder)
    spec, rewritten = opened(ZOO / path), opened(folder / path)
    for info in spec.networks:
        if not info.complete:
            continue
        one, why = elaborated(spec, info.name, given)
        if any(message.startswith(CONDITIONS) for message in why):
            # It declares conditions on the extents of an image.
            made.append(False)
            continue
        other, reason = elaborated(rewritten, info.name, None)
        assert why == reason, info.name
        if one is not None and other is not None:
            assert Design(one).to_json() == Design(other).to_json(), info.name
        made.append(one is not None)
    return made


@pytest.mark.parametrize("path", every(3, SPECS[::6]), ids=lambda path: path.stem)
def test_some_of_the_zoo(path: Path, written: tuple[str, Path]) -> None:
    compared(path, *written)


@pytest.mark.full
def test_the_zoo(written: tuple[str, Path]) -> None:
    """Most of its networks care for no number of dimensions."""
    made = [one for path in SPECS for one in compared(path, *written)]
    assert sum(made) > 0.9 * len(made)
