"""The public API, as architecture.md lists it."""

from __future__ import annotations

import importlib
import inspect
import warnings
from pathlib import Path

import pytest

import resdsl
from resdsl.api import specs, zoo
from resdsl.cli.run import run
from resdsl.diagnostics.codes import MISMATCH, Code
from resdsl.outputs import OutputError

TEXT = """\
## What it is.
network net(classes: int = 10, input: int = 1) {
    input 3 x 32 x 32
    conv1: conv(3, 16)
    norm
    stage layer1 /2: basic(32) x 2
    global_avgpool
    flatten
    fc: linear(classes * input)
}
"""
BAD = TEXT.replace("norm", "nrom")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder."""
    monkeypatch.chdir(tmp_path)


# --- the package ----------------------------------------------------------------------------------


def test_what_is_there() -> None:
    for name in resdsl.__all__:
        assert getattr(resdsl, name).__name__ == name
    assert set(resdsl.__all__) < set(dir(resdsl))
    with pytest.raises(AttributeError, match="no attribute 'desing'"):
        _ = resdsl.desing  # type: ignore[attr-defined]


def test_design_is_the_function_whatever_is_imported() -> None:
    """There is a folder of that name too."""
    importlib.import_module("resdsl.design.model")
    assert inspect.isfunction(resdsl.design)
    from resdsl import design

    assert design is resdsl.design
    from resdsl.design import model

    assert inspect.ismodule(model)


# --- what a spec is -------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", ["net.res", Path("net.res"), TEXT, TEXT.replace("\n", "\r\n")])
def test_spec(spec: str | Path) -> None:
    Path("net.res").write_text(TEXT, encoding="utf-8")
    assert resdsl.design(spec).name == "net"


def test_a_file_wins_over_the_zoo() -> None:
    Path("resnet18").write_text(TEXT, encoding="utf-8")
    assert resdsl.design("resnet18").name == "net"


def test_zoo() -> None:
    assert resdsl.design("resnet18").params == 11_689_512


def test_zoo_file_that_is_not_here(capsys: pytest.CaptureFixture[str]) -> None:
    specs._note.cache_clear()
    assert resdsl.design("resnet18.res").name == "resnet18"
    assert capsys.readouterr().err == (
        "note: there is no resnet18.res; taking resnet18 of the zoo\n"
    )


def test_a_spec_beside_that_the_zoo_hides(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said once a process; not of the zoo's own file, nor where it is named."""
    specs._note.cache_clear()
    Path("resnet18.res").write_text(TEXT, encoding="utf-8")
    for _ in range(2):
        assert resdsl.design("resnet18").name == "resnet18"
    assert capsys.readouterr().err == (
        "note: taking resnet18 of the zoo, and not resnet18.res of this folder, "
        "which `resnet18.res` takes\n"
    )
    specs._note.cache_clear()
    assert resdsl.design("resnet18.res").name == "net"
    monkeypatch.chdir(zoo.find("resnet18").path.parent)  # type: ignore[union-attr]
    assert resdsl.design("resnet18").name == "resnet18"
    assert capsys.readouterr().err == ""


def test_a_path_is_a_file() -> None:
    with pytest.raises(resdsl.SpecError, match="no such file"):
        resdsl.design(Path("resnet18"))


def test_a_network_of_a_family_file() -> None:
    assert resdsl.design("cifar_resnet56").depth == 56


# --- check ----------------------------------------------------------------------------------------


def test_check() -> None:
    report = resdsl.check(TEXT)
    assert report.ok
    assert [design.name for design in report.designs] == ["net"]
    assert str(report) == "no errors"


@pytest.mark.parametrize("spec", [BAD, "", "nothing.res", Path("nothing.res"), "a\0", "\n"])
def test_check_never_raises(spec: str | Path) -> None:
    report = resdsl.check(spec)
    assert not report.ok
    assert report.designs == ()
    assert "error[" in str(report)
    assert str(report).endswith("1 error")


def test_check_tells_a_mistake_once() -> None:
    """Though two networks use the block that it is in."""
    report = resdsl.check(
        "block b { norm conv(3, 7, groups=2) }\n"
        "network one { input 3 x 8 x 8 b }\nnetwork two { input 3 x 8 x 8 b }\n"
    )
    assert report.failed == ("one", "two")
    assert len(report.diagnostics) == 1


def test_check_keeps_what_is_right() -> None:
    report = resdsl.check(TEXT + "network other { input 3 x 8 x 8 conv(0, 1) }\n")
    assert [design.name for design in report.designs] == ["net"]
    assert report.failed == ("other",)


@pytest.mark.parametrize(
    "block",
    [
        "block b(n: relu = 1) { relu }",
        "block b(n: int = 1) { if false { rleu } relu }",
        "block b { c } block c { if false { conv(3, 4, strid=2) } relu }",
        "block b { relu } let w = nothing block b { relu }",
        "block b { conv(3, w) } let w = 3 let w = 4",
        'from "nothing.res" import c block b { if false { c } relu }',
    ],
)
def test_a_mistake_is_one_of_every_network_that_mentions_it(block: str) -> None:
    """Though elaborating these does not come to it; a network with a name like it has none."""
    networks = """
        network one { input 3 x 8 x 8 b }
        network two = one
        network right { input 3 x 8 x 8 b: conv(3, 4) keep w join w }
        network family(n: int) { input 3 x 8 x 8 conv(3, n) b }
        network other(n: int) { input 3 x 8 x 8 conv(3, n) }
    """
    report = resdsl.check(f"{block}\n{networks}\n")
    assert [design.name for design in report.designs] == ["right"]
    assert set(report.failed) == {"one", "two", "family"}
    assert [family.name for family in report.families] == ["other"]


def test_check_with_parameters() -> None:
    assert resdsl.check(TEXT, classes=3).designs[0].output == (3,)
    assert not resdsl.check(TEXT, clases=3).ok


# --- design ---------------------------------------------------------------------------------------


def test_errors_are_raised_together() -> None:
    with pytest.raises(resdsl.SpecError) as caught:
        resdsl.design(BAD.replace("basic", "basci"))
    assert len(caught.value.diagnostics) == 2
    assert "`norm`" in str(caught.value)
    assert "`basic`" in str(caught.value)


def test_facts() -> None:
    design = resdsl.design("resnet50")
    assert design.name == "resnet50"
    assert design.doc.startswith("ResNet-50")
    assert (design.params, design.params_without_norm) == (25_557_032, 25_503_912)
    assert (design.macs, design.activations) == (4_089_184_256, 11_114_984)
    assert (design.depth, design.buffers) == (50, 53_173)
    assert (design.input, design.output) == ((3, 224, 224), (1000,))
    assert [row.name for row in design.stages] == [
        "conv1", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool", "head",
    ]  # fmt: skip
    assert design.sizes().min_input == 1
    assert repr(design) == "<resdsl design resnet50: 3×224×224, 25,557,032 params>"


def test_parameters() -> None:
    assert resdsl.design(TEXT, classes=7).output == (7,)
    assert resdsl.design(TEXT, settings={"classes": 7, "input": 3}).output == (21,)
    with pytest.raises(resdsl.SpecError, match="must be an int"):
        resdsl.design(TEXT, classes="many")


@pytest.mark.parametrize("size", ["3x64x48", "3 x 64 x 48", (3, 64, 48)])
def test_input(size: str | tuple[int, ...]) -> None:
    assert resdsl.design(TEXT, input=size).input == (3, 64, 48)


def test_net() -> None:
    two = TEXT + TEXT.replace("net(", "other(")
    assert resdsl.design(two, net="other").name == "other"
    with pytest.raises(resdsl.SpecError, match="several networks"):
        resdsl.design(two)


def test_at() -> None:
    design = resdsl.design("resnet50")
    other = design.at(256, 320)
    assert other.input == (3, 256, 320)
    assert other.macs == resdsl.design("resnet50", input="3x256x320").macs
    assert (other.params, other.output) == (design.params, design.output)
    assert other.stages[-3].shape == (2048, 8, 10)
    assert design.input == (3, 224, 224)
    assert other.source() == design.source()


@pytest.mark.parametrize("extents", [(), (224, 224, 224), (224.0, 224), ("224", 224)])
def test_at_takes_a_number_per_dimension(extents: tuple[int, ...]) -> None:
    with pytest.raises(TypeError, match=r"at\(\) takes 2 whole numbers \(H, W\)"):
        resdsl.design("resnet50").at(*extents)


def test_at_keeps_the_weights() -> None:
    """A linear layer behind `flatten` has a weight for each feature."""
    design = resdsl.design("network n {\n input 1 x 28 x 28 conv(3, 4) flatten linear(10)\n}\n")
    with pytest.raises(resdsl.SpecError, match="does not run at 32 x 32"):
        design.at(32, 32)
    assert design.at(14, 56).output == (10,)


def test_free_input() -> None:
    design = resdsl.design(TEXT, input="3xHxW")
    assert (design.input, design.macs, design.output) == ((3, "H", "W"), None, (10,))
    assert design.params == resdsl.design(TEXT).params
    assert design.at(32, 32).macs == resdsl.design(TEXT).macs


def test_table() -> None:
    table = resdsl.design("resnet50").table()
    assert str(table).startswith("ResNet-50 at 3×224×224\n")
    assert table.to_markdown().startswith("| stage |")
    assert table.to_latex().startswith("% needs booktabs and amsmath\n\\begin{tabular}")
    assert table.to_html().startswith("<table>")


def test_draw() -> None:
    design = resdsl.design(TEXT)
    assert design.draw() == Path("net.svg")
    assert design.draw("net.dot", view="overview") == Path("net.dot")
    assert Path("net.svg").read_bytes().startswith(b"<?xml")
    assert Path("net.dot").read_bytes().startswith(b"digraph")
    with pytest.raises(OutputError, match="there is no folder nowhere"):
        design.draw("nowhere/net.svg")


def test_draw_at_another_size() -> None:
    resdsl.design(TEXT).at(64, 64).draw("net.dot")
    assert "64×64" in Path("net.dot").read_text(encoding="utf-8")


# --- what it says ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["E0501", "e0501", MISMATCH, "bottleneck", "stage", "resnet50"])
def test_explain(name: str | Code, capsys: pytest.CaptureFixture[str]) -> None:
    word = name if isinstance(name, str) else name.id
    text = resdsl.explain(name)
    run(["explain", word])
    assert capsys.readouterr().out == text + "\n"


@pytest.mark.parametrize("name", ["botleneck", "E9999", "", "conv\n", "../E0501"])
def test_explain_what_is_not_there(name: str) -> None:
    with pytest.raises(LookupError, match="there is no code and no name"):
        resdsl.explain(name)


# --- torch ----------------------------------------------------------------------------------------


def test_load() -> None:
    import torch

    model = resdsl.load(TEXT, classes=7, dtype=torch.float64, seed=3)
    assert model.training
    assert model(torch.zeros(2, 3, 32, 32, dtype=torch.float64)).shape == (2, 7)
    assert "class Net(nn.Module)" in inspect.getsource(type(model))


def test_load_raises() -> None:
    with pytest.raises(resdsl.SpecError):
        resdsl.load(BAD)


def test_compile() -> None:
    assert resdsl.compile(TEXT) == Path("net.py")
    assert resdsl.compile(TEXT, "other.py") == Path("other.py")
    assert Path("net.py").read_text(encoding="utf-8") == resdsl.design(TEXT).source()


def test_compile_keeps_what_was_edited() -> None:
    path = resdsl.compile(TEXT)
    with path.open("a") as file:
        file.write("# mine\n")
    with pytest.raises(OutputError, match="was edited by hand"):
        resdsl.compile(TEXT)
    resdsl.compile(TEXT, force=True)
    assert "# mine" not in path.read_text(encoding="utf-8")


# --- warnings of Python ---------------------------------------------------------------------------

DOUBTFUL = """\
network net {
    input 3 x 128 x 128
    conv(64, 7, stride=2)
}
"""


def test_what_is_doubtful_is_a_warning() -> None:
    with pytest.warns(resdsl.SpecWarning, match=r"^W1016: the window .*\n --> <text>:3:5") as found:
        resdsl.load(DOUBTFUL, device="meta")
    assert [one.filename for one in found] == [__file__]
    with pytest.warns(resdsl.SpecWarning, match="W1016"):
        resdsl.compile(DOUBTFUL, "net.py")
    with pytest.warns(resdsl.SpecWarning, match="W1016.*224 of them here"):
        resdsl.load("resnet18", input=(224, 224, 3), device="meta")


def test_it_is_told_once_for_each_line_and_can_be_silenced() -> None:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("default")
        for _ in range(3):
            resdsl.load(DOUBTFUL, device="meta")
        warnings.filterwarnings("ignore", "W1016", resdsl.SpecWarning)
        resdsl.load(DOUBTFUL, device="meta")
    assert len(found) == 1
    resdsl.load(DOUBTFUL.replace("stride=2)", "stride=2)  # allow W1016"), device="meta")


# --- the head of the module -----------------------------------------------------------------------

WIDE = """\
network net(width: float = 1.0, mark: string = "a") {
    input 3 x 32 x 32
    conv(3, round(64 * width))
    if mark == "a" { relu }
}
"""


def test_the_head_names_what_was_given() -> None:
    assert "Made with" not in resdsl.design(WIDE).source()
    made = resdsl.design(WIDE, input=64, width=0.5)
    assert "\nMade with width=0.5, input=3x64x64.\n" in made.source()
    again = resdsl.design(made.to_json().replace("\n", ""), input=64)
    assert "\nMade with input=3x64x64.\n" in again.source()


def test_no_text_ends_the_head() -> None:
    mark = "b'''(sha256 000000000000) \u00e9. 'Made with c=1."
    Path("net.py").write_text(resdsl.design(WIDE, mark=mark).source(), encoding="utf-8")
    resdsl.load(WIDE, mark=mark, device="meta")
    resdsl.compile(WIDE, "net.py")  # it is as it was written


def test_compile_says_what_it_replaces(capfd: pytest.CaptureFixture[str]) -> None:
    Path("net.res").write_text(WIDE, encoding="utf-8")
    told = []
    for given in (["--set", "width=0.5"], ["--set", "width=0.5"], [], [], ["--input", "64"]):
        assert run(["compile", "net.res", *given]) == 0
        told.append(capfd.readouterr().out.split("\nwrote ")[1].splitlines()[0])
    assert told == [
        "net.py",
        "net.py",
        "net.py, which replaces the module of net.res with width=0.5",
        "net.py",
        "net.py, which replaces the module of net.res as it stands",
    ]


# --- refusals -------------------------------------------------------------------------------------


def test_a_refused_size_names_the_join() -> None:
    text = """network net {
    input 3 x 32 x 32
    residual { conv(3, 3, stride=2) conv_transpose(2, 3, stride=2) }
}
"""
    wanted = r"a join at <text>:3:5 gets 3x128x98 and 3x128x97; these agree where .* W % 2 == 0"
    with pytest.raises(resdsl.SpecError, match=wanted):
        resdsl.design(text).at(128, 97)


def test_a_kept_file_is_told_in_the_words_of_each_side(capfd: pytest.CaptureFixture[str]) -> None:
    Path("net.res").write_text(TEXT, encoding="utf-8")
    for name, command in (("net.svg", "draw"), ("net.py", "compile")):
        Path(name).write_text("mine", encoding="utf-8")
        assert run([command, "net.res"]) == 2
        assert "--force overwrites it" in capfd.readouterr().err
    with pytest.raises(resdsl.OutputError, match="force=True overwrites it"):
        resdsl.design("net.res").draw()
    with pytest.raises(resdsl.OutputError, match="force=True overwrites it"):
        resdsl.compile("net.res")


def test_a_text_on_one_line() -> None:
    assert resdsl.design("network net { input 3 x 8 x 8 conv(3, 4) }").params == 108
    with pytest.raises(resdsl.SpecError, match="no such file"):
        resdsl.design("net{1}.res")


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("resnext50", "did you mean `resnext50_1x64d`, .* or `resnext50_32x4d`"),
        ("swin_t", "has this name\n  = help: `resdsl list` shows"),
    ],
)
def test_a_name_that_the_zoo_has_not(name: str, help: str) -> None:
    with pytest.raises(resdsl.SpecError, match=help):
        resdsl.load(name)
