"""For which sizes a network is valid."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import resdsl
from resdsl.analysis.facts import Facts

Known = Callable[..., Facts]


@pytest.mark.parametrize(
    ("body", "least"),
    [
        ("conv(3, 4)", 1),
        ("conv(3, 4, padding=0)", 3),
        ("conv(3, 4, padding=0) x 5", 11),
        ("maxpool(2) x 5", 32),
        ("conv(7, 4, stride=2, padding=0) maxpool(2)", 9),
        ("conv(3, 4, padding=0, dilation=4)", 9),
    ],
)
def test_the_least_size(known: Known, body: str, least: int) -> None:
    sizes = known(f"network n {{ input 4 x H x W {body} global_avgpool }}\n").sizes
    assert sizes.least == (least, least)
    assert sizes.min_input == least
    assert sizes.text() == f"valid for every H, W ≥ {least}"
    assert sizes.allows((least, least + 1)) and not sizes.allows((least - 1, least))


def test_a_dimension_each(known: Known) -> None:
    sizes = known("network n { input 4 x H x W conv(3x1, 4, padding=0) }\n").sizes
    assert sizes.least == (3, 1)
    assert sizes.text() == "valid for every H ≥ 3, W ≥ 1"
    assert [r is not None for r in sizes.limiting] == [True, False]


def test_features_fix_the_size(known: Known) -> None:
    sizes = known("network n { input 3 x 224 x 224 maxpool(2) x 5 flatten linear(10) }\n").sizes
    assert sizes.intervals() == [(224, 255), (224, 255)]
    assert sizes.allows((230, 255)) and not sizes.allows((256, 224))
    # The condition is on the product: torch would take this too.
    assert sizes.allows((32, 1568))
    assert sizes.text() == "valid for H, W 224…255 (wherever 3·⌊H/32⌋·⌊W/32⌋ = 147)"
    assert sizes.min_input == 224


def test_what_asks_for_the_least_size(known: Known) -> None:
    sizes = known(
        "block b { pool: maxpool(2) }\nnetwork n { input 4 x L conv(3, 4) one: b two: b }\n"
    ).sizes
    limiting = sizes.limiting[0]
    assert limiting is not None
    assert (limiting.op.name, limiting.chain, limiting.least) == ("maxpool", ("two",), 4)


def test_joins_that_agree_at_some_sizes_only(known: Known) -> None:
    sizes = known(
        "network n { input 4 x 32 residual { conv(3, 4, stride=2) } via { maxpool(2) } }\n"
    ).sizes
    assert len(sizes.meetings) == 1
    assert sizes.allows((32,)) and not sizes.allows((33,))
    assert sizes.text() == "valid for L ≥ 2 where 1 join agrees"


NORMED = "conv(3, 8, stride=2) instancenorm conv(3, 8, stride=4x2) instancenorm"


def test_an_instance_norm_asks_for_a_second_element(known: Known) -> None:
    sizes = known(f"network n {{ input 3 x H x W {NORMED} }}\n").sizes
    # 3 over 4 has no padding: H gives one element up to 12; W, halved twice, up to 4.
    assert sizes.text() == "valid for every H ≥ 5, W ≥ 1 unless H ≤ 12 and W ≤ 4"
    assert sizes.min_input == 5
    assert not sizes.allows((12, 4)) and sizes.allows((13, 4)) and sizes.allows((12, 5))
    along = known("network n { input 3 x L conv(3, 4, stride=2) instancenorm }\n").sizes
    assert along.text() == "valid for every L ≥ 3"


@pytest.mark.parametrize("body", [NORMED, "instancenorm", "maxpool(2) instancenorm maxpool(3x1)"])
def test_instance_norms_at_every_small_size(body: str) -> None:
    """Torch itself is asked."""
    import torch

    design = resdsl.design(f"network n {{ input 3 x H x W {body} }}\n")
    module = resdsl.load(f"network n {{ input 3 x H x W {body} }}\n").eval()
    for h in range(1, 15):
        for w in range(1, 9):
            try:
                module(torch.zeros(1, 3, h, w))
                ran = True
            except (RuntimeError, ValueError):
                ran = False
            assert design.sizes().allows((h, w)) == ran, (h, w)
