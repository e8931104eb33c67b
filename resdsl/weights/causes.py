"""The likely cause why weights do not fit, in a line: one question after the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from resdsl import limits
from resdsl.records import dataclass
from resdsl.weights.fitting import Fit, is_other_head
from resdsl.weights.tensors import Shape, Wanted, is_counter, size


@dataclass(frozen=True, slots=True)
class Cause:
    text: str
    help: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What a design has, what a file has as it would be called here, and where they differ."""

    wanted: Wanted
    fit: Fit
    ours: dict[str, Shape]
    theirs: dict[str, Shape]

    @classmethod
    def of(cls, wanted: Wanted, fit: Fit, shapes: Mapping[str, Shape]) -> Difference:
        ours = {key: shape for key, shape in wanted.shapes.items() if not is_counter(key)}
        theirs = {name: shapes[key] for name, key in fit.named.items() if not is_counter(name)}
        return cls(wanted, fit, ours, theirs)

    @property
    def missing(self) -> list[str]:
        return [key for key in self.ours if key not in self.theirs and key in self.fit.missing]

    @property
    def wrong(self) -> list[str]:
        return [key for key in self.fit.wrong if key in self.ours]

    @property
    def unknown(self) -> list[str]:
        return [key for key in self.theirs if key not in self.ours]

    @property
    def keys(self) -> list[str]:
        return [*self.missing, *self.unknown, *self.fit.wrong]


def cause(found: Difference) -> Cause:
    """The first that holds."""
    for question in _QUESTIONS:
        answer = question(found)
        if answer is not None:
            return answer
    wrong = len(found.wrong)
    parts = [
        f"{len(found.missing)} of its tensors are not there" if found.missing else "",
        f"{wrong} have another shape" if wrong else "",
        f"{len(found.fit.unknown)} there are nothing here" if found.fit.unknown else "",
    ]
    return Cause(f"it is another network: {', '.join(filter(None, parts))}")


# --- questions ------------------------------------------------------------------------------------

# What a projection is called.
_SHORTCUT = re.compile(r"\.(downsample|shortcut|proj|projection|skip|identity)(\.|$)")
_NUMBER = re.compile(r"^([A-Za-z_]*?)(\d+)$")
# Components of a key that are looked at.
_DEEP = 16
# Names that end with the number of a block.
_BLOCKS = ("dense", "block", "unit", "stage")
_GATES = re.compile(r"\.(se|se_module|se_layer|tail|attn|attention|squeeze_excite)\.")


def _nothing_alike(found: Difference) -> Cause | None:
    if found.fit.taken or found.wrong:
        return None
    count = len(found.theirs) + len(found.fit.unknown)
    if not count:
        return Cause("there are no tensors in it")
    return Cause(
        "other names: none of its tensors is called as one of the design's",
        ('rename={"theirs": "ours"} renames whole components of keys',),
    )


def _only_extras(found: Difference) -> Cause | None:
    if found.missing or found.wrong:
        return None
    parts = _beginnings(found.fit.unknown, found.wanted.shapes, found.fit.prefix)
    if any("aux" in part.lower() for part in parts):
        text = "auxiliary heads: it has " + _listed(parts) + ", which the design has not"
    elif found.unknown and all(key.endswith(".bias") for key in found.unknown):
        text = "biases: it has some where the design has none"
    elif (answer := _of_kind(found)) is not None:
        return answer
    else:
        text = "it has more than the design: " + _listed(parts)
    return Cause(text, (f"drop={_as_list(parts)} leaves them out",))


def _beginnings(keys: Sequence[str], ours: Iterable[str], prefix: str) -> list[str]:
    """The shortest modules that hold these keys and none of ours."""
    known = {beginning for key in ours for beginning in _modules(key)}
    around = set(_modules(f"{prefix}."))
    found: dict[str, None] = {}
    for key in keys[: limits.CANDIDATES]:
        own = (m for m in _modules(key) if m not in around and m.removeprefix(prefix) not in known)
        found.setdefault(next(own, key))
    return list(found)


def _modules(key: str) -> Iterator[str]:
    """`a`, `a.b` and `a.b.c` of `a.b.c`."""
    parts = key.split(".")
    for depth in range(1, min(len(parts), _DEEP) + 1):
        yield ".".join(parts[:depth])


def _head(found: Difference) -> Cause | None:
    """Nothing but the last layer is another one."""
    head = found.wanted.head
    odd = {*found.missing, *found.wrong}
    if not odd or not odd <= set(head):
        return None
    module = head[0].rpartition(".")[0]
    if found.wrong:
        there, here = found.theirs[found.wrong[0]], found.ours[found.wrong[0]]
        if not is_other_head(there, here):
            return Cause(f"other head: `{module}` has other features")
        return Cause(
            f"other head: it has {there[0]} classes, the design {here[0]}",
            (f"classes={there[0]} takes it", f'drop=["{module}"] leaves the head new'),
        )
    features = found.ours[head[0]][1:]
    renamed = [
        key
        for key in found.unknown
        if len(found.theirs[key]) > 1 and found.theirs[key][1:] == features
    ]
    if renamed:
        other = renamed[0].rpartition(".")[0]
        return Cause(
            f"other head: it is `{other}` there, `{module}` here",
            (f'rename={{"{other}": "{module}"}} takes it', f'drop=["{module}"] leaves it new'),
        )
    return Cause(
        f"other head: `{module}` is not there, as in a backbone",
        (f'drop=["{module}"] leaves the head new, and so does `classes=`',),
    )


def _channels(found: Difference) -> Cause | None:
    entry = [key for key in found.wrong if key in found.wanted.entry]
    others = set(found.missing + found.wrong) - set(entry) - set(found.wanted.head)
    if not entry or others:
        return None
    there, here = found.theirs[entry[0]], found.ours[entry[0]]
    if there[:1] != here[:1] or there[2:] != here[2:]:
        return None
    return Cause(
        f"other input channels: it takes {there[1]}, the design {here[1]}, and only weights for "
        "3 or 1 are adapted",
        (f"in_channels={there[1]} takes it",),
    )


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
        for i, part in enumerate(parts[:-2][:_DEEP]):
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
        return f"other block: {_listed(more)} there, {_listed(less)} in the design"
    if more:
        return f"other block: it has {_listed(more)} in its blocks, the design has not"
    return f"other block: it lacks {_listed(less)}, which the design's blocks have"


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
    stem = [key for key in odd if key not in shortcuts]
    outside = [key for key in stem if key.split(".")[0] not in blocks]
    if outside and blocks:  # what reads a stem of another width has another shape, too
        fed = [key for key in (*stem, *shortcuts) if _reads_stem(found, key, blocks[0])]
        stem = [key for key in stem if key not in fed]
        shortcuts = [key for key in shortcuts if key not in fed]
    if not (stem or shortcuts) or stem != outside or (stem and not blocks):
        return None
    told = [_stem(found, stem)] if stem else []
    told += [_shortcut(found, shortcuts)] if shortcuts else []
    return Cause("; ".join(told))


def _reads_stem(found: Difference, key: str, first: str) -> bool:
    """Whether only the channels that come into the first block are others."""
    if key not in found.wrong or not key.startswith(f"{first}.0."):
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


def _of_kind(found: Difference) -> Cause | None:
    for question in (_norms, _block, _depth, _around_blocks):
        answer = question(found)
        if answer is not None:
            return answer
    return None


def _incomplete(found: Difference) -> Cause | None:
    if found.unknown or found.wrong:
        return None
    parts = _beginnings(found.missing, found.theirs, "")
    return Cause(
        f"it is incomplete: {_listed(parts)} {'is' if len(parts) == 1 else 'are'} not there"
    )


def _widths(found: Difference) -> Cause | None:
    if found.missing or found.unknown or not found.wrong:
        return None
    first = next(key for key in found.ours if key in found.wrong)
    there, here = found.theirs[first], found.ours[first]
    if len(there) != len(here):
        return None
    if there[:1] == here[:1] and there[2:] == here[2:] and len(there) > 2:
        what = f"other groups: {there[1]} channels for each result there, {here[1]} in the design"
    elif there[2:] != here[2:]:
        what = f"other windows: {size(there[2:])} there, {size(here[2:])} in the design"
    elif _GATES.search(f".{first}."):
        what = "other gates: their channels are reduced to others"
    else:
        what = f"other widths: {there[0]} channels there, {here[0]} in the design"
    return Cause(what)


_QUESTIONS: tuple[Callable[[Difference], Cause | None], ...] = (
    _nothing_alike,
    _head,
    _only_extras,
    _channels,
    _norms,
    _block,
    _depth,
    _around_blocks,
    _incomplete,
    _widths,
)


def _listed(names: Sequence[str]) -> str:
    shown = [f"`{name}`" for name in names[:4]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _as_list(names: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names[:6]) + ("]" if len(names) < 7 else ", …]")
