"""Pictures and tables of a design, without torch."""

from resdsl.drawing.files import FORMATS, VIEWS, draw
from resdsl.drawing.overview import overview
from resdsl.drawing.render import DrawingError, MissingRendererError, RendererError

__all__ = [
    "FORMATS",
    "VIEWS",
    "DrawingError",
    "MissingRendererError",
    "RendererError",
    "draw",
    "overview",
]
