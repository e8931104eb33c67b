"""`draw`, `show`, `list`, `new`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from resdsl.api import specs, zoo
from resdsl.api.groups import GROUPS, grouped
from resdsl.api.schema import NetworkTable
from resdsl.drawing import render
from tests.zoo.families import every

from .conftest import SMALL, Resdsl

# --- draw -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("output", "start"),
    [(None, b"<?xml"), ("a.svg", b"<?xml"), ("a.png", b"\x89PNG"), ("a.DOT", b"digraph")],
)
def test_draw(resdsl: Resdsl, small: Path, output: str | None, start: bytes) -> None:
    found = resdsl("draw", "small.res", *([] if output is None else ["-o", output]))
    path = small.parent / (output or "small.svg")
    assert (found.status, found.out) == (0, f"wrote {path.name}\n")
    assert path.read_bytes().startswith(start)


@pytest.mark.parametrize("command", ["show", "draw"])
def test_a_network_that_breaks_a_contract_is_shown(
    resdsl: Resdsl, small: Path, command: str
) -> None:
    """To see what is wrong with the contract, or with the network; the status tells."""
    small.write_text(SMALL.replace("depth == 6", "depth == 7"), encoding="utf-8")
    found = resdsl(command, "small.res")
    assert found.status == 1
    assert "error[E0601]: `small` does not keep its contract depth == 7" in found.err
    assert ("layer1" if command == "show" else "wrote small.svg") in found.out
    refused = resdsl("compile", "small.res")
    assert (refused.status, refused.out) == (1, "")
    assert not (small.parent / "small.py").exists()


def test_draw_without_a_renderer(
    resdsl: Resdsl, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RESDSL_DOT", raising=False)
    monkeypatch.setattr(render.shutil, "which", lambda *_args, **_kwargs: None)
    found = resdsl("draw", "small.res")
    assert found.status == 3
    assert "pip install 'resdsl[draw]'" in found.err
    assert (small.parent / "small.dot").read_text().startswith("digraph")
    assert not (small.parent / "small.svg").exists()


# --- show -----------------------------------------------------------------------------------------


def test_show(resdsl: Resdsl) -> None:
    found = resdsl("show", "resnet50")
    assert found.status == 0
    lines = found.out.splitlines()
    assert lines[0] == "ResNet-50 at 3×224×224"
    assert any("[1×1, 256; 3×3, 256; 1×1, 1024] × 6" in line for line in lines)
    assert "25.56 M" in lines[-1]


@pytest.mark.parametrize(
    ("form", "start"),
    [("markdown", "| stage |"), ("latex", "% needs booktabs and amsmath"), ("html", "<table>")],
)
def test_show_as(resdsl: Resdsl, form: str, start: str) -> None:
    assert resdsl("show", "resnet50", f"--{form}").out.startswith(start)


def test_show_overridden(resdsl: Resdsl, small: Path) -> None:
    found = resdsl("show", "small.res", "--set", "classes=7", "--input", "3x64x48")
    assert found.out.startswith("small at 3×64×48\n")
    assert "fc, 7" in found.out


@pytest.mark.parametrize("command", ["check", "show", "show --at 64", "compile", "draw"])
def test_an_input_of_one_dimension(resdsl: Resdsl, small: Path, command: str) -> None:
    """Every command makes a network of signals of one of images."""
    name, *options = command.split()
    found = resdsl(name, "small.res", *options, "--input", "1x103")
    assert found.status == 0, found.err
    assert command != "show" or found.out.startswith("small at 1×103\n")


def test_show_json(resdsl: Resdsl) -> None:
    table = NetworkTable.model_validate_json(resdsl("show", "resnet50", "--json").out)
    assert (table.form, table.network) == ("resdsl.table/1", "resnet50")
    assert (table.input, table.output) == ((3, 224, 224), (1000,))
    assert (table.cost.params, table.cost.macs) == (25_557_032, 4_089_184_256)
    assert sum(row.cost.params for row in table.rows) == table.cost.params
    layer3 = next(row for row in table.rows if row.name == "layer3")
    assert layer3.shape == (1024, 14, 14)
    assert layer3.layers[0].rows == ("1×1, 256", "3×3, 256", "1×1, 1024")
    assert (layer3.layers[0].count, layer3.layers[0].bracketed) == (6, True)


def test_show_json_of_a_free_input(resdsl: Resdsl) -> None:
    text = resdsl("show", "resnet50", "--json", "--input", "3xHxW").out
    table = NetworkTable.model_validate_json(text)
    assert table.input == (3, "H", "W")
    assert table.cost.macs is None
    assert table.rows[0].shape is None


def test_json_is_strict(resdsl: Resdsl) -> None:
    data = json.loads(resdsl("show", "resnet18", "--json").out)
    for change in ({"extra": 1}, {"depth": "18"}, {"schema": "resdsl.table/2"}):
        with pytest.raises(ValidationError):
            NetworkTable.model_validate_json(json.dumps(data | change))


# --- list -----------------------------------------------------------------------------------------


def test_list(resdsl: Resdsl) -> None:
    found = resdsl("list")
    assert (found.status, found.err) == (0, "")
    lines = found.out.splitlines()
    assert lines[0] == "ResNet"
    names = [line.split()[0] for line in lines if line.startswith("  ")]
    assert lines[-1] == f"{len(names)} networks"
    assert names.index("resnet18") < names.index("resnet101") < names.index("resnet152")
    assert sorted(names) == sorted(zoo.entries())
    line = next(line for line in lines if line.startswith("  resnet50 "))
    assert line.split()[1:8] == ["25.56", "M", "params", "4.09", "G", "MACs", "1512.03385"]


@pytest.mark.parametrize("pattern", ["101_32x8", "resnext101_32x8?"])
def test_list_pattern(resdsl: Resdsl, pattern: str) -> None:
    title, *lines = resdsl("list", pattern).out.splitlines()
    assert title == "ResNeXt"
    assert lines[0].split()[0] == "resnext101_32x8d"


def test_list_by_size_and_year(resdsl: Resdsl) -> None:
    lines = resdsl("list", "resnet", "--max-params", "12M", "--max-macs", "2G", "--since", "2019")
    names = {line.split()[0] for line in lines.out.splitlines() if line.startswith("  ")}
    assert "skresnet18" in names
    # Of 2015; of 12.5 M parameters; of 2.3 G.
    assert not names & {"resnet18", "regnetx_032", "resnetblur18"}


def test_list_by_library(resdsl: Resdsl) -> None:
    """`senet154` of timm loads by names that resdsl knows; a CIFAR network is in no library."""
    found = {}
    for option in ("--keys", "--loads"):
        lines = resdsl("list", option, "timm").out.splitlines()
        found[option] = {line.split()[0] for line in lines if line.startswith("  ")}
    assert "resnet50" in found["--keys"] < found["--loads"]
    assert "legacy_senet154" in found["--loads"] - found["--keys"]
    assert "cifar_resnet20" not in found["--loads"]


def test_list_names_the_libraries(resdsl: Resdsl) -> None:
    """Those whose weights it takes, with their name for it where that is not ours."""
    lines = {line.split()[0]: line.split() for line in resdsl("list").out.splitlines() if line}
    for name, libraries in (
        ("resnet50", ["torchvision", "timm"]),
        ("mobilenet_v2", ["torchvision", "timm:mobilenetv2_100"]),
        ("efficientnet_b0_timm", ["timm:efficientnet_b0"]),
        ("mobilenet_v2_075", ["torchvision:mobilenet_v2"]),
    ):
        assert lines[name][8 : 8 + len(libraries)] == libraries
    assert lines["cifar_resnet20"][8] == "cifar_resnet(3)"


def test_list_as_json(resdsl: Resdsl) -> None:
    found = resdsl("list", "--json", "mobilenet_v2_0[35][05]", "--sort", "params")
    small, half = json.loads(found.out)
    assert (small["name"], found.err) == ("mobilenet_v2_035", "")
    assert half == {
        "name": "mobilenet_v2_050",
        "group": "Mobile",
        "params": 1968680,
        "macs": 97131840,
        "paper": "1801.04381",
        "year": 2018,
        "title": "MobileNetV2 with half the channels",
        "libraries": {
            "torchvision": {"model": "mobilenet_v2(width_mult=0.5)", "keys": "same"},
            "timm": {"model": "mobilenetv2_050", "keys": "loads"},
        },
    }


@pytest.mark.parametrize("by", every(3, ["params", "macs", "year"]))
def test_list_sorted(resdsl: Resdsl, by: str) -> None:
    from resdsl.api.inventory import networks

    names = [line.split()[0] for line in resdsl("list", "densenet", "--sort", by).out.splitlines()]
    known = {one.name: getattr(one, by) for one in networks("densenet")}
    assert sorted(names) == sorted(known)
    values = [known[name] for name in names]
    assert values == sorted(values)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--max-params", "ten"], "`ten` is no number, as 25_557_032, 26M or 4.1G"),
        (["--max-params", "-1"], "`-1` is no number"),
        (["--max-params", "1e99"], "`1e99` is no number"),
        (["resnet18", "--min-macs", "99G"], "no network of the zoo is like that"),
        (["--until", "1950"], "no network of the zoo is like that"),
        (["--since", "new"], "'new' is not a valid integer"),
    ],
)
def test_list_of_nothing(resdsl: Resdsl, arguments: list[str], told: str) -> None:
    found = resdsl("list", *arguments)
    assert found.status == 2
    assert told in found.err


def test_every_group_has_a_file() -> None:
    groups = grouped(path.stem for path in zoo.files())
    assert list(groups) == [title for title, _ in GROUPS]


# --- new ------------------------------------------------------------------------------------------


def test_new(resdsl: Resdsl, tmp_path: Path) -> None:
    found = resdsl("new", "mine")
    assert (found.status, found.out) == (0, "wrote mine.res\nnext: resdsl check mine.res\n")
    assert resdsl("check", "mine.res").out.startswith("mine: ok, ")


def test_new_from_the_zoo(resdsl: Resdsl, tmp_path: Path) -> None:
    assert resdsl("new", "resnet50").status == 0
    text = (tmp_path / "resnet50.res").read_text()
    assert "network resnet50(" in text
    assert "ResNet-50" in text
    copy = resdsl("check", "resnet50.res")
    specs._note.cache_clear()
    taken = resdsl("check", "resnet50")
    assert (copy.out, copy.err) == (taken.out, "")
    assert taken.err.startswith("note: taking resnet50 of the zoo, and not resnet50.res of this")


def test_new_of_a_network_in_a_family_file(resdsl: Resdsl) -> None:
    """The copy's own network is the one that was asked for."""
    assert resdsl("new", "cifar_resnet56").status == 0
    assert resdsl("show", "cifar_resnet56.res").out == resdsl("show", "cifar_resnet56").out


def test_new_brings_what_is_imported(
    resdsl: Resdsl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from resdsl.api import zoo

    folder = tmp_path / "zoo"
    (folder / "blocks").mkdir(parents=True)
    (folder / "blocks" / "b.res").write_text('from "c.res" import c\nblock b { c }\n')
    (folder / "blocks" / "c.res").write_text("block c { norm act }\n")
    (folder / "a.res").write_text(
        'from "blocks/b.res" import b\nfrom std.stem import cifar_stem\n'
        "network a { input 3 x 8 x 8 cifar_stem b }\n"
    )
    monkeypatch.setattr(zoo, "find", lambda name: zoo.Entry(name, folder / "a.res"))
    (tmp_path / "here" / "blocks").mkdir(parents=True)
    found = resdsl("new", "here/a")
    assert found.status == 0
    assert sorted(str(p.relative_to(tmp_path)) for p in (tmp_path / "here").rglob("*.res")) == [
        "here/a.res",
        "here/blocks/b.res",
        "here/blocks/c.res",
    ]
    assert resdsl("check", "here/a.res").status == 0


def test_new_does_not_overwrite(resdsl: Resdsl, small: Path) -> None:
    found = resdsl("new", "small")
    assert found.status == 2
    assert found.err == "error: small.res: there is a file of this name; --force overwrites it\n"
    assert small.read_text() == SMALL
    assert resdsl("new", "small.res", "--force").status == 0
    assert small.read_text() != SMALL


def test_show_at_sizes(resdsl: Resdsl, small: Path) -> None:
    found = resdsl("show", "small.res", "--at", "32", "--at", "48x64", "--batch", "2")
    assert (found.status, found.err) == (0, "")
    lines = found.out.splitlines()
    assert lines[0].endswith(": fp32, batches of 2")
    assert lines[2].split()[:3] == ["stage", "stride", "field"]
    assert lines[2].split()[-2:] == ["3×32×32", "3×48×64"]
    assert lines[-1].startswith("memory")
    for wrong in (["--at", "a"], ["--at", "1x2x3"], ["--at", "32", "--json"], ["--dtype", "x"]):
        assert resdsl("show", "small.res", *wrong).status == 2


@pytest.mark.parametrize(
    ("form", "first", "last"),
    [
        ("--markdown", "| stage | stride | field | 3×32×32 | 3×48×64 |", "| memory |  |  | "),
        ("--latex", "% needs booktabs", "\\end{tabular}"),
        ("--html", "<table>", "</table>"),
    ],
)
def test_show_at_sizes_in_papers_and_pages(
    resdsl: Resdsl, small: Path, form: str, first: str, last: str
) -> None:
    found = resdsl("show", "small.res", "--at", "32", "--at", "48x64", form)
    assert (found.status, found.err) == (0, "")
    lines = found.out.splitlines()
    assert lines[0] == first
    assert lines[-1].startswith(last)


def test_show_at_sizes_of_which_some_do_not_run(resdsl: Resdsl, tmp_path: Path) -> None:
    """The others have their columns; each that does not run is told, and the exit status."""
    spec = tmp_path / "net.res"
    spec.write_text("network net {\n    input 3 x 64 x 64\n    conv(33, 8, padding=0)\n}\n")
    found = resdsl("show", str(spec), "--at", "16", "--at", "64", "--at", "20", "--at", "48")
    assert found.status == 2
    assert found.out.splitlines()[2].split()[-2:] == ["3×64×64", "3×48×48"]
    assert found.err.count("E0803") == 2
    assert "does not run at 16 x 16" in found.err and "does not run at 20 x 20" in found.err
    none = resdsl("show", str(spec), "--at", "16")
    assert (none.status, none.out) == (2, "")
    assert none.err.count("E0803") == 1


def test_show_without_stages_is_folded(resdsl: Resdsl, tmp_path: Path) -> None:
    spec = tmp_path / "net.res"
    steps = " ".join(f"conv({k}, {k + 8}) norm act" for k in range(1, 22, 2))
    spec.write_text(f"network net {{\n    input 3 x 64 x 64\n    {steps}\n}}\n")
    found = resdsl("show", str(spec))
    assert found.status == 0
    lines = found.out.splitlines()
    assert max(map(len, lines)) <= 120
    # Every layer is there once, in its column.
    column = lines[2].index("layers")
    rows = [line[column : column + 70].strip() for line in lines[4:-2]]
    assert " ".join(rows).split("; ")[:2] == ["1×1, 9", "3×3, 11"]
    assert all(not line[:column].strip() for line in lines[5:-2])


def test_the_dtypes_of_show() -> None:
    from resdsl.analysis.size_table import DTYPES
    from resdsl.cli import show

    assert tuple(DTYPES) == show.DTYPES
