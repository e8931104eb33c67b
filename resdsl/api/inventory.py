"""What there is to say of each network of the zoo, in a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from resdsl.analysis.facts import facts
from resdsl.api import zoo
from resdsl.diagnostics.model import Sink, SpecError
from resdsl.language.spec import open_spec
from resdsl.syntax.read import read


@dataclass(frozen=True, slots=True)
class Item:
    """`params` and `macs` at the declared input; None for a family whose parameters lack values.

    `title` is the first sentence of the network's documentation.
    """

    name: str
    params: int | None
    macs: int | None
    title: str


def inventory(names: Sequence[str]) -> Iterator[Item]:
    """The networks of these names, each file opened once. A zoo with errors raises SpecError."""
    entries = [zoo.entries()[name] for name in names]
    for path, group in groupby(entries, key=lambda entry: entry.path):
        sink = Sink()
        source = read(path, sink)
        spec = None if source is None else open_spec(source, path, sink)
        if spec is None:
            raise SpecError(sink.diagnostics)
        known = {info.name: info for info in spec.networks}
        for entry in group:
            info = known[entry.name]
            title = _sentence(info.doc)
            if not info.complete:
                yield Item(info.name, None, None, title)
                continue
            found = spec.elaborate(info.name, sink)
            if found is None:
                raise SpecError(sink.diagnostics)
            cost = facts(found.network).cost
            yield Item(info.name, cost.params, cost.macs, title)


def _sentence(doc: str) -> str:
    """The first line, to the end of its first sentence."""
    line = doc.partition("\n")[0].strip()
    return line.partition(". ")[0].rstrip(".")
