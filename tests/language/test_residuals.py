"""Residuals, shortcuts and `stride`: section 4."""

from __future__ import annotations

import pytest

from resdsl.design.model import Input, Kept, Residual
from tests.language.elaboration import body, body_codes, codes, modules, network, out


def residual(found: object) -> Residual:
    (step,) = [s for s in found.root.body.steps if isinstance(s, Residual)]  # type: ignore[attr-defined]
    return step


def test_identity_is_the_default() -> None:
    step = residual(body("residual { conv(3, 3) }"))
    assert step.shortcut is None
    assert step.adds
    assert step.skip == Input(step.input)


def test_none_is_plain() -> None:
    step = residual(body("residual { conv(3, 8, stride=2) } via none"))
    assert step.shortcut is None
    assert not step.adds
    assert step.skip == Kept(step.main.output)


def test_a_shortcut_that_reads_main_gives_the_value() -> None:
    found = network(
        """
        shortcut gated { fork { g: { conv(1, out.channels) sigmoid } } join main * g }
        network net { input 3 x 8 x 8 residual { conv(3, 3) } via gated }
        """
    )
    step = residual(found)
    assert step.shortcut is not None
    assert not step.adds
    assert step.shortcut.main == step.main.output


def test_a_shortcut_that_calls_one_that_reads_main_gives_the_value() -> None:
    found = network(
        """
        shortcut inner { join main * 2 }
        shortcut outer { inner conv(1, out.channels) }
        network net { input 3 x 8 x 8 residual { conv(3, 3) } via outer }
        """
    )
    assert not residual(found).adds


def test_fields_of_main_and_out_do_not_count_as_reading_main() -> None:
    found = network(
        """
        shortcut wide { conv(1, main.channels) expect out.rank == main.rank }
        network net { input 3 x 8 x 8 residual { conv(3, 5) } via wide }
        """
    )
    assert residual(found).adds


def test_branches_not_taken_do_not_count() -> None:
    text = "residual { conv(3, 3) } via when_same residual { conv(3, 5) } via when_same"
    same, other = [s for s in body(text).root.body.steps if isinstance(s, Residual)]
    assert (same.adds, same.skip) == (True, Input(same.input))
    assert (other.adds, other.skip) == (False, Kept(other.main.output))


def test_a_body_in_place_sees_what_main_kept() -> None:
    found = body("residual { norm keep pre conv(3, 3) } via { join pre }")
    step = residual(found)
    assert step.adds
    (norm, *_) = step.main.modules()
    assert step.skip == Kept(norm.output)


@pytest.mark.parametrize(
    ("main", "size"),
    [
        ("conv(3, 4, stride=2)", "16x16"),
        ("conv(3, 4, stride=2) maxpool(2)", "8x8"),
        ("conv(3, 4, stride=2x1)", "16x32"),
        ("subsample(4) conv(1, 4)", "8x8"),
        # A way through a global pool is left out.
        (
            "conv(3, 4, stride=2) fork { a: relu g: { global_avgpool conv(1, 4) } } join a * g",
            "16x16",
        ),
    ],
)
def test_stride_of_main(main: str, size: str) -> None:
    found = body(f"residual {{ {main} }} via zero_pad")
    assert out(found) == (4, *map(int, size.split("x")))


def test_stride_is_not_a_quotient_of_extents() -> None:
    """Main's map shrinks, but its stride is 1: the shortcut keeps its size, and they do not fit."""
    assert body_codes("residual { conv(3, 4, padding=0) } via zero_pad") == ["E0501"]


@pytest.mark.parametrize(
    "main",
    [
        "global_avgpool conv(1, 4)",
        "fork { a: conv(1, 4, stride=2) b: maxpool(1, stride=4) } join concat(a, b)",
    ],
)
def test_stride_that_cannot_be_read(main: str) -> None:
    assert "E0404" in body_codes(f"residual {{ {main} }} via projection", "3 x 1 x 1")


def test_out_stride_and_main_hide_outer_names_in_a_body_in_place() -> None:
    found = network(
        """
        block unit(stride: int = 7) {
            residual { conv(3, 4, stride=2) } via { conv(1, out.channels, stride=stride) }
        }
        network net { input 3 x 8 x 8 unit }
        """
    )
    assert out(found) == (4, 4, 4)


def test_residuals_never_broadcast() -> None:
    assert body_codes("conv(3, 4) residual { conv(1, 1) }") == ["E0501"]
    assert body_codes("conv(3, 4) residual { global_avgpool }") == ["E0501"]


def test_joins_broadcast_one_channel_and_extents_that_are_always_one() -> None:
    found = body("conv(3, 4) fork { a: relu g: { global_avgpool conv(1, 1) sigmoid } } join a * g")
    assert out(found) == (4, 32, 32)
    # An extent that happens to be 1 at this size does not.
    assert body_codes("fork { a: relu b: avgpool(32) } join a + b") == ["E0501"]


def test_shortcuts_serve_residuals_only() -> None:
    assert body_codes("projection") == ["E0403"]
    assert codes("block b { projection } network n { input 3 x 8 x 8 b }") == ["E0403"]


def test_a_residual_of_a_network_may_be_labelled_and_repeated() -> None:
    assert modules(body("a: residual { conv(3, 3) } x 2")) == ["a.0.conv", "a.1.conv"]
