"""Figures that have to fit into a column of a paper: what they leave out, what they never do."""

from __future__ import annotations

import pytest

import resdsl
from resdsl.drawing.column.overview import overview
from resdsl.drawing.layout.canvas import Box, Canvas, Text
from resdsl.drawing.layout.fitting import READABLE, fitted, readable_at
from resdsl.drawing.layout.picture import Picture
from resdsl.drawing.refusal import FigureError
from resdsl.drawing.u.u_shape import u_shape
from tests.drawing.geometry import problems, run_over
from tests.drawing.test_u_shape import GATED, ORDERS, RESIDUAL, SIGNAL, VOLUME

MILLIMETRE = 72 / 25.4
US = ("unet", RESIDUAL, VOLUME, SIGNAL.replace("SUM", "here + a"), GATED, ORDERS)


def texts(canvas: Canvas) -> set[str]:
    return {item.text for item in (*canvas.of(Text), *canvas.of(Box))}


# Widths in millimetres, and what the table of an overview still has there.
TABLES = [
    ("resnet18", 174, "output params MACs"),
    ("resnet18", 130, "params MACs"),
    ("resnet18", 105, ""),
    ("resnet50", 174, "output params MACs"),
    ("resnet50", 145, "params MACs"),
    ("vgg16", 104, ""),
]


@pytest.mark.parametrize(("name", "width", "left"), TABLES)
def test_tables_of_overviews_leave_out_columns(name: str, width: int, left: str) -> None:
    made = overview(resdsl.design(name).facts, width=width * MILLIMETRE)
    assert problems(made.canvas) == []
    assert readable_at(made.canvas) <= width * MILLIMETRE
    heads = {"output", "params", "MACs"}
    assert texts(made.canvas) & heads == set(left.split())
    left_out = [word for word in ("output", "params", "MACs") if word not in left]
    note = " ".join(made.notes)
    assert all(word in note for word in left_out) or "the table: it is left out" in note
    assert bool(note) == bool(left_out)


def test_what_cannot_be_narrower_says_what_it_needs() -> None:
    """And at that width it is drawn."""
    facts = resdsl.design("resnet18").facts
    made = overview(facts, width=50 * MILLIMETRE)
    with pytest.raises(FigureError, match=r"needs (9|10)[0-9]mm") as refused:
        fitted(made.canvas, 50 * MILLIMETRE)
    needed = int(str(refused.value).rpartition("needs ")[2].removesuffix("mm"))
    fitted(overview(facts, width=needed * MILLIMETRE).canvas, needed * MILLIMETRE)


@pytest.mark.parametrize("name", ["densenet121", "mobilenet_v2", "googlenet", "highway19"])
def test_an_overview_without_its_table_is_one(name: str) -> None:
    canvas = overview(resdsl.design(name).facts, width=90 * MILLIMETRE).canvas
    assert problems(canvas) == []


def narrow(text: str, width: float | None) -> Picture:
    design = resdsl.design("unet") if text == "unet" else resdsl.check(text).designs[0]
    found = u_shape(design.facts, width=width)
    assert found is not None
    return found


@pytest.mark.parametrize("width", [200, 174, 150, 84])
@pytest.mark.parametrize("text", US)
def test_bars_of_a_u_move_together(text: str, width: int) -> None:
    whole, canvas = narrow(text, None).canvas, narrow(text, width * MILLIMETRE).canvas
    assert problems(canvas) == []
    assert run_over(canvas) == []
    assert texts(canvas) == texts(whole)
    assert canvas.width <= whole.width


def test_a_u_net_fits_onto_a_page() -> None:
    canvas, scale = fitted(narrow("unet", 174 * MILLIMETRE).canvas, 174 * MILLIMETRE)
    assert min(text.size for text in canvas.of(Text)) * scale >= READABLE
