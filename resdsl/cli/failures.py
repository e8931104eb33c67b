"""A command that cannot do what was asked, for a reason that is neither the spec nor a bug."""

from __future__ import annotations


class CommandError(Exception):
    """One line that says why, and the exit status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
