"""Texts as trees, so that a failing one can be made small by dropping parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Part: TypeAlias = "str | list[Text]"


@dataclass(slots=True, eq=False)
class Text:
    """A step or definition: its words, with lists of steps in braces between them."""

    parts: list[Part] = field(default_factory=list)

    @property
    def lists(self) -> list[list[Text]]:
        return [part for part in self.parts if isinstance(part, list)]


def text(*parts: Part) -> Text:
    return Text(list(parts))


def render(items: list[Text], indent: int = 0) -> str:
    lines = []
    blanks = "    " * indent
    for item in items:
        line = blanks
        for part in item.parts:
            if isinstance(part, str):
                line += part.replace("\n", f"\n{blanks}")
            elif not part:
                line += "{ }"
            else:
                line += "{\n" + render(part, indent + 1) + f"{blanks}}}"
        lines.append(line + "\n")
    return "".join(lines)


# --- making it small -----------------------------------------------------------------------------

# A word, a blank, or a sign of the language.
_WORD = re.compile(r"\s+|\"[^\"\n]*\"|##[^\n]*|\w[\w.]*|[=!<>]=|\*\*|//|.", re.DOTALL)
# Numbers, and what is tried in their place.
_NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")


def shrink(items: list[Text], fails: Callable[[str], bool], attempts: int = 2000) -> str:
    """A text with fewer steps and words that still fails. `items` are changed."""
    left = [attempts]

    def still() -> bool:
        left[0] -= 1
        return left[0] >= 0 and fails(render(items))

    changed = True
    while changed and left[0] > 0:
        changed = sum(_drop(steps, still) for steps in list(_lists(items))) > 0
        changed |= _lift(items, still)
    return _fewer_words(render(items), fails, left)


def _lists(items: list[Text]) -> Iterator[list[Text]]:
    yield items
    for item in items:
        for steps in item.lists:
            yield from _lists(steps)


def _drop(steps: list[Text], still: Callable[[], bool]) -> bool:
    """Without some of the steps, many first."""
    changed = False
    size = len(steps)
    while size:
        at = 0
        while at < len(steps):
            gone = steps[at : at + size]
            del steps[at : at + size]
            if gone and still():
                changed = True
            else:
                steps[at:at] = gone
                at += size
        size //= 2
    return changed


def _lift(items: list[Text], still: Callable[[], bool]) -> bool:
    """What stands in braces in the place of the braces."""
    changed = False
    for steps in list(_lists(items)):
        at = 0
        while at < len(steps):
            step = steps[at]
            for inner in step.lists:
                steps[at : at + 1] = inner
                if still():
                    changed = True
                    break
                steps[at : at + len(inner)] = [step]
            at += 1
    return changed


def _fewer_words(found: str, fails: Callable[[str], bool], left: list[int]) -> str:
    """Without some of the words in a row, then with smaller numbers."""
    changed = True
    while changed and left[0] > 0:
        changed = False
        for size in (16, 12, 8, 7, 6, 5, 4, 3, 2, 1):
            at = 0
            while at + size <= len(words := _WORD.findall(found)) and left[0] > 0:
                shorter = "".join(words[:at] + words[at + size :])
                left[0] -= 1
                if "".join(words[at : at + size]).strip() and fails(shorter):
                    found, changed = shorter, True
                else:
                    at += 1
    return _smaller_numbers(found, fails, left)


def _smaller_numbers(found: str, fails: Callable[[str], bool], left: list[int]) -> str:
    at = 0
    while (match := _NUMBER.search(found, at)) and left[0] > 0:
        for number in "1234":
            if int(number) >= int(match[0]):
                break
            left[0] -= 1
            smaller = found[: match.start()] + number + found[match.end() :]
            if fails(smaller):
                found = smaller
                break
        at = match.start() + 1
    return found
