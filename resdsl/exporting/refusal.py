"""Why there is no export."""

from __future__ import annotations


class ExportError(Exception):
    """A network that cannot be exported, or whose export is not what the module is: one line that
    says which, why, and the way out where there is one."""


class MissingExporter(ExportError):  # noqa: N818 - it says what is wrong
    """A package is not installed; the message says how to get it."""
