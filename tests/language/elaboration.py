"""What the tests of the language share: a text elaborated, and the names of its modules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl.analysis.contracts import verify
from resdsl.analysis.facts import facts
from resdsl.design.model import Body, Group, Instance
from resdsl.design.network import Network
from resdsl.diagnostics.diagnostic import Sink
from resdsl.language.elaborate.network import Elaborated
from resdsl.language.spec import Text, open_spec
from resdsl.source import Source


def attempt(
    text: str, net: str | None = None, input: str | None = None, **settings: str
) -> tuple[Elaborated | None, Sink]:
    """The network `net` of a text, or its default one, with contracts verified."""
    sink = Sink()
    spec = open_spec(Source("spec.res", text), None, sink)
    name = net or (spec.default(sink) if spec is not None else None)
    if spec is None or name is None:
        return None, sink
    given = {key: Text(value) for key, value in settings.items()}
    found = spec.elaborate(name, sink, settings=given, input=input)
    if found is not None:
        verify(found, facts(found.network), sink)
    return found, sink


def elaborated(
    text: str, net: str | None = None, input: str | None = None, **settings: str
) -> Elaborated:
    found, sink = attempt(text, net, input, **settings)
    assert found is not None, sink.diagnostics
    assert sink.errors == 0, sink.diagnostics
    return found


def network(
    text: str, net: str | None = None, input: str | None = None, **settings: str
) -> Network:
    return elaborated(text, net, input, **settings).network


def body(steps: str, input: str = "3 x 32 x 32") -> Network:
    """A network of these steps."""
    return network(f"network net {{ input {input} {steps} }}")


def codes(text: str, **options: Any) -> list[str]:
    """The codes of everything that is reported of a text."""
    return [diagnostic.code.id for diagnostic in attempt(text, **options)[1].diagnostics]


def errors(text: str) -> list[str]:
    """The codes of the errors alone."""
    found = attempt(text)[1].diagnostics
    return [diagnostic.code.id for diagnostic in found if diagnostic.severity == "error"]


def body_codes(steps: str, input: str = "3 x 32 x 32") -> list[str]:
    return codes(f"network net {{ input {input} {steps} }}")


def modules(found: Network) -> list[str]:
    """The paths of all operators, stateless ones included, in order."""
    return [path for path, _ in operators(found.root.body)]


def operators(of: Body, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for apply in of.modules():
        number = 0
        for run in apply.runs:
            for _ in range(run.count):
                path = prefix + apply.key + (f".{number}" if apply.repeated else "")
                number += 1
                if isinstance(run.unit, Instance):
                    yield from operators(run.unit.definition.body, path + ".")
                elif isinstance(run.unit, Group):
                    yield from operators(run.unit.body, path + ".")
                else:
                    yield path, run.unit


def out(found: Network) -> tuple[int, ...]:
    """The output's numbers at the declared input."""
    shape = found.root.shapes[found.root.output]
    return tuple(shape.at([extent or 0 for extent in found.input.extents]))
