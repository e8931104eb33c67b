"""What `resdsl explain` says of the language's own words: a Markdown file for each, or for some.

A file begins with `# KIND NAME, NAME`. Its listing is a spec, which the tests check.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HEAD = re.compile(r"# (?P<kind>.+?) (?P<names>\w+(?:, \w+)*)\n")
_LISTING = re.compile(r"^```res\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Topic:
    """Words that one text explains. `kind` is what they are: `word`, `functions`, `quantities` …"""

    kind: str
    names: tuple[str, ...]
    body: str

    def __str__(self) -> str:
        return f"{self.title}\n\n{self.body}"

    @property
    def title(self) -> str:
        return f"{self.kind} {', '.join(self.names)}"

    @property
    def listings(self) -> tuple[str, ...]:
        return tuple(found[1] for found in _LISTING.finditer(self.body))


@cache
def topics() -> dict[str, Topic]:
    """The topic of each word."""
    found: dict[str, Topic] = {}
    for path in sorted(Path(__file__).parent.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        head = _HEAD.match(text)
        assert head is not None, path
        topic = Topic(head["kind"], tuple(head["names"].split(", ")), text[head.end() :].strip())
        found |= dict.fromkeys(topic.names, topic)
    return found
