"""Why a module is not saved."""

from __future__ import annotations


class SaveError(ValueError):
    """A module that one file cannot hold: the message says why, and what would help."""
