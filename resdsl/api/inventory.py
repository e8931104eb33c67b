"""What there is to say of each network of the zoo, in a line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from resdsl.analysis.facts import facts
from resdsl.api import zoo
from resdsl.diagnostics.model import Sink, SpecError
from resdsl.language.spec import Spec, open_spec
from resdsl.syntax import tree
from resdsl.syntax.read import read

_ARXIV = re.compile(r"\b\d{4}\.\d{4,5}\b")


@dataclass(frozen=True, slots=True)
class Item:
    """`params` and `macs` at the declared input; None for a family whose parameters lack values.

    `title` is the first sentence of the network's own documentation, else what it instantiates.
    `source` is the number of the paper on arXiv that its documentation, or its file's, names first.
    """

    name: str
    params: int | None
    macs: int | None
    title: str
    source: str = ""


def inventory(
    names: Sequence[str], wanted: Callable[[str, str, str], bool] | None = None
) -> Iterator[Item]:
    """The networks of these names, each file opened once; of these those that are `wanted`.

    `wanted` is asked before a network is elaborated, with its name, title and source. A zoo with
    errors raises SpecError.
    """
    entries = [zoo.entries()[name] for name in names]
    for path, group in groupby(entries, key=lambda entry: entry.path):
        sink = Sink()
        source = read(path, sink)
        spec = None if source is None else open_spec(source, path, sink)
        if spec is None:
            raise SpecError(sink.diagnostics)
        known = {info.name: info for info in spec.networks}
        titles = {symbol.name: _title(symbol.node) for symbol in spec.module.networks()}
        sources = {symbol.name: _source(symbol.node, spec) for symbol in spec.module.networks()}
        for entry in group:
            info, title, paper = known[entry.name], titles[entry.name], sources[entry.name]
            if wanted is not None and not wanted(info.name, title, paper):
                continue
            if not info.complete:
                yield Item(info.name, None, None, title, paper)
                continue
            found = spec.elaborate(info.name, sink)
            if found is None:
                raise SpecError(sink.diagnostics)
            cost = facts(found.network).cost
            yield Item(info.name, cost.params, cost.macs, title, paper)


def _source(node: tree.Block | tree.Network, spec: Spec) -> str:
    found = _ARXIV.search(node.doc) or _ARXIV.search(spec.module.file.doc)
    return "" if found is None else found[0]


def _title(node: tree.Block | tree.Network) -> str:
    """The first line of its documentation, to the end of the first sentence."""
    if not node.doc and isinstance(node, tree.Network) and node.family is not None:
        return node.family.span.text
    return first_sentence(node.doc)


def first_sentence(doc: str) -> str:
    """Of a documentation's first line, without its full stop."""
    line = doc.partition("\n")[0].strip()
    return re.split(r"(?<!Fig)\. ", line)[0].rstrip(".")
