"""Pictures in a browser: where it puts texts, in which font it has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from html import unescape
from itertools import combinations
from pathlib import Path
from typing import Any, TypeAlias

import pytest

# Left, top, right, bottom in points of the picture.
Frame: TypeAlias = tuple[float, float, float, float]

# What may be between two that touch.
_TOUCH = 0.75
# What of the height of a letter's frame is above its highest and below its lowest sign.
_AIR = 0.15

_SCRIPT = """
const found = {};
for (const holder of document.querySelectorAll("div")) {
  const svg = holder.querySelector("svg"), view = svg.viewBox.baseVal;
  const frame = one => {
    const box = one.getBBox(), by = svg.getScreenCTM().inverse().multiply(one.getScreenCTM());
    const ends = [[box.x, box.y], [box.x + box.width, box.y + box.height]].map(([x, y]) =>
      new DOMPoint(x, y).matrixTransform(by));
    return [ends[0].x, ends[0].y, ends[1].x, ends[1].y];
  };
  const nodes = [...svg.querySelectorAll("g.node")];
  const shapes = nodes.flatMap(node => [...node.querySelectorAll("path, polygon, ellipse")]);
  found[holder.id] = {
    view: [view.x, view.y, view.x + view.width, view.y + view.height],
    texts: [...svg.querySelectorAll("text")].map(one => [one.textContent, frame(one)]),
    boxes: shapes.map(one => [one.closest("g.node").id, frame(one)]),
    lines: [...svg.querySelectorAll("g.edge path, g.edge polygon")].map(frame),
  };
}
document.body.innerHTML = "";
document.body.append(JSON.stringify(found));
"""


def chromium() -> str:
    """Skips the test where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("no Chromium here")


def measured(pictures: Mapping[str, bytes], folder: Path) -> dict[str, dict[str, Any]]:
    """Of each SVG: `view`, and the frames of its texts, of its nodes' shapes and of its lines."""
    page = folder / "page.html"
    inlined = "".join(
        f'<div id="{name}">{_bare(svg.decode())}</div>\n' for name, svg in pictures.items()
    )
    page.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><body>{inlined}<script>{_SCRIPT}</script>',
        encoding="utf-8",
    )
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'user'}"]
    done = subprocess.run(
        [chromium(), *options, "--dump-dom", page.as_uri()],
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=120,
    )
    body = re.search(r"<body>(.*)</body>", done.stdout, re.DOTALL)
    assert body is not None, done.stdout[:400]
    known: dict[str, dict[str, Any]] = json.loads(unescape(body[1]))
    return known


def _bare(svg: str) -> str:
    """Without what stands before the element, which HTML has no place for."""
    return svg[svg.index("<svg") :]


def faults(known: dict[str, Any]) -> list[str]:
    """Texts over each other, over the edge of a box or of the picture; lines out of the picture."""
    texts = [(text, _letters(frame)) for text, frame in known["texts"] if text.strip()]
    view = known["view"]
    found = [
        f"`{one}` overlaps `{two}`" for (one, a), (two, b) in combinations(texts, 2) if _meet(a, b)
    ]
    found += [f"`{text}` leaves the picture" for text, a in texts if not _holds(view, a, 0)]
    found += [
        f"`{text}` crosses the edge of {name}"
        for text, a in texts
        for name, box in known["boxes"]
        if _meet(a, box) and not _holds(box, a, _TOUCH)
    ]
    found += [f"a line leaves the picture: {a}" for a in known["lines"] if not _holds(view, a, 0)]
    found += [f"{name} leaves the picture" for name, a in known["boxes"] if not _holds(view, a, 0)]
    return found


def _letters(frame: Frame) -> Frame:
    left, top, right, bottom = frame
    air = (bottom - top) * _AIR
    return left, top + air, right, bottom - air


def _meet(a: Frame, b: Frame) -> bool:
    return (
        a[0] < b[2] - _TOUCH
        and b[0] < a[2] - _TOUCH
        and a[1] < b[3] - _TOUCH
        and b[1] < a[3] - _TOUCH
    )


def _holds(a: Frame, b: Frame, more: float) -> bool:
    return (
        a[0] - more <= b[0] and a[1] - more <= b[1] and b[2] <= a[2] + more and b[3] <= a[3] + more
    )
