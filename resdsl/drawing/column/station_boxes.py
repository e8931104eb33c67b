"""The boxes on the spine of an overview, and what stands in them."""

from __future__ import annotations

from resdsl.drawing.column.stations import LAYER, NAME, TIMES, Station
from resdsl.drawing.layout.canvas import Band, Canvas, Line, Text
from resdsl.drawing.layout.fonts import text_width


def put_box(canvas: Canvas, station: Station, x: float, top: float) -> None:
    """A station's box with what stands in it."""
    element, look, ink = station.element, station.look, ink_of(station)
    width, height = station.width, station.height
    left, right, bottom, middle = x - width / 2, x + width / 2, top + height, top + height / 2
    canvas.add(Band(left, top, width, height, look, station.node, station.tip))
    if element.count > 1:
        # The edge of another one behind it.
        corner = ((right + 3, top + 8), (right + 3, bottom + 3), (left + 8, bottom + 3))
        canvas.add(Line(corner, arrow=False, look=ink, weight=0.8, radius=8))
    if station.piece is None:
        words = text_width(element.text, LAYER)
        times = text_width(f"×{element.count}", 12, bold=True) + 10 if element.count > 1 else 0.0
        colour = "secondary" if element.quiet else "text"
        canvas.add(Text(x - times / 2, middle, element.text, LAYER, "middle", colour))
        if times:
            place = x - times / 2 + words / 2 + 10
            canvas.add(Text(place, middle, f"×{element.count}", 12, "start", ink, True))
        return
    piece = station.piece
    high = (height - piece.height) / 2
    piece.draw(canvas, x, top + high, ink)
    for is_open, end in ((piece.begins, top), (piece.ends, bottom - high)):
        if is_open:
            canvas.line(((x, end), (x, end + high)), arrow=False, look=ink, weight=0.9)
    if station.name:
        canvas.add(Text(left + 7, middle, station.name, NAME, "start", ink))
    if element.count > 1:
        canvas.add(Text(right - 7, middle, f"×{element.count}", TIMES, "end", ink, True))


def ink_of(station: Station) -> str:
    """The look of lines and words of a stage's own."""
    return "line" if station.look == "neutral" else station.look
