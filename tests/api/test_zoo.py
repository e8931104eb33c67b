"""The zoo's networks by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import resdsl
from resdsl.api import zoo
from resdsl.api.inventory import ZooNetwork
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.spec import open_spec
from resdsl.syntax.file_text import read


@pytest.mark.parametrize("path", zoo.files(), ids=lambda path: path.stem)
def test_names_are_those_that_the_parser_finds(path: Path) -> None:
    sink = Sink()
    source = read(path, sink)
    assert source is not None
    spec = open_spec(source, path, sink)
    assert spec is not None
    found = [name for name, entry in zoo.entries().items() if entry.path == path]
    assert found == [network.name for network in spec.networks]


def test_networks() -> None:
    found = {one.name: one for one in resdsl.networks()}
    assert set(found) == set(zoo.entries())
    one = found["resnet50"]
    assert (one.params, one.macs, one.paper) == (25_557_032, 4_089_184_256, "1512.03385")
    assert (one.group, one.file.name, one.year) == ("ResNet", "resnet50.res", 2015)
    assert (found["lenet5"].paper, found["lenet5"].year) == ("", 1998)
    assert one.title.startswith("ResNet-50 as torchvision builds it")
    assert one.doc.startswith(one.title)
    assert [parameter.name for parameter in one.parameters] == ["classes"]
    assert (found["cifar_resnet56"].title, found["cifar_resnet56"].doc) == ("cifar_resnet(9)", "")
    assert repr(one) == "<resnet50 of resdsl's zoo>"


def test_a_family_has_no_cost(tmp_path: Path) -> None:
    """Not before its parameters have values. The zoo has none today."""
    path = tmp_path / "family.res"
    path.write_text("network family(n: int) { input 3 x 8 x 8 conv(3, n) }\n")
    family = ZooNetwork("family", path, "", "", "", "")
    assert (family.params, family.macs) == (None, None)
    assert [(one.name, one.default) for one in family.parameters] == [("n", None)]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("wide_*", ["wide_resnet50_2"]),
        ("resnet5?", ["resnet50"]),
        ("1605.07146", None),
        ("DENSE", None),
        ("nothing of the kind", []),
    ],
)
def test_networks_of_a_pattern(pattern: str, names: list[str] | None) -> None:
    found = [one.name for one in resdsl.networks(pattern)]
    if names is not None:
        assert found == names
    else:
        assert 1 < len(found) < 60


@pytest.mark.parametrize("pattern", [7, ["resnet18"], b"resnet18", range(10**9)])
def test_networks_are_found_by_name(pattern: object) -> None:
    with pytest.raises(TypeError, match="networks are found by a part of a name, not "):
        resdsl.networks(pattern)  # type: ignore[arg-type]


def test_networks_are_not_elaborated_before_they_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from resdsl.api import inventory

    monkeypatch.setattr(inventory, "open_spec", None)
    assert len(resdsl.networks()) == len(zoo.entries())


def test_no_such_name() -> None:
    for name in ("resnet51", "std/prelude", "../resnet50", "prelude", ""):
        assert zoo.find(name) is None


def test_every_network_has_a_name_of_its_own() -> None:
    """Else one of two would be out of reach."""
    texts = (path.read_text(encoding="utf-8") for path in zoo.files())
    names = [name for text in texts for name in re.findall(r"^network (\w+)", text, re.M)]
    assert len(names) == len(set(names)) == len(zoo.entries())


def test_a_paper_is_that_of_the_nearest_family_that_names_one() -> None:
    """An instance of an instance has that of the first."""
    papers = {one.name: one.paper for one in resdsl.networks("*nf*")}
    assert papers["dm_nfnet_f0"] == papers["nfnet_f0"] == papers["nfnet"] == "2102.06171"
    assert papers["nf_resnet50"] == papers["nf_regnet_b0"] == "2101.08692"
