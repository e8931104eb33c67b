"""What is asked for is no figure, or cannot be one."""

from __future__ import annotations


class TangledError(Exception):
    """A flow that is no tree of rows and columns, or reads what is made outside of it."""


class FigureError(ValueError):
    """The message says what is wrong, and what can be done."""
