"""Causes that lie in what a network is made of: norms, blocks and their number, shortcuts, stem."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from resdsl.weights.difference import DEEP, Cause, Difference, listed
from resdsl.weights.tensors import Shape, size

# What a projection is called.
_SHORTCUT = re.compile(r"\.(downsample|shortcut|proj|projection|skip|identity)(\.|$)")
_NUMBER = re.compile(r"^([A-Za-z_]*?)(\d+)$")
# Names that end with the number of a block.
_BLOCKS = ("dense", "block", "unit", "stage")


def of_body(found: Difference) -> Cause | None:
    """The first that holds."""
    for question in (_norms, _block, _depth, _around_blocks):
        answer = question(found)
        if answer is not None:
            return answer
    return None


def _norms(found: Difference) -> Cause | None:
    """Norms of another kind, or none."""
    there, here = (
        any(key.rpartition(".")[2] == "running_var" for key in shapes)
        for shapes in (found.theirs, found.ours)
    )
    if there == here:
        return None
    if there:
        return Cause("other norms: it has batch norms, the design has none")
    return Cause("other norms: it has no batch norms, as the design has")


def _depth(found: Difference) -> Cause | None:
    """The same modules in other numbers."""
    ours, theirs = _numbers(found.ours), _numbers(found.theirs)
    shared = [place for place in ours if place in theirs]
    differing = [place for place in shared if ours[place] != theirs[place]]
    if not differing:
        return None
    outermost = min(differing, key=lambda place: place.count("."))
    level, name = outermost.count("."), outermost.rpartition(".")[2]
    row = [p for p in shared if p.count(".") == level and p.rpartition(".")[2] == name]
    there, here = (", ".join(str(numbers[p]) for p in row) for numbers in (theirs, ours))
    return Cause(f"other depth: it has {there} blocks, the design {here}")


def _numbers(shapes: Mapping[str, Shape]) -> dict[str, int]:
    """How many numbered modules with modules inside there are at each place."""
    found: dict[str, set[int]] = {}
    for key in shapes:
        parts = key.split(".")
        for i, part in enumerate(parts[:-2][:DEEP]):
            number = _NUMBER.match(part)
            if number is None or _SHORTCUT.search("." + ".".join(parts[: i + 1]) + "."):
                continue
            if number[1] and not number[1].startswith(_BLOCKS):
                continue
            place = ".".join([*parts[:i], number[1]])
            found.setdefault(place, set()).add(int(number[2]))
    return {place: len(numbers) for place, numbers in found.items()}


def _block(found: Difference) -> Cause | None:
    text = _other_block(found)
    return None if text is None else Cause(text)


def _other_block(found: Difference) -> str | None:
    """What stands inside of blocks differs, by names."""
    ours, theirs = _inside(found.ours), _inside(found.theirs)
    more = [name for name in theirs if name not in ours]
    less = [name for name in ours if name not in theirs]
    if not ours or not theirs or not (more or less):
        return None
    if "conv3" in more and "conv3" not in ours:
        return "other block: it has bottlenecks of three convolutions, the design two"
    if "conv3" in less and "conv3" not in theirs:
        return "other block: it has blocks of two convolutions, the design bottlenecks of three"
    if more and less:
        return f"other block: {listed(more)} there, {listed(less)} in the design"
    if more:
        return f"other block: it has {listed(more)} in its blocks, the design has not"
    return f"other block: it lacks {listed(less)}, which the design's blocks have"


def _inside(shapes: Mapping[str, Shape]) -> list[str]:
    """The modules of blocks, without their shortcuts."""
    found: dict[str, None] = {}
    for key in shapes:
        parts = key.split(".")
        for i, part in enumerate(parts[:-2]):
            if part.isdigit() and i > 0:
                if not _SHORTCUT.search("." + parts[i + 1] + "."):
                    found.setdefault(parts[i + 1])
                break
    return list(found)


def _around_blocks(found: Difference) -> Cause | None:
    """All that differs stands before the first block, or around one."""
    blocks = _blocks(found.ours)
    odd = [key for key in found.keys if key not in found.wanted.head]
    shortcuts = [key for key in odd if _SHORTCUT.search(f".{key}")]
    stem = [key for key in odd if not _SHORTCUT.search(f".{key}")]
    outside = [key for key in stem if key.split(".")[0] not in blocks]
    if outside and blocks:  # what reads a stem of another width has another shape, too
        wrong = set(found.wrong)
        odd = [key for key in (*stem, *shortcuts) if key in wrong]
        fed = {key for key in odd if _reads_stem(found, key, blocks[0])}
        stem = [key for key in stem if key not in fed]
        shortcuts = [key for key in shortcuts if key not in fed]
    if not (stem or shortcuts) or stem != outside or (stem and not blocks):
        return None
    told = [_stem(found, stem)] if stem else []
    told += [_shortcut(found, shortcuts)] if shortcuts else []
    return Cause("; ".join(told))


def _reads_stem(found: Difference, key: str, first: str) -> bool:
    """Whether only the channels that come into the first block are others."""
    if not key.startswith(f"{first}.0."):
        return False
    there, here = found.theirs[key], found.ours[key]
    return len(here) > 1 and there[:1] == here[:1] and there[2:] == here[2:]


def _shortcut(found: Difference, odd: Sequence[str]) -> str:
    there = [key for key in odd if key in found.theirs]
    here = [key for key in odd if key in found.ours]
    first = _module(odd[0])
    if not here:
        option = "C" if _keeps_channels(found.theirs, there) else "B"
        what = (
            f"it has projections, as `{first}`, where the design has no weights: option {option} "
            "there"
        )
    elif not there:
        option = "B" if _keeps_channels(found.ours, here) else "A"
        what = f"it has no projection at `{first}`, where the design has one: option {option} there"
    else:
        return f"other shortcuts: its projections, as `{first}`, are built otherwise"
    return f"other shortcuts: {what}"


def _keeps_channels(shapes: Mapping[str, Shape], keys: Sequence[str]) -> bool:
    """Whether there is a projection where the identity would do (He et al. 2015, section 4.1)."""
    return any(len(shapes[key]) > 2 and shapes[key][0] == shapes[key][1] for key in keys)


def _module(key: str) -> str:
    found = _SHORTCUT.search(f".{key}")
    return key if found is None else key[: found.end(1) - 1]


def _stem(found: Difference, odd: Sequence[str]) -> str:
    there = next((k for k in found.theirs if k in odd), None)
    here = next((k for k in found.ours if k in odd), None)
    told = [
        f"`{there}` of {size(found.theirs[there])} there" if there else "",
        f"`{here}` of {size(found.ours[here])} in the design" if here else "",
    ]
    return f"other stem: {', '.join(filter(None, told))}"


def _blocks(shapes: Mapping[str, Shape]) -> list[str]:
    """The modules, of those around all, that hold blocks."""
    found = (
        parts[0]
        for parts in (key.split(".") for key in shapes)
        if len(parts) > 3 and parts[1].isdigit() and not parts[2].isdigit()
    )
    return list(dict.fromkeys(found))
