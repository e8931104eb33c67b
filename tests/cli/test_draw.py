"""`resdsl draw`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Resdsl

CROSSED = """
block crossed {
    conv(1, 8) keep a
    conv(3, 8) keep b
    conv(3, 8) join here + a
    conv(3, 8) join here + b
}
network n { input 8 x 8 x 8 crossed conv(1, 4) }
"""


def written(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["--block", "layer1.0"], "projection"),
        (["--block", "bottleneck", "--caption", "a block"], "a block"),
        (["--block", "layer1.1", "--beside", "seresnet50"], "SE-ResNet-50"),
        (["--beside", "resnet18"], "ResNet-18"),
        (["--detail"], "layer4"),
        (["--column"], "layer4"),
        (["--no-title"], "layer4"),
        (["--no-legend"], "layer4"),
        (["--theme", "print"], "layer4"),
        (["--width", "200mm"], "layer4"),
    ],
)
def test_options(resdsl: Resdsl, options: list[str], shown: str) -> None:
    done = resdsl("draw", "resnet50", "-o", "f.dot", *options)
    assert (done.status, done.out.strip()) == (0, "wrote f.dot")
    assert shown in written("f.dot") or shown == "projection"


def test_what_options_change(resdsl: Resdsl) -> None:
    def drawn(*options: str) -> str:
        assert resdsl("draw", "resnet50", "-o", "f.dot", "--force", *options).status == 0
        return written("f.dot")

    plain = drawn()
    assert "ResNet-50" in plain and "identity shortcut" in plain
    assert 'label=<<TABLE BORDER="0"' in plain and "25.56 M parameters" not in drawn("--no-title")
    assert "identity shortcut" not in drawn("--no-legend")
    assert "#e1ecf8" in plain and "#e1ecf8" not in drawn("--theme", "print")
    assert "#12171d" in drawn("--theme", "dark")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--block", "layr1"], "resnet50 has no block `layr1`; did you mean `layer4.1`"),
        (["--width", "84"], "'84' is no width: write 84mm, 8.4cm, 3.3in or 240pt"),
        (["--width", "20mm"], "at 20mm its letters would be"),
        (["--detail", "--beside", "resnet18"], "networks beside each other have no detail"),
        (["--block", "layer1", "--detail"], "blocks are drawn by themselves, and not as detail"),
        (["--caption", "x"], "captions stand below blocks"),
    ],
)
def test_what_is_no_figure(resdsl: Resdsl, options: list[str], told: str) -> None:
    done = resdsl("draw", "resnet50", "-o", "f.dot", *options)
    assert done.status == 2
    assert told in done.err
    assert not Path("f.dot").exists()


def test_lines_that_cross_are_left_to_dot(resdsl: Resdsl) -> None:
    Path("n.res").write_text(CROSSED)
    done = resdsl("draw", "n.res", "--block", "crossed", "-o", "f.dot")
    assert (done.status, done.out.strip()) == (0, "wrote f.dot")
    assert "its lines cross or nest too deeply, so dot places it" in done.err
    assert "layout=nop2" not in written("f.dot")


def test_kept_tensors_of_networks_side_by_side(resdsl: Resdsl) -> None:
    done = resdsl("draw", "unet", "--beside", "resnet18", "-o", "f.dot")
    assert done.status == 0
    assert "note" not in done.err
    assert "level1" in Path("f.dot").read_text()


def test_figures_of_blocks_have_no_legend(resdsl: Resdsl) -> None:
    done = resdsl("draw", "resnet50", "--block", "layer1.1", "--legend", "-o", "f.dot")
    assert done.status == 2
    assert "have no legend" in done.err
