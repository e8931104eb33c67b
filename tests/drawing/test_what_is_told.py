"""What tells two networks apart is in their figures and tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import resdsl
from resdsl.drawing.layout.canvas import Box, Canvas, Sign, Text
from resdsl.drawing.layout.fonts import text_width
from resdsl.drawing.views import View, Wanted, picture

PAIRS = {
    "dilation": ("conv(3, 8)", "conv(3, 8, dilation=2)"),
    "dilation of one axis": ("conv(3, 8)", "conv(3, 8, dilation=1x2)"),
    "depthwise": ("depthwise(3)", "depthwise(3, dilation=2)"),
    "pool": ("maxpool(3, stride=1)", "maxpool(3, stride=1, dilation=2, padding=1)"),
    "transposed": ("conv_transpose(3, 8)", "conv_transpose(3, 8, dilation=2)"),
    "groups": ("conv_transpose(3, 8)", "conv_transpose(3, 8, groups=2)"),
}


def shown(text: str, view: View) -> str:
    design = resdsl.check(f"network n {{ input 8 x 32 x 32 stage s: {{ {text} conv(1, 8) }} }}")
    blocks = ("s",) if view == "block" else ()
    canvas = picture(design.designs[0].facts, Wanted(view=view, blocks=blocks)).canvas
    return repr([(type(item).__name__, getattr(item, "text", "")) for item in canvas.items])


@pytest.mark.parametrize("view", ["column", "block", "detail", "beside"])
@pytest.mark.parametrize("what", PAIRS)
def test_figures(what: str, view: View) -> None:
    one, two = PAIRS[what]
    assert shown(one, view) != shown(two, view)


@pytest.mark.parametrize("what", PAIRS)
def test_tables(what: str) -> None:
    tables = [
        str(resdsl.check(f"network n {{ input 8 x 32 x 32 a: {text} }}").designs[0].table())
        for text in PAIRS[what]
    ]
    layers = [re.sub(r"[\d.,]+ [kMG]?|\d+", "", table) for table in tables]
    assert layers[0] != layers[1]


def canvas_of(text: str, view: View = "column") -> Canvas:
    design = resdsl.check(f"network n {{ input 3 x 16 x 16 {text} }}").designs[0]
    return picture(design.facts, Wanted(view=view)).canvas


@pytest.mark.parametrize(
    ("text", "word"), [("here * 2", "× 2"), ("2 - here", "2 −"), ("max(here, 0)", "max 0")]
)
def test_a_number_on_a_shortcut_is_told_once(text: str, word: str) -> None:
    canvas = canvas_of(f"conv(3, 8) residual {{ conv(3, 8) norm }} via {{ join {text} }}")
    told = [item.text for item in (*canvas.of(Box), *canvas.of(Text))]
    assert told.count(word) == 1
    assert not any("scale 2" in one or "difference" in one for one in told)


def test_a_kept_line_has_its_name_where_it_ends_at_once() -> None:
    body = "conv(3, 8) keep a join concat(a, here) conv(3, 8) join concat(a, here) conv(3, 8)"
    for view in ("column", "beside"):
        canvas = canvas_of(body, view)  # type: ignore[arg-type]
        assert [text.text for text in canvas.of(Text)].count("a") >= 1


def test_products_are_in_the_legend_where_there_are_some() -> None:
    """A projection of a pre-activated tensor is a small figure, without a product."""
    block = "residual { norm act keep pre conv(3, 8) } via { join pre conv(1, 8) }"
    canvas = canvas_of(f"conv(3, 8) stage s: {{ {block} }}")
    told = {text.text for text in canvas.of(Text)}
    assert "product" not in told
    assert "brackets leave out norms and activations" in told
    boxes = [box.text for box in canvas.of(Box)]
    assert boxes.index("BN") < boxes.index("ReLU") < boxes.index("3×3, 8")


def test_brackets_are_in_the_legend_for_blocks_that_have_some() -> None:
    design = resdsl.check("""
        block vote(p: tensor) {
            a: conv(1, 16) keep q join p b: conv(1, 16) join q * here c: conv(1, 16)
        }
        network n { input 3 x 16 x 16 conv(3, 16) keep s basic(16) vote(s) }
    """).designs[0]
    canvas = picture(design.facts, Wanted(view="column")).canvas
    (told,) = [item.text for item in canvas.of(Text) if "channels]" in item.text]
    assert told == "[k×k, channels] basic block"


def test_words_stand_inside_of_circles() -> None:
    for sign in ("max", "min", "+"):
        one = Sign(0, 0, 8, sign)
        assert text_width(sign, one.letters) < 2 * one.radius * 0.85


@pytest.mark.parametrize("texts", [("p + q", "p * q"), ("concat(p, q)", "concat(q, p)")])
def test_forks_in_a_u_are_told(texts: tuple[str, str]) -> None:
    body = (
        "conv(3, 8) keep a maxpool(2) conv(3, 8) keep b maxpool(2) fork {{ p: conv(3, 16) "
        "q: conv(1, 16) }} join {} conv_transpose(2, 8, stride=2) join concat(b, here) "
        "conv(3, 8) conv_transpose(2, 8, stride=2) join concat(a, here) conv(1, 1)"
    )
    seen = [
        [text.text for text in canvas_of(body.format(text), "overview").of(Text)] for text in texts
    ]
    assert seen[0] != seen[1]
    assert any("p: 3×3, 16; q: 1×1, 16" in text for text in seen[0])


def test_long_dotted_lines_are_read_by_graphviz(tmp_path: Path) -> None:
    body = (
        "residual { " + " ".join(f"conv(3, {8 + n})" for n in range(60)) + " } via { conv(1, 67) }"
    )
    design = resdsl.check(f"network n {{ input 3 x 16 x 16 {body} }}").designs[0]
    target = tmp_path / "long.dot"
    design.draw(target, beside=[design])
    assert max(map(len, re.findall(r'"[^"]*"', target.read_text()))) < 16_384
    design.draw(tmp_path / "long.svg", beside=[design])
