"""Sizes and shapes: how an extent of any tensor depends on the input's."""

from resdsl.extents.extent import Extent, constant, variable
from resdsl.extents.shape import Shape
from resdsl.extents.size import Size, collapsed, spread

__all__ = ["Extent", "Shape", "Size", "collapsed", "constant", "spread", "variable"]
