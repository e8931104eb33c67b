"""The one error that the scripts show without a traceback."""

from __future__ import annotations


class TrainingError(Exception):
    """Something that the user can mend: what is wrong, and what helps."""
