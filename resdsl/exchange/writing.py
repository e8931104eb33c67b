"""A design as its JSON form."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from resdsl.design import walk
from resdsl.design.join_expressions import Combine, Copies, Expression, Scalar, Use
from resdsl.design.model import (
    Apply,
    Body,
    Definition,
    Fork,
    Group,
    Instance,
    Join,
    Keep,
    Residual,
    Run,
    Step,
)
from resdsl.design.network import Network
from resdsl.exchange.forms import DesignForm
from resdsl.extents import Size
from resdsl.language.values.values import Callee
from resdsl.provenance import Bound, Element, Leaf, Operation, origin, plain

SCHEMA = "resdsl.design/2"
_SCHEMAS = (SCHEMA, "resdsl.design/1")


def written(network: Network) -> DesignForm:
    """The form of a network; `reading.read` makes an equal network of it."""
    own, *others = network.roots
    definitions = list(walk.definitions(*others, own))
    numbers = {id(definition): number for number, definition in enumerate(definitions)}
    content = {
        "schema": SCHEMA,
        "network": _network(network, numbers),
        "definitions": tuple(_Writer(one, numbers).content() for one in definitions),
    }
    return DesignForm.model_validate(content)


def is_design(text: str) -> bool:
    """Whether a text begins as a design in JSON does."""
    start = text.lstrip("{ \r\n")
    return start.startswith(tuple(f'"schema": "{schema}"' for schema in _SCHEMAS))


def _network(network: Network, numbers: Mapping[int, int]) -> dict[str, Any]:
    spec = network.input
    return {
        "name": network.name,
        "doc": network.doc,
        "source": network.source,
        "free_parameters": network.shared_parameters,
        "input": {
            "channels": plain(spec.channels),
            "names": spec.names,
            "extents": tuple(None if n is None else int(n) for n in spec.extents),
            "conditions": tuple(dataclasses.asdict(c) for c in network.conditions),
        },
        "outputs": tuple(
            {"name": name, "ref": ref}
            for name, ref in zip(network.outputs, network.root.outputs, strict=False)
        ),
        "variants": tuple(
            {
                "flags": dict(variant.flags),
                "definition": numbers[id(variant.root)],
                "outputs": variant.root.outputs if network.outputs else (),
            }
            for variant in network.variants
        ),
        "frozen": network.frozen,
        "fused": network.is_fused,
    }


class _Writer:
    """Writes one definition; its bodies get numbers as they end."""

    def __init__(self, definition: Definition, numbers: Mapping[int, int]) -> None:
        self.definition = definition
        self.numbers = numbers
        self.bodies: list[dict[str, Any]] = []

    def content(self) -> dict[str, Any]:
        definition = self.definition
        self._body(definition.body)
        return {
            "name": definition.name,
            "kind": definition.kind,
            "origin": definition.origin,
            "doc": definition.doc,
            "parameters": tuple(
                {"name": p.name, "type": p.type, "default": value(p.default), "doc": p.doc}
                for p in definition.parameters
            ),
            "arguments": _values(definition.arguments),
            "inputs": definition.inputs,
            "tensors": definition.tensors,
            "outputs": tuple(
                {"name": name, "ref": ref}
                for name, ref in zip(definition.results, definition.outputs, strict=False)
            ),
            "bodies": tuple(self.bodies),
        }

    def _body(self, body: Body) -> int:
        steps = tuple(self._step(step) for step in body.steps)
        ends = {"input": body.input, "output": body.output}
        self.bodies.append({**ends, "numbered": body.numbered, "steps": steps})
        return len(self.bodies) - 1

    def _step(self, step: Step) -> dict[str, Any]:
        match step:
            case Apply():
                return {"step": "apply", "module": self._module(step)}
            case Keep(name, ref):
                return {"step": "keep", "name": name, "ref": ref}
            case Join():
                return {"step": "join", **_ends(step), "join": tuple(_terms(step.join))}
            case Fork():
                branches = tuple(
                    {"replicated": branch.replicated, "module": self._module(branch.apply)}
                    for branch in step.branches
                )
                join = tuple(_terms(step.join))
                return {"step": "fork", **_ends(step), "branches": branches, "join": join}
            case Residual():
                return {
                    "step": "residual",
                    **_ends(step),
                    "main": self._body(step.main),
                    "shortcut": None if step.shortcut is None else self._module(step.shortcut),
                    "adds": step.adds,
                    "skip": step.skip.ref,
                }

    def _module(self, apply: Apply) -> dict[str, Any]:
        return {
            "key": apply.key,
            "word": apply.word,
            "label": apply.label,
            "repeated": apply.repeated,
            "stage": apply.stage,
            "main": apply.main,
            "held": apply.held,
            "again": apply.is_again,
            "others": apply.others,
            **_ends(apply),
            "runs": tuple(self._run(run) for run in apply.runs),
        }

    def _run(self, run: Run) -> dict[str, Any]:
        match run.unit:
            case Group(body):
                unit: dict[str, Any] = {"group": self._body(body)}
            case Instance(definition, arguments):
                number = self.numbers[id(definition)]
                unit = {"definition": number, "arguments": _values(arguments)}
            case op:
                given = {p.name: value(getattr(op, p.name)) for p in op.parameters()}
                unit = {"op": op.name, "arguments": given}
        count = value(run.traced_count)
        return {"unit": unit, "count": count, **_ends(run), "tensors": run.tensors}


def _ends(step: Apply | Run | Join | Fork | Residual) -> dict[str, int]:
    return {"input": step.input, "output": step.output}


def _terms(expression: Expression) -> Iterator[dict[str, Any]]:
    """Operands first, without recursion: a chain may have thousands of terms."""
    stack: list[Expression | dict[str, Any]] = [expression]
    while stack:
        match stack.pop():
            case Combine(op, operands):
                stack.append({"combine": op, "operands": len(operands)})
                stack += reversed(operands)
            case Use(ref, name):
                yield {"use": ref, "name": name}
            case Copies(branch, refs, place):
                yield {"copies": branch, "refs": refs, "place": place}
            case Scalar(number):
                yield {"scalar": value(number)}
            case form:
                yield form


def _values(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value(item) for name, item in values.items()}


def value(item: Any) -> Any:
    """A value of the language, with the origin of its numbers."""
    source = origin(item)
    if source is not None:
        return {"value": plain(item), "origin": _origin(source)}
    match item:
        case Callee():
            return {"callee": item.name, "bound": _values(dict(item.bound))}
        case Size():
            return {"size": tuple(value(number) for number in item)}
        case tuple():
            return {"list": tuple(value(element) for element in item)}
        case _:
            return item


def _origin(source: Any) -> Any:
    match source:
        case Leaf(name):
            return name
        case Element(name, place):
            return {"element": name, "place": place}
        case Bound(name, inner):
            return {"let": name, "be": _origin(inner)}
        case Operation(op, left, right, _):
            return {"op": op, "left": _origin(left), "right": _origin(right)}
        case number:
            return number
