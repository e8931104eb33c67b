"""`resdsl.export`: files that engines run, compared before they are kept."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch

import resdsl
from resdsl.exporting import engines
from resdsl.exporting.report import Range
from tests.zoo.families import full

TINY = """
network tiny(classes: int = 5) {
    input 3 x 16 x 16
    conv(3, 4, stride=2) norm act
    basic(8, stride=2)
    global_avgpool flatten linear(classes)
}
"""
PACKAGES = {".onnx": ("onnx", "onnxscript", "onnxruntime"), ".xml": ("openvino",), ".pt2": ()}


# Without them an export has no notes of what torch leaves out.
has_guards = pytest.mark.skipif(
    not hasattr(import_module("torch.export._unlift"), "GuardsFn"),
    reason="this version of torch does not write its guards down",
)


def needs(suffix: str) -> None:
    for package in PACKAGES[suffix]:
        pytest.importorskip(package, reason=f"an export to {suffix} takes {package}")


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@has_guards
def test_an_export_is_reported_as_it_is(tmp_path: Path) -> None:
    report = resdsl.export(TINY, tmp_path / "t.pt2", batch="dynamic", dynamic=("H", "W"), classes=3)
    assert left(tmp_path) == ["t.pt2"]
    (given,) = report.inputs
    assert (report.format, given.name, given.shape) == ("torch.export", "x", ("batch", 3, "H", "W"))
    assert given.ranges == (Range("batch", 1), Range("H", 5), Range("W", 5))
    assert report.outputs == ("output",)
    assert [check.shape for check in report.checks] == [
        (1, 3, 16, 16), (1, 3, 5, 6), (3, 3, 16, 16), (3, 3, 5, 6),
    ]  # fmt: skip
    assert all(check.error <= check.allowed for check in report.checks)
    assert report.notes == (
        "no weights were given: it starts from seed 0",
        "torch's export leaves out H = 1…4, which the design takes",
        "torch's export leaves out W = 1…4, which the design takes",
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.notes = ()  # type: ignore[misc]
    module, x = torch.export.load(report.file).module(), torch.randn(2, 3, 9, 30)
    ours = resdsl.load(TINY, seed=0, classes=3).eval()
    torch.testing.assert_close(module(x), ours(x))
    with pytest.raises(AssertionError):  # what the notes say
        module(torch.randn(2, 3, 4, 16))


@pytest.mark.parametrize("suffix", [".onnx", ".xml"])
def test_a_changed_weight_is_caught(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(suffix)
    _break(monkeypatch)
    with pytest.raises(resdsl.ExportError, match=r"output output at 1 x 3 x 16 x 16: .* is off by"):
        resdsl.export(TINY, tmp_path / f"t{suffix}")
    assert left(tmp_path) == []


def test_a_changed_weight_is_caught_in_what_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "t.pt2"
    resdsl.export(TINY, place)
    before = place.read_bytes()
    _break(monkeypatch)
    with pytest.raises(resdsl.ExportError, match=r"is off by .* nothing was written"):
        resdsl.export(TINY, place)
    assert (left(tmp_path), place.read_bytes()) == (["t.pt2"], before)


def _break(monkeypatch: pytest.MonkeyPatch) -> None:
    """One weight of a hundred is another in what is written."""
    write: Callable[..., None] = engines.write

    def broken(format: Any, trace: engines.Trace, *rest: Any) -> None:
        weights = trace.program.state_dict
        key = next(key for key in weights if key.startswith("conv"))
        changed = weights[key].detach().clone()
        changed.view(-1)[0] += 0.01
        program = copy.copy(trace.program)
        program._state_dict = {**weights, key: torch.nn.Parameter(changed)}
        write(format, dataclasses.replace(trace, program=program), *rest)

    monkeypatch.setattr("resdsl.exporting.steps.write", broken)


def test_weights_are_those_given(tmp_path: Path) -> None:
    ours = resdsl.load(TINY, seed=7).eval()
    report = resdsl.export(TINY, tmp_path / "t.pt2", weights=ours.state_dict(), batch=2)
    assert report.notes == ()
    assert report.inputs[0].shape == (2, 3, 16, 16)
    x = torch.randn(2, 3, 16, 16)
    torch.testing.assert_close(torch.export.load(report.file).module()(x), ours(x))


@has_guards
def test_a_signal_has_a_free_length(tmp_path: Path) -> None:
    """torch's own max pool of signals would fix it."""
    text = """
    network signal {
        input 1 x 256
        conv(5, 4, stride=2) norm act maxpool(3, stride=2)
        conv(3, 8) norm act maxpool(4)
        global_avgpool flatten linear(3)
    }
    """
    report = resdsl.export(text, tmp_path / "t.pt2", dynamic="L")
    assert report.inputs[0].shape == (1, 1, "L")
    assert report.inputs[0].ranges == (Range("L", 29),)
    module = torch.export.load(report.file).module()
    x = torch.randn(1, 1, 777)
    torch.testing.assert_close(module(x), resdsl.load(text, seed=0).eval()(x))


@has_guards
def test_outputs_and_sizes_are_the_designs(tmp_path: Path) -> None:
    needs(".onnx")
    import onnx

    text = """
    network two {
        input 3 x H x W
        expect H % 4 == 0
        expect W % 4 == 0
        stem: conv(3, 4) act
        low: conv(3, 8, stride=4)
        high: conv(1, 2)
    }
    """
    report = resdsl.export(
        text, tmp_path / "t.onnx", dynamic="H,W", features={"deep": "low", "flat": "stem"}
    )
    assert report.outputs == ("deep", "flat")
    model = onnx.load(report.file)
    shapes = {
        value.name: [one.dim_param or one.dim_value for one in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    assert shapes["input"] == [1, 3, "H", "W"]
    assert shapes["flat"] == [1, 4, "H", "W"]
    assert set(shapes) == {"input", "deep", "flat"}
    assert [str(one) for one in report.inputs[0].ranges] == [
        "H ≥ 8 where H % 4 == 0", "W ≥ 8 where W % 4 == 0",
    ]  # fmt: skip
    assert model.producer_name == "resdsl"


@pytest.mark.parametrize("suffix", PACKAGES)
def test_a_fused_network_is_exported(suffix: str, tmp_path: Path) -> None:
    needs(suffix)
    weights = _used(TINY, {})
    place = tmp_path / f"t{suffix}"
    report = resdsl.export(TINY, place, weights=weights, fused=True, batch="dynamic")
    assert len(report.checks) == 2
    if suffix != ".pt2":
        return
    program = torch.export.load(place)
    assert not any("batch_norm" in str(node.target) for node in program.graph.nodes)
    whole = resdsl.load(TINY, weights=weights).eval()
    x = torch.randn(2, 3, 16, 16)
    torch.testing.assert_close(program.module()(x), whole(x))


def test_what_does_not_depend_on_the_input_is_refused(tmp_path: Path) -> None:
    text = """
    network still {
        input 3 x 8 x 8
        conv(3, 4, init="zeros", bias=true)
    }
    """
    with pytest.raises(resdsl.ExportError, match=r"output output does not depend on .*--weights"):
        resdsl.export(text, tmp_path / "t.pt2")
    assert left(tmp_path) == []


FREE = "network free { input 3 x H x W\n conv(3, 4) }"
FIXED = "network fixed { input 3 x 8 x 8\n conv(3, 4) flatten linear(2) }"


@pytest.mark.parametrize(
    ("text", "name", "asked", "message"),
    [
        (TINY, "t.tflite", {}, r"ends in .onnx \(ONNX\), .pt2 \(torch.export\) or .xml"),
        (TINY, "t.pt2", {"dynamic": ["L"]}, "no dimension `L`: they are H, W"),
        (FREE, "t.pt2", {}, r"declares no H, W: give it a size .*--dynamic H,W"),
        (FIXED, "t.pt2", {"dynamic": "H"}, "H = 8 is all that it takes: valid for"),
    ],
)
def test_refusals(text: str, name: str, asked: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(resdsl.ExportError, match=message):
        resdsl.export(text, tmp_path / name, **asked)
    assert left(tmp_path) == []


@pytest.mark.parametrize("batch", [0, "many", 1.5, None])
def test_what_is_no_batch(batch: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="a batch is"):
        resdsl.export(TINY, tmp_path / "t.pt2", batch=batch)


def test_an_absent_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resdsl.exporting.wishes.find_spec", lambda name: None)
    with pytest.raises(resdsl.MissingExporter, match=r"pip install 'resdsl\[onnx\]'"):
        resdsl.export(TINY, tmp_path / "t.onnx")


def test_somebodys_file_is_kept(tmp_path: Path) -> None:
    place = tmp_path / "t.pt2"
    place.write_text("my work")
    with pytest.raises(resdsl.OutputError, match=r"no export of resdsl's; force=True"):
        resdsl.export(TINY, place)
    assert place.read_text() == "my work"
    resdsl.export(TINY, place, force=True)
    resdsl.export(TINY, place)


def test_the_exporters_reason_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*given: Any, **named: Any) -> None:
        print("chatter")
        raise RuntimeError("no such kernel\nand much more")

    monkeypatch.setattr("torch.export.save", fails)
    with pytest.raises(resdsl.ExportError, match=r"failed: RuntimeError: no such kernel$"):
        resdsl.export(TINY, tmp_path / "t.pt2")
    assert (left(tmp_path), capsys.readouterr().out) == ([], "")


# --- the zoo --------------------------------------------------------------------------------------

NETWORKS: list[tuple[str, dict[str, Any], str]] = [
    ("resnet18", {"input": (3, 64, 64)}, "H,W"),
    ("mobilenet_v2", {"input": (3, 64, 64)}, "H,W"),
    ("densenet121", {"input": (3, 64, 64)}, "H,W"),
    ("resnet34", {"input": (3, 64, 64), "features": ["layer2", "layer4"]}, "H,W"),
    ("audio_resnet", {"input": (1, 8000)}, "L"),
    ("r3d_18", {"input": (3, 8, 32, 32)}, "D,H,W"),
    ("unet", {}, "H,W"),
    ("convnext_tiny", {"input": (3, 64, 64)}, "H,W"),
    ("efficientnet_b0", {"input": (3, 64, 64)}, "H,W"),
    ("regnet_y_400mf", {"input": (3, 64, 64)}, "H,W"),
]


@full
@pytest.mark.parametrize("suffix", PACKAGES)
@pytest.mark.parametrize(("name", "asked", "dynamic"), NETWORKS, ids=[n[0] for n in NETWORKS])
def test_ten_networks(
    name: str, asked: dict[str, Any], dynamic: str, suffix: str, tmp_path: Path
) -> None:
    needs(suffix)
    weights = _used(name, asked)
    report = resdsl.export(
        name,
        tmp_path / f"{name}{suffix}",
        weights=weights,
        batch="dynamic",
        dynamic=dynamic,
        **asked,
    )
    print(report, *report.notes, sep="\n")
    assert {one.name for one in report.inputs[0].ranges} == {"batch", *dynamic.split(",")}
    assert len(report.checks) == 4 * len(report.outputs)
    assert report.outputs == tuple(resdsl.design(name, **asked).outputs)


def _used(name: str, asked: dict[str, Any]) -> dict[str, torch.Tensor]:
    """A start whose statistics are those of its input, so that signals reach the outputs."""
    module = resdsl.load(name, seed=0, **asked)
    for one in module.modules():
        if isinstance(one, torch.nn.modules.batchnorm._BatchNorm):
            one.momentum = None  # the mean of all batches
    size = [n if isinstance(n, int) else 64 for n in resdsl.design(name, **asked).input]
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for _ in range(2):
            module(torch.randn(4, *size, generator=generator))
    return dict(module.state_dict())
