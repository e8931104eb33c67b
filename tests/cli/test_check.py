"""`resdsl check`: what it accepts, what it says, and its exit status."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from .conftest import SMALL, Resdsl

GOLDEN = Path(__file__).parent.parent / "golden"

LIBRARY = "block unit(width: int) { conv(3, width) norm act }\n"
TWO = "network a { input 3 x 32 x 32 conv(3, 8) }\nnetwork b { input 3 x 32 x 32 conv(3, 8) }\n"
FAMILY = "network family(width: int) { input 3 x 32 x 32 conv(3, width) }\n"


def test_line(resdsl: Resdsl) -> None:
    found = resdsl("check", "resnet50")
    expected = "resnet50: ok, 25,557,032 params, 4.09 GMACs, valid for every H, W ≥ 1\n"
    assert (found.status, found.out, found.err) == (0, expected, "")


def test_input_with_its_channels_last(resdsl: Resdsl) -> None:
    found = resdsl("check", "resnet50", "--input", "224x224x3")
    assert found.status == 0
    assert "warning[W1016]: --input 224x224x3: the first number of an input is" in found.err
    assert "channels come first: `--input 3x224x224`" in found.err


def test_every_network(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "two.res").write_text(TWO)
    found = resdsl("check", "two.res")
    assert found.status == 0
    assert [line.partition(":")[0] for line in found.out.splitlines()] == ["a", "b"]


def test_named_network(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "two.res").write_text(TWO)
    assert resdsl("check", "two.res", "--net", "b").out.startswith("b: ok")


def test_library(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "blocks.res").write_text(LIBRARY)
    found = resdsl("check", "blocks.res")
    assert (found.status, found.out) == (0, "blocks.res: ok, 1 definition and no network\n")


def test_mistake_in_a_library(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "blocks.res").write_text(LIBRARY.replace("norm", "nrom"))
    found = resdsl("check", "blocks.res")
    assert found.status == 1
    assert "did you mean `norm`?" in found.err


def test_family(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "family.res").write_text(FAMILY)
    found = resdsl("check", "family.res")
    assert (found.status, found.out) == (0, "family: ok, a family to be given width\n")


def test_folder(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "specs" / "below").mkdir(parents=True)
    (tmp_path / "specs" / ".hidden").mkdir()
    (tmp_path / "specs" / "below" / "small.res").write_text(SMALL)
    (tmp_path / "specs" / "blocks.res").write_text(LIBRARY)
    (tmp_path / "specs" / ".hidden" / "old.res").write_text("?")
    found = resdsl("check", "specs")
    assert found.status == 0
    assert [line.split(": ")[0] for line in found.out.splitlines()] == [
        str(Path("specs", "below", "small.res")),
        str(Path("specs", "blocks.res")),
    ]


def test_folder_without_specs(resdsl: Resdsl, tmp_path: Path) -> None:
    found = resdsl("check", ".")
    assert (found.status, found.err) == (2, "error: .: there is no .res file in this folder\n")


@pytest.mark.parametrize("form", ["\n", "\r\n", "\r\n\ufeff", "\t"])
def test_stdin(resdsl: Resdsl, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    """Also with CRLF, a byte order mark, tabs."""
    text = (
        SMALL.replace("    ", form)
        if form == "\t"
        else SMALL.replace("\n", form[:2].strip("\ufeff"))
    )
    if form.endswith("\ufeff"):
        text = "\ufeff" + text
    stream = io.TextIOWrapper(io.BytesIO(text.encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    found = resdsl("check", "-")
    assert (found.status, found.err) == (0, "")
    assert found.out.startswith("small: ok, ")


def test_overrides_leave_contracts_alone(resdsl: Resdsl, small: Path) -> None:
    small.write_text(SMALL.replace("depth == 6", "macs == 1_000"))
    assert resdsl("check", "small.res").status == 1
    for option in (["--set", "classes=7"], ["--input", "3x16x16"], ["--input", "16"]):
        found = resdsl("check", "small.res", *option)
        assert found.status == 0
        assert "its contracts were not checked" in found.out


def test_broken_contract(resdsl: Resdsl, small: Path) -> None:
    small.write_text(SMALL.replace("depth == 6", "depth == 7"))
    found = resdsl("check", "small.res")
    assert (found.status, found.out) == (1, "small: has errors\n")
    assert "error[E0601]" in found.err
    assert found.err.endswith("1 error\n")


def test_mistakes_of_all_files(resdsl: Resdsl, small: Path, tmp_path: Path) -> None:
    (tmp_path / "other.res").write_text(SMALL.replace("basic", "basci"))
    small.write_text(SMALL.replace("norm", "nrom"))
    found = resdsl("check", ".")
    assert found.status == 1
    assert "`basic`?" in found.err
    assert "`norm`?" in found.err


def test_zoo_instead_of_a_missing_file(resdsl: Resdsl) -> None:
    found = resdsl("check", "resnet18.res")
    assert found.status == 0
    assert found.err == "note: there is no resnet18.res; taking resnet18 of the zoo\n"


# --- forms, fixes, warnings -----------------------------------------------------------------------

MENDABLE = """\
from std.stem import cifar_stem, imagenet_stem
network net {
    input 3 x 32 x 32
    cifar_stem(16)
    conv1 = conv(3, 16, bias=true)
    norm,
    set act = relu6  # for later
    residual { conv(3, 16) batchnrm }
    norm x2
    expect depth = 3
}
"""
MENDED = """\
from std.stem import cifar_stem
network net {
    input 3 x 32 x 32
    cifar_stem(16)
    conv1: conv(3, 16, bias=true)
    norm
    set act = relu6  # for later
    residual { conv(3, 16) batchnrm }
    norm x 2
    expect depth == 3
}
"""


def test_fix(resdsl: Resdsl, tmp_path: Path) -> None:
    """What is safe is mended; a name that was probably meant is for the author to say."""
    path = tmp_path / "net.res"
    path.write_text(MENDABLE)
    found = resdsl("check", "net.res", "--fix")
    assert found.err.startswith("net.res: mended 5 mistakes\nerror[E0201]: nothing here is called")
    path.write_text(path.read_text().replace("batchnrm", "batchnorm"))
    again = resdsl("check", "net.res", "--fix")
    # What nothing uses here, another network may: a `set`, and a bias.
    assert again.err.startswith("warning[W1003]")
    assert (again.status, path.read_text()) == (0, MENDED.replace("batchnrm", "batchnorm"))


@pytest.mark.parametrize(
    "text",
    [
        # Paths and comments with the word `from` in them, and with commas.
        'from "from_timm.res" import gate\n',
        "from std.stem import # from He et al.\n    cifar_stem\n",
        "from std.stem import deep_stem, # used here\n    cifar_stem  # not used\n",
        # `act = silu` may be a `set`, `stride = 2` a `let`.
        "block b {\n    act = silu\n    stride = 2\n}\n",
        # Another network, or another value, uses them.
        "block b { conv(3, 8, bias=true) norm }\n",
        "network f(n: int = 0) { input 3 x 8 x 8 set act = silu if n > 0 { act } norm }\n",
    ],
)
def test_fix_leaves_alone(resdsl: Resdsl, tmp_path: Path, text: str) -> None:
    """What is not beyond doubt."""
    (tmp_path / "from_timm.res").write_text("block gate { norm }\n")
    network = "network net {\n    input 3 x 32 x 32\n    deep_stem([8, 8, 8])\n    b\n}\n"
    text += network.replace("    b\n", "") if "deep_stem" in text else ""
    (tmp_path / "net.res").write_text(text)
    resdsl("check", "net.res", "--fix")
    # The whole import may go, where it is one.
    assert (tmp_path / "net.res").read_text() in (text, text.partition("\n")[2])


def test_fix_needs_a_file(resdsl: Resdsl) -> None:
    found = resdsl("check", "resnet50", "--fix")
    assert (found.status, found.out) == (2, "")
    assert found.err == "error: resnet50: only a file can be mended\n"


def test_every_fix_removes_its_diagnostic(tmp_path: Path) -> None:
    import resdsl
    from resdsl.diagnostics.fixes import applied

    texts = [MENDABLE]
    texts += [path.read_text() for path in sorted((GOLDEN / "errors").glob("*.res"))]
    seen = 0
    for text in texts:
        known = resdsl.check(text).diagnostics
        for one in known:
            if one.fix is None or one.fix.edits[0].span.source.name != "<text>":
                continue
            mended, count = applied(one.fix.edits[0].span.source, [one.fix])
            assert count == len(one.fix.edits)
            left = [(d.code, d.message) for d in resdsl.check(mended).diagnostics]
            was = [(d.code, d.message) for d in known]
            same = (one.code, one.message)
            assert left.count(same) < was.count(same), text
            seen += 1
    assert seen > 15


def test_json(resdsl: Resdsl, tmp_path: Path) -> None:
    from resdsl.api.schema import CheckForm

    (tmp_path / "net.res").write_text(MENDABLE, encoding="utf-8")
    found = resdsl("check", "net.res", "resnet18", "--json")
    assert (found.status, found.err) == (1, "")
    read = CheckForm.model_validate_json(found.out)
    assert [(one.network, one.ok) for one in read.networks] == [("net", False), ("resnet18", True)]
    assert read.networks[1].cost is not None
    assert read.networks[1].cost.params == 11_689_512
    codes = [one.code for one in read.diagnostics]
    assert (len(codes), codes.count("E0101"), read.ok) == (5, 4, False)
    for one in read.diagnostics:
        assert one.place is not None
        lines = MENDABLE.split("\n")
        assert MENDABLE[one.place.start] == lines[one.place.line - 1][one.place.column - 1]


def test_github(resdsl: Resdsl, tmp_path: Path) -> None:
    (tmp_path / "a,b.res").write_text("network net {\n    input 3 x 32 x 32\n    bn\n}\n")
    found = resdsl("check", "a,b.res", "--format", "github")
    assert (found.status, found.err) == (1, "")
    assert found.out == (
        "::error title=E0201,file=a%2Cb.res,line=3,col=5,endLine=3,endColumn=6::"
        "nothing here is called `bn`%0Ahelp: did you mean `batchnorm`?\n"
    )


def test_warnings_as_errors(resdsl: Resdsl, tmp_path: Path) -> None:
    path = tmp_path / "net.res"
    text = "network net {\n    input 3 x 8 x 8\n    conv(3, 8, bias=true)\n    norm\n}\n"
    path.write_text(text)
    assert resdsl("check", "net.res").status == 0
    assert resdsl("check", "net.res", "-W", "error").status == 1
    path.write_text(text.replace("true)", "true)  # allow W1003"))
    found = resdsl("check", "net.res", "-W", "error")
    assert (found.status, found.err) == (0, "")
    path.write_text(text.replace("true)", "true)  # allow W1004, W1005"))
    assert resdsl("check", "net.res", "-W", "error").status == 1


def test_explain(resdsl: Resdsl) -> None:
    listed = resdsl("explain")
    assert listed.status == 0
    assert "E0501  shapes that must agree do not\n" in listed.out
    found = resdsl("explain", "e0501")
    assert (found.status, found.err) == (0, "")
    assert found.out.startswith("E0501: shapes that must agree do not\n\n")
    unknown = resdsl("explain", "E0511")
    assert (unknown.status, unknown.out) == (2, "")
    assert "did you mean" in unknown.err


def test_explain_a_name(resdsl: Resdsl) -> None:
    found = resdsl("explain", "bottleneck")
    assert found.out.startswith("block bottleneck(width, stride=1, expansion=4,")
    assert '  stride_at: one_of("conv1", "conv2") = "conv2"\n' in found.out
    assert '  padding: size or "auto" or "same" = "auto"\n' in resdsl("explain", "conv").out
    assert "slot norm(" in resdsl("explain").out
    assert "did you mean `bottleneck`" in resdsl("explain", "botleneck").err


def test_explain_a_file(resdsl: Resdsl, small: Path) -> None:
    found = resdsl("explain", "small.res")
    assert found.status == 2
    assert "`small.res` is a file: `resdsl show small.res` prints its table" in found.err
    found = resdsl("explain", "resnet50.res")
    assert "would be a file, and is none that can be read" in found.err
    assert "`resdsl explain resnet50`" in found.err
    assert "did you mean" not in found.err
    assert "no code and no name" in resdsl("explain", "a" * 300).err
    assert "would be a file" in resdsl("explain", "a" * 300 + ".res").err


def test_explain_a_word_a_module_and_a_network(resdsl: Resdsl) -> None:
    assert resdsl("explain", "stage").out.startswith("word stage\n\n")
    assert resdsl("explain", "progress").out.startswith("names index, count, progress\n\n")
    found = resdsl("explain", "std.dense").out
    assert found.startswith("from std.dense import dense_layer, dense_block, transition\n\n")
    assert "\nblock transition(compression=0.5)\n  Between two dense blocks: " in found
    found = resdsl("explain", "resnet50").out
    assert found.startswith("network resnet50(classes=1000)\n\nResNet-50 as torchvision")
    assert "\n25.56 M parameters, 4.09 G MACs at 3 x 224 x 224, 50 layers deep.\n" in found
    assert resdsl("explain", "resnetv2_50").out.startswith("network resnetv2_50 = resnetv2\n")
    assert "did you mean `stage`" in resdsl("explain", "stag").err


@pytest.mark.parametrize(
    ("step", "kind", "statuses"),
    [
        ("conv(3, w{i})", "error", (1, 1)),
        ("conv(3, {i}.5)", "error", (1, 1)),
        ("conv(3, 8, bias=true) norm", "warning", (0, 1)),
    ],
)
def test_so_many_mistakes(
    resdsl: Resdsl, tmp_path: Path, step: str, kind: str, statuses: tuple[int, int]
) -> None:
    """The first of them are shown, all are counted, and programs have all."""
    steps = "\n".join(step.format(i=i) for i in range(1, 301))
    spec = tmp_path / "many.res"
    spec.write_text(f"network many {{\ninput 3 x 8 x 8\n{steps}\n}}\n")
    found = resdsl("check", str(spec))
    assert found.err.count(f"\n{kind}[") + 1 == 200
    assert found.err.endswith(f"\n\n… and 100 more, which `check --json` has\n\n300 {kind}s\n")
    assert (found.status, resdsl("check", "-W", "error", str(spec)).status) == statuses
    listed = resdsl("check", "--json", str(spec))
    assert (listed.status, listed.out.count(f'"severity": "{kind}"')) == (statuses[0], 300)
