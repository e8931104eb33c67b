"""The networks of the zoo, with what there is to say of each in a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from resdsl.analysis.facts import facts
from resdsl.api import costs, libraries, zoo
from resdsl.api.groups import grouped
from resdsl.design.model import Parameter
from resdsl.diagnostics.diagnostic import Sink
from resdsl.diagnostics.exception import SpecError
from resdsl.language.spec import NetworkInfo, Spec, open_spec
from resdsl.language.values.outside_values import told
from resdsl.syntax import tree
from resdsl.syntax.file_text import read
from resdsl.syntax.parser import parse

_ARXIV = re.compile(r"\b\d{4}\.\d{4,5}\b")
_YEAR = re.compile(r"\b(?P<arxiv>\d\d)\d\d\.\d{4,5}\b|[a-z.] (?P<year>(?:19|20)\d\d)\b")


@dataclass(frozen=True, eq=False)
class ZooNetwork:
    """A network of the zoo: `resdsl.design(name)` is its design.

    `doc` is its documentation, and `title` the first sentence of it, or what it instantiates.
    `paper` is the number on arXiv that its documentation, or its file's, names first, else "", and
    `year` that of the paper, or the first that is named there, as in "LeCun et al. 1998".
    """

    name: str
    file: Path
    group: str
    title: str
    doc: str
    paper: str
    year: int | None = None

    def __repr__(self) -> str:
        return f"<{self.name} of resdsl's zoo>"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What it can be given, as `classes`. One without a default must be."""
        return self._info.parameters

    @property
    def params(self) -> int | None:
        """Learnable elements; None for a family whose parameters lack values."""
        return self._cost[0]

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates at the input that it declares; None as for `params`, and where the
        input is free."""
        return self._cost[1]

    @property
    def libraries(self) -> Mapping[str, str]:
        """Of `"torchvision"` and `"timm"` those that have it, with how their weights become ours:
        `"same"`: by the same keys, `"order"`: the same in another order, or `"loads"`: strictly,
        though keys differ."""
        known = libraries.of_zoo().get(self.name, {})
        return {library: keys for library, (_, keys) in known.items() if keys}

    @property
    def models(self) -> Mapping[str, str]:
        """By library what makes it there: `"efficientnet_b0"`, `"mobilenet_v2(width_mult=0.5)"`."""
        known = libraries.of_zoo().get(self.name, {})
        return {library: model for library, (model, _) in known.items()}

    @cached_property
    def _info(self) -> NetworkInfo:
        return next(info for info in _open(self.file).networks if info.name == self.name)

    @cached_property
    def _cost(self) -> costs.Cost:
        return costs.of_zoo().get(self.name) or self.added_up()

    def added_up(self) -> costs.Cost:
        """`params` and `macs` by the spec as it stands: all of the zoo takes seconds. Raises
        SpecError where it has mistakes."""
        if not self._info.complete:
            return None, None
        sink = Sink()
        found = _open(self.file).elaborate(self.name, sink)
        if found is None:
            raise SpecError(sink.diagnostics)
        cost = facts(found.network).cost
        return cost.params, cost.macs


def networks(pattern: str | None = None) -> tuple[ZooNetwork, ...]:
    """The networks that come with resdsl, as `resdsl list` shows them: group by group.

    `pattern` is a part of a name, a paper's number, a title or a group, in any case; or, with `*`,
    `?` or `[`, a whole name. None fits: an empty tuple. Raises TypeError for what is no text.
    """
    if not isinstance(pattern, str | None):
        raise TypeError(f"networks are found by a part of a name, not {told(pattern)}")
    titles = {stem: title for title, stems in _groups().items() for stem in stems}
    found = [
        one
        for path in dict.fromkeys(entry.path for entry in zoo.entries().values())
        for one in _networks(path, titles[path.stem])
        if _fits(pattern, one)
    ]
    order = list(_groups())
    return tuple(sorted(found, key=lambda one: order.index(one.group)))


def _groups() -> dict[str, list[str]]:
    return grouped(path.stem for path in zoo.files())


def _networks(path: Path, group: str) -> list[ZooNetwork]:
    """Those of a file that are found by their names there. It is parsed, no more."""
    sink = Sink()
    source = read(path, sink)
    file = None if source is None else parse(source, sink)
    if file is None:
        raise SpecError(sink.diagnostics)
    names = {name for name, entry in zoo.entries().items() if entry.path == path}
    there = {item.name.id: item for item in file.items if isinstance(item, tree.Network)}
    made = []
    for name, item in there.items():
        if name not in names:
            continue
        docs = [*(one.doc for one in _lineage(item, there)), file.doc]
        paper = next(filter(None, map(_paper, docs)), "")
        year = next(filter(None, map(_year, docs)), None)
        made.append(ZooNetwork(name, path, group, _title(item), item.doc, paper, year))
    return made


def _lineage(item: tree.Network, there: Mapping[str, tree.Network]) -> Iterator[tree.Network]:
    """A network, what it is an instance of, and so on."""
    found: tree.Network | None = item
    while found is not None:
        yield found
        found = None if found.family is None else there.get(found.family.callee.id)


# Networks of one file are mostly asked for one after the other.
@lru_cache(4)
def _open(path: Path) -> Spec:
    sink = Sink()
    source = read(path, sink)
    spec = None if source is None else open_spec(source, path, sink)
    if spec is None:
        raise SpecError(sink.diagnostics)
    return spec


def _fits(pattern: str | None, one: ZooNetwork) -> bool:
    """Whether a network is asked for: by its whole name, or by a part of what is said of it."""
    from fnmatch import fnmatchcase

    if pattern is None:
        return True
    if any(sign in pattern for sign in "*?["):
        return fnmatchcase(one.name, pattern)
    return pattern.lower() in f"{one.name} {one.paper} {one.title} {one.group}".lower()


def _paper(doc: str) -> str:
    found = _ARXIV.search(doc)
    return "" if found is None else found[0]


def _year(doc: str) -> int | None:
    """That of what is named first: a paper on arXiv by its number, else the year behind a name."""
    found = _YEAR.search(doc)
    if found is None:
        return None
    return 2000 + int(found["arxiv"]) if found["arxiv"] else int(found["year"])


def _title(node: tree.Network) -> str:
    """The first line of its documentation, to the end of the first sentence."""
    if not node.doc and node.family is not None:
        text = " ".join(node.family.span.text.split())
        return text.replace("( ", "(").replace(", )", ")")
    return first_sentence(node.doc)


def first_sentence(doc: str) -> str:
    """Of a documentation's first line, without its full stop."""
    line = doc.partition("\n")[0].strip()
    return re.split(r"(?<!Fig)\. ", line)[0].rstrip(".")
