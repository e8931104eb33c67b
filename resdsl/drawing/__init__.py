"""Pictures and tables of a design, without torch."""

from resdsl.drawing.files import FORMATS, VIEWS, draw
from resdsl.drawing.overview import overview
from resdsl.drawing.render import DrawingError, MissingRenderer, RendererError

__all__ = [
    "FORMATS",
    "VIEWS",
    "DrawingError",
    "MissingRenderer",
    "RendererError",
    "draw",
    "overview",
]
