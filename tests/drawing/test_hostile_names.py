"""Texts from outside in pictures: shown as they are, never read as markup, escapes or commands."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest

import resdsl
from resdsl.drawing.layout import pinned
from resdsl.drawing.layout.canvas import Band, Box, Canvas, Line, Sign, Text
from resdsl.drawing.render import render
from tests.drawing import renderers

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}"
_XML = "{http://www.w3.org/XML/1998/namespace}"

# What an SVG of ours consists of, and the attributes that may hold a text from outside.
_ELEMENTS = {"svg", "g", "title", "polygon", "polyline", "path", "ellipse", "text", "a"}
_ATTRIBUTES = (
    "id class transform fill fill-opacity stroke stroke-width stroke-dasharray stroke-opacity "
    "points d cx cy rx ry x y text-anchor font-family font-size font-weight width height viewBox"
).split()
_TOLD = {"id", f"{_LINK}title"}

HOSTILE = [
    "<b>bold</b>",
    "<<B>bold</B>>",
    "</script><script>alert(1)</script>",
    "</svg><svg onload=alert(1)>",
    '" onload="alert(1)',
    "' ] } ; digraph { a -> b",
    "javascript:alert(1)",
    "<![CDATA[ x ]]>",
    "<!-- x -->",
    "--> x",
    "&amp; &lt; &#60; &nosuch; &",
    r"a\nb\N\G\L\lc\r",
    r"C:\new\table" + "\\",
    "\\",
    "\"quoted\" and 'quoted'",
    "% {x} | <port> y",
    "日本語 é",
]

# With what cannot be shown: line ends, controls, marks that turn the line, halves of characters.
UNSEEN = {
    "two\nlines": "two�lines",
    "a\r\tb\0c\x1b[31m": "a��b�c�[31m",
    "\u202egnp.exe\u2066": "�gnp.exe�",
    "\ufeffx\u200f": "�x�",
    "half \ud800": "half �",
}

ALL = {text: text for text in HOSTILE} | UNSEEN


def canvas(text: str) -> Canvas:
    """It in each place where a text stands."""
    return Canvas(
        text,
        400,
        300,
        [
            Band(5, 5, 390, 290, "frame", node=f"band {text}", tip=text),
            Text(20, 20, text, anchor="start"),
            Text(20, 50, text, anchor="start", bold=True),
            Text(200, 80, text),
            Text(200, 110, text, bold=True),
            Text(380, 140, text, anchor="end", bold=True),
            Box(200, 170, 300, 20, "weight", text, bold=True, node=text, tip=text),
            Box(200, 210, 300, 20, "weight", text, node=f"plain {text}"),
            Sign(50, 260, 10, text, node=f"sign {text}", tip=text),
            Line(((200, 180), (200, 200)), tail=text, head=f"plain {text}"),
        ],
    )


@pytest.mark.parametrize("renderer", renderers.NAMES)
@pytest.mark.parametrize(("text", "shown"), ALL.items(), ids=range(len(ALL)))
def test_they_are_shown_as_they_are(text: str, shown: str, renderer: str) -> None:
    svg = render(pinned.dot(canvas(text)), "svg", renderers.found(renderer))
    root = ET.fromstring(svg)
    safe(root, shown)
    assert [_said(one) for one in root.iter(f"{_SVG}text")] == [shown] * 8
    assert len(list(root.iter(f"{_SVG}polygon"))) == 2, "the ground and a head"
    assert len([one for one in root.iter(f"{_SVG}g") if one.get("class") == "edge"]) == 1
    told = [one.get(f"{_LINK}title") for one in root.iter(f"{_SVG}a")]
    assert Counter(told) == {shown: 3, f"plain {shown}": 1}


def safe(root: ET.Element, *shown: str) -> None:
    """Nothing in the picture but what pictures of ours have."""
    for element in root.iter():
        assert element.tag.removeprefix(_SVG) in _ELEMENTS
        for name, value in element.attrib.items():
            assert name in (*_ATTRIBUTES, *_TOLD, f"{_XML}space"), name
            if name not in _TOLD:
                assert not any(text in value for text in shown), (name, value)


def _said(text: ET.Element) -> str:
    return "".join(text.itertext()).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("renderer", renderers.NAMES)
def test_in_pixels(renderer: str) -> None:
    """A picture of markup is none of what the markup would be."""
    program = renderers.found(renderer)
    pairs = [("<b>bold</b>", "bold"), ("&amp;", "&"), (r"a\N", "a"), ("a\nb", "a b")]
    for hostile, tame in pairs:
        one, two = (
            render(pinned.dot(Canvas("c", 200, 50, [Text(100, 25, text)])), "png", program)
            for text in (hostile, tame)
        )
        assert one.startswith(b"\x89PNG")
        assert one != two
        assert one[16:24] == two[16:24], "width and height"


@pytest.mark.parametrize("renderer", renderers.NAMES)
@pytest.mark.parametrize("view", ["placed", "by dot"])
def test_captions(
    view: str, renderer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands below a block is the one text that no grammar looks at."""
    monkeypatch.setenv("RESDSL_DOT", renderers.found(renderer).path)
    if view == "by dot":
        monkeypatch.setattr("resdsl.drawing.figures.blocks.tree", _tangled)
        monkeypatch.setattr("warnings.warn", lambda *_, **__: None)
    design = resdsl.design("cifar_resnet20")
    blocks = ["layer1.1"] * len(ALL)
    path = design.draw(tmp_path / "a.svg", block=blocks, caption=list(ALL))
    root = ET.fromstring(path.read_text(encoding="utf-8"))
    # A caption is one line.
    captions = ["two lines" if "\n" in text else shown for text, shown in ALL.items()]
    safe(root, *captions)
    said = [_said(one) for one in root.iter(f"{_SVG}text")]
    for shown in captions:
        assert sum(one.endswith(f") {shown}") for one in said) >= 1, shown
    assert design.draw(tmp_path / "a.png", block=blocks, caption=list(ALL)).exists()


def _tangled(_: object) -> None:
    from resdsl.drawing.trees.series import TangledError

    raise TangledError


@pytest.mark.parametrize("name", ["resnet50", "unet", "googlenet"])
def test_text_of_a_pdf_is_the_labels(name: str, tmp_path: Path) -> None:
    program = renderers.found("dot")
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext is not installed")
    from resdsl.drawing.views import Wanted, picture

    made = picture(resdsl.design(name).facts, Wanted())
    path = tmp_path / "a.pdf"
    path.write_bytes(render(made.dot(), "pdf", program))
    done = subprocess.run(
        [reader, str(path), "-"], capture_output=True, check=True, encoding="utf-8"
    )
    labels = [one.text for kind in (Box, Text) for one in made.canvas.of(kind)]
    labels += [one.sign for one in made.canvas.of(Sign) if len(one.sign) > 1]
    assert Counter(done.stdout.split()) == Counter(" ".join(labels).split())
