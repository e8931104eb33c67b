"""JSON in which no object has a name twice: `json.loads(text, object_pairs_hook=once)`."""

from __future__ import annotations

from typing import Any


class TwiceError(ValueError):
    """A name stands twice in an object; it is the text of the error."""


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises TwiceError."""
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise TwiceError(name)
            seen.add(name)
    return found
