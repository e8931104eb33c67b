"""Specs that are nearly right: texts of the zoo and the tests with a few things changed."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random

from resdsl import data

TESTS = Path(__file__).parent.parent
_WORD = re.compile(r"\"[^\"\n]*\"|#[^\n]*|\w+|[=!<>]=|\*\*|//|\s+|.", re.DOTALL)
_NUMBERS = ["0", "1", "-1", "2", "7", "0.5", "1e-9", "1e400", "1_0", "999999999999", str(2**63)]
_STRANGE = ["\0", "\ufeff", "\u202e", "é", "名", "🙂", "\ud800", "\r", "\t", "\x1b", "\u2028", "×"]
_PIECES = """
x 3|via|via { }|residual { |fork { |} join |keep a|join here|let a = |set norm = |stage s: |
if |else |for i in range(3) { |expect params == |( |) |{ |} |[ |] |, |: |= |"s"|in.channels|
out.channels|main|index|progress|conv(3, 64)|basic(64)|projection|
linear(10)|flatten|global_avgpool|-|not |** 9|// 0|%|
output |output here|output a, b.c, d: here|output "a.b"|param a: |param a: layer_scale|
"a.0": |"a."[i]: |"a..b": |/2|/2 x 3| / s|/1x2 x 3|via where(true, identity, none)|where(|
reuse |reuse a|reuse a(here)|tensor|list[tensor]|a: tensor|a: list[tensor] = []|= in|
keep a, b|keep a[0], b|let a = here|let a = a + [here]|output_stride 8|here + [a]|
upsample(like=in)|pad(like=a)|crop(like=in)|softmax(a)|sum(a)|shape("a.0")|edition 2
""".replace("\n", "").split("|")


@cache
def originals() -> tuple[str, ...]:
    """What is changed."""
    files = [
        *sorted(data.folder("specs").rglob("*.res")),
        *sorted((TESTS / "targets" / "cases").glob("*.res")),
        *sorted((TESTS / "golden" / "errors").glob("*.res")),
        TESTS / "syntax" / "listings.res",
        *sorted((TESTS / "zoo" / "specs").glob("*.res")),
        # One in sixteen: most of the other texts say nothing that is as new.
        *[TESTS / "mutations" / "second_edition.res"] * 20,
        *[TESTS / "mutations" / "tensors.res"] * 20,
    ]
    return tuple(path.read_text(encoding="utf-8") for path in files)


def mutated(seed: int) -> str:
    """The text of a seed: one to eight changes, the same each time."""
    random = Random(seed)
    text = random.choice(originals())
    for _ in range(random.choice([1, 1, 1, 2, 3, 5, 8])):
        text = random.choice(_CHANGES)(text, random)
    return text


def _characters(text: str, random: Random) -> str:
    at, length = random.randrange(len(text) + 1), random.choice([0, 1, 1, 3, 40])
    new = random.choice(["", random.choice(_STRANGE), chr(random.randrange(32, 127))])
    return text[:at] + new + text[at + length :]


def _words(text: str, random: Random) -> str:
    words = _WORD.findall(text)
    if not words:
        return text
    at, other = random.randrange(len(words)), random.randrange(len(words))
    match random.randrange(5):
        case 0:
            del words[at]
        case 1:
            words.insert(at, words[other])
        case 2:
            words[at], words[other] = words[other], words[at]
        case 3:
            words[at] = random.choice(_PIECES)
        case _:
            words.insert(at, f" {random.choice(_PIECES)} ")
    return "".join(words)


def _lines(text: str, random: Random) -> str:
    lines = text.split("\n")
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines[at], lines[other] = lines[other], lines[at]
        case 2:
            lines.insert(at, lines[other])
        case _:
            del lines[at : at + random.randrange(1, 8)]
    return "\n".join(lines)


def _brackets(text: str, random: Random) -> str:
    places = [match.start() for match in re.finditer(r"[()\[\]{}]", text)]
    if not places:
        return text
    at = random.choice(places)
    return text[:at] + random.choice(["", "", *"()[]{}", text[at] * 2]) + text[at + 1 :]


def _numbers(text: str, random: Random) -> str:
    places = [match.span() for match in re.finditer(r"\d+", text)]
    if not places:
        return text
    start, end = random.choice(places)
    new = random.choice([*_NUMBERS, str(10 ** random.randrange(31)), str(random.randrange(300))])
    return text[:start] + new + text[end:]


def _nesting(text: str, random: Random) -> str:
    places = [match.end() for match in re.finditer(r"[({=]", text)]
    if not places:
        return text
    at, times = random.choice(places), random.choice([2, 20, 200, 3000])
    opening, closing = random.choice([("(", ")"), ("{ ", " }"), ("[", "]"), ("residual { ", " }")])
    return text[:at] + opening * times + closing * random.choice([0, times]) + text[at:]


def _repeated(text: str, random: Random) -> str:
    start = random.randrange(len(text) + 1)
    part = text[start : start + random.randrange(60)]
    return text[:start] + part * random.choice([2, 10, 200]) + text[start:]


def _names(text: str, random: Random) -> str:
    names = sorted(set(re.findall(r"[a-z_]\w+", text)))
    if len(names) < 2:
        return text
    one, other = random.sample(names, 2)
    return re.sub(rf"\b{one}\b", other, text, count=random.choice([0, 1]))


def _line_ends(text: str, random: Random) -> str:
    return text.replace("\n", random.choice(["\r\n", "\r", "\n\n", "\x0b"]))


_CHANGES = (
    _characters,
    _words,
    _words,
    _lines,
    _brackets,
    _numbers,
    _numbers,
    _nesting,
    _repeated,
    _names,
    _line_ends,
)
