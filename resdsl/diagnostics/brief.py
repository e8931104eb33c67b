"""No message repeats a text of any length: what is quoted in it is cut, then the whole."""

from __future__ import annotations

import re

# Characters of a message or help; of what is quoted in one that is longer.
MOST = 480
_QUOTED = re.compile(r"`([^`]{81,})`")


def brief(text: str) -> str:
    """A text for people, with `…` for what is left out if it is too long."""
    if len(text) <= MOST:
        return text
    text = _QUOTED.sub(lambda found: f"`{found[1][:79]}…`", text)
    return text if len(text) <= MOST else f"{text[: MOST - 1]}…"
