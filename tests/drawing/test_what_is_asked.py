"""What is asked of a figure: blocks by path, captions, widths, what Python's callers hand in."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

import resdsl
from resdsl.diagnostics.exception import SpecError
from resdsl.drawing.figures.block_paths import find
from resdsl.drawing.figures.blocks import blocks
from resdsl.drawing.figures.detail import detail
from resdsl.drawing.figures.panels import letters
from resdsl.drawing.layout.canvas import Canvas, Text
from resdsl.drawing.layout.picture import Unplaced
from resdsl.drawing.refusal import FigureError
from tests.drawing.geometry import problems

RESNET = "resnet50"
LONG = "a caption that goes on for so long that it is wider than any column of a paper is, and more"


def texts(canvas: Canvas) -> list[str]:
    return [text.text for text in canvas.of(Text)]


def test_letters_go_on() -> None:
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["a", "z", "aa", "zz", "aaa"]
    known = resdsl.design("network n { input 8 x 8 x 8 c: conv(3, 8) }").facts
    assert "(aab) conv" in texts(blocks([known], ["c"] * 704).canvas)


@pytest.mark.parametrize(
    "path", [f"layer1.{'1' * 5000}", "layer1.01", "layer1.\N{ARABIC-INDIC DIGIT ONE}", "layer1.3"]
)
def test_numbers_of_copies(path: str) -> None:
    """As the state dict writes them, and none else."""
    with pytest.raises(FigureError, match="has no block") as caught:
        find(resdsl.design(RESNET).facts, path)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("units", "told"),
    [
        ("residual { conv(3, 8) } x 3", "n, s.0 … s.2: ×3"),
        ("residual { conv(3, 9) } via conv(1, 9) x 3", "n, s.0, the first of 3"),
    ],
)
def test_of_a_stage_the_first_block_is_drawn_and_what_it_stands_for(units: str, told: str) -> None:
    known = resdsl.design(f"network n {{ input 8 x 8 x 8 stage s: {units} }}").facts
    canvas = blocks([known], ["s"]).canvas
    assert told in texts(canvas)
    assert told not in texts(blocks([known], ["s.0"]).canvas)
    assert {node.split(".")[1] for box in canvas.items if (node := getattr(box, "node", ""))} == {
        "0"
    }


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"block": 5}, "a block is a text, or several in a list; 5 is neither"),
        ({"block": ["layer1.0", None]}, "a block is a text, and None is none"),
        ({"block": "layer1.0", "caption": 5}, "a caption is a text, or several"),
        ({"block": "layer1.0", "caption": [b"x"]}, "a caption is a text, and b'x' is none"),
        ({"beside": 5}, "`beside` takes designs"),
        ({"beside": ["resnet18"]}, "`beside` takes designs"),
        ({"width": 3}, "a width has a unit"),
        ({"theme": 1}, "1 is not a theme: light, dark, print"),
        ({"view": "side"}, "side is not a view: overview, column, detail, block, beside"),
    ],
)
def test_what_is_no_figure_in_python(asked: dict[str, Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(FigureError) as caught:
        resdsl.design(RESNET).draw(tmp_path / "n.dot", **asked)
    assert told in str(caught.value)


@pytest.mark.parametrize("name", ["n", "n.gif"])
def test_the_suffix_says_the_format(name: str, tmp_path: Path) -> None:
    with pytest.raises(FigureError, match=r"the suffix says the format; it is one of \.dot, \.svg"):
        resdsl.design(RESNET).draw(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


# --- captions and widths --------------------------------------------------------------------------


def test_without_a_title_one_block_alone_has_no_caption_but_yours() -> None:
    known = [resdsl.design(RESNET).facts]
    assert "bottleneck" in texts(blocks(known, ["layer1.1"]).canvas)
    assert "bottleneck" not in texts(blocks(known, ["layer1.1"], title=False).canvas)
    assert "mine" in texts(blocks(known, ["layer1.1"], ["mine"], title=False).canvas)
    assert "(b) bottleneck" in texts(blocks(known, ["layer1.1"] * 2, title=False).canvas)


def test_an_empty_caption_takes_no_room() -> None:
    known = [resdsl.design(RESNET).facts]
    bare = blocks(known, ["layer1.1"], [""], title=False).canvas
    assert bare.height == blocks(known, ["layer1.1"], title=False).canvas.height
    told = blocks(known, ["layer1.1"]).canvas
    assert bare.height < blocks(known, ["layer1.1"], [""]).canvas.height < told.height


@pytest.mark.parametrize("width", [None, 170.0, 240.0, 500.0])
def test_long_captions_go_on_in_further_lines(width: float | None) -> None:
    picture = blocks([resdsl.design(RESNET).facts], ["layer1.1", "layer2.0"], [LONG] * 2, width)
    assert problems(picture.canvas) == []
    assert sum(text.bold for text in picture.canvas.of(Text)) >= 4
    assert picture.dot(width=width).startswith("digraph")


def test_rows_are_even() -> None:
    known = [resdsl.design(RESNET).facts]
    canvas = blocks(known, ["layer1.0"] * 4, width=280.0).canvas
    tops = [text.y for text in canvas.of(Text) if text.text.startswith("(")]
    assert [tops.count(y) for y in sorted(set(tops))] == [2, 2]


@pytest.mark.parametrize("width", ["84mm", "91.3mm", "400mm"])
def test_no_edge_of_a_picture_is_transparent(width: str, tmp_path: Path) -> None:
    Image = pytest.importorskip("PIL.Image", reason="Pillow comes with torchvision")  # noqa: N806
    path = resdsl.design(RESNET).draw(
        tmp_path / "n.png", block=["layer1.1", "layer2.0"], theme="dark", width=width
    )
    with Image.open(io.BytesIO(path.read_bytes())) as picture:
        whole = picture.convert("RGBA")
    wide, high = whole.size
    foot = {whole.getpixel((x, high - 1)) for x in range(wide)}
    side = {whole.getpixel((wide - 1, y)) for y in range(high)}
    assert foot == side == {(18, 23, 29, 255)}


# --- what is too much -----------------------------------------------------------------------------


def test_copies_inside_of_copies_are_counted_as_they_are_drawn() -> None:
    def nested(depth: int) -> str:
        body = "conv(1, 16)"
        for _ in range(depth):
            body = f"fork {{ a: {{ {body} }} x 3 }} join sum(a)"
        return f"network n {{ input 16 x 8 x 8 stage s: {{ {body} }} }}"

    known = resdsl.design(nested(3)).facts
    made = detail(known)
    boxes = [item for item in made.canvas.items if getattr(item, "node", "")]
    assert made.boxes == sum(type(item).__name__ in ("Box", "Sign") for item in boxes) == 40
    many = resdsl.design(nested(12)).facts
    for draw in (lambda: detail(many), lambda: blocks([many], ["s"])):
        with pytest.raises(FigureError, match="at most 100,000 are laid out"):
            draw()
    from resdsl.drawing.column.overview import overview

    assert len(overview(many).canvas.items) < 100


def test_lines_that_dot_would_take_minutes_for(tmp_path: Path) -> None:
    kept = " ".join(f"conv(1, 8) keep k{i}" for i in range(60))
    joined = " ".join(f"join here + k{i} conv(1, 8)" for i in range(60))
    text = f"block b {{ {kept} {joined} }} network n {{ input 8 x 8 x 8 b }}"
    design = resdsl.design(text)
    assert isinstance(detail(design.facts), Unplaced)
    for asked in ({"block": "b"}, {"view": "detail"}):
        with pytest.raises(SpecError, match="rows in all, and dot is given at most 4,000"):
            design.draw(tmp_path / "n.svg", **asked)  # type: ignore[arg-type]
    with pytest.warns(UserWarning, match="dot places it"):
        design.draw(tmp_path / "n.dot", block="b")


# --- every operator -------------------------------------------------------------------------------


def test_details_name_what_is_in_a_frame() -> None:
    """Split frames say so, and where the shape that leaves a stage stands."""
    told = texts(detail(resdsl.design(RESNET).facts).canvas)
    assert told.count("layer2") == 2 and told.count("continued") == 4
    assert told.count("512×28×28") == 1 and told.count("3×224×224") == 1
    assert {"stem", "head"} <= set(told)
    u = texts(detail(resdsl.design("unet").facts).canvas)
    assert {"down1", "down2 … up2", "up1", "head"} <= set(u) and "stem" not in u


def test_a_skip_around_stages_is_neither_stem_nor_head_nor_the_first_of_them() -> None:
    steps = "keep a stage s: {conv(3, 8) act} stage t: {conv(3, 8)} join here + a"
    for before, after in (("", ""), ("conv(3, 8)", "conv(1, 8)")):
        design = resdsl.design(f"network n {{ input 8 x 8 x 8 {before} {steps} {after} }}")
        canvas = detail(design.facts).canvas
        assert problems(canvas) == []
        assert "s … t" in texts(canvas) and "s" not in texts(canvas)


def test_what_dot_places_has_the_looks_of_all_figures() -> None:
    text = (
        "network n { input 8 x 16 x 16 a: { conv(3, 8) keep p act keep q conv(3, 8) join here + p "
        "keep r conv(3, 8) join here + q - r basic(8) x 4 join here + r } }"
    )
    (design,) = resdsl.check(text).designs
    made = blocks([design.facts], ["a"])
    assert isinstance(made, Unplaced)
    dot = made.dot()
    for told in ("<B>group</B>", "<B>×4</B>", "<B>3×3, 8</B>", "8×16×16", "n, a"):
        assert told in dot, told
    # A difference is a sum of what is taken away, as elsewhere.
    assert 'label="−"' in dot


def test_what_is_repeated_no_times_is_refused() -> None:
    (design,) = resdsl.check(
        "network n { input 3 x 8 x 8 stage s: { norm residual { norm } } x 0 conv(1, 4) }"
    ).designs
    with pytest.raises(FigureError, match="repeated 0 times"):
        blocks([design.facts], ["s"])
